package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// person makes a user over the API and returns their path.
func (s *tenant) person(more string) (path, id string) {
	s.t.Helper()
	if !strings.Contains(more, `"email"`) {
		more += fmt.Sprintf(`,"email":"%s@example.com"`, strings.ToLower(store.RandomID(12)))
	}
	made := s.want(201, "POST", "/users", `{"connection":"Username-Password-Authentication","password":"a-Str0ng-Passphrase!"`+more+`}`)
	id = made.at("user_id").(string)
	return "/users/" + url.PathEscape(id), id
}

func TestCreateUser(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/users", `{"connection":"Username-Password-Authentication","email":"Jane.Doe@Example.com","password":"a-Str0ng-Passphrase!"}`)
	for path, want := range map[string]any{
		"email": "jane.doe@example.com", "name": "jane.doe@example.com", "nickname": "jane.doe", "email_verified": false,
		"picture":  "https://s.gravatar.com/avatar/0cba00ca3da1b283a57287bcceb17e35?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fja.png",
		"username": nil, "user_metadata": nil, "app_metadata": nil, "blocked": nil, "password": nil, "connection": nil,
		"logins_count": nil, "last_login": nil, "last_password_reset": nil, "phone_number": nil,
	} {
		if got := made.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	id := made.at("user_id").(string)
	identity := made.at("identities").([]any)[0].(map[string]any)
	if !strings.HasPrefix(id, "auth0|") || "auth0|"+identity["user_id"].(string) != id || identity["provider"] != "auth0" ||
		identity["isSocial"] != false || identity["connection"] != store.DefaultConnection {
		t.Errorf("%s has the identity %v", id, identity)
	}
	if got := s.want(200, "GET", "/users/"+url.PathEscape(id), nil); got.text != made.text {
		t.Errorf("read again: %s, made: %s", got.text, made.text)
	}
	s.refused(s.call("POST", "/users", `{"connection":"Username-Password-Authentication","email":"JANE.doe@example.com","password":"a-Str0ng-Passphrase!"}`),
		409, "auth0_idp_error", "The user already exists.")
	full := s.want(201, "POST", "/users", `{"connection":"Username-Password-Authentication","email":"b@example.com","password":"a-Str0ng-Passphrase!",
		"user_id":"chosen","username":"Bob","given_name":"B","family_name":"C","name":"B C","nickname":"bc","picture":"https://example.com/b.png",
		"email_verified":true,"verify_email":false,"blocked":true,"user_metadata":{"a":{"b":1.5}},"app_metadata":{"c":[1]}}`)
	for path, want := range map[string]any{"user_id": "auth0|chosen", "username": "bob", "given_name": "B", "email_verified": true, "blocked": true,
		"user_metadata.a.b": 1.5, "name": "B C", "picture": "https://example.com/b.png"} {
		if got := full.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	s.refused(s.call("GET", "/users/auth0%7Cnobody", nil), 404, "inexistent_user", "The user does not exist.")
	s.want(204, "DELETE", "/users/auth0%7Cchosen", nil)
	s.want(204, "DELETE", "/users/auth0%7Cchosen", nil)
	s.want(404, "GET", "/users/auth0%7Cchosen", nil)
}

func TestUsersAreChecked(t *testing.T) {
	s := open(t)
	base := `{"connection":"Username-Password-Authentication","email":"a@example.com","password":"a-Str0ng-Passphrase!"`
	for body, message := range map[string]string{
		`{"email":"a@example.com","password":"x"}`:                                                     "Payload validation error: 'Missing required property: connection'.",
		`{"connection":"Username-Password-Authentication","email":"a@example.com"}`:                    "Payload validation error: 'Missing required property: password'.",
		`{"connection":"Username-Password-Authentication","password":"a-Str0ng-Passphrase!"}`:          "Payload validation error: 'Missing required property: email'.",
		`{"connection":"Username-Password-Authentication","email":"nobody","password":"x"}`:            "Payload validation error: 'Object didn't pass validation for format email: nobody' on property email.",
		`{"connection":"Username-Password-Authentication","email":"a@example.com","password":"short"}`: "PasswordStrengthError: Password is too weak",
		`{"connection":"none","email":"a@example.com","password":"a-Str0ng-Passphrase!"}`:              "The connection does not exist.",
		base + `,"given_name":""}`:                           "Payload validation error: 'String is too short (0 chars), minimum 1' on property given_name.",
		base + `,"name":"` + strings.Repeat("x", 301) + `"}`: "Payload validation error: 'String is too long (301 chars), maximum 300' on property name.",
		base + `,"blocked":"yes"}`:                           "Payload validation error: 'Expected type boolean but found type string' on property blocked.",
		base + `,"user_metadata":[]}`:                        "Payload validation error: 'Expected type object but found type array' on property user_metadata.",
		base + `,"logins_count":1}`:                          "Payload validation error: 'Additional properties not allowed: logins_count'.",
		base + `,"user_id":"with space"}`:                    "Payload validation error: 'String does not match pattern ^\\S*$' on property user_id.",
	} {
		if a := s.call("POST", "/users", body); a.status != 400 || a.at("message") != message {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.text, message)
		}
	}
}

func TestUpdateUser(t *testing.T) {
	s := open(t)
	path, _ := s.person(`,"email":"a@example.com","user_metadata":{"keep":1,"drop":2,"deep":{"a":1}},"app_metadata":{"x":1}`)
	s.person(`,"email":"taken@example.com"`)
	got := s.want(200, "PATCH", path, `{"user_metadata":{"drop":null,"deep":{"b":2},"new":true},"given_name":"Ann","app_metadata":{}}`)
	for at, want := range map[string]any{
		"user_metadata.keep": 1.0, "user_metadata.drop": nil, "user_metadata.deep.a": nil, "user_metadata.deep.b": 2.0,
		"user_metadata.new": true, "given_name": "Ann", "app_metadata": nil,
	} {
		if got.at(at) != want {
			t.Errorf("%s is %v, want %v in %s", at, got.at(at), want, got.text)
		}
	}
	got = s.want(200, "PATCH", path, `{"user_metadata":{},"given_name":null}`)
	if m, ok := got.at("user_metadata").(map[string]any); !ok || len(m) != 0 || got.at("given_name") != nil {
		t.Errorf("cleared: %s", got.text)
	}
	if again := s.want(200, "GET", path, nil); again.text != got.text {
		t.Errorf("read again: %s, want %s", again.text, got.text)
	}
	s.want(200, "PATCH", path, `{"email_verified":true}`)
	if got := s.want(200, "PATCH", path, `{"email":"new@example.com"}`); got.at("email") != "new@example.com" || got.at("email_verified") != false {
		t.Errorf("a new address: %s", got.text)
	}
	s.refused(s.call("PATCH", path, `{"email":"Taken@example.com"}`), 400, "auth0_idp_error", "The specified new email already exists")
	s.refused(s.call("PATCH", path, `{"username":"u","password":"x"}`), 400, "invalid_body", "Cannot update username and password simultaneously.")
	s.refused(s.call("PATCH", path, `{"email":"x@example.com","password":"x"}`), 400, "invalid_body", "Cannot update password and email simultaneously.")
	s.refused(s.call("PATCH", path, `{"user_id":"x"}`), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: user_id'.")
	s.refused(s.call("PATCH", "/users/auth0%7Cnobody", `{"name":"x"}`), 404, "inexistent_user", "The user does not exist.")
	if a := s.call("PATCH", path, `{"email":null}`); a.status != 400 {
		t.Errorf("a user without any identifier: %d %s", a.status, a.text)
	}
	m2m := s.Client(store.AppNonInteractive)
	s.grant(m2m, "update:users_app_metadata")
	token := s.tokenFor(m2m, s.Issuer+"api/v2/")
	if a := s.as(token, "PATCH", path, `{"app_metadata":{"a":1}}`); a.status != 200 {
		t.Errorf("app_metadata with its own scope: %d %s", a.status, a.text)
	}
	if a := s.as(token, "PATCH", path, `{"blocked":true}`); a.status != 403 {
		t.Errorf("blocked with the scope for app_metadata: %d %s", a.status, a.text)
	}
}

// TestUsersActAtOnce: what is changed here is in force at the next request of the user.
func TestUsersActAtOnce(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path, id := s.person(`,"email":"a@example.com","email_verified":true`)
	b := s.Browser()
	page := b.Login(s.AuthorizeURL(app, "scope", "openid offline_access"), "a@example.com", "a-Str0ng-Passphrase!")
	tokens := s.Exchange(app, page.Param("code"))
	if tokens.Status != 200 {
		t.Fatalf("no tokens: %s", tokens.Body)
	}
	if got := s.want(200, "GET", path, nil); got.at("logins_count") != 1.0 || got.at("last_login") == nil {
		t.Errorf("after a login: %s", got.text)
	}
	refresh := func() int {
		return s.Token("grant_type", "refresh_token", "client_id", app.ID, "refresh_token", tokens.Text("refresh_token")).Status
	}
	s.want(200, "PATCH", path, `{"blocked":true}`)
	if status := refresh(); status != 403 && status != 401 && status != 400 {
		t.Errorf("a blocked user refreshes: %d", status)
	}
	s.want(200, "PATCH", path, `{"blocked":false}`)
	if got := s.want(200, "PATCH", path, `{"password":"an0ther-Passphrase!"}`); got.at("last_password_reset") == nil {
		t.Errorf("after a new password: %s", got.text)
	}
	if sessions, err := s.DB.Sessions(t.Context(), id); err != nil || len(sessions) != 0 {
		t.Errorf("%d sessions are left by a new password, %v", len(sessions), err)
	}
	if status := refresh(); status == 200 {
		t.Error("the refresh token outlived the password")
	}
	if page := s.Browser().Login(s.AuthorizeURL(app), "a@example.com", "an0ther-Passphrase!"); page.Param("code") == "" {
		t.Error("the new password does not sign in")
	}
}

func TestListUsers(t *testing.T) {
	s := open(t)
	for i := range 5 {
		s.person(fmt.Sprintf(`,"email":"u%d@example.com"`, i))
		s.Clock.Advance(1e9)
	}
	list := s.want(200, "GET", "/users?include_totals=true&per_page=2&page=1", nil)
	users := list.at("users").([]any)
	if list.at("start") != 2.0 || list.at("limit") != 2.0 || list.at("total") != 5.0 || list.at("length") != 2.0 || len(users) != 2 ||
		users[0].(map[string]any)["email"] != "u2@example.com" {
		t.Errorf("the second page: %s", list.text)
	}
	if past := s.want(200, "GET", "/users?include_totals=true&per_page=2&page=9", nil); past.at("start") != 18.0 || past.at("length") != 0.0 {
		t.Errorf("past the end: %s", past.text)
	}
	if only := s.want(200, "GET", "/users?include_totals=true&per_page=0", nil); only.at("total") != 5.0 || only.at("length") != 0.0 {
		t.Errorf("only totals: %s", only.text)
	}
	plain := s.want(200, "GET", "/users?fields=email&sort=email:-1", nil)
	if len(plain.list()) != 5 || plain.text[:27] != `[{"email":"u4@example.com"}` {
		t.Errorf("sorted: %s", plain.text)
	}
	s.refused(s.call("GET", "/users?per_page=100&page=10", nil), 400, "invalid_paging", "You can only page through the first 1000 records.")
	if a := s.call("GET", "/users?sort=password_hash:1", nil); a.status != 400 {
		t.Errorf("sorted by what is no field: %d", a.status)
	}
	if by := s.want(200, "GET", "/users-by-email?email=U1@example.com&fields=email,user_id", nil); len(by.list()) != 1 {
		t.Errorf("by e-mail address: %s", by.text)
	}
	if by := s.want(200, "GET", "/users-by-email?email=none@example.com", nil); by.text != "[]\n" && by.text != "[]" {
		t.Errorf("by an unknown address: %s", by.text)
	}
	if a := s.call("GET", "/users-by-email", nil); a.status != 400 {
		t.Errorf("without an address: %d", a.status)
	}
}

func TestSearchUsers(t *testing.T) {
	s := open(t)
	s.person(`,"email":"jane@example.com","username":"janey","name":"Jane Doe","given_name":"Jane","app_metadata":{"plan":"gold","level":5,"on":true,"roles":["a","b"],"deep":{"x":"y"}}`)
	s.person(`,"email":"john@example.org","name":"John [Q] 100% \"Quote\"","blocked":true,"user_metadata":{"color":"Blue"}`)
	s.person(`,"email":"json@other.example.com","name":"Élodie","app_metadata":{"on":false,"empty":[]}`)
	day := s.Clock.Now().UTC().Format("2006-01-02")
	for q, want := range map[string]string{
		`email:"jane@example.com"`: "jane", `email:JANE@example.com`: "jane", `username:janey`: "jane", `name:"jane doe"`: "jane",
		`name:élodie`: "json", `email:j*`: "jane john json", `email:*example.com`: "jane json", `email:*ample*`: "jane john json",
		`name:jane`: "", `email.domain:"example.org"`: "john", `blocked:true`: "john", `blocked:false`: "jane json",
		`email:j* AND NOT blocked:true`: "jane json", `email:jane@example.com OR username:"nobody" OR name:Élodie`: "jane json",
		`(email:jane@example.com OR email:john@example.org) AND blocked:true`: "john", `email:(jane@example.com OR john@example.org)`: "jane john",
		`-blocked:true email:json*`: "json", `NOT username:janey`: "john json", `_exists_:username`: "jane", `NOT _exists_:username`: "john json",
		`name:"john [q] 100% \"quote\""`: "john", `app_metadata.plan:gold`: "jane", `app_metadata.plan:"Gold"`: "", `app_metadata.level:5`: "jane",
		`app_metadata.on:true`: "jane", `app_metadata.on:false`: "json", `app_metadata.on:1`: "", `app_metadata.roles:b`: "jane", `app_metadata.roles:c`: "",
		`app_metadata.deep.x:y`: "jane", `app_metadata.plan:go*`: "jane", `_exists_:app_metadata.roles`: "jane", `_exists_:app_metadata.empty`: "",
		`user_metadata.color:Blue`: "john", `user_metadata.color:blue`: "", `janey`: "jane", `logins_count:0`: "jane john json", `logins_count:[1 TO *]`: "",
		`logins_count:{0 TO 5]`: "", `created_at:` + day: "jane john json", `created_at:[2020-01-01 TO ` + day + `]`: "jane john json",
		`created_at:[* TO ` + day + `}`: "", `created_at:{` + day + ` TO *]`: "", `created_at:[2020-01-01T00:00:00.000Z TO 2021-01-01T00:00:00Z]`: "",
		`identities.connection:"Username-Password-Authentication"`: "jane john json", `identities.provider:google-oauth2`: "",
		`email:jane' OR '1'='1`: "", `name:*`: "jane john json",
	} {
		got := []string{}
		a := s.want(200, "GET", "/users?search_engine=v3&fields=email&sort=email:1&q="+url.QueryEscape(q), nil)
		for _, u := range a.list() {
			name, _, _ := strings.Cut(u.(map[string]any)["email"].(string), "@")
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %q", q, got, want)
		}
	}
	for _, q := range []string{`unknown:x`, `email:"open`, `(email:a`, `email:a)`, `email:`, `user_metadata.color:B*`, `blocked:maybe`, `created_at:yesterday`,
		`email:*ab`, `a*b`, `logins_count:[1 TO`, `app_metadata.a'b:x`, `:`, `AND`, strings.Repeat("(", 50), strings.Repeat("a ", 100)} {
		if a := s.call("GET", "/users?q="+url.QueryEscape(q), nil); a.status != 400 || a.at("errorCode") != "invalid_query_string" {
			t.Errorf("%s: %d %s", q, a.status, a.text)
		}
	}
	if a := s.want(200, "GET", "/users?connection=other&include_totals=true", nil); a.at("total") != 0.0 {
		t.Errorf("users of another connection: %s", a.text)
	}
}

// TestUserOfTheGoSDK is what the tests of Auth0's Go SDK make: a password whose special characters are spaces.
func TestUserOfTheGoSDK(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/users", `{"connection":"Username-Password-Authentication","email":"chuck404@example.com",
		"password":"Passwords hide their chuck","username":"test-user7","given_name":"Chuck","family_name":"Sanchez","nickname":"Chucky",
		"user_metadata":{"favourite_attack":"roundhouse_kick"},"app_metadata":{"facts":["a","b"]},"email_verified":true,"verify_email":false,
		"picture":"https://example-picture-url.jpg","blocked":false}`)
	path := "/users/" + url.PathEscape(made.at("user_id").(string))
	got := s.want(200, "PATCH", path, `{"connection":"Username-Password-Authentication","password":"I don't need one","app_metadata":{"foo":"bar"}}`)
	if got.at("app_metadata.foo") != "bar" || len(got.at("app_metadata.facts").([]any)) != 2 {
		t.Errorf("updated: %s", got.text)
	}
	if found := s.want(200, "GET", "/users?include_totals=true&per_page=50&q="+url.QueryEscape(`username:"test-user7"`), nil); found.at("length") != 1.0 {
		t.Errorf("searched: %s", found.text)
	}
	if found := s.want(200, "GET", "/users?include_totals=true&per_page=50&search_engine=v3&q="+url.QueryEscape(`email:"chuck404@example.com"`), nil); found.at("length") != 1.0 {
		t.Errorf("searched: %s", found.text)
	}
	if logs := s.want(200, "GET", path+"/logs?include_totals=true&per_page=50", nil); len(logs.object()) != 0 && logs.at("length") != 0.0 {
		t.Errorf("logs: %s", logs.text)
	}
}
