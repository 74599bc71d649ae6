package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/attack"
	"github.com/proofkey/proofkey/config"
)

func newAttack() *cobra.Command {
	var t attack.Target
	var caFile string
	var asJSON, authorized bool
	c := &cobra.Command{
		Use:   "attack ISSUER",
		Short: "Try on a running OpenID provider the attacks that hit its peers, and report which work",
		Long: `attack sends about 150 cases, each a class of a published advisory, to an issuer: this server or any other. What you give it
decides how much applies: a native application with PKCE, a web application with a secret, a user, an API, and a user who may
end up blocked. The password and the secret come from PROOFKEY_ATTACK_PASSWORD and PROOFKEY_ATTACK_SECRET, so that no process
list shows them. Issuers that are not on this machine need --authorized: attack only what you may.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, "one issuer is needed, with the slash at its end")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			t.Issuer = args[0]
			u, err := url.Parse(t.Issuer)
			if err != nil || u.Host == "" {
				return usage(c, fmt.Sprintf("%q is not a URL", args[0]))
			}
			if !config.Loopback(u.Hostname()) && !authorized {
				return usage(c, u.Host+" is not this machine: say --authorized if its owner agrees")
			}
			t.Password, t.Web.Secret = os.Getenv("PROOFKEY_ATTACK_PASSWORD"), os.Getenv("PROOFKEY_ATTACK_SECRET")
			if t.Client, err = trusting(caFile); err != nil {
				return err
			}
			results, err := attack.Run(c.Context(), t, func(r attack.Result) {
				if r.Outcome == attack.Failed {
					fmt.Fprintf(c.ErrOrStderr(), "failed: %s, %s: %s\n", r.Class, r.Name, printable(r.Detail))
				}
			})
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(results)
			} else {
				err = attack.Report(c.OutOrStdout(), results)
			}
			for _, r := range results {
				if r.Outcome == attack.Failed && err == nil {
					return errors.New("at least one attack works")
				}
			}
			return err
		},
	}
	flags := c.Flags()
	flags.StringVar(&t.Native.ID, "client-id", "", "client_id of a native application, without a secret")
	flags.StringVar(&t.Native.RedirectURI, "redirect-uri", "", "one of its callbacks")
	flags.StringVar(&t.Web.ID, "web-client-id", "", "client_id of a web application with a secret")
	flags.StringVar(&t.Web.RedirectURI, "web-redirect-uri", "", "one of its callbacks")
	flags.StringVar(&t.Username, "username", "", "a user who can sign in to both")
	flags.StringVar(&t.Audience, "audience", "", "`identifier` of an API that allows offline access")
	flags.StringVar(&t.Victim, "victim", "", "`name` of a user whose account may end up blocked")
	flags.StringVar(&caFile, "ca-file", "", "PEM `file` with the authority of the issuer's certificate")
	flags.BoolVar(&asJSON, "json", false, "report in JSON")
	flags.BoolVar(&authorized, "authorized", false, "the owner of an issuer elsewhere agrees to this")
	return c
}

// trusting is a client that knows one more authority.
func trusting(caFile string) (*http.Client, error) {
	if caFile == "" {
		return &http.Client{}, nil
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", caFile)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}
