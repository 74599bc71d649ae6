package management

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// NewClient is an application of a type with the Dashboard's defaults (spec section 24).
func NewClient(name, appType string) (store.Client, error) {
	c := store.Client{ID: store.RandomID(32), Name: name, Secret: store.RandomID(64)}
	s := &c.Settings
	s.AppType = appType
	switch appType {
	case store.AppNative, store.AppSPA:
		s.TokenEndpointAuthMethod = oauth.AuthNone
		s.GrantTypes = []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken}
		s.RefreshToken = store.RefreshSettings{RotationType: Rotating, ExpirationType: Expiring}
	case store.AppRegularWeb:
		s.TokenEndpointAuthMethod = oauth.AuthSecretPost
		s.GrantTypes = []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials}
	case store.AppNonInteractive:
		s.TokenEndpointAuthMethod = oauth.AuthSecretPost
		s.GrantTypes = []string{oauth.GrantClientCredentials}
	default:
		return c, fmt.Errorf("the application type %q is none of %s", appType, strings.Join(appTypes, ", "))
	}
	return c, nil
}

// Values of RefreshSettings.
const (
	Rotating    = "rotating"
	NonRotating = "non-rotating"
	Expiring    = "expiring"
	NonExpiring = "non-expiring"
)

// Bounds of an application's lists and numbers.
const (
	maxURLs     = 100
	maxLifetime = 31557600  // a year, in seconds
	maxRefresh  = 157788000 // five years
	maxLeeway   = 600
)

var (
	appTypes    = []string{store.AppNative, store.AppSPA, store.AppRegularWeb, store.AppNonInteractive}
	authMethods = []string{oauth.AuthNone, oauth.AuthSecretPost, oauth.AuthSecretBasic}
	// grantTypes may be in an application's list; which of them are answered is the token endpoint's matter.
	grantTypes = []string{
		oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials, oauth.GrantImplicit,
		oauth.GrantPassword, oauth.GrantPasswordRealm, oauth.GrantPasswordlessOTP, oauth.GrantDeviceCode, oauth.GrantTokenExchange,
		"http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-otp",
		"http://auth0.com/oauth/grant-type/mfa-recovery-code", "urn:openid:params:grant-type:ciba",
		"urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token", "urn:okta:params:oauth:grant-type:webauthn",
	}
	fingerprint = regexp.MustCompile(`^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$`)
	packageName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$`)
	bundleName  = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	teamID      = regexp.MustCompile(`^[A-Z0-9]{10}$`)
)

// CheckClient names everything that is wrong with an application.
func CheckClient(c store.Client) error {
	s := c.Settings
	var m mistakes
	m.add(checkName("application", c.Name))
	if s.AppType != "" && !slices.Contains(appTypes, s.AppType) {
		m.addf("the application type %q is none of %s", s.AppType, strings.Join(appTypes, ", "))
	}
	m.checkURLs("callbacks", s.Callbacks, oauth.CheckCallback)
	m.checkURLs("allowed_logout_urls", s.AllowedLogoutURLs, oauth.CheckCallback)
	m.checkURLs("web_origins", s.WebOrigins, checkOrigin)
	m.checkURLs("allowed_origins", s.AllowedOrigins, checkOrigin)
	m.checkAuthentication(s)
	m.checkRefresh(s.RefreshToken)
	if n := s.JWT.LifetimeInSeconds; n < 0 || n > maxLifetime {
		m.addf("an ID token lifetime of %d s is not between 1 and %d", n, maxLifetime)
	}
	if alg := s.JWT.Alg; alg != "" && alg != "RS256" && alg != "HS256" {
		m.addf("ID tokens are signed with RS256 or HS256, not with %q", alg)
	}
	m.checkMobile(s.Mobile)
	return m.err()
}

func (m *mistakes) checkURLs(list string, urls []string, check func(string) error) {
	if len(urls) > maxURLs {
		m.addf("%s has %d entries, at most %d are allowed", list, len(urls), maxURLs)
		return
	}
	for _, u := range urls {
		if err := check(u); err != nil {
			m.addf("%s: %q: %w", list, u, plain(err))
		}
	}
}

func checkOrigin(u string) error {
	// A path is let pass, as Auth0 does; only the origin counts.
	if _, ok := oauth.Origin(u); !ok {
		return errors.New("an origin is http or https, a host and perhaps a port")
	}
	return nil
}

func (m *mistakes) checkAuthentication(s store.ClientSettings) {
	method := s.TokenEndpointAuthMethod
	if method != "" && !slices.Contains(authMethods, method) {
		m.addf("the authentication method %q is none of %s", method, strings.Join(authMethods, ", "))
	}
	for _, g := range s.GrantTypes {
		if !slices.Contains(grantTypes, g) {
			m.addf("the grant type %q is none of %s", g, strings.Join(grantTypes, ", "))
		}
	}
	if method == oauth.AuthNone && s.AllowsGrant(oauth.GrantClientCredentials) {
		m.addf("the grant type client_credentials needs an application with a secret: choose client_secret_post or client_secret_basic as its authentication method")
	}
}

func (m *mistakes) checkRefresh(r store.RefreshSettings) {
	if r.RotationType != "" && r.RotationType != Rotating && r.RotationType != NonRotating {
		m.addf("refresh tokens are rotating or non-rotating, not %q", r.RotationType)
	}
	if r.ExpirationType != "" && r.ExpirationType != Expiring && r.ExpirationType != NonExpiring {
		m.addf("refresh tokens are expiring or non-expiring, not %q", r.ExpirationType)
	}
	if r.Rotating() && r.ExpirationType != Expiring {
		m.addf("rotating refresh tokens must be expiring")
	}
	for _, n := range []int64{r.TokenLifetime, r.IdleTokenLifetime} {
		if n < 0 || n > maxRefresh {
			m.addf("a refresh token lifetime of %d s is not between 1 and %d", n, maxRefresh)
		}
	}
	if r.TokenLifetime > 0 && !r.InfiniteTokenLifetime && r.IdleTokenLifetime > r.TokenLifetime {
		m.addf("refresh tokens cannot idle for %d s when they end after %d s", r.IdleTokenLifetime, r.TokenLifetime)
	}
	if r.Leeway != nil && (*r.Leeway < 0 || *r.Leeway > maxLeeway) {
		m.addf("a leeway of %d s is not between 0 and %d", *r.Leeway, maxLeeway)
	}
}

func (m *mistakes) checkMobile(mobile store.Mobile) {
	a, i := mobile.Android, mobile.IOS
	if a.AppPackageName != "" && !packageName.MatchString(a.AppPackageName) {
		m.addf("%q is not the package name of an Android app, such as com.example.app", a.AppPackageName)
	}
	if len(a.SHA256CertFingerprints) > maxURLs {
		m.addf("%d fingerprints are too many, at most %d are allowed", len(a.SHA256CertFingerprints), maxURLs)
		return
	}
	for _, f := range a.SHA256CertFingerprints {
		if !fingerprint.MatchString(f) {
			m.addf("%q is not a SHA-256 fingerprint: 32 pairs of hex digits with colons between them", f)
		}
	}
	if i.TeamID != "" && !teamID.MatchString(i.TeamID) {
		m.addf("%q is not an Apple team id: ten capital letters and digits", i.TeamID)
	}
	if i.AppBundleIdentifier != "" && !bundleName.MatchString(i.AppBundleIdentifier) {
		m.addf("%q is not a bundle identifier, such as com.example.app", i.AppBundleIdentifier)
	}
	if (i.TeamID == "") != (i.AppBundleIdentifier == "") {
		m.addf("an iOS app is named by its team id and its bundle identifier together")
	}
}

// Origins are the origins from which a browser may call in the name of an application: those of its callbacks, its web
// origins and its allowed origins (spec section 18).
func Origins(s store.ClientSettings) []string {
	var all []string
	for _, list := range [][]string{s.Callbacks, s.WebOrigins, s.AllowedOrigins} {
		for _, u := range list {
			if o, ok := oauth.Origin(u); ok && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// CreateClient stores a new application.
func (a *Admin) CreateClient(ctx context.Context, c *store.Client) error {
	if err := CheckClient(*c); err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := checkConnections(ctx, tx.Queries, c.Settings.Connections); err != nil {
			return err
		}
		if err := tx.CreateClient(ctx, c, Origins(c.Settings)); err != nil {
			return refuse(err, store.ErrConflict, "there is an application %s already: update it instead", c.ID)
		}
		return a.recordClient(ctx, tx, "Create a client", *c)
	})
}

// UpdateClient changes an application by patch and returns what became of it.
func (a *Admin) UpdateClient(ctx context.Context, id string, patch func(*store.Client) error) (store.Client, error) {
	return a.changeClient(ctx, id, "Update a client", patch)
}

// RotateClientSecret replaces an application's secret; the former one ends at once.
func (a *Admin) RotateClientSecret(ctx context.Context, id string) (store.Client, error) {
	secret := store.RandomID(64)
	return a.changeClient(ctx, id, "Rotate a client secret", func(c *store.Client) error {
		c.Secret = secret
		return nil
	})
}

func (a *Admin) changeClient(ctx context.Context, id, what string, patch func(*store.Client) error) (c store.Client, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.HoldTenant(ctx); err != nil {
			return err
		}
		if c, err = FindClient(ctx, tx.Queries, id); err != nil {
			return err
		}
		if err := patch(&c); err != nil {
			return err
		}
		if err := CheckClient(c); err != nil {
			return err
		}
		if err := checkConnections(ctx, tx.Queries, c.Settings.Connections); err != nil {
			return err
		}
		if err := tx.SaveClient(ctx, &c, Origins(c.Settings)); err != nil {
			return err
		}
		return a.recordClient(ctx, tx, what, c)
	})
	return c, err
}

// DeleteClient removes an application, what users granted it, and so its refresh tokens.
func (a *Admin) DeleteClient(ctx context.Context, id string) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := FindClient(ctx, tx.Queries, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteClient(ctx, c.ID); err != nil {
			return err
		}
		return a.recordClient(ctx, tx, "Delete a client", c)
	})
}

// FindClient reads an application by its client_id.
func FindClient(ctx context.Context, q store.Queries, id string) (store.Client, error) {
	c, err := q.Client(ctx, id)
	return c, refuse(err, store.ErrNotFound, "there is no application with the client_id %q", id)
}

func (a *Admin) recordClient(ctx context.Context, tx *store.Tx, what string, c store.Client) error {
	return a.Record(ctx, tx, store.Event{Description: what, ClientID: c.ID, ClientName: c.Name})
}

// checkConnections refuses the names of connections that do not exist.
func checkConnections(ctx context.Context, q store.Queries, names []string) error {
	for _, name := range names {
		if _, err := FindConnection(ctx, q, name); err != nil {
			return err
		}
	}
	return nil
}
