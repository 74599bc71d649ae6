package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/config"
)

const masterKeyFile = "master.key"

func newConfig() *cobra.Command {
	c := group("config", "Show or make the configuration of `proofkey serve`")
	c.AddCommand(newConfigPrint(), newConfigInit())
	return c
}

// configFlag adds --config, whose default is the environment's.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", os.Getenv("PROOFKEY_CONFIG"), "configuration `file` (default: $PROOFKEY_CONFIG)")
}

func newConfigPrint() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "print",
		Short: "Print every key with its meaning, default, value and where the value came from",
		Long: `Print every key with its meaning, default, value and where the value came from.

Secrets are masked. What is wrong with the configuration is reported after it, and makes the exit code 1.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(path, os.Environ())
			if cfg == nil {
				return err
			}
			return errors.Join(cfg.Print(c.OutOrStdout()), err)
		},
	}
	configFlag(c, &path)
	return c
}

func newConfigInit() *cobra.Command {
	var path, domain, dashboard string
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a commented configuration file and a fresh master key beside it",
		Long: `Write a commented configuration file and a fresh master key beside it (readable by its owner only).

The file describes a server that listens on loopback: for a domain with https, a reverse proxy on the same machine
stands in front of it, or listen.https is set with tls.* or acme.*. Files that exist are never overwritten.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if path == "" {
				path = "proofkey.yml"
			}
			if err := initConfig(path, domain, dashboard); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "Wrote %s and %s.\nNext: proofkey serve --config %s\n", path, filepath.Join(filepath.Dir(path), masterKeyFile), path)
			return nil
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&domain, "domain", "http://localhost:3000", "`origin` of the first tenant")
	c.Flags().StringVar(&dashboard, "dashboard", "", "`origin` of the Dashboard (default: http://127.0.0.1 where the tenant is on http://localhost, otherwise none)")
	return c
}

// initConfig writes a file that loads as it is. A master key that is already there stays: databases may be sealed with it.
func initConfig(path, domain, dashboard string) error {
	if port, local := strings.CutPrefix(domain, "http://localhost"); local && dashboard == "" {
		dashboard = "http://127.0.0.1" + port
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists; it is not overwritten", path)
	}
	var b strings.Builder
	b.WriteString("# Configuration of `proofkey serve`. Every key is here; a key that is a comment has its default.\n\n")
	set := map[string]string{
		"listen.http":     ` "127.0.0.1:3000"`,
		"master_key_file": " " + masterKeyFile,
		"proxies":         ` ["127.0.0.1/32", "::1/128"]`,
		"tenants":         fmt.Sprintf("\n  - name: main\n    database: main.db\n    domains:\n      - %q", domain),
	}
	if dashboard != "" {
		set["dashboard.domain"] = fmt.Sprintf(" %q", dashboard)
	}
	if err := config.Template(&b, set); err != nil {
		return err
	}
	key := newMasterKey()
	err := createFile(filepath.Join(filepath.Dir(path), masterKeyFile), []byte(key+"\n"), 0o600)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := createFile(path, []byte(b.String()), 0o600); err != nil {
		return err
	}
	if _, err := config.Load(path, nil); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
