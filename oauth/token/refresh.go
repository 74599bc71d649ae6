package token

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// refreshGrant is RFC 6749 section 6 with the rotation of RFC 9700 section 4.14.2.
type refreshGrant struct{ *Endpoint }

// standing is what the row of its family makes of a genuine token.
type standing int

const (
	living  standing = iota // the family's newest
	retried                 // just spent, its successor unused: the answer may have been lost
	stolen                  // spent for good
	unknown                 // newer than the row: it was restored from a backup
)

// standingOf is the whole rule of rotation. A token whose successor was used is stolen, for the one device that was given
// the successor has no reason to present its predecessor any more.
func standingOf(f store.RefreshFamily, t refreshToken, window time.Duration, now time.Time) standing {
	counter, hash := int64(t.counter), t.hash()
	switch {
	case counter > f.Counter:
		return unknown
	case counter == f.Counter && bytes.Equal(hash, f.TokenHash):
		return living
	case counter == f.Counter-1 && bytes.Equal(hash, f.PreviousHash) &&
		!f.ExchangedAt.After(f.RotatedAt) && window > 0 && now.Sub(f.RotatedAt) < window:
		return retried
	}
	return stolen
}

func (g refreshGrant) redeem(ctx context.Context, caller clientauth.Caller, p oauth.Params) (authorization, error) {
	text := p.Get("refresh_token")
	if text == "" {
		return authorization{}, oauth.MissingParameter("refresh_token")
	}
	requested, err := oauth.ParseScope(p.Get("scope"))
	if err != nil {
		return authorization{}, err
	}
	t, err := refreshKeyOf(g.DB).parse(text)
	if err != nil {
		return authorization{}, oauth.InvalidRefreshToken().Because(err)
	}
	r := renewal{refreshGrant: g, client: caller.Client, token: t, jti: rand.Text()}
	if err := r.find(ctx); err != nil {
		return authorization{}, err
	}
	switch r.standing {
	case stolen:
		return authorization{}, r.theft(ctx)
	case unknown:
		return authorization{}, r.stale(ctx)
	}
	user, api, err := r.stillAllowed(ctx)
	if err != nil {
		return authorization{}, err
	}
	scope := storedScope(r.family.Scope)
	r.audience = r.family.Audience
	if asked := p.Get("audience"); g.anotherAudience(asked, r.family.Audience) {
		if api, scope, err = g.policy(ctx, caller.Client, asked, scope); err != nil {
			return authorization{}, err
		}
		r.audience = asked
	}
	r.user = user
	if r.organization, err = g.member(ctx, caller.Client, r.family.OrganizationID, user, oauth.InvalidRefreshToken()); err != nil {
		return authorization{}, err
	}
	var permissions []string
	if r.scope, permissions, err = g.permitted(ctx, user, r.organization, api, scope); err != nil {
		return authorization{}, err
	}
	if len(requested) > 0 {
		// Narrowing holds for this answer only; the family keeps what was granted.
		r.scope = r.scope.Intersect(requested)
	}
	return authorization{
		Issuance: claims.Issuance{
			User: user, API: api, Scope: r.scope, Permissions: permissions, SessionID: r.family.SessionID,
			AuthTime: r.family.AuthTime, WantAuthTime: !r.family.AuthTime.IsZero(), TokenID: r.jti,
		},
		organization: r.organization,
		save:         r.save,
	}, nil
}

// anotherAudience says whether a token is asked for another API than the one that the refresh token was granted for.
func (g refreshGrant) anotherAudience(asked, granted string) bool {
	return asked != "" && asked != granted && !(granted == "" && asked == g.Issuer+"userinfo")
}

// policy lets a refresh token be exchanged for another API, where the application has it among its policies (multi-resource
// refresh tokens, spec section 23.5): with the scope that was granted and that of the policy, as far as the API has it. Since
// nobody is asked, application and API must be such as need no consent. The Management API never is one of them.
func (g refreshGrant) policy(ctx context.Context, client store.Client, audience string, granted oauth.Scope) (*store.API, oauth.Scope, error) {
	refused := problem.Explain(http.StatusBadRequest, "invalid_request",
		"The audience is neither the one that the refresh token was granted for nor in the application's refresh_token.policies.")
	policies := client.Settings.RefreshToken.Policies
	i := slices.IndexFunc(policies, func(p store.RefreshPolicy) bool { return p.Audience == audience })
	if i < 0 || client.Settings.ThirdParty {
		return nil, nil, refused
	}
	api, err := g.api(ctx, audience)
	switch {
	case err != nil:
		return nil, nil, err
	case api == nil || api.ID == store.ManagementAPI || !api.Settings.SkipConsent:
		return nil, nil, refused.Because(errors.New("a token for this API needs consent"))
	}
	known := oauth.IdentityScopes()
	for _, s := range api.Scopes {
		known = append(known, s.Value)
	}
	scope := granted.Union(policies[i].Scope).Intersect(known)
	if !api.Settings.AllowOfflineAccess {
		scope = scope.Without(oauth.ScopeOfflineAccess)
	}
	return api, scope, nil
}

// renewal is one exchange of a refresh token.
type renewal struct {
	refreshGrant
	client       store.Client
	token        refreshToken
	family       store.RefreshFamily
	holding      store.Holding
	standing     standing
	user         *store.User
	organization *store.Organization
	audience     string // of the access token
	scope        oauth.Scope
	jti          string
}

// find reads the family and judges the token. A refusal here changes nothing: the token is not alive, or not the
// application's.
func (r *renewal) find(ctx context.Context) error {
	f, holding, err := r.DB.HoldingOfFamily(ctx, r.token.familyID())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return invalidRefresh("the refresh token is unknown")
	case err != nil:
		return fmt.Errorf("read the refresh token: %w", err)
	case f.ClientID != r.client.ID:
		return invalidRefresh("the refresh token was issued to the application " + f.ClientID)
	}
	web.MetaOf(ctx).UserID = f.UserID
	if !f.RevokedAt.IsZero() {
		return invalidRefresh("the refresh token was revoked: " + f.RevokedWhy)
	}
	r.family, r.holding = f, holding
	r.standing = standingOf(f, r.token, r.client.Settings.RefreshToken.RetryWindow(), r.DB.Now())
	return nil
}

func invalidRefresh(why string) *problem.Error {
	return oauth.InvalidRefreshToken().Because(errors.New(why))
}

// stillAllowed checks at each exchange what may have changed since the login.
func (r *renewal) stillAllowed(ctx context.Context) (*store.User, *store.API, error) {
	now, f, settings := r.DB.Now(), r.family, r.client.Settings.RefreshToken
	if !f.ExpiresAt.IsZero() && !now.Before(f.ExpiresAt) {
		return nil, nil, invalidRefresh("the refresh token has expired")
	}
	// The idle lifetime is the present setting's; the absolute end was fixed when the family began.
	if idle := settings.Idle(); idle > 0 && now.Sub(f.ExchangedAt) >= idle {
		return nil, nil, invalidRefresh("the refresh token was not used for too long")
	}
	user, api, err := r.held(ctx, r.client, f.UserID, f.Audience, r.holding, oauth.UserGone(), oauth.InvalidRefreshToken())
	if err != nil {
		return nil, nil, err
	}
	if api != nil && !api.Settings.AllowOfflineAccess {
		return nil, nil, invalidRefresh("the API no longer allows offline access")
	}
	if r.holding.GrantID == "" || r.holding.GrantID != f.GrantID {
		return nil, nil, invalidRefresh("the user's grant was removed")
	}
	return user, api, nil
}

// save passes the gate with a living token. Whoever does not win it, or retries, is answered by the row as it is now: that
// read is where the exchange comes before or after a revocation.
func (r *renewal) save(ctx context.Context) (refreshToken string, err error) {
	if r.standing == living {
		answer, won, err := r.advance(ctx)
		if err != nil {
			return "", fmt.Errorf("save the refresh token: %w", err)
		}
		if won {
			return answer, nil
		}
	}
	if err := r.find(ctx); err != nil {
		return "", err
	}
	if r.standing != retried {
		// The token was good when it came and its successor has been used since: a slow duplicate, not a theft.
		return "", invalidRefresh("another exchange of the refresh token was quicker, and its successor is in use")
	}
	next, err := r.token.open(r.family.Successor)
	if err != nil {
		return "", err
	}
	r.Events.Record(ctx, r.event(ctx, "retried")) // nothing changed
	return refreshKeyOf(r.DB).text(next), nil
}

// advance spends the token, or only uses it where the application does not rotate; the setting decides at each exchange.
func (r *renewal) advance(ctx context.Context) (answer string, won bool, err error) {
	var expires time.Time // no other than it is
	if life := r.client.Settings.RefreshToken.Absolute(); r.family.ExpiresAt.IsZero() && life > 0 {
		// A token that had no end gets one at the first exchange after the application was given a limit.
		expires = r.DB.Now().Add(life)
	}
	if !r.client.Settings.RefreshToken.Rotating() {
		done := r.event(ctx, "used")
		won, err = r.gate(ctx, done, func(tx *store.Tx) (bool, error) {
			return tx.UseRefresh(ctx, r.family.ID, r.token.hash(), expires)
		})
		return "", won, err
	}
	next := r.token.next()
	sealed, err := r.token.seal(next)
	if err != nil {
		return "", false, err
	}
	done := r.event(ctx, "rotated")
	won, err = r.gate(ctx, done, func(tx *store.Tx) (bool, error) {
		return tx.RotateRefresh(ctx, store.Rotation{
			FamilyID: r.family.ID, Counter: r.family.Counter, Spent: r.token.hash(),
			Next: next.hash(), Successor: sealed, ExpiresAt: expires, Rotating: true,
		})
	})
	return refreshKeyOf(r.DB).text(next), won, err
}

// gate runs the guarded statement, and writes the event of the exchange with it if it was won.
func (r *renewal) gate(ctx context.Context, done store.Event, pass func(*store.Tx) (bool, error)) (won bool, err error) {
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		if won, err = pass(tx); err != nil || !won {
			return err
		}
		return tx.AddEvent(ctx, done)
	})
	return won, err
}

func (r *renewal) event(ctx context.Context, how string) store.Event {
	ev := success(ctx, events.RefreshExchanged, r.client, r.user, r.organization, r.audience, r.scope)
	ev.Details = map[string]any{
		"familyId": r.family.ID, "tokenCounter": r.token.counter, "access_token_jti": r.jti, "exchange": how,
	}
	return ev
}

// stale ends a family whose row is older than the token: it came from a backup. There the row's own token, which was spent
// long ago, is alive again, and the device that presents the newer one proves that nobody honest has it any more.
func (r *renewal) stale(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.RevokeRefreshFamily(ctx, r.family.ID, "restored")
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke the family: %w", err)
	}
	return invalidRefresh("the refresh token is newer than its record, which a restore brought back: its family is revoked")
}

// theft ends the family, the newest token included: thief and owner cannot be told apart, and the owner can log in again.
// It is a write of its own, because the attempt itself fails, and goes on when the sender hangs up.
func (r *renewal) theft(ctx context.Context) error {
	p := invalidRefresh("a spent refresh token was presented: its family is revoked")
	ctx = context.WithoutCancel(ctx)
	ev := failure(ctx, events.RefreshReused, r.client, p)
	ev.Audience = r.family.Audience
	ev.Details["familyId"], ev.Details["latestCounter"], ev.Details["tokenCounter"] = r.family.ID, r.family.Counter, r.token.counter
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.RevokeRefreshFamily(ctx, r.family.ID, "reuse"); err != nil {
			return err
		}
		return tx.AddEvent(ctx, ev)
	})
	if err != nil {
		return fmt.Errorf("revoke the family: %w", err)
	}
	return recorded{p}
}
