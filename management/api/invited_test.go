package api_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const gone = "invitation not found or already used"

// invite makes an invitation and returns the address of /authorize that the application makes of its link.
func (s *site) invite(email string, more map[string]any) string {
	s.t.Helper()
	s.want(200, "PATCH", "/clients/"+s.app.ID, `{"initiate_login_uri":"https://app.example.com/login"}`)
	body := map[string]any{"inviter": map[string]any{"name": "Jane"}, "invitee": map[string]any{"email": email}, "client_id": s.app.ID}
	for k, v := range more {
		body[k] = v
	}
	link, err := url.Parse(s.want(201, "POST", "/organizations/"+s.acme+"/invitations", body).at("invitation_url").(string))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.address("organization", link.Query().Get("organization"), "invitation", link.Query().Get("invitation"))
}

func (s *site) invitations() int {
	s.t.Helper()
	return len(s.want(200, "GET", "/organizations/"+s.acme+"/invitations", nil).list())
}

// TestAnInvitedPersonSignsUp: with the invited address, whatever was typed, and though sign-up is closed for others.
func TestAnInvitedPersonSignsUp(t *testing.T) {
	s := openSite(t, "allow")
	conn, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	conn.Settings.DisableSignup = true
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveConnection(t.Context(), &conn) }); err != nil {
		t.Fatal(err)
	}
	role := s.want(200, "POST", "/roles", `{"name":"Reader"}`).at("id").(string)
	lost := s.want(200, "POST", "/roles", `{"name":"Lost"}`).at("id").(string)
	address := s.invite("New@Example.com", map[string]any{
		"roles": []string{role, lost}, "app_metadata": map[string]any{"plan": "gold"}, "user_metadata": map[string]any{"seats": 5},
	})
	s.want(200, "DELETE", "/roles/"+lost, nil)
	page := s.at(s.Browser().Get(address), "/u/signup")
	if !strings.Contains(page.Body, `value="new@example.com"`) || !strings.Contains(page.Body, "readonly") || !strings.Contains(page.Body, "Acme Inc.") {
		t.Errorf("the page is not about the invitation:\n%s", page.Body)
	}
	weak := s.at(page.Submit("username", "evil@example.com", "password", "x"), "/u/signup")
	if weak.Status != 400 || !strings.Contains(weak.Body, `value="new@example.com"`) {
		t.Errorf("a weak password: %d\n%s", weak.Status, weak.Body)
	}
	claims := claimsOf(t, s.tokens(weak.Submit("username", "evil@example.com", "password", pass)).Text("id_token"))
	user := "/users/" + url.PathEscape(claims["sub"].(string))
	got := s.want(200, "GET", user, nil)
	if claims["org_id"] != s.acme || got.at("email") != "new@example.com" || got.at("email_verified") != true ||
		!reflect.DeepEqual(got.at("app_metadata"), map[string]any{"plan": "gold"}) || !reflect.DeepEqual(got.at("user_metadata"), map[string]any{"seats": 5.0}) {
		t.Errorf("the new user: %s, signed in to %v", got.text, claims["org_id"])
	}
	roles := s.want(200, "GET", s.people+"/"+url.PathEscape(claims["sub"].(string))+"/roles", nil).list()
	if len(roles) != 1 || roles[0].(map[string]any)["id"] != role || s.invitations() != 0 {
		t.Errorf("roles %v, %d invitations left", roles, s.invitations())
	}
	// It is used; whoever follows the link again is told.
	s.told(s.Browser().Get(address), "invalid_request", gone)
	if p := s.Browser().Get(page.URL); p.Status != 400 || !strings.Contains(p.Body, gone) {
		t.Errorf("the page of before: %d\n%s", p.Status, p.Body)
	}
	types := strings.Join(s.Events(), " ")
	if !strings.Contains(types, " si ") || strings.Count(types, "fi") != 2 {
		t.Errorf("the events are %s", types)
	}
}

// TestAnInvitedUserSignsIn: by a login of their own, and only with the invited address.
func TestAnInvitedUserSignsIn(t *testing.T) {
	s := openSite(t, "allow")
	path, joe := s.person(`,"email":"joe@example.com","app_metadata":{"a":1}`)
	address := s.invite("joe@example.com", map[string]any{"app_metadata": map[string]any{"b": 2}})
	b := s.Browser()
	s.tokens(b.Login(s.address(), "jane@example.com", pass))
	s.told(b.Get(address+"&prompt=none"), "login_required", "Login required")
	page := s.at(b.Get(address), "/u/login") // somebody else is signed in
	if !strings.Contains(page.Body, `value="joe@example.com"`) || !strings.Contains(page.Body, "readonly") {
		t.Errorf("the page is not about the invitation:\n%s", page.Body)
	}
	claims := claimsOf(t, s.tokens(page.Submit("password", pass)).Text("id_token"))
	if claims["sub"] != joe || claims["org_id"] != s.acme {
		t.Errorf("signed in as %v", claims)
	}
	if got := s.want(200, "GET", path, nil); !reflect.DeepEqual(got.at("app_metadata"), map[string]any{"a": 1.0, "b": 2.0}) {
		t.Errorf("the metadata: %s", got.text)
	}
	// A member may be invited again, to more roles; the session that they have does not accept anything.
	role := s.want(200, "POST", "/roles", `{"name":"Reader"}`).at("id").(string)
	again := s.invite("joe@example.com", map[string]any{"roles": []string{role}})
	s.at(b.Get(again), "/u/login")
	if s.invitations() != 1 {
		t.Error("a link that was only opened is used")
	}
	s.tokens(b.Login(again, "", pass))
	if roles := s.want(200, "GET", s.people+"/"+url.PathEscape(joe)+"/roles", nil).list(); len(roles) != 1 {
		t.Errorf("roles %v", roles)
	}
}

// TestAnInvitedUserSignsInOnTwoPages: where the identifier is asked for first, it is the invited one too.
func TestAnInvitedUserSignsInOnTwoPages(t *testing.T) {
	s := openSite(t, "allow")
	s.want(200, "PATCH", "/prompts", `{"identifier_first":true}`)
	_, joe := s.person(`,"email":"joe@example.com"`)
	page := s.at(s.Browser().Get(s.invite("joe@example.com", nil)), "/u/login")
	page = s.at(page.Submit("username", "jane@example.com"), "/u/login/password")
	if sub := claimsOf(t, s.tokens(page.Submit("password", pass)).Text("id_token"))["sub"]; sub != joe {
		t.Errorf("%v signed in, want %s", sub, joe)
	}
}

// TestInvitationsAreBound: to their organization, their application, their connection and their time.
func TestInvitationsAreBound(t *testing.T) {
	s := openSite(t, "allow")
	address := s.invite("joe@example.com", nil)
	ticket, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	invitation := ticket.Query().Get("invitation")
	b := s.Browser()
	s.told(b.Get(s.address("invitation", "nonsense")), "invalid_request", gone)
	s.told(b.Get(s.address("invitation", strings.Repeat("x", 65))), "invalid_request", gone)
	other := s.org("other")
	s.told(b.Get(s.address("organization", other, "invitation", invitation)), "invalid_request", gone)
	s.told(b.Get(s.address("organization", "", "invitation", invitation)), "invalid_request", "The parameter invitation must come with organization.")
	app := s.Client(store.AppNative, idptest.Callback(orgCallback), func(c *store.Client) { c.Settings.OrganizationUsage = "allow" })
	s.told(b.Get(s.AuthorizeURL(app, "organization", s.acme, "invitation", invitation)), "invalid_request", gone)
	s.at(b.Get(address), "/u/signup")
	s.Clock.Advance(8 * 24 * time.Hour)
	s.told(b.Get(address), "invalid_request", gone)
	s.Clock.Advance(-8 * 24 * time.Hour)

	// Taken back between the page and the answer.
	path, _ := s.person(`,"email":"joe@example.com"`)
	address = s.invite("joe@example.com", nil)
	page := s.at(b.Get(address), "/u/login")
	id := s.want(200, "GET", "/organizations/"+s.acme+"/invitations?sort=created_at:-1", nil).list()[0].(map[string]any)["id"].(string)
	s.want(204, "DELETE", "/organizations/"+s.acme+"/invitations/"+id, nil)
	if p := page.Submit("password", pass); p.Status != 400 || !strings.Contains(p.Body, gone) {
		t.Errorf("taken back: %d %s\n%s", p.Status, p.Location, p.Body)
	}
	if got := s.want(200, "GET", path+"/organizations", nil).list(); len(got) != 0 {
		t.Errorf("they are a member of %v", got)
	}

	// With a connection, only by that one.
	staff := s.want(201, "POST", "/connections", fmt.Sprintf(`{"name":"staff","strategy":"auth0","enabled_clients":[%q]}`, s.app.ID)).at("id").(string)
	s.want(201, "POST", s.connections, fmt.Sprintf(`{"connection_id":%q}`, staff))
	address = s.invite("joe@example.com", map[string]any{"connection_id": staff})
	claims := claimsOf(t, s.tokens(s.at(s.Browser().Get(address), "/u/signup").Submit("password", pass)).Text("id_token"))
	if got := s.want(200, "GET", "/users/"+url.PathEscape(claims["sub"].(string)), nil); got.at("identities").([]any)[0].(map[string]any)["connection"] != "staff" {
		t.Errorf("signed up by %s", got.text)
	}
}

// TestATicketLeadsToTheOrganization: a link to verify an address ends where the person signs in to it.
func TestATicketLeadsToTheOrganization(t *testing.T) {
	s := openSite(t, "allow")
	s.want(200, "PATCH", "/clients/"+s.app.ID, `{"initiate_login_uri":"https://app.example.com/login"}`)
	link := s.want(201, "POST", "/tickets/email-verification", map[string]any{"user_id": s.jane, "client_id": s.app.ID, "organization_id": s.acme}).at("ticket").(string)
	page := s.Browser().Get(link).Submit("action", "accept")
	if want := "&amp;organization=" + s.acme + "&amp;organization_name=acme"; !strings.Contains(page.Body, want) {
		t.Errorf("the page leads elsewhere than to %s:\n%s", want, page.Body)
	}
}

// TestALinkedAccountHasTheAddressOfItsOwner: the invited address signs in somebody with another one, who is not invited.
func TestALinkedAccountHasTheAddressOfItsOwner(t *testing.T) {
	s := openSite(t, "allow")
	_, joe := s.person(`,"email":"joe@example.com"`)
	s.leave(s.jane)
	s.want(201, "POST", "/users/"+url.PathEscape(s.jane)+"/identities", map[string]any{"provider": "auth0", "user_id": strings.TrimPrefix(joe, "auth0|")})
	page := s.at(s.Browser().Get(s.invite("joe@example.com", nil)), "/u/login")
	s.told(page.Submit("password", pass), "access_denied", "the invitation is for another email address")
	if s.invitations() != 1 {
		t.Error("the invitation is used")
	}
	if got := s.want(200, "GET", "/users/"+url.PathEscape(s.jane)+"/organizations", nil).list(); len(got) != 0 {
		t.Errorf("they are a member of %v", got)
	}
}
