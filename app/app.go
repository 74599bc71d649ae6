// Package app is the composition root: it opens the tenants' databases, builds every room for every domain and mounts its
// routes. It is the only package that imports all others; what it builds is the same in production, in proofkey dev and in
// tests.
//
// A request reaches a tenant by its Host header, compared with the domains that were configured. Nothing else of a request
// decides who issues a token, and a host that nobody configured is refused.
package app

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/proofkey/proofkey/dashboard"
	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/jobs"
	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// Options are what an App is built from.
type Options struct {
	Tenants   []TenantOptions
	Dashboard string // origin of the administrators' console; empty: there is none
	MasterKey []byte
	Log       *slog.Logger // nil: nothing is logged
	Proxies   []netip.Prefix
	MaxBody   int64
	MaxURL    int
	MaxImport int64            // bounds the body of a users import; 0: as the service does
	Hasher    *identity.Hasher // nil: the default
	Now       func() time.Time // nil: time.Now
	Metrics   *web.Metrics     // nil: nothing is counted
	Retention time.Duration    // how long events are kept; 0: as jobs.Retention
	// Keys are used as a fresh tenant's first signing keys, in place of new ones: tests and proofkey dev start at once.
	Keys []*rsa.PrivateKey
}

// TenantOptions name a tenant, its database and its domains.
type TenantOptions struct {
	Name     string
	Database string   // see store.Open
	Domains  []string // origins, the primary first
}

// App is the running program without its listeners.
type App struct {
	Tenants []*Tenant
	System  *Tenant // the administrators'; it has a domain where there is a Dashboard
	metrics *web.Metrics
	hosts   map[string]http.Handler
	routes  map[string]*web.Mux // by host: what of the handlers above a test can walk
	kit     web.Kit
	strict  map[string]bool // the hosts that are reached by TLS alone
	// maxImport is that of the options.
	maxImport int64
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// Tenant is one database and what is shared by its domains.
type Tenant struct {
	Name    string
	DB      *store.DB
	Keys    *keys.Ring
	Events  *events.Log
	Domains []store.Domain
	users   *identity.Users
}

// New opens the tenants and builds their sites.
func New(ctx context.Context, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Hasher == nil {
		o.Hasher = identity.NewHasher(0, 256, identity.Params{})
	}
	if o.Retention == 0 {
		o.Retention = jobs.Retention
	}
	views, err := login.New()
	if err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	a := &App{
		hosts:     map[string]http.Handler{},
		routes:    map[string]*web.Mux{},
		strict:    map[string]bool{},
		kit:       web.Kit{Log: o.Log, Proxies: o.Proxies, Now: o.Now, MaxBody: o.MaxBody, MaxURL: o.MaxURL, Bounded: []string{api.UsersImports}},
		metrics:   o.Metrics,
		maxImport: o.MaxImport,
		stop:      stop,
	}
	a.kit.HSTS = func(host string) bool { return a.strict[hostKey(host)] }
	if err := a.open(ctx, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	for _, t := range append(slices.Clone(a.Tenants), a.System) {
		if a.metrics != nil {
			a.metrics.Database(t.Name, t.DB.Counts)
		}
		a.running.Go(func() { jobs.Run(background, t.DB, o.Retention, o.Log) })
		if len(t.Domains) == 0 { // without an API nobody leaves it work
			continue
		}
		admin := &management.Admin{DB: t.DB, Channel: "job"}
		for range jobs.Workers {
			a.running.Go(func() { jobs.Work(background, admin, o.Log) })
		}
	}
	if err := a.build(ctx, views); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// build makes the site of every domain.
func (a *App) build(ctx context.Context, views *login.Views) error {
	known := map[string]string{}
	if len(a.System.Domains) > 0 {
		var err error
		if known, err = a.prepareAdministrators(ctx); err != nil {
			return err
		}
		for _, t := range a.Tenants {
			a.kit.Bounded = append(a.kit.Bounded, dashboard.ProxyPrefix+t.Name+"/"+strings.TrimPrefix(api.UsersImports, api.Base))
		}
	}
	for _, t := range append(slices.Clone(a.Tenants), a.System) {
		for _, d := range t.Domains {
			key := hostKey(d.Host)
			if _, taken := a.hosts[key]; taken {
				return fmt.Errorf("the domain %s is configured twice", d.Host)
			}
			a.strict[key] = d.Secure() && !loopback(d.Host)
			a.hosts[key] = a.site(t, d, views, known)
		}
	}
	return nil
}

// systemName is the name of the administrators' tenant; no other has it.
const systemName = "system"

// open opens the tenants and the administrators' database.
func (a *App) open(ctx context.Context, o Options) error {
	if len(o.Tenants) == 0 || len(o.Tenants[0].Domains) == 0 {
		return errors.New("there is no tenant with a domain")
	}
	for _, to := range o.Tenants {
		t, err := openTenant(ctx, o, to)
		if err != nil {
			return fmt.Errorf("tenant %s: %w", to.Name, err)
		}
		a.Tenants = append(a.Tenants, t)
	}
	database, err := SystemDatabase(o.Tenants[0].Database)
	if err != nil {
		return err
	}
	system := TenantOptions{Name: systemName, Database: database}
	if o.Dashboard != "" {
		system.Domains = []string{o.Dashboard}
	}
	a.System, err = openTenant(ctx, o, system)
	return err
}

func openTenant(ctx context.Context, o Options, to TenantOptions) (*Tenant, error) {
	db, err := store.Open(ctx, to.Database, store.Options{MasterKey: o.MasterKey, Now: o.Now})
	if err != nil {
		return nil, err
	}
	t := &Tenant{Name: to.Name, DB: db, Keys: keys.Open(db), Events: events.New(db, o.Log)}
	t.users = identity.NewUsers(db, o.Hasher, t.Events)
	if err := t.prepare(ctx, o.Keys, to.Domains); err != nil {
		t.Events.Close()
		return nil, errors.Join(err, db.Close())
	}
	return t, nil
}

// prepare makes what a tenant needs before its first request: domains, a database connection, signing keys.
func (t *Tenant) prepare(ctx context.Context, first []*rsa.PrivateKey, origins []string) error {
	connections, err := t.DB.Connections(ctx)
	if err != nil {
		return err
	}
	err = t.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetDomains(ctx, origins); err != nil {
			return err
		}
		if len(connections) > 0 {
			return nil
		}
		c := store.Connection{Name: store.DefaultConnection, Strategy: "auth0"}
		err := tx.CreateConnection(ctx, &c)
		if errors.Is(err, store.ErrConflict) { // another node was quicker
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if t.Domains, err = t.DB.Domains(ctx); err != nil {
		return err
	}
	if len(t.Domains) > 0 { // the administrators' has none without a Dashboard, and then no API
		if err := api.Prepare(ctx, t.DB, t.Domains[0]); err != nil {
			return fmt.Errorf("prepare the Management API: %w", err)
		}
	}
	if len(first) > 0 {
		return t.Keys.EnsureWith(ctx, first...)
	}
	return t.Keys.Ensure(ctx)
}

// loopback says whether a host is this machine, on which a browser would refuse plain http on all other ports as well.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && address.IsLoopback() || name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// Handler answers every request of every tenant.
func (a *App) Handler() http.Handler {
	return a.kit.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site, ok := a.hosts[hostKey(r.Host)]
		if !ok {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusMisdirectedRequest)
			fmt.Fprintln(w, "This host is not one of the domains of this server. Add it to the domains of a tenant in the configuration.")
			return
		}
		site.ServeHTTP(w, r)
	}))
}

// hostKey is how hosts compare: without case, and without the port that a scheme implies.
func hostKey(host string) string {
	host = strings.ToLower(host)
	host = strings.TrimSuffix(host, ":443")
	return strings.TrimSuffix(host, ":80")
}

// Ready says whether every tenant's database answers.
func (a *App) Ready(ctx context.Context) error {
	for _, t := range a.Tenants {
		if err := t.DB.Ping(ctx); err != nil {
			return fmt.Errorf("tenant %s: %w", t.Name, err)
		}
	}
	return nil
}

// Close ends the background work, writes the queued events and closes the databases. Requests must have ended before.
func (a *App) Close() error {
	a.stop()
	a.running.Wait()
	var errs []error
	all := slices.Clone(a.Tenants)
	if a.System != nil {
		all = append(all, a.System)
	}
	for _, t := range all {
		t.Events.Close()
		errs = append(errs, t.DB.Close())
	}
	return errors.Join(errs...)
}
