package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that drops the schema afterwards

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

const (
	audience  = "https://api.example.com/"
	callback  = "https://app.example.com/callback"
	signedOut = "https://app.example.com/signed-out"
	password  = "Mobile-Login-7-Flow"

	// retryWindow is the leeway of the application, in seconds. It outlasts every jump of the clock here: for the server a
	// jump is time that passed, and a device that comes back after the window has to sign in again.
	retryWindow = 3 * 60 * 60
)

// hash is the cheapest password hash that the server accepts: passwords are not what is tortured.
var hash = identity.Params{Memory: 7 << 10, Iterations: 1}

// site is a tenant on a database, and the nodes that serve it.
type site struct {
	dir, engine     string
	address, origin string // where clients go: a node's, or the balancer's before several
	database        string // for store.Open
	schema          string // of PostgreSQL
	key             []byte
	native, machine store.Client
	spare           store.Client // whose settings change
	nodes           []*node
	next            atomic.Bool // the database is of the next version, which the verbs of the one before refuse to copy
	databases       sync.Mutex  // held while they are saved or moved
}

// newSite makes a site with a number of nodes; several stand behind a balancer. database is the URL of a PostgreSQL server;
// empty is SQLite.
func newSite(dir, binary, database string, nodes int) (*site, error) {
	s := &site{dir: dir, engine: "SQLite", key: make([]byte, 32)}
	rand.Read(s.key)
	var err error
	if s.address, err = freeAddress(); err != nil {
		return nil, err
	}
	s.origin = "http://" + s.address
	file := filepath.Join(dir, "tenant.db")
	s.database = "sqlite:" + file
	if database != "" {
		s.engine = "PostgreSQL"
		u, err := url.Parse(database)
		if err != nil {
			return nil, errors.New("the URL of the PostgreSQL server cannot be parsed")
		}
		s.schema = "torture_" + strings.ToLower(store.RandomID(12))
		q := u.Query()
		q.Set("search_path", s.schema)
		u.RawQuery = q.Encode()
		file = u.String()
		s.database = file
	}
	for i := range nodes {
		n := &node{binary: binary, address: s.address, config: filepath.Join(dir, fmt.Sprintf("node%d.yml", i)), log: filepath.Join(dir, fmt.Sprintf("node%d.log", i))}
		if nodes > 1 {
			if n.address, err = freeAddress(); err != nil {
				return nil, err
			}
		}
		config := fmt.Sprintf(`listen: {http: %q}
proxies: [127.0.0.1/32]
master_key: %q
shutdown_delay: 0s
hash: {workers: 2, queue: 4096, memory: %dKiB, iterations: %d}
log: {level: warn}
tenants: [{name: torture, database: %q, domains: [%q]}]
`, n.address, base64.StdEncoding.EncodeToString(s.key), hash.Memory, hash.Iterations, file, s.origin)
		if err := os.WriteFile(n.config, []byte(config), 0o600); err != nil {
			return nil, err
		}
		s.nodes = append(s.nodes, n)
	}
	return s, nil
}

// freeAddress is a port of this machine that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func email(user int) string { return fmt.Sprintf("device%04d@example.com", user) }

// seed makes the tenant as a first start would, with an application, an API and the users of the devices.
func (s *site) seed(ctx context.Context, users int) (err error) {
	hasher := identity.NewHasher(1, 16, hash)
	passwordHash, err := hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{
		Tenants:   []app.TenantOptions{{Name: "torture", Database: s.database, Domains: []string{s.origin}}},
		MasterKey: s.key,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if s.native, err = management.NewClient("Device", store.AppNative); err != nil {
		return err
	}
	if s.spare, err = management.NewClient("Spare", store.AppNative); err != nil {
		return err
	}
	s.spare.Settings.Callbacks = []string{callback}
	if s.machine, err = management.NewClient("Administration", store.AppNonInteractive); err != nil {
		return err
	}
	leeway := int64(retryWindow)
	s.native.Settings.Callbacks = []string{callback}
	s.native.Settings.AllowedLogoutURLs = []string{signedOut}
	s.native.Settings.RefreshToken.Leeway = &leeway
	return a.Tenants[0].DB.Write(ctx, func(tx *store.Tx) error {
		api := store.API{Identifier: audience, Name: "API", Settings: store.APISettings{AllowOfflineAccess: true, SkipConsent: true}}
		errs := []error{
			tx.CreateClient(ctx, &s.native, nil), tx.CreateClient(ctx, &s.spare, nil), tx.CreateClient(ctx, &s.machine, nil), tx.CreateAPI(ctx, &api),
			tx.SaveClientGrant(ctx, &store.ClientGrant{
				ClientID: s.machine.ID, Audience: s.origin + "/api/v2/",
				Scope: "create:users read:users update:users delete:users read:clients update:clients delete:grants read:connections",
			}),
		}
		for i := range users {
			errs = append(errs, tx.CreateUser(ctx, &store.User{
				ID: userID(i), Connection: store.DefaultConnection, Email: email(i), PasswordHash: passwordHash,
				Profile: store.Profile{Name: "John Smith", Nickname: "jsmith", EmailVerified: true},
			}))
		}
		return errors.Join(errs...)
	})
}

// userID is the id of a device's user.
func userID(user int) string { return fmt.Sprintf("auth0|%024x", user+1) }

// drop takes away what is not in the folder of the run.
func (s *site) drop(ctx context.Context) error {
	if s.schema == "" {
		return nil
	}
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		return errors.New("open PostgreSQL")
	}
	_, err = db.ExecContext(ctx, `DROP SCHEMA IF EXISTS `+s.schema+` CASCADE; DROP SCHEMA IF EXISTS `+s.schema+`_system CASCADE`)
	return errors.Join(err, db.Close())
}

// backends are the processes of the PostgreSQL server that serve the site's connections.
func (s *site) backends(ctx context.Context) (pids []int, err error) {
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		return nil, errors.New("open PostgreSQL")
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return pids, rows.Err()
}
