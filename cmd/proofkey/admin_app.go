package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

func newAdminApp(f *adminFlags) *cobra.Command {
	c := group("app", "Applications: what asks for tokens")
	c.AddCommand(newAppCreate(f), newAppList(f), newAppShow(f), newAppUpdate(f), newAppRotateSecret(f), newAppDelete(f))
	return c
}

// appView is an application as the verbs show it, under its Management API names.
type appView struct {
	ClientID     string `json:"client_id"`
	Name         string `json:"name"`
	ClientSecret string `json:"client_secret,omitempty"`
	FirstParty   bool   `json:"is_first_party"`
	store.ClientSettings
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func viewApp(c store.Client) appView {
	v := appView{ClientID: c.ID, Name: c.Name, FirstParty: !c.Settings.ThirdParty, ClientSettings: c.Settings, CreatedAt: stored(c.CreatedAt), UpdatedAt: stored(c.UpdatedAt)}
	v.ThirdParty = false // said by is_first_party
	return v
}

func (s *shell) app(c store.Client, secret bool) error {
	v := viewApp(c)
	if secret {
		v.ClientSecret = c.Secret
	}
	set := c.Settings
	facts := []fact{
		{"client_id", c.ID}, {"client_secret", v.ClientSecret}, {"name", c.Name}, {"description", set.Description},
		{"type", set.AppType}, {"disabled", flagged(set.Disabled)}, {"third party", flagged(set.ThirdParty)},
		{"authentication", orText(set.TokenEndpointAuthMethod, "client_secret_post or client_secret_basic")},
	}
	for _, l := range appLists {
		facts = append(facts, lines(l.name, *l.of(&set))...)
	}
	r := set.RefreshToken
	facts = append(facts,
		fact{"ID token", "lives " + span(set.IDTokenLife())},
		fact{"refresh token", refreshText(r)},
		fact{"android", set.Mobile.Android.AppPackageName},
	)
	ios := set.Mobile.IOS
	facts = append(facts, fact{"ios", strings.Trim(ios.TeamID+"."+ios.AppBundleIdentifier, ".")})
	if set.SkipConfirmation != nil {
		facts = append(facts, fact{"skip confirmation", yes(*set.SkipConfirmation)})
	}
	return s.one(v, append(facts, fact{"created", when(c.CreatedAt)}, fact{"updated", when(c.UpdatedAt)})...)
}

func refreshText(r store.RefreshSettings) string {
	kind := management.NonRotating
	if r.Rotating() {
		kind = management.Rotating + ", retry within " + span(r.RetryWindow())
	}
	return kind + ", ends " + endText(r.Absolute()) + ", unused " + endText(r.Idle())
}

func endText(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	return "after " + span(d)
}

// appLists are the lists of an application.
var appLists = []listFlag[store.ClientSettings]{
	{"callback", "`URL` that a login may return to", func(s *store.ClientSettings) *[]string { return &s.Callbacks }},
	{"logout-url", "`URL` that a logout may return to", func(s *store.ClientSettings) *[]string { return &s.AllowedLogoutURLs }},
	{"web-origin", "`origin` of a page that renews tokens in an iframe", func(s *store.ClientSettings) *[]string { return &s.WebOrigins }},
	{"origin", "further `origin` that may call from a browser (CORS)", func(s *store.ClientSettings) *[]string { return &s.AllowedOrigins }},
	{"grant", "grant `type` that the application may use", func(s *store.ClientSettings) *[]string { return &s.GrantTypes }},
	{"connection", "`name` of a connection whose users may sign in; none means all", func(s *store.ClientSettings) *[]string { return &s.Connections }},
	{"android-fingerprint", "SHA-256 `fingerprint` of the Android app's certificate", func(s *store.ClientSettings) *[]string { return &s.Mobile.Android.SHA256CertFingerprints }},
}

// appFlags are the settings of an application as flags.
type appFlags struct {
	update                 bool
	idToken, refresh, idle lifetime
}

func (f *appFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.String("name", "", "`name` that users see")
	flags.String("type", "", "`type`: native, spa, regular_web or non_interactive")
	for _, l := range appLists {
		l.add(c, f.update)
	}
	flags.String("description", "", "`text` for administrators")
	flags.String("auth-method", "", "`method` by which it authenticates: none, client_secret_post or client_secret_basic")
	flags.Bool("third-party", false, "it belongs to somebody else: users are always asked for consent")
	flags.String("rotation", "", "refresh tokens: `rotating or non-rotating`")
	flags.Int64("leeway", 0, "`seconds` in which a spent refresh token may be retried")
	flags.Var(&f.refresh, "refresh-lifetime", "`lifetime` of refresh tokens from the login on (3600, 36h, 30d, never)")
	flags.Var(&f.idle, "idle-lifetime", "`lifetime` of unused refresh tokens (3600, 36h, 30d, never)")
	flags.Var(&f.idToken, "id-token-lifetime", "`lifetime` of ID tokens (3600, 10h)")
	flags.String("id-token-alg", "", "`algorithm` of ID tokens: RS256 or HS256")
	flags.String("android-package", "", "package `name` of the Android app, for assetlinks.json")
	flags.String("ios-team", "", "team `id` of the iOS app, for apple-app-site-association")
	flags.String("ios-bundle", "", "bundle `identifier` of the iOS app")
	flags.String("skip-confirmation", "", "whether to skip the prompt before custom-scheme and loopback callbacks: `true, false or tenant`")
	flags.Lookup("skip-confirmation").NoOptDefVal = "true"
	flags.Bool("disabled", false, "refuse everything the application asks for")
}

// patch applies the flags that were given.
func (f *appFlags) patch(c *cobra.Command, client *store.Client) error {
	flags, s := c.Flags(), &client.Settings
	take(c, "name", flags.GetString, &client.Name)
	take(c, "type", flags.GetString, &s.AppType)
	take(c, "description", flags.GetString, &s.Description)
	take(c, "auth-method", flags.GetString, &s.TokenEndpointAuthMethod)
	take(c, "third-party", flags.GetBool, &s.ThirdParty)
	take(c, "disabled", flags.GetBool, &s.Disabled)
	take(c, "id-token-alg", flags.GetString, &s.JWT.Alg)
	take(c, "android-package", flags.GetString, &s.Mobile.Android.AppPackageName)
	take(c, "ios-team", flags.GetString, &s.Mobile.IOS.TeamID)
	take(c, "ios-bundle", flags.GetString, &s.Mobile.IOS.AppBundleIdentifier)
	for _, l := range appLists {
		if err := l.patch(c, s); err != nil {
			return err
		}
	}
	if len(s.Connections) == 0 {
		s.Connections = nil // an empty list would let nobody in
	}
	var err error
	if flags.Changed("id-token-lifetime") {
		if s.JWT.LifetimeInSeconds, err = f.idToken.ends("id-token-lifetime"); err != nil {
			return err
		}
	}
	f.patchRefresh(c, &s.RefreshToken)
	if flags.Changed("skip-confirmation") {
		text, _ := flags.GetString("skip-confirmation")
		s.SkipConfirmation, err = threeWay("skip-confirmation", text, "tenant")
	}
	return err
}

// patchRefresh applies what is said about refresh tokens: those that rotate, or have a lifetime, expire.
func (f *appFlags) patchRefresh(c *cobra.Command, r *store.RefreshSettings) {
	flags := c.Flags()
	take(c, "rotation", flags.GetString, &r.RotationType)
	if flags.Changed("leeway") {
		n, _ := flags.GetInt64("leeway")
		r.Leeway = &n
	}
	if flags.Changed("refresh-lifetime") {
		r.TokenLifetime, r.InfiniteTokenLifetime, r.ExpirationType = f.refresh.seconds, f.refresh.never, management.Expiring
	}
	if flags.Changed("idle-lifetime") {
		r.IdleTokenLifetime, r.InfiniteIdleLifetime, r.ExpirationType = f.idle.seconds, f.idle.never, management.Expiring
	}
	if r.Rotating() {
		r.ExpirationType = management.Expiring
	}
}

func newAppCreate(f *adminFlags) *cobra.Command {
	var a appFlags
	var allow bool
	c := &cobra.Command{
		Use:   "create --name NAME --type TYPE",
		Short: "Make an application, with the defaults of its type",
		Args:  noArguments,
	}
	a.add(c)
	c.Flags().BoolVar(&allow, "allow-pkce", false, "let applications of this type exchange codes with PKCE alone (tenant setting pkce_app_types)")
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
		if err := required(c, "name", "type"); err != nil {
			return err
		}
		name, _ := c.Flags().GetString("name")
		appType, _ := c.Flags().GetString("type")
		client, err := management.NewClient(name, appType)
		if err != nil {
			return err
		}
		if err := a.patch(c, &client); err != nil {
			return err
		}
		if err := s.admin.CreateClient(ctx, &client); err != nil {
			return err
		}
		if allow {
			if err := s.allowPKCE(ctx, appType); err != nil {
				return err
			}
		}
		if err := s.app(client, client.Settings.TokenEndpointAuthMethod != oauth.AuthNone); err != nil {
			return err
		}
		return s.hintPKCE(ctx, client.Settings)
	})
	return c
}

func (s *shell) allowPKCE(ctx context.Context, appType string) error {
	_, err := s.admin.UpdateTenant(ctx, func(t *store.TenantSettings) error {
		management.AllowPKCE(t, appType)
		return nil
	})
	return err
}

// hintPKCE says what stands between a public application and its tokens, where the tenant does not let its type in.
func (s *shell) hintPKCE(ctx context.Context, set store.ClientSettings) error {
	t, err := s.db.Tenant(ctx)
	if err != nil || set.TokenEndpointAuthMethod != oauth.AuthNone || t.Settings.PKCEAlone(set.AppType) {
		return err
	}
	management.AllowPKCE(&t.Settings, set.AppType)
	s.note(`
This tenant does not let applications of type %s exchange a code with PKCE alone, so this one gets no tokens yet.
To let them: proofkey admin tenant set --pkce-app-types %s`, set.AppType, strings.Join(t.Settings.PKCEAppTypes, ","))
	return nil
}

func newAppList(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the applications",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error {
			all, err := s.db.Clients(ctx)
			if err != nil {
				return err
			}
			views, rows := make([]appView, len(all)), make([][]string, len(all))
			for i, c := range all {
				views[i] = viewApp(c)
				rows[i] = []string{c.ID, orText(c.Settings.AppType, "-"), yes(!c.Settings.Disabled), c.Name}
			}
			return s.many(views, "CLIENT_ID TYPE ENABLED NAME", rows)
		}),
	}
}

func newAppShow(f *adminFlags) *cobra.Command {
	var secret bool
	c := &cobra.Command{
		Use:   "show CLIENT_ID",
		Short: "Show an application",
		Args:  oneArgument("a client_id"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			client, err := management.FindClient(ctx, s.db.Queries, args[0])
			if err != nil {
				return err
			}
			return s.app(client, secret)
		}),
	}
	c.Flags().BoolVar(&secret, "show-secret", false, "show the client secret too")
	return c
}

func newAppUpdate(f *adminFlags) *cobra.Command {
	a := appFlags{update: true}
	c := &cobra.Command{
		Use:   "update CLIENT_ID",
		Short: "Change settings of an application; what is not named stays",
		Args:  oneArgument("a client_id"),
	}
	a.add(c)
	c.RunE = f.verb(func(ctx context.Context, s *shell, c *cobra.Command, args []string) error {
		if err := something(c); err != nil {
			return err
		}
		client, err := s.admin.UpdateClient(ctx, args[0], func(client *store.Client) error { return a.patch(c, client) })
		if err != nil {
			return err
		}
		return s.app(client, false)
	})
	return c
}

func newAppRotateSecret(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-secret CLIENT_ID",
		Short: "Replace an application's secret; the former one ends at once",
		Args:  oneArgument("a client_id"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			client, err := s.admin.RotateClientSecret(ctx, args[0])
			if err != nil {
				return err
			}
			if client.Settings.TokenEndpointAuthMethod == oauth.AuthNone {
				s.note("The application authenticates with none, so its secret is used for nothing but ID tokens with HS256.")
			}
			return s.one(map[string]string{"client_id": client.ID, "client_secret": client.Secret},
				fact{"client_id", client.ID}, fact{"client_secret", client.Secret})
		}),
	}
}

func newAppDelete(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "delete CLIENT_ID",
		Short: "Remove an application, the grants of its users and its refresh tokens",
		Args:  oneArgument("a client_id"),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			if err := s.admin.DeleteClient(ctx, args[0]); err != nil {
				return err
			}
			return s.done(args[0], "Deleted the application %s.", args[0])
		}),
	}
}

// threeWay reads a setting that is on, off or left to something else.
func threeWay(name, text, other string) (*bool, error) {
	switch text {
	case "true", "false":
		on := text == "true"
		return &on, nil
	case other:
		return nil, nil
	}
	return nil, fmt.Errorf("--%s is true, false or %s, not %q", name, other, text)
}
