package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// visitor is a client whose every connection ends at the scratch server, whatever host a URL names: the server is asked
// under the domains of the backup, and nobody else is ever asked.
type visitor struct{ transport http.RoundTripper }

const (
	verifyCallback = "https://backup-verify.invalid/callback"
	visitTime      = time.Minute
	maxPage        = 4 << 20
)

// onLoopback serves on a free port of loopback while visit runs.
func onLoopback(ctx context.Context, h http.Handler, visit func(visitor)) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: visitTime}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	}
	// A connection for https goes as it is too: the server's own proxies take TLS off before it as well.
	transport := &http.Transport{DialContext: dial, DialTLSContext: dial}
	visit(visitor{transport})
	transport.CloseIdleConnections()
	err = server.Close()
	if stop := <-ended; !errors.Is(stop, http.ErrServerClosed) {
		err = errors.Join(err, stop)
	}
	return err
}

// client has the cookies of one browser, and follows redirects on the tenant's own host.
func (v visitor) client(d store.Domain) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic("proofkey: " + err.Error()) // never without options
	}
	return &http.Client{Transport: v.transport, Jar: jar, Timeout: visitTime, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != d.Host || len(via) > 10 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// keys checks that the signing keys of the backup are those that the server publishes.
func (v *verification) keys(ctx context.Context, visit visitor, t *app.Tenant) {
	published, err := publishedKeys(ctx, visit, t.Domains[0])
	states, readErr := t.DB.KeyStates(ctx)
	err = errors.Join(err, readErr)
	expected := 0
	for _, k := range states {
		revoked := k.State == store.KeyRevoked
		if !revoked {
			expected++
		}
		if err == nil && revoked == slices.Contains(published, k.Kid) {
			err = fmt.Errorf("the key %s is %s, and its being published is %v", k.Kid, k.State, !revoked)
		}
	}
	if err == nil && len(published) != expected {
		err = fmt.Errorf("%d keys are published, the backup has %d", len(published), expected)
	}
	v.check(t.Name, "keys", err, "the %d of the backup are published (JWKS)", expected)
}

func publishedKeys(ctx context.Context, visit visitor, d store.Domain) (kids []string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Issuer()+".well-known/jwks.json", nil)
	if err != nil {
		return nil, err
	}
	answer, err := visit.client(d).Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var set struct {
		Keys []struct{ Kid string }
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxPage)).Decode(&set); err != nil {
		return nil, fmt.Errorf("the key set was answered %s: %w", answer.Status, err)
	}
	for _, k := range set.Keys {
		kids = append(kids, k.Kid)
	}
	return kids, nil
}

// madeUp is what is added to the scratch database to sign in with. It stands beside what the tenant has: its own
// connection, application and API, so that no setting of theirs decides the result.
type madeUp struct {
	email, password string
	connection      store.Connection
	client          store.Client
	api             store.API
}

func makeUp(ctx context.Context, t *app.Tenant, o app.Options) (m madeUp, err error) {
	suffix := strings.ToLower(store.RandomID(16))
	m = madeUp{email: "user-" + suffix + "@backup-verify.invalid", password: store.RandomID(40) + "-1aA"}
	m.connection = store.Connection{Name: "backup-verify-" + suffix, Strategy: store.DatabaseStrategy}
	if m.client, err = management.NewClient("Backup verification", store.AppRegularWeb); err != nil {
		return m, err
	}
	s := &m.client.Settings
	s.Callbacks, s.Connections = []string{verifyCallback}, []string{m.connection.Name}
	s.RefreshToken = store.RefreshSettings{RotationType: management.Rotating, ExpirationType: management.Expiring}
	m.api = store.API{Identifier: "https://backup-verify.invalid/" + suffix, Name: "Backup verification",
		Settings: store.APISettings{AllowOfflineAccess: true, SkipConsent: true}}
	hash, err := o.Hasher.Hash(ctx, m.password)
	if err != nil {
		return m, err
	}
	user := store.User{Connection: m.connection.Name, Email: m.email, PasswordHash: hash}
	user.Profile.Name, user.Profile.EmailVerified = "Backup verification", true
	return m, t.DB.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.CreateConnection(ctx, &m.connection), tx.CreateClient(ctx, &m.client, nil), tx.CreateAPI(ctx, &m.api), tx.CreateUser(ctx, &user))
	})
}

// signIn has the made-up user sign in, and the application exchange the code and refresh the tokens.
func (v *verification) signIn(ctx context.Context, visit visitor, t *app.Tenant, o app.Options) {
	ctx, cancel := context.WithTimeout(ctx, visitTime)
	defer cancel()
	d := t.Domains[0]
	client := visit.client(d)
	ctx = oidc.ClientContext(ctx, client)
	m, err := makeUp(ctx, t, o)
	if err != nil {
		v.check(t.Name, "sign-in", fmt.Errorf("make the user: %w", err), "")
		return
	}
	provider, err := oidc.NewProvider(ctx, d.Issuer())
	if err != nil {
		v.check(t.Name, "sign-in", fmt.Errorf("discovery: %w", err), "")
		return
	}
	conf := &oauth2.Config{ClientID: m.client.ID, ClientSecret: m.client.Secret, Endpoint: provider.Endpoint(), RedirectURL: verifyCallback,
		Scopes: []string{"openid", "email", "offline_access"}}
	conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	verifier, state, nonce := oauth2.GenerateVerifier(), newNonce(), newNonce()
	address := conf.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce),
		oauth2.SetAuthURLParam("audience", m.api.Identifier), oauth2.SetAuthURLParam("connection", m.connection.Name))
	code, err := typePassword(ctx, client, d, address, state, m)
	v.check(t.Name, "sign-in", err, "a made-up user signed in at %s", d.Issuer())
	if err != nil {
		return
	}
	token, err := conf.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err == nil {
		err = genuine(ctx, provider, m, token, nonce)
	}
	v.check(t.Name, "exchange", err, "the code gave tokens whose signatures verify by the published keys")
	if err != nil {
		return
	}
	next, err := conf.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err == nil {
		err = genuine(ctx, provider, m, next, "")
	}
	if err == nil && next.RefreshToken == token.RefreshToken {
		err = errors.New("the refresh token did not rotate")
	}
	v.check(t.Name, "refresh", err, "the refresh token rotated, and gave tokens whose signatures verify")
}

// genuine checks the signatures of both tokens.
func genuine(ctx context.Context, provider *oidc.Provider, m madeUp, token *oauth2.Token, nonce string) error {
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: m.client.ID}).Verify(ctx, raw)
	if err != nil {
		return fmt.Errorf("the ID token: %w", err)
	}
	if nonce != "" && id.Nonce != nonce {
		return errors.New("the ID token: the nonce is another one")
	}
	if _, err := provider.Verifier(&oidc.Config{ClientID: m.api.Identifier}).Verify(ctx, token.AccessToken); err != nil {
		return fmt.Errorf("the access token: %w", err)
	}
	return nil
}

var stateField = regexp.MustCompile(`name="state" value="([^"]+)"`)

// typePassword goes through the pages of a login to the code.
func typePassword(ctx context.Context, client *http.Client, d store.Domain, address, state string, m madeUp) (string, error) {
	method, form := http.MethodGet, url.Values(nil)
	for range 5 {
		r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", d.Origin)
		}
		answer, err := client.Do(r)
		if err != nil {
			return "", err
		}
		page, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
		answer.Body.Close()
		if err != nil {
			return "", err
		}
		if location := answer.Header.Get("Location"); location != "" {
			return codeOf(location, state)
		}
		field := stateField.FindSubmatch(page)
		if answer.StatusCode != http.StatusOK || field == nil {
			return "", fmt.Errorf("the login ended at %s with %s", answer.Request.URL.Path, answer.Status)
		}
		method, address = http.MethodPost, d.Origin+answer.Request.URL.Path
		form = url.Values{"state": {html.UnescapeString(string(field[1]))}, "username": {m.email}, "password": {m.password}, "action": {"default"}}
	}
	return "", errors.New("the login shows page after page")
}

func codeOf(location, state string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, verifyCallback) {
		return "", fmt.Errorf("the login led to %.200q", location)
	}
	q := u.Query()
	if q.Get("code") == "" || q.Get("state") != state {
		return "", fmt.Errorf("the login ended with %s: %s", q.Get("error"), q.Get("error_description"))
	}
	return q.Get("code"), nil
}
