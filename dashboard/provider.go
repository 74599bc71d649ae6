package dashboard

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// tokens are what the provider gave to the Dashboard for one session.
type tokens struct {
	ID      string            `json:"id"`
	Refresh string            `json:"refresh"`
	Access  map[string]access `json:"access"` // by audience
}

type access struct {
	Token string `json:"token"`
	Until int64  `json:"until"` // seconds
}

func (t tokens) text() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic("dashboard: " + err.Error()) // texts and numbers always encode
	}
	return string(b)
}

// answer is what the provider answered.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { a.WriteHeader(http.StatusOK); return a.body.Write(b) }
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// ask sends a request to the provider as any client would, but without a network between: no certificate must be trusted and
// no name resolved for the server to reach itself. Whom it is for stays the browser of r.
func (c *Console) ask(r *http.Request, method, target string, form url.Values, cookies ...*http.Cookie) (*answer, error) {
	meta := *web.MetaOf(r.Context())
	ctx := web.WithMeta(r.Context(), &meta)
	q, err := http.NewRequestWithContext(ctx, method, c.origin()+target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	q.RemoteAddr = r.RemoteAddr
	q.Header.Set("User-Agent", r.UserAgent())
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range cookies {
		q.AddCookie(cookie)
	}
	a := &answer{header: http.Header{}}
	c.Provider.ServeHTTP(a, q)
	return a, r.Context().Err()
}

// asClient adds how the Dashboard proves itself. Its secret is read at each use: it may be another one since.
func (c *Console) asClient(ctx context.Context, fields ...string) (url.Values, error) {
	client, err := c.DB.Client(ctx, management.DashboardClient)
	if err != nil {
		return nil, fmt.Errorf("the application of the Dashboard: %w", err)
	}
	form := url.Values{"client_id": {client.ID}, "client_secret": {client.Secret}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form, nil
}

// issued is the answer of the token endpoint.
type issued struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	ExpiresIn    int64  `json:"expires_in"`

	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// token asks the token endpoint; refused has why no token came, for the log.
func (c *Console) token(r *http.Request, fields ...string) (got issued, refused error, err error) {
	form, err := c.asClient(r.Context(), fields...)
	if err != nil {
		return got, nil, err
	}
	a, err := c.ask(r, http.MethodPost, "/oauth/token", form)
	if err != nil {
		return got, nil, err
	}
	if err := json.Unmarshal(a.body.Bytes(), &got); err != nil {
		return got, nil, fmt.Errorf("the token endpoint answered %d: %w", a.status, err)
	}
	switch {
	case a.status >= http.StatusInternalServerError:
		return got, nil, fmt.Errorf("the token endpoint answered %d %s", a.status, got.Error)
	case a.status != http.StatusOK:
		return got, fmt.Errorf("the token endpoint refused: %s: %s", got.Error, got.Description), nil
	}
	return got, nil, nil
}

func (c *Console) access(i issued) access {
	return access{i.AccessToken, c.DB.Now().Add(time.Duration(i.ExpiresIn) * time.Second).Unix()}
}

// redeem exchanges the code of a login.
func (c *Console) redeem(r *http.Request, code, verifier string) (tokens, error) {
	got, refused, err := c.token(r, "grant_type", oauth.GrantAuthorizationCode, "code", code, "code_verifier", verifier,
		"redirect_uri", c.origin()+management.DashboardCallback)
	switch {
	case err != nil:
		return tokens{}, err
	case refused != nil:
		return tokens{}, errExchange.Because(refused)
	}
	return tokens{ID: got.IDToken, Refresh: got.RefreshToken, Access: map[string]access{c.Audience: c.access(got)}}, nil
}

// spare is how long an access token must still live to be used.
const spare = time.Minute

// tokenFor is the session's access token for an API. A session whose refresh token is no longer good is over.
func (c *Console) tokenFor(r *http.Request, v *visit, audience string) (string, error) {
	held := v.tokens.Access[audience]
	if c.DB.Now().Add(spare).Unix() < held.Until {
		return held.Token, nil
	}
	// A page asks for many things at once: one of its requests renews for all.
	got, err, _ := c.renewals.Do(hex.EncodeToString(v.Hash)+audience, func() (any, error) {
		return c.renew(r, v, audience)
	})
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

func (c *Console) renew(r *http.Request, v *visit, audience string) (string, error) {
	// It serves others too, so it goes on when this one's browser hangs up.
	r = r.WithContext(context.WithoutCancel(r.Context()))
	got, refused, err := c.token(r, "grant_type", oauth.GrantRefreshToken, "refresh_token", v.tokens.Refresh, "audience", audience)
	if err != nil {
		return "", err
	}
	if refused != nil {
		ended := c.DB.Write(r.Context(), func(tx *store.Tx) error { return tx.EndDashboardSession(r.Context(), v.Hash) })
		if ended != nil {
			return "", ended
		}
		return "", errLogin.Because(refused)
	}
	fresh := c.access(got)
	return fresh.Token, gone(c.change(r.Context(), v, func(t *tokens) { t.Access[audience] = fresh }))
}

// change changes the stored tokens of a session.
func (c *Console) change(ctx context.Context, v *visit, change func(*tokens)) error {
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.DashboardSession(ctx, v.Hash)
		if err != nil {
			return err
		}
		t := tokens{Access: map[string]access{}}
		if err := json.Unmarshal([]byte(d.Tokens), &t); err != nil {
			return err
		}
		change(&t)
		d.Tokens = t.text()
		return tx.SaveDashboardTokens(ctx, d)
	})
}

// revoke takes a refresh token back (RFC 7009).
func (c *Console) revoke(r *http.Request, token string) error {
	if token == "" {
		return nil
	}
	form, err := c.asClient(r.Context(), "token", token)
	if err != nil {
		return err
	}
	a, err := c.ask(r, http.MethodPost, "/oauth/revoke", form)
	if err == nil && a.status >= http.StatusInternalServerError {
		err = fmt.Errorf("the revocation endpoint answered %d", a.status)
	}
	return err
}

// endLogin ends the login at the provider (OpenID Connect RP-Initiated Logout) and returns what it sets in the browser.
func (c *Console) endLogin(r *http.Request, idToken string) []string {
	q := url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {c.Issuer}}
	a, err := c.ask(r, http.MethodGet, "/oidc/logout?"+q.Encode(), nil, r.Cookies()...)
	if err != nil {
		return nil
	}
	return a.header.Values("Set-Cookie")
}
