package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// revoke is RFC 7009 for refresh tokens. Whatever the token is, the answer is 200 with an empty body (section 2.2), so that
// nobody learns from it whether a token exists.
func (e *Endpoint) revoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	caller, err := e.revokeToken(r)
	if err != nil {
		return e.refuse(ctx, events.LoginFailed, caller.Client, err)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (e *Endpoint) revokeToken(r *http.Request) (caller clientauth.Caller, err error) {
	ctx := r.Context()
	p, err := readBody(r)
	if err != nil {
		return caller, err
	}
	caller, err = e.Clients.Authenticate(ctx, r, p)
	if err != nil {
		return caller, err
	}
	if err := e.checkOrigin(r, caller); err != nil {
		return caller, err
	}
	text := p.Get("token")
	if text == "" {
		return caller, oauth.MissingParameter("token")
	}
	t, err := refreshKeyOf(e.DB).parse(text)
	if err != nil {
		return caller, nil
	}
	// Any genuine token of a family will do: who logs out just after a refresh may still hold the former one.
	f, err := e.DB.RefreshFamily(ctx, t.familyID())
	if errors.Is(err, store.ErrNotFound) {
		return caller, nil
	}
	if err != nil {
		return caller, fmt.Errorf("read the refresh token: %w", err)
	}
	if f.ClientID != caller.Client.ID || !f.RevokedAt.IsZero() {
		return caller, nil
	}
	return caller, e.endFamily(ctx, caller.Client, f)
}

// endFamily revokes a family and, where the tenant says so, the grant it carries with all that was issued under it. It goes
// on when the sender hangs up: who sends a logout does not wait for its answer.
func (e *Endpoint) endFamily(ctx context.Context, client store.Client, f store.RefreshFamily) error {
	ctx = context.WithoutCancel(ctx)
	tenant, err := e.DB.Tenant(ctx)
	if err != nil {
		return fmt.Errorf("read the tenant: %w", err)
	}
	web.MetaOf(ctx).UserID = f.UserID
	ev := events.Of(ctx, events.TokenRevoked)
	ev.ClientName, ev.Audience = client.Name, f.Audience
	ev.Details = map[string]any{"familyId": f.ID}
	err = e.DB.Write(ctx, func(tx *store.Tx) error {
		revoked, err := tx.RevokeRefreshFamily(ctx, f.ID, "revoked")
		if err != nil || !revoked {
			return err
		}
		if tenant.Settings.Flags.RevokeRefreshTokenGrant {
			if err := tx.RevokeGrant(ctx, f.GrantID, "grant revoked"); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return tx.AddEvent(ctx, ev)
	})
	if err != nil {
		return fmt.Errorf("revoke the refresh token: %w", err)
	}
	return nil
}
