package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func newAdminAPI(f *adminFlags) *cobra.Command {
	c := group("api", "APIs: what accepts access tokens")
	c.AddCommand(newAPICreate(f), newAPIList(f), newAPIShow(f), newAPIUpdate(f), newAPIDelete(f))
	return c
}

// apiView is an API as the verbs show it, under its Management API names.
type apiView struct {
	ID            string      `json:"id"`
	Identifier    string      `json:"identifier"`
	Name          string      `json:"name"`
	SigningSecret string      `json:"signing_secret,omitempty"`
	Scopes        []scopeView `json:"scopes"`
	store.APISettings
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type scopeView struct {
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

func viewAPI(a store.API) apiView {
	v := apiView{ID: a.ID, Identifier: a.Identifier, Name: a.Name, Scopes: []scopeView{}, APISettings: a.Settings, CreatedAt: stored(a.CreatedAt), UpdatedAt: stored(a.UpdatedAt)}
	for _, s := range a.Scopes {
		v.Scopes = append(v.Scopes, scopeView(s))
	}
	return v
}

func (s *shell) api(a store.API, secret bool) error {
	v := viewAPI(a)
	if secret {
		v.SigningSecret = a.SigningSecret
	}
	facts := []fact{
		{"identifier", a.Identifier}, {"id", a.ID}, {"name", a.Name}, {"disabled", flagged(a.Settings.Disabled)},
		{"offline access", yes(a.Settings.AllowOfflineAccess)}, {"skip consent", yes(a.Settings.SkipConsent)},
		{"signing", a.Settings.Alg()}, {"signing secret", v.SigningSecret},
		{"access token", "lives " + span(a.Settings.TokenLife())}, {"dialect", a.Settings.TokenDialect},
	}
	var scopes []string
	for _, sc := range a.Scopes {
		scopes = append(scopes, strings.TrimSuffix(sc.Value+" = "+sc.Description, " = "))
	}
	facts = append(facts, lines("scope", scopes)...)
	return s.one(v, append(facts, fact{"created", when(a.CreatedAt)}, fact{"updated", when(a.UpdatedAt)})...)
}

// apiFlags are the settings of an API as flags.
type apiFlags struct {
	update     bool
	token, web lifetime
}

func (f *apiFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.String("name", "", "`name` that users see in the consent prompt")
	flags.StringArray("scope", nil, "`value=description` of a permission (repeatable; '' empties the list)")
	if f.update {
		flags.StringArray("add-scope", nil, "add or describe anew (repeatable)")
		flags.StringArray("remove-scope", nil, "`value` to take out (repeatable)")
	}
	flags.Bool("offline-access", false, "allow refresh tokens for the API (Allow Offline Access)")
	flags.Bool("skip-consent", true, "the tenant's own applications need no consent for it")
	flags.Var(&f.token, "token-lifetime", "`lifetime` of access tokens (3600, 24h, 7d)")
	flags.Var(&f.web, "token-lifetime-web", "`lifetime` of those of browser-based flows")
	flags.String("signing-alg", "", "`algorithm` of access tokens: RS256, RS512, PS256, ES256, EdDSA or HS256")
	flags.String("dialect", "", "`form` of access tokens: access_token or rfc9068_profile, each perhaps with _authz")
	flags.Bool("disabled", false, "issue no tokens for the API")
}

// patch applies the flags that were given.
func (f *apiFlags) patch(c *cobra.Command, a *store.API) (err error) {
	flags, s := c.Flags(), &a.Settings
	take(c, "name", flags.GetString, &a.Name)
	take(c, "offline-access", flags.GetBool, &s.AllowOfflineAccess)
	take(c, "skip-consent", flags.GetBool, &s.SkipConsent)
	take(c, "signing-alg", flags.GetString, &s.SigningAlg)
	take(c, "dialect", flags.GetString, &s.TokenDialect)
	take(c, "disabled", flags.GetBool, &s.Disabled)
	if flags.Changed("token-lifetime") {
		if s.TokenLifetime, err = f.token.ends("token-lifetime"); err != nil {
			return err
		}
	}
	if flags.Changed("token-lifetime-web") {
		if s.TokenLifetimeWeb, err = f.web.ends("token-lifetime-web"); err != nil {
			return err
		}
	}
	return f.patchScopes(c, a)
}

func (f *apiFlags) patchScopes(c *cobra.Command, a *store.API) error {
	flags := c.Flags()
	if flags.Changed("scope") {
		a.Scopes = nil
		fresh, _ := flags.GetStringArray("scope")
		for _, text := range fresh {
			if text != "" {
				a.Scopes = append(a.Scopes, parseScope(text))
			}
		}
	}
	if !f.update {
		return nil
	}
	more, _ := flags.GetStringArray("add-scope")
	for _, text := range more {
		s := parseScope(text)
		if i := scopeAt(a.Scopes, s.Value); i >= 0 {
			a.Scopes[i] = s
			continue
		}
		a.Scopes = append(a.Scopes, s)
	}
	less, _ := flags.GetStringArray("remove-scope")
	for _, value := range less {
		i := scopeAt(a.Scopes, value)
		if i < 0 {
			return fmt.Errorf("--remove-scope: the API has no scope %q", value)
		}
		a.Scopes = append(a.Scopes[:i], a.Scopes[i+1:]...)
	}
	return nil
}

func parseScope(text string) store.APIScope {
	value, description, _ := strings.Cut(text, "=")
	return store.APIScope{Value: value, Description: description}
}

func scopeAt(scopes []store.APIScope, value string) int {
	for i, s := range scopes {
		if s.Value == value {
			return i
		}
	}
	return -1
}

func newAPICreate(f *adminFlags) *cobra.Command {
	var a apiFlags
	c := &cobra.Command{
		Use:   "create --identifier URL --name NAME",
		Short: "Make an API",
		Args:  noArguments,
	}
	c.Flags().String("identifier", "", "`audience` of its tokens, best a URL; it never changes")
	a.add(c)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
		if err := required(c, "identifier", "name"); err != nil {
			return err
		}
		identifier, _ := c.Flags().GetString("identifier")
		api := management.NewAPI(identifier, "")
		if err := a.patch(c, &api); err != nil {
			return err
		}
		if err := s.admin.CreateAPI(ctx, &api); err != nil {
			return err
		}
		return s.api(api, true)
	})
	return c
}

func newAPIList(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the APIs",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error {
			all, err := s.db.APIs(ctx)
			if err != nil {
				return err
			}
			views, rows := make([]apiView, len(all)), make([][]string, len(all))
			for i, a := range all {
				views[i] = viewAPI(a)
				rows[i] = []string{a.Identifier, a.Settings.Alg(), yes(a.Settings.AllowOfflineAccess), yes(!a.Settings.Disabled), a.Name}
			}
			return s.many(views, "IDENTIFIER SIGNING OFFLINE ENABLED NAME", rows)
		}),
	}
}

func newAPIShow(f *adminFlags) *cobra.Command {
	var secret bool
	c := &cobra.Command{
		Use:   "show IDENTIFIER",
		Short: "Show an API",
		Args:  oneArgument("the identifier or id of an API"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			api, err := management.FindAPI(ctx, s.db.Queries, args[0])
			if err != nil {
				return err
			}
			return s.api(api, secret)
		}),
	}
	c.Flags().BoolVar(&secret, "show-secret", false, "show the signing secret of an API that signs with HS256 too")
	return c
}

func newAPIUpdate(f *adminFlags) *cobra.Command {
	a := apiFlags{update: true}
	c := &cobra.Command{
		Use:   "update IDENTIFIER",
		Short: "Change settings of an API; what is not named stays",
		Args:  oneArgument("the identifier or id of an API"),
	}
	a.add(c)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
		if err := something(c); err != nil {
			return err
		}
		api, err := s.admin.UpdateAPI(ctx, args[0], func(api *store.API) error { return a.patch(c, api) })
		if err != nil {
			return err
		}
		return s.api(api, false)
	})
	return c
}

func newAPIDelete(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "delete IDENTIFIER",
		Short: "Remove an API and the client grants for it",
		Args:  oneArgument("the identifier or id of an API"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			if err := s.admin.DeleteAPI(ctx, args[0]); err != nil {
				return err
			}
			return s.done(args[0], "Deleted the API %s.", args[0])
		}),
	}
}
