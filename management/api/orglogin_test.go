package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

const (
	orgCallback = "https://app.example.com/callback"
	pass        = "a-Str0ng-Passphrase!"
)

// site is a tenant with an application that people sign in to as members of the organization acme, and one member.
type site struct {
	*tenant
	app                 store.Client
	acme, conn, jane    string // ids
	connections, people string // paths
}

func openSite(t *testing.T, usage string) *site {
	t.Helper()
	s := &site{tenant: open(t)}
	s.app = s.Client(store.AppNative, idptest.Callback(orgCallback), func(c *store.Client) { c.Settings.OrganizationUsage = usage })
	s.acme = s.want(201, "POST", "/organizations", `{"name":"acme","display_name":"Acme Inc.","branding":{"logo_url":"https://acme.test/logo.png","colors":{"primary":"#0f766e","page_background":"#123456"}}}`).at("id").(string)
	s.connections, s.people = "/organizations/"+s.acme+"/enabled_connections", "/organizations/"+s.acme+"/members"
	s.conn = s.connection()
	s.want(201, "POST", s.connections, fmt.Sprintf(`{"connection_id":%q}`, s.conn))
	_, s.jane = s.person(`,"email":"jane@example.com"`)
	s.join(s.jane)
	return s
}

func (s *site) join(id string) {
	s.t.Helper()
	s.want(204, "POST", s.people, map[string]any{"members": []string{id}})
}

func (s *site) leave(id string) {
	s.t.Helper()
	s.want(204, "DELETE", s.people, map[string]any{"members": []string{id}})
}

// address is /authorize for acme, unless the parameters say otherwise.
func (s *site) address(more ...string) string {
	return s.AuthorizeURL(s.app, append([]string{"organization", s.acme, "scope", "openid offline_access"}, more...)...)
}

// tokens are what a code is worth.
func (s *site) tokens(p *idptest.Page) idptest.Answer {
	s.t.Helper()
	if p.Param("code") == "" {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want a code:\n%.1500s", p.URL, p.Status, p.Location, p.Body)
	}
	return s.Exchange(s.app, p.Param("code"))
}

// told fails unless the application was told the error.
func (s *site) told(p *idptest.Page, code, description string) {
	s.t.Helper()
	if p.Param("error") != code || !strings.HasPrefix(p.Param("error_description"), description) {
		s.t.Errorf("the browser is at %.80s (%d, location %q), want the error %s: %s\n%.1500s", p.URL, p.Status, p.Location, code, description, p.Body)
	}
}

// at fails unless the browser shows the page of a path.
func (s *site) at(p *idptest.Page, path string) *idptest.Page {
	s.t.Helper()
	if p.Path() != path || p.Location != "" {
		s.t.Fatalf("the browser is at %.80s (%d, location %q), want the page %s:\n%.1500s", p.URL, p.Status, p.Location, path, p.Body)
	}
	return p
}

func (s *site) refresh(token string) idptest.Answer {
	s.t.Helper()
	return s.Token("grant_type", oauth.GrantRefreshToken, "client_id", s.app.ID, "refresh_token", token)
}

func TestOrganizationLogin(t *testing.T) {
	s := openSite(t, "allow")
	b := s.Browser()
	page := s.at(b.Get(s.address()), "/u/login")
	if !strings.Contains(page.Body, "as a member of <bdi>Acme Inc.</bdi>") || !strings.Contains(page.Body, `src="https://acme.test/logo.png"`) {
		t.Errorf("the page does not name the organization:\n%s", page.Body)
	}
	// It has the organization's colors, before and beside those of the tenant's theme.
	theme := `{"borders":{},"colors":{"primary_button":"#654321"},"fonts":{},"page_background":{"background_color":"#654321"},"widget":{}}`
	for _, look := range []string{"", theme} {
		if look != "" {
			d := store.Document{Kind: store.ThemeKind, ID: store.ThemeKind}
			if err := json.Unmarshal([]byte(look), &d.Body); err != nil {
				t.Fatal(err)
			}
			if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateDocument(t.Context(), &d) }); err != nil {
				t.Fatal(err)
			}
		}
		inside, outside := s.Browser().Get(s.address()).Body, s.Browser().Get(s.address("organization", "")).Body
		if !strings.Contains(inside, "--page:#123456") || strings.Contains(inside, "#654321") || strings.Contains(outside, "#123456") ||
			strings.Contains(outside, "#654321") != (look != "") {
			t.Errorf("theme %q: inside\n%s\noutside\n%s", look, inside, outside)
		}
	}
	tokens := s.tokens(page.Submit("username", "jane@example.com", "password", pass))
	id := func(a idptest.Answer) map[string]any { return claimsOf(t, a.Text("id_token")) }
	if got := id(tokens); got["org_id"] != s.acme || got["org_name"] != nil {
		t.Errorf("the ID token says %v", got)
	}
	s.API("https://api.test/")
	tokens = s.tokens(b.Get(s.address("audience", "https://api.test/")))
	if got := claimsOf(t, tokens.Text("access_token")); got["org_id"] != s.acme || got["org_name"] != nil {
		t.Errorf("the access token says %v", got)
	}
	// By name only where the tenant lets names be used; then tokens say the name too, over a refresh as well.
	s.told(b.Get(s.address("organization", "acme")), "invalid_request", "parameter organization is invalid: acme")
	s.want(200, "PATCH", "/tenants/settings", `{"allow_organization_name_in_authentication_api":true}`)
	tokens = s.tokens(b.Get(s.address("organization", "ACME", "audience", "https://api.test/")))
	for _, a := range []idptest.Answer{tokens, s.refresh(tokens.Text("refresh_token"))} {
		for _, token := range []string{"id_token", "access_token"} {
			if got := claimsOf(t, a.Text(token)); got["org_id"] != s.acme || got["org_name"] != "acme" {
				t.Errorf("%s says %v", token, got)
			}
		}
	}
	if got := id(s.tokens(b.Get(s.address("organization", "")))); got["org_id"] != nil {
		t.Errorf("without an organization: %v", got)
	}
	seen := map[string]bool{}
	for _, e := range s.EventRecords() {
		if e.OrganizationID == s.acme && e.OrganizationName == "acme" {
			seen[e.Type] = true
		}
	}
	for _, typ := range []string{"s", "seacft", "sertft"} {
		if !seen[typ] {
			t.Errorf("no event %s names the organization", typ)
		}
	}
}

func TestOrganizationUsage(t *testing.T) {
	s := openSite(t, "")
	b := s.Browser()
	invalid := "parameter organization is invalid: "
	s.told(b.Get(s.address()), "invalid_request", invalid+s.acme)
	set := func(patch string) { s.want(200, "PATCH", "/clients/"+s.app.ID, patch) }
	set(`{"organization_usage":"allow"}`)
	s.at(b.Get(s.address()), "/u/login")
	s.told(b.Get(s.address("organization", "org_0000000000000000")), "invalid_request", invalid+"org_0000000000000000")
	s.at(b.Get(s.address("organization", "")), "/u/login")
	set(`{"organization_usage":"require"}`)
	s.told(b.Get(s.address("organization", "")), "invalid_request", "parameter organization is required for this client")
	s.told(b.Get(s.address("organization", "", "prompt", "none")), "invalid_request", "parameter organization is required for this client")
	set(`{"is_first_party":false}`)
	s.told(b.Get(s.address()), "invalid_request", invalid+s.acme)
	s.want(200, "PATCH", "/organizations/"+s.acme, `{"third_party_client_access":"allow"}`)
	page := s.at(b.Get(s.address()), "/u/login")
	// What is changed meanwhile is in force at the next step.
	set(`{"organization_usage":"deny"}`)
	s.told(page.Submit("username", "jane@example.com", "password", pass), "", "")
	if p := b.Get(page.URL); p.Status != 400 || !strings.Contains(p.Body, invalid+s.acme) {
		t.Errorf("the page of before answers %d:\n%s", p.Status, p.Body)
	}
}

func TestOnlyMembers(t *testing.T) {
	s := openSite(t, "allow")
	_, joe := s.person(`,"email":"joe@example.com"`)
	b := s.Browser()
	s.told(b.Login(s.address(), "joe@example.com", pass), "access_denied", fmt.Sprintf("user %s is not part of the %s organization", joe, s.acme))
	// Somebody who is signed in as a stranger may be a member as somebody else.
	s.told(b.Get(s.address("prompt", "none")), "login_required", "Login required")
	s.tokens(s.at(b.Get(s.address()), "/u/login").Submit("username", "jane@example.com", "password", pass))
	s.tokens(b.Get(s.address("prompt", "none")))

	// A connection that assigns membership makes members, with a login and with single sign-on.
	s.want(200, "PATCH", s.connections+"/"+s.conn, `{"assign_membership_on_login":true}`)
	s.tokens(s.Browser().Login(s.address(), "joe@example.com", pass))
	s.leave(s.jane)
	s.tokens(b.Get(s.address("prompt", "none")))
	if got := s.want(200, "GET", s.people+"?include_totals=true", nil); got.at("total") != 2.0 {
		t.Errorf("the members: %s", got.text)
	}
}

func TestWhoLeavesLosesTheirTokens(t *testing.T) {
	s := openSite(t, "allow")
	b := s.Browser()
	code := b.Login(s.address(), "jane@example.com", pass).Param("code")
	begin := func() string {
		t.Helper()
		return s.tokens(b.Get(s.address())).Text("refresh_token")
	}
	dead := func(what, token string) {
		t.Helper()
		if a := s.refresh(token); a.Status != 403 || a.Text("error") != "invalid_grant" {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	token, outside := begin(), s.tokens(b.Get(s.address("organization", ""))).Text("refresh_token")
	s.leave(s.jane)
	if a := s.Exchange(s.app, code); a.Status != 403 || a.Text("error") != "invalid_grant" {
		t.Errorf("a code of before: %d %s", a.Status, a.Body)
	}
	s.join(s.jane)
	dead("after leaving", token) // coming back does not revive it

	// What is only switched off revives when it is switched on again.
	for what, c := range map[string][3]string{
		"the connection":  {"/organizations/" + s.acme + "/connections/" + s.conn, `{"is_enabled":false}`, `{"is_enabled":true}`},
		"the application": {"/clients/" + s.app.ID, `{"organization_usage":"deny"}`, `{"organization_usage":"allow"}`},
	} {
		token := begin()
		s.want(200, "PATCH", c[0], c[1])
		dead(what, token)
		s.want(200, "PATCH", c[0], c[2])
		if a := s.refresh(token); a.Status != 200 {
			t.Errorf("%s again: %d %s", what, a.Status, a.Body)
		}
	}
	token = begin()
	s.want(204, "DELETE", "/organizations/"+s.acme, nil)
	dead("without the organization", token)
	if a := s.refresh(outside); a.Status != 200 {
		t.Errorf("outside of the organization: %d %s", a.Status, a.Body)
	}
}

// TestOrganizationConnectionsLimitLogins: who may sign in is what the application and the organization both have.
func TestOrganizationConnectionsLimitLogins(t *testing.T) {
	s := openSite(t, "allow")
	staff := s.want(201, "POST", "/connections", fmt.Sprintf(`{"name":"staff","strategy":"auth0","enabled_clients":[%q]}`, s.app.ID)).at("id").(string)
	s.want(204, "PATCH", "/connections/"+s.conn+"/clients", fmt.Sprintf(`[{"client_id":%q,"status":true}]`, s.app.ID))
	boss := s.want(201, "POST", "/users", fmt.Sprintf(`{"connection":"staff","email":"jane@example.com","password":%q}`, pass)).at("user_id").(string)
	s.join(boss)
	b := s.Browser()
	s.told(b.Get(s.address("connection", "staff")), "invalid_request", "the connection was not found")
	// The form is for the organization's connection: the same address is another person in the other one.
	s.want(201, "POST", s.connections, fmt.Sprintf(`{"connection_id":%q}`, staff))
	s.want(204, "DELETE", s.connections+"/"+s.conn, nil)
	page := b.Login(s.address(), "jane@example.com", pass)
	if got := claimsOf(t, s.tokens(page).Text("id_token"))["sub"]; got != boss {
		t.Errorf("%v signed in, want %s", got, boss)
	}
	s.want(200, "PATCH", "/organizations/"+s.acme+"/connections/"+staff, `{"is_enabled":false}`)
	s.told(b.Get(s.address("prompt", "none")), "login_required", "Login required")
	if p := b.Get(s.address()); p.Status != 403 || !strings.Contains(p.Body, "No connection of this application can sign anybody in") {
		t.Errorf("without a connection: %d\n%s", p.Status, p.Body)
	}
}

func TestOrganizationSignup(t *testing.T) {
	s := openSite(t, "allow")
	b := s.Browser()
	signup := s.address("screen_hint", "signup")
	page := b.Get(signup)
	if page.Status != 403 || strings.Contains(page.Body, `action="/u/signup"`) {
		t.Errorf("strangers may sign up: %d\n%s", page.Status, page.Body)
	}
	if page := b.Get(s.address()); strings.Contains(page.Body, "/u/signup") {
		t.Error("the login page leads to a page that is closed")
	}
	s.want(200, "PATCH", s.connections+"/"+s.conn, `{"assign_membership_on_login":true,"is_signup_enabled":true}`)
	page = s.at(b.Get(signup), "/u/signup")
	s.want(200, "PATCH", s.connections+"/"+s.conn, `{"is_signup_enabled":false}`)
	if p := page.Submit("username", "new@example.com", "password", pass); p.Status != 403 {
		t.Errorf("a form of before: %d\n%s", p.Status, p.Body)
	}
	if got := s.want(200, "GET", "/users-by-email?email=new@example.com", nil).list(); len(got) != 0 {
		t.Errorf("an account was made: %v", got)
	}
	s.want(200, "PATCH", s.connections+"/"+s.conn, `{"is_signup_enabled":true}`)
	sub := claimsOf(t, s.tokens(b.Get(signup).Submit("username", "new@example.com", "password", pass)).Text("id_token"))["sub"].(string)
	if got := s.want(200, "GET", "/users/"+url.PathEscape(sub)+"/organizations", nil).list(); len(got) != 1 {
		t.Errorf("the new user's organizations: %v", got)
	}
}

func TestAskingForTheOrganization(t *testing.T) {
	s := openSite(t, "require")
	set := func(behavior string) {
		s.want(200, "PATCH", "/clients/"+s.app.ID, fmt.Sprintf(`{"organization_require_behavior":%q}`, behavior))
	}
	address := s.address("organization", "")
	org := func(p *idptest.Page) any { return claimsOf(t, s.tokens(p).Text("id_token"))["org_id"] }

	set("pre_login_prompt")
	b := s.Browser()
	s.told(b.Get(s.address("organization", "", "prompt", "none")), "interaction_required", "Interaction required")
	page := s.at(b.Get(address), "/u/organization")
	for name, sentence := range map[string]string{" ": "Enter the name of your organization.", "nothing": "We don’t know an organization of that name."} {
		if p := page.Submit("organizationName", name); p.Status != 400 || !strings.Contains(p.Body, sentence) {
			t.Errorf("the name %q: %d\n%s", name, p.Status, p.Body)
		}
	}
	page = s.at(page.Submit("organizationName", " ACME "), "/u/login")
	if got := org(page.Submit("username", "jane@example.com", "password", pass)); got != s.acme {
		t.Errorf("signed in to %v", got)
	}

	set("post_login_prompt")
	if got := org(s.Browser().Login(address, "jane@example.com", pass)); got != s.acme {
		t.Errorf("with one organization: signed in to %v", got)
	}
	other := s.org("other")
	s.want(201, "POST", "/organizations/"+other+"/enabled_connections", fmt.Sprintf(`{"connection_id":%q}`, s.conn))
	s.want(204, "POST", "/organizations/"+other+"/members", map[string]any{"members": []string{s.jane}})
	foreign := s.org("foreign")
	b = s.Browser()
	page = s.at(b.Login(address, "jane@example.com", pass), "/u/organization-picker")
	if !strings.Contains(page.Body, "Acme Inc.") || !strings.Contains(page.Body, other) || strings.Contains(page.Body, foreign) {
		t.Errorf("the choices:\n%s", page.Body)
	}
	if p := page.Submit("organization", foreign); p.Status != 400 || p.Param("code") != "" {
		t.Errorf("a foreign organization: %d %s", p.Status, p.Location)
	}
	if got := org(page.Submit("organization", other)); got != other {
		t.Errorf("chosen was %s, signed in to %v", other, got)
	}
	s.told(b.Get(s.address("organization", "", "prompt", "none")), "interaction_required", "Interaction required")
	s.person(`,"email":"joe@example.com"`)
	s.told(s.Browser().Login(address, "joe@example.com", pass), "access_denied", "client requires organization membership, but user does not belong to any organization")
}

// TestMemberPermissions: what a member's roles allow is in the tokens for that organization and in no others.
func TestMemberPermissions(t *testing.T) {
	s := openSite(t, "allow")
	s.API("https://api.test/", func(a *store.API) {
		a.Settings.EnforcePolicies, a.Settings.TokenDialect = true, "access_token_authz"
	})
	give := func(name, value string) string {
		id := s.want(200, "POST", "/roles", fmt.Sprintf(`{"name":%q}`, name)).at("id").(string)
		s.want(201, "POST", "/roles/"+id+"/permissions", fmt.Sprintf(`{"permissions":[{"permission_name":%q,"resource_server_identifier":"https://api.test/"}]}`, value))
		return id
	}
	reader, writer := give("Reader", "read:messages"), give("Writer", "write:messages")
	s.want(204, "POST", "/users/"+url.PathEscape(s.jane)+"/roles", map[string]any{"roles": []string{reader}})
	here := s.people + "/" + url.PathEscape(s.jane) + "/roles"
	s.want(204, "POST", here, map[string]any{"roles": []string{writer}})
	b := s.Browser()
	ask := []string{"audience", "https://api.test/", "scope", "openid offline_access read:messages write:messages"}
	check := func(what string, a idptest.Answer, want string) {
		t.Helper()
		claims := claimsOf(t, a.Text("access_token"))
		if got := fmt.Sprint(claims["permissions"]); got != want || strings.Contains(claims["scope"].(string), "write") != strings.Contains(want, "write") {
			t.Errorf("%s: permissions %s, scope %v; want %s", what, got, claims["scope"], want)
		}
	}
	tokens := s.tokens(b.Login(s.address(ask...), "jane@example.com", pass))
	check("in the organization", tokens, "[read:messages write:messages]")
	check("outside of it", s.tokens(b.Get(s.address(append(ask, "organization", "")...))), "[read:messages]")
	s.want(204, "DELETE", here, map[string]any{"roles": []string{writer}})
	check("without the role", s.refresh(tokens.Text("refresh_token")), "[read:messages]")
}

func TestCredentialsInOrganizations(t *testing.T) {
	s := openSite(t, "allow")
	m2m := s.Client(store.AppNonInteractive)
	s.API("https://api.test/")
	grant := s.want(201, "POST", "/client-grants", fmt.Sprintf(`{"client_id":%q,"audience":"https://api.test/","scope":["read:messages"]}`, m2m.ID)).at("id").(string)
	ask := func(more ...string) idptest.Answer {
		t.Helper()
		return s.Token(append([]string{"grant_type", "client_credentials", "client_id", m2m.ID, "client_secret", m2m.Secret, "audience", "https://api.test/"}, more...)...)
	}
	check := func(what string, a idptest.Answer, org any, refusal string) {
		t.Helper()
		if refusal != "" {
			if a.Status < 400 || a.Status >= 500 || !strings.Contains(a.Text("error_description"), refusal) {
				t.Errorf("%s: %d %s, want %q", what, a.Status, a.Body, refusal)
			}
			return
		}
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", what, a.Status, a.Body)
		}
		if got := claimsOf(t, a.Text("access_token"))["org_id"]; got != org {
			t.Errorf("%s: the token is for %v, want %v", what, got, org)
		}
	}
	set := func(path, patch string) { s.want(200, "PATCH", path, patch) }
	check("denied", ask("organization", s.acme), nil, "allows no organization")
	check("without one", ask(), nil, "")
	set("/client-grants/"+grant, `{"organization_usage":"allow"}`)
	check("not associated", ask("organization", s.acme), nil, "not associated with the organization")
	s.want(201, "POST", "/organizations/"+s.acme+"/client-grants", fmt.Sprintf(`{"grant_id":%q}`, grant))
	check("associated", ask("organization", s.acme), s.acme, "")
	check("by name", ask("organization", "acme"), nil, "parameter organization is invalid: acme")
	check("unknown", ask("organization", "org_0000000000000000"), nil, "parameter organization is invalid: org_0000000000000000")
	check("without one, allowed", ask(), nil, "")
	other := s.org("other")
	check("another", ask("organization", other), nil, "not associated with the organization")
	set("/client-grants/"+grant, `{"allow_any_organization":true}`)
	check("any", ask("organization", other), other, "")
	set("/client-grants/"+grant, `{"organization_usage":"require"}`)
	check("required", ask(), nil, "parameter organization is required for this client")
	set("/clients/"+m2m.ID, fmt.Sprintf(`{"default_organization":{"organization_id":%q,"flows":["client_credentials"]}}`, other))
	check("by default", ask(), other, "")
	check("named before the default", ask("organization", s.acme), s.acme, "")
	set("/tenants/settings", `{"allow_organization_name_in_authentication_api":true}`)
	check("by name, allowed", ask("organization", "acme"), s.acme, "")
	records := s.EventRecords()
	last := records[slices.IndexFunc(records, func(e store.Event) bool { return e.Type == "seccft" && e.OrganizationID != "" }):]
	if last[0].OrganizationID != s.acme {
		t.Errorf("the event names %q", last[0].OrganizationID)
	}
}
