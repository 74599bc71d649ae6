package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/web"
)

// devFlags are the flags of proofkey dev.
type devFlags struct {
	http, https, data string
	dashboard         string
	dashboardAnywhere bool // nobody said where
	json, verbose     bool
	tenant            app.DevOptions
}

func newDev() *cobra.Command {
	var f devFlags
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run the whole server on this machine, with a ready tenant and no set-up",
		Long: `dev runs the same handlers and the same store as serve in one process, on loopback only. Its tenant has four
applications, an API that allows offline access, a user and an administrator, whose credentials it prints.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			f.dashboardAnywhere = !c.Flags().Changed("dashboard")
			return dev(c.Context(), f, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.http, "http", "127.0.0.1:3000", "address of the plain listener; port 0 takes a free one")
	flags.StringVar(&f.https, "https", "127.0.0.1:3443", "address of the TLS listener, whose certificate comes from a local authority; port 0 takes a free one")
	flags.StringVar(&f.dashboard, "dashboard", "127.0.0.1:3100", "address of the Dashboard, which has a plain listener of its own; port 0, or the default where that is taken, takes a free one")
	flags.StringVar(&f.data, "data", "", "folder that keeps the tenant between starts (default: in memory)")
	flags.BoolVar(&f.json, "json", false, "print one line of JSON on stdout once requests are answered, and nothing else")
	flags.BoolVar(&f.verbose, "verbose", false, "log every request to stderr")
	flags.BoolVar(&f.tenant.SPAPKCE, "spa-pkce", false, "let Single Page applications exchange codes with PKCE alone (tenant setting pkce_app_types)")
	flags.StringArrayVar(&f.tenant.SPACallbacks, "spa-callback", nil, "one more callback, web origin and logout URL of the Single Page application (repeatable)")
	flags.StringArrayVar(&f.tenant.WebCallbacks, "web-callback", nil, "one more callback and logout URL of the web application (repeatable)")
	return c
}

// devLine is what --json prints.
type devLine struct {
	Issuer      string `json:"issuer"`
	HTTPSIssuer string `json:"https_issuer"`
	CAFile      string `json:"ca_file"`
	StartupMS   int64  `json:"startup_ms"`
	PID         int    `json:"pid"`
	app.DevTenant
	Dashboard string `json:"dashboard"`
}

func dev(ctx context.Context, f devFlags, stdout, stderr io.Writer) error {
	started := processStart()
	for _, address := range []string{f.http, f.https, f.dashboard} {
		if host, _, err := net.SplitHostPort(address); err != nil || !config.Loopback(host) {
			return fmt.Errorf("%q is not a loopback address with a port: dev listens on loopback only, serve is for others", address)
		}
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: devLevel(f.verbose)}))
	servers, err := devListen(ctx, f, log)
	if err != nil {
		return err
	}
	home, database, master, err := devFiles(f.data)
	if err != nil {
		servers.Close()
		return err
	}
	conf, caFile, err := localTLS(home, []string{"localhost", "127.0.0.1", "::1"}, time.Now())
	if err != nil {
		servers.Close()
		return err
	}
	signing, err := devKeys(home)
	if err != nil {
		servers.Close()
		return err
	}
	a, err := app.New(ctx, app.Options{
		Tenants:   []app.TenantOptions{{Name: "dev", Database: database, Domains: devOrigins(servers)}},
		Dashboard: "http://" + servers.DashboardAddr().String(),
		MasterKey: master,
		Log:       log,
		Keys:      signing,
		// The passwords of dev are printed on the screen: a cheap hash guards them as well, and starts sooner.
		Hasher: identity.NewHasher(0, 256, identity.Params{Memory: 4 << 10, Iterations: 1, Parallelism: 1}),
	})
	if err != nil {
		servers.Close()
		return err
	}
	tenant, err := a.SeedDev(ctx, f.tenant)
	if err != nil {
		servers.Close()
		return errors.Join(err, a.Close())
	}
	issuer, https := a.Tenants[0].Domains[0].Issuer(), a.Tenants[0].Domains[1].Issuer()
	line := devLine{Issuer: issuer, HTTPSIssuer: https, CAFile: caFile, PID: os.Getpid(), DevTenant: tenant, Dashboard: a.System.Domains[0].Issuer()}
	// The listeners are open, so requests are answered from here on.
	go func() {
		line.StartupMS = time.Since(started).Milliseconds()
		if f.json {
			_ = json.NewEncoder(stdout).Encode(line)
			return
		}
		printDev(stdout, line)
	}()
	err = servers.Serve(ctx, web.Handlers{HTTP: a.Handler(), TLS: conf, Ready: a.Ready})
	return errors.Join(err, a.Close())
}

// devListen opens the listeners. The Dashboard's moves out of the way of what is there already, such as another proofkey dev,
// unless somebody said where it must be.
func devListen(ctx context.Context, f devFlags, log *slog.Logger) (*web.Servers, error) {
	at := web.Addresses{HTTP: f.http, HTTPS: f.https, Dashboard: f.dashboard}
	timing := web.Timing{Shutdown: 5 * time.Second}
	servers, err := web.Listen(ctx, at, timing, log)
	if err != nil && f.dashboardAnywhere {
		at.Dashboard = "127.0.0.1:0"
		servers, err = web.Listen(ctx, at, timing, log)
	}
	return servers, err
}

func devLevel(verbose bool) slog.Level {
	if verbose {
		return slog.LevelInfo
	}
	return slog.LevelError
}

// devOrigins are the tenant's domains: both listeners, by the address they were given and by the name localhost.
func devOrigins(s *web.Servers) []string {
	plain, tls := s.HTTPAddr(), s.HTTPSAddr()
	return []string{
		"http://" + plain.String(),
		"https://" + tls.String(),
		fmt.Sprintf("http://localhost:%d", plain.Port),
		fmt.Sprintf("https://localhost:%d", tls.Port),
	}
}

// devFiles finds the folder of the local authority and keys, the database and the master key.
func devFiles(data string) (home, database string, master []byte, err error) {
	if data == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return "", "", nil, fmt.Errorf("find the folder for the local authority: %w", err)
		}
		key := make([]byte, 32)
		rand.Read(key)
		return filepath.Join(base, "proofkey"), "sqlite::memory:", key, nil
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", "", nil, err
	}
	master, err = devMasterKey(filepath.Join(data, "master.key"))
	return data, "sqlite:" + filepath.Join(data, "dev.db"), master, err
}

// devMasterKey reads the master key, or makes it at the first start.
func devMasterKey(path string) ([]byte, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := createFile(path, []byte(newMasterKey()+"\n"), 0o600); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
	}
	return readMasterKey(path)
}

// readMasterKey reads the file of a master key.
func readMasterKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s does not hold 32 bytes in base64", path)
	}
	return key, nil
}

// devKeys keeps two signing keys beside the local authority: making them takes longer than starting the server.
func devKeys(home string) ([]*rsa.PrivateKey, error) {
	path := filepath.Join(home, "dev-signing-keys.pem")
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if data, err = newDevKeys(); err != nil {
			return nil, err
		}
		if err = createFile(path, data, 0o600); errors.Is(err, os.ErrExist) {
			data, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, err
	}
	var all []*rsa.PrivateKey
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if r, ok := k.(*rsa.PrivateKey); ok {
			all = append(all, r)
		}
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("%s does not hold two RSA keys: delete it", path)
	}
	return all, nil
}

func newDevKeys() ([]byte, error) {
	var out []byte
	for range 2 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			return nil, err
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	}
	return out, nil
}
