package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/proofkey/proofkey/store"
)

// FuzzBody: a body is read or refused, and what the tables say of it does not depend on how it was written.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"name":"A","callbacks":["https://app.example.com/cb"],"jwt_configuration":{"lifetime_in_seconds":36000.0}}`, `{"a":{"b":[1,2.5,-0,1e3,null,true]}}`,
		`null`, `[]`, `{}`, `"x"`, `1e999999`, `{"a":"\u0000"}`, `{"a":"\ud800"}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
		`{"identifier":"https://api.example.com/","scopes":[{"value":"read:x"}],"signing_alg":"RS256"}`, `{"client_id":"x","audience":"y","scope":["z"]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := decode(raw)
		if err != nil {
			return
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		w, err := decode(again)
		if err != nil {
			t.Fatalf("%s was read and %s is refused: %v", raw, again, err)
		}
		if bytes.Contains(again, []byte(`\u0000`)) && strings.Contains(string(again), "\x00") {
			t.Errorf("%s has NUL", again)
		}
		for _, entity := range slices.Sorted(maps.Keys(schemas())) {
			for _, m := range []mode{forCreate, forUpdate, forReplace} {
				first, second := schemaOf(entity).check(v, m, ""), schemaOf(entity).check(w, m, "")
				if (first == nil) != (second == nil) {
					t.Errorf("%s: %v, written again %v", entity, first, second)
				}
			}
		}
	})
}

// FuzzSearch: a search is a condition of bounded size, or is refused.
func FuzzSearch(f *testing.F) {
	for _, q := range []string{
		"", "jane", `email:"jane@example.com"`, "email:*@example.com AND NOT blocked:true", "(a OR b) AND c", "created_at:[2026-01-01 TO *]", "logins_count:{1 TO 5}", "_exists_:email",
		`name:"a\"b"`, "a:b:c", "NOT NOT a", "((((a))))", "a AND", "[", "email:(a OR b)", "-a +b", "a~", "é:ü", "\xff",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		w, err := parseSearch(q)
		if err != nil {
			return
		}
		if n := conditions(w); n > len(q)+1 || len(q) > maxSearch {
			t.Errorf("%q of %d bytes became %d conditions", q, len(q), n)
		}
	})
}

func conditions(w store.Condition) int {
	n := 1
	for _, of := range w.Of {
		n += conditions(of)
	}
	return n
}

// FuzzPage: the parameters of a page are in bounds or refused, and a checkpoint that was given out is read as it was.
func FuzzPage(f *testing.F) {
	f.Add("0", "50", "true", "", "")
	f.Add("-1", "101", "x", checkpointText([]string{"a", "b"}), "10")
	f.Add("99999999999999999999", "1e3", "", "bnVsbA", "\x00")
	f.Fuzz(func(t *testing.T, number, size, totals, from, take string) {
		for _, e := range []endpoint{endpoints()["GET /clients"], endpoints()["GET /users"], endpoints()["GET /connection-profiles"], endpoints()["GET /logs"]} {
			q := url.Values{"page": {number}, "per_page": {size}, "include_totals": {totals}}
			if from+take != "" {
				q.Set("from", from)
				q.Set("take", take)
			}
			if p, err := readPage(e, q); err == nil && (p.limit < 0 || p.limit > maxPage || p.offset < 0) {
				t.Errorf("%s %s: %+v", e.path, q.Encode(), p)
			}
		}
		if !utf8.ValidString(from) || len(from) > 500 {
			return
		}
		if after, err := readCheckpoint(checkpointText([]string{from, take})); utf8.ValidString(take) && len(take) < 500 && (err != nil || !slices.Equal(after, []string{from, take})) {
			t.Errorf("%q, %q came back as %q, %v", from, take, after, err)
		}
	})
}

// FuzzPEM: no text but a public key or a certificate gives a key.
func FuzzPEM(f *testing.F) {
	f.Add("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n")
	f.Add("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
	f.Add("-----BEGIN X-----\n-----END X-----")
	f.Fuzz(func(t *testing.T, text string) {
		if public, cert := readPEM(text); public != nil && !strings.Contains(text, "-----BEGIN ") || cert != nil && public == nil {
			t.Errorf("%q is %T and %v", text, public, cert)
		}
		body := document{"credential_type": "public_key", "pem": text}
		if _, err := newCredential("app", body, ""); err == nil && !strings.Contains(text, "-----BEGIN ") {
			t.Errorf("%q is a credential", text)
		}
	})
}

// FuzzPath: a path leads to the route that its segments name or to none, and variables are as they were encoded.
func FuzzPath(f *testing.F) {
	h := &Handler{}
	h.build()
	for _, path := range []string{"/clients", "/clients/a%2Fb", "/users/auth0%7Cx/roles", "/organizations/o/members/u/roles", "//clients", "/clients/..%2f", "/%", "/clients/%zz", strings.Repeat("/a", 40)} {
		f.Add(http.MethodGet, path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		r, values := h.tree.find(method, path)
		if r == nil {
			return
		}
		if r.method != method || len(values) != len(variables(r.path)) || strings.Count(r.path, "/") != strings.Count(strings.Trim(path, "/"), "/")+1 {
			t.Errorf("%s %q is %s %s with %q", method, path, r.method, r.path, values)
		}
	})
}
