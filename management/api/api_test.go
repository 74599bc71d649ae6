package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// tenant is a server with a machine to machine application that may do everything.
type tenant struct {
	*idptest.Server
	t     *testing.T
	admin store.Client
	token string
	host  string // of the requests, where it is not that of the server's address
}

func open(t *testing.T, change ...func(*app.Options)) *tenant {
	t.Helper()
	s := &tenant{Server: idptest.New(t, change...), t: t}
	s.admin = s.Client(store.AppNonInteractive)
	s.grant(s.admin, api.AllScopes())
	s.token = s.tokenFor(s.admin, s.Issuer+"api/v2/")
	return s
}

// grant gives an application a client grant for the Management API.
func (s *tenant) grant(c store.Client, scope string) store.ClientGrant {
	s.t.Helper()
	g := store.ClientGrant{ClientID: c.ID, Audience: s.Issuer + "api/v2/", Scope: scope}
	if err := s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.SaveClientGrant(s.t.Context(), &g) }); err != nil {
		s.t.Fatal(err)
	}
	return g
}

// tokenFor gets a token by client_credentials.
func (s *tenant) tokenFor(c store.Client, audience string) string {
	s.t.Helper()
	r, err := http.PostForm(s.URL+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {c.Secret}, "audience": {audience},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		s.t.Fatalf("no token: %d %v", r.StatusCode, err)
	}
	return answer.AccessToken
}

// answer is what the API said.
type answer struct {
	status int
	text   string
	body   any
	header http.Header
}

// object is the answer where it is an object.
func (a answer) object() map[string]any {
	m, _ := a.body.(map[string]any)
	return m
}

// list is the answer where it is an array.
func (a answer) list() []any {
	l, _ := a.body.([]any)
	return l
}

// at is a member of the answer, by a dotted path.
func (a answer) at(path string) any {
	v := a.body
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// call asks the API with the administrator's token; body is JSON text or anything to encode.
func (s *tenant) call(method, path string, body any) answer {
	s.t.Helper()
	return s.as(s.token, method, path, body)
}

func (s *tenant) as(token, method, path string, body any) answer {
	s.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/api/v2"+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Host = s.host
	answered, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answered.Body.Close()
	raw, err := io.ReadAll(answered.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: answered.StatusCode, text: string(raw), header: answered.Header}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			s.t.Fatalf("%s %s answers %q: %v", method, path, raw, err)
		}
	}
	return a
}

// want is call with a check of the status.
func (s *tenant) want(status int, method, path string, body any) answer {
	s.t.Helper()
	a := s.call(method, path, body)
	if a.status != status {
		s.t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.text, status)
	}
	return a
}

// refused checks a refusal's status, errorCode and message.
func (s *tenant) refused(a answer, status int, code, message string) {
	s.t.Helper()
	got, _ := a.at("errorCode").(string)
	if a.status != status || got != code || a.at("message") != message || a.at("statusCode") != float64(status) ||
		a.at("error") != http.StatusText(status) {
		s.t.Errorf("%d %s, want %d %q %q", a.status, a.text, status, code, message)
	}
}
