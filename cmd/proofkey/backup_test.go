package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/backup"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/store"
)

// backups is a configured server whose backups are made and restored by the command.
type backups struct {
	admin
	dir, key, recipient string // of the files, of the private key, the public key
}

func newBackupTest(t *testing.T) backups {
	t.Helper()
	b := backups{admin: newAdminTest(t), dir: t.TempDir()}
	b.must("", "bootstrap") // makes the administrators' database, as the first start does
	b.key = filepath.Join(b.dir, "backup.key")
	code, public, errs := command(t, "backup", "keygen", "--output", b.key)
	if code != 0 {
		t.Fatal(errs)
	}
	b.recipient = strings.TrimSpace(public)
	return b
}

// elsewhere is the same server on empty databases.
func (b backups) elsewhere() backups {
	b.t.Helper()
	masterLine := regexp.MustCompile(`(?m)^master_key: .*$`)
	here, err := os.ReadFile(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.admin = newAdminTest(b.t)
	there, err := os.ReadFile(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	text := masterLine.ReplaceAll(there, masterLine.Find(here))
	if err := os.WriteFile(b.config, text, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return b
}

func (b backups) save(name string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if code, _, errs := command(b.t, "backup", "--config", b.config, "--recipient", b.recipient, "--output", path); code != 0 {
		b.t.Fatal(errs)
	}
	return path
}

// places are the databases of the configuration.
func (b backups) places() []backup.Place {
	b.t.Helper()
	cfg, err := config.Load(b.config, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := backupPlaces(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// refuses checks that a command ends with the code and one line that has the text, prints nothing, and leaves the databases empty.
func (b backups) refuses(code int, text string, args ...string) {
	b.t.Helper()
	got, stdout, stderr := command(b.t, args...)
	if got != code || !strings.Contains(stderr, text) || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || stdout != "" {
		b.t.Errorf("%s: exit code %d, stdout %q, stderr %q\nwant %d and one line with %q", strings.Join(args, " "), got, stdout, stderr, code, text)
	}
}

func (b backups) empty() {
	b.t.Helper()
	for _, p := range b.places() {
		if err := store.Empty(b.t.Context(), p.Database); err != nil {
			b.t.Errorf("%s: %v", p.Name, err)
		}
	}
}

// spoil changes the sealed secret of an application.
func (b backups) spoil(client string) {
	b.t.Helper()
	driver, name := "pgx", b.places()[0].Database
	if path, ok := strings.CutPrefix(name, "sqlite:"); ok {
		driver, name = "sqlite", path
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.t.Context(), `UPDATE clients SET secret = $1 WHERE id = $2`, []byte("another value, of some length as well"), client); err != nil {
		b.t.Fatal(err)
	}
}

// TestBackupThereAndBack: what one server saves another restores, secrets too; no verb says a secret, and nothing is written
// over.
func TestBackupThereAndBack(t *testing.T) {
	b := newBackupTest(t)
	made := b.must("", "app", "create", "--name", "Shop", "--type", "regular_web", "--callback", "https://shop.example.com/cb")
	id, secret := made["client_id"].(string), made["client_secret"].(string)
	users := filepath.Join(b.dir, "users.json")
	if err := os.WriteFile(users, []byte(bulkUsers), 0o600); err != nil {
		t.Fatal(err)
	}
	b.must("", "user", "import", users)
	private, err := os.ReadFile(b.key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(b.config)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{secret, "$2b$10$", string(regexp.MustCompile(`AGE-SECRET-KEY-\S+`).Find(private)),
		strings.TrimPrefix(string(regexp.MustCompile(`master_key: \S+`).Find(text)), "master_key: ")}
	silent := func(args ...string) string {
		t.Helper()
		code, out, errs := command(t, args...)
		if code != 0 {
			t.Fatalf("%s: %d %s", strings.Join(args, " "), code, errs)
		}
		for i, s := range secrets {
			if s == "" || strings.Contains(out+errs, s) {
				t.Errorf("%s says secret %d", args[0], i)
			}
		}
		return out
	}
	file := filepath.Join(b.dir, "backup.age")
	if out := silent("backup", "--config", b.config, "--recipient", b.recipient, "--output", file); !strings.Contains(out, "main") || !strings.Contains(out, "system") {
		t.Errorf("backup says %s", out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	b.refuses(1, "it is not overwritten", "backup", "--config", b.config, "--recipient", b.recipient, "--output", file)
	b.refuses(1, "overwrites nothing", "restore", file, "--config", b.config, "--identity", b.key)

	there := b.elsewhere()
	var report backup.Report
	out := silent("restore", file, "--config", there.config, "--identity", b.key, "--json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Tenants) != 2 || report.Tenants[0].Sealed.Secrets == 0 {
		t.Errorf("restore says %s, %v", out, err)
	}
	if got := there.must("", "app", "show", id, "--show-secret")["client_secret"]; got != secret {
		t.Error("the secret came back as another one")
	}
	export := func(a admin) string {
		t.Helper()
		code, out, errs := a.run("", "user", "export", "--password-hashes")
		if code != 0 {
			t.Fatal(errs)
		}
		return out
	}
	if here, there := export(b.admin), export(there.admin); here != there || strings.Count(here, `"email":`) != 3 {
		t.Errorf("here\n%s\nthere\n%s", here, there)
	}
	b.refuses(1, "overwrites nothing", "restore", file, "--config", there.config, "--identity", b.key)

	keys := filepath.Join(b.dir, "public.txt")
	if err := os.WriteFile(keys, []byte("# ours\n"+b.recipient+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	piped := filepath.Join(b.dir, "piped.age")
	if err := os.WriteFile(piped, []byte(silent("backup", "--config", b.config, "--recipients-file", keys, "--output", "-")), 0o600); err != nil {
		t.Fatal(err)
	}
	one := b.elsewhere()
	silent("restore", piped, "--config", one.config, "--identity", b.key, "--tenant", "main", "--sign-out")
	if err := store.Empty(t.Context(), one.places()[1].Database); err != nil {
		t.Errorf("the tenant that was not named: %v", err)
	}
	left, err := os.ReadDir(b.dir)
	if err != nil || len(left) != 5 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// TestBackupVerify: a good backup is found good, one with a secret that does not open is not, and the scratch place is gone.
func TestBackupVerify(t *testing.T) {
	b := newBackupTest(t)
	made := b.must("", "app", "create", "--name", "Shop", "--type", "regular_web", "--callback", "https://shop.example.com/cb")
	scratch := t.TempDir()
	verify := func(file string, args ...string) (code int, v verification, stdout, stderr string) {
		t.Helper()
		code, stdout, stderr = command(t, append([]string{"backup", "verify", file, "--identity", b.key, "--scratch", scratch}, args...)...)
		if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
			t.Errorf("left are %v, %v", left, err)
		}
		_ = json.Unmarshal([]byte(stdout), &v)
		return code, v, stdout, stderr
	}
	good := b.save("good.age")
	code, v, stdout, stderr := verify(good, "--config", b.config, "--json")
	passed := map[string]bool{}
	for _, c := range v.Checks {
		passed[c.Tenant+" "+c.Name] = c.OK
	}
	for _, tenant := range []string{"main", "system"} {
		for _, name := range []string{"rows", "secrets", "schema", "keys", "sign-in", "exchange", "refresh"} {
			if !passed[tenant+" "+name] {
				t.Errorf("%s of %s did not pass", name, tenant)
			}
		}
	}
	if code != 0 || !v.OK || stderr != "" {
		t.Errorf("a good backup: %d %s %s", code, stdout, stderr)
	}
	// The master key alone is enough, where no configuration is.
	cfg, err := config.Load(b.config, nil)
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(b.dir, "master.key")
	if err := os.WriteFile(keyFile, []byte(cfg.MasterKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stdout, stderr := verify(good, "--master-key-file", keyFile); code != 0 || strings.Count(stdout, " ok ") != 14 || strings.Contains(stdout, made["client_secret"].(string)) {
		t.Errorf("a good backup: %d %s %s", code, stdout, stderr)
	}

	b.spoil(made["client_id"].(string))
	code, v, stdout, stderr = verify(b.save("bad.age"), "--config", b.config, "--json")
	if code != 1 || v.OK || !strings.Contains(stdout, "clients.secret of "+made["client_id"].(string)) || !strings.Contains(stderr, "not good") {
		t.Errorf("a secret that does not open: %d %s %s", code, stdout, stderr)
	}
}

// TestBackupRefusals: each mistake is one line that says it, and nothing is left behind.
func TestBackupRefusals(t *testing.T) {
	b := newBackupTest(t)
	file := b.save("backup.age")
	there, other := b.elsewhere(), newBackupTest(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(b.dir, "cut.age")
	if err := os.WriteFile(cut, whole[:len(whole)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	restore := func(code int, text, file string, more ...string) {
		t.Helper()
		b.refuses(code, text, append([]string{"restore", file, "--config", there.config}, more...)...)
		there.empty()
	}
	restore(2, "--identity is required", file)
	restore(1, "no such file", file, "--identity", filepath.Join(b.dir, "none"))
	restore(1, "no such file", filepath.Join(b.dir, "none"), "--identity", b.key)
	restore(1, "AGE-SECRET-KEY-", file, "--identity", file)
	restore(1, "sealed to another key", file, "--identity", other.key)
	restore(1, "cut or changed", cut, "--identity", b.key)
	restore(2, `the configuration has no tenant "x"`, file, "--identity", b.key, "--tenant", "x")
	b.refuses(1, "the master key is not that of the server", "restore", file, "--config", other.config, "--identity", b.key)
	b.refuses(1, "the master key is not that of the server", "backup", "verify", file, "--config", other.config, "--identity", b.key)
	b.refuses(1, "cut or changed", "backup", "verify", cut, "--config", b.config, "--identity", b.key)
	b.refuses(2, "exclude each other", "backup", "verify", file, "--config", b.config, "--master-key-file", b.key, "--identity", b.key)

	text, err := os.ReadFile(there.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(there.config, []byte(strings.Replace(string(text), "name: main", "name: shop", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	restore(1, "the backup has no tenant shop, the configuration has no tenant main: name those to restore with --tenant", file, "--identity", b.key)
	restore(1, `the backup has no tenant "shop"`, file, "--identity", b.key, "--tenant", "shop")

	none := filepath.Join(b.dir, "none.age")
	save := func(code int, text string, args ...string) {
		t.Helper()
		b.refuses(code, text, append([]string{"backup"}, args...)...)
		if left, err := filepath.Glob(filepath.Join(b.dir, "*none.age*")); err != nil || len(left) != 0 {
			t.Errorf("left are %q, %v", left, err)
		}
	}
	save(2, "--output is required", "--config", b.config, "--recipient", b.recipient)
	save(2, "--recipient or --recipients-file is required", "--config", b.config, "--output", none)
	save(1, "lines that begin with age1", "--config", b.config, "--output", none, "--recipient", "age1wrong")
	save(1, "private key where a public one belongs", "--config", b.config, "--output", none, "--recipients-file", b.key)
	save(1, "start the server first", "--config", b.elsewhere().config, "--output", none, "--recipient", b.recipient)
	save(2, `unknown command "verfy"`, "verfy")
	b.refuses(1, "it is not overwritten", "backup", "keygen", "--output", b.key)
}

// TestKilledRestore: a restore that is killed at any moment has restored all or nothing, and can be given again.
func TestKilledRestore(t *testing.T) {
	const people = 4000
	b := newBackupTest(t)
	var users strings.Builder
	for i := range people {
		fmt.Fprintf(&users, "{\"email\":\"user%d@example.com\"}\n", i)
	}
	b.must(users.String(), "user", "import", "-")
	file := b.save("backup.age")
	restored := func(there backups) bool {
		return store.Empty(t.Context(), there.places()[0].Database) != nil
	}
	killed := 0
	there := b.elsewhere()
	for wait := 20 * time.Millisecond; ; wait += wait / 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "restore", file, "--config", there.config, "--identity", b.key)
		cmd.Env = append(os.Environ(), "PROOFKEY_TEST_COMMAND=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		alarm := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		alarm.Stop()
		if err == nil || restored(there) {
			break
		}
		killed++
	}
	if killed < 3 {
		t.Errorf("%d restores were killed", killed)
	}
	if n, err := there.open().CountUsers(t.Context(), store.UserQuery{}); err != nil || n != people {
		t.Errorf("after %d killed restores there are %d users, %v", killed, n, err)
	}
}
