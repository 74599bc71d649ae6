package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// actor is who calls: an application in its own name, a user of the tenant through one, or an administrator.
type actor struct {
	clientID, clientName string
	userID               string // of the tenant's user
	administrator        *administrator
	scope                oauth.Scope
}

// currentUser marks the scopes by which a user reaches what is their own.
const currentUser = "current_user"

// holds says whether the actor has a scope; "a&b" asks for both.
func (a actor) holds(scope string) bool {
	for s := range strings.SplitSeq(scope, "&") {
		if !a.scope.Has(s) {
			return false
		}
	}
	return true
}

// bearer are the claims that decide.
type bearer struct {
	Iss      string          `json:"iss"`
	Sub      string          `json:"sub"`
	Aud      json.RawMessage `json:"aud"`
	Exp      int64           `json:"exp"`
	Scope    string          `json:"scope"`
	Azp      string          `json:"azp"`
	ClientID string          `json:"client_id"`
	Jti      string          `json:"jti"`
}

// audience are the texts of aud, which is one or a list of them.
func (b bearer) audience() (all []string, err error) {
	if json.Unmarshal(b.Aud, &all) == nil {
		return all, nil
	}
	var one string
	err = json.Unmarshal(b.Aud, &one)
	return []string{one}, err
}

// application is the client_id of the application that the token was issued to.
func (b bearer) application() string { return cmp.Or(b.Azp, b.ClientID) }

// authenticate reads the token of a request and what its holder may do now.
func (h *Handler) authenticate(r *http.Request) (actor, error) {
	ctx := r.Context()
	header := r.Header.Get("Authorization")
	if header == "" {
		return actor{}, problem.New(http.StatusUnauthorized, "", "Missing authentication")
	}
	kind, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(kind, "Bearer") || strings.Count(token, ".") != 2 {
		return actor{}, problem.New(http.StatusBadRequest, "Bearer", "Bad HTTP authentication header format")
	}
	ring := h.Keys
	if h.ofAdministrators(token) {
		ring = h.Administrators.Keys
	}
	_, raw, err := ring.Verify(ctx, token)
	switch {
	case errors.Is(err, keys.ErrInvalid) && signedForm(token):
		return actor{}, unauthorized("Invalid signature received for JSON Web Token validation").Because(err)
	case errors.Is(err, keys.ErrInvalid):
		return actor{}, unauthorized("Invalid token").Because(err)
	case err != nil:
		return actor{}, err
	}
	var b bearer
	if err := json.Unmarshal(raw, &b); err != nil {
		return actor{}, unauthorized("Invalid token").Because(err)
	}
	audience, err := b.audience()
	if err != nil {
		return actor{}, unauthorized("Invalid token").Because(err)
	}
	if err := h.checkClaims(b, audience); err != nil {
		return actor{}, err
	}
	if err := h.checkBlacklist(ctx, b, audience); err != nil {
		return actor{}, err
	}
	m := web.MetaOf(ctx)
	if h.Administrators != nil && b.Iss == h.Administrators.Issuer && b.Sub != b.application()+"@clients" {
		a, err := h.Administrators.actor(ctx, b)
		m.ClientID, m.UserID = a.clientID, b.Sub
		return a, err
	}
	a, err := h.actor(ctx, b)
	m.ClientID, m.UserID = a.clientID, a.userID
	return a, err
}

// ofAdministrators looks at who claims to have issued a token, which says only whose keys it must prove itself with.
func (h *Handler) ofAdministrators(token string) bool {
	if h.Administrators == nil {
		return false
	}
	var b bearer
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	return err == nil && json.Unmarshal(raw, &b) == nil && b.Iss == h.Administrators.Issuer
}

func unauthorized(text string) *problem.Error {
	e := problem.New(http.StatusUnauthorized, "", text)
	e.Challenge = fmt.Sprintf(`Bearer error="Invalid token", error_description=%q`, text)
	return e
}

// signedForm says whether a token that was refused at least looks like one of the kind that is accepted.
func signedForm(token string) bool {
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	var header struct{ Alg, Kid string }
	return err == nil && json.Unmarshal(raw, &header) == nil && header.Alg == "RS256" && header.Kid != ""
}

func (h *Handler) checkClaims(b bearer, audience []string) error {
	issued, meant := h.Administrators != nil && b.Iss == h.Administrators.Issuer, false
	for _, d := range h.Domains {
		issued = issued || b.Iss == d.Issuer()
		meant = meant || slices.Contains(audience, Audience(d))
	}
	switch {
	case !issued:
		return unauthorized("Invalid token").Because(fmt.Errorf("the issuer is %q", b.Iss))
	case h.DB.Now().Unix() >= b.Exp:
		return unauthorized("Expired token received for JSON Web Token validation")
	case !meant:
		return problem.New(http.StatusUnauthorized, "", "Bad audience: "+web.Clip(strings.Join(audience, ","), 200))
	}
	return nil
}

// actor is the holder of a good token with the scopes that are left of the token's: an application keeps those of its
// client grant, a user those for what is their own, whatever else an application had asked for in their name.
func (h *Handler) actor(ctx context.Context, b bearer) (actor, error) {
	a := actor{clientID: b.application()}
	scope, err := oauth.ParseScope(b.Scope)
	if err != nil {
		// More scopes than a request may ask for: a client grant may hold them all.
		scope = oauth.Scope(strings.Fields(b.Scope))
	}
	client, err := h.DB.Client(ctx, a.clientID)
	if errors.Is(err, store.ErrNotFound) || err == nil && client.Settings.Disabled {
		return a, unauthorized("Invalid token").Because(errors.New("the application is gone or disabled"))
	} else if err != nil {
		return a, err
	}
	a.clientName = client.Name
	if b.Sub != a.clientID+"@clients" {
		return h.user(ctx, a, b.Sub, scope)
	}
	grant, err := h.DB.ClientGrant(ctx, a.clientID, Audience(h.Domains[0]))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	a.scope = scope.Intersect(oauth.Scope(strings.Fields(grant.Scope)))
	return a, nil
}

func (h *Handler) user(ctx context.Context, a actor, id string, scope oauth.Scope) (actor, error) {
	u, err := h.DB.User(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.Blocked {
		return a, unauthorized("Invalid token").Because(errors.New("the user is gone or blocked"))
	}
	a.userID = id
	for _, s := range scope {
		if strings.Contains(s, currentUser) {
			a.scope = append(a.scope, s)
		}
	}
	return a, err
}
