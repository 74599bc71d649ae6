package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"
)

func newAdmin() *cobra.Command {
	c := group("admin", "Set up tenants, applications, APIs, users and keys from a shell")
	var f adminFlags
	f.add(c)
	c.AddCommand(
		newAdminApp(&f), newAdminAPI(&f), newAdminGrant(&f), newAdminUser(&f), newAdminKeys(&f),
		newAdminTenant(&f), newAdminDomain(&f), newAdminConnection(&f), newAdminEvents(&f),
		newAdminBootstrap(&f), newAdminMasterKey(),
	)
	return c
}

func newAdminMasterKey() *cobra.Command {
	return &cobra.Command{
		Use:   "master-key",
		Short: "Print a fresh master key: 32 random bytes in base64",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), newMasterKey())
			return err
		},
	}
}

func newMasterKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails: crypto/rand ends the process instead
	return base64.StdEncoding.EncodeToString(key[:])
}
