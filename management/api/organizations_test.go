package api_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const noOrg = "No organization found by that id or name"

// org makes an organization.
func (s *tenant) org(name string) string {
	s.t.Helper()
	return s.want(201, "POST", "/organizations", fmt.Sprintf(`{"name":%q}`, name)).at("id").(string)
}

func TestOrganizations(t *testing.T) {
	s := open(t)
	full := `{"name":"acme","display_name":"Acme Inc.","branding":{"logo_url":"https://acme.test/logo.png","colors":{"primary":"#112233","page_background":"#FFFFFF"}},
		"metadata":{"plan":"gold"},"token_quota":{"client_credentials":{"enforce":true,"per_day":5}}}`
	made := s.want(201, "POST", "/organizations", full)
	id := made.at("id").(string)
	want := map[string]any{
		"id": id, "name": "acme", "display_name": "Acme Inc.", "metadata": map[string]any{"plan": "gold"},
		"branding":                  map[string]any{"logo_url": "https://acme.test/logo.png", "colors": map[string]any{"primary": "#112233", "page_background": "#FFFFFF"}},
		"token_quota":               map[string]any{"client_credentials": map[string]any{"enforce": true, "per_day": 5.0}},
		"third_party_client_access": "block", "is_app_entitlement_active": false,
	}
	for what, got := range map[string]answer{
		"created": made, "by id": s.want(200, "GET", "/organizations/"+id, nil), "by name": s.want(200, "GET", "/organizations/name/acme", nil),
		"in the list": {body: s.want(200, "GET", "/organizations", nil).list()[0]},
	} {
		if !reflect.DeepEqual(got.body, any(want)) {
			t.Errorf("%s: %v, want %v", what, got.body, want)
		}
	}
	if !strings.HasPrefix(id, "org_") || len(id) != 20 {
		t.Errorf("the id is %s", id)
	}
	exists := "An organization with this name already exists."
	other := s.org("other")
	s.refused(s.call("POST", "/organizations", `{"name":"acme"}`), 409, "", exists)
	s.refused(s.call("PATCH", "/organizations/"+other, `{"name":"acme"}`), 409, "", exists)
	for _, name := range []string{"Acme", "a b", "", "-a", strings.Repeat("a", 51)} {
		if a := s.call("POST", "/organizations", map[string]any{"name": name}); a.status != 400 || a.at("errorCode") != "invalid_body" {
			t.Errorf("the name %q: %d %s", name, a.status, a.text)
		}
	}
	// Metadata is replaced whole; null removes.
	changed := s.want(200, "PATCH", "/organizations/"+id, `{"metadata":{"seats":"5"},"token_quota":null,"is_app_entitlement_active":true}`)
	want["metadata"], want["is_app_entitlement_active"] = map[string]any{"seats": "5"}, true
	delete(want, "token_quota")
	if !reflect.DeepEqual(changed.body, any(want)) {
		t.Errorf("updated: %v, want %v", changed.body, want)
	}
	s.want(204, "DELETE", "/organizations/"+id, nil)
	for _, c := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"GET", "/members"}, {"GET", "/connections"}, {"GET", "/enabled_connections"},
		{"GET", "/invitations"}, {"GET", "/client-grants"}, {"GET", "/discovery-domains"}, {"GET", "/invitations/uinv_x"}, {"GET", "/connections/con_x"},
		{"GET", "/members/auth0%7Cx/roles"}, {"GET", "/discovery-domains/ord_x"}, {"GET", "/discovery-domains/name/x"}, {"DELETE", "/client-grants/cgr_x"}} {
		s.refused(s.call(c[0], "/organizations/"+id+c[1], map[string]any{}), 404, "", noOrg)
	}
	s.refused(s.call("GET", "/organizations/name/acme", nil), 404, "", noOrg)
}

func TestOrganizationPages(t *testing.T) {
	s := open(t)
	for i, name := range []string{"c", "a", "e", "b", "d"} {
		s.Clock.Advance(time.Second)
		s.want(201, "POST", "/organizations", fmt.Sprintf(`{"name":%q,"display_name":"Z%d"}`, name, 9-i))
	}
	for sort, want := range map[string]string{
		"": "caebd", "name:1": "abcde", "name:-1": "edcba", "display_name:1": "dbeac", "created_at:-1": "dbeac", "created_at:1": "caebd",
	} {
		seen, from := "", ""
		for range 4 {
			page := s.want(200, "GET", "/organizations?take=2&include_totals=true&sort="+sort+"&from="+from, nil)
			for _, o := range page.at("organizations").([]any) {
				seen += o.(map[string]any)["name"].(string)
			}
			next, more := page.at("next").(string)
			if from = next; !more {
				break
			}
		}
		if seen != want {
			t.Errorf("by checkpoint, sorted by %q: %s, want %s", sort, seen, want)
		}
		page := s.want(200, "GET", "/organizations?per_page=2&page=1&include_totals=true&sort="+sort, nil)
		list := page.at("organizations").([]any)
		if page.at("total") != 5.0 || len(list) != 2 || list[0].(map[string]any)["name"] != want[2:3] {
			t.Errorf("the second page, sorted by %q: %s", sort, page.text)
		}
	}
	for query, want := range map[string]string{
		"sort=id:1": `"id:1"`, "sort=name": `"name"`, "take=2&from=WyJ4IiwieSJd": `"WyJ4IiwieSJd"`,
	} {
		a := s.call("GET", "/organizations?"+query, nil)
		if a.status != 400 || a.at("errorCode") != "invalid_query_string" || !strings.Contains(a.at("message").(string), want) {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
	summary := s.sign(map[string]any{"scope": "read:organizations_summary"})
	if got := s.as(summary, "GET", "/organizations?per_page=1", nil).list()[0]; len(got.(map[string]any)) != 3 {
		t.Errorf("a summary is %v", got)
	}
}

func TestMembers(t *testing.T) {
	s := open(t)
	acme, other := s.org("acme"), s.org("other")
	members := "/organizations/" + acme + "/members"
	var ids []string
	for range 3 {
		_, id := s.person("")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	path := members + "/" + url.PathEscape(ids[0]) + "/roles"
	s.refused(s.call("GET", path, nil), 404, "inexistent_user", "The user is not a member of the organization.")
	for range 2 { // adding them again changes nothing
		s.want(204, "POST", members, map[string]any{"members": ids})
	}
	s.refused(s.call("POST", members, `{"members":["auth0|nobody"]}`), 400, "inexistent_user", "The user auth0|nobody does not exist.")
	s.refused(s.call("POST", members, `{"members":[]}`), 400, "invalid_body", "Payload validation error: 'Array is too short (0), minimum 1' on property members.")
	list := s.want(200, "GET", members, nil).list()
	if first := list[0].(map[string]any); len(list) != 3 || first["user_id"] != ids[0] || first["email"] == nil || first["name"] == nil || first["roles"] != nil {
		t.Errorf("the members are %v", list)
	}
	// The list ends with an empty page.
	seen, from, pages := []string{}, "", 0
	for pages = range 9 {
		page := s.want(200, "GET", members+"?take=2&include_totals=true&per_page=50&from="+from, nil)
		for _, m := range page.at("members").([]any) {
			seen = append(seen, m.(map[string]any)["user_id"].(string))
		}
		next, more := page.at("next").(string)
		if from = next; !more {
			break
		}
	}
	if !slices.Equal(seen, ids) || pages != 2 {
		t.Errorf("by checkpoint: %v on %d pages", seen, pages+1)
	}

	role := s.want(200, "POST", "/roles", `{"name":"Reader","description":"Reads"}`).at("id").(string)
	own := s.want(200, "POST", "/roles", fmt.Sprintf(`{"name":"Own","type":"organization","owner_id":%q}`, acme))
	if own.at("type") != "organization" || own.at("owner_id") != acme {
		t.Errorf("an organization's role: %s", own.text)
	}
	roles := map[string]any{"roles": []any{role, own.at("id")}}
	s.want(204, "POST", path, roles)
	s.want(204, "POST", path, roles)
	got := s.want(200, "GET", members+"?fields=user_id,roles&include_totals=true", nil)
	want := map[string]any{"user_id": ids[0], "roles": []any{
		map[string]any{"id": own.at("id"), "name": "Own"}, map[string]any{"id": role, "name": "Reader"},
	}}
	if got.at("total") != 3.0 || !reflect.DeepEqual(got.at("members").([]any)[0], any(want)) {
		t.Errorf("with roles: %s, want %v", got.text, want)
	}
	scope := s.sign(map[string]any{"scope": "read:organization_members"})
	s.refused(s.as(scope, "GET", members+"?fields=roles", nil), 403, "insufficient_scope", "Insufficient scope, expected any of: read:organization_member_roles")
	if got := s.want(200, "GET", path+"?include_totals=true", nil); got.at("total") != 2.0 || got.at("roles").([]any)[1].(map[string]any)["description"] != "Reads" {
		t.Errorf("the member's roles: %s", got.text)
	}
	s.refused(s.call("POST", path, `{"roles":["rol_nothing"]}`), 404, "", "The role does not exist.")
	// An organization's role is for its members only.
	user := "/users/" + url.PathEscape(ids[0])
	message := fmt.Sprintf("The role %s belongs to an organization: it can be assigned to its members only.", own.at("id"))
	s.refused(s.call("POST", user+"/roles", map[string]any{"roles": []any{own.at("id")}}), 400, "invalid_body", message)
	s.want(204, "POST", "/organizations/"+other+"/members", map[string]any{"members": ids[:1]})
	elsewhere := "/organizations/" + other + "/members/" + url.PathEscape(ids[0]) + "/roles"
	s.refused(s.call("POST", elsewhere, map[string]any{"roles": []any{own.at("id")}}), 404, "", "The role does not exist.")
	if got := s.want(200, "GET", elsewhere, nil).list(); len(got) != 0 {
		t.Errorf("in the other organization they have %v", got)
	}
	if got := s.want(200, "GET", "/roles?type=organization&owner_id="+acme, nil).list(); len(got) != 1 {
		t.Errorf("the organization's roles: %v", got)
	}
	for body, message := range map[string]string{
		`{"name":"R","type":"organization"}`:     "A role of type organization needs an owner_id, and no other role has one.",
		`{"name":"R","owner_id":"` + acme + `"}`: "A role of type organization needs an owner_id, and no other role has one.",
	} {
		s.refused(s.call("POST", "/roles", body), 400, "invalid_body", message)
	}
	s.refused(s.call("POST", "/roles", `{"name":"R","type":"organization","owner_id":"org_x"}`), 404, "", noOrg)

	if got := s.want(200, "GET", user+"/organizations?include_totals=true", nil); got.at("total") != 2.0 || len(got.at("organizations").([]any)) != 2 {
		t.Errorf("the user's organizations: %s", got.text)
	}
	if got := s.want(200, "GET", "/users?q=organization_id:"+other, nil).list(); len(got) != 1 || got[0].(map[string]any)["user_id"] != ids[0] {
		t.Errorf("the search by organization: %v", got)
	}
	// What is deleted is gone from there too: a role, a membership with its roles, a user, an organization with its roles.
	s.want(200, "DELETE", "/roles/"+role, nil)
	if got := s.want(200, "GET", path, nil).list(); len(got) != 1 {
		t.Errorf("without the role: %v", got)
	}
	s.want(204, "DELETE", members, map[string]any{"members": []string{ids[0], "auth0|nobody"}})
	s.want(204, "POST", members, map[string]any{"members": ids[:1]})
	if got := s.want(200, "GET", path, nil).list(); len(got) != 0 {
		t.Errorf("a member again: %v", got)
	}
	s.want(204, "DELETE", "/users/"+url.PathEscape(ids[1]), nil)
	if got := s.want(200, "GET", members+"?include_totals=true", nil); got.at("total") != 2.0 {
		t.Errorf("without a user: %s", got.text)
	}
	s.want(204, "DELETE", "/organizations/"+acme, nil)
	s.refused(s.call("GET", "/roles/"+own.at("id").(string), nil), 404, "", "The role does not exist.")
	if got := s.want(200, "GET", user+"/organizations", nil).list(); len(got) != 1 {
		t.Errorf("without the organization: %v", got)
	}
}

func TestMemberRolesAreBounded(t *testing.T) {
	s := open(t)
	acme := s.org("acme")
	_, id := s.person("")
	s.want(204, "POST", "/organizations/"+acme+"/members", map[string]any{"members": []string{id}})
	var roles []string
	for i := range 51 {
		roles = append(roles, s.want(200, "POST", "/roles", fmt.Sprintf(`{"name":"r%d"}`, i)).at("id").(string))
	}
	path := "/organizations/" + acme + "/members/" + url.PathEscape(id) + "/roles"
	s.want(204, "POST", path, map[string]any{"roles": roles[:50]})
	s.refused(s.call("POST", path, map[string]any{"roles": roles[50:]}), 409, "", "No more roles can be assigned to this organization member.")
	if got := s.want(200, "GET", path+"?include_totals=true", nil); got.at("total") != 50.0 {
		t.Errorf("the member has %v roles", got.at("total"))
	}
}

func TestOrganizationConnections(t *testing.T) {
	s := open(t)
	acme := s.org("acme")
	enabled, all := "/organizations/"+acme+"/enabled_connections", "/organizations/"+acme+"/connections"
	db := s.connection()
	saml := s.want(201, "POST", "/connections", `{"name":"corp","strategy":"okta"}`).at("id").(string)
	made := s.want(201, "POST", enabled, fmt.Sprintf(`{"connection_id":%q,"assign_membership_on_login":true}`, db))
	name := made.at("connection.name")
	want := map[string]any{
		"connection_id": db, "assign_membership_on_login": true, "show_as_button": true, "is_signup_enabled": false,
		"connection": map[string]any{"name": name, "strategy": "auth0"},
	}
	if !reflect.DeepEqual(made.body, any(want)) || !reflect.DeepEqual(s.want(200, "GET", enabled+"/"+db, nil).body, any(want)) {
		t.Errorf("made %s, want %v", made.text, want)
	}
	exists := "The organization connection already exists."
	s.refused(s.call("POST", enabled, fmt.Sprintf(`{"connection_id":%q}`, db)), 409, "", exists)
	s.refused(s.call("POST", all, fmt.Sprintf(`{"connection_id":%q}`, db)), 409, "", exists)
	signup := "Only database connections with assign_membership_on_login = true support is_signup_enabled = true."
	s.refused(s.call("PATCH", enabled+"/"+db, `{"assign_membership_on_login":false,"is_signup_enabled":true}`), 400, "invalid_body", signup)
	s.refused(s.call("POST", all, fmt.Sprintf(`{"connection_id":%q,"assign_membership_on_login":true,"is_signup_enabled":true}`, saml)), 400, "invalid_body", signup)
	if got := s.want(200, "PATCH", enabled+"/"+db, `{"is_signup_enabled":true,"show_as_button":false}`); got.at("is_signup_enabled") != true || got.at("show_as_button") != false || got.at("assign_membership_on_login") != true {
		t.Errorf("updated: %s", got.text)
	}
	second := s.want(201, "POST", all, fmt.Sprintf(`{"connection_id":%q,"is_enabled":false,"organization_connection_name":"Corp"}`, saml))
	full := map[string]any{
		"connection_id": saml, "assign_membership_on_login": false, "show_as_button": true, "is_signup_enabled": false, "is_enabled": false,
		"organization_access_level": "none", "organization_connection_name": "Corp", "connection": map[string]any{"name": "corp", "strategy": "okta"},
	}
	if !reflect.DeepEqual(second.body, any(full)) {
		t.Errorf("made %s, want %v", second.text, full)
	}
	for query, n := range map[string]float64{all: 2, all + "?is_enabled=true": 1, all + "?is_enabled=false": 1, enabled: 1} {
		separator := "?"
		if strings.Contains(query, "?") {
			separator = "&"
		}
		if got := s.want(200, "GET", query+separator+"include_totals=true", nil); got.at("total") != n {
			t.Errorf("%s: %s, want %v", query, got.text, n)
		}
	}
	none := "No connection found by that id"
	s.refused(s.call("GET", all+"/con_0000000000000000", nil), 404, "", none)
	s.refused(s.call("POST", all, `{"connection_id":"con_0000000000000000"}`), 404, "", none)
	s.refused(s.call("DELETE", enabled+"/con_0000000000000000", nil), 404, "", none)
	s.want(204, "DELETE", all+"/con_0000000000000000", nil)
	s.want(204, "DELETE", enabled+"/"+db, nil)
	s.refused(s.call("GET", enabled+"/"+db, nil), 404, "", none)
	s.want(202, "DELETE", "/connections/"+saml, nil)
	s.refused(s.call("GET", all+"/"+saml, nil), 404, "", none)
	// A new organization brings its connections; one that does not exist undoes it.
	body := `{"name":"new","enabled_connections":[{"connection_id":%q,"assign_membership_on_login":true,"is_signup_enabled":true}]}`
	if got := s.want(201, "POST", "/organizations", fmt.Sprintf(body, db)); len(got.at("enabled_connections").([]any)) != 1 {
		t.Errorf("with connections: %s", got.text)
	}
	s.refused(s.call("POST", "/organizations", strings.Replace(fmt.Sprintf(body, saml), "new", "newer", 1)), 404, "", none)
	s.refused(s.call("GET", "/organizations/name/newer", nil), 404, "", noOrg)
}

func TestInvitations(t *testing.T) {
	s := open(t)
	acme := s.org("acme")
	path := "/organizations/" + acme + "/invitations"
	client := s.Client(store.AppRegularWeb, idptest.Callback("https://app.example.com/callback"))
	role := s.want(200, "POST", "/roles", `{"name":"Reader"}`).at("id").(string)
	body := map[string]any{
		"inviter": map[string]any{"name": "Jane"}, "invitee": map[string]any{"email": "New@Example.com"}, "client_id": client.ID,
	}
	with := func(name string, v any) map[string]any {
		m := map[string]any{name: v}
		for k, v := range body {
			if k != name {
				m[k] = v
			}
		}
		return m
	}
	s.refused(s.call("POST", path, body), 400, "invalid_body", "A default login route is required to generate the invitation url. "+
		"Set the application's initiate_login_uri or the tenant's default_redirection_uri.")
	s.want(200, "PATCH", "/clients/"+client.ID, `{"initiate_login_uri":"https://app.example.com/login?from=mail"}`)
	made := s.want(201, "POST", path, with("roles", []string{role}))
	id, ticket := made.at("id").(string), made.at("ticket_id").(string)
	want := map[string]any{
		"id": id, "organization_id": acme, "client_id": client.ID, "inviter": map[string]any{"name": "Jane"},
		"invitee": map[string]any{"email": "new@example.com"}, "roles": []any{role}, "ticket_id": ticket,
		"invitation_url": "https://app.example.com/login?from=mail&invitation=" + ticket + "&organization=" + acme + "&organization_name=acme",
		"created_at":     made.at("created_at"), "expires_at": made.at("expires_at"),
	}
	if !reflect.DeepEqual(made.body, any(want)) || len(ticket) != 32 {
		t.Errorf("made %s, want %v", made.text, want)
	}
	if got := s.want(200, "GET", path+"/"+id, nil); !reflect.DeepEqual(got.body, any(want)) {
		t.Errorf("read %s", got.text)
	}
	if got := s.want(200, "GET", path+"/"+id+"?fields=ticket_id", nil); len(got.object()) != 1 {
		t.Errorf("one field: %s", got.text)
	}
	s.Clock.Advance(time.Second)
	for _, c := range []struct {
		life time.Duration
		a    answer
	}{{7 * 24 * time.Hour, made}, {time.Minute, s.want(201, "POST", path, with("ttl_sec", 60))}} {
		from, err := time.Parse(time.RFC3339, c.a.at("created_at").(string))
		to, err2 := time.Parse(time.RFC3339, c.a.at("expires_at").(string))
		if d := to.Sub(from); err != nil || err2 != nil || d.Round(time.Second) != c.life {
			t.Errorf("it holds for %v, want %v: %s", d, c.life, c.a.text)
		}
	}
	list := s.want(200, "GET", path+"?include_totals=true&sort=created_at:-1", nil)
	if all := list.at("invitations").([]any); len(all) != 2 || all[1].(map[string]any)["id"] != id {
		t.Errorf("the newest first: %s", list.text)
	}
	for what, c := range map[string]struct {
		body    any
		status  int
		code    string
		message string
	}{
		"no name":            {with("inviter", map[string]any{}), 400, "invalid_body", "Payload validation error: 'Missing required property: name' on property inviter."},
		"no address":         {with("invitee", map[string]any{}), 400, "invalid_body", "Payload validation error: 'Missing required property: email' on property invitee."},
		"a wrong address":    {with("invitee", map[string]any{"email": "x"}), 400, "invalid_body", "Payload validation error: 'Object didn't pass validation for format email: x' on property invitee.email."},
		"too long":           {with("ttl_sec", 2592001), 400, "invalid_body", "Payload validation error: 'Value 2592001 is greater than maximum 2592000' on property ttl_sec."},
		"no such client":     {with("client_id", "none"), 404, "inexistent_client", "The client does not exist"},
		"no such role":       {with("roles", []string{"rol_0000000000000000"}), 404, "", "The role does not exist."},
		"no such connection": {with("connection_id", "con_0000000000000000"), 404, "", "No connection found by that id"},
	} {
		a := s.call("POST", path, c.body)
		if a.status != c.status || a.at("message") != c.message {
			t.Errorf("%s: %d %s", what, a.status, a.text)
		}
	}
	gone := func(id string) {
		t.Helper()
		s.refused(s.call("GET", path+"/"+id, nil), 404, "inexistent_invitation", "The invitation does not exist.")
		s.refused(s.call("DELETE", path+"/"+id, nil), 404, "inexistent_invitation", "The invitation does not exist.")
	}
	s.want(204, "DELETE", path+"/"+id, nil)
	gone(id)
	other := s.org("other")
	second := list.at("invitations").([]any)[0].(map[string]any)["id"].(string)
	s.refused(s.call("GET", "/organizations/"+other+"/invitations/"+second, nil), 404, "inexistent_invitation", "The invitation does not exist.")
	s.want(204, "DELETE", "/clients/"+client.ID, nil)
	gone(second)
}

func TestOrganizationGrants(t *testing.T) {
	s := open(t)
	acme := s.org("acme")
	path := "/organizations/" + acme + "/client-grants"
	s.want(201, "POST", "/resource-servers", `{"identifier":"https://a.test","scopes":[{"value":"r"}]}`)
	body := `{"client_id":"` + s.admin.ID + `","audience":"https://a.test","scope":["r"]}`
	id := s.want(201, "POST", "/client-grants", body).at("id").(string)
	link := fmt.Sprintf(`{"grant_id":%q}`, id)
	s.refused(s.call("POST", path, link), 400, "invalid_body", "The client grant does not allow organizations: its organization_usage is deny.")
	s.want(200, "PATCH", "/client-grants/"+id, `{"organization_usage":"allow","allow_any_organization":true}`)
	made := s.want(201, "POST", path, link)
	if made.at("grant_id") != id || made.at("client_id") != s.admin.ID || made.at("audience") != "https://a.test" || made.at("organization_usage") != "allow" || made.at("allow_any_organization") != true {
		t.Errorf("linked: %s", made.text)
	}
	s.refused(s.call("POST", path, link), 409, "", "The client grant has already been added to this organization.")
	s.refused(s.call("POST", path, `{"grant_id":"cgr_0000000000000000"}`), 404, "inexistent_client_grant", "The grant does not exist.")
	for query, n := range map[string]float64{
		"": 1, "&client_id=" + s.admin.ID: 1, "&client_id=none": 0, "&audience=https://a.test": 1, "&audience=none": 0,
		"&grant_ids=" + id: 1, "&grant_ids=cgr_x": 0, "&grant_ids=cgr_x," + id: 1, "&grant_ids=cgr_x&grant_ids=" + id: 1,
	} {
		if got := s.want(200, "GET", path+"?include_totals=true"+query, nil); got.at("total") != n {
			t.Errorf("%s: %s, want %v", query, got.text, n)
		}
	}
	other := s.org("other")
	s.want(201, "POST", "/organizations/"+other+"/client-grants", link)
	organizations := "/client-grants/" + id + "/organizations"
	first := s.want(200, "GET", organizations+"?take=1", nil)
	second := s.want(200, "GET", organizations+"?take=1&from="+first.at("next").(string), nil)
	if second.at("next") != nil || reflect.DeepEqual(first.at("organizations"), second.at("organizations")) {
		t.Errorf("two pages: %s %s", first.text, second.text)
	}
	if got := s.want(200, "GET", organizations+"?include_totals=true&per_page=1&page=1", nil); got.at("total") != 2.0 || len(got.at("organizations").([]any)) != 1 {
		t.Errorf("the second page: %s", got.text)
	}
	if got := s.want(200, "GET", "/clients?take=50&q=client_grant.organization_id:"+acme, nil).at("clients").([]any); len(got) != 1 || got[0].(map[string]any)["client_id"] != s.admin.ID {
		t.Errorf("the organization's applications: %v", got)
	}
	if got := s.want(200, "GET", "/clients?take=50&q=client_grant.organization_id:none", nil).at("clients").([]any); len(got) != 0 {
		t.Errorf("no organization's applications: %v", got)
	}
	s.want(204, "DELETE", path+"/"+id, nil)
	s.refused(s.call("DELETE", path+"/"+id, nil), 404, "inexistent_client_grant", "The grant does not exist.")
	s.want(204, "DELETE", "/client-grants/"+id, nil)
	if got := s.want(200, "GET", "/organizations/"+other+"/client-grants", nil).list(); len(got) != 0 {
		t.Errorf("a deleted grant is still there: %v", got)
	}
}

func TestDiscoveryDomains(t *testing.T) {
	s := open(t)
	acme, other := s.org("acme"), s.org("other")
	path := "/organizations/" + acme + "/discovery-domains"
	made := s.want(201, "POST", path, `{"domain":"Acme.example"}`)
	id := made.at("id").(string)
	if made.at("domain") != "acme.example" || made.at("status") != "pending" || made.at("use_for_organization_discovery") != true ||
		made.at("verification_host") != "_ss-verification."+acme+".acme.example" || len(made.at("verification_txt").(string)) != 32 {
		t.Errorf("made %s", made.text)
	}
	s.refused(s.call("POST", path, `{"domain":"acme.example"}`), 409, "", "An organization discovery domain with this domain is already registered to this organization.")
	s.want(201, "POST", "/organizations/"+other+"/discovery-domains", `{"domain":"acme.example"}`)
	s.refused(s.call("POST", path, `{"domain":"127.0.0.1"}`), 400, "invalid_body", "Payload validation error: 'Object didn't pass validation for format hostname: 127.0.0.1' on property domain.")
	if got := s.want(200, "PATCH", path+"/"+id, `{"status":"verified"}`); got.at("status") != "verified" || got.at("domain") != "acme.example" {
		t.Errorf("updated: %s", got.text)
	}
	if got := s.want(200, "GET", path+"/name/acme.example", nil); got.at("id") != id {
		t.Errorf("by name: %s", got.text)
	}
	s.want(201, "POST", path, `{"domain":"acme2.example"}`)
	first := s.want(200, "GET", path+"?take=1", nil)
	second := s.want(200, "GET", path+"?take=1&from="+first.at("next").(string), nil)
	if second.at("next") != nil || reflect.DeepEqual(first.at("domains"), second.at("domains")) {
		t.Errorf("two pages: %s %s", first.text, second.text)
	}
	none := "No organization domain found by that id"
	s.refused(s.call("GET", "/organizations/"+other+"/discovery-domains/"+id, nil), 404, "", none)
	s.want(204, "DELETE", path+"/"+id, nil)
	s.want(204, "DELETE", path+"/"+id, nil)
	s.refused(s.call("GET", path+"/"+id, nil), 404, "", none)
	s.want(204, "DELETE", "/organizations/"+other, nil)
	s.want(201, "POST", "/organizations/"+s.org("other")+"/discovery-domains", `{"domain":"acme.example"}`)
}
