package interop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// application is one relying party as its documentation says to write it.
type application struct {
	issuer   string
	provider *oidc.Provider
	config   oauth2.Config
}

func newApplication(t *testing.T, issuer, id, secret, callback string) application {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatalf("discovery at %s: %v", issuer, err)
	}
	return application{issuer: issuer, provider: provider, config: oauth2.Config{
		ClientID: id, ClientSecret: secret, RedirectURL: callback, Endpoint: provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess, "read:messages"},
	}}
}

// login signs in with PKCE and answers the tokens with the verified ID token.
func (a application) login(t *testing.T, s settings) (*oauth2.Token, *oidc.IDToken) {
	t.Helper()
	verifier, state, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	from := a.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier), oauth2.AccessTypeOffline,
		oauth2.SetAuthURLParam("audience", s.Dev.API.Identifier))
	query := newBrowser(t, a.config.RedirectURL).signIn(t, from, s.Dev.User.Email, s.Dev.User.Password)
	if query.Get("state") != state {
		t.Fatalf("state came back as %q, want %q (whole query: %v)", query.Get("state"), state, query)
	}
	token, err := a.config.Exchange(t.Context(), query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("exchange: %v", err)
	}
	return token, a.verify(t, token, nonce)
}

func (a application) verify(t *testing.T, token *oauth2.Token, nonce string) *oidc.IDToken {
	t.Helper()
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		t.Fatalf("no id_token in the answer")
	}
	id, err := a.provider.VerifierContext(t.Context(), &oidc.Config{ClientID: a.config.ClientID}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatalf("ID token: %v", err)
	}
	if id.Nonce != nonce {
		t.Errorf("nonce is %q, want %q", id.Nonce, nonce)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			t.Errorf("at_hash: %v", err)
		}
	}
	return id
}

func TestSignIn(t *testing.T) {
	s := load(t)
	local := func(issuer string) string { return strings.Replace(issuer, "127.0.0.1", "localhost", 1) }
	for name, tc := range map[string]struct{ issuer, id, secret, callback string }{
		"native over http":                {s.Dev.Issuer, s.Dev.Native.ClientID, "", "http://127.0.0.1:49152/callback"},
		"native over https":               {s.Dev.HTTPSIssuer, s.Dev.Native.ClientID, "", "http://127.0.0.1:49153/callback"},
		"native on localhost":             {local(s.Dev.HTTPSIssuer), s.Dev.Native.ClientID, "", "com.myclientapp://myclientapp.com/callback"},
		"web with secret and PKCE, http":  {s.Dev.Issuer, s.Dev.Web.ClientID, s.Dev.Web.ClientSecret, "http://127.0.0.1:3001/callback"},
		"web with secret and PKCE, https": {s.Dev.HTTPSIssuer, s.Dev.Web.ClientID, s.Dev.Web.ClientSecret, "http://localhost:3001/callback"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApplication(t, tc.issuer, tc.id, tc.secret, tc.callback)
			token, id := a.login(t, s)
			if id.Subject != s.Dev.User.UserID || id.Issuer != tc.issuer {
				t.Errorf("ID token is of %q by %q, want %q by %q", id.Subject, id.Issuer, s.Dev.User.UserID, tc.issuer)
			}
			if got := id.Expiry.Sub(id.IssuedAt); got != 10*time.Hour {
				t.Errorf("ID token lives %v, want 10h", got)
			}
			info, err := a.provider.UserInfo(t.Context(), a.config.TokenSource(t.Context(), token))
			if err != nil {
				t.Fatalf("userinfo: %v", err)
			}
			if info.Subject != id.Subject || info.Email != s.Dev.User.Email {
				t.Errorf("userinfo is %q %q", info.Subject, info.Email)
			}
			renewed := a.renew(t, token)
			if again := a.verify(t, renewed, ""); again.Subject != id.Subject {
				t.Errorf("the refreshed ID token is of %q, want %q", again.Subject, id.Subject)
			}
		})
	}
}

// renew makes the token look expired, which is what sends x/oauth2 to the token endpoint.
func (a application) renew(t *testing.T, token *oauth2.Token) *oauth2.Token {
	t.Helper()
	if token.RefreshToken == "" {
		t.Fatal("no refresh token although offline_access was asked")
	}
	stale := &oauth2.Token{AccessToken: token.AccessToken, RefreshToken: token.RefreshToken, Expiry: time.Now().Add(-time.Hour)}
	renewed, err := a.config.TokenSource(t.Context(), stale).Token()
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if renewed.AccessToken == token.AccessToken {
		t.Error("the refresh brought the same access token")
	}
	return renewed
}

// x/oauth2 does not know how a server wants the secret: it tries Basic first and the body after a refusal. Each style has to work alone.
func TestSecretStyles(t *testing.T) {
	s := load(t)
	for name, style := range map[string]oauth2.AuthStyle{"probe": oauth2.AuthStyleAutoDetect, "basic": oauth2.AuthStyleInHeader, "body": oauth2.AuthStyleInParams} {
		t.Run(name, func(t *testing.T) {
			c := clientcredentials.Config{
				ClientID: s.Dev.M2M.ClientID, ClientSecret: s.Dev.M2M.ClientSecret, TokenURL: s.Dev.Issuer + "oauth/token",
				EndpointParams: url.Values{"audience": {s.Dev.API.Identifier}}, AuthStyle: style,
			}
			token, err := c.Token(t.Context())
			if err != nil {
				t.Fatalf("client credentials: %v", err)
			}
			if left := time.Until(token.Expiry); left < 23*time.Hour || left > 25*time.Hour {
				t.Errorf("the token lives %v, want a day", left)
			}
			c.ClientSecret = "not the secret"
			if _, err = c.Token(t.Context()); status(err) != http.StatusUnauthorized {
				t.Errorf("a wrong secret answered %v, want 401", err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	s := load(t)
	callback := "http://127.0.0.1:49154/callback"
	a := newApplication(t, s.Dev.Issuer, s.Dev.Native.ClientID, "", callback)
	a.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // one request each, so that the first answer is the one that is read
	code := func(verifier string) string {
		from := a.config.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))
		return newBrowser(t, callback).signIn(t, from, s.Dev.User.Email, s.Dev.User.Password).Get("code")
	}
	for name, tc := range map[string]struct {
		exchange func(ctx context.Context) error
		text     string
	}{
		"another verifier": {func(ctx context.Context) error {
			_, err := a.config.Exchange(ctx, code(oauth2.GenerateVerifier()), oauth2.VerifierOption(oauth2.GenerateVerifier()))
			return err
		}, "Failed to verify code verifier"},
		"no verifier": {func(ctx context.Context) error {
			_, err := a.config.Exchange(ctx, code(oauth2.GenerateVerifier()))
			return err
		}, "Failed to verify code verifier"},
		"no such code": {func(ctx context.Context) error {
			_, err := a.config.Exchange(ctx, "no-such-code", oauth2.VerifierOption(oauth2.GenerateVerifier()))
			return err
		}, "Invalid authorization code"},
		"no such refresh token": {func(ctx context.Context) error {
			_, err := a.config.TokenSource(ctx, &oauth2.Token{RefreshToken: "no-such-token"}).Token()
			return err
		}, "Unknown or invalid refresh token."},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.exchange(t.Context())
			refused, ok := errors.AsType[*oauth2.RetrieveError](err)
			if !ok {
				t.Fatalf("got %v, want a refusal", err)
			}
			if refused.Response.StatusCode != http.StatusForbidden || refused.ErrorCode != "invalid_grant" || !strings.HasPrefix(refused.ErrorDescription, tc.text) {
				t.Errorf("refused with %d %q %q, want 403 invalid_grant %q", refused.Response.StatusCode, refused.ErrorCode, refused.ErrorDescription, tc.text)
			}
		})
	}
}

// go-oidc compares the issuer it was given with the document byte by byte, and so must the document.
func TestIssuerHasItsSlash(t *testing.T) {
	s := load(t)
	if _, err := oidc.NewProvider(t.Context(), strings.TrimSuffix(s.Dev.Issuer, "/")); err == nil {
		t.Error("the issuer without its trailing slash was accepted")
	}
}

func status(err error) int {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return refused.Response.StatusCode
	}
	return 0
}
