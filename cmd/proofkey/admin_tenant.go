package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/store"
)

func newAdminTenant(f *adminFlags) *cobra.Command {
	c := group("tenant", "Settings of the tenant")
	c.AddCommand(newTenantShow(f), newTenantSet(f))
	return c
}

// tenantView is the tenant as the verbs show it, under the Management API names of its settings.
type tenantView struct {
	ID string `json:"id"`
	store.TenantSettings
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (s *shell) tenant(t store.Tenant) error {
	set := t.Settings
	pkce := set.PKCEAppTypes
	if pkce == nil {
		pkce = []string{store.AppNative + " (default)"}
	}
	facts := []fact{
		{"id", t.ID}, {"friendly name", set.FriendlyName}, {"picture", set.PictureURL}, {"support email", set.SupportEmail},
		{"support URL", set.SupportURL}, {"default audience", set.DefaultAudience}, {"default connection", set.DefaultDirectory},
		{"PKCE alone", orText(strings.Join(pkce, ", "), "no type")},
		{"session", "ends after " + span(set.SessionLife()) + ", unused after " + span(set.SessionIdle())},
		{"session cookie", orText(set.SessionCookie.Mode, "persistent")},
		{"locales", strings.Join(set.EnabledLocales, ", ")},
	}
	if set.SkipConfirmation != nil {
		facts = append(facts, fact{"skip confirmation", yes(*set.SkipConfirmation)})
	}
	facts = append(facts, lines("logout URL", set.AllowedLogoutURLs)...)
	return s.one(tenantView{t.ID, set, stored(t.CreatedAt), stored(t.UpdatedAt)}, append(facts, fact{"created", when(t.CreatedAt)}, fact{"updated", when(t.UpdatedAt)})...)
}

func newTenantShow(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the tenant's settings",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error {
			t, err := s.db.Tenant(ctx)
			if err != nil {
				return err
			}
			return s.tenant(t)
		}),
	}
}

// logoutURLs is the tenant's own list.
var logoutURLs = listFlag[store.TenantSettings]{
	"allowed-logout-url", "`URL` that a logout without an application may return to",
	func(s *store.TenantSettings) *[]string { return &s.AllowedLogoutURLs },
}

func newTenantSet(f *adminFlags) *cobra.Command {
	c := &cobra.Command{
		Use:   "set",
		Short: "Change settings of the tenant; what is not named stays",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			if err := something(c); err != nil {
				return err
			}
			t, err := s.admin.UpdateTenant(ctx, func(set *store.TenantSettings) error { return patchTenant(c, set) })
			if err != nil {
				return err
			}
			return s.tenant(t)
		}),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.String("friendly-name", "", "`name` of the tenant on the pages")
	flags.String("picture-url", "", "`URL` of its logo")
	flags.String("support-email", "", "`address` for users who need help")
	flags.String("support-url", "", "`URL` for users who need help")
	flags.StringSlice("pkce-app-types", nil, "application `types` that may exchange a code with PKCE alone, such as native,spa ('default': native)")
	flags.String("default-audience", "", "`identifier` of the API that tokens are for when an application names none ('' for none)")
	flags.String("default-connection", "", "`name` of the connection that is used when an application names none ('' for none)")
	flags.String("session-lifetime", "", "`time` until a browser's session ends, such as 168h, 7d or a number of hours ('default': 168h)")
	flags.String("idle-session-lifetime", "", "`time` until an unused session ends ('default': 72h)")
	flags.String("session-cookie", "", "`persistent or non-persistent`: whether sessions outlive the browser")
	flags.StringSlice("enabled-locales", nil, "`languages` of the pages, such as en,de ('' for all)")
	flags.String("skip-confirmation", "", "skip the prompt before custom-scheme and loopback callbacks: `true, false or default`")
	flags.Lookup("skip-confirmation").NoOptDefVal = "true"
	flags.Bool("consent-scope-descriptions", false, "show the descriptions of scopes in the consent prompt")
	flags.Bool("revoke-deletes-grant", false, "revoking a refresh token deletes the user's grant too")
	logoutURLs.add(c, true)
	limitFlags(c)
	return c
}

func patchTenant(c *cobra.Command, s *store.TenantSettings) (err error) {
	flags := c.Flags()
	take(c, "friendly-name", flags.GetString, &s.FriendlyName)
	take(c, "picture-url", flags.GetString, &s.PictureURL)
	take(c, "support-email", flags.GetString, &s.SupportEmail)
	take(c, "support-url", flags.GetString, &s.SupportURL)
	take(c, "default-audience", flags.GetString, &s.DefaultAudience)
	take(c, "default-connection", flags.GetString, &s.DefaultDirectory)
	take(c, "session-cookie", flags.GetString, &s.SessionCookie.Mode)
	take(c, "enabled-locales", flags.GetStringSlice, &s.EnabledLocales)
	take(c, "consent-scope-descriptions", flags.GetBool, &s.Flags.UseScopeDescriptionsForConsent)
	take(c, "revoke-deletes-grant", flags.GetBool, &s.Flags.RevokeRefreshTokenGrant)
	take(c, "pkce-app-types", flags.GetStringSlice, &s.PKCEAppTypes)
	if len(s.PKCEAppTypes) == 1 && s.PKCEAppTypes[0] == "default" {
		s.PKCEAppTypes = nil
	}
	for name, into := range map[string]*float64{"session-lifetime": &s.SessionLifetime, "idle-session-lifetime": &s.IdleSessionLifetime} {
		if !flags.Changed(name) {
			continue
		}
		text, _ := flags.GetString(name)
		if *into, err = parseHours(name, text); err != nil {
			return err
		}
	}
	if flags.Changed("skip-confirmation") {
		text, _ := flags.GetString("skip-confirmation")
		if s.SkipConfirmation, err = threeWay("skip-confirmation", text, "default"); err != nil {
			return err
		}
	}
	if err := patchLimits(c, s); err != nil {
		return err
	}
	return logoutURLs.patch(c, s)
}

// parseHours reads a session lifetime, which is kept in hours; 0 is the default.
func parseHours(name, text string) (float64, error) {
	if text == "default" {
		return 0, nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 {
		return n, nil
	}
	var l lifetime
	if err := l.Set(text); err != nil || l.never {
		return 0, fmt.Errorf("--%s: %q is not a time such as 168h, 7d, a number of hours, or default", name, text)
	}
	return float64(l.seconds) / 3600, nil
}

func newAdminDomain(f *adminFlags) *cobra.Command {
	c := group("domain", "Domains of the tenant: they are set in the configuration")
	c.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the domains that the server took from its configuration at its last start",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, _ []string) error {
			all, err := s.db.Domains(ctx)
			if err != nil {
				return err
			}
			type view struct {
				Origin  string `json:"origin"`
				Issuer  string `json:"issuer"`
				Primary bool   `json:"primary"`
			}
			views, rows := make([]view, len(all)), make([][]string, len(all))
			for i, d := range all {
				views[i] = view{d.Origin, d.Issuer(), i == 0}
				rows[i] = []string{d.Origin, d.Issuer(), yes(i == 0)}
			}
			return s.many(views, "ORIGIN ISSUER PRIMARY", rows)
		}),
	})
	return c
}
