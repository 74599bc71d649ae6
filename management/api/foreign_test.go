package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// bodies are what endpoints take where {} is refused before anything is looked up; # and <path> are the attacker's.
var bodies = map[string]string{
	"POST /actions/modules/{id}/rollback":  `{"module_version_id":"</actions/modules/{}/versions>"}`,
	"PATCH /connections/{id}/clients":      `[{"client_id":"</clients>","status":true}]`,
	"PUT /network-acls/{id}":               `{"description":"#","active":false,"priority":99,"rule":{"action":{"block":true},"match":{"ipv6_cidrs":["2001:db8::/32"]},"scope":"tenant"}}`,
	"POST /organizations/{id}/connections": `{"connection_id":"</connections>"}`,
	"POST /roles/{id}/users":               `{"users":["</users>"]}`,
	"POST /users/{id}/identities":          `{"provider":"auth0","user_id":"</users>"}`,
}

// bodyFor is a body that an endpoint takes.
func bodyFor(t *testing.T, e *estate, k api.Known) string {
	t.Helper()
	if b, ok := bodies[k.Method+" "+k.Path]; ok {
		return e.text(b)
	}
	normal := variable.ReplaceAllString(k.Path, "{}")
	for _, p := range parts(t) {
		if k.Method == "POST" && p.path == normal {
			return e.text(p.body)
		}
	}
	return "{}"
}

// TestForeignIDs: who administers one tenant gets at nothing of another by its token or by its
// ids, at no endpoint.
func TestForeignIDs(t *testing.T) {
	const host = "attacker.test"
	s := open(t, func(o *app.Options) {
		o.Tenants = append(o.Tenants, app.TenantOptions{Name: "attacker", Database: idptest.Database(t), Domains: []string{"http://" + host}})
	})
	victim := furnish(t, s, "canary")
	attacker := &tenant{Server: s.Server, t: t, host: host}
	attacker.token = tokenOf(t, s, host)
	before := victim.view()
	if len(before) < 100 {
		t.Errorf("only %d addresses show anything", len(before))
	}
	tried := 0
	for _, k := range api.Endpoints() {
		path, ids, known := victim.fill(k.Path)
		if !k.Built {
			continue
		}
		if !known {
			t.Errorf("%s: nobody has one of these; make one in parts, or name its word", k.Path)
			continue
		}
		if a := s.as(attacker.token, k.Method, path, "{}"); a.status != 401 {
			t.Errorf("%s %s with another tenant's token: %d %s", k.Method, path, a.status, a.text)
		}
		if ids == 0 {
			continue
		}
		tried++
		body := bodyFor(t, victim, k)
		a := attacker.call(k.Method, path+needed[k.Path], body)
		if strings.Contains(a.text, victim.mark) {
			t.Errorf("%s %s shows another tenant's: %d %s", k.Method, path, a.status, a.text)
		}
		if a.status < 300 && k.Method != "DELETE" && len(a.list()) == 0 && a.text != "[]" || a.status >= 500 || a.status == 400 {
			t.Errorf("%s %s %s: %d %s, want that there is no such thing", k.Method, k.Path, body, a.status, a.text)
		}
	}
	if tried < 100 {
		t.Errorf("only %d endpoints with an id were tried", tried)
	}
	for _, c := range victim.changedFrom(before) {
		t.Error("changed: ", c)
	}
}

// tokenOf makes a token of the second tenant for an application that may do everything.
func tokenOf(t *testing.T, s *tenant, host string) string {
	t.Helper()
	other := s.App.Tenants[1]
	c := s.admin
	issuer := "http://" + host + "/"
	if err := other.DB.Write(t.Context(), grantAll(t, &c, issuer+"api/v2/")); err != nil {
		t.Fatal(err)
	}
	token, err := other.Keys.Sign(t.Context(), "RS256", "JWT", map[string]any{
		"iss": issuer, "sub": c.ID + "@clients", "aud": issuer + "api/v2/", "azp": c.ID,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "scope": api.AllScopes(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestForeignChildren: below one's own application, user or organization nobody reaches what belongs to another.
func TestForeignChildren(t *testing.T) {
	s := open(t)
	mine, other := furnish(t, s, "mine"), furnish(t, s, "canary")
	before := other.view()
	tried := 0
	for _, k := range api.Endpoints() {
		path, ids, _ := fillFrom(k.Path, mine, other)
		if !k.Built || ids < 2 {
			continue
		}
		tried++
		body := bodyFor(t, other, k)
		a := s.call(k.Method, path, body)
		if a.status < 300 && k.Method != "DELETE" || a.status >= 500 || a.status == 400 || strings.Contains(a.text, "canary") {
			t.Errorf("%s %s %s: %d %s", k.Method, path, body, a.status, a.text)
		}
	}
	if tried < 15 {
		t.Errorf("only %d endpoints with two ids were tried", tried)
	}
	for _, c := range other.changedFrom(before) {
		t.Error("changed: ", c)
	}
}

// grantAll registers an application with a grant of everything.
func grantAll(t *testing.T, c *store.Client, audience string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		if err := tx.CreateClient(t.Context(), c, nil); err != nil {
			return err
		}
		return tx.SaveClientGrant(t.Context(), &store.ClientGrant{ClientID: c.ID, Audience: audience, Scope: api.AllScopes()})
	}
}
