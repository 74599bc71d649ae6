package dashboard

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// scopes are asked for at each login. What an administrator may do is not among them: the roles say it, at each request.
const scopes = "openid profile email offline_access"

// loginLife is how long a login may take.
const loginLife = 30 * time.Minute

// started is a login that is under way, sealed in a cookie: so it ends in the browser in which it began.
type started struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	ReturnTo string `json:"r"`
	At       int64  `json:"t"` // seconds
}

const loginPurpose = "dashboard login"

// login begins the authorization code flow with PKCE (RFC 7636).
func (c *Console) login(w http.ResponseWriter, r *http.Request) error {
	s := started{
		State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(),
		ReturnTo: localPath(r.URL.Query().Get("return_to")), At: c.DB.Now().Unix(),
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	c.setCookie(w, loginCookie, c.DB.Box(loginPurpose).SealText(plain, ""), int(loginLife.Seconds()))
	q := url.Values{
		"response_type": {oauth.ResponseTypeCode}, "client_id": {management.DashboardClient}, "redirect_uri": {c.origin() + management.DashboardCallback},
		"scope": {scopes}, "audience": {c.Audience}, "state": {s.State}, "nonce": {s.Nonce},
		"code_challenge": {oauth.S256(s.Verifier)}, "code_challenge_method": {oauth.MethodS256},
	}
	leave(w, "/authorize?"+strings.ReplaceAll(q.Encode(), "+", "%20"))
	return nil
}

// leave redirects to a path of this origin, as it is.
func leave(w http.ResponseWriter, path string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusFound)
}

// localPath is where to go after a login: an address of this origin, whatever was asked for.
func localPath(asked string) string {
	u, err := url.Parse(asked)
	switch {
	case err != nil, len(asked) > 2048, !strings.HasPrefix(asked, "/"), strings.HasPrefix(asked, "//"), u.Host != "" || u.Scheme != "",
		strings.ContainsFunc(asked, func(c rune) bool { return c <= ' ' || c == '\\' || c >= 0x7f }),
		strings.HasPrefix(asked, "/dashboard/"):
		return "/"
	}
	return asked
}

var (
	errStale = problem.Explain(http.StatusBadRequest, "invalid_request",
		"This sign-in was not begun in this browser, or it took too long. Begin it anew.")
	errNoRole = problem.Explain(http.StatusForbidden, "access_denied",
		"Your account has no role in the Dashboard. Ask an Admin to give you one.")
	errExchange = problem.Explain(http.StatusBadGateway, "server_error",
		"You signed in, but the Dashboard got no tokens for it. Begin the sign-in anew.")
)

// callback ends the flow that login began.
func (c *Console) callback(w http.ResponseWriter, r *http.Request) error {
	web.MetaOf(r.Context()).ClientID = management.DashboardClient // the error page offers to begin anew
	p, err := oauth.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	s, err := c.startedBy(r, p.Get("state"))
	if err != nil {
		if v, visitErr := c.visit(r); v != nil && visitErr == nil { // another tab was quicker
			leave(w, "/")
			return nil
		}
		return err
	}
	c.setCookie(w, loginCookie, "", -1)
	if code := p.Get("error"); code != "" {
		return problem.Explain(http.StatusForbidden, web.Clip(code, 64), web.Clip(p.Get("error_description"), 512))
	}
	t, err := c.redeem(r, p.Get("code"), s.Verifier)
	if err != nil {
		return err
	}
	who, err := c.identify(t.ID, s.Nonce)
	if err != nil {
		return errExchange.Because(err)
	}
	role, err := management.RoleOf(r.Context(), c.DB.Queries, who.Sub)
	if err != nil {
		return err
	}
	if role == "" {
		// Or every other attempt in this browser would end here too.
		return errors.Join(c.signOut(w, r, who.SID, t), errNoRole)
	}
	if err := c.begin(w, r, who.SID, t); err != nil {
		return err
	}
	leave(w, s.ReturnTo)
	return nil
}

// startedBy is the login that the browser began with this state.
func (c *Console) startedBy(r *http.Request, state string) (s started, err error) {
	for i, cookie := range r.CookiesNamed(c.cookie(loginCookie)) {
		if i == maxCookies {
			break
		}
		plain, err := c.DB.Box(loginPurpose).OpenText(cookie.Value, "")
		if err != nil || json.Unmarshal(plain, &s) != nil {
			continue
		}
		young := c.DB.Now().Sub(time.Unix(s.At, 0)) < loginLife
		if hmac.Equal([]byte(s.State), []byte(state)) && young {
			return s, nil
		}
	}
	return started{}, errStale
}

// identity is what counts in an ID token.
type identity struct {
	Iss, Sub, Aud, Nonce, SID string
	Exp                       int64
}

// identify reads the ID token. It came from the provider without a network between, which stands for its signature (OpenID
// Connect Core section 3.1.3.7, point 6).
func (c *Console) identify(token, nonce string) (identity, error) {
	var i identity
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return i, errors.New("the ID token is no JWT")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &i)
	}
	switch {
	case err != nil:
		return i, fmt.Errorf("read the ID token: %w", err)
	case i.Iss != c.Issuer, i.Aud != management.DashboardClient, i.Sub == "", i.SID == "":
		return i, fmt.Errorf("the ID token is of %q for %q", i.Iss, i.Aud)
	case !hmac.Equal([]byte(i.Nonce), []byte(nonce)):
		return i, errors.New("the ID token has another nonce")
	case c.DB.Now().Unix() >= i.Exp:
		return i, errors.New("the ID token has expired")
	}
	return i, nil
}

// logout ends the session, the login behind it and the refresh token.
func (c *Console) logout(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	v, err := c.acting(r)
	if errors.Is(err, errLogin) { // it has ended before
		c.setCookie(w, sessionCookie, "", -1)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.signOut(w, r, v.SessionID, v.tokens); err != nil {
		return err
	}
	c.setCookie(w, sessionCookie, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signOut ends a login with all that stands on it, the Dashboard's sessions too.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request, loginID string, t tokens) error {
	if err := c.revoke(r, t.Refresh); err != nil {
		return err
	}
	for _, cookie := range c.endLogin(r, t.ID) {
		w.Header().Add("Set-Cookie", cookie)
	}
	// The browser may have come to be signed in as somebody else: then the provider ended nothing of this login.
	ctx := r.Context()
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.EndSession(ctx, loginID)
		return err
	})
}
