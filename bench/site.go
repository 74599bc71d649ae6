package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that drops the schema afterwards

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// What the tenant holds. Users outnumber the clients, so that families and sessions spread as in life.
const (
	users    = 400
	signedIn = 128 // of them
	families = 512 // of refresh tokens, for each kind of refresh

	audience = "https://api.example.com/"
	callback = "https://app.example.com/callback"
	password = "Mobile-Login-7-Flow"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

// site is a configured server: the same database over all its starts.
type site struct {
	engine, binary, dir string
	address, origin     string
	metrics             string // address of its figures
	database            string // for store.Open
	schema              string // of PostgreSQL
	// native exchanges codes; phone, the same kind, holds the refresh tokens, because a user's families with one application
	// are limited and the oldest go first. machine asks in its own name.
	native, phone, machine store.Client
	key                    []byte
}

// newSite writes the configuration of a server on a free port.
func newSite(dir, binary, engine, name, postgres string) (*site, error) {
	s := &site{engine: engine, binary: binary, dir: filepath.Join(dir, engine+name), key: make([]byte, 32)}
	rand.Read(s.key)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.address, s.metrics = l.Addr().String(), m.Addr().String()
	s.origin = "http://" + s.address
	file := s.file()
	s.database = "sqlite:" + file
	if engine == "PostgreSQL" {
		u, err := url.Parse(postgres)
		if err != nil {
			return nil, errors.New("PROOFKEY_TEST_POSTGRES is not a URL")
		}
		s.schema = "bench_" + strings.ToLower(store.RandomID(12))
		q := u.Query()
		q.Set("search_path", s.schema)
		u.RawQuery = q.Encode()
		file = u.String()
		s.database = file
	}
	config := fmt.Sprintf("listen:\n  http: %q\n  metrics: %q\nmaster_key: %q\nshutdown_delay: 0s\ntenants:\n  - name: bench\n    database: %q\n    domains: [%q]\n",
		s.address, s.metrics, base64.StdEncoding.EncodeToString(s.key), file, s.origin)
	return s, errors.Join(l.Close(), m.Close(), os.Mkdir(s.dir, 0o700), os.WriteFile(s.config(), []byte(config), 0o600))
}

// file is that of SQLite.
func (s *site) file() string { return filepath.Join(s.dir, "tenant.db") }

func (s *site) config() string { return filepath.Join(s.dir, "proofkey.yml") }

// seed makes the tenant as a first start would, and fills it.
func (s *site) seed(ctx context.Context, passwordHash string) (err error) {
	a, err := app.New(ctx, app.Options{
		Tenants:   []app.TenantOptions{{Name: "bench", Database: s.database, Domains: []string{s.origin}}},
		MasterKey: s.key,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return s.fill(ctx, a.Tenants[0].DB, passwordHash)
}

// fill makes applications, an API and users.
func (s *site) fill(ctx context.Context, db *store.DB, passwordHash string) (err error) {
	for _, c := range []struct {
		into          *store.Client
		name, appType string
	}{{&s.native, "Bench Native", store.AppNative}, {&s.phone, "Bench Phone", store.AppNative}, {&s.machine, "Bench Machine", store.AppNonInteractive}} {
		if *c.into, err = management.NewClient(c.name, c.appType); err != nil {
			return err
		}
		c.into.Settings.Callbacks = []string{callback}
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		api := store.API{
			Identifier: audience, Name: "Bench API", Scopes: []store.APIScope{{Value: "read:messages"}, {Value: "write:messages"}},
			Settings: store.APISettings{AllowOfflineAccess: true, SkipConsent: true},
		}
		errs := []error{
			tx.CreateClient(ctx, &s.native, nil), tx.CreateClient(ctx, &s.phone, nil), tx.CreateClient(ctx, &s.machine, nil),
			tx.CreateAPI(ctx, &api),
			tx.SaveClientGrant(ctx, &store.ClientGrant{ClientID: s.machine.ID, Audience: audience, Scope: "read:messages"}),
			tx.SaveClientGrant(ctx, &store.ClientGrant{ClientID: s.machine.ID, Audience: s.origin + "/api/v2/", Scope: "read:users"}),
		}
		for i := range users {
			errs = append(errs, tx.CreateUser(ctx, &store.User{
				Connection: store.DefaultConnection, Email: email(i), PasswordHash: passwordHash,
				Profile: store.Profile{
					Name: "John Smith", GivenName: "John", FamilyName: "Smith", Nickname: "jsmith",
					Picture: "https://example.com/profile-pic.png", EmailVerified: true,
				},
			}))
		}
		return errors.Join(errs...)
	})
}

func email(user int) string { return fmt.Sprintf("user%03d@example.com", user%users) }

// drop takes away what is not in the folder of the run.
func (s *site) drop(ctx context.Context) error {
	if s.schema == "" {
		return nil
	}
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		return errors.New("open PostgreSQL")
	}
	_, err = db.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+s.schema+` CASCADE`)
	return errors.Join(err, db.Close())
}

// process is one run of the server.
type process struct {
	cmd *exec.Cmd
	pid int
}

// serve is the server's command, without settings from this process's environment.
func (s *site) serve(ctx context.Context) *exec.Cmd {
	c := exec.CommandContext(ctx, s.binary, "serve", "--config", s.config())
	c.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "PROOFKEY_") })
	return c
}

// start runs the server and waits for its first token; took is the time from the start of the process until then.
func (s *site) start(ctx context.Context) (p *process, took time.Duration, err error) {
	p = &process{cmd: s.serve(ctx)} // its log goes to the null device
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 15 * time.Second
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	p.pid = p.cmd.Process.Pid
	for time.Since(began) < 30*time.Second {
		c := &conn{address: s.address}
		err = credentials(&worker{bed: &bed{site: s}, conn: c})
		c.close()
		if err == nil {
			return p, time.Since(began), nil
		}
		if _, there := memory(p.pid, "VmRSS"); there != nil || ctx.Err() != nil {
			break
		}
		time.Sleep(500 * time.Microsecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("the server gives no token: %w", err), p.stop(), s.complaint(ctx))
}

// complaint runs the server once more to hear what it says when it does not start.
func (s *site) complaint(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	said, _ := s.serve(ctx).CombinedOutput()
	return fmt.Errorf("it says: %.2000s", bytes.TrimSpace(said))
}

// stop ends the process in good order.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	kill := time.AfterFunc(40*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the server ended with: %w", err)
	}
	return nil
}
