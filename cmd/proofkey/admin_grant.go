package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func newAdminGrant(f *adminFlags) *cobra.Command {
	c := group("grant", "Client grants: which API an application may call in its own name (client_credentials)")
	c.AddCommand(newGrantCreate(f), newGrantList(f), newGrantUpdate(f), newGrantDelete(f))
	return c
}

// grantView is a client grant as the verbs show it, under its Management API names.
type grantView struct {
	ID        string    `json:"id"`
	ClientID  string    `json:"client_id"`
	Audience  string    `json:"audience"`
	Scope     []string  `json:"scope"`
	CreatedAt time.Time `json:"created_at"`
}

func viewGrant(g store.ClientGrant) grantView {
	return grantView{g.ID, g.ClientID, g.Audience, append([]string{}, strings.Fields(g.Scope)...), stored(g.CreatedAt)}
}

func (s *shell) grant(g store.ClientGrant) error {
	return s.one(viewGrant(g), fact{"id", g.ID}, fact{"client_id", g.ClientID}, fact{"audience", g.Audience}, fact{"scope", g.Scope})
}

func newGrantCreate(f *adminFlags) *cobra.Command {
	var g store.ClientGrant
	var scopes []string
	var all bool
	c := &cobra.Command{
		Use:   "create --app CLIENT_ID --audience IDENTIFIER",
		Short: "Let an application call an API in its own name",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			if err := required(c, "app", "audience"); err != nil {
				return err
			}
			g.Scope = strings.Join(scopes, " ")
			if all {
				api, err := management.FindAPI(ctx, s.admin.DB.Queries, g.Audience)
				if err != nil {
					return err
				}
				for _, known := range api.Scopes {
					g.Scope += " " + known.Value
				}
			}
			if err := s.admin.CreateClientGrant(ctx, &g); err != nil {
				return err
			}
			return s.grant(g)
		}),
	}
	c.Flags().StringVar(&g.ClientID, "app", "", "`client_id` of the application")
	c.Flags().StringVar(&g.Audience, "audience", "", "`identifier` of the API")
	c.Flags().BoolVar(&all, "all-scopes", false, "every scope that the API has now, such as for an administrator of the Management API ({issuer}api/v2/)")
	c.Flags().StringArrayVar(&scopes, "scope", nil, "`scope` of the API (repeatable, or several with spaces between)")
	return c
}

func newGrantUpdate(f *adminFlags) *cobra.Command {
	var scopes []string
	c := &cobra.Command{
		Use:   "update GRANT_ID",
		Short: "Replace the scopes of a client grant",
		Args:  oneArgument("the id of a client grant"),
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
			if err := required(c, "scope"); err != nil {
				return err
			}
			g, err := s.admin.UpdateClientGrant(ctx, args[0], strings.TrimSpace(strings.Join(scopes, " ")))
			if err != nil {
				return err
			}
			return s.grant(g)
		}),
	}
	c.Flags().StringArrayVar(&scopes, "scope", nil, "`scope` of the API (repeatable; '' takes all away)")
	return c
}

func newGrantList(f *adminFlags) *cobra.Command {
	var app string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the client grants",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			all, err := s.grantsOf(ctx, app)
			if err != nil {
				return err
			}
			views, rows := make([]grantView, len(all)), make([][]string, len(all))
			for i, g := range all {
				views[i] = viewGrant(g)
				rows[i] = []string{g.ID, g.ClientID, g.Audience, g.Scope}
			}
			return s.many(views, "ID CLIENT_ID AUDIENCE SCOPE", rows)
		}),
	}
	c.Flags().StringVar(&app, "app", "", "only those of the application with this `client_id`")
	return c
}

func (s *shell) grantsOf(ctx context.Context, app string) ([]store.ClientGrant, error) {
	if app == "" {
		return management.AllClientGrants(ctx, s.db.Queries)
	}
	grants, err := s.db.ClientGrants(ctx, app)
	if err == nil && len(grants) == 0 {
		_, err = management.FindClient(ctx, s.db.Queries, app)
	}
	return grants, err
}

func newGrantDelete(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "delete GRANT_ID",
		Short: "Take a client grant away",
		Args:  oneArgument("the id of a client grant"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			if err := s.admin.DeleteClientGrant(ctx, args[0]); err != nil {
				return err
			}
			return s.done(args[0], "Deleted the client grant %s.", args[0])
		}),
	}
}
