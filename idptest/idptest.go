// Package idptest runs the whole server in the process of a test: the same routes and the same store as in production, on
// a fresh database a test. It is the public API of this module.
//
// The database is SQLite, or PostgreSQL when the environment variable PROOFKEY_TEST_POSTGRES has the URL of a server on
// which schemas may be made.
package idptest

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// Server is a running tenant with one domain.
type Server struct {
	URL       string // without a trailing slash
	Issuer    string // with it
	Dashboard string // origin of the administrators' console, where the test asked for one with [Dashboard]
	App       *app.App
	DB        *store.DB
	Clock     *Clock
	Log       *Log // what the server logged

	t       testing.TB
	server  *httptest.Server
	console *httptest.Server // nil without a Dashboard
	options app.Options
	handler atomic.Pointer[http.Handler]
}

// Clock is the server's clock: real time plus an offset.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// Now is the server's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// Log collects the server's log lines.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String is all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// TestKeys are fixed RSA keys: making new ones would take longer than most tests. They are public, so never use them.
func TestKeys() []*rsa.PrivateKey {
	var all []*rsa.PrivateKey
	for rest := testKeys; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return all
		}
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			panic("idptest: " + err.Error())
		}
		all = append(all, k.(*rsa.PrivateKey))
	}
}

//go:embed testkeys.pem
var testKeys []byte

// QuickHasher hashes passwords at the cheapest cost, so that tests are not about hashing.
func QuickHasher() *identity.Hasher {
	return identity.NewHasher(2, 1024, identity.Params{Memory: 8, Iterations: 1})
}

// Database returns the data source name of a fresh database, which goes with the test.
func Database(t testing.TB) string {
	t.Helper()
	server := os.Getenv("PROOFKEY_TEST_POSTGRES")
	if server == "" {
		return "sqlite::memory:"
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("PROOFKEY_TEST_POSTGRES is not a URL")
	}
	q := u.Query()
	q.Set("search_path", "test_"+strings.ToLower(store.RandomID(16)))
	u.RawQuery = q.Encode()
	return u.String()
}

// New starts a server that ends with the test.
func New(t testing.TB, change ...func(*app.Options)) *Server {
	t.Helper()
	s := &Server{Clock: &Clock{}, Log: &Log{}, t: t}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "http://" + listener.Addr().String()
	s.Issuer = s.URL + "/"
	o := app.Options{
		Tenants:   []app.TenantOptions{{Name: "test", Database: Database(t), Domains: []string{s.URL}}},
		MasterKey: bytes.Repeat([]byte{7}, 32),
		Log:       slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Hasher:    QuickHasher(),
		Now:       s.Clock.Now,
		Keys:      TestKeys(),
	}
	for _, c := range change {
		c(&o)
	}
	var console net.Listener
	if o.Dashboard == anyPort {
		if console, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		s.Dashboard = "http://" + console.Addr().String()
		o.Dashboard = s.Dashboard
	}
	s.options = o
	s.start()
	s.server = s.serve(listener)
	if console != nil {
		s.console = s.serve(console)
	}
	t.Cleanup(s.close)
	return s
}

const anyPort = "http://127.0.0.1:0"

// Dashboard is a change for New: the server has the administrators' console, at Server.Dashboard.
func Dashboard(o *app.Options) { o.Dashboard = anyPort }

func (s *Server) serve(l net.Listener) *httptest.Server {
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*s.handler.Load()).ServeHTTP(w, r)
	})}}
	server.Start()
	return server
}

// start builds the App.
func (s *Server) start() {
	s.t.Helper()
	var err error
	s.App, err = app.New(s.t.Context(), s.options)
	s.must(err)
	s.DB = s.App.Tenants[0].DB
	handler := s.App.Handler()
	s.handler.Store(&handler)
}

// Restart ends the App and builds another one at the same address, after the changes, as a new process would. It needs a
// database that outlives its connections: see [File].
func (s *Server) Restart(change ...func(*app.Options)) {
	s.t.Helper()
	s.must(s.App.Close())
	for _, c := range change {
		c(&s.options)
	}
	s.start()
}

// File is a change for New: the tenant's database is a file, where it would be SQLite in memory.
func File(t testing.TB) func(*app.Options) {
	return func(o *app.Options) {
		if o.Tenants[0].Database == "sqlite::memory:" {
			o.Tenants[0].Database = "sqlite:" + filepath.Join(t.TempDir(), "tenant.db")
		}
	}
}

func (s *Server) close() {
	s.server.Close()
	if s.console != nil {
		s.console.Close()
	}
	if err := s.App.Close(); err != nil {
		s.t.Error(err)
	}
}

// must is for the makers: a test cannot go on without what they make.
func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Client makes an application of a type, after the changes.
func (s *Server) Client(appType string, change ...func(*store.Client)) store.Client {
	s.t.Helper()
	c, err := management.NewClient("Test "+appType, appType)
	s.must(err)
	for _, f := range change {
		f(&c)
	}
	s.must(management.CheckClient(c))
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error {
		return tx.CreateClient(s.t.Context(), &c, management.Origins(c.Settings))
	}))
	return c
}

// Callback is a change for Client: it adds callbacks.
func Callback(uris ...string) func(*store.Client) {
	return func(c *store.Client) { c.Settings.Callbacks = append(c.Settings.Callbacks, uris...) }
}

// SaveClient stores a changed application.
func (s *Server) SaveClient(c store.Client) {
	s.t.Helper()
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error {
		return tx.SaveClient(s.t.Context(), &c, management.Origins(c.Settings))
	}))
}

// API makes an API with the scopes read:messages and write:messages that skips consent and allows offline access.
func (s *Server) API(identifier string, change ...func(*store.API)) store.API {
	s.t.Helper()
	a := store.API{
		Identifier: identifier, Name: "Test API",
		Scopes:   []store.APIScope{{Value: "read:messages", Description: "Read your messages"}, {Value: "write:messages", Description: "Write messages"}},
		Settings: store.APISettings{AllowOfflineAccess: true, SkipConsent: true},
	}
	for _, f := range change {
		f(&a)
	}
	s.must(management.CheckAPI(a))
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.CreateAPI(s.t.Context(), &a) }))
	return a
}

// SaveAPI stores a changed API.
func (s *Server) SaveAPI(a store.API) {
	s.t.Helper()
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.SaveAPI(s.t.Context(), &a) }))
}

// Tenant changes the tenant's settings.
func (s *Server) Tenant(change func(*store.TenantSettings)) {
	s.t.Helper()
	t, err := s.DB.Tenant(s.t.Context())
	s.must(err)
	change(&t.Settings)
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.SaveTenantSettings(s.t.Context(), t.Settings) }))
}

// User makes a database user with a password.
func (s *Server) User(email, password string, change ...func(*store.User)) store.User {
	s.t.Helper()
	hash, err := QuickHasher().Hash(s.t.Context(), password)
	s.must(err)
	u := store.User{Connection: store.DefaultConnection, Email: email, PasswordHash: hash}
	u.Profile.Name, u.Profile.EmailVerified = "John Smith", true
	u.Profile.Nickname, _, _ = strings.Cut(email, "@")
	u.Profile.Picture = "https://example.com/profile-pic.png"
	for _, f := range change {
		f(&u)
	}
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.CreateUser(s.t.Context(), &u) }))
	return u
}

// Administrator makes an administrator with a role: management.RoleAdmin, RoleEditor or RoleViewer.
func (s *Server) Administrator(email, password, role string) store.User {
	s.t.Helper()
	hash, err := QuickHasher().Hash(s.t.Context(), password)
	s.must(err)
	u := store.User{Connection: store.DefaultConnection, Email: email, PasswordHash: hash}
	u.Profile.Name, u.Profile.EmailVerified = "Jane Doe", true
	s.must(s.App.System.DB.Write(s.t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateUser(s.t.Context(), &u); err != nil {
			return err
		}
		return management.Appoint(s.t.Context(), tx, u.ID, role)
	}))
	return u
}

// SaveUser stores a changed user.
func (s *Server) SaveUser(u store.User) {
	s.t.Helper()
	s.must(s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.SaveUser(s.t.Context(), &u) }))
}

// Events waits until the queued events are written and lists the types of all events, the oldest first.
func (s *Server) Events() []string {
	s.t.Helper()
	all := s.EventRecords()
	types := make([]string, len(all))
	for i, e := range all {
		types[i] = e.Type
	}
	return types
}

// EventRecords is Events with the whole records.
func (s *Server) EventRecords() []store.Event {
	s.t.Helper()
	s.must(s.App.Tenants[0].Events.Flush(s.t.Context()))
	all, err := s.DB.Events(s.t.Context(), store.EventFilter{Limit: 10000})
	s.must(err)
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// readAll reads a body to its end.
func readAll(r io.Reader) string {
	b, err := io.ReadAll(r)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "(unreadable body: " + err.Error() + ")"
	}
	return string(b)
}
