package config

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

var testKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proofkey.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const valid = `
listen:
  https: :8443
tls: {cert_file: server.crt, key_file: /etc/tls/server.key}
proxies:
  - 10.0.0.0/8
  - 192.168.1.7
limits:
  max_body: 2MiB   # twice the default
  read_timeout: 45s
tenants:
  - name: main
    database: data/main.db
    domains: [https://login.example.com, "https://auth.example.com:8443"]
`

func TestLoad(t *testing.T) {
	path := write(t, valid)
	c, err := Load(path, []string{
		"PROOFKEY_MASTER_KEY=" + testKey,
		"PROOFKEY_LIMITS_READ_TIMEOUT=50s",
		"PROOFKEY_HASH_WORKERS=3",
		"PROOFKEY_TEST_POSTGRES=x",
		"PROOFKEY_PORT_443_TCP=tcp://10.0.0.1:443", // Kubernetes, beside a Service called proofkey
		"HOME=/root",
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	for _, check := range []struct {
		what      string
		got, want any
	}{
		{"listen.https", c.Listen.HTTPS, ":8443"},
		{"relative path", c.TLS.CertFile, Path(filepath.Join(dir, "server.crt"))},
		{"absolute path", c.TLS.KeyFile, Path("/etc/tls/server.key")},
		{"SQLite path", c.Tenants[0].Database.DSN(), filepath.Join(dir, "data/main.db")},
		{"proxies", fmt.Sprint(c.Proxies), "[10.0.0.0/8 192.168.1.7/32]"},
		{"size", c.Limits.MaxBody, Size(2 << 20)},
		{"environment wins", c.Limits.ReadTimeout, 50 * time.Second},
		{"integer", c.Hash.Workers, 3},
		{"default", c.ShutdownTimeout, 30 * time.Second},
		{"default in days", c.EventsRetention, 30 * 24 * time.Hour},
		{"domains", c.Tenants[0].Domains, []string{"https://login.example.com", "https://auth.example.com:8443"}},
		{"master key", len(c.MasterKeyBytes()), 32},
		{"source file", c.Source("limits.max_body"), "file proofkey.yml:9"},
		{"source environment", c.Source("limits.read_timeout"), "environment PROOFKEY_LIMITS_READ_TIMEOUT"},
		{"source default", c.Source("shutdown_timeout"), "default"},
	} {
		if !reflect.DeepEqual(check.got, check.want) {
			t.Errorf("%s: got %v, want %v", check.what, check.got, check.want)
		}
	}
}

func TestEnvironmentAlone(t *testing.T) {
	c, err := Load("", []string{
		"PROOFKEY_MASTER_KEY=" + testKey,
		"PROOFKEY_LISTEN_HTTP=127.0.0.1:3000",
		"PROOFKEY_PROXIES=10.0.0.0/8, ::1",
		`PROOFKEY_TENANTS=[{"name":"main","database":"postgres://u:pw@db/x","domains":["https://a.example"]}]`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Tenants[0].Database.String(); got != "postgres://u:xxxxx@db/x" {
		t.Errorf("masked DSN = %s", got)
	}
	if len(c.Proxies) != 2 || c.Proxies[1].String() != "::1/128" {
		t.Errorf("proxies = %v", c.Proxies)
	}
}

func TestMistakes(t *testing.T) {
	const tail = "\ntenants: [{name: a, database: a.db, domains: ['http://localhost:3000']}]\n"
	const head = "listen: {http: 127.0.0.1:3000}\n"
	for _, test := range []struct {
		name, file string
		environ    []string
		want       []string // each is part of the message; as many mistakes as there are entries
	}{
		{"unknown key", "listen: {htpp: x, http: :1}" + tail, nil, []string{"listen.htpp: no such key; did you mean listen.http? (file proofkey.yml:1)"}},
		{"unknown section", head + "limit:\n  max_body: 1MiB" + tail, nil, []string{"limit: no such key; did you mean limits?"}},
		{"nothing near", head + "wallpaper: blue" + tail, nil, []string{"wallpaper: no such key (file"}},
		{"unknown member of a tenant", head + "tenants: [{name: a, database: a.db, domain: x, domains: ['http://localhost:3000']}]", nil, []string{"tenants[0].domain: no such key; did you mean tenants[].domains?"}},
		{"unknown variable", head + tail, []string{"PROOFKEY_LISTEN_HTPP=x"}, []string{"PROOFKEY_LISTEN_HTPP: no such setting; did you mean PROOFKEY_LISTEN_HTTP?"}},
		{"duration", head + "shutdown_timeout: 30" + tail, nil, []string{`shutdown_timeout: "30" is not a duration`}},
		{"days", head + "events_retention: 1.5d" + tail, nil, []string{`events_retention: "1.5d" is not a duration`}},
		{"too few days", head + "events_retention: 23h" + tail, nil, []string{"events_retention: 23h0m0s is less than 1d"}},
		{"too many days", head + "events_retention: 4000d" + tail, nil, []string{"events_retention: 4000d is more than 3650d"}},
		{"below the bound", head + "hash: {memory: 1MiB}" + tail, nil, []string{"hash.memory: 1MiB is less than 7MiB"}},
		{"above the bound", head + "hash: {iterations: 100}" + tail, nil, []string{"hash.iterations: 100 is more than 64"}},
		{"not one of", head + "log: {level: loud}" + tail, nil, []string{`log.level: "loud" is not one of debug, info, warn, error`}},
		{"size", head + "limits: {max_body: big}" + tail, nil, []string{`limits.max_body: "big" is not a size`}},
		{"size overflow", head + "limits: {max_body: 99999999999GiB}" + tail, nil, []string{`limits.max_body: "99999999999GiB" is not a size`}},
		{"list expected", head + "proxies: 10.0.0.0/8" + tail, nil, []string{"proxies: is not a list"}},
		{"range", head + "proxies: [10.0.0.0/99]" + tail, nil, []string{`proxies: "10.0.0.0/99" is not an address range`}},
		{"value where keys stand", "listen: 3000" + tail, nil, []string{"listen: holds keys, not a value", "listen.http: neither", "tenants[0].domains[0]"}},
		{"duplicate key", "listen: {http: :1}\nlisten: {http: :2}" + tail, nil, []string{"is not YAML", "listen.http: neither", "tenants: is empty"}},
		{"address", "listen: {http: localhost}" + tail, nil, []string{`listen.http: "localhost" is not host:port`}},
		{"certificate without key", head + "tls: {cert_file: a}" + tail, nil, []string{"tls.key_file: is missing beside", "tls.cert_file: is set, but listen.https"}},
		{"https without certificate", "listen: {http: :80, https: :443}" + tail, nil, []string{"listen.https: needs a certificate"}},
		{"the Dashboard's domain", head + "dashboard: {domain: admin.example.com}" + tail, nil, []string{`dashboard.domain: "admin.example.com" is not an origin`}},
		{"the Dashboard on a tenant's domain", head + "dashboard: {domain: \"http://localhost:1\"}\ntenants: [{name: a, database: a.db, domains: [\"http://localhost:1\"]}]", nil, []string{"dashboard.domain: is the same as tenants[0].domains[0]"}},
		{"a tenant named system", head + "tenants: [{name: system, database: a.db, domains: [\"http://localhost:1\"]}]", nil, []string{"names the administrators' own database"}},
		{"http domain", head + "tenants: [{name: a, database: a.db, domains: [http://a.example]}]", nil, []string{"http is for loopback only"}},
		{"https behind nothing", head + "tenants: [{name: a, database: a.db, domains: [https://a.example]}]", nil, []string{"nor are proxies"}},
		{"slash", head + "tenants: [{name: a, database: a.db, domains: ['http://localhost:3000/']}]", nil, []string{"without a slash at the end"}},
		{"colon in a flow mapping", head + "tenants: [{name: a, database: a.db, domains: [http://localhost:3000]}]", nil, []string{"tenants[0].domains: is not a plain value; put text that has a colon in quotes", "tenants[0].domains: is empty"}},
		{"domain twice", head + "tenants: [{name: a, database: a.db, domains: ['http://localhost:3000']}, {name: b, database: b.db, domains: ['http://localhost:3000']}]", nil, []string{"tenants[1].domains[0]: is the same as tenants[0].domains[0]"}},
		{"database twice", head + "tenants: [{name: a, database: a.db, domains: ['http://localhost:3000']}, {name: b, database: a.db, domains: ['http://127.0.0.1:3000']}]", nil, []string{"tenants[1].database: is the same as tenants[0].database"}},
		{"tenant name", head + "tenants: [{name: A b, database: a.db, domains: ['http://localhost:3000']}]", nil, []string{`tenants[0].name: "A b" is not a name`}},
		{"several", "listen: {http: nowhere}\nlog: {format: xml}\nhash: {queue: 0}", nil, []string{"listen.http:", "log.format:", "hash.queue:", "tenants: is empty"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(write(t, test.file), append(test.environ, "PROOFKEY_MASTER_KEY="+testKey))
			ms, ok := err.(Mistakes)
			if !ok {
				t.Fatalf("got %v, want mistakes", err)
			}
			if len(ms) != len(test.want) {
				t.Errorf("got %d mistakes, want %d", len(ms), len(test.want))
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q\nwant it to say %q", err, want)
				}
			}
		})
	}
}

func TestMasterKey(t *testing.T) {
	const file = "listen: {http: :1}\ntenants: [{name: a, database: a.db, domains: [http://localhost]}]\n"
	for _, test := range []struct{ name, file, want string }{
		{"missing", file, "master_key: is missing; make one with: proofkey admin master-key"},
		{"short", file + "master_key: c2hvcnQ=", "master_key: is not 32 bytes in base64"},
		{"file missing", file + "master_key_file: nowhere.key", "master_key_file: open"},
		{"both", file + "master_key: " + testKey + "\nmaster_key_file: x", "set one of them"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(write(t, test.file), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "c2hvcnQ=") {
				t.Errorf("the key is in the error: %v", err)
			}
		})
	}
	path := write(t, file+"master_key_file: master.key")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "master.key"), []byte(testKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(path, nil); err != nil || len(c.MasterKeyBytes()) != 32 {
		t.Errorf("master_key_file: %v", err)
	}
}

// A file that is broken beside a secret must not be quoted.
func TestBrokenFileIsNotQuoted(t *testing.T) {
	_, err := Load(write(t, "master_key: "+testKey+"\n  x: [\n"), nil)
	if err == nil || strings.Contains(err.Error(), testKey) {
		t.Errorf("got %v", err)
	}
}

func TestPrint(t *testing.T) {
	c, err := Load(write(t, valid), []string{"PROOFKEY_MASTER_KEY=" + testKey})
	if err != nil {
		t.Fatal(err)
	}
	c.Tenants[0].Database = "postgres://u:hunter2@db/x?password=hunter2"
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, secret := range []string{testKey, "hunter2"} {
		if strings.Contains(out, secret) {
			t.Errorf("the output has the secret %s", secret)
		}
	}
	for _, k := range Keys() {
		if k.index != nil && (!strings.Contains(out, leaf(k.Path)+":") || !strings.Contains(out, k.Env)) {
			t.Errorf("%s is not in the output", k.Path)
		}
	}
	for _, want := range []string{"max_body: 2MiB", "from: file proofkey.yml:9", "from: default", "from: environment PROOFKEY_MASTER_KEY", `master_key: "(secret)"`, "read_timeout: 45s"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output does not say %q:\n%s", want, out)
		}
	}
	again, err := Load(write(t, strings.ReplaceAll(out, "(secret)", testKey)), nil)
	if err != nil {
		t.Fatalf("the output is not a configuration file: %v\n%s", err, out)
	}
	if again.Limits != c.Limits || again.Hash != c.Hash || again.Tenants[0].Name != "main" {
		t.Errorf("read back: %+v", again)
	}
}

func TestTemplate(t *testing.T) {
	var b strings.Builder
	err := Template(&b, map[string]string{"listen.http": " 127.0.0.1:1", "master_key": " " + testKey,
		"tenants": "\n  - {name: a, database: a.db, domains: [http://localhost]}"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(write(t, b.String()), nil); err != nil {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c := Config{MasterKey: "hunter2", Tenants: []Tenant{{Database: "postgres://u:hunter2@db/x"}}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(format, c); strings.Contains(out, "hunter2") {
			t.Errorf("%s prints the secret: %s", format, out)
		}
	}
}

// Every declaration is whole, and its default and bounds parse and agree.
func TestDeclarations(t *testing.T) {
	root := reflect.ValueOf(Default()).Elem()
	seen := map[string]bool{}
	for _, k := range Keys() {
		if k.Meaning == "" || k.Unit == "" || !strings.HasSuffix(k.Meaning, ".") {
			t.Errorf("%s: meaning %q, unit %q", k.Path, k.Meaning, k.Unit)
		}
		if seen[k.Path] || (k.Env != "" && seen[k.Env]) {
			t.Errorf("%s is declared twice", k.Path)
		}
		seen[k.Path], seen[k.Env] = true, true
		if k.index == nil {
			continue
		}
		v := root.FieldByIndex(k.index)
		for _, text := range []string{k.Min, k.Max, k.Default} {
			if text == "" {
				continue
			}
			if err := setText(reflect.New(v.Type()).Elem(), text, ""); err != nil {
				t.Errorf("%s: %v", k.Path, err)
			}
		}
		if err := k.inBounds(v); err != nil {
			t.Errorf("%s: the default: %v", k.Path, err)
		}
	}
}

func TestDocumentation(t *testing.T) {
	const path = "../docs/configuration.md"
	if *update {
		if err := os.WriteFile(path, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Markdown() {
		t.Errorf("%s is not what the declarations say; run: go test ./config -update", path)
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte("a: &x [*x]\n<<: {listen: !!int 3}\n"))
	f.Add([]byte("- 1\n- {b: ~}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := loader{config: Default(), keys: Keys()}
		l.file("fuzz.yml", data)
		var b strings.Builder
		if err := l.config.Print(&b); err != nil {
			t.Fatal(err)
		}
	})
}
