package main

import (
	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/store"
)

// limitLists are the addresses that the limits of logins do not count.
var limitLists = []listFlag[store.TenantSettings]{
	{"brute-force-allow", "`address` or range that no account is blocked for", func(s *store.TenantSettings) *[]string { return &s.BruteForce.Allowlist }},
	{"suspicious-ip-allow", "`address` or range that is never throttled", func(s *store.TenantSettings) *[]string { return &s.SuspiciousIP.Allowlist }},
}

// limitFlags are the tenant's limits of logins and sign-ups as flags.
func limitFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.Bool("brute-force", true, "block an account for an address after failed logins")
	flags.Int("brute-force-max-attempts", 0, "`number` of failures that block (0: 10)")
	flags.String("brute-force-mode", "", "`count_per_identifier_and_ip or count_per_identifier`")
	flags.Bool("suspicious-ip", true, "throttle addresses with many failed logins or sign-ups")
	flags.Int("login-max-attempts", 0, "failed logins of an address: `number` a day (0: 100)")
	flags.Int64("login-rate", 0, "`milliseconds` after which an address gets back one (0: 864000)")
	flags.Int("signup-max-attempts", 0, "sign-ups of an address: `number` a minute (0: 50)")
	flags.Int64("signup-rate", 0, "`milliseconds` after which an address gets back one (0: 1200)")
	for _, l := range limitLists {
		l.add(c, true)
	}
}

func patchLimits(c *cobra.Command, s *store.TenantSettings) error {
	flags := c.Flags()
	for name, into := range map[string]**bool{"brute-force": &s.BruteForce.Enabled, "suspicious-ip": &s.SuspiciousIP.Enabled} {
		if flags.Changed(name) {
			on, _ := flags.GetBool(name)
			*into = &on
		}
	}
	take(c, "brute-force-max-attempts", flags.GetInt, &s.BruteForce.MaxAttempts)
	take(c, "brute-force-mode", flags.GetString, &s.BruteForce.Mode)
	take(c, "login-max-attempts", flags.GetInt, &s.SuspiciousIP.LoginMaxAttempts)
	take(c, "login-rate", flags.GetInt64, &s.SuspiciousIP.LoginRate)
	take(c, "signup-max-attempts", flags.GetInt, &s.SuspiciousIP.SignupMaxAttempts)
	take(c, "signup-rate", flags.GetInt64, &s.SuspiciousIP.SignupRate)
	for _, l := range limitLists {
		if err := l.patch(c, s); err != nil {
			return err
		}
	}
	return nil
}
