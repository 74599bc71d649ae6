// Command go-auth0 runs the management tests of github.com/auth0/go-auth0, unchanged, against a server that it starts, and
// compares what passed with tests.txt. Each test for which the SDK keeps a recording of the service counts: one listed as
// passing must pass, an expected failure that passes must move over, and a test that the list does not know is an error. So the
// failures can only become fewer. It is a module of its own so that it can see no package of the server.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/auth0/go-auth0"
	"github.com/auth0/go-auth0/management"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Getenv("PROOFKEY_BIN"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-auth0:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string) (err error) {
	if binary == "" {
		return errors.New("PROOFKEY_BIN must name the proofkey binary (make interop-go-auth0 builds it)")
	}
	listed, err := readList("tests.txt")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "proofkey-go-auth0-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tests, err := buildSuite(ctx, dir)
	if err != nil {
		return err
	}
	server, err := startServer(ctx, binary, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	if err := trust(dir, server.CAFile); err != nil {
		return err
	}
	if err := prepareTenant(ctx, server); err != nil {
		return err
	}
	passed, outputs, err := tests.run(ctx, server, listed)
	if err != nil {
		return err
	}
	return report(tests.names(), passed, outputs, listed)
}

// trust makes this process and the tests trust the server's authority beside those of the machine.
func trust(dir, caFile string) error {
	system := os.Getenv("SSL_CERT_FILE")
	if system == "" {
		system = "/etc/ssl/certs/ca-certificates.crt"
	}
	bundle, err := os.ReadFile(system)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	own, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "bundle.pem")
	if err := os.WriteFile(path, slices.Concat(bundle, []byte("\n"), own), 0o600); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_FILE", path)
}

// prepareTenant makes the tenant of proofkey dev like the one the tests were recorded on: without its API, whose identifier
// the tests of permissions use, with new applications that have no connection yet, and with the page that invitations lead to.
func prepareTenant(ctx context.Context, s *server) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	api, err := management.New(s.domain(), management.WithClientCredentials(ctx, s.M2M.ClientID, s.M2M.ClientSecret))
	if err != nil {
		return fmt.Errorf("preparing the tenant: %w", err)
	}
	if err := api.ResourceServer.Delete(ctx, s.API.Identifier); err != nil {
		return fmt.Errorf("deleting the API %s: %w", s.API.Identifier, err)
	}
	flags := &management.TenantFlags{EnableClientConnections: auth0.Bool(false)}
	if err := api.Tenant.Update(ctx, &management.Tenant{Flags: flags, DefaultRedirectionURI: auth0.String("https://mycompany.org/login")}); err != nil {
		return fmt.Errorf("changing the tenant's settings: %w", err)
	}
	return nil
}

// report prints the two counts and answers an error when a result is not the listed one.
func report(names []string, passed map[string]bool, outputs map[string]string, listed map[string]expectation) error {
	var wrong []string
	good, bad, expected := 0, 0, 0
	for _, name := range names {
		want, known := listed[name]
		switch {
		case !known:
			bad++
			wrong = append(wrong, fmt.Sprintf("%s is not in tests.txt (passes: %t)", name, passed[name]))
		case passed[name] && want.pass:
			good++
		case passed[name]:
			bad++
			wrong = append(wrong, name+" passes now: change its line in tests.txt to pass")
		case want.pass:
			bad++
			wrong = append(wrong, name+" must pass and does not:\n"+outputs[strings.Split(name, "/")[0]])
		default:
			expected++
		}
	}
	for name := range listed {
		if !slices.Contains(names, name) {
			bad++
			wrong = append(wrong, name+" is in tests.txt, and the SDK has no such test")
		}
	}
	for _, line := range wrong {
		fmt.Println(line)
	}
	fmt.Printf("go-auth0: %d passed, %d failed, %d expected failures\n", good, bad, expected)
	if bad > 0 {
		return fmt.Errorf("%d tests differ from tests.txt", bad)
	}
	return nil
}

// line is the one line that proofkey dev --json prints, as far as it matters here.
type line struct {
	HTTPSIssuer string `json:"https_issuer"`
	CAFile      string `json:"ca_file"`
	M2M         struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"m2m"`
	API struct {
		Identifier string `json:"identifier"`
	} `json:"api"`
}

func (l line) domain() string {
	return strings.TrimSuffix(strings.TrimPrefix(l.HTTPSIssuer, "https://"), "/")
}

func parseLine(raw []byte) (line, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return line{}, fmt.Errorf("the server printed %q: %w", raw, err)
	}
	return l, nil
}
