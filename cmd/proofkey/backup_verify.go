package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/backup"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/store"
)

func newBackupVerify() *cobra.Command {
	var path, keyFile, identity, scratch string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Prove that a backup can be restored, by doing it in a scratch place",
		Long: `verify restores a backup into a folder of its own, starts the server on it on a free port of loopback, and has a made-up user
sign in, exchange the code and refresh the tokens, for each tenant. It compares the rows of every table with what the backup
says, opens every sealed secret, checks that the signing keys of the backup are published and that its signatures verify, and
removes everything again. The databases of the configuration are not touched, so it may run anywhere the two keys are.

The folder has the users' data in the clear while it is there, readable by its owner only.`,
		Args: oneArgument("a backup"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if identity == "" {
				return usage(c, "--identity is required: the file of the private key")
			}
			master, err := verifyKey(c, path, keyFile)
			if err != nil {
				return err
			}
			archive, done, err := openBackup(c, args[0], identity, master)
			if err != nil {
				return err
			}
			defer done()
			dir, err := os.MkdirTemp(scratch, "proofkey-verify-*")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			v := &verification{Report: archive.Report, dir: dir, master: master, log: slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
			if err := v.run(c.Context(), archive); err != nil {
				return err
			}
			return v.print(&shell{out: c.OutOrStdout(), notes: c.ErrOrStderr(), json: asJSON})
		},
	}
	configFlag(c, &path)
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&identity, "identity", "", "`file` of the private key; - is stdin")
	f.StringVar(&keyFile, "master-key-file", "", "`file` of the master key, in place of --config")
	f.StringVar(&scratch, "scratch", "", "`folder` in which the scratch place is made (default: that for temporary files)")
	f.BoolVar(&asJSON, "json", false, "report in JSON")
	return c
}

// verifyKey is the master key, of a configuration or of a file alone.
func verifyKey(c *cobra.Command, path, keyFile string) ([]byte, error) {
	switch {
	case keyFile != "" && c.Flags().Changed("config"):
		return nil, usage(c, "--config and --master-key-file exclude each other")
	case keyFile != "":
		return readMasterKey(keyFile)
	case path == "":
		return nil, usage(c, "--config or --master-key-file is required")
	}
	cfg, err := config.Load(path, os.Environ())
	if err != nil {
		return nil, err
	}
	return cfg.MasterKeyBytes(), nil
}

// verification is what was found out about a backup.
type verification struct {
	Report backup.Report `json:"backup"`
	Checks []check       `json:"checks"`
	OK     bool          `json:"ok"`

	dir    string
	master []byte
	log    *slog.Logger
	places []backup.Place
}

// check is one thing that was looked at.
type check struct {
	Tenant string `json:"tenant"`
	Name   string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (v *verification) check(tenant, name string, err error, format string, args ...any) {
	c := check{Tenant: tenant, Name: name, OK: err == nil, Detail: fmt.Sprintf(format, args...)}
	if err != nil {
		c.Detail = err.Error()
	}
	v.Checks = append(v.Checks, c)
}

// run restores and looks; its own error means that it could not.
func (v *verification) run(ctx context.Context, archive *backup.Archive) error {
	for i, t := range v.Report.Tenants {
		file := fmt.Sprintf("tenant%d.db", i)
		if t.Name == systemTenant {
			file = "system.db" // where the server looks for it beside the first tenant's
		}
		v.places = append(v.places, backup.Place{Name: t.Name, Database: "sqlite:" + filepath.Join(v.dir, file), Domains: t.Domains})
	}
	report, err := archive.Restore(ctx, backup.RestoreOptions{Places: v.places, Now: time.Now})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for i, t := range report.Tenants {
		v.rows(ctx, v.places[i], t)
		var broken error
		if n := len(t.Sealed.Broken); n > 0 {
			broken = fmt.Errorf("the master key does not open %q", t.Sealed.Broken)
		}
		v.check(t.Name, "secrets", broken, "the master key opens all %d", t.Sealed.Secrets)
	}
	if err := v.serve(ctx); err != nil {
		return fmt.Errorf("start the server on the restored databases: %w", err)
	}
	v.OK = !slices.ContainsFunc(v.Checks, func(c check) bool { return !c.OK })
	return ctx.Err()
}

// rows compares the restored tables with those of the backup, before a server adds anything.
func (v *verification) rows(ctx context.Context, p backup.Place, t backup.Tenant) {
	steps := []string{""}
	err := store.Read(ctx, p.Database, v.master, func(s *store.Snapshot) error {
		steps = s.Steps
		for _, saved := range t.Tables {
			i := slices.IndexFunc(s.Tables, func(t store.Table) bool { return t.Name == saved.Table })
			if i < 0 {
				if saved.Rows > 0 {
					return fmt.Errorf("the table %s is gone", saved.Table)
				}
				continue
			}
			n, err := s.Count(ctx, s.Tables[i])
			if err == nil && n != saved.Rows {
				err = fmt.Errorf("%s has %d rows, the backup %d", saved.Table, n, saved.Rows)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	v.check(t.Name, "rows", err, "%d in %d tables, as the backup says", t.Rows(), len(t.Tables))
	now := steps[len(steps)-1]
	detail := now
	if now != t.Schema {
		detail = t.Schema + ", brought up to " + now
	}
	pending, err := store.Pending(ctx, p.Database)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("pending: %q", pending)
	}
	v.check(t.Name, "schema", err, "%s", detail)
}

// serve starts the server on the restored databases and signs in to each tenant that has a domain.
func (v *verification) serve(ctx context.Context) (err error) {
	o := app.Options{MasterKey: v.master, Log: v.log, Hasher: newHasher(config.Default().Hash)}
	for _, p := range v.places {
		switch {
		case p.Name != systemTenant:
			o.Tenants = append(o.Tenants, app.TenantOptions{Name: p.Name, Database: p.Database, Domains: p.Domains})
		case len(p.Domains) > 0:
			o.Dashboard = p.Domains[0]
		}
	}
	a, err := app.New(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return onLoopback(ctx, a.Handler(), func(visit visitor) {
		for _, t := range append(slices.Clone(a.Tenants), a.System) {
			if len(t.Domains) == 0 {
				v.check(t.Name, "sign-in", nil, "not tried: there is no Dashboard, so nobody can")
				continue
			}
			v.keys(ctx, visit, t)
			v.signIn(ctx, visit, t, o)
		}
	})
}

func (v *verification) print(s *shell) error {
	if s.json {
		if err := s.encode(v); err != nil {
			return err
		}
	} else if err := v.table(s); err != nil {
		return err
	}
	if !v.OK {
		return errors.New("the backup is not good: see the report")
	}
	return nil
}

func (v *verification) table(s *shell) error {
	fmt.Fprintf(s.out, "Backup %s of %s by %s\n\n", v.Report.ID, when(v.Report.MadeAt), printable(v.Report.Program))
	var rows [][]string
	for _, c := range v.Checks {
		rows = append(rows, []string{c.Tenant, c.Name, map[bool]string{true: "ok", false: "FAILED"}[c.OK], c.Detail})
	}
	if err := s.many(nil, "TENANT CHECK RESULT DETAIL", rows); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	rows = nil
	for _, t := range v.Report.Tenants {
		for _, c := range t.Tables {
			if c.Rows > 0 {
				rows = append(rows, []string{t.Name, c.Table, fmt.Sprint(c.Rows)})
			}
		}
	}
	return s.many(nil, "TENANT TABLE ROWS", rows)
}
