package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// userinfo is OpenID Connect Core section 5.3: the user as stored now, for who holds an access token made for it.
func (e *Endpoint) userinfo(w http.ResponseWriter, r *http.Request) error {
	text, err := bearer(r)
	if err != nil {
		return err
	}
	if text == "" {
		// Who sent nothing is told the scheme only (RFC 6750 section 3.1).
		p := problem.New(http.StatusUnauthorized, "invalid_token", "Unauthorized")
		p.Challenge = "Bearer"
		return p
	}
	token, err := e.accessTokenOf(r.Context(), text)
	if err != nil {
		return err
	}
	user, err := e.living(r.Context(), token)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, claims.UserInfo(user, storedScope(token.Scope)))
}

// bearer finds the access token where RFC 6750 section 2 lets it be: in the header, the form or the query, but in one of
// them only. It is empty when there is none.
func bearer(r *http.Request) (token string, err error) {
	header, err := bearerHeader(r.Header.Values("Authorization"))
	if err != nil {
		return "", err
	}
	found := []string{header}
	var p oauth.Params
	switch {
	case r.Method == http.MethodPost:
		if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" {
			break
		}
		var body []byte
		if body, err = web.ReadBody(r); err == nil {
			p, err = oauth.ParseQuery(string(body))
		}
	case r.URL.RawQuery != "":
		p, err = oauth.ParseQuery(r.URL.RawQuery)
	}
	if err != nil {
		return "", err
	}
	found = append(found, p.Get("access_token"))
	found = slices.DeleteFunc(found, func(s string) bool { return s == "" })
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", badBearer("The access token was sent in two ways: send it in the Authorization header only.")
}

// bearerHeader reads the Authorization header: one scheme in any case, one space or more, one token68. Another scheme is
// no access token.
func bearerHeader(values []string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", badBearer("There is more than one Authorization header.")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	token = strings.Trim(token, " ")
	if token == "" || strings.TrimLeft(strings.TrimRight(token, "="),
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/") != "" {
		return "", badBearer("The Authorization header is not of the form Bearer, a space and one access token.")
	}
	return token, nil
}

func badBearer(message string) error {
	p := problem.Explain(http.StatusBadRequest, "invalid_request", message)
	p.Challenge = `Bearer error="invalid_request", error_description="` + message + `"`
	return p
}

func invalidToken(why error) error {
	const message = "The access token is invalid, expired or revoked, or was not issued for this endpoint."
	p := problem.Explain(http.StatusUnauthorized, "invalid_token", message).Because(why)
	p.Challenge = `Bearer error="invalid_token", error_description="` + message + `"`
	return p
}

// accessToken is what /userinfo reads of an access token, opaque or signed.
type accessToken struct {
	Iss      string   `json:"iss"`
	Sub      string   `json:"sub"`
	Aud      audience `json:"aud"`
	Azp      string   `json:"azp"`
	ClientID string   `json:"client_id"`
	Scope    string   `json:"scope"`
	Exp      int64    `json:"exp"`
	Jti      string   `json:"jti"`
}

// audience is a text or a list of texts (RFC 7519 section 4.1.3).
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(a))
	}
	*a = make([]string, 1)
	return json.Unmarshal(b, &(*a)[0])
}

// accessTokenOf opens or verifies an access token, and checks that it was issued by this domain for this endpoint.
func (e *Endpoint) accessTokenOf(ctx context.Context, text string) (t accessToken, err error) {
	switch err = e.read(ctx, text, &t); {
	case err != nil && !errors.Is(err, keys.ErrInvalid):
		return t, fmt.Errorf("verify the access token: %w", err)
	case err != nil:
	case t.Iss != e.Issuer:
		err = fmt.Errorf("issued by %s", t.Iss)
	case !slices.Contains(t.Aud, e.Issuer+"userinfo"):
		// An ID token ends here too: its audience is the application.
		err = errors.New("not for /userinfo")
	case e.DB.Now().Unix() >= t.Exp:
		err = errors.New("expired")
	}
	if err != nil {
		return t, invalidToken(fmt.Errorf("access token: %w", err))
	}
	if !storedScope(t.Scope).Has(oauth.ScopeOpenID) {
		p := problem.Explain(http.StatusForbidden, "insufficient_scope", "The access token was issued without the scope openid.")
		p.Challenge = `Bearer error="insufficient_scope", scope="openid"`
		return t, p
	}
	return t, nil
}

// read takes an opaque token, which has five parts, or a signed one. What is not ours is [keys.ErrInvalid].
func (e *Endpoint) read(ctx context.Context, text string, t *accessToken) error {
	if strings.Count(text, ".") == 4 {
		return e.Keys.OpenOpaque(text, t)
	}
	_, content, err := e.Keys.Verify(ctx, text)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, t); err != nil {
		return fmt.Errorf("%w: %w", keys.ErrInvalid, err)
	}
	return nil
}

// living checks what may have changed since the token was issued.
func (e *Endpoint) living(ctx context.Context, t accessToken) (store.User, error) {
	m := web.MetaOf(ctx)
	m.UserID, m.ClientID = t.Sub, t.Azp+t.ClientID // one of them is set, by the API's dialect
	user, err := e.DB.User(ctx, t.Sub)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return user, invalidToken(errors.New("the user was deleted"))
	case err != nil:
		return user, fmt.Errorf("read the user: %w", err)
	case user.Blocked:
		return user, invalidToken(errors.New("the user is blocked"))
	}
	client, err := e.DB.Client(ctx, m.ClientID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return user, invalidToken(errors.New("the application was deleted"))
	case err != nil:
		return user, fmt.Errorf("read the application: %w", err)
	case client.Settings.Disabled:
		return user, invalidToken(errors.New("the application is disabled"))
	}
	replayed, err := e.DB.CodeReplayed(ctx, t.Jti)
	if err != nil {
		return user, fmt.Errorf("look for the code: %w", err)
	}
	if replayed {
		return user, invalidToken(errors.New("the code behind the token was presented again"))
	}
	return user, nil
}
