package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/store"
)

func newAdminConnection(f *adminFlags) *cobra.Command {
	c := group("connection", "Connections: where users come from")
	c.AddCommand(newConnectionList(f), newConnectionUpdate(f))
	return c
}

// connectionView is a connection as the verbs show it.
type connectionView struct {
	ID       string                   `json:"id"`
	Name     string                   `json:"name"`
	Strategy string                   `json:"strategy"`
	Options  store.ConnectionSettings `json:"options"`
}

func newConnectionList(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the connections",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error {
			all, err := s.db.Connections(ctx)
			if err != nil {
				return err
			}
			views, rows := make([]connectionView, len(all)), make([][]string, len(all))
			for i, c := range all {
				views[i] = connectionView{c.ID, c.Name, c.Strategy, c.Settings}
				rows[i] = []string{c.Name, c.Strategy, yes(!c.Settings.DisableSignup), orText(c.Settings.PasswordPolicy, "good"), yes(!c.Settings.Disabled)}
			}
			return s.many(views, "NAME STRATEGY SIGNUP POLICY ENABLED", rows)
		}),
	}
}

func newConnectionUpdate(f *adminFlags) *cobra.Command {
	c := &cobra.Command{
		Use:   "update NAME",
		Short: "Change settings of a connection; what is not named stays",
		Args:  oneArgument("the name of a connection"),
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
			if err := something(c); err != nil {
				return err
			}
			conn, err := s.admin.UpdateConnection(ctx, args[0], func(conn *store.Connection) error {
				patchConnection(c, &conn.Settings)
				return nil
			})
			if err != nil {
				return err
			}
			set := conn.Settings
			return s.one(connectionView{conn.ID, conn.Name, conn.Strategy, set},
				fact{"name", conn.Name}, fact{"id", conn.ID}, fact{"strategy", conn.Strategy}, fact{"sign-up", yes(!set.DisableSignup)},
				fact{"password policy", orText(set.PasswordPolicy, "good")}, fact{"disabled", flagged(set.Disabled)})
		}),
	}
	flags := c.Flags()
	flags.Bool("disable-signup", false, "nobody makes an account by themselves")
	flags.String("password-policy", "", "`policy` of new passwords: none, low, fair, good or excellent")
	flags.Int("min-length", 0, "least `number` of characters of new passwords (0: the policy's)")
	flags.Bool("password-dictionary", true, "refuse common passwords")
	flags.Bool("password-no-personal-info", true, "refuse passwords that contain the user's name or address")
	flags.Bool("disabled", false, "nobody signs in through the connection")
	return c
}

func patchConnection(c *cobra.Command, s *store.ConnectionSettings) {
	flags := c.Flags()
	take(c, "disable-signup", flags.GetBool, &s.DisableSignup)
	take(c, "password-policy", flags.GetString, &s.PasswordPolicy)
	take(c, "min-length", flags.GetInt, &s.MinLength)
	take(c, "disabled", flags.GetBool, &s.Disabled)
	for name, into := range map[string]**bool{"password-dictionary": &s.Dictionary, "password-no-personal-info": &s.NoPersonalInfo} {
		if flags.Changed(name) {
			on, _ := flags.GetBool(name)
			*into = &on
		}
	}
}
