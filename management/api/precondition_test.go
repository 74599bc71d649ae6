package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// ifMatch asks with the tag of what was read.
func (s *tenant) ifMatch(tag, method, path, body string) idptest.Answer {
	s.t.Helper()
	return s.Do(method, "/api/v2"+path, "application/json", body, "Authorization", "Bearer "+s.token, "If-Match", tag)
}

// tag is the ETag of an entity.
func (s *tenant) tag(path string) string {
	s.t.Helper()
	a := s.call("GET", path, nil)
	tag := a.header.Get("ETag")
	if a.status != 200 || len(tag) < 10 || tag[0] != '"' || strings.Contains(tag, "W/") {
		s.t.Fatalf("GET %s: %d, tag %q", path, a.status, tag)
	}
	return tag
}

// entities makes one of each kind of thing that is read and changed at one address, with a change of it.
func (s *tenant) entities() map[string]string {
	s.t.Helper()
	made := func(status int, path, body, id string) string {
		s.t.Helper()
		return url.PathEscape(fmt.Sprint(s.want(status, "POST", path, body).at(id)))
	}
	return map[string]string{
		"/clients/" + made(201, "/clients", `{"name":"A","app_type":"native"}`, "client_id"):                                                                         `{"name":"B"}`,
		"/resource-servers/" + made(201, "/resource-servers", `{"identifier":"https://api.example.com/","name":"A"}`, "identifier"):                                  `{"name":"B"}`,
		"/connections/" + made(201, "/connections", `{"name":"second","strategy":"auth0"}`, "id"):                                                                    `{"display_name":"B"}`,
		"/users/" + made(201, "/users", `{"connection":"Username-Password-Authentication","email":"a@example.com","password":"Correct-Horse-7-Battery"}`, "user_id"): `{"nickname":"B"}`,
		"/roles/" + made(200, "/roles", `{"name":"A"}`, "id"):                                                                                                        `{"name":"B"}`,
		"/organizations/" + made(201, "/organizations", `{"name":"a"}`, "id"):                                                                                        `{"display_name":"B"}`,
		"/tenants/settings":                         `{"friendly_name":"B"}`,
		"/attack-protection/brute-force-protection": `{"max_attempts":7}`,
		"/branding": `{"logo_url":"https://example.com/logo.png"}`,
		"/prompts":  `{"identifier_first":true}`,
	}
}

// Whoever changes what another has changed since is told, and changes nothing.
func TestIfMatch(t *testing.T) {
	s := open(t)
	for path, change := range s.entities() {
		first := s.tag(path)
		if again := s.tag(path); again != first {
			t.Errorf("%s has the tags %s and %s", path, first, again)
		}
		if some := s.tag(path + "?fields=name&include_fields=true"); strings.HasPrefix(path, "/clients") && some != first {
			t.Errorf("%s: some fields have the tag %s, all have %s", path, some, first)
		}
		for _, wrong := range []string{`"x"`, `x`, `W/"x"`, strings.Trim(first, `"`), `"` + first + `"`, `"x", "y"`} {
			if a := s.ifMatch(wrong, "PATCH", path, change); a.Status != 412 || a.Text("errorCode") != "precondition_failed" || a.Text("error") != "Precondition Failed" {
				t.Errorf("PATCH %s with %s: %d %s", path, wrong, a.Status, a.Body)
			}
		}
		if now := s.tag(path); now != first {
			t.Errorf("%s was changed by what was refused", path)
		}
		a := s.ifMatch(first, "PATCH", path, change)
		second := a.Header.Get("ETag")
		if a.Status != 200 || second == first || second != s.tag(path) {
			t.Errorf("PATCH %s with its tag: %d, then %q: %s", path, a.Status, second, a.Body)
		}
		if a := s.ifMatch(first, "PATCH", path, `{}`); a.Status != 412 {
			t.Errorf("PATCH %s with the former tag: %d %s", path, a.Status, a.Body)
		}
		for _, right := range []string{"*", "W/" + second, `"x", ` + second} {
			if a := s.ifMatch(right, "PATCH", path, change); a.Status != 200 {
				t.Errorf("PATCH %s with %s: %d %s", path, right, a.Status, a.Body)
			}
		}
		if strings.Count(path, "/") < 2 || strings.HasPrefix(path, "/tenants") || strings.HasPrefix(path, "/attack") {
			continue
		}
		if a := s.ifMatch(first, "DELETE", path, ""); a.Status != 412 {
			t.Errorf("DELETE %s with the former tag: %d %s", path, a.Status, a.Body)
		}
		if a := s.ifMatch(s.tag(path), "DELETE", path, ""); a.Status > 299 {
			t.Errorf("DELETE %s with its tag: %d %s", path, a.Status, a.Body)
		}
	}
}

// Every operation that the description says takes If-Match holds to it: nothing happens with a tag of something else.
func TestEveryIfMatchCounts(t *testing.T) {
	s := open(t)
	var described struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	raw := s.call("GET", "/openapi.json", nil)
	if err := json.Unmarshal([]byte(raw.text), &described); err != nil {
		t.Fatal(err)
	}
	took := 0
	for path, methods := range described.Paths {
		for method, op := range methods {
			takes := slices.ContainsFunc(op.Parameters, func(p struct{ Name string }) bool { return p.Name == "If-Match" })
			if method == "get" {
				continue
			}
			a := s.ifMatch(`"something else"`, strings.ToUpper(method), somewhere(path), "{}")
			switch {
			case takes && a.Status < 400 && method != "delete": // what is gone may be deleted again
				t.Errorf("%s %s took a tag of something else: %d %s", method, path, a.Status, a.Body)
			case takes && a.Status == 412:
				took++
			}
		}
	}
	if took < 8 {
		t.Errorf("only %d operations were refused by their tag", took)
	}
}

// A login changes nothing that anybody edits.
func TestLoginsKeepTheTag(t *testing.T) {
	s := open(t)
	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	c := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	path := "/users/" + url.PathEscape(u.ID)
	before := s.tag(path)
	if p := s.Browser().Login(s.AuthorizeURL(c), u.Email, "Mobile-Login-7-Flow"); p.Param("code") == "" {
		t.Fatalf("the login ended at %s", p.URL)
	}
	if s.want(200, "GET", path, nil).at("logins_count") != float64(1) || s.tag(path) != before {
		t.Error("after a login the user has another tag")
	}
}

// What is changed by another door, such as the shell, is changed.
func TestOtherDoorsChangeTheTag(t *testing.T) {
	s := open(t)
	before := s.tag("/tenants/settings")
	s.Tenant(func(settings *store.TenantSettings) { settings.FriendlyName = "by another door" })
	if a := s.ifMatch(before, "PATCH", "/tenants/settings", `{"support_email":"a@example.com"}`); a.Status != 412 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// Of changes to the same thing at the same time one is made; the others are told.
func TestIfMatchRace(t *testing.T) {
	s := open(t)
	for path := range s.entities() {
		if !slices.ContainsFunc([]string{"/clients/", "/resource-servers/", "/users/", "/connections/", "/organizations/", "/tenants/settings"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
			continue
		}
		field := map[bool]string{true: "display_name", false: "name"}[strings.HasPrefix(path, "/connections") || strings.HasPrefix(path, "/organizations")]
		if strings.HasPrefix(path, "/tenants") {
			field = "friendly_name"
		}
		for round := range 3 {
			tag := s.tag(path)
			var mu sync.Mutex
			statuses, winner := map[int]int{}, ""
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					name := fmt.Sprintf("round %d, number %d", round, i)
					a := s.ifMatch(tag, "PATCH", path, fmt.Sprintf(`{%q:%q}`, field, name))
					mu.Lock()
					defer mu.Unlock()
					if statuses[a.Status]++; a.Status == 200 {
						winner = name
					}
				})
			}
			wg.Wait()
			if statuses[200] != 1 || statuses[412] != 7 {
				t.Errorf("%s: the statuses are %v, want one 200 and seven 412", path, statuses)
			}
			if got := s.want(200, "GET", path, nil).at(field); got != winner {
				t.Errorf("%s: %s is %v, the winner wrote %q", path, field, got, winner)
			}
		}
	}
}

// Without If-Match changes of different things in one entity are all made, however many come at once.
func TestNoChangeIsLost(t *testing.T) {
	s := open(t)
	id := fmt.Sprint(s.want(201, "POST", "/clients", `{"name":"A","app_type":"native"}`).at("client_id"))
	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	var wg sync.WaitGroup
	for i := range 8 {
		for path, member := range map[string]string{"/clients/" + id: "client_metadata", "/users/" + url.PathEscape(u.ID): "user_metadata"} {
			wg.Go(func() {
				body := fmt.Sprintf(`{%q:{"k%d":"v"}}`, member, i)
				if a := s.Do(http.MethodPatch, "/api/v2"+path, "application/json", body, "Authorization", "Bearer "+s.token); a.Status != 200 {
					t.Errorf("%s: %d %s", path, a.Status, a.Body)
				}
			})
		}
	}
	wg.Wait()
	for path, member := range map[string]string{"/clients/" + id: "client_metadata", "/users/" + url.PathEscape(u.ID): "user_metadata"} {
		if got, _ := s.want(200, "GET", path, nil).at(member).(map[string]any); len(got) != 8 {
			t.Errorf("%s: of 8 changes at the same time there are %v", path, got)
		}
	}
}

func TestIfMatchWhereItIsNoUse(t *testing.T) {
	s := open(t)
	for _, op := range []string{"POST /clients", "POST /keys/signing/rotate", "DELETE /users/auth0%7Cx/roles", "POST /clients/x/rotate-secret"} {
		method, path, _ := strings.Cut(op, " ")
		if a := s.ifMatch(`"x"`, method, path, `{"name":"A","roles":["x"]}`); a.Status != 400 && a.Status != 404 {
			t.Errorf("%s: %d %s", op, a.Status, a.Body)
		}
	}
	if all := s.want(200, "GET", "/clients", nil); strings.Contains(all.text, `"name":"A"`) {
		t.Error("an application was made")
	}
}
