package auth0_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/auth0"
)

// A broken file is named with its line and with what to change, and so are all others of the export at once.
func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		of    string // the file of the export; empty: the folder
		want  string
	}{
		{"a comma too many", map[string]string{"clients/A.json": "{\n  \"name\": \"A\",\n}"}, "", "clients/A.json:3: this is not JSON: invalid character '}' looking for beginning of object key string: take out the comma before it"},
		{"a comma missing", map[string]string{"clients/A.json": "{\n  \"name\": \"A\"\n  \"app_type\": \"spa\"\n}"}, "", "clients/A.json:3: this is not JSON: invalid character '\"' after object key:value pair: put a comma before it"},
		{"single quotes", map[string]string{"roles/A.json": "{\n  'name': 'A'\n}"}, "", "roles/A.json:2: this is not JSON: invalid character '\\'' looking for beginning of object key string: texts stand in double quotes"},
		{"a keyword outside of quotes", map[string]string{"roles/A.json": "{\n  \"name\": @@NAME@@\n}"}, "", "roles/A.json:2: this is not JSON: invalid character '@' looking for beginning of value: give the keyword a value"},
		{"cut off", map[string]string{"tenant.json": "{\n  \"friendly_name\":"}, "", "tenant.json:2: the JSON ends too early: close what is open, or export it again"},
		{"two values", map[string]string{"tenant.json": "{}\n{}"}, "", "tenant.json:2: after the JSON value there is more: take it out"},
		{"empty", map[string]string{"tenant.json": "\n"}, "", "tenant.json: the file is empty"},
		{"a text for an object", map[string]string{"clients/A.json": "[\n{\"name\":\"A\"},\n\"B\"\n]"}, "", "clients/A.json:3: clients is not an object with properties"},
		{"a page that is not there", map[string]string{"emails/welcome_email.json": `{"template":"welcome_email","body":"./hello.html"}`}, "", "emails/welcome_email.json:1: body: the file emails/hello.html does not exist: put it there, or export again"},
		{"a database without its file", map[string]string{"database-connections/users/login.js": ""}, "", "database-connections/users/database.json: the file database-connections/users/database.json does not exist"},
		{"YAML with a tab", map[string]string{"tenant.yaml": "clients:\n\t- name: A\n"}, "tenant.yaml", "tenant.yaml:2: this is not YAML"},
		{"YAML quotes", map[string]string{"tenant.yaml": "clients:\n  - name: 'A\n"}, "tenant.yaml", "tenant.yaml:2: this is not YAML"},
		{"YAML of nothing", map[string]string{"tenant.yaml": "# nothing\n"}, "tenant.yaml", "tenant.yaml: the file is not one YAML document"},
		{"YAML that is a list", map[string]string{"tenant.yaml": "- clients\n"}, "tenant.yaml", "tenant.yaml: the file has no kinds at its top"},
		{"code that is not there", map[string]string{"tenant.yaml": "tenant: {}\nactions:\n  - name: A\n    code: ./actions/A/code.js\n"}, "tenant.yaml", "tenant.yaml:3: code: the file actions/A/code.js does not exist"},
	} {
		_, err := auth0.Read(filepath.Join(folder(t, c.files), c.of), nil)
		if _, ok := errors.AsType[auth0.Faults](err); !ok || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v\n\twant %s", c.name, err, c.want)
		}
	}
	_, err := auth0.Read(folder(t, map[string]string{"clients/A.json": "{", "clients/B.json": "[", "clients/C.json": `{"name":"C"}`}), nil)
	if faults, _ := errors.AsType[auth0.Faults](err); len(faults) != 2 {
		t.Errorf("two broken files: %v", err)
	}
	if _, err := auth0.Read(filepath.Join(t.TempDir(), "nowhere"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no export: %v", err)
	}
}

// What an export includes lies in its folder.
func TestIncludesStayInside(t *testing.T) {
	dir := folder(t, map[string]string{
		"outside.js":         "stolen",
		"in/actions/A.json":  `{"name":"A","code":"../outside.js"}`,
		"in/actions/B.json":  `{"name":"B","code":"./link.js"}`,
		"in/clients/C.json":  `{"client_id":"c","name":"C","custom_login_page":"../../outside.js"}`,
		"in/unknown/D.json":  `{}`,
		"in/README.md":       "",
		"in/.git/config":     "",
		"in/config.json":     "{}",
		"in/rules/Old.json":  `{"name":"Old"}`,
		"in/guardian/x.json": `{}`,
	})
	if err := os.Symlink(filepath.Join(dir, "outside.js"), filepath.Join(dir, "in", "link.js")); err != nil {
		t.Fatal(err)
	}
	_, err := auth0.Read(filepath.Join(dir, "in"), nil)
	faults, _ := errors.AsType[auth0.Faults](err)
	if len(faults) != 2 || strings.Contains(err.Error(), "stolen") {
		t.Fatalf("two files from outside: %v", err)
	}
	for _, name := range []string{"A.json", "B.json"} {
		if err := os.Remove(filepath.Join(dir, "in", "actions", name)); err != nil {
			t.Fatal(err)
		}
	}
	e := read(t, filepath.Join(dir, "in"), nil)
	var strange []string
	for _, at := range e.Strange {
		strange = append(strange, at.String())
	}
	if got := strings.Join(strange, " "); got != "guardian/x.json link.js unknown" {
		t.Errorf("strange are %q", got)
	}
	for _, it := range e.Items {
		if it.Name == "C" && it.Body["custom_login_page"] != "../../outside.js" {
			t.Errorf("the login page is %q", it.Body["custom_login_page"])
		}
	}
}

func TestKeywords(t *testing.T) {
	k, err := auth0.ReadKeywords("config.json", []byte(`{"AUTH0_DOMAIN":"x","AUTH0_KEYWORD_REPLACE_MAPPINGS":{"ENV":"prod","URLS":["https://a.example.com","https://b.example.com"],"N":5,"MORE":"\"https://c.example.com\""}}`),
		[]string{"ENV=dev", "FROM_ENV=yes", "lower=no"})
	if err != nil {
		t.Fatal(err)
	}
	e := read(t, filepath.Join(folder(t, map[string]string{"tenant.yaml": `
tenant:
  friendly_name: ##ENV## of ##FROM_ENV##, ##UNKNOWN## and @@lower@@x
  allowed_logout_urls: @@URLS@@
  enabled_locales: '@@URLS@@'
  session_lifetime: ##N##
  acr_values_supported: ["a", ##MORE##]
  support_email: ##NOBODY##
  flags: @@NOTHING@@
  support_url: "##ALSO_NOBODY##"
`}), "tenant.yaml"), k)
	b := e.Items[0].Body
	urls, _ := b["allowed_logout_urls"].([]any)
	locales, _ := b["enabled_locales"].([]any)
	more, _ := b["acr_values_supported"].([]any)
	if b["friendly_name"] != "prod of yes," { // YAML takes what follows a space and # for a comment
		t.Errorf("the name is %q", b["friendly_name"])
	}
	if len(urls) != 2 || len(locales) != 2 || b["session_lifetime"] != 5.0 || len(more) != 2 || more[1] != "https://c.example.com" {
		t.Errorf("the body is %v", b)
	}
	var missing []string
	for _, m := range e.Missing {
		missing = append(missing, m.Field+" "+m.Keyword+" "+m.At.String())
	}
	if got := strings.Join(missing, ", "); got != "flags NOTHING tenant.yaml:9, support_email NOBODY tenant.yaml:8, support_url ALSO_NOBODY tenant.yaml:10" {
		t.Errorf("without a value are %q", got)
	}
	if _, err := auth0.ReadKeywords("m.json", []byte(`[]`), nil); err == nil || !strings.HasPrefix(err.Error(), "m.json:1: the mappings are a JSON object") {
		t.Errorf("a list of mappings: %v", err)
	}
}

// An export that anybody made must not end the program.
func FuzzRead(f *testing.F) {
	f.Add("clients:\n  - name: A\n    callbacks: @@X@@\n", true)
	f.Add(`{"name": "##A##", "callbacks": [1, {"a": null}]}`, false)
	f.Add("a: &b [*b]\n", true)
	f.Add("clients: {a: 1}\n---\nx", true)
	f.Fuzz(func(t *testing.T, text string, isYAML bool) {
		dir, name := folder(t, map[string]string{"tenant.yaml": text, "clients/A.json": text}), ""
		if isYAML {
			name = "tenant.yaml"
		}
		e, err := auth0.Read(filepath.Join(dir, name), auth0.Keywords{"X": []any{"y"}, "A": "a"})
		if err == nil && e == nil {
			t.Error("neither an export nor an error")
		}
	})
}
