package api_test

import (
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

func direct(s *tenant, db *store.DB) *api.Direct {
	t := s.App.Tenants[0]
	return (&api.Handler{Issuer: s.Issuer, Tenant: t.Name, Domains: t.Domains, DB: db, Keys: t.Keys, Events: t.Events}).Direct("a test")
}

// What is made in the process is what HTTP shows, under the ids that were stated.
func TestDirectStatesIDs(t *testing.T) {
	s := open(t)
	d := direct(s, s.DB)
	for path, made := range map[string]api.Request{
		"/clients/aaa":               {Path: "/clients", ID: "aaa", Body: map[string]any{"name": "A"}},
		"/resource-servers/bbb":      {Path: "/resource-servers", ID: "bbb", Body: map[string]any{"identifier": "https://b.example.com/"}},
		"/connections/con_ccc":       {Path: "/connections", ID: "con_ccc", Body: map[string]any{"name": "ccc", "strategy": "auth0"}},
		"/roles/rol_ddd":             {Path: "/roles", ID: "rol_ddd", Body: map[string]any{"name": "D"}},
		"/client-grants/cgr_eee":     {Path: "/client-grants", ID: "cgr_eee", Body: map[string]any{"client_id": s.admin.ID, "audience": "https://e.example.com/", "scope": []string{}}},
		api.Path("users", "auth0|f"): {Path: "/users", Body: map[string]any{"user_id": "f", "connection": "email-codes", "email": "f@example.com"}},
	} {
		switch made.ID {
		case "cgr_eee":
			s.API("https://e.example.com/")
		case "":
			s.want(201, "POST", "/connections", map[string]any{"name": "email-codes", "strategy": "email"})
			path = api.Path("users", "email|f")
		}
		made.Method = "POST"
		if _, err := d.Do(t.Context(), made); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		s.want(200, "GET", path, nil)
	}
	for _, e := range s.EventRecords() {
		if e.Details["channel"] == "a test" && e.Details["id"] == "aaa" && e.Type == "sapi" {
			return
		}
	}
	t.Error("no event says who made the application aaa")
}

func TestDirectRefusesAsHTTPDoes(t *testing.T) {
	s := open(t)
	d := direct(s, s.DB)
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/clients", map[string]any{"name": "<b>"}},
		{"POST", "/clients", map[string]any{"name": "A", "nonsense": 1}},
		{"GET", "/clients/nobody", nil},
		{"GET", "/nowhere", nil},
		{"POST", "/device-credentials", map[string]any{}},
	} {
		_, err := d.Do(t.Context(), api.Request{Method: c.method, Path: c.path, Body: c.body})
		text, status, ok := api.Refusal(err)
		if over := s.call(c.method, c.path, c.body); !ok || status != over.status || text != over.at("message") {
			t.Errorf("%s %s: %d %q in the process, %d %q over HTTP", c.method, c.path, status, text, over.status, over.at("message"))
		}
	}
	if d.Built("POST", "/device-credentials") || !d.Built("PATCH", "/clients/x") {
		t.Error("Built does not say what is built")
	}
	list, err := d.Do(t.Context(), api.Request{Method: "GET", Path: "/clients", Query: url.Values{"fields": {"client_id"}, "per_page": {"1"}}})
	if all, ok := list.([]any); err != nil || !ok || len(all) != 1 || len(all[0].(map[string]any)) != 2 {
		t.Errorf("a page of one application by its id: %v %v", list, err)
	}
}

// A door to a database inside a transaction leaves nothing behind when that is given up.
func TestDirectWithinATransaction(t *testing.T) {
	s := open(t)
	given := errors.New("given up")
	err := s.DB.Together(t.Context(), func(in *store.DB) error {
		d := direct(s, in)
		if _, err := d.Do(t.Context(), api.Request{Method: "POST", Path: "/clients", ID: "aaa", Body: map[string]any{"name": "A"}}); err != nil {
			return err
		}
		if _, err := d.Do(t.Context(), api.Request{Method: "POST", Path: "/client-grants", Body: map[string]any{"client_id": "aaa", "audience": "nowhere", "scope": []any{}}}); err == nil {
			t.Error("a grant for an API that does not exist was taken")
		}
		if _, err := d.Do(t.Context(), api.Request{Method: "PATCH", Path: "/clients/aaa", Body: map[string]any{"description": "still there"}}); err != nil {
			t.Errorf("after a refusal: %v", err)
		}
		return given
	})
	if !errors.Is(err, given) {
		t.Fatal(err)
	}
	s.want(404, "GET", "/clients/aaa", nil)
}

func TestTrim(t *testing.T) {
	d := direct(open(t), nil)
	body := map[string]any{
		"name": "c", "strategy": "auth0", "id": "con_1", "nonsense": true, "realms": []any{"c"},
		"options": map[string]any{"passwordPolicy": "good", "nonsense": 1, "mfa": map[string]any{"active": true, "what": 1}},
	}
	if got := d.Trim("POST", "/connections", body); !slices.Equal(got, []string{"nonsense", "options.mfa.what", "options.nonsense"}) {
		t.Errorf("not known are %q", got)
	}
	options := body["options"].(map[string]any)
	if _, id := body["id"]; id || len(body) != 4 || len(options) != 2 || len(options["mfa"].(map[string]any)) != 1 {
		t.Errorf("left is %v", body)
	}
}
