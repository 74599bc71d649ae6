package api_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// sign makes a token of the tenant with the claims of the administrator's application, but for the changes.
func (s *tenant) sign(change map[string]any) string {
	s.t.Helper()
	claims := map[string]any{
		"iss": s.Issuer, "sub": s.admin.ID + "@clients", "aud": s.Issuer + "api/v2/", "azp": s.admin.ID,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "scope": api.AllScopes(),
	}
	for name, v := range change {
		claims[name] = v
	}
	token, err := s.App.Tenants[0].Keys.Sign(s.t.Context(), "RS256", "JWT", claims)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// somewhere puts a plausible foreign id into a path.
func somewhere(path string) string {
	for _, name := range []string{"{user_id}", "{id}"} {
		if strings.HasPrefix(path, "/users/") {
			path = strings.Replace(path, name, "auth0%7C000000000000000000000000", 1)
		}
	}
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + "nobody%2Fhas:this%7Cid" + after
	}
	return path
}

// TestEveryEndpointChecksItsToken asks every endpoint there is, built or not, with each kind of bad token.
func TestEveryEndpointChecksItsToken(t *testing.T) {
	s := open(t)
	header := func(claims string) string { return base64.RawURLEncoding.EncodeToString([]byte(claims)) }
	good := s.sign(nil)
	broken := good[:len(good)-8] + "AAAAAAAA"
	tokens := map[string]struct {
		token, code, message string
		status               int
	}{
		"none":      {"", "", "Missing authentication", 401},
		"opaque":    {"opaque", "Bearer", "Bad HTTP authentication header format", 400},
		"unsigned":  {header(`{"alg":"none","typ":"JWT"}`) + "." + header(`{}`) + ".", "", "Invalid token", 401},
		"signature": {broken, "", "Invalid signature received for JSON Web Token validation", 401},
		"expired":   {s.sign(map[string]any{"exp": time.Now().Add(-time.Second).Unix()}), "", "Expired token received for JSON Web Token validation", 401},
		"audience":  {s.sign(map[string]any{"aud": "https://api.example.com/"}), "", "Bad audience: https://api.example.com/", 401},
		"issuer":    {s.sign(map[string]any{"iss": "https://elsewhere.test/"}), "", "Invalid token", 401},
		"nobody":    {s.sign(map[string]any{"azp": "gone", "sub": "gone@clients"}), "", "Invalid token", 401},
	}
	scopeless := s.sign(map[string]any{"scope": "read:nothing"})
	for _, e := range api.Endpoints() {
		path := somewhere(e.Path)
		for name, c := range tokens {
			a := s.as(c.token, e.Method, path, nil)
			if a.status != c.status || a.at("message") != c.message || c.code != "" && a.at("errorCode") != c.code {
				t.Errorf("%s %s with %s: %d %s", e.Method, e.Path, name, a.status, a.text)
			}
			if a.status == 401 && c.message != "Missing authentication" && !strings.HasPrefix(c.message, "Bad audience") &&
				(a.at("attributes.error") != c.message || !strings.Contains(a.header.Get("WWW-Authenticate"), `error="Invalid token"`)) {
				t.Errorf("%s with %s: %s %v", path, name, a.text, a.header["Www-Authenticate"])
			}
		}
		a := s.as(scopeless, e.Method, path, nil)
		if message, _ := a.at("message").(string); a.status != 403 || a.at("errorCode") != "insufficient_scope" ||
			!strings.HasPrefix(message, "Insufficient scope, expected any of: ") {
			t.Errorf("%s %s without its scope: %d %s", e.Method, e.Path, a.status, a.text)
		}
		a = s.as(s.token, e.Method, path, "{}")
		if !e.Built && (a.status != 403 || a.at("errorCode") != "insufficient_scope") || a.status >= 500 {
			t.Errorf("%s %s, built %v, for a foreign id: %d %s", e.Method, e.Path, e.Built, a.status, a.text)
		}
		for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			if _, err := strconv.Atoi(a.header.Get(name)); err != nil {
				t.Errorf("%s %s: %s is %q", e.Method, path, name, a.header.Get(name))
			}
		}
	}
}

func TestGrantsAreReadAtEachRequest(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNonInteractive)
	g := s.grant(app, "read:clients read:resource_servers")
	token := s.tokenFor(app, s.Issuer+"api/v2/")
	reads := func(path string, status int) {
		t.Helper()
		if a := s.as(token, "GET", path, nil); a.status != status {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.text, status)
		}
	}
	reads("/clients", 200)
	s.want(200, "PATCH", "/client-grants/"+g.ID, `{"scope":["read:resource_servers"]}`)
	reads("/clients", 403)
	reads("/resource-servers", 200)
	s.want(200, "PATCH", "/client-grants/"+g.ID, `{"scope":["read:resource_servers","read:clients","create:clients"]}`)
	reads("/clients", 200)
	if a := s.as(token, "POST", "/clients", `{"name":"A"}`); a.status != 403 {
		t.Errorf("a scope that the token does not have: %d", a.status)
	}
	s.want(204, "DELETE", "/client-grants/"+g.ID, nil)
	reads("/resource-servers", 403)
	s.want(204, "DELETE", "/clients/"+app.ID, nil)
	reads("/resource-servers", 401)
}

// A user must not get an administrator's rights by an application that asks for them.
func TestUserTokensReachTheirOwnOnly(t *testing.T) {
	s := open(t)
	u := s.User("a@example.com", "Mobile-Login-7-Flow")
	token := s.sign(map[string]any{"sub": u.ID, "scope": api.AllScopes() + " read:current_user"})
	for _, path := range []string{"/clients", "/resource-servers", "/users", "/users/auth0%7Cother"} {
		if a := s.as(token, "GET", path, nil); a.status != 403 {
			t.Errorf("%s with a user's token: %d %s", path, a.status, a.text)
		}
	}
	u.Blocked = true
	s.SaveUser(u)
	if a := s.as(token, "GET", "/clients", nil); a.status != 401 {
		t.Errorf("a blocked user: %d %s", a.status, a.text)
	}
}

func TestTransport(t *testing.T) {
	s := open(t)
	s.refused(s.call("GET", "/no-such-thing", nil), 404, "", "Not Found")
	s.refused(s.call("PUT", "/clients", nil), 404, "", "Not Found")
	for _, id := range []string{"a%00", "%ff", strings.Repeat("a", 1025)} {
		s.refused(s.call("GET", "/clients/"+id, nil), 400, "invalid_uri", "Path validation error: 'Invalid value' on property id.")
	}
	for _, body := range []string{"null", "{}", "[]", "{"} {
		s.want(200, "GET", "/clients", body)
		s.want(204, "DELETE", "/clients/none", body)
	}
	s.refused(s.call("POST", "/clients", "{"), 400, "invalid_body", "Invalid request payload JSON format")
	s.refused(s.call("POST", "/clients", `{"name":"a"}{}`), 400, "invalid_body", "Invalid request payload JSON format")
	s.refused(s.call("POST", "/clients", `{"name":"a\u0000"}`), 400, "invalid_body", "Invalid request payload JSON format")
	s.refused(s.call("POST", "/clients", `{"client_metadata":`+strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 101)), 400, "invalid_body", "Invalid request payload JSON format")
	s.refused(s.call("POST", "/clients", `[]`), 400, "invalid_body", "Payload validation error: 'Expected type object but found type array'.")
	s.refused(s.call("POST", "/clients", "null"), 400, "invalid_body", "Payload validation error: 'Expected type object but found type null'.")
	if a := s.call("POST", "/clients", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`); a.status != 413 {
		t.Errorf("a body over 1 MB: %d %.100s", a.status, a.text)
	}
	r, err := http.NewRequestWithContext(t.Context(), "HEAD", s.URL+"/api/v2/clients", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "bearer "+s.token)
	a, err := http.DefaultClient.Do(r)
	if err != nil || a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("HEAD: %v %v", a, err)
	}
	a.Body.Close()
}
