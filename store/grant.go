package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Grant is what a user agreed to: these scopes of this audience for this application. Audience is empty for the OpenID
// scopes alone.
type Grant struct {
	ID        string
	UserID    string
	ClientID  string
	Audience  string
	Scope     string // space separated
	CreatedAt time.Time
	UpdatedAt time.Time
}

const grantColumns = `id, user_id, client_id, audience, scope, created_at, updated_at`

func scanGrant(r scanner) (g Grant, err error) {
	return g, r.Scan(&g.ID, &g.UserID, &g.ClientID, &g.Audience, &g.Scope, msInto{&g.CreatedAt}, msInto{&g.UpdatedAt})
}

// Grant reads the grant of a user to an application for an audience.
func (q Queries) Grant(ctx context.Context, userID, clientID, audience string) (Grant, error) {
	return one(ctx, q, scanGrant, `SELECT `+grantColumns+` FROM grants WHERE user_id = $1 AND client_id = $2 AND audience = $3`,
		userID, clientID, audience)
}

// Grants lists what a user agreed to.
func (q Queries) Grants(ctx context.Context, userID string) ([]Grant, error) {
	return many(ctx, q, scanGrant, `SELECT `+grantColumns+` FROM grants WHERE user_id = $1 ORDER BY id`, userID)
}

// GrantFilter picks grants by id; empty fields pick all.
type GrantFilter struct {
	UserID, ClientID string
	Audience         *string
	Offset, Limit    int // of ListGrants
}

func (f GrantFilter) where() (string, []any) {
	text, args := `id > ''`, []any{}
	and := func(column, value string) {
		args = append(args, value)
		text += fmt.Sprintf(` AND %s = $%d`, column, len(args))
	}
	if f.UserID != "" {
		and("user_id", f.UserID)
	}
	if f.ClientID != "" {
		and("client_id", f.ClientID)
	}
	if f.Audience != nil {
		and("audience", *f.Audience)
	}
	return text, args
}

// ListGrants lists grants of all users.
func (q Queries) ListGrants(ctx context.Context, f GrantFilter) ([]Grant, error) {
	where, args := f.where()
	args = append(args, f.Limit, f.Offset)
	return many(ctx, q, scanGrant, `SELECT `+grantColumns+` FROM grants WHERE `+where+
		fmt.Sprintf(` ORDER BY id LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
}

// CountGrants counts the grants that a filter picks on all pages.
func (q Queries) CountGrants(ctx context.Context, f GrantFilter) (int, error) {
	where, args := f.where()
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM grants WHERE `+where, args...)
	return int(n), err
}

// WidenGrant makes the grant or replaces its scope by the one given, provided the stored scope is still before (empty when
// there was none). It returns the grant's id, or ErrConflict when somebody was quicker: read again and merge.
func (tx *Tx) WidenGrant(ctx context.Context, g Grant, before string) (string, error) {
	id, err := one(ctx, tx.Queries, scanString, `INSERT INTO grants (`+grantColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT (user_id, client_id, audience) DO UPDATE SET scope = EXCLUDED.scope, updated_at = EXCLUDED.updated_at
		WHERE grants.scope = $7 RETURNING id`,
		randomHex(12), g.UserID, g.ClientID, g.Audience, g.Scope, ms(tx.Now()), before)
	if errors.Is(err, ErrNotFound) {
		return "", ErrConflict
	}
	return id, err
}

// RevokeGrant removes a grant and revokes every refresh token that carries it.
func (tx *Tx) RevokeGrant(ctx context.Context, id, why string) error {
	g, err := one(ctx, tx.Queries, scanGrant, `DELETE FROM grants WHERE id = $1 RETURNING `+grantColumns, id)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $4, revoked_why = $5
		WHERE user_id = $1 AND client_id = $2 AND grant_id = $3 AND revoked_at IS NULL`, g.UserID, g.ClientID, id, ms(tx.Now()), why)
	return err
}
