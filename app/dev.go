package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// What everybody who runs proofkey dev has in common, so that an app on a laptop is configured once. The server listens on
// loopback only; none of this exists in production.
const (
	devNativeID    = "DevNative00000000000000000000001"
	devSPAID       = "DevSinglePage0000000000000000001"
	devWebID       = "DevRegularWeb0000000000000000001"
	devM2MID       = "DevMachine0000000000000000000001"
	devSecret      = "dev-secret-for-loopback-only-0123456789-abcdefghijklmnopqrstuvwx"
	devEmail       = "jsmith@example.com"
	devPassword    = "Mobile-Login-7-Flow"
	devAdmin       = "admin@example.com"
	devAdminSecret = "Dashboard-Login-7-Flow"
	devAudience    = "https://api.example.com/"
)

// DevOptions are what proofkey dev may add to its tenant.
type DevOptions struct {
	SPAPKCE      bool     // adds spa to pkce_app_types
	SPACallbacks []string // also become web origins and logout URLs
	WebCallbacks []string // also become logout URLs
}

// DevTenant is what a developer needs to know of the tenant of proofkey dev.
type DevTenant struct {
	Native DevClient `json:"native"`
	SPA    DevClient `json:"spa"`
	Web    DevClient `json:"web"`
	M2M    DevClient `json:"m2m"`
	API    DevAPI    `json:"api"`
	User   DevUser   `json:"user"`
	Admin  DevUser   `json:"admin"`
}

// DevClient is an application of the tenant of proofkey dev.
type DevClient struct {
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret,omitempty"`
	Callbacks    []string `json:"callbacks,omitempty"`
}

// DevAPI is its API.
type DevAPI struct {
	Identifier string `json:"identifier"`
}

// DevUser is its user, or its administrator.
type DevUser struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	UserID   string `json:"user_id,omitempty"`
}

// SeedDev makes the tenant of proofkey dev ready: four applications, an API, a user and an administrator. What exists from
// an earlier start is kept as the developer left it, save for the callbacks of the domains and flags of this start.
func (a *App) SeedDev(ctx context.Context, o DevOptions) (DevTenant, error) {
	t := a.Tenants[0]
	d := DevTenant{API: DevAPI{devAudience}, User: DevUser{Email: devEmail, Password: devPassword}, Admin: DevUser{Email: devAdmin, Password: devAdminSecret}}
	for _, c := range devClients(t.Domains, o) {
		made, err := t.seedClient(ctx, c)
		if err != nil {
			return d, fmt.Errorf("seed the application %s: %w", c.Name, err)
		}
		shown := DevClient{ClientID: made.ID, Callbacks: made.Settings.Callbacks}
		switch made.ID {
		case devNativeID:
			d.Native = shown
		case devSPAID:
			d.SPA = shown
		case devWebID:
			shown.ClientSecret = made.Secret
			d.Web = shown
		case devM2MID:
			shown.ClientSecret = made.Secret
			d.M2M = shown
		}
	}
	if err := t.seedAPI(ctx); err != nil {
		return d, fmt.Errorf("seed the API: %w", err)
	}
	if err := t.seedManagement(ctx); err != nil {
		return d, fmt.Errorf("seed the grant for the Management API: %w", err)
	}
	if err := t.seedSettings(ctx, o); err != nil {
		return d, err
	}
	var err error
	d.User.UserID, err = seedUser(ctx, t.users, d.User, store.Profile{
		Name: "John Smith", GivenName: "John", FamilyName: "Smith", Nickname: "jsmith",
		Picture: "https://example.com/profile-pic.png", EmailVerified: true,
	})
	if err != nil {
		return d, fmt.Errorf("seed the user: %w", err)
	}
	d.Admin.UserID, err = seedUser(ctx, a.System.users, d.Admin, store.Profile{Name: "Administrator", EmailVerified: true})
	if err != nil {
		return d, fmt.Errorf("seed the administrator: %w", err)
	}
	return d, a.System.DB.Write(ctx, func(tx *store.Tx) error {
		return management.Appoint(ctx, tx, d.Admin.UserID, management.RoleAdmin)
	})
}

func devClients(domains []store.Domain, o DevOptions) []store.Client {
	native := devClient(devNativeID, "Dev Native App", store.AppNative)
	native.Settings.Callbacks = []string{"com.myclientapp://myclientapp.com/callback", "http://127.0.0.1/callback"}
	native.Settings.Mobile.Android.AppPackageName = "com.example.app"
	native.Settings.Mobile.Android.SHA256CertFingerprints = []string{"14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"}
	native.Settings.Mobile.IOS.TeamID, native.Settings.Mobile.IOS.AppBundleIdentifier = "ABCDE12345", "com.example.app"
	for _, d := range domains {
		host, _, _ := strings.Cut(d.Host, ":")
		native.Settings.Callbacks = append(native.Settings.Callbacks, d.Issuer()+"mobile")
		for _, base := range []string{
			d.Issuer(), "com.example.app://" + d.Host + "/", "com.example.app://" + host + "/",
			"com.example.app.auth0://" + d.Host + "/", "demo://" + d.Host + "/",
		} {
			for _, path := range []string{"android/com.example.app/callback", "ios/com.example.app/callback"} {
				if u := base + path; !slices.Contains(native.Settings.Callbacks, u) {
					native.Settings.Callbacks = append(native.Settings.Callbacks, u)
				}
			}
		}
	}
	native.Settings.AllowedLogoutURLs = native.Settings.Callbacks

	spa := devClient(devSPAID, "Dev Single Page App", store.AppSPA)
	spa.Settings.Callbacks = append([]string{
		"http://localhost:4200", "http://127.0.0.1:4200", "https://localhost:4200", "https://127.0.0.1:4200",
	}, o.SPACallbacks...)
	// Loopback callbacks would need a gesture on each silent login, so the single-page app could not renew in an iframe.
	skip := true
	spa.Settings.SkipConfirmation = &skip
	spa.Settings.AllowedLogoutURLs, spa.Settings.WebOrigins = spa.Settings.Callbacks, management.Origins(spa.Settings)

	web := devClient(devWebID, "Dev Web App", store.AppRegularWeb)
	web.Settings.Callbacks = append([]string{"http://localhost:3001/callback", "http://127.0.0.1:3001/callback"}, o.WebCallbacks...)
	web.Settings.AllowedLogoutURLs = append(slices.Clone(web.Settings.Callbacks), management.Origins(web.Settings)...)

	return []store.Client{native, spa, web, devClient(devM2MID, "Dev Machine to Machine", store.AppNonInteractive)}
}

func devClient(id, name, appType string) store.Client {
	c, err := management.NewClient(name, appType)
	if err != nil {
		panic("app: " + err.Error()) // the types are constants
	}
	c.ID, c.Secret = id, devSecret
	return c
}

// seedClient makes the application, or adds to an existing one the URLs of this start.
func (t *Tenant) seedClient(ctx context.Context, c store.Client) (store.Client, error) {
	if err := management.CheckClient(c); err != nil {
		return c, err
	}
	old, err := t.DB.Client(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return c, t.DB.Write(ctx, func(tx *store.Tx) error { return tx.CreateClient(ctx, &c, management.Origins(c.Settings)) })
	}
	if err != nil {
		return c, err
	}
	for _, list := range []struct{ into, from *[]string }{
		{&old.Settings.Callbacks, &c.Settings.Callbacks},
		{&old.Settings.AllowedLogoutURLs, &c.Settings.AllowedLogoutURLs},
		{&old.Settings.WebOrigins, &c.Settings.WebOrigins},
	} {
		*list.into = slices.DeleteFunc(*list.into, ofAnEarlierStart)
		for _, u := range *list.from {
			if !slices.Contains(*list.into, u) {
				*list.into = append(*list.into, u)
			}
		}
	}
	return old, t.DB.Write(ctx, func(tx *store.Tx) error { return tx.SaveClient(ctx, &old, management.Origins(old.Settings)) })
}

// ofAnEarlierStart recognises the callbacks that devClients makes for the domains: with port 0 each start has others.
func ofAnEarlierStart(uri string) bool {
	return strings.Contains(uri, "com.example.app") || strings.HasSuffix(uri, "/mobile")
}

func (t *Tenant) seedAPI(ctx context.Context) error {
	if _, err := t.DB.API(ctx, devAudience); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	made := store.API{
		Identifier: devAudience, Name: "Dev API",
		Scopes:   []store.APIScope{{Value: "read:messages", Description: "Read your messages"}, {Value: "write:messages", Description: "Write messages"}},
		Settings: store.APISettings{AllowOfflineAccess: true, SkipConsent: true},
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CreateAPI(ctx, &made); err != nil {
			return err
		}
		return tx.SaveClientGrant(ctx, &store.ClientGrant{ClientID: devM2MID, Audience: devAudience, Scope: "read:messages write:messages"})
	})
}

// seedManagement lets the machine to machine application do everything over the Management API.
func (t *Tenant) seedManagement(ctx context.Context) error {
	g := store.ClientGrant{ClientID: devM2MID, Audience: api.Audience(t.Domains[0]), Scope: api.AllScopes()}
	if _, err := t.DB.ClientGrant(ctx, g.ClientID, g.Audience); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error { return tx.SaveClientGrant(ctx, &g) })
}

func (t *Tenant) seedSettings(ctx context.Context, o DevOptions) error {
	tenant, err := t.DB.Tenant(ctx)
	if err != nil {
		return err
	}
	s := tenant.Settings
	if s.FriendlyName == "" {
		s.FriendlyName = "Proofkey dev"
	}
	if o.SPAPKCE && !s.PKCEAlone(store.AppSPA) {
		s.PKCEAppTypes = []string{store.AppNative, store.AppSPA}
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error { return tx.SaveTenantSettings(ctx, s) })
}

func seedUser(ctx context.Context, users *identity.Users, u DevUser, profile store.Profile) (string, error) {
	old, err := users.DB.UserByIdentifier(ctx, store.DefaultConnection, u.Email)
	if !errors.Is(err, store.ErrNotFound) {
		return old.ID, err
	}
	hash, err := users.Hasher.Hash(ctx, u.Password)
	if err != nil {
		return "", err
	}
	made := store.User{Connection: store.DefaultConnection, Email: u.Email, PasswordHash: hash, Profile: profile}
	err = users.DB.Write(ctx, func(tx *store.Tx) error { return tx.CreateUser(ctx, &made) })
	return made.ID, err
}
