package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// estate is one of everything that has an id, all with the mark in their names. ids are by the path of the collection, with
// {} for the ids in it.
type estate struct {
	*tenant
	mark string
	ids  map[string]string
}

// parts are made in this order. # is the mark, ~ is #, and <path> the id of what was made before.
func parts(t *testing.T) []struct{ path, body, id string } {
	return []struct{ path, body, id string }{
		{"/clients", `{"name":"#","app_type":"regular_web","initiate_login_uri":"https://app.example.com/login","client_metadata":{"m":"#"}}`, "client_id"},
		{"/clients/{}/credentials", `{"credential_type":"public_key","name":"#","pem":` + encoded(publicPEM(t)) + `}`, "id"},
		{"/resource-servers", `{"identifier":"https://#.example.com/","name":"#","scopes":[{"value":"read:#"}]}`, "id"},
		{"/client-grants", `{"client_id":"</clients>","audience":"https://#.example.com/","scope":["read:#"],"organization_usage":"allow"}`, "id"},
		{"/connections", `{"name":"#","strategy":"samlp","options":{"signInEndpoint":"https://idp.example.com/","signingCert":""}}`, "id"},
		{"/users", `{"connection":"Username-Password-Authentication","email":"#@example.com","password":"a-Str0ng-Passphrase!","app_metadata":{"m":"#"}}`, "user_id"},
		{"/roles", `{"name":"#"}`, "id"},
		{"/organizations", `{"name":"#"}`, "id"},
		{"/organizations/{}/invitations", `{"client_id":"</clients>","inviter":{"name":"#"},"invitee":{"email":"#@example.org"}}`, "id"},
		{"/organizations/{}/discovery-domains", `{"domain":"#.example.com","status":"pending"}`, "id"},
		{"/organizations/{}/enabled_connections", `{"connection_id":"</connections>"}`, "connection_id"},
		{"/organizations/{}/client-grants", `{"grant_id":"</client-grants>"}`, ""},
		{"/organizations/{}/members", `{"members":["</users>"]}`, ""},
		{"/organizations/{}/members/{}/roles", `{"roles":["</roles>"]}`, ""},
		{"/roles/{}/permissions", `{"permissions":[{"resource_server_identifier":"https://#.example.com/","permission_name":"read:#"}]}`, ""},
		{"/users/{}/roles", `{"roles":["</roles>"]}`, ""},
		{"/users/{}/permissions", `{"permissions":[{"resource_server_identifier":"https://#.example.com/","permission_name":"read:#"}]}`, ""},
		{"/actions/actions", `{"name":"#","code":"exports.onExecutePostLogin = async () => {}","supported_triggers":[{"id":"post-login","version":"v3"}],"secrets":[{"name":"K","value":"#"}]}`, "id"},
		{"/actions/actions/{}/deploy", ``, "id"},
		{"/actions/modules", `{"name":"#","code":"exports.a = 1"}`, "id"},
		{"/actions/modules/{}/versions", ``, "id"},
		{"/connections/{}/scim-configuration", `{}`, ""},
		// Of these a tenant has one.
		{"/branding/themes", strings.ReplaceAll(encoded(aTheme()), "#", "~"), "themeId"},
		{"/branding/phone/providers", `{"name":"custom","configuration":{"delivery_methods":["text"]},"credentials":{}}`, "id"},
		{"/branding/phone/templates", `{"type":"otp_verify","disabled":false,"content":{"from":"+4930","body":{"text":"#","voice":"#"}}}`, "id"},
		{"/jobs/users-exports", `{"format":"csv"}`, "id"},
	}
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// furnish makes one of everything.
func furnish(t *testing.T, s *tenant, mark string) *estate {
	t.Helper()
	e := &estate{s, mark, map[string]string{}}
	for _, p := range parts(t) {
		path, _, known := e.fill(p.path)
		if !known {
			t.Fatalf("%s: its ids are made later", p.path)
		}
		a := s.call("POST", path, e.text(p.body))
		if a.status == 409 && strings.HasPrefix(p.path, "/branding/") {
			continue
		}
		if a.status >= 300 {
			t.Fatalf("POST %s %s: %d %s", path, e.text(p.body), a.status, a.text)
		}
		if p.id != "" {
			e.made(p.path, fmt.Sprint(a.at(p.id)))
		}
	}
	for n, r := range resources {
		if r.path == "/token-exchange-profiles" {
			r.prior = e.ids["/actions/actions"]
			r.least = strings.Replace(r.least, `"abc"`, `"`+mark+`"`, 1)
		}
		r.least = strings.Replace(r.least, `"name":"#"`, `"name":"`+mark+`-#"`, 1)
		e.ids[r.path] = r.make(s, len(mark)*10+n)
	}
	e.signIn(t)
	e.ids["/keys/signing"] = s.kids("current")[0]
	e.ids["/keys/encryption"] = fmt.Sprint(items(s.want(200, "GET", "/keys/encryption", nil))[0].(map[string]any)["kid"])
	return e
}

// made notes an id, at all places that have it in their path.
func (e *estate) made(path, id string) {
	e.ids[path] = id
	for _, also := range map[string][]string{
		"/users":                                {"/user-blocks", "/organizations/{}/members"},
		"/roles":                                {"/organizations/{}/roles"},
		"/client-grants":                        {"/organizations/{}/client-grants"},
		"/jobs/users-exports":                   {"/jobs"},
		"/actions/actions/{}/deploy":            {"/actions/actions/{}/versions"},
		"/organizations/{}/enabled_connections": {"/organizations/{}/connections"},
	}[path] {
		e.ids[also] = id
	}
}

// signIn makes what comes of a login: a session, a refresh token, a grant and the lines of the log.
func (e *estate) signIn(t *testing.T) {
	t.Helper()
	app := e.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	page := e.Browser().Login(e.AuthorizeURL(app, "scope", "openid offline_access"), e.mark+"@example.com", "a-Str0ng-Passphrase!")
	if a := e.Exchange(app, page.Param("code")); a.Text("refresh_token") == "" {
		t.Fatalf("no refresh token: %d %s", a.Status, a.Body)
	}
	user := url.PathEscape(e.ids["/users"])
	e.ids["/sessions"] = idsOf(e.want(200, "GET", "/users/"+user+"/sessions", nil), "sessions")[0]
	e.ids["/refresh-tokens"] = idsOf(e.want(200, "GET", "/users/"+user+"/refresh-tokens", nil), "tokens")[0]
	if err := e.DB.Write(t.Context(), func(tx *store.Tx) error { return e.grantOf(t.Context(), tx, app.ID) }); err != nil {
		t.Fatal(err)
	}
	e.ids["/grants"] = fmt.Sprint(e.want(200, "GET", "/grants?user_id="+user, nil).list()[0].(map[string]any)["id"])
	e.EventRecords() // flushes
	e.ids["/logs"] = fmt.Sprint(e.want(200, "GET", "/logs", nil).list()[0].(map[string]any)["log_id"])
}

func (e *estate) grantOf(ctx context.Context, tx *store.Tx, client string) error {
	grants, err := tx.Grants(ctx, e.ids["/users"])
	if err == nil && len(grants) == 0 {
		err = fmt.Errorf("the login at %s left no grant", client)
	}
	return err
}

// text puts the mark and ids into a body.
func (e *estate) text(body string) string {
	for path, id := range e.ids {
		body = strings.ReplaceAll(body, "<"+path+">", id)
	}
	return strings.NewReplacer("#", e.mark, "~", "#").Replace(body)
}

// words are the variables of paths that are no ids: what they may be is the same for every tenant, or nobody has one.
var words = map[string]string{
	"language": "en", "prompt": "login", "screen": "login", "templateName": "verify_email", "triggerId": "post-login", "page": "get-started",
	"/guardian/factors/{}": "otp", "/organizations/name/{}": "#", "/organizations/{}/discovery-domains/name/{}": "#.example.com",
	"/anomaly/blocks/ips/{}": "192.0.2.1", "/users/{}/multifactor/{}": "duo", "/users/{}/identities/{}": "auth0",
	"/users/{}/identities/{}/{}": "nobody", "/rules/{}": "rul_x", "/rules-configs/{}": "x", "/hooks/{}": "00001", "/actions/executions/{}": "M9IqRp9wQLaYNrSwz6YPTTIwMjEwNDA0", "/guardian/enrollments/{}": "dev_x",
	"/user-attribute-profiles/templates/{}": "uapt_x", "/connection-profiles/templates/{}": "cpt_x",
}

// fill puts the ids into a path; ids counts those that are somebody's.
func (e *estate) fill(path string) (filled string, ids int, known bool) {
	return fillFrom(path, e, e)
}

// fillFrom takes the last id from last and those before it from first.
func fillFrom(path string, first, last *estate) (filled string, ids int, known bool) {
	names := variables(path)
	known = true
	place := ""
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if !strings.HasPrefix(segment, "{") {
			place += "/" + segment
			filled += "/" + segment
			continue
		}
		from := first
		if names--; names == 0 {
			from = last
		}
		word, isWord := words[strings.Trim(segment, "{}")]
		if at, is := words[place+"/{}"]; is {
			word, isWord = at, true
		}
		id := from.ids[place]
		switch {
		case isWord:
			id = from.text(word)
		case id != "":
			ids++
		default:
			known = false
		}
		filled += "/" + url.PathEscape(id)
		place += "/{}"
	}
	return filled, ids, known
}

func variables(path string) int { return len(variable.FindAllString(path, -1)) }

// view is all that the API shows of an estate, but for what tells of requests.
func (e *estate) view() map[string]string {
	all := map[string]string{}
	for _, k := range api.Endpoints() {
		path, _, known := e.fill(k.Path)
		if !k.Built || k.Method != "GET" || !known || strings.HasPrefix(path, "/logs") || strings.HasSuffix(path, "/logs") || strings.HasPrefix(path, "/stats") ||
			strings.HasPrefix(path, "/jobs") {
			continue
		}
		a := e.call("GET", path+needed[k.Path], nil)
		all[path] = fmt.Sprint(a.status, " ", a.text)
	}
	return all
}

// needed are the parameters without which a list refuses.
var needed = map[string]string{"/user-blocks": "?identifier=nobody", "/users-by-email": "?email=nobody@example.com", "/refresh-tokens": "?user_id=nobody"}

// changedFrom names what is shown otherwise than before.
func (e *estate) changedFrom(before map[string]string) (changed []string) {
	for path, now := range e.view() {
		if before[path] != now {
			changed = append(changed, fmt.Sprintf("%s: %.300s, before %.300s", path, now, before[path]))
		}
	}
	slices.Sort(changed)
	return changed
}
