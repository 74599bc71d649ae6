package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/web"
)

func newServe() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server in production",
		Long: `serve answers for the tenants of the configuration. The configuration is checked whole before anything listens; see
"proofkey config print". Where the configuration has a Dashboard, the first start prints a single-use link with which the
first administrator is made.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(path, os.Environ())
			if err != nil {
				return err
			}
			return serve(c.Context(), cfg, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	configFlag(c, &path)
	return c
}

// gcPercent is how much garbage may lie beside what lives, in percent of it. What lives is small, some megabytes, so twice as
// much as Go's own 100 costs little memory and spares the processor 2 to 6 %. The variable GOGC overrides it.
const gcPercent = 200

func serve(ctx context.Context, cfg *config.Config, stdout, stderr io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	log, err := newLogger(cfg.Log, stderr)
	if err != nil {
		return err
	}
	servers, err := web.Listen(ctx, web.Addresses{HTTP: cfg.Listen.HTTP, HTTPS: cfg.Listen.HTTPS, Metrics: cfg.Listen.Metrics},
		web.Timing{
			Read: cfg.Limits.ReadTimeout, Write: cfg.Limits.WriteTimeout, Idle: cfg.Limits.IdleTimeout,
			Delay: cfg.ShutdownDelay, Shutdown: cfg.ShutdownTimeout,
		}, log)
	if err != nil {
		return err
	}
	conf, challenge, err := serverTLS(ctx, cfg, log)
	if err != nil {
		servers.Close()
		return err
	}
	metrics := web.NewMetrics()
	a, err := openApp(ctx, cfg, log, metrics)
	if err != nil {
		servers.Close()
		return err
	}
	if err := offerBootstrap(ctx, a, stdout); err != nil {
		servers.Close()
		return errors.Join(err, a.Close())
	}
	log.Info("serving", "http", cfg.Listen.HTTP, "https", cfg.Listen.HTTPS, "metrics", cfg.Listen.Metrics, "version", version(), "rsa", keys.Engine())
	err = servers.Serve(ctx, web.Handlers{
		HTTP: challenge(plainSide(cfg, a.Handler())), HTTPS: a.Handler(), TLS: conf, Metrics: metrics.Handler(), Ready: a.Ready,
	})
	return errors.Join(err, a.Close())
}

// openApp builds the App that the configuration describes, without listeners.
func openApp(ctx context.Context, cfg *config.Config, log *slog.Logger, metrics *web.Metrics) (*app.App, error) {
	o := app.Options{
		Dashboard: cfg.Dashboard.Domain,
		MasterKey: cfg.MasterKeyBytes(),
		Log:       log,
		Proxies:   cfg.Proxies,
		MaxBody:   int64(cfg.Limits.MaxBody),
		MaxURL:    int(cfg.Limits.MaxURL),
		MaxImport: int64(cfg.Limits.MaxImport),
		Metrics:   metrics,
		Hasher:    newHasher(cfg.Hash),
		Retention: cfg.EventsRetention,
	}
	for _, t := range cfg.Tenants {
		o.Tenants = append(o.Tenants, app.TenantOptions{Name: t.Name, Database: databaseName(t.Database), Domains: t.Domains})
	}
	torture(&o)
	return app.New(ctx, o)
}

// newHasher is the configured password hasher.
func newHasher(c config.Hash) *identity.Hasher {
	return identity.NewHasher(c.Workers, c.Queue, identity.Params{Memory: uint32(c.Memory / 1024), Iterations: uint32(c.Iterations)})
}

// databaseName is the configured database as the store names it.
func databaseName(d config.Database) string {
	if d.Postgres() {
		return d.DSN()
	}
	return "sqlite:" + d.DSN()
}

func newLogger(c config.Log, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(w, o)), nil
	}
	return slog.New(slog.NewJSONHandler(w, o)), nil
}

// plainSide guards the plain listener: an http:// domain is answered, an https:// domain only for a listed proxy that has
// taken TLS off, and everybody else is led to https.
func plainSide(cfg *config.Config, site http.Handler) http.Handler {
	plain := map[string]bool{}
	for _, d := range cfg.Origins() {
		if host, ok := strings.CutPrefix(d, "http://"); ok {
			plain[strings.ToLower(host)] = true
		}
	}
	redirect := web.RedirectHTTPS(cfg.Origins())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if plain[strings.ToLower(r.Host)] || fromProxy(cfg.Proxies, r.RemoteAddr) {
			site.ServeHTTP(w, r)
			return
		}
		redirect.ServeHTTP(w, r)
	})
}

func fromProxy(proxies []netip.Prefix, remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
}

// offerBootstrap prints the link of the first administrator, as long as nobody used one. The link is a secret: it goes to
// stdout, never to the log.
func offerBootstrap(ctx context.Context, a *app.App, stdout io.Writer) error {
	link, err := a.Bootstrap(ctx, false)
	if err != nil || link == "" {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The first administrator is made here, once, within 24 hours:\n  %s\n", link)
	return err
}
