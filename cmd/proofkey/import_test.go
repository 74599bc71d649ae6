package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/management"
)

// imports runs import auth0 on a tenant.
type imports struct {
	admin
	dir string
}

func newImportTest(t *testing.T) imports {
	t.Helper()
	i := imports{newAdminTest(t), t.TempDir()}
	i.file("export/clients/Shop.json", `{"client_id": "the-client-id-of-the-shop-000001", "name": "Shop", "app_type": "regular_web",
		"token_endpoint_auth_method": "client_secret_post", "callbacks": ["##SHOP##/callback"]}`)
	i.file("export/rules/Old.json", `{"name": "Old"}`)
	i.file("mapping.json", `{"SHOP": "https://shop.example.com"}`)
	return i
}

func (i imports) file(name, text string) string {
	i.t.Helper()
	at := filepath.Join(i.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		i.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return at
}

func (i imports) run(args ...string) (code int, stdout, stderr string) {
	i.t.Helper()
	var out, errs strings.Builder
	args = append([]string{"import", "auth0", filepath.Join(i.dir, "export"), "--config", i.config}, args...)
	code = run(i.t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// says checks the exit code and that the answer has these parts.
func (i imports) says(code int, args []string, parts ...string) {
	i.t.Helper()
	got, stdout, stderr := i.run(args...)
	if got != code {
		i.t.Errorf("exit code %d, want %d: %s\n%s", got, code, stderr, stdout)
	}
	for _, part := range parts {
		if !strings.Contains(stdout+stderr, part) {
			i.t.Errorf("nothing says %q in\n%s%s", part, stdout, stderr)
		}
	}
}

func TestImportAuth0(t *testing.T) {
	i := newImportTest(t)
	mapping := filepath.Join(i.dir, "mapping.json")
	users := i.file("users.ndjson", `{"user_id":"auth0|1","email":"jane@example.com","locale":"de"}`+"\n"+
		`{"user_id":"auth0|2","email":"joe@example.com","password_hash":"the-wrong-form-of-a-hash"}`+"\n")
	failures := filepath.Join(i.dir, "failures.ndjson")

	i.says(1, nil, "Nothing was changed", "Refused (1)\n  clients/Shop.json:2: application  Shop: the keyword ##SHOP## has no value",
		"proofkey: nothing would be applied: see the 1 refusals above\n")
	i.says(1, []string{"--mapping", mapping, "--users", users, "--users-failures", failures},
		"A dry run: nothing was changed.", "Created (1)\n  application  Shop  the-client-id-of-the-shop-000001\n",
		"Not taken over, or not in force (1)\n  rules/Old.json:1: rules  Old: Rules ended",
		"Applications that need their secret set (1)", "proofkey admin app show the-client-id-of-the-shop-000001 --show-secret",
		"2 users: 1 new, 0 get the password that they lack, 0 left as they are, 1 refused", "not kept: locale, of 1 users",
		"users.ndjson, user 2 (auth0|2): Error in password_hash property", "1 users would be refused, see above")
	if all := i.list("app", "list"); len(all) != 0 {
		t.Errorf("after a dry run there are %v", all)
	}
	raw, err := os.ReadFile(failures)
	if text := string(raw); err != nil || !strings.Contains(text, `"number":2`) || !strings.Contains(text, "joe@example.com") || strings.Contains(text, "the-wrong-form") {
		t.Errorf("the file of failures is %q (%v)", text, err)
	}

	secrets := i.file("secrets.json", `{"Shop": "the-secret-that-the-shop-has-had-for-years"}`)
	var answer importWire
	code, stdout, stderr := i.run("--mapping", mapping, "--secrets", secrets, "--users", users, "--apply", "--json")
	if code != 1 || !strings.Contains(stderr, "1 users were refused, see above; all others were imported") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, stdout)
	}
	if !answer.Applied || len(answer.Entries) != 1 || answer.Entries[0].Action != "create" || len(answer.Secrets) != 0 || len(answer.Unsupported) != 1 ||
		len(answer.Users) != 1 || answer.Users[0].Inserted != 1 || answer.Users[0].Failed != 1 {
		t.Errorf("applied: %s", stdout)
	}
	if app := i.must("", "app", "show", "the-client-id-of-the-shop-000001", "--show-secret"); app["client_secret"] != "the-secret-that-the-shop-has-had-for-years" {
		t.Errorf("the application is %v", app)
	}
	if u := i.must("", "user", "show", "auth0|1"); u["email"] != "jane@example.com" {
		t.Errorf("the user is %v", u)
	}

	i.file("users.ndjson", `{"user_id":"auth0|1","email":"jane@example.com"}`)
	i.says(0, []string{"--mapping", mapping, "--secrets", secrets, "--users", users, "--apply"}, "Applied.", "Left as they are: 1",
		"1 users: 0 new, 0 get the password that they lack, 1 left as they are, 0 refused")
}

func TestImportAuth0Refuses(t *testing.T) {
	i := newImportTest(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--secrets", i.file("a.json", `{"Store": "x"}`)}, 1, `--secrets: the export has no application "Store"`},
		{[]string{"--secrets", i.file("b.json", `{"Shop": "top-secret"`)}, 1, "is no JSON object of texts by application"},
		{[]string{"--secrets", i.file("c.json", `{"Shop": 1}`)}, 1, "is no JSON object of texts by application"},
		{[]string{"--mapping", i.file("d.json", "{\n1}")}, 1, "d.json:2: this is not JSON"},
		{[]string{"--mapping", filepath.Join(i.dir, "nowhere")}, 1, "no such file"},
		{[]string{"--users", filepath.Join(i.dir, "nowhere"), "--mapping", i.file("e.json", `{"SHOP": "https://shop.example.com"}`)}, 1, "no such file"},
		{[]string{"--tenant", "system"}, 1, "the tenant has no domain"},
		{[]string{"more"}, 2, `unexpected argument "more"`},
	} {
		code, stdout, stderr := i.run(c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) || strings.Contains(stdout+stderr, "top-secret") {
			t.Errorf("%q: exit code %d, %q, want %d and %q", c.args, code, stderr, c.code, c.want)
		}
	}
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"import", "auth0", "--config", i.config}, strings.NewReader(""), &out, &errs); code != 2 || !strings.Contains(errs.String(), "the folder of an export") {
		t.Errorf("without an export: %d %q", code, errs.String())
	}
}

func TestProgressBar(t *testing.T) {
	p := management.ImportProgress{Place: 250, Size: 1000, ImportSummary: management.ImportSummary{Total: 500}}
	if got := barText("users.ndjson", p, 2*time.Second); got != "users.ndjson [#######.......................]  25%  500 users, 250 a second" {
		t.Errorf("the bar is %q", got)
	}
	p.Size = 0
	if got := barText("users.json.gz", p, 2*time.Second); got != "users.json.gz: 500 users, 250 a second" {
		t.Errorf("without a size it is %q", got)
	}
	var out strings.Builder
	b := newBar(&out, time.Now)
	b.show("users.ndjson", p)
	b.end()
	if out.Len() > 0 {
		t.Errorf("what is no terminal gets %q", out.String())
	}
}
