package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

func TestRoles(t *testing.T) {
	s := open(t)
	made := s.want(200, "POST", "/roles", `{"name":"Reader"}`)
	id := made.at("id").(string)
	if !strings.HasPrefix(id, "rol_") || len(id) != 20 || made.at("type") != "tenant" || made.at("description") != nil {
		t.Errorf("made: %s", made.text)
	}
	s.refused(s.call("POST", "/roles", `{"name":"Reader"}`), 409, "", "The role already exists.")
	s.refused(s.call("POST", "/roles", `{}`), 400, "invalid_body", "Payload validation error: 'Missing required property: name'.")
	other := s.want(200, "POST", "/roles", `{"name":"Writer","description":"Writes"}`).at("id").(string)
	s.refused(s.call("PATCH", "/roles/"+other, `{"name":"Reader"}`), 409, "", "The role already exists.")
	if got := s.want(200, "PATCH", "/roles/"+other, `{"name":"Author"}`); got.at("name") != "Author" || got.at("description") != "Writes" {
		t.Errorf("updated: %s", got.text)
	}
	if got := s.want(200, "PATCH", "/roles/"+other, `{"description":null}`); got.at("description") != nil {
		t.Errorf("without a description: %s", got.text)
	}
	if list := s.want(200, "GET", "/roles?name_filter=AUTH&include_totals=true", nil); list.at("total") != 1.0 {
		t.Errorf("filtered: %s", list.text)
	}
	if list := s.want(200, "GET", "/roles?page=7&per_page=100&include_totals=true", nil); list.at("start") != 700.0 || list.at("total") != 2.0 {
		t.Errorf("past the end: %s", list.text)
	}
	if got := s.want(200, "DELETE", "/roles/"+other, nil); strings.TrimSpace(got.text) != "{}" {
		t.Errorf("deleted: %s", got.text)
	}
	for _, c := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"GET", "/permissions"}, {"GET", "/users"}} {
		s.refused(s.call(c[0], "/roles/"+other+c[1], nil), 404, "", "The role does not exist.")
	}
}

func TestPermissions(t *testing.T) {
	s := open(t)
	api := s.API("https://api.test/")
	role := s.want(200, "POST", "/roles", `{"name":"Reader"}`).at("id").(string)
	path, id := s.person("")
	read := `{"permissions":[{"permission_name":"read:messages","resource_server_identifier":"https://api.test/"}]}`
	for _, holder := range []string{"/roles/" + role, path} {
		for range 2 { // giving it again changes nothing
			if got := s.want(201, "POST", holder+"/permissions", read); strings.TrimSpace(got.text) != "{}" {
				t.Errorf("%s: %s", holder, got.text)
			}
		}
		for body, message := range map[string]string{
			`{"permissions":[{"permission_name":"none","resource_server_identifier":"https://api.test/"}]}`: "The permission none does not exist in the resource server https://api.test/.",
			`{"permissions":[{"permission_name":"none","resource_server_identifier":"none"}]}`:              "The resource server none does not exist.",
			`{"permissions":[{"permission_name":"none"}]}`:                                                  "Payload validation error: 'Missing required property: resource_server_identifier' on property permissions[0].",
		} {
			s.refused(s.call("POST", holder+"/permissions", body), 400, "invalid_body", message)
		}
	}
	s.want(204, "POST", path+"/roles", fmt.Sprintf(`{"roles":[%q]}`, role))
	s.refused(s.call("POST", path+"/roles", `{"roles":["rol_none"]}`), 404, "", "The role does not exist.")
	list := s.want(200, "GET", path+"/permissions", nil).list()
	want := map[string]any{
		"permission_name": "read:messages", "description": "Read your messages", "resource_server_name": "Test API",
		"resource_server_identifier": "https://api.test/", "sources": []any{
			map[string]any{"source_id": "", "source_name": "", "source_type": "DIRECT"},
			map[string]any{"source_id": role, "source_name": "Reader", "source_type": "ROLE"},
		},
	}
	if len(list) != 1 || fmt.Sprint(list[0]) != fmt.Sprint(want) {
		t.Errorf("the user's permissions are %v, want %v", list, want)
	}
	if got := s.want(200, "GET", path+"/roles?include_totals=true", nil); got.at("total") != 1.0 {
		t.Errorf("the user's roles: %s", got.text)
	}
	s.want(200, "POST", "/roles/"+role+"/users", fmt.Sprintf(`{"users":[%q]}`, id))
	for range 2 {
		_, more := s.person("")
		s.want(200, "POST", "/roles/"+role+"/users", fmt.Sprintf(`{"users":[%q]}`, more))
	}
	seen, from := []string{}, ""
	for range 4 {
		page := s.want(200, "GET", "/roles/"+role+"/users?take=1&include_totals=true&from="+from, nil)
		for _, u := range page.at("users").([]any) {
			seen = append(seen, u.(map[string]any)["user_id"].(string))
		}
		next, more := page.at("next").(string)
		if from = next; !more {
			break
		}
	}
	if len(seen) != 3 || !slices.IsSorted(seen) || !slices.Contains(seen, id) {
		t.Errorf("the role's users are %v", seen)
	}
	if got := s.want(200, "GET", "/roles/"+role+"/users?include_totals=true&per_page=2&page=1", nil); got.at("total") != 3.0 || len(got.at("users").([]any)) != 1 {
		t.Errorf("the role's users by page: %s", got.text)
	}
	s.want(204, "DELETE", path+"/permissions", read)
	s.want(204, "DELETE", path+"/permissions", read)
	s.want(204, "DELETE", path+"/roles", fmt.Sprintf(`{"roles":[%q]}`, role))
	if got := s.want(200, "GET", path+"/permissions", nil); len(got.list()) != 0 {
		t.Errorf("nothing should be left: %s", got.text)
	}
	// A scope that comes back is not given to anybody.
	api.Scopes = api.Scopes[1:]
	s.SaveAPI(api)
	api.Scopes = append(api.Scopes, store.APIScope{Value: "read:messages"})
	s.SaveAPI(api)
	if got := s.want(200, "GET", "/roles/"+role+"/permissions?include_totals=true", nil); got.at("total") != 0.0 {
		t.Errorf("a removed scope is a permission again: %s", got.text)
	}
	s.refused(s.call("GET", "/users/auth0%7Cnobody/roles", nil), 404, "inexistent_user", "The user does not exist.")
}

// claimsOf are the claims of a token that this server just issued.
func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// TestRBAC: with enforce_policies a token has what was asked for and the user may do, as it is at that moment.
func TestRBAC(t *testing.T) {
	s := open(t)
	identifier := "https://api.test/"
	api := s.API(identifier, func(a *store.API) {
		a.Settings.EnforcePolicies, a.Settings.TokenDialect = true, "access_token_authz"
	})
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, _ := s.person(`,"email":"a@example.com"`)
	role := s.want(200, "POST", "/roles", `{"name":"Reader"}`).at("id").(string)
	permissions := func(values ...string) string {
		var all []string
		for _, v := range values {
			all = append(all, fmt.Sprintf(`{"permission_name":%q,"resource_server_identifier":%q}`, v, identifier))
		}
		return `{"permissions":[` + strings.Join(all, ",") + `]}`
	}
	s.want(201, "POST", "/roles/"+role+"/permissions", permissions("read:messages"))
	s.want(204, "POST", path+"/roles", fmt.Sprintf(`{"roles":[%q]}`, role))
	b := s.Browser()
	address := s.AuthorizeURL(app, "scope", "openid offline_access read:messages write:messages", "audience", identifier)
	page := b.Login(address, "a@example.com", "a-Str0ng-Passphrase!")
	tokens := s.Exchange(app, page.Param("code"))
	check := func(what string, tokens idptest.Answer, scope string, permissions ...string) {
		t.Helper()
		if tokens.Status != 200 {
			t.Fatalf("%s: %d %s", what, tokens.Status, tokens.Body)
		}
		claims := claimsOf(t, tokens.Text("access_token"))
		if tokens.Text("scope") != scope || claims["scope"] != scope || fmt.Sprint(claims["permissions"]) != fmt.Sprint(permissions) {
			t.Errorf("%s: the answer says %q, the token %v %v; want %q %v", what, tokens.Text("scope"), claims["scope"], claims["permissions"], scope, permissions)
		}
	}
	check("after the login", tokens, "openid offline_access read:messages", "read:messages")
	token := tokens.Text("refresh_token")
	refresh := func() idptest.Answer {
		a := s.Token("grant_type", oauth.GrantRefreshToken, "client_id", app.ID, "refresh_token", token)
		if next := a.Text("refresh_token"); next != "" {
			token = next
		}
		return a
	}
	s.want(201, "POST", path+"/permissions", permissions("write:messages"))
	check("with one more permission", refresh(), "openid offline_access read:messages", "read:messages", "write:messages")
	s.want(200, "DELETE", "/roles/"+role, nil)
	check("without the role", refresh(), "openid offline_access", "write:messages")
	check("after single sign-on", s.Exchange(app, b.Get(address).Param("code")), "openid offline_access write:messages", "write:messages")
	s.want(204, "DELETE", path+"/permissions", permissions("write:messages"))
	check("without any permission", refresh(), "openid offline_access")
	api.Settings.TokenDialect = "rfc9068_profile_authz"
	s.SaveAPI(api)
	check("in the other dialect", refresh(), "openid offline_access")
	api.Settings.EnforcePolicies = false
	s.SaveAPI(api)
	tokens = s.Exchange(app, b.Get(address).Param("code"))
	if claims := claimsOf(t, tokens.Text("access_token")); claims["permissions"] != nil || !strings.Contains(tokens.Text("scope"), "write:messages") {
		t.Errorf("without RBAC: %v", claims)
	}
	m2m := s.Client(store.AppNonInteractive)
	api.Settings.EnforcePolicies = true
	s.SaveAPI(api)
	s.want(201, "POST", "/client-grants", fmt.Sprintf(`{"client_id":%q,"audience":%q,"scope":["read:messages"]}`, m2m.ID, identifier))
	if claims := claimsOf(t, s.tokenFor(m2m, identifier)); fmt.Sprint(claims["permissions"]) != "[read:messages]" || claims["scope"] != "read:messages" {
		t.Errorf("of an application: %v", claims)
	}
}

// TestRBACConsent: nobody is asked for what they could not grant, and nobody is asked twice.
func TestRBACConsent(t *testing.T) {
	s := open(t)
	identifier := "https://api.test/"
	api := s.API(identifier, func(a *store.API) { a.Settings.EnforcePolicies, a.Settings.SkipConsent = true, false })
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, id := s.person(`,"email":"a@example.com"`)
	s.want(201, "POST", path+"/permissions", `{"permissions":[{"permission_name":"read:messages","resource_server_identifier":"https://api.test/"}]}`)
	b := s.Browser()
	address := s.AuthorizeURL(app, "scope", "openid read:messages write:messages", "audience", identifier)
	page := b.Login(address, "a@example.com", "a-Str0ng-Passphrase!")
	if page.Path() != "/u/consent" || !strings.Contains(page.Body, "messages") || strings.Contains(strings.ToLower(page.Body), "write") {
		t.Errorf("%s asks:\n%s", page.Path(), page.Body)
	}
	if tokens := s.Exchange(app, page.Submit("action", "accept").Param("code")); tokens.Text("scope") != "openid read:messages" {
		t.Errorf("granted %q", tokens.Text("scope"))
	}
	if code := b.Get(address).Param("code"); code == "" {
		t.Error("single sign-on asks again")
	}
	if g, err := s.DB.Grant(t.Context(), id, app.ID, api.Identifier); err != nil || g.Scope != "openid read:messages" {
		t.Errorf("the grant is %q, %v", g.Scope, err)
	}
}
