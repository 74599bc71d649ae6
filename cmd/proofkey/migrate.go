package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

func newMigrate() *cobra.Command {
	var path string
	var check bool
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of every tenant up to date",
		Long: `migrate brings the database of every tenant, and that of the administrators, up to date, and says what it applied. serve
does the same at its start; this is for those who want it done before. A schema serves the former version of the program
too, so servers may run meanwhile. With --check nothing is changed, and the exit code is 1 if something is left to do.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(path, os.Environ())
			if err != nil {
				return err
			}
			return migrate(c.Context(), cfg, check, c.OutOrStdout())
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&check, "check", false, "only say what would be applied")
	return c
}

// migrate walks the databases. Of --check, what is left to do is the error.
func migrate(ctx context.Context, cfg *config.Config, check bool, out io.Writer) error {
	system, err := app.SystemDatabase(databaseName(cfg.Tenants[0].Database))
	if err != nil {
		return err
	}
	databases := [][2]string{}
	for _, t := range cfg.Tenants {
		databases = append(databases, [2]string{t.Name, databaseName(t.Database)})
	}
	left := 0
	for _, d := range append(databases, [2]string{systemTenant, system}) {
		pending, err := store.Pending(ctx, d[1])
		if err == nil && !check && len(pending) > 0 {
			err = upgrade(ctx, cfg, d[1])
		}
		if err != nil {
			return fmt.Errorf("tenant %s: %w", d[0], err)
		}
		left += len(pending)
		for _, name := range pending {
			fmt.Fprintf(out, "%s: %s %s\n", d[0], map[bool]string{true: "pending", false: "applied"}[check], name)
		}
		if len(pending) == 0 {
			fmt.Fprintf(out, "%s: up to date\n", d[0])
		}
	}
	if check && left > 0 {
		return errors.New("there are pending migrations: run proofkey migrate without --check, or start the server")
	}
	return nil
}

// upgrade opens a database, which brings its schema up to date.
func upgrade(ctx context.Context, cfg *config.Config, dsn string) error {
	db, err := store.Open(ctx, dsn, store.Options{MasterKey: cfg.MasterKeyBytes(), MaxConns: 2})
	if err != nil {
		return err
	}
	return db.Close()
}

func newAdminBootstrap(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "bootstrap",
		Short: "Print a new link with which the first administrator is made, once, within 24 hours",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case f.data != "":
				return usage(c, "proofkey dev has its administrator already and prints the password at its start; this verb is for --config")
			case f.config == "":
				return usage(c, "--config is required")
			}
			cfg, err := config.Load(f.config, os.Environ())
			if err != nil {
				return err
			}
			link, err := bootstrap(c.Context(), cfg)
			if err != nil {
				return err
			}
			s := shell{out: c.OutOrStdout(), json: f.json}
			if s.json {
				return s.encode(map[string]string{"link": link})
			}
			_, err = fmt.Fprintln(s.out, link)
			return err
		},
	}
}

func bootstrap(ctx context.Context, cfg *config.Config) (link string, err error) {
	if cfg.Dashboard.Domain == "" {
		return "", errors.New("there is no Dashboard: set dashboard.domain in the configuration first")
	}
	a, err := openApp(ctx, cfg, slog.New(slog.DiscardHandler), web.NewMetrics())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if link, err = a.Bootstrap(ctx, true); err != nil {
		return "", err
	}
	if link == "" {
		return "", errors.New("there is an Admin already, who makes the others in the Dashboard: see proofkey admin user list --tenant " + systemTenant)
	}
	admin := management.Admin{DB: a.System.DB, Channel: "shell"}
	return link, admin.DB.Write(ctx, func(tx *store.Tx) error {
		return admin.Record(ctx, tx, store.Event{Description: "Make a link for the first administrator"})
	})
}
