package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
)

func newAdminKeys(f *adminFlags) *cobra.Command {
	c := group("keys", "Signing keys of the tenant")
	c.AddCommand(newKeysList(f), newKeysRotate(f), newKeysRevoke(f))
	return c
}

// keyView is a signing key as the verbs show it.
type keyView struct {
	Kid       string    `json:"kid"`
	Alg       string    `json:"alg"`
	State     string    `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
}

func (s *shell) keys(ctx context.Context) error {
	all, err := keys.Open(s.db).List(ctx)
	if err != nil {
		return err
	}
	views, rows := make([]keyView, len(all)), make([][]string, len(all))
	for i, k := range all {
		views[i] = keyView{k.Kid, k.Alg, k.State, k.CreatedAt, k.ChangedAt}
		rows[i] = []string{k.Kid, k.Alg, k.State, when(k.ChangedAt)}
	}
	return s.many(views, "KID ALG STATE SINCE", rows)
}

func newKeysList(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the signing keys, revoked ones included",
		Args:  noArguments,
		RunE:  f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error { return s.keys(ctx) }),
	}
}

func newKeysRotate(f *adminFlags) *cobra.Command {
	var alg string
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Sign with the next key from now on",
		Long: `rotate makes the next key the current one, with which everything is signed from the next request on, and makes a new
next key. Clients notice nothing: the key set (/.well-known/jwks.json) had the next key before it signs, and keeps the
former one as previous, so tokens that are out verify until they expire. When the former key is compromised, revoke it
afterwards: its tokens are refused at once.`,
		Args: noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			if !slices.Contains([]string{keys.RS256, keys.RS512, keys.PS256, keys.ES256, keys.EdDSA}, alg) {
				return usage(c, "--alg is RS256, RS512, PS256, ES256 or EdDSA")
			}
			_, err := keys.Open(s.db).Rotate(ctx, alg, func(tx *store.Tx) error {
				return s.admin.Record(ctx, tx, store.Event{Description: "Rotate the signing keys", Details: map[string]any{"alg": alg}})
			})
			if err != nil {
				return err
			}
			s.note("Rotated %s: the next key signs now, a new next key is published, and the former key stays published as previous\n"+
				"so that tokens which are out verify until they expire. To end them now: proofkey admin keys revoke KID", alg)
			return s.keys(ctx)
		}),
	}
	c.Flags().StringVar(&alg, "alg", keys.RS256, "`algorithm` whose keys are rotated: RS256, RS512, PS256, ES256 or EdDSA")
	return c
}

func newKeysRevoke(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke KID",
		Short: "Forget a previous key for good: what it signed verifies no longer",
		Args:  oneArgument("the kid of a previous key"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			err := keys.Open(s.db).Revoke(ctx, args[0], func(tx *store.Tx) error {
				return s.admin.Record(ctx, tx, store.Event{Description: "Revoke a signing key", Details: map[string]any{"kid": args[0]}})
			})
			if err != nil {
				return err
			}
			return s.done(args[0], "Revoked %s. Clients that cached the key set verify its tokens until they fetch it again.", args[0])
		}),
	}
}
