// Package management is what an administrator does to a tenant: it knows the defaults that the service fills in and the
// values that it refuses. The shell verbs and the tenant of proofkey dev stand on it, and the Management API will.
package management

import (
	"errors"
	"fmt"
	"net/url"
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
		s.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring"}
	case store.AppRegularWeb:
		s.TokenEndpointAuthMethod = oauth.AuthSecretPost
		s.GrantTypes = []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials}
	case store.AppNonInteractive:
		s.TokenEndpointAuthMethod = oauth.AuthSecretPost
		s.GrantTypes = []string{oauth.GrantClientCredentials}
	default:
		return c, fmt.Errorf("the application type %q is none of native, spa, regular_web, non_interactive", appType)
	}
	return c, nil
}

// Bounds of an application's lists and texts.
const (
	maxName = 300
	maxURLs = 100
)

// CheckClient names everything that is wrong with an application.
func CheckClient(c store.Client) error {
	s := c.Settings
	errs := []error{checkName("application", c.Name)}
	if !slices.Contains([]string{"", store.AppNative, store.AppSPA, store.AppRegularWeb, store.AppNonInteractive}, s.AppType) {
		errs = append(errs, fmt.Errorf("app_type %q is unknown", s.AppType))
	}
	if m := s.TokenEndpointAuthMethod; !slices.Contains([]string{"", oauth.AuthNone, oauth.AuthSecretPost, oauth.AuthSecretBasic}, m) {
		errs = append(errs, fmt.Errorf("token_endpoint_auth_method %q is not supported", m))
	}
	for list, urls := range map[string][]string{
		"callbacks": s.Callbacks, "allowed_logout_urls": s.AllowedLogoutURLs, "web_origins": s.WebOrigins, "allowed_origins": s.AllowedOrigins,
	} {
		if len(urls) > maxURLs {
			errs = append(errs, fmt.Errorf("%s has %d entries, at most %d are allowed", list, len(urls), maxURLs))
			continue
		}
		for _, u := range urls {
			if err := checkURL(list, u); err != nil {
				errs = append(errs, fmt.Errorf("%s: %q: %w", list, u, err))
			}
		}
	}
	for _, n := range []int64{s.JWT.LifetimeInSeconds, s.RefreshToken.TokenLifetime, s.RefreshToken.IdleTokenLifetime} {
		if n < 0 || n > 31557600 {
			errs = append(errs, fmt.Errorf("a lifetime of %d s is not between 1 and 31557600", n))
		}
	}
	return errors.Join(errs...)
}

func checkURL(list, u string) error {
	if list == "callbacks" || list == "allowed_logout_urls" {
		return oauth.CheckCallback(u)
	}
	if _, ok := oauth.Origin(u); !ok {
		return errors.New("an origin is http or https, a host and perhaps a port")
	}
	return nil
}

func checkName(what, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("the %s needs a name", what)
	case len(name) > maxName:
		return fmt.Errorf("the name of the %s is over %d bytes", what, maxName)
	case strings.ContainsAny(name, "<>"):
		return fmt.Errorf("the name of the %s must not contain < or >", what)
	}
	return nil
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

// CheckAPI names everything that is wrong with an API.
func CheckAPI(a store.API) error {
	errs := []error{checkName("API", a.Name)}
	if a.Identifier == "" || len(a.Identifier) > 600 || strings.ContainsFunc(a.Identifier, func(r rune) bool { return r <= ' ' || r > '~' }) {
		errs = append(errs, errors.New("the identifier is 1 to 600 printable ASCII characters without spaces"))
	}
	if u, err := url.Parse(a.Identifier); err != nil || u.Fragment != "" {
		errs = append(errs, errors.New("the identifier must not have a fragment"))
	}
	if !slices.Contains([]string{"RS256", "ES256", "EdDSA", "HS256"}, a.Settings.Alg()) {
		errs = append(errs, fmt.Errorf("signing_alg %q is not supported", a.Settings.SigningAlg))
	}
	if a.Settings.Alg() == "HS256" && len(a.SigningSecret) < 16 {
		errs = append(errs, errors.New("an API that signs with HS256 needs a signing secret of 16 bytes or more"))
	}
	if n := a.Settings.TokenLifetime; n < 0 || n > 2592000 {
		errs = append(errs, fmt.Errorf("a token_lifetime of %d s is not between 1 and 2592000", n))
	}
	for _, s := range a.Scopes {
		if parsed, err := oauth.ParseScope(s.Value); err != nil || len(parsed) != 1 || len(s.Value) > 280 {
			errs = append(errs, fmt.Errorf("the scope %q is not one word of at most 280 printable ASCII characters", s.Value))
		}
	}
	return errors.Join(errs...)
}
