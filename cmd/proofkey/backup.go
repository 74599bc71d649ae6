package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/backup"
	"github.com/proofkey/proofkey/config"
)

func newBackup() *cobra.Command {
	var path, output, file string
	var recipients []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "backup",
		Short: "Write all tenants into one file that only the holder of a private key can read",
		Long: `backup writes all tenants of the configuration, and the administrators, into one file beside running servers. The rows of a
tenant are those of one moment. The file is sealed to the public keys that are given (age); their private keys are not needed
here and belong elsewhere. The master key is not in the file either: keep it, but not beside the backups.

Make a key pair with: proofkey backup keygen. The schema of the databases is left as it is, so this is safe before an upgrade.`,
		Args: backupArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if output == "" {
				return usage(c, "--output is required: a file, or - for stdout")
			}
			keys, err := readRecipients(c, recipients, file)
			if err != nil {
				return err
			}
			cfg, err := config.Load(path, os.Environ())
			if err != nil {
				return err
			}
			places, err := backupPlaces(cfg)
			if err != nil {
				return err
			}
			o := backup.Options{Tenants: places, MasterKey: cfg.MasterKeyBytes(), Recipients: keys, Program: version(), Now: time.Now}
			report, err := writeBackup(c.Context(), output, o, c.OutOrStdout())
			if err != nil {
				return err
			}
			s := &shell{out: c.OutOrStdout(), notes: c.ErrOrStderr(), json: asJSON}
			if output == "-" {
				s.out = c.ErrOrStderr()
			}
			return s.tenants(report)
		},
	}
	configFlag(c, &path)
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&output, "output", "", "`file` to write, which must not exist; - is stdout")
	f.StringArrayVar(&recipients, "recipient", nil, "public `key` (age1…) whose holder can restore (repeatable)")
	f.StringVar(&file, "recipients-file", "", "`file` of public keys, one a line")
	f.BoolVar(&asJSON, "json", false, "say in JSON what was written")
	c.AddCommand(newBackupVerify(), newBackupKeygen())
	return c
}

// backupArguments refuses a subcommand that there is not.
func backupArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(c, fmt.Sprintf("unknown command %q; the file to write is named by --output", args[0]))
	}
	return nil
}

func newBackupKeygen() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "keygen",
		Short: "Make the key pair that backups are sealed to",
		Long: `keygen makes a key pair (age, X25519). The private key opens every backup that is sealed to the public one: keep it off the
servers, in more than one place. age-keygen makes such keys too, also ones that withstand quantum computers (age-keygen -pq).`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			private, public, err := backup.NewKey()
			if err != nil {
				return err
			}
			text := fmt.Sprintf("# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.RFC3339), public, private)
			if output == "" {
				_, err = io.WriteString(c.OutOrStdout(), text)
				return err
			}
			if err := createFile(output, []byte(text), 0o600); err != nil {
				if errors.Is(err, fs.ErrExist) {
					err = fmt.Errorf("%s exists; it is not overwritten", output)
				}
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), public)
			return err
		},
	}
	c.Flags().StringVar(&output, "output", "", "write the private key to a `file`, and print the public one")
	return c
}

func readRecipients(c *cobra.Command, given []string, name string) (all []age.Recipient, err error) {
	if len(given) == 0 && name == "" {
		return nil, usage(c, "--recipient or --recipients-file is required: make a key pair with proofkey backup keygen")
	}
	if len(given) > 0 {
		if all, err = backup.ParseRecipients(strings.NewReader(strings.Join(given, "\n"))); err != nil {
			return nil, fmt.Errorf("--recipient: %w", err)
		}
	}
	if name != "" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		more, err := backup.ParseRecipients(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, more...)
	}
	return all, nil
}

func readIdentities(name string, stdin io.Reader) ([]age.Identity, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	keys, err := backup.ParseIdentities(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return keys, nil
}

// backupPlaces are the databases of a configuration.
func backupPlaces(cfg *config.Config) ([]backup.Place, error) {
	var all []backup.Place
	for _, t := range cfg.Tenants {
		all = append(all, backup.Place{Name: t.Name, Database: databaseName(t.Database), Domains: t.Domains})
	}
	database, err := app.SystemDatabase(all[0].Database)
	if err != nil {
		return nil, err
	}
	system := backup.Place{Name: systemTenant, Database: database}
	if cfg.Dashboard.Domain != "" {
		system.Domains = []string{cfg.Dashboard.Domain}
	}
	return append(all, system), nil
}

// writeBackup writes a file that is there only when it is whole.
func writeBackup(ctx context.Context, name string, o backup.Options, stdout io.Writer) (backup.Report, error) {
	if name == "-" {
		return backup.Write(ctx, stdout, o)
	}
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return backup.Report{}, errors.Join(fmt.Errorf("%s exists; it is not overwritten", name), err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return backup.Report{}, err
	}
	defer os.Remove(f.Name())
	report, err := backup.Write(ctx, f, o)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = claim(f.Name(), name)
	}
	if err != nil {
		return backup.Report{}, fmt.Errorf("write %s: %w", name, err)
	}
	return report, syncFolder(filepath.Dir(name))
}

// tenants says what a backup holds, or what was restored.
func (s *shell) tenants(r backup.Report) error {
	rows := make([][]string, len(r.Tenants))
	for i, t := range r.Tenants {
		rows[i] = []string{t.Name, t.Engine, t.Schema, fmt.Sprint(len(t.Tables)), fmt.Sprint(t.Rows()), when(t.At)}
	}
	if s.json {
		return s.encode(r)
	}
	return s.many(nil, "TENANT FROM SCHEMA TABLES ROWS AT", rows)
}

func newRestore() *cobra.Command {
	var path, identity string
	var tenants []string
	var signOut, asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill empty databases from a backup",
		Long: `restore fills the databases of the configuration from a file that proofkey backup wrote: all of them, or those named by
--tenant. They must be empty, for nothing is overwritten, and may be of another kind than they were: so a tenant moves
between SQLite and PostgreSQL. The file is checked to its last byte before anything is written, and either all is restored or
nothing. The configuration has the master key of the server that the backup was made of.

What was ended or used after the backup is as it was before it: a session that was signed out, a link to change a password.
After an incident give --sign-out. Stop the servers first; start them afterwards.`,
		Args: oneArgument("a backup"),
		RunE: func(c *cobra.Command, args []string) error {
			if identity == "" {
				return usage(c, "--identity is required: the file of the private key")
			}
			cfg, err := config.Load(path, os.Environ())
			if err != nil {
				return err
			}
			places, err := backupPlaces(cfg)
			if err != nil {
				return err
			}
			archive, done, err := openBackup(c, args[0], identity, cfg.MasterKeyBytes())
			if err != nil {
				return err
			}
			defer done()
			if places, err = chosenPlaces(c, places, tenants, archive.Report); err != nil {
				return err
			}
			report, err := archive.Restore(c.Context(), backup.RestoreOptions{Places: places, SignOut: signOut, Now: time.Now})
			if err != nil {
				return err
			}
			return restored(&shell{out: c.OutOrStdout(), notes: c.ErrOrStderr(), json: asJSON}, report)
		},
	}
	configFlag(c, &path)
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&identity, "identity", "", "`file` of the private key; - is stdin")
	f.StringArrayVar(&tenants, "tenant", nil, "restore only the tenant of this `name` (repeatable); "+systemTenant+" is the administrators' database")
	f.BoolVar(&signOut, "sign-out", false, "end every session, refresh token and single-use link")
	f.BoolVar(&asJSON, "json", false, "say in JSON what was restored")
	return c
}

// openBackup checks a backup to its last byte.
func openBackup(c *cobra.Command, name, identity string, master []byte) (*backup.Archive, func(), error) {
	keys, err := readIdentities(identity, c.InOrStdin())
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	a, err := backup.Open(c.Context(), f, keys, master)
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, func() { f.Close() }, nil
}

// chosenPlaces are the databases to fill: without names all of them, and then the backup must have the same tenants.
func chosenPlaces(c *cobra.Command, places []backup.Place, names []string, r backup.Report) (chosen []backup.Place, err error) {
	configured, saved := map[string]backup.Place{}, map[string]bool{}
	var differ []string
	for _, t := range r.Tenants {
		saved[t.Name] = true
	}
	for _, p := range places {
		configured[p.Name] = p
		if !saved[p.Name] {
			differ = append(differ, "the backup has no tenant "+p.Name)
		}
	}
	for _, t := range r.Tenants {
		if _, ok := configured[t.Name]; !ok {
			differ = append(differ, "the configuration has no tenant "+t.Name)
		}
	}
	if len(names) == 0 {
		if len(differ) > 0 {
			return nil, fmt.Errorf("%s: name those to restore with --tenant", strings.Join(differ, ", "))
		}
		return places, nil
	}
	for _, name := range names {
		p, ok := configured[name]
		if !ok {
			return nil, usage(c, fmt.Sprintf("the configuration has no tenant %q", name))
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// restored says what was restored. A secret that does not open was like that in the database that the backup was made of.
func restored(s *shell, r backup.Report) error {
	if err := s.tenants(r); err != nil {
		return err
	}
	for _, t := range r.Tenants {
		if t.Sealed != nil && len(t.Sealed.Broken) > 0 {
			s.note("%s: the master key does not open %s. That came with the backup; set what it belongs to anew.", t.Name, strings.Join(t.Sealed.Broken, ", "))
		}
	}
	return nil
}
