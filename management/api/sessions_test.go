package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// signedIn is a user with two sessions, each with a refresh token.
func signedIn(s *tenant) (app store.Client, path string, tokens []string) {
	s.t.Helper()
	app = s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, _ = s.person(`,"email":"a@example.com"`)
	for range 2 {
		page := s.Browser().Login(s.AuthorizeURL(app, "scope", "openid offline_access"), "a@example.com", "a-Str0ng-Passphrase!")
		tokens = append(tokens, s.Exchange(app, page.Param("code")).Text("refresh_token"))
	}
	return app, path, tokens
}

// idsOf are the ids of a list in an answer.
func idsOf(a answer, key string) (ids []string) {
	list, _ := a.at(key).([]any)
	for _, item := range list {
		ids = append(ids, item.(map[string]any)["id"].(string))
	}
	return ids
}

func TestSessions(t *testing.T) {
	s := open(t)
	app, path, tokens := signedIn(s)
	first := s.want(200, "GET", path+"/sessions?take=1&include_totals=true", nil)
	next, _ := first.at("next").(string)
	second := s.want(200, "GET", path+"/sessions?take=1&from="+next, nil)
	ids := append(idsOf(first, "sessions"), idsOf(second, "sessions")...)
	if len(ids) != 2 || ids[0] == ids[1] || second.at("next") != nil {
		t.Fatalf("the pages are %s and %s", first.text, second.text)
	}
	if got := s.want(200, "GET", "/sessions/"+ids[0], nil); got.at("id") != ids[0] || got.at("device.initial_ip") != "127.0.0.1" || got.at("secret_hash") != nil {
		t.Errorf("a session: %s", got.text)
	}
	list := s.want(200, "GET", path+"/refresh-tokens", nil)
	families := idsOf(list, "tokens")
	if len(families) != 2 {
		t.Fatalf("the refresh tokens: %s", list.text)
	}
	for _, token := range tokens {
		if strings.Contains(list.text, token) {
			t.Error("the list shows a token")
		}
	}
	if got := s.want(200, "GET", "/refresh-tokens/"+families[0], nil); got.at("client_id") != app.ID || got.at("rotating") == nil {
		t.Errorf("a refresh token: %s", got.text)
	}
	refresh := func(i int) int {
		a := s.Token("grant_type", oauth.GrantRefreshToken, "client_id", app.ID, "refresh_token", tokens[i])
		if next := a.Text("refresh_token"); next != "" {
			tokens[i] = next
		}
		return a.Status
	}
	of := func(session string) int {
		for i, family := range families {
			if s.want(200, "GET", "/refresh-tokens/"+family, nil).at("session_id") == session {
				return i
			}
		}
		t.Fatalf("no refresh token of the session %s", session)
		return -1
	}
	revoked := families[of(ids[0])]
	if got := s.want(202, "POST", "/sessions/"+ids[0]+"/revoke", nil); strings.TrimSpace(got.text) != "{}" {
		t.Errorf("revoked: %s", got.text)
	}
	s.want(404, "GET", "/sessions/"+ids[0], nil)
	s.want(404, "GET", "/refresh-tokens/"+revoked, nil)
	s.want(202, "DELETE", "/sessions/"+ids[1], nil)
	s.want(202, "DELETE", "/sessions/"+ids[1], nil)
	if statuses := []int{refresh(0), refresh(1)}; statuses[0]+statuses[1] != 200+403 {
		t.Errorf("one refresh token should be left: %v", statuses)
	}
	s.want(202, "DELETE", path+"/refresh-tokens", nil)
	if statuses := []int{refresh(0), refresh(1)}; statuses[0] == 200 || statuses[1] == 200 {
		t.Errorf("no refresh token should be left: %v", statuses)
	}
	s.want(202, "DELETE", path+"/sessions", nil)
	for _, what := range []string{"/sessions", "/refresh-tokens"} {
		s.refused(s.call("GET", "/users/auth0%7Cnobody"+what, nil), 404, "inexistent_user", "The user does not exist.")
	}
}

func TestRevokeAccess(t *testing.T) {
	s := open(t)
	_, path, _ := signedIn(s)
	left := func(sessions, tokens int) {
		t.Helper()
		a, b := s.want(200, "GET", path+"/sessions", nil), s.want(200, "GET", path+"/refresh-tokens", nil)
		if len(idsOf(a, "sessions")) != sessions || len(idsOf(b, "tokens")) != tokens {
			t.Errorf("%s and %s, want %d and %d", a.text, b.text, sessions, tokens)
		}
	}
	one := idsOf(s.want(200, "GET", path+"/sessions", nil), "sessions")[0]
	s.want(202, "POST", path+"/revoke-access", fmt.Sprintf(`{"session_id":%q,"preserve_refresh_tokens":true}`, one))
	left(1, 2)
	other, _ := s.person("")
	two := idsOf(s.want(200, "GET", path+"/sessions", nil), "sessions")[0]
	s.want(404, "POST", other+"/revoke-access", fmt.Sprintf(`{"session_id":%q}`, two))
	s.want(202, "POST", path+"/revoke-access", `{}`)
	left(0, 0)
}

func TestUserBlocks(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, id := s.person(`,"email":"a@example.com"`)
	byID := "/user-blocks/" + url.PathEscape(id)
	fail := func() {
		b := s.Browser()
		page := b.Get(s.AuthorizeURL(app))
		for range 10 {
			page = page.Submit("username", "a@example.com", "password", "wrong", "action", "default")
		}
	}
	for _, where := range []string{byID, "/user-blocks?identifier=A@example.com"} {
		fail()
		got := s.want(200, "GET", where, nil)
		blocks := got.at("blocked_for").([]any)
		if len(blocks) != 1 || blocks[0].(map[string]any)["identifier"] != "a@example.com" || blocks[0].(map[string]any)["ip"] != "127.0.0.1" {
			t.Errorf("%s: %s", where, got.text)
		}
		if page := s.Browser().Login(s.AuthorizeURL(app), "a@example.com", "a-Str0ng-Passphrase!"); page.Param("code") != "" {
			t.Error("the account is not blocked")
		}
		s.want(204, "DELETE", where, nil)
		if got := s.want(200, "GET", where, nil); len(got.at("blocked_for").([]any)) != 0 {
			t.Errorf("unblocked: %s", got.text)
		}
		if page := s.Browser().Login(s.AuthorizeURL(app), "a@example.com", "a-Str0ng-Passphrase!"); page.Param("code") == "" {
			t.Error("the account is still blocked")
		}
	}
	s.want(404, "GET", "/user-blocks/auth0%7Cnobody", nil)
	if a := s.call("GET", "/user-blocks", nil); a.status != 400 {
		t.Errorf("without an identifier: %d", a.status)
	}
	s.want(200, "GET", path, nil)
}

// TestIdentities: whoever signs in with a linked account is the user it is linked to.
func TestIdentities(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, id := s.person(`,"email":"main@example.com"`)
	other, otherID := s.person(`,"email":"other@example.com","username":"other","app_metadata":{"a":1}`)
	_, subject, _ := strings.Cut(otherID, "|")
	link := fmt.Sprintf(`{"provider":"auth0","user_id":%q}`, subject)
	linked := s.want(201, "POST", path+"/identities", link)
	all := linked.list()
	if len(all) != 2 || all[1].(map[string]any)["user_id"] != subject {
		t.Fatalf("linked: %s", linked.text)
	}
	if profile, _ := all[1].(map[string]any)["profileData"].(map[string]any); profile["email"] != "other@example.com" || profile["app_metadata"] != nil {
		t.Errorf("the linked profile is %v", profile)
	}
	s.refused(s.call("POST", path+"/identities", link), 409, "", "Specified identity already exists.")
	s.refused(s.call("GET", other, nil), 404, "inexistent_user", "The user does not exist.")
	if got := s.want(200, "GET", "/users?include_totals=true", nil); got.at("total") != 1.0 {
		t.Errorf("the users are %s", got.text)
	}
	sub := func() string {
		page := s.Browser().Login(s.AuthorizeURL(app), "other@example.com", "a-Str0ng-Passphrase!")
		return claimsOf(t, s.Exchange(app, page.Param("code")).Text("id_token"))["sub"].(string)
	}
	if got := sub(); got != id {
		t.Errorf("signed in as %s, want %s", got, id)
	}
	for body, message := range map[string]string{
		`{"provider":"auth0","user_id":"none"}`: "The user to be linked does not exist.",
		`{"provider":"auth0"}`:                  "Payload validation error: 'Missing required property: user_id'.",
		`{"link_with":"x.y.z"}`:                 "link_with must be an ID token of the user to be linked.",
		fmt.Sprintf(`{"provider":"auth0","user_id":%q}`, strings.TrimPrefix(id, "auth0|")): "Main account and linked account cannot be the same.",
	} {
		s.refused(s.call("POST", path+"/identities", body), 400, "invalid_body", message)
	}
	left := s.want(200, "DELETE", path+"/identities/auth0/"+subject, nil)
	if len(left.list()) != 1 {
		t.Errorf("unlinked: %s", left.text)
	}
	if got := sub(); got != otherID {
		t.Errorf("signed in as %s, want %s", got, otherID)
	}
	s.want(200, "GET", other, nil)
	page := s.Browser().Login(s.AuthorizeURL(app), "other@example.com", "a-Str0ng-Passphrase!")
	token := s.Exchange(app, page.Param("code")).Text("id_token")
	s.want(201, "POST", path+"/identities", fmt.Sprintf(`{"link_with":%q}`, token))
	s.want(204, "DELETE", path, nil)
	if page := s.Browser().Login(s.AuthorizeURL(app), "other@example.com", "a-Str0ng-Passphrase!"); page.Param("code") != "" {
		t.Error("a linked account outlived its user")
	}
}

func TestUsersHaveNoFactors(t *testing.T) {
	s := open(t)
	path, _ := s.person("")
	if got := s.want(200, "GET", path+"/enrollments", nil); strings.TrimSpace(got.text) != "[]" {
		t.Errorf("the enrolments: %s", got.text)
	}
	s.want(204, "POST", path+"/multifactor/actions/invalidate-remember-browser", nil)
	s.want(404, "GET", "/users/auth0%7Cnobody/enrollments", nil)
	s.want(404, "POST", "/users/auth0%7Cnobody/multifactor/actions/invalidate-remember-browser", nil)
}
