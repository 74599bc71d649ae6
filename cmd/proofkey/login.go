package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/spf13/cobra"
	"golang.org/x/oauth2"

	"github.com/proofkey/proofkey/config"
)

// loginOptions are the flags of `proofkey login`.
type loginOptions struct {
	issuer, clientID, audience, scope string
	redirectURI, prompt, loginHint    string
	caFile                            string
	noBrowser, json, showTokens       bool
	timeout                           time.Duration
}

func newLogin() *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in as a native application does, and show every step",
		Long: `Sign in as a native application does: authorization code with PKCE, system browser, loopback callback
(RFC 8252, RFC 7636), against any OpenID Connect issuer. Every step is shown, with the decoded tokens.

With a redirect URI that this machine cannot listen on (a custom scheme or https), the URL that the browser ends
on is pasted here.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			return runLogin(c.Context(), o, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&o.issuer, "issuer", "", "issuer `URL` (required)")
	f.StringVar(&o.clientID, "client-id", "", "client ID of the application (required)")
	f.StringVar(&o.audience, "audience", "", "identifier of the API the access token is for")
	f.StringVar(&o.scope, "scope", "openid profile email offline_access", "scopes to ask for")
	f.StringVar(&o.redirectURI, "redirect-uri", "", "callback `URI` (default http://127.0.0.1:PORT/callback on a free port)")
	f.StringVar(&o.prompt, "prompt", "", "none, login, consent or select_account")
	f.StringVar(&o.loginHint, "login-hint", "", "e-mail address to offer at the login")
	f.StringVar(&o.caFile, "ca-file", "", "PEM `file` of a certificate authority to trust besides the system's")
	f.BoolVar(&o.noBrowser, "no-browser", false, "print the URL instead of opening a browser")
	f.BoolVar(&o.json, "json", false, "print the result as JSON on stdout, and the steps on stderr")
	f.BoolVar(&o.showTokens, "show-tokens", false, "print tokens whole; whoever sees them can use them")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "how long to wait for the browser")
	return c
}

func (o *loginOptions) check(c *cobra.Command) error {
	if o.issuer == "" || o.clientID == "" {
		return usage(c, "--issuer and --client-id are required")
	}
	u, err := url.Parse(o.issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return usage(c, fmt.Sprintf("--issuer %q is not a URL such as https://login.example.com/", o.issuer))
	}
	if u.Scheme == "http" && !config.Loopback(u.Hostname()) {
		return usage(c, "--issuer: http is for loopback only")
	}
	return nil
}

// signIn is one run of the flow.
type signIn struct {
	loginOptions
	in    io.Reader
	steps *steps
	open  func(url string) error
}

// signedIn is what --json prints.
type signedIn struct {
	Issuer       string          `json:"issuer"`
	ClientID     string          `json:"client_id"`
	RedirectURI  string          `json:"redirect_uri"`
	TokenType    string          `json:"token_type"`
	ExpiresIn    int64           `json:"expires_in"`
	Scope        string          `json:"scope,omitempty"`
	IDToken      json.RawMessage `json:"id_token_claims"`
	AccessToken  json.RawMessage `json:"access_token_claims,omitempty"`
	UserInfo     json.RawMessage `json:"userinfo,omitempty"`
	Refreshed    bool            `json:"refreshed"`
	RefreshMoved bool            `json:"refresh_token_rotated"`
	Tokens       *rawTokens      `json:"tokens,omitempty"`
}

type rawTokens struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token,omitempty"`
}

func runLogin(ctx context.Context, o loginOptions, in io.Reader, stdout, stderr io.Writer) error {
	client, err := loginClient(o.caFile)
	if err != nil {
		return err
	}
	s := &signIn{loginOptions: o, in: in, steps: newSteps(stdout, o.showTokens), open: openBrowser}
	if o.json {
		s.steps = newSteps(stderr, o.showTokens)
	}
	if o.noBrowser {
		s.open = func(string) error { return errNoBrowser }
	}
	result, err := s.run(oidc.ClientContext(ctx, client))
	if err != nil {
		return explained(err)
	}
	if o.json {
		return json.NewEncoder(stdout).Encode(result)
	}
	return nil
}

func loginClient(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if caFile != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		data, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("--ca-file: %s has no PEM certificate", caFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}, nil
}

// run is the flow from discovery to refresh.
func (s *signIn) run(ctx context.Context) (*signedIn, error) {
	provider, meta, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	cb, err := newCallback(ctx, s.redirectURI)
	if err != nil {
		return nil, err
	}
	defer cb.close()
	app := &oauth2.Config{ClientID: s.clientID, RedirectURL: cb.uri, Endpoint: provider.Endpoint(), Scopes: strings.Fields(s.scope)}
	// A public client names itself in the body. Letting the library find out by trying would spend the code.
	app.Endpoint.AuthStyle = oauth2.AuthStyleInParams

	verifier, state, nonce := oauth2.GenerateVerifier(), newNonce(), newNonce()
	s.steps.title("Proof key")
	s.steps.fact("code_verifier", s.steps.secret(verifier)+", kept here until the exchange")
	s.steps.fact("code_challenge", oauth2.S256ChallengeFromVerifier(verifier)+" = base64url(SHA-256(code_verifier))")
	s.steps.fact("state", state+", must come back unchanged")
	s.steps.fact("nonce", nonce+", must be in the ID token")

	code, err := s.authorize(ctx, cb, app.AuthCodeURL(state, s.parameters(verifier, nonce)...), expected{state: state, issuer: meta.Issuer, issuerSent: meta.IssuerSent})
	if err != nil {
		return nil, err
	}
	token, err := s.exchange(ctx, app, code, verifier)
	if err != nil {
		return nil, err
	}
	verify := provider.Verifier(&oidc.Config{ClientID: s.clientID})
	idToken, claims, err := s.verifyIDToken(ctx, verify, token, nonce)
	if err != nil {
		return nil, err
	}
	result := &signedIn{
		Issuer: idToken.Issuer, ClientID: s.clientID, RedirectURI: cb.uri, TokenType: token.TokenType,
		ExpiresIn: token.ExpiresIn, IDToken: claims, AccessToken: s.showAccessToken(token.AccessToken),
	}
	result.Scope, _ = token.Extra("scope").(string)
	if result.UserInfo, err = s.userInfo(ctx, provider, idToken.Subject, token); err != nil {
		return nil, err
	}
	if token, err = s.refresh(ctx, app, verify, idToken, token, result); err != nil {
		return nil, err
	}
	if s.showTokens {
		id, _ := token.Extra("id_token").(string)
		result.Tokens = &rawTokens{Access: token.AccessToken, ID: id, Refresh: token.RefreshToken}
	}
	return result, nil
}

func newNonce() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// metadata is what the flow needs of discovery beyond the endpoints.
type metadata struct {
	Issuer     string   `json:"issuer"`
	Authorize  string   `json:"authorization_endpoint"`
	Token      string   `json:"token_endpoint"`
	UserInfo   string   `json:"userinfo_endpoint"`
	JWKS       string   `json:"jwks_uri"`
	Methods    []string `json:"code_challenge_methods_supported"`
	IssuerSent bool     `json:"authorization_response_iss_parameter_supported"`
}

// discover reads the metadata. The issuer in it is the one that counts from here on; only the flag may have or lack a
// slash at the end.
func (s *signIn) discover(ctx context.Context) (*oidc.Provider, metadata, error) {
	s.steps.title("Discovery")
	s.steps.fact("GET", strings.TrimSuffix(s.issuer, "/")+"/.well-known/openid-configuration")
	var meta metadata
	provider, err := oidc.NewProvider(ctx, s.issuer)
	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok && sameButSlash(mismatch.Discovered, s.issuer) {
		provider, err = oidc.NewProvider(ctx, mismatch.Discovered)
	}
	if err == nil {
		err = provider.Claims(&meta)
	}
	if err != nil {
		return nil, meta, fmt.Errorf("discovery: %w", err)
	}
	s.steps.fact("issuer", meta.Issuer)
	s.steps.fact("authorization_endpoint", meta.Authorize)
	s.steps.fact("token_endpoint", meta.Token)
	s.steps.fact("userinfo_endpoint", meta.UserInfo)
	s.steps.fact("jwks_uri", meta.JWKS)
	u, err := url.Parse(meta.Authorize)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, meta, fmt.Errorf("discovery: authorization_endpoint %q is not a web address", meta.Authorize)
	}
	return provider, meta, nil
}

func sameButSlash(a, b string) bool {
	return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}

func (s *signIn) parameters(verifier, nonce string) []oauth2.AuthCodeOption {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	for _, p := range []struct{ name, value string }{
		{"audience", s.audience}, {"prompt", s.prompt}, {"login_hint", s.loginHint},
	} {
		if p.value != "" {
			options = append(options, oauth2.SetAuthURLParam(p.name, p.value))
		}
	}
	return options
}

func (s *signIn) authorize(ctx context.Context, cb *callback, target string, want expected) (string, error) {
	s.steps.title("Sign in")
	if err := s.open(target); err != nil {
		s.steps.note("Open this URL in a browser:")
	} else {
		s.steps.note("The browser was opened. If it was not, open this URL:")
	}
	s.steps.note(target)
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var code string
	var err error
	if cb.listener != nil {
		s.steps.note(fmt.Sprintf("Waiting for the answer at %s (%s) ...", cb.uri, s.timeout))
		code, err = cb.wait(ctx, want, s.steps)
	} else {
		s.steps.note("The browser ends on a URL that starts with " + cb.uri + " and may show nothing there.")
		s.steps.note("Paste that whole URL here and press Enter:")
		code, err = cb.paste(ctx, want, s.in)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("no answer from the browser within %s", s.timeout)
	}
	if err != nil {
		return "", err
	}
	s.steps.title("Answer")
	s.steps.fact("code", s.steps.secret(code))
	s.steps.fact("state", "is the one that was sent")
	return code, nil
}

func (s *signIn) exchange(ctx context.Context, app *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	s.steps.title("Exchange")
	s.steps.fact("POST", app.Endpoint.TokenURL)
	s.steps.note("grant_type=authorization_code, client_id, code, code_verifier, redirect_uri")
	token, err := app.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, fmt.Errorf("token endpoint: %w", err)
	}
	s.steps.tokens(token)
	return token, nil
}

func (s *signIn) verifyIDToken(ctx context.Context, verify *oidc.IDTokenVerifier, token *oauth2.Token, nonce string) (*oidc.IDToken, json.RawMessage, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, nil, errors.New("the answer has no id_token; is openid among the scopes?")
	}
	idToken, err := verify.Verify(ctx, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("ID token: %w", err)
	}
	if nonce != "" && idToken.Nonce != nonce {
		return nil, nil, errors.New("ID token: the nonce is not the one that was sent")
	}
	checked := "signature (" + headerOf(raw) + "), iss, aud, exp"
	if nonce != "" {
		checked += ", nonce"
	}
	if idToken.AccessTokenHash != "" {
		checked += ", at_hash"
		if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, nil, fmt.Errorf("ID token: at_hash: %w", err)
		}
	}
	var claims json.RawMessage
	if err := idToken.Claims(&claims); err != nil {
		return nil, nil, fmt.Errorf("ID token: %w", err)
	}
	s.steps.title("ID token")
	s.steps.fact("verified", checked)
	s.steps.claims(claims)
	return idToken, claims, nil
}

// showAccessToken decodes a JWT to look at. Its signature is for the API to check; this client only carries it.
func (s *signIn) showAccessToken(raw string) json.RawMessage {
	claims, ok := payloadOf(raw)
	s.steps.title("Access token")
	if !ok {
		s.steps.note("opaque: only the issuer can read it")
		return nil
	}
	s.steps.note("a JWT (" + headerOf(raw) + "), decoded to look at; to check it is the API's part")
	s.steps.claims(claims)
	return claims
}

func (s *signIn) userInfo(ctx context.Context, provider *oidc.Provider, subject string, token *oauth2.Token) (json.RawMessage, error) {
	if provider.UserInfoEndpoint() == "" {
		return nil, nil
	}
	s.steps.title("User info")
	s.steps.fact("GET", provider.UserInfoEndpoint())
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("userinfo endpoint: %w", err)
	}
	if info.Subject != subject {
		return nil, errors.New("userinfo endpoint: sub is not that of the ID token (OpenID Connect Core, section 5.3.2)")
	}
	var claims json.RawMessage
	if err := info.Claims(&claims); err != nil {
		return nil, fmt.Errorf("userinfo endpoint: %w", err)
	}
	s.steps.claims(claims)
	return claims, nil
}

// refresh spends the refresh token once, when there is one, and returns the tokens that are good afterwards.
func (s *signIn) refresh(ctx context.Context, app *oauth2.Config, verify *oidc.IDTokenVerifier, before *oidc.IDToken, token *oauth2.Token, result *signedIn) (*oauth2.Token, error) {
	s.steps.title("Refresh")
	if token.RefreshToken == "" {
		s.steps.note("no refresh token: it comes with the scope offline_access, from an API that allows offline access,")
		s.steps.note("to an application that has the refresh_token grant")
		return token, nil
	}
	s.steps.fact("POST", app.Endpoint.TokenURL)
	s.steps.note("grant_type=refresh_token, client_id, refresh_token")
	next, err := app.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	s.steps.tokens(next)
	if _, has := next.Extra("id_token").(string); has {
		after, _, err := s.verifyIDToken(ctx, verify, next, "")
		if err != nil {
			return nil, fmt.Errorf("refresh: %w", err)
		}
		if after.Subject != before.Subject {
			return nil, errors.New("refresh: sub of the new ID token is another one (OpenID Connect Core, section 12.2)")
		}
	}
	result.Refreshed, result.RefreshMoved = true, next.RefreshToken != token.RefreshToken
	s.steps.fact("rotated", fmt.Sprint(result.RefreshMoved))
	return next, nil
}
