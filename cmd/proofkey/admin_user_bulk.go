package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func newUserImport(f *adminFlags) *cobra.Command {
	var connection, failures string
	var upsert, dry bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Store the users of a file of any length, such as one that user export wrote",
		Long: `import stores the users of a file in the form of Auth0's users-import schema, or of an export: a JSON array or one object a
line, perhaps packed with gzip; - is stdin. Hashes of passwords come along as password_hash or custom_password_hash. A user_id
with a provider, such as auth0|7, is taken as it is.

The form of the whole file is checked first; then a user who is refused keeps nobody else out. An import that was interrupted is
continued by running it again with the same file. Servers may run meanwhile.`,
		Args: oneArgument("a file of users"),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&connection, "connection", store.DefaultConnection, "`name` of the connection of users whose record names none")
	flags.BoolVar(&upsert, "upsert", false, "change users who exist: profile, metadata as a whole, and a hash with which they never signed in")
	flags.BoolVar(&dry, "dry-run", false, "say what would become of the users, and store nothing")
	flags.StringVar(&failures, "failures", "", "write every user who is refused to a `file`, one JSON object a line")
	c.RunE = f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
		conn, err := management.FindConnection(ctx, s.db.Queries, connection)
		if err != nil {
			return err
		}
		return s.importUsers(ctx, args[0], failures, management.ImportOptions{Connection: conn, Upsert: upsert, DryRun: dry, Exported: true})
	})
	return c
}

// shownRefusals is how many of the users who are refused an import shows by itself.
const shownRefusals = 5

func (s *shell) importUsers(ctx context.Context, name, failures string, o management.ImportOptions) error {
	in := io.Reader(struct{ io.Reader }{s.in}) // stdin cannot be read twice
	if name != "-" {
		file, err := management.OpenUsersFile(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in, o.File, o.Size = file, file.Name, file.Size
	}
	sink, err := openFailures(failures)
	if err != nil {
		return err
	}
	progress := newBar(s.notes, s.db.Now)
	var refused []management.UserFailure
	o.Failed = func(f management.UserFailure) {
		sink.write(name, f)
		if len(refused) < shownRefusals {
			refused = append(refused, f)
		}
	}
	sum, err := management.ImportUsers(ctx, s.admin, in, o, func(p management.ImportProgress) { progress.show(filepath.Base(name), p) })
	progress.end()
	if err := errors.Join(err, sink.close()); err != nil {
		return err
	}
	for _, f := range refused {
		s.note("%s", printable(fmt.Sprintf("user %d: %s", f.Number, f.Errors[0].Message)))
	}
	err = s.one(sum, fact{"users", fmt.Sprint(sum.Total)}, fact{"inserted", fmt.Sprint(sum.Inserted)}, fact{"updated", fmt.Sprint(sum.Updated)},
		fact{"refused", fmt.Sprint(sum.Failed)})
	if err == nil && sum.Failed > 0 {
		err = fmt.Errorf("%d of %d users were refused", sum.Failed, sum.Total)
		if failures == "" {
			err = fmt.Errorf("%w; --failures FILE writes down why", err)
		}
	}
	return err
}

func newUserExport(f *adminFlags) *cobra.Command {
	var o management.ExportOptions
	var output, format string
	var fields []string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write users, ordered by user_id, to stdout or a file",
		Args:  noArguments,
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&output, "output", "", "write a `file`, packed where its name ends in .gz")
	flags.StringVar(&format, "format", "ndjson", "`form`: ndjson (one object a line), json (an array) or csv")
	flags.StringVar(&o.Connection, "connection", "", "only users with an account of the connection of this `name`")
	flags.StringArrayVar(&fields, "field", nil, "`path` of a field, such as email, user_metadata.plan or identities[0].connection, or path=column (repeatable; default: all)")
	flags.Int64Var(&o.Limit, "limit", 0, "at most this `number`")
	flags.BoolVar(&o.Hashes, "password-hashes", false, "with the hashes of passwords, in the form in which they are imported; keep the file safe")
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
		switch format {
		case "ndjson":
		case "json":
			o.Array = true
		case "csv":
			o.CSV = true
		default:
			return usage(c, "--format is ndjson, json or csv")
		}
		for _, path := range fields {
			name, column, _ := strings.Cut(path, "=")
			o.Fields = append(o.Fields, management.ExportField{Name: name, As: column})
		}
		if err := o.Check(); err != nil {
			return usage(c, err.Error())
		}
		if o.Connection != "" {
			if _, err := management.FindConnection(ctx, s.db.Queries, o.Connection); err != nil {
				return err
			}
		}
		if output == "" {
			_, err := management.ExportUsers(ctx, s.db, s.out, o, nil)
			return err
		}
		return s.exportUsers(ctx, output, o)
	})
	return c
}

// exportUsers writes a file that is there only when it is whole.
func (s *shell) exportUsers(ctx context.Context, name string, o management.ExportOptions) (err error) {
	total, err := s.db.CountUsersOf(ctx, o.Connection)
	if err != nil {
		return err
	}
	if o.Limit > 0 {
		total = min(total, o.Limit)
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // there is none after the renaming
	out, done := io.Writer(file), func() error { return nil }
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(file)
		out, done = z, z.Close
	}
	progress := newBar(s.notes, s.db.Now)
	n, err := management.ExportUsers(ctx, s.db, out, o, func(n int64) {
		progress.show(filepath.Base(name), management.ImportProgress{Place: n, Size: total, ImportSummary: management.ImportSummary{Total: n}})
	})
	progress.end()
	if err = errors.Join(err, done(), file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return err
	}
	return s.one(map[string]any{"users": n, "file": name}, fact{"users", fmt.Sprint(n)}, fact{"file", name})
}
