package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/management"
)

const bulkUsers = `[
	{"email":"a@example.com","user_id":"a","username":"ann","email_verified":true,"user_metadata":{"n":1},"app_metadata":{"plan":"x"},
		"password_hash":"$2b$10$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"},
	{"email":"b@example.com","user_id":"auth0|b","blocked":true,
		"custom_password_hash":{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}},
	{"email":"c@example.com","user_id":"c","created_at":"2020-01-02T03:04:05.678Z","logins_count":7}
]`

// TestUsersThereAndBack: what one tenant exports another imports, hashes too, and exports the same.
func TestUsersThereAndBack(t *testing.T) {
	here, there := newAdminTest(t), newAdminTest(t)
	dir := t.TempDir()
	file, packed := filepath.Join(dir, "users.json"), filepath.Join(dir, "out.ndjson.gz")
	if err := os.WriteFile(file, []byte(bulkUsers), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := here.must("", "user", "import", file, "--dry-run"); got["inserted"] != 3.0 || len(here.list("user", "list")) != 0 {
		t.Errorf("the dry run comes to %v", got)
	}
	if got := here.must("", "user", "import", file); fmt.Sprint(got) != "map[failed:0 inserted:3 total:3 updated:0]" {
		t.Errorf("the import comes to %v", got)
	}
	if got := here.must("", "user", "export", "--password-hashes", "--output", packed); got["users"] != 3.0 {
		t.Errorf("the export comes to %v", got)
	}
	if info, err := os.Stat(packed); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with hashes is %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("the export left %v", left)
	}
	if got := there.must("", "user", "import", packed); got["inserted"] != 3.0 {
		t.Errorf("the import of the export comes to %v", got)
	}
	export := func(a admin, args ...string) string {
		t.Helper()
		code, out, errs := a.run("", append([]string{"user", "export"}, args...)...)
		if code != 0 {
			t.Fatalf("%v: %d %s", args, code, errs)
		}
		return out
	}
	for _, args := range [][]string{{"--password-hashes"}, {"--format", "json"}, {"--format", "csv"}} {
		if a, b := export(here, args...), export(there, args...); a != b || strings.Count(a, "@example.com") < 3 {
			t.Errorf("%v: here\n%s\nthere\n%s", args, a, b)
		}
	}
	with, without := export(here, "--password-hashes"), export(here)
	if !strings.Contains(with, "$2b$10$abc") || !strings.Contains(with, "5f4dcc3b") || strings.Contains(without, "$2b$") || strings.Contains(without, "5f4dcc") {
		t.Errorf("with hashes\n%s\nwithout\n%s", with, without)
	}
	if got := export(here, "--format", "csv", "--field", "email", "--field", "user_metadata.n=number", "--limit", "2"); got != "\"email\",\"number\"\n\"'a@example.com\",1\n\"'b@example.com\",\n" {
		t.Errorf("the CSV is %s", got)
	}
	if got := export(here, "--format", "json", "--field", "user_id", "--connection", "Username-Password-Authentication"); got != "[\n{\"user_id\":\"auth0|a\"},\n{\"user_id\":\"auth0|b\"},\n{\"user_id\":\"auth0|c\"}\n]\n" {
		t.Errorf("the array is %s", got)
	}
}

func TestUserImportRefusals(t *testing.T) {
	a := newAdminTest(t)
	dir := t.TempDir()
	failures := filepath.Join(dir, "refused.ndjson")
	code, out, errs := a.run(`{"email":"a@example.com"} {"email":"x"} {"email":"a@example.com"}`, "user", "import", "-", "--failures", failures)
	if code != 1 || !strings.Contains(errs, "2 of 3 users were refused") || !strings.Contains(errs, "user 2: Error in email property") || !strings.Contains(out, "inserted") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if text, err := os.ReadFile(failures); err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "DUPLICATED_USER") {
		t.Errorf("the failures are %s, %v", text, err)
	}
	if got := a.must(`{"email":"a@example.com","name":"New"}`, "user", "import", "-", "--upsert"); got["updated"] != 1.0 {
		t.Errorf("the upsert comes to %v", got)
	}
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte(`[{"email":"b@example.com"},`), 0o600); err != nil {
		t.Fatal(err)
	}
	a.refused(1, "it ends in the middle", "user", "import", broken)
	a.refused(1, "no such file", "user", "import", filepath.Join(dir, "none"))
	a.refused(1, `there is no connection "x"`, "user", "import", broken, "--connection", "x")
	a.refused(1, `there is no connection "x"`, "user", "export", "--connection", "x")
	a.refused(2, "--format is ndjson, json or csv", "user", "export", "--format", "xml")
	a.refused(2, "a CSV cannot have the whole of user_metadata", "user", "export", "--format", "csv", "--field", "user_metadata")
	if got := a.list("user", "list"); len(got) != 1 {
		t.Errorf("there are %d users", len(got))
	}
}

func TestProgress(t *testing.T) {
	var out strings.Builder
	at := time.Unix(0, 0)
	b := newBar(&out, func() time.Time { return at })
	p := management.ImportProgress{Place: 25, Size: 100, ImportSummary: management.ImportSummary{Total: 2000}}
	for range 30 { // a line in ten seconds, not more
		b.show("users.json", p)
		at = at.Add(time.Second)
	}
	if want := "users.json: 25%, 2000 users, 200 a second\nusers.json: 25%, 2000 users, 100 a second\n"; out.String() != want {
		t.Errorf("without a terminal it says\n%s", out.String())
	}
	out.Reset()
	b = newBar(&out, func() time.Time { return at })
	b.terminal = true
	for range 3 {
		b.show("users.json", p)
		at = at.Add(60 * time.Millisecond)
	}
	b.end()
	if want := "\r\x1b[Kusers.json [#######.......................]  25%  2000 users, 16667 a second\r\x1b[K"; out.String() != want {
		t.Errorf("on a terminal it draws %q", out.String())
	}
	if got := barText("f", management.ImportProgress{ImportSummary: management.ImportSummary{Total: 7}}, time.Second); got != "f: 7 users, 7 a second" {
		t.Errorf("of an unknown size: %s", got)
	}
}
