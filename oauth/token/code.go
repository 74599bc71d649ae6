package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// codeGrant is RFC 6749 section 4.1.3 with RFC 7636 section 4.5.
type codeGrant struct{ *Endpoint }

func (g codeGrant) redeem(ctx context.Context, caller clientauth.Caller, p oauth.Params) (authorization, error) {
	if err := g.mayProveByPKCE(ctx, caller); err != nil {
		return authorization{}, err
	}
	code, err := g.open(ctx, caller.Client, p)
	if err != nil {
		return authorization{}, err
	}
	if err := checkPKCE(code, caller, p.Get("code_verifier")); err != nil {
		return authorization{}, err
	}
	// From here on it is the owner who asks.
	holding, spent, err := g.DB.HoldingOfCode(ctx, code)
	if err != nil {
		return authorization{}, fmt.Errorf("read what the code is worth: %w", err)
	}
	if spent {
		return authorization{}, g.replayed(ctx, caller.Client, code)
	}
	user, api, err := g.held(ctx, caller.Client, code.UserID, code.Audience, holding, oauth.InvalidCode(), oauth.InvalidCode())
	if err != nil {
		return authorization{}, err
	}
	organization, err := g.member(ctx, caller.Client, code.Organization, user, oauth.InvalidCode())
	if err != nil {
		return authorization{}, err
	}
	scope, permissions, err := g.permitted(ctx, user, organization, api, code.Scope)
	if err != nil {
		return authorization{}, err
	}
	r := redemption{
		codeGrant: g, code: code, client: caller.Client, user: user, organization: organization, scope: scope,
		grantID: holding.GrantID, granted: holding.GrantScope,
	}
	if refreshable(r.scope, caller.Client, api) {
		r.family, r.token = g.newFamily(ctx, code, caller.Client)
	} else {
		r.scope = r.scope.Without(oauth.ScopeOfflineAccess)
	}
	return authorization{
		Issuance: claims.Issuance{
			User: user, API: api, Scope: r.scope, Permissions: permissions, SessionID: code.SessionID, Nonce: code.Nonce,
			AuthTime: time.Unix(code.AuthTime, 0), WantAuthTime: code.WantAuthTime, TokenID: code.ID,
		},
		organization: organization,
		save:         r.save,
	}, nil
}

// mayProveByPKCE is the rule this server was built for: PKCE alone, without a secret, is for native applications, and for
// the other types that the tenant lists.
func (g codeGrant) mayProveByPKCE(ctx context.Context, caller clientauth.Caller) error {
	if caller.Proven {
		return nil
	}
	tenant, err := g.DB.Tenant(ctx)
	if err != nil {
		return fmt.Errorf("read the tenant: %w", err)
	}
	if appType := caller.Client.Settings.AppType; !tenant.Settings.PKCEAlone(appType) {
		return oauth.PKCENotForType(appType)
	}
	return nil
}

// open reads the code and checks that it was issued to this application, here, for this redirect_uri. The answer is the
// same for all that can be wrong; the event has the reason.
func (g codeGrant) open(ctx context.Context, client store.Client, p oauth.Params) (store.Code, error) {
	for _, name := range []string{"code", "redirect_uri"} {
		if p.Get(name) == "" {
			return store.Code{}, oauth.MissingParameter(name)
		}
	}
	code, err := g.DB.OpenCode(p.Get("code"))
	if err != nil {
		return code, oauth.InvalidCode().Because(err)
	}
	// The login and its exchange are one transaction in the log, even if the exchange fails.
	web.MetaOf(ctx).ID = code.TransactionID
	switch {
	case code.Issuer != g.Issuer:
		// Two domains of a tenant are two issuers: what was asked for at one is not given out by the other.
		err = fmt.Errorf("the code was issued by %s", code.Issuer)
	case code.ClientID != client.ID:
		err = fmt.Errorf("the code was issued to the application %s", code.ClientID)
	case code.RedirectURI != p.Get("redirect_uri"):
		err = fmt.Errorf("the code was issued for the redirect_uri %s, not for %s", code.RedirectURI, web.Clip(p.Get("redirect_uri"), 200))
	case g.DB.Now().UnixMilli() >= code.ExpiresAt:
		err = errors.New("the code has expired")
	}
	if err != nil {
		return code, oauth.InvalidCode().Because(err)
	}
	return code, nil
}

// checkPKCE: a challenge asks for its verifier, a verifier without a challenge is a mistake or a downgrade (RFC 9700
// section 4.8.2), and who has neither challenge nor secret has proved nothing.
func checkPKCE(code store.Code, caller clientauth.Caller, verifier string) error {
	switch {
	case code.Challenge == "" && verifier != "":
		return problem.Explain(http.StatusBadRequest, "invalid_request",
			"There is a code_verifier, but /authorize was sent no code_challenge: send both or neither.")
	case code.Challenge == "" && !caller.Proven:
		return problem.Explain(http.StatusForbidden, "unauthorized_client",
			"An application without a secret needs PKCE: send code_challenge and code_challenge_method=S256 to /authorize, and the code_verifier here.")
	case code.Challenge == "":
		return nil
	case verifier == "":
		return oauth.VerifierFailed().Because(errors.New("the code_verifier is missing"))
	}
	if err := oauth.CheckVerifier(verifier); err != nil {
		return oauth.VerifierFailed().Because(err)
	}
	if !oauth.VerifyChallenge(code.Challenge, verifier) {
		return oauth.VerifierFailed().Because(errors.New("the code_verifier is not that of the code_challenge"))
	}
	return nil
}

// newFamily begins the family of the login's refresh token.
func (g codeGrant) newFamily(ctx context.Context, code store.Code, client store.Client) (*store.RefreshFamily, refreshToken) {
	t, m := newRefreshToken(), web.MetaOf(ctx)
	f := &store.RefreshFamily{
		ID: t.familyID(), UserID: code.UserID, ClientID: client.ID, Audience: code.Audience,
		SessionID: code.SessionID, OrganizationID: code.Organization, Rotating: client.Settings.RefreshToken.Rotating(), TokenHash: t.hash(),
		Device: store.Device{IP: m.IP, UserAgent: m.UserAgent},
	}
	if code.WantAuthTime {
		f.AuthTime = time.Unix(code.AuthTime, 0)
	}
	if life := client.Settings.RefreshToken.Absolute(); life > 0 {
		f.ExpiresAt = g.DB.Now().Add(life)
	}
	return f, t
}

// redemption is a code about to be spent, with all that goes into the write.
type redemption struct {
	codeGrant
	code         store.Code
	client       store.Client
	user         *store.User
	organization *store.Organization
	scope        oauth.Scope
	grantID      string               // of the user's grant as it was read, empty for none
	granted      string               // its scope
	family       *store.RefreshFamily // nil: no refresh token
	token        refreshToken
}

// grantAttempts bounds how often the user's grant is read again because another login of theirs widened it meanwhile.
const grantAttempts = 10

func (r redemption) save(ctx context.Context) (refreshToken string, err error) {
	done := r.event(ctx)
	for range grantAttempts {
		if err = r.write(ctx, done); !errors.Is(err, store.ErrConflict) {
			break
		}
		held, read := r.DB.Grant(ctx, r.user.ID, r.client.ID, r.code.Audience)
		if read != nil && !errors.Is(read, store.ErrNotFound) {
			err = read
			break
		}
		r.grantID, r.granted = held.ID, held.Scope
	}
	switch {
	case errors.Is(err, store.ErrSpent):
		return "", r.replayed(ctx, r.client, r.code)
	case err != nil:
		return "", fmt.Errorf("redeem the code: %w", err)
	case r.family == nil:
		return "", nil
	}
	return refreshKeyOf(r.DB).text(r.token), nil
}

func (r redemption) event(ctx context.Context) store.Event {
	ev := success(ctx, events.CodeExchanged, r.client, r.user, r.organization, r.code.Audience, r.scope)
	ev.Details = map[string]any{"access_token_jti": r.code.ID, "session_id": r.code.SessionID}
	if r.family != nil {
		ev.Details["familyId"] = r.family.ID
	}
	return ev
}

// write is the one write of a login. The grant was read before it, so that the common case, a grant that covers the scope
// already, costs no change.
func (r redemption) write(ctx context.Context, done store.Event) error {
	held := storedScope(r.granted)
	return r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		familyID, grantID := "", r.grantID
		if r.family != nil {
			familyID = r.family.ID
		}
		if err := tx.SpendCode(ctx, r.code, familyID); err != nil {
			return err
		}
		if grantID == "" || !held.Covers(r.scope) {
			wider := store.Grant{UserID: r.user.ID, ClientID: r.client.ID, Audience: r.code.Audience, Scope: held.Union(r.scope).String()}
			if grantID, err = tx.WidenGrant(ctx, wider, r.granted); err != nil {
				return err
			}
		}
		if r.family != nil {
			f := *r.family // the function may run again
			f.GrantID, f.Scope = grantID, r.scope.String()
			if err := tx.CreateRefreshFamily(ctx, &f); err != nil {
				return err
			}
		}
		return tx.AddEvent(ctx, done)
	})
}

// replayed ends what the first exchange of the code issued. It is a write of its own, because the attempt itself fails,
// and goes on when the sender hangs up.
func (g codeGrant) replayed(ctx context.Context, client store.Client, code store.Code) error {
	p := oauth.InvalidCode().Because(errors.New("the code was used before: what it issued is revoked"))
	ctx = context.WithoutCancel(ctx)
	ev := failure(ctx, events.CodeExchangeFailed, client, p)
	ev.UserID, ev.Audience = code.UserID, code.Audience
	err := g.DB.Write(ctx, func(tx *store.Tx) error {
		family, err := tx.ReplayCode(ctx, code.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) { // not found: it was replayed before
			return err
		}
		if family != "" {
			ev.Details["familyId"] = family
		}
		return tx.AddEvent(ctx, ev)
	})
	if err != nil {
		return fmt.Errorf("revoke what the code issued: %w", err)
	}
	return recorded{p}
}
