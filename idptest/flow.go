package idptest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// Verifier is a code_verifier for tests.
const Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// AuthorizeURL is the address of /authorize with a PKCE challenge of Verifier, state and nonce; more parameters come as
// names and values in turn and replace those, and an empty value removes one.
func (s *Server) AuthorizeURL(c store.Client, more ...string) string {
	q := []string{
		"response_type", "code", "client_id", c.ID, "scope", "openid profile email", "state", "the state", "nonce", "the nonce",
		"code_challenge", oauth.S256(Verifier), "code_challenge_method", "S256",
	}
	if len(c.Settings.Callbacks) > 0 {
		q = append(q, "redirect_uri", c.Settings.Callbacks[0])
	}
	values := url.Values{}
	for _, kv := range [][]string{q, more} {
		for i := 0; i+1 < len(kv); i += 2 {
			values.Set(kv[i], kv[i+1])
			if kv[i+1] == "" {
				values.Del(kv[i])
			}
		}
	}
	return s.URL + "/authorize?" + strings.ReplaceAll(values.Encode(), "+", "%20")
}

// Login opens /authorize, types the password and returns where the browser ends.
func (b *Browser) Login(address, email, password string) *Page {
	b.t.Helper()
	return b.Get(address).Submit("username", email, "password", password, "action", "default")
}

// Answer is what an endpoint answered.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	JSON   map[string]any // nil when the body is not a JSON object
}

// Text is a string member of the answer.
func (a Answer) Text(name string) string {
	s, _ := a.JSON[name].(string)
	return s
}

// Token posts a JSON body of names and values to /oauth/token.
func (s *Server) Token(fields ...string) Answer {
	s.t.Helper()
	return s.PostJSON("/oauth/token", fields...)
}

// PostJSON posts names and values as a JSON object.
func (s *Server) PostJSON(path string, fields ...string) Answer {
	s.t.Helper()
	body := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i]] = fields[i+1]
	}
	b, err := json.Marshal(body)
	s.must(err)
	return s.Do(http.MethodPost, path, "application/json", string(b))
}

// PostForm posts names and values as a form.
func (s *Server) PostForm(path string, fields ...string) Answer {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return s.Do(http.MethodPost, path, "application/x-www-form-urlencoded", v.Encode())
}

// Do sends a request with a body; headers come as names and values in turn.
func (s *Server) Do(method, path, contentType, body string, headers ...string) Answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, bytes.NewReader([]byte(body)))
	s.must(err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.server.Client().Do(r)
	s.must(err)
	defer answer.Body.Close()
	a := Answer{Status: answer.StatusCode, Header: answer.Header, Body: readAll(answer.Body)}
	if json.Unmarshal([]byte(a.Body), &a.JSON) != nil {
		a.JSON = nil
	}
	return a
}

// Exchange redeems a code of an application with Verifier.
func (s *Server) Exchange(c store.Client, code string, more ...string) Answer {
	s.t.Helper()
	fields := append([]string{"grant_type", "authorization_code", "client_id", c.ID, "code", code, "code_verifier", Verifier,
		"redirect_uri", c.Settings.Callbacks[0]}, more...)
	return s.Token(fields...)
}
