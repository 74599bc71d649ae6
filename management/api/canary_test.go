package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
)

// at wraps a value into the objects and lists that lead to it.
func at(path []string, value any) any {
	for _, name := range slices.Backward(path) {
		if name == "[]" {
			value = []any{value}
			continue
		}
		value = map[string]any{name: value}
	}
	return value
}

// secretive are names of fields whose values are secrets.
var secretive = regexp.MustCompile(`(?i)secret|password$|passwd|token$|api_?key|_key$|skey|private|credentials?$|authorization$|p12|hash|jti`)

// told reports the texts that were sent in what is kept of requests, each message once.
func (s *tenant) told(text string) {
	s.t.Helper()
	told := map[string]bool{}
	tell := func(where, line string) {
		if message := fmt.Sprintf("%s has it: %.500s", where, line); !told[message] {
			told[message] = true
			s.t.Error(message)
		}
	}
	for line := range strings.Lines(s.Log.String()) {
		if strings.Contains(line, text) {
			var entry struct{ Err, Path string }
			_ = json.Unmarshal([]byte(line), &entry)
			tell("the log", entry.Path+" "+entry.Err)
		}
	}
	for _, e := range s.EventRecords() {
		record, err := json.Marshal(e)
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(record), text) {
			tell("the event "+e.Type, e.Description)
		}
	}
}

// TestWhatIsRefusedIsNotKept sends a text in every field of every body, alone and as what the field cannot be: whether it is
// taken or refused, neither the log nor an event has it, and no refusal says a secret again.
func TestWhatIsRefusedIsNotKept(t *testing.T) {
	const canary = "canary-4f1a9c"
	s := open(t)
	sent := 0
	for _, k := range api.Endpoints() {
		if !k.Built || k.Body == "" || k.Body == "any" || k.Body == "raw" {
			continue
		}
		for _, path := range api.Texts(k.Body) {
			name := path[len(path)-1]
			for _, value := range []any{canary, map[string]any{"x": canary}, strings.Repeat(canary+"\x01<>", 300)} {
				sent++
				a := s.call(k.Method, somewhere(k.Path), at(path, value))
				if a.status >= 500 || a.status == 400 && secretive.MatchString(name) && strings.Contains(a.text, canary) {
					t.Errorf("%s %s, %v: %d %.300s", k.Method, k.Path, path, a.status, a.text)
				}
			}
		}
	}
	if sent < 2000 {
		t.Errorf("only %d texts were sent", sent)
	}
	s.told(canary)
}

// TestWhatIsTakenIsNotKept gives secrets of every kind, has them changed and deleted, and reads all back: the log and the
// events are without them, and so is every answer to somebody whose scopes do not reach the keys.
func TestWhatIsTakenIsNotKept(t *testing.T) {
	const canary = "canary-4f1a9c"
	s := open(t)
	e := furnish(t, s, "taken")
	secret := strings.NewReplacer("hunter2", canary, "s3cret", canary, "k3y", canary, "aHVudGVyMg==", "Y2FuYXJ5LTRmMWE5Yw==")
	for n, r := range resources {
		r = r.prepared(s)
		r.least = secret.Replace(r.least)
		id := r.make(s, 70+n)
		if r.change != "" {
			s.want(200, "PATCH", r.path+"/"+id, secret.Replace(r.change))
		}
		s.call("DELETE", r.path+"/"+id, nil)
	}
	for _, v := range singletons {
		if v.least != "" {
			s.want(201, "POST", v.path, secret.Replace(v.least))
		}
		method := "PATCH"
		if _, patched := known(method, v.path); !patched {
			method = "PUT"
		}
		s.want(200, method, v.path, secret.Replace(v.change))
	}
	client, user := "/clients/"+e.ids["/clients"], "/users/"+url.PathEscape(e.ids["/users"])
	for path, body := range map[string]string{
		client: `{"client_secret":"` + canary + strings.Repeat("x", 20) + `","addons":{"firebase":{"secret":"` + canary + `","private_key":"` + canary + `"}}}`,
		user:   `{"connection":"Username-Password-Authentication","password":"Aa7!` + canary + `"}`,
		"/actions/actions/" + e.ids["/actions/actions"]: `{"secrets":[{"name":"K","value":"` + canary + `"}]}`,
		"/connections/" + e.ids["/connections"]:         `{"options":{"signInEndpoint":"https://idp.example.com/","signingCert":"` + canary + `"}}`,
	} {
		s.want(200, "PATCH", path, body)
	}
	s.want(201, "POST", "/connections", `{"name":"secretive","strategy":"oidc","options":{"client_id":"c","client_secret":"`+canary+`","issuer":"https://idp.example.com/",
		"authorization_endpoint":"https://idp.example.com/a","token_endpoint":"https://idp.example.com/t","jwks_uri":"https://idp.example.com/j","type":"back_channel"}}`)
	reader := s.sign(map[string]any{"scope": "read:clients read:users read:actions read:logs"})
	for _, path := range []string{client + "?fields=client_id,client_secret", client + "?fields=client_secret", "/clients?fields=client_id,client_secret", user, "/users", "/users?fields=password,password_hash",
		"/actions/actions", "/actions/actions/" + e.ids["/actions/actions"], "/logs?per_page=100"} {
		if a := s.as(reader, "GET", path, nil); a.status != 200 || strings.Contains(a.text, canary) || strings.Contains(a.text, "argon2") {
			t.Errorf("GET %s by a reader: %d %.400s", path, a.status, a.text)
		}
	}
	s.told(canary)
}
