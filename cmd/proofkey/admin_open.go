package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// systemTenant is the name under which the verbs reach the administrators' database.
const systemTenant = "system"

// adminFlags say which database the verbs work on.
type adminFlags struct {
	config, data, tenant string
	json                 bool
}

func (f *adminFlags) add(c *cobra.Command) {
	flags := c.PersistentFlags()
	flags.StringVar(&f.config, "config", os.Getenv("PROOFKEY_CONFIG"), "configuration `file` of the server (default: $PROOFKEY_CONFIG)")
	flags.StringVar(&f.data, "data", "", "`folder` of proofkey dev --data, in place of --config")
	flags.StringVar(&f.tenant, "tenant", "", "`name` of the tenant; may be left out where there is one. "+systemTenant+" is the administrators' database")
	flags.BoolVar(&f.json, "json", false, "answer in JSON")
}

// shell is what a verb works with. The tenant's database is opened directly, beside running servers: they read their rows
// at every request, so a change is in force at the next one.
type shell struct {
	out, notes io.Writer
	in         io.Reader
	json       bool
	tenantName string
	domains    []store.Domain // the primary first; the administrators' database has none
	db         *store.DB
	admin      *management.Admin
	hasher     *identity.Hasher
}

// place is a database with the key that opens it.
type place struct {
	tenant  string
	dsn     string
	master  []byte
	hash    config.Hash
	origins []string // of the configuration; nil: those that the server took at its last start
}

// verb makes a command's RunE of what it does to the tenant.
func (f *adminFlags) verb(do func(ctx context.Context, s *shell, c *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) (err error) {
		p, err := f.place(c)
		if err != nil {
			return err
		}
		ctx := c.Context()
		db, err := store.Open(ctx, p.dsn, store.Options{MasterKey: p.master, MaxConns: 2})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		if err := management.Prepare(ctx, db); err != nil {
			return err
		}
		domains, err := p.domains(ctx, db)
		if err != nil {
			return err
		}
		return do(ctx, &shell{
			out: c.OutOrStdout(), notes: c.ErrOrStderr(), in: c.InOrStdin(), json: f.json, tenantName: p.tenant, domains: domains, db: db,
			admin:  &management.Admin{DB: db, Channel: "shell"},
			hasher: newHasher(p.hash),
		}, c, args)
	}
}

func (p place) domains(ctx context.Context, db *store.DB) (all []store.Domain, err error) {
	if p.origins == nil {
		return db.Domains(ctx)
	}
	for _, origin := range p.origins {
		_, host, _ := strings.Cut(origin, "://")
		all = append(all, store.Domain{Origin: origin, Host: host})
	}
	return all, nil
}

// place finds the database that the flags name.
func (f *adminFlags) place(c *cobra.Command) (place, error) {
	switch {
	case f.data != "" && c.Flags().Changed("config"):
		return place{}, usage(c, "--config and --data exclude each other")
	case f.data != "":
		return f.devPlace(c)
	case f.config == "":
		return place{}, usage(c, "--config or --data is required")
	}
	cfg, err := config.Load(f.config, os.Environ())
	if err != nil {
		return place{}, err
	}
	p := place{master: cfg.MasterKeyBytes(), hash: cfg.Hash}
	if f.tenant == systemTenant {
		p.tenant = systemTenant
		p.dsn, err = app.SystemDatabase(databaseName(cfg.Tenants[0].Database))
		return p, err
	}
	names := make([]string, len(cfg.Tenants))
	for i, t := range cfg.Tenants {
		names[i] = t.Name
		if t.Name == f.tenant || f.tenant == "" && len(cfg.Tenants) == 1 {
			p.tenant, p.dsn, p.origins = t.Name, databaseName(t.Database), t.Domains
			return p, nil
		}
	}
	if f.tenant == "" {
		return p, usage(c, "--tenant is required: there are "+strings.Join(names, ", "))
	}
	return p, usage(c, fmt.Sprintf("there is no tenant %q: there are %s, %s", f.tenant, strings.Join(names, ", "), systemTenant))
}

// devPlace is the database that proofkey dev left in a folder. It is not made here.
func (f *adminFlags) devPlace(c *cobra.Command) (place, error) {
	name, path := "dev", filepath.Join(f.data, "dev.db")
	switch f.tenant {
	case "", "dev":
	case systemTenant:
		name, path = systemTenant, filepath.Join(f.data, "system.db")
	default:
		return place{}, usage(c, fmt.Sprintf("there is no tenant %q: proofkey dev has dev, %s", f.tenant, systemTenant))
	}
	if _, err := os.Stat(path); err != nil {
		return place{}, fmt.Errorf("%s holds no tenant: start proofkey dev --data %s first: %w", f.data, f.data, err)
	}
	master, err := devMasterKey(filepath.Join(f.data, masterKeyFile))
	return place{tenant: name, dsn: "sqlite:" + path, master: master, hash: config.Default().Hash}, err
}

// note tells a person something beside the answer.
func (s *shell) note(format string, args ...any) { fmt.Fprintf(s.notes, format+"\n", args...) }
