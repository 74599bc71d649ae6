package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"
)

// DashboardSession is what the cookie of an administrator's browser stands for. It belongs to the login that it came from,
// and goes when that ends.
type DashboardSession struct {
	Hash      []byte // SHA-256 of the cookie's value
	SessionID string // the login
	Tokens    string // opened; sealed at rest
	CreatedAt time.Time
}

const dashboardTokens = "dashboard_sessions.tokens"

func (d DashboardSession) cell() string { return hex.EncodeToString(d.Hash) }

// DashboardSession reads a session of the Dashboard; whether its login still holds is for the caller to check.
func (q Queries) DashboardSession(ctx context.Context, hash []byte) (DashboardSession, error) {
	return one(ctx, q, func(r scanner) (d DashboardSession, err error) {
		var sealed []byte
		if err := r.Scan(&d.Hash, &d.SessionID, &sealed, msInto{&d.CreatedAt}); err != nil {
			return d, err
		}
		d.Tokens, err = q.seal.openColumn(dashboardTokens, d.cell(), sealed)
		return d, err
	}, `SELECT hash, session_id, tokens, created_at FROM dashboard_sessions WHERE hash = $1`, hash)
}

// CreateDashboardSession stores a session of the Dashboard; ErrNotFound when its login has ended.
func (tx *Tx) CreateDashboardSession(ctx context.Context, d *DashboardSession) error {
	if _, err := tx.Session(ctx, d.SessionID); err != nil {
		return fmt.Errorf("the login of a Dashboard session: %w", err)
	}
	d.CreatedAt = tx.Now()
	return tx.exec1(ctx, ErrConflict, `INSERT INTO dashboard_sessions (hash, session_id, tokens, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (hash) DO NOTHING`, d.Hash, d.SessionID, tx.seal.sealColumn(dashboardTokens, d.cell(), d.Tokens), ms(d.CreatedAt))
}

// SaveDashboardTokens replaces the tokens of a session of the Dashboard; ErrNotFound when it has ended.
func (tx *Tx) SaveDashboardTokens(ctx context.Context, d DashboardSession) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE dashboard_sessions SET tokens = $2 WHERE hash = $1`,
		d.Hash, tx.seal.sealColumn(dashboardTokens, d.cell(), d.Tokens))
}

// EndDashboardSession removes a session of the Dashboard, if it is still there.
func (tx *Tx) EndDashboardSession(ctx context.Context, hash []byte) error {
	_, err := tx.exec(ctx, `DELETE FROM dashboard_sessions WHERE hash = $1`, hash)
	return err
}
