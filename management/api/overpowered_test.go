package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// TestUserTokensAtEveryEndpoint: whatever scopes an application asks for in a user's name, the user reaches what the scopes
// of current_user give, and of that their own only.
func TestUserTokensAtEveryEndpoint(t *testing.T) {
	s := open(t)
	victim := furnish(t, s, "canary")
	u := s.User("thief@example.com", "Mobile-Login-7-Flow")
	own := []string{}
	for _, k := range api.Endpoints() {
		own = append(own, k.Scopes...)
	}
	token := s.sign(map[string]any{"sub": u.ID, "scope": strings.Join(own, " ")})
	before := victim.view()
	for _, k := range api.Endpoints() {
		if !k.Built {
			continue // for nobody: see TestEveryEndpointChecksItsToken
		}
		path, _, _ := victim.fill(k.Path)
		a := s.as(token, k.Method, path+needed[k.Path], bodyFor(t, victim, k))
		if a.status != 403 {
			t.Errorf("%s %s of another user: %d %.300s", k.Method, k.Path, a.status, a.text)
		}
		mine := strings.Replace(path, url.PathEscape(victim.ids["/users"]), url.PathEscape(u.ID), 1)
		meant := slices.ContainsFunc(k.Scopes, func(scope string) bool { return strings.Contains(scope, "current_user") })
		if mine == path || meant {
			continue
		}
		if a := s.as(token, k.Method, mine+needed[k.Path], bodyFor(t, victim, k)); a.status != 403 {
			t.Errorf("%s %s of one's own: %d %.300s", k.Method, k.Path, a.status, a.text)
		}
	}
	for _, c := range victim.changedFrom(before) {
		t.Error("changed: ", c)
	}
}

// TestTokensDoNotGrow: an application gets no scope that its grant lacks, by asking for it, by a token with it, or by giving
// it to itself through an application that it may only rename.
func TestTokensDoNotGrow(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNonInteractive)
	g := s.grant(app, "read:clients update:clients")
	ask := s.PostForm("/oauth/token", "grant_type", "client_credentials", "client_id", app.ID, "client_secret", app.Secret,
		"audience", s.Issuer+"api/v2/", "scope", "read:clients create:client_grants")
	if strings.Contains(ask.Text("scope"), "create:client_grants") {
		t.Errorf("asked for and got: %s", ask.Body)
	}
	forged := s.sign(map[string]any{"sub": app.ID + "@clients", "azp": app.ID, "scope": api.AllScopes()})
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/client-grants", `{"client_id":"` + app.ID + `","audience":"` + s.Issuer + `api/v2/","scope":["create:users"]}`},
		{"PATCH", "/client-grants/" + g.ID, `{"scope":["create:users"]}`},
		{"POST", "/clients", `{"name":"A"}`},
		{"POST", "/clients/" + s.admin.ID + "/rotate-secret", ``},
		{"PATCH", "/clients/" + s.admin.ID, `{"client_secret":"` + strings.Repeat("x", 48) + `"}`},
		{"POST", "/clients/" + s.admin.ID + "/credentials", `{"credential_type":"public_key","pem":` + encoded(publicPEM(t)) + `}`},
		{"GET", "/users", ""},
	} {
		if a := s.as(forged, c.method, c.path, c.body); a.status != 403 {
			t.Errorf("%s %s: %d %.300s", c.method, c.path, a.status, a.text)
		}
	}
	a := s.as(forged, "GET", "/clients/"+s.admin.ID, nil)
	if a.status != 200 || strings.Contains(a.text, s.admin.Secret) {
		t.Errorf("the secret of a stronger application: %d %.300s", a.status, a.text)
	}
	// There is no registration by itself (RFC 7591), and discovery offers none.
	for _, path := range []string{"/oidc/register", "/oauth/register", "/register", "/connect/register"} {
		if a := s.PostJSON(path, "client_name", "A"); a.Status != 404 {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if a := s.Do("GET", "/.well-known/openid-configuration", "", ""); strings.Contains(a.Body, "registration_endpoint") {
		t.Errorf("discovery: %s", a.Body)
	}
}

// TestNoLineBreaksInMailHeaders: what goes into the header of an e-mail is one line, wherever it is written.
func TestNoLineBreaksInMailHeaders(t *testing.T) {
	s := open(t)
	e := furnish(t, s, "mail")
	user, org := url.PathEscape(e.ids["/users"]), e.ids["/organizations"]
	s.want(201, "POST", "/emails/provider", `{"name":"mailgun","credentials":{"api_key":"k","domain":"example.com"}}`)
	template := func(from, subject string) string {
		return `{"template":"verify_email","body":"b","from":"` + from + `","subject":"` + subject + `","syntax":"liquid","enabled":true}`
	}
	for _, lines := range []string{`a@example.com\r\nBcc: victim@example.com`, `a@example.com\nBcc: victim@example.com`, `a@example.com\rX: y`, `\r\n\r\na@example.com`, `a@example.com\n`,
		`\"a\r\nBcc: victim@example.com\"@example.com`, `a@example.com\u2028b@example.com`, `a@example.com,b@example.com`, `a@example.com;b@example.com`, `<a@example.com>`, `a@example.com%0d%0aBcc:x@example.com`} {
		address := []struct{ method, path, body string }{
			{"POST", "/users", `{"connection":"Username-Password-Authentication","password":"a-Str0ng-Passphrase!","email":"` + lines + `"}`},
			{"PATCH", "/users/" + user, `{"email":"` + lines + `"}`},
			{"POST", "/organizations/" + org + "/invitations", `{"client_id":"` + e.ids["/clients"] + `","inviter":{"name":"I"},"invitee":{"email":"` + lines + `"}}`},
			{"POST", "/tickets/password-change", `{"email":"` + lines + `","connection_id":"con_0000000000000000"}`},
			{"PATCH", "/tenants/settings", `{"support_email":"` + lines + `"}`},
		}
		header := []struct{ method, path, body string }{
			{"PATCH", "/emails/provider", `{"default_from_address":"` + lines + `"}`},
			{"POST", "/email-templates", template(lines, "S")}, {"POST", "/email-templates", template("a@example.com", lines)},
			{"POST", "/connections", `{"name":"email","strategy":"email","options":{"email":{"from":"` + lines + `","subject":"S","body":"b"}}}`},
		}
		if !strings.Contains(lines, `\r`) && !strings.Contains(lines, `\n`) {
			header = nil
		}
		for _, c := range append(address, header...) {
			if a := s.call(c.method, c.path, c.body); a.status != 400 {
				t.Errorf("%s %s %s: %d %.200s", c.method, c.path, c.body, a.status, a.text)
			}
		}
	}
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	for _, line := range []string{"a@example.com\r\nBcc: victim@example.com", "a@example.com\nX: y", "\ra@example.com"} {
		page := s.Browser().Get(s.AuthorizeURL(app, "screen_hint", "signup")).Submit("email", line, "password", "a-Str0ng-Passphrase!", "action", "default")
		if page.Status != 400 {
			t.Errorf("signing up as %q: %d at %s", line, page.Status, page.Location)
		}
	}
}
