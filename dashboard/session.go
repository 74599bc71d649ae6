package dashboard

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

const (
	idBytes   = 32
	idLetters = 43

	// maxCookies bounds the reads that a request with many cookies of our name can cause.
	maxCookies = 4

	csrfHeader = "X-CSRF-Token"
)

// cookie is the name of a cookie of the console. By TLS its prefix makes browsers refuse one that another host has set.
func (c *Console) cookie(name string) string {
	if c.secure() {
		return "__Host-" + name
	}
	return name
}

const (
	sessionCookie = "dashboard"
	loginCookie   = "dashboard_login"
)

func (c *Console) setCookie(w http.ResponseWriter, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: c.cookie(name), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// visit is an administrator's session that holds now.
type visit struct {
	store.DashboardSession
	id     string // the value of the cookie
	login  store.Session
	user   store.User
	tokens tokens
}

// visit is the session that the request's cookie proves, or nil.
func (c *Console) visit(r *http.Request) (*visit, error) {
	for i, cookie := range r.CookiesNamed(c.cookie(sessionCookie)) {
		if i == maxCookies {
			break
		}
		v, err := c.open(r.Context(), cookie.Value)
		if v == nil && err == nil {
			continue
		}
		if v != nil {
			web.MetaOf(r.Context()).UserID = v.user.ID
		}
		return v, err
	}
	return nil, nil
}

// open reads a session with the login and the user that it depends on.
func (c *Console) open(ctx context.Context, id string) (*visit, error) {
	if len(id) != idLetters {
		return nil, nil
	}
	v := &visit{id: id}
	var err error
	if v.DashboardSession, err = c.DB.DashboardSession(ctx, hashOf(id)); err != nil {
		return nil, gone(err)
	}
	if v.login, err = c.DB.Session(ctx, v.SessionID); err != nil {
		return nil, gone(err)
	}
	if v.user, err = c.DB.User(ctx, v.login.UserID); err != nil {
		return nil, gone(err)
	}
	now := c.DB.Now()
	if v.user.Blocked || !now.Before(v.login.ExpiresAt) || !now.Before(v.login.IdleExpiresAt) {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(v.Tokens), &v.tokens); err != nil {
		return nil, fmt.Errorf("the tokens of a Dashboard session: %w", err)
	}
	return v, nil
}

// gone takes what is not there for no session.
func gone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func hashOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

// csrf is the session's token against forgery.
func (c *Console) csrf(v *visit) string {
	mac := hmac.New(sha256.New, c.DB.Key("dashboard csrf"))
	mac.Write([]byte(v.id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

var (
	errLogin = problem.New(http.StatusUnauthorized, "login_required", "Your session has ended. Sign in again.")
	// errNoLogin is errLogin as the page's first question is answered: with the code alone.
	errNoLogin = problem.New(http.StatusUnauthorized, "login_required", "")
)

// acting is the session of a request that is the administrator's doing: it restarts the idle timer, and where the request
// changes something it needs the token against forgery.
func (c *Console) acting(r *http.Request) (*visit, error) {
	v, err := c.visit(r)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, errLogin
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !hmac.Equal([]byte(r.Header.Get(csrfHeader)), []byte(c.csrf(v))) {
		return nil, errForged.Because(errors.New("the header " + csrfHeader + " is not the session's"))
	}
	t, err := c.DB.Tenant(r.Context())
	if err != nil {
		return nil, err
	}
	return v, c.Sessions.Touch(r.Context(), &v.login, t.Settings)
}

// begin makes a session for a login, in place of the browser's former one, and gives the browser its cookie.
func (c *Console) begin(w http.ResponseWriter, r *http.Request, loginID string, t tokens) error {
	ctx := r.Context()
	raw := make([]byte, idBytes)
	rand.Read(raw)
	id := base64.RawURLEncoding.EncodeToString(raw)
	made := store.DashboardSession{Hash: hashOf(id), SessionID: loginID, Tokens: t.text()}
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		for i, old := range r.CookiesNamed(c.cookie(sessionCookie)) {
			if i == maxCookies {
				break
			}
			if err := tx.EndDashboardSession(ctx, hashOf(old.Value)); err != nil {
				return err
			}
		}
		s := made
		return tx.CreateDashboardSession(ctx, &s)
	})
	if err != nil {
		return err
	}
	tenant, err := c.DB.Tenant(ctx)
	if err != nil {
		return err
	}
	c.setCookie(w, sessionCookie, id, int(tenant.Settings.SessionLife().Seconds()))
	return nil
}

// session says who is signed in. Asking is no activity: a page may do so to know when the session ends.
func (c *Console) session(w http.ResponseWriter, r *http.Request) error {
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	if v == nil {
		return errNoLogin
	}
	role, err := management.RoleOf(r.Context(), c.DB.Queries, v.user.ID)
	if err != nil {
		return err
	}
	if role == "" { // it was taken away
		return errNoLogin
	}
	type tenant struct {
		Name   string `json:"name"`
		Domain string `json:"domain"`
		Issuer string `json:"issuer"`
	}
	answer := struct {
		User struct {
			Sub     string `json:"sub"`
			Name    string `json:"name"`
			Email   string `json:"email"`
			Picture string `json:"picture"`
		} `json:"user"`
		Role      string    `json:"role"`
		CSRF      string    `json:"csrf"`
		Tenants   []tenant  `json:"tenants"`
		ExpiresAt time.Time `json:"expires_at"`
	}{Role: role, CSRF: c.csrf(v), ExpiresAt: v.login.ExpiresAt, Tenants: []tenant{}}
	if v.login.IdleExpiresAt.Before(answer.ExpiresAt) {
		answer.ExpiresAt = v.login.IdleExpiresAt
	}
	u := &answer.User
	u.Sub, u.Name, u.Email, u.Picture = v.user.ID, v.user.Profile.Name, v.user.Email, v.user.Profile.Picture
	for _, t := range c.Tenants {
		if !t.Own {
			answer.Tenants = append(answer.Tenants, tenant{t.Name, t.Domains[0].Host, t.Domains[0].Issuer()})
		}
	}
	return web.JSON(w, http.StatusOK, answer)
}
