package token_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/oauth/token"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

const (
	issuer   = "https://login.example.com/"
	api      = "https://api.example.com/"
	callback = "com.example.app://login.example.com/callback"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	secret   = "the-secret-of-a-confidential-application-0123456789"
)

// ready are RSA keys made once for all tests: each costs a quarter of a second.
var ready = sync.OnceValue(func() (made []*rsa.PrivateKey) {
	for range 2 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		made = append(made, k)
	}
	return made
})

// tenant is the endpoint over a fresh database, with a clock that can be moved.
type tenant struct {
	*testing.T
	db      *store.DB
	keys    *keys.Ring
	handler http.Handler
	flush   func() // writes the events that wait, and ends their log
	ahead   atomic.Int64
}

func (tt *tenant) pass(d time.Duration) { tt.ahead.Add(int64(d)) }

// open opens a fresh tenant on SQLite, or on PostgreSQL where PROOFKEY_TEST_POSTGRES names a server. It has the
// applications native, spa, web (with the secret), m2m (with the secret) and other, the API, and the user auth0|jsmith.
func open(t *testing.T) *tenant {
	t.Helper()
	tt := &tenant{T: t}
	now := func() time.Time { return time.Now().Add(time.Duration(tt.ahead.Load())) }
	var err error
	tt.db, err = store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	tt.keys = keys.Open(tt.db)
	if err := tt.keys.EnsureWith(t.Context(), ready()...); err != nil {
		t.Fatal(err)
	}
	log := events.New(tt.db, slog.New(slog.DiscardHandler))
	tt.flush = log.Close
	t.Cleanup(func() {
		log.Close()
		if err := tt.db.Close(); err != nil {
			t.Error(err)
		}
	})
	mux := &web.Mux{}
	(&token.Endpoint{
		Issuer: issuer, DB: tt.db, Keys: tt.keys, Events: log, Clients: &clientauth.Authenticator{DB: tt.db},
	}).Routes(mux)
	tt.handler = (&web.Kit{}).Wrap(mux)
	tt.seed()
	return tt
}

func (tt *tenant) seed() {
	grants := []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken}
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		for _, c := range []store.Client{
			{ID: "native", Settings: store.ClientSettings{AppType: store.AppNative, TokenEndpointAuthMethod: "none", GrantTypes: grants}},
			{ID: "other", Settings: store.ClientSettings{AppType: store.AppNative, TokenEndpointAuthMethod: "none", GrantTypes: grants}},
			{ID: "spa", Settings: store.ClientSettings{AppType: store.AppSPA, TokenEndpointAuthMethod: "none", GrantTypes: grants,
				WebOrigins: []string{"https://spa.example.com"}, Callbacks: []string{"https://spa.example.com/callback"}}},
			{ID: "web", Secret: secret, Settings: store.ClientSettings{AppType: store.AppRegularWeb, GrantTypes: grants}},
			{ID: "m2m", Secret: secret, Settings: store.ClientSettings{AppType: store.AppNonInteractive,
				GrantTypes: []string{oauth.GrantClientCredentials}}},
		} {
			c.Name = c.ID
			if err := tx.CreateClient(ctx, &c, c.Settings.WebOrigins); err != nil {
				return err
			}
		}
		for _, a := range []store.API{
			{Identifier: api, Settings: store.APISettings{AllowOfflineAccess: true},
				Scopes: []store.APIScope{{Value: "read:messages"}, {Value: "write:messages"}}},
			{Identifier: "https://quick.example.com/", Settings: store.APISettings{AllowOfflineAccess: true, SigningAlg: "ES256"}},
		} {
			a.Name = a.Identifier
			if err := tx.CreateAPI(ctx, &a); err != nil {
				return err
			}
		}
		if err := tx.CreateConnection(ctx, &store.Connection{Name: store.DefaultConnection, Strategy: "auth0"}); err != nil {
			return err
		}
		u := store.User{ID: "auth0|jsmith", Connection: store.DefaultConnection, Email: "jsmith@example.com",
			Profile: store.Profile{Name: "John Smith", Nickname: "jsmith", EmailVerified: true}}
		return tx.CreateUser(ctx, &u)
	})
}

func (tt *tenant) write(fn func(context.Context, *store.Tx) error) {
	tt.Helper()
	ctx := context.Background()
	if err := tt.db.Write(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		tt.Fatal(err)
	}
}

func (tt *tenant) setClient(id string, change func(*store.ClientSettings)) {
	tt.Helper()
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		c, err := tx.Client(ctx, id)
		if err != nil {
			return err
		}
		change(&c.Settings)
		return tx.SaveClient(ctx, &c, c.Settings.WebOrigins)
	})
}

func (tt *tenant) setAPI(change func(*store.APISettings)) {
	tt.Helper()
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		a, err := tx.API(ctx, api)
		if err != nil {
			return err
		}
		change(&a.Settings)
		return tx.SaveAPI(ctx, &a)
	})
}

func (tt *tenant) setTenant(s store.TenantSettings) {
	tt.Helper()
	tt.write(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenantSettings(ctx, s) })
}

func (tt *tenant) setUser(change func(*store.User)) {
	tt.Helper()
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.User(ctx, "auth0|jsmith")
		if err != nil {
			return err
		}
		change(&u)
		return tx.SaveUser(ctx, &u)
	})
}

func rotating(s *store.ClientSettings) {
	s.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring"}
}

// login is a code as /authorize would make it, for the application native unless change says otherwise.
func login(change ...func(*store.Code)) store.Code {
	c := store.Code{
		TransactionID: "tx_login", Issuer: issuer, ClientID: "native", RedirectURI: callback, Challenge: oauth.S256(verifier),
		UserID: "auth0|jsmith", Connection: store.DefaultConnection, SessionID: "the-session", Audience: api,
		Scope: []string{"openid", "profile", "email", "offline_access", "read:messages"}, Nonce: "n-1",
		AuthTime: time.Now().Add(-time.Minute).Unix(),
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// codeForm is the exchange that belongs to login.
func codeForm(sealed string, change ...string) url.Values {
	return with(url.Values{"grant_type": {"authorization_code"}, "client_id": {"native"}, "code": {sealed},
		"redirect_uri": {callback}, "code_verifier": {verifier}}, change...)
}

func refreshForm(refreshToken string, change ...string) url.Values {
	return with(url.Values{"grant_type": {"refresh_token"}, "client_id": {"native"}, "refresh_token": {refreshToken}}, change...)
}

// with sets parameters by name and value; the value - takes one away.
func with(form url.Values, change ...string) url.Values {
	for i := 0; i < len(change); i += 2 {
		if form.Set(change[i], change[i+1]); change[i+1] == "-" {
			form.Del(change[i])
		}
	}
	return form
}

// answer is what came back, with the members of a JSON body.
type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

func (a answer) text(name string) string { s, _ := a.json[name].(string); return s }

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

func (tt *tenant) do(r *http.Request) answer {
	tt.Helper()
	rec := httptest.NewRecorder()
	tt.handler.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &a.json); err != nil {
			tt.Errorf("%s: %v", a, err)
		}
	}
	return a
}

func form(path string, v url.Values) *http.Request {
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (tt *tenant) post(v url.Values) answer { tt.Helper(); return tt.do(form("/oauth/token", v)) }

// signIn exchanges a fresh code and must succeed.
func (tt *tenant) signIn(change ...func(*store.Code)) answer {
	tt.Helper()
	c := login(change...)
	a := tt.post(codeForm(tt.db.SealCode(c), "client_id", c.ClientID, "redirect_uri", c.RedirectURI))
	if a.status != http.StatusOK {
		tt.Fatalf("the code exchange was answered %s", a)
	}
	return a
}

// refresh must succeed.
func (tt *tenant) refresh(refreshToken string, change ...string) answer {
	tt.Helper()
	a := tt.post(refreshForm(refreshToken, change...))
	if a.status != http.StatusOK {
		tt.Fatalf("the refresh was answered %s", a)
	}
	return a
}

// refused checks status, code and the exact or, ending in …, the beginning of the sentence.
func (tt *tenant) refused(a answer, status int, code, sentence string) {
	tt.Helper()
	got := a.text("error_description")
	fits := got == sentence
	if start, ok := strings.CutSuffix(sentence, "…"); ok {
		fits = strings.HasPrefix(got, start)
	}
	if a.status != status || a.text("error") != code || !fits {
		tt.Errorf("answered %s, want %d %s %q", a, status, code, sentence)
	}
	if cc := a.header.Get("Cache-Control"); cc != "no-store" {
		tt.Errorf("Cache-Control of a refusal is %q", cc)
	}
}

const invalidRefreshToken = "Unknown or invalid refresh token."

func (tt *tenant) refreshRefused(refreshToken string) {
	tt.Helper()
	tt.refused(tt.post(refreshForm(refreshToken)), 403, "invalid_grant", invalidRefreshToken)
}

// recorded ends the log and returns the types of all events, the oldest first, and the newest event.
func (tt *tenant) recorded() (types []string, newest store.Event) {
	tt.Helper()
	tt.flush()
	all, err := tt.db.Events(context.Background(), store.EventFilter{Limit: 1000})
	if err != nil {
		tt.Fatal(err)
	}
	for _, e := range all {
		types = append([]string{e.Type}, types...)
	}
	if len(all) > 0 {
		newest = all[0]
	}
	return types, newest
}

// claimsOf reads a JWT without verifying it.
func (tt *tenant) claimsOf(jwt string) map[string]any {
	tt.Helper()
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		tt.Fatalf("%q is no JWT", jwt)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		tt.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(raw, &c); err != nil {
		tt.Fatal(err)
	}
	return c
}

// families are the user's living refresh tokens.
func (tt *tenant) families() []store.RefreshFamily {
	tt.Helper()
	all, err := tt.db.RefreshFamilies(context.Background(), "auth0|jsmith")
	if err != nil {
		tt.Fatal(err)
	}
	return all
}
