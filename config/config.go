// Package config is the one place where a setting of the server process exists: its name, meaning, unit, default and
// bounds stand in the tags of [Config], and the file reader, the environment, `proofkey config print`, the file that
// `proofkey config init` writes and docs/configuration.md are all made from those tags.
//
// A value comes from the default, the YAML file or the environment, in rising order. Nothing is guessed: an unknown
// key, a value out of its bounds or a combination that cannot work is a [Mistake] that names the key, and all mistakes
// are reported together, before anything listens. Settings of a tenant (applications, users, lifetimes) are data, not
// configuration; they live in the tenant's database.
package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is what a process is told when it starts.
//
// The tags: yaml is the key, doc its meaning, unit how the value is written, default its value when unset, min and max
// its bounds, oneof the words it may be.
type Config struct {
	Listen  Listen         `yaml:"listen"`
	TLS     TLS            `yaml:"tls"`
	ACME    ACME           `yaml:"acme"`
	Proxies []netip.Prefix `yaml:"proxies" unit:"list of CIDR" doc:"Reverse proxies whose X-Forwarded-For is believed. Needed to serve https domains over listen.http."`

	MasterKey     Secret `yaml:"master_key" unit:"32 bytes, base64" doc:"Key that seals the secrets at rest of every tenant. Losing it loses them. Make one with: proofkey admin master-key. Better kept in master_key_file."`
	MasterKeyFile Path   `yaml:"master_key_file" unit:"path" doc:"File that holds the master key, instead of master_key."`

	Dashboard Dashboard `yaml:"dashboard"`

	Tenants []Tenant `yaml:"tenants" unit:"list" doc:"The tenants. A tenant is a database with one or more domains, and each domain is an issuer."`

	Log    Log    `yaml:"log"`
	Limits Limits `yaml:"limits"`
	Hash   Hash   `yaml:"hash"`

	EventsRetention time.Duration `yaml:"events_retention" unit:"duration" default:"30d" min:"1d" max:"3650d" doc:"How long the log's events are kept. What is counted from them, such as the logins of a day, reaches back as far."`

	ShutdownDelay   time.Duration `yaml:"shutdown_delay" unit:"duration" default:"1s" max:"5m" doc:"How long a stopping server says 'not ready' while it still takes requests, so that load balancers turn away first."`
	ShutdownTimeout time.Duration `yaml:"shutdown_timeout" unit:"duration" default:"30s" min:"1s" max:"1h" doc:"How long accepted requests may take to finish once the listeners are closed."`

	masterKey []byte
	sources   map[string]string // key path to where its value was set; absent means default
}

// Listen says where the server listens.
type Listen struct {
	HTTP    string `yaml:"http" unit:"host:port" doc:"Plain HTTP listener: behind a listed proxy, for loopback domains, or for the redirect to https and ACME's HTTP challenge. Empty: none."`
	HTTPS   string `yaml:"https" unit:"host:port" doc:"HTTPS listener (HTTP/2, TLS 1.2 and newer); needs tls.* or acme.*. Empty: none."`
	Metrics string `yaml:"metrics" unit:"host:port" doc:"Listener of Prometheus /metrics, for example 127.0.0.1:9464. It has no authentication: keep it off public addresses. Empty: none."`
}

// TLS names a certificate kept in files.
type TLS struct {
	CertFile Path `yaml:"cert_file" unit:"path" doc:"Certificate chain, PEM. Read again when the file changes and on SIGHUP."`
	KeyFile  Path `yaml:"key_file" unit:"path" doc:"Private key of tls.cert_file, PEM."`
}

// ACME obtains certificates for the https domains of all tenants.
type ACME struct {
	Agree     bool   `yaml:"agree" default:"false" unit:"true or false" doc:"Turns ACME on and agrees to the certificate authority's terms of service."`
	Email     string `yaml:"email" unit:"address" doc:"Where the certificate authority may write to."`
	Directory string `yaml:"directory" unit:"URL" default:"https://acme-v02.api.letsencrypt.org/directory" doc:"ACME directory of the certificate authority."`
	CacheDir  Path   `yaml:"cache_dir" unit:"path" default:"acme" doc:"Folder that keeps the account and the certificates. Nodes that share a domain share it."`
}

// Tenant is one issuer with its own database.
type Tenant struct {
	Name     string   `yaml:"name" unit:"a-z, 0-9, -" doc:"Name of the tenant, for the shell verbs and the log. It never changes."`
	Database Database `yaml:"database" unit:"path or DSN" doc:"Path of an SQLite file, or a postgres:// DSN (search_path names the schema)."`
	Domains  []string `yaml:"domains" unit:"list of origins" doc:"Origins the tenant answers on, for example https://login.example.com; the first is the primary one. http:// is for loopback only."`
}

// Dashboard is the administrators' console.
type Dashboard struct {
	Domain string `yaml:"domain" unit:"origin" doc:"Origin of the Dashboard, for example https://admin.example.com; administrators sign in there and nowhere else. It is a domain of its own, not one of a tenant's. Empty: there is no Dashboard."`
}

// Log says what the process writes to stderr.
type Log struct {
	Level  string `yaml:"level" default:"info" oneof:"debug info warn error" doc:"Least level that is written."`
	Format string `yaml:"format" default:"json" oneof:"json text" doc:"Shape of a log line."`
}

// Limits bound what one request may cost before a handler sees it.
type Limits struct {
	MaxBody      Size          `yaml:"max_body" unit:"size" default:"1MiB" min:"16KiB" max:"64MiB" doc:"Largest request body."`
	MaxURL       Size          `yaml:"max_url" unit:"size" default:"16KiB" min:"2KiB" max:"64KiB" doc:"Longest request URL."`
	MaxImport    Size          `yaml:"max_import" unit:"size" default:"500KiB" min:"1KiB" max:"1GiB" doc:"Largest body of a users import (POST /api/v2/jobs/users-imports), which is kept in the database until it is done. Two may be open at a time. For larger files there is: proofkey admin user import."`
	ReadTimeout  time.Duration `yaml:"read_timeout" unit:"duration" default:"30s" min:"1s" max:"10m" doc:"How long a client may take to send a request."`
	WriteTimeout time.Duration `yaml:"write_timeout" unit:"duration" default:"60s" min:"1s" max:"10m" doc:"How long a request may take from its headers to the end of the answer."`
	IdleTimeout  time.Duration `yaml:"idle_timeout" unit:"duration" default:"120s" min:"1s" max:"1h" doc:"How long an idle connection is kept open."`
}

// Hash bounds password hashing, so that a storm of logins cannot starve the token endpoint.
type Hash struct {
	Workers    int  `yaml:"workers" unit:"count" default:"0" min:"0" max:"1024" doc:"Password hashes computed at the same time. 0: half of the CPUs, at least one."`
	Queue      int  `yaml:"queue" unit:"count" default:"256" min:"1" max:"65536" doc:"Logins that may wait for a hash worker; more are answered with 429."`
	Memory     Size `yaml:"memory" unit:"size" default:"19MiB" min:"7MiB" max:"1GiB" doc:"argon2id memory of a new password hash. workers times memory is the peak."`
	Iterations int  `yaml:"iterations" unit:"count" default:"2" min:"1" max:"64" doc:"argon2id passes of a new password hash."`
}

// MasterKeyBytes is the 32-byte key, decoded when the configuration was loaded.
func (c *Config) MasterKeyBytes() []byte { return c.masterKey }

// Origins are all the origins that the server answers on.
func (c *Config) Origins() []string {
	var all []string
	for _, t := range c.Tenants {
		all = append(all, t.Domains...)
	}
	if c.Dashboard.Domain != "" {
		all = append(all, c.Dashboard.Domain)
	}
	return all
}

// Source says where the value of a key came from: "default", "file proofkey.yml:3" or "environment PROOFKEY_LISTEN_HTTP".
func (c *Config) Source(key string) string {
	if s, ok := c.sources[key]; ok {
		return s
	}
	return "default"
}

// Path is a path of a file; relative ones are relative to the folder of the configuration file that names them, or to
// the working directory when they come from the environment or from a default.
type Path string

// Secret is text that prints as "(secret)".
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// GoString masks %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue masks the secret in log lines.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText masks the secret in JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Database is the place of a tenant's database. It prints without the password that a DSN may carry.
type Database string

// DSN returns the text itself.
func (d Database) DSN() string { return string(d) }

// Postgres reports whether the database is a PostgreSQL DSN and not a path.
func (d Database) Postgres() bool {
	return strings.HasPrefix(string(d), "postgres://") || strings.HasPrefix(string(d), "postgresql://")
}

func (d Database) String() string {
	if !d.Postgres() {
		return string(d)
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return "(secret)"
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, "xxxxx")
		}
	}
	u.RawQuery = q.Encode()
	return u.Redacted()
}

// GoString masks %#v.
func (d Database) GoString() string { return strconv.Quote(d.String()) }

// LogValue masks the password in log lines.
func (d Database) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText masks the password in JSON and YAML.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Size is a number of bytes, written as 512, 64KiB, 1MiB or 1GiB.
type Size int64

func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
