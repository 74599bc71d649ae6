package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/config"
)

// command runs the program in-process.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args   []string
		code   int
		stderr string
	}{
		{[]string{"version"}, 0, ""},
		{[]string{"--help"}, 0, ""},
		{[]string{"config"}, 0, ""},
		{[]string{"logn"}, 2, `proofkey: unknown command "logn"; did you mean login? (see: proofkey --help)`},
		{[]string{"config", "prnt"}, 2, `proofkey: unknown command "prnt"; did you mean print? (see: proofkey config --help)`},
		{[]string{"version", "--loud"}, 2, "proofkey: unknown flag: --loud (see: proofkey version --help)"},
		{[]string{"version", "x"}, 2, `proofkey: unexpected argument "x" (see: proofkey version --help)`},
		{[]string{"login"}, 2, "proofkey: --issuer and --client-id are required (see: proofkey login --help)"},
		{[]string{"login", "--client-id", "x", "--issuer", "http://login.example.com"}, 2, "proofkey: --issuer: http is for loopback only (see: proofkey login --help)"},
		{[]string{"config", "print", "--config", "/nowhere.yml"}, 1, "proofkey: configuration file: open /nowhere.yml: no such file or directory"},
	} {
		code, _, stderr := command(t, test.args...)
		if code != test.code || strings.TrimSpace(stderr) != test.stderr {
			t.Errorf("proofkey %s: %d %q\nwant %d %q", strings.Join(test.args, " "), code, stderr, test.code, test.stderr)
		}
	}
}

func TestMasterKey(t *testing.T) {
	_, first, _ := command(t, "admin", "master-key")
	_, second, _ := command(t, "admin", "master-key")
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(first))
	if err != nil || len(key) != 32 || first == second {
		t.Errorf("master keys %q and %q", first, second)
	}
}

func TestConfigInit(t *testing.T) {
	for _, domain := range []string{"http://localhost:3000", "https://login.example.com", "https://login.example.com:8443"} {
		path := filepath.Join(t.TempDir(), "proofkey.yml")
		if code, _, stderr := command(t, "config", "init", "--config", path, "--domain", domain); code != 0 {
			t.Fatalf("%s: %s", domain, stderr)
		}
		cfg, err := config.Load(path, nil)
		if err != nil {
			t.Fatalf("%s: the file that was written does not load: %v", domain, err)
		}
		if cfg.Tenants[0].Domains[0] != domain {
			t.Errorf("domains = %v", cfg.Tenants[0].Domains)
		}
		if want := map[bool]string{true: "http://127.0.0.1:3000"}[domain == "http://localhost:3000"]; cfg.Dashboard.Domain != want {
			t.Errorf("%s: the Dashboard is at %q, want %q", domain, cfg.Dashboard.Domain, want)
		}
		keyFile := filepath.Join(filepath.Dir(path), "master.key")
		before, err := os.ReadFile(keyFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{path, keyFile} {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", file, info.Mode(), err)
			}
		}
		if code, _, stderr := command(t, "config", "init", "--config", path); code != 1 || !strings.Contains(stderr, "is not overwritten") {
			t.Errorf("a second init: %d %s", code, stderr)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		command(t, "config", "init", "--config", path)
		if after, _ := os.ReadFile(keyFile); string(after) != string(before) {
			t.Error("the master key was replaced; databases sealed with it would be lost")
		}
		left, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(left) != 2 {
			t.Errorf("%d files are left, want the two", len(left))
		}
	}
	path := filepath.Join(t.TempDir(), "proofkey.yml")
	if code, _, stderr := command(t, "config", "init", "--config", path, "--domain", "http://login.example.com"); code != 1 || !strings.Contains(stderr, "loopback") {
		t.Errorf("init with a domain that cannot work: %d %s", code, stderr)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file that does not load was left")
	}
}

func TestConfigPrint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "proofkey.yml")
	command(t, "config", "init", "--config", path)
	t.Setenv("PROOFKEY_LOG_LEVEL", "debug")
	code, stdout, stderr := command(t, "config", "print", "--config", path)
	if code != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{"level: debug", "from: environment PROOFKEY_LOG_LEVEL", "from: file proofkey.yml:", "from: default"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the output does not say %q", want)
		}
	}
	t.Setenv("PROOFKEY_LOG_LEVEL", "loud")
	code, stdout, stderr = command(t, "config", "print", "--config", path)
	if code != 1 || !strings.Contains(stdout, "listen:") || !strings.Contains(stderr, `"loud" is not one of`) {
		t.Errorf("with a mistake: %d, %d bytes, %s", code, len(stdout), stderr)
	}
}
