package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/auth0"
	"github.com/proofkey/proofkey/oauth/keys"
)

func newImport() *cobra.Command {
	c := group("import", "Take a tenant over from another service")
	var f adminFlags
	f.add(c)
	c.AddCommand(newImportAuth0(&f))
	return c
}

// importFlags are those of import auth0.
type importFlags struct {
	mapping, secrets, connection, failures string
	users                                  []string
	newIDs, apply                          bool
}

func newImportAuth0(f *adminFlags) *cobra.Command {
	var i importFlags
	c := &cobra.Command{
		Use:   "auth0 DIR|tenant.yaml",
		Short: "Read an auth0-deploy-cli export and users exports, and say what an import would do; --apply does it",
		Long: `import auth0 reads what auth0-deploy-cli exported, as a folder or as one YAML file, and users exports, and brings them into
the tenant: applications with their client_id, APIs, connections, roles and what else the tenant keeps, under the ids that they
had, and users with their user_id and the hash of their password.

Without --apply nothing is changed: it does everything and undoes it again, and says what would be created, what would change
field by field, what is left as it is, and what is not taken over and why. The configuration is applied as a whole or not at
all; users are stored in batches, and importing again continues where an import was interrupted. A second import changes
nothing, and nothing is ever deleted because the export does not name it.

Export with AUTH0_EXPORT_IDENTIFIERS=true, so that the ids are in it. Servers may run meanwhile.`,
		Args: oneArgument("the folder of an export, or its YAML file"),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&i.apply, "apply", false, "do it")
	flags.StringArrayVar(&i.users, "users", nil, "users export: a `file` of NDJSON or a JSON array, with profiles or with password hashes, perhaps packed with gzip (repeatable)")
	flags.StringVar(&i.connection, "users-connection", "", "`name` of the connection of users whose export names none (default: the tenant's)")
	flags.StringVar(&i.failures, "users-failures", "", "write every user who is refused to a `file`, one JSON object a line")
	flags.StringVar(&i.mapping, "mapping", "", "JSON `file` of values for ##KEYWORDS## and @@KEYWORDS@@, or the config.json of auth0-deploy-cli; the environment has them too")
	flags.StringVar(&i.secrets, "secrets", "", "JSON `file` of client secrets by client_id or name of the application")
	flags.BoolVar(&i.newIDs, "new-client-ids", false, "make applications without a client_id in the export under new ones")
	c.RunE = f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
		return i.run(ctx, s, args[0])
	})
	return c
}

func (i *importFlags) run(ctx context.Context, s *shell, name string) error {
	if len(s.domains) == 0 {
		return errors.New("the tenant has no domain: start the server once, or name a tenant of the configuration with --tenant")
	}
	mapping, err := readOptional(i.mapping)
	if err != nil {
		return err
	}
	keywords, err := auth0.ReadKeywords(i.mapping, mapping, os.Environ())
	if err != nil {
		return err
	}
	secrets, err := readSecrets(i.secrets)
	if err != nil {
		return err
	}
	export, err := auth0.Read(name, keywords)
	if err != nil {
		return err
	}
	if unknown := export.UnknownClient(secrets); unknown != "" {
		return fmt.Errorf("--secrets: the export has no application %q: name it by its client_id or its name", unknown)
	}
	tenant := auth0.Tenant{Name: s.tenantName, DB: s.db, Domains: s.domains, Keys: keys.Open(s.db)}
	report, err := export.Import(ctx, tenant, auth0.Options{Apply: i.apply, Secrets: secrets, NewClientIDs: i.newIDs})
	if err != nil {
		return err
	}
	v := importView{Report: report, apply: i.apply}
	if !report.Refused() {
		err = i.importUsers(ctx, s, export, &v)
	}
	if err := errors.Join(v.print(s), err); err != nil {
		return err
	}
	return v.verdict()
}

func (i *importFlags) importUsers(ctx context.Context, s *shell, export *auth0.Export, v *importView) error {
	if len(i.users) == 0 {
		return nil
	}
	sink, err := openFailures(i.failures)
	if err != nil {
		return err
	}
	bar := newBar(s.notes, s.db.Now)
	v.Users, err = auth0.ImportUsers(ctx, s.db, i.users, auth0.Users{
		Apply: i.apply, Connection: i.connection, Expected: export.Connections(), Progress: bar.show,
		Failed: func(file string, f management.UserFailure) {
			sink.write(file, f)
			if len(v.failures) < shownFailures {
				v.failures = append(v.failures, failedUser{file, f})
			}
		},
	})
	bar.end()
	return errors.Join(err, sink.close())
}

const maxOptional = 16 << 20

// readOptional reads a file; nil where none is named.
func readOptional(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOptional+1))
	if err == nil && len(data) > maxOptional {
		err = fmt.Errorf("%s is larger than %d MiB", name, maxOptional>>20)
	}
	return data, err
}

// readSecrets shows nothing of what it reads in its errors.
func readSecrets(name string) (map[string]string, error) {
	data, err := readOptional(name)
	if data == nil {
		return nil, err
	}
	secrets := map[string]string{}
	if err := json.Unmarshal(data, &secrets); err != nil {
		at := ""
		if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = fmt.Sprintf("; it breaks off at byte %d", bad.Offset)
		}
		return nil, fmt.Errorf("%s is no JSON object of texts by application, such as {\"Shop\": \"…\"}%s", name, at)
	}
	return secrets, nil
}

// failureSink writes refused users to a file, if there is one, until it fails.
type failureSink struct {
	file *os.File
	err  error
}

func openFailures(name string) (*failureSink, error) {
	if name == "" {
		return &failureSink{}, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	return &failureSink{file: f}, err
}

func (s *failureSink) write(file string, f management.UserFailure) {
	if s.file == nil || s.err != nil {
		return
	}
	e := json.NewEncoder(s.file)
	e.SetEscapeHTML(false)
	s.err = e.Encode(map[string]any{"file": file, "number": f.Number, "user": f.User, "errors": f.Errors})
}

func (s *failureSink) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.err, s.file.Close())
}
