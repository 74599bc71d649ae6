package store

import (
	"context"
	"time"
)

// Session is a browser's single sign-on session. ID is the sid of ID tokens; the cookie holds ID and a secret, of which
// the row has the SHA-256.
type Session struct {
	ID            string
	SecretHash    []byte
	UserID        string
	AuthTime      time.Time // when the user last proved who they are
	CreatedAt     time.Time
	ActiveAt      time.Time
	ExpiresAt     time.Time // absolute end
	IdleExpiresAt time.Time // end unless there is activity
	Device        Device
}

const sessionColumns = `id, secret_hash, user_id, auth_time, created_at, active_at, expires_at, idle_expires_at, device`

func scanSession(r scanner) (s Session, err error) {
	return s, r.Scan(&s.ID, &s.SecretHash, &s.UserID, msInto{&s.AuthTime}, msInto{&s.CreatedAt}, msInto{&s.ActiveAt},
		msInto{&s.ExpiresAt}, msInto{&s.IdleExpiresAt}, docInto{&s.Device})
}

// Session reads a session by id, whether it has ended or not.
func (q Queries) Session(ctx context.Context, id string) (Session, error) {
	return one(ctx, q, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE id = $1`, id)
}

// Sessions lists a user's sessions, the newest first.
func (q Queries) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return many(ctx, q, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE user_id = $1 ORDER BY created_at DESC`, userID)
}

// SessionsAfter lists the living sessions of a user by id, after the given one.
func (q Queries) SessionsAfter(ctx context.Context, userID, after string, limit int) ([]Session, error) {
	now := ms(q.Now())
	return many(ctx, q, scanSession, `SELECT `+sessionColumns+` FROM sessions
		WHERE user_id = $1 AND id > $2 AND expires_at > $3 AND idle_expires_at > $3 ORDER BY id LIMIT $4`, userID, after, now, limit)
}

// CreateSession stores a session.
func (tx *Tx) CreateSession(ctx context.Context, s Session) error {
	return tx.exec1(ctx, ErrConflict, `INSERT INTO sessions (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO NOTHING`, s.ID, s.SecretHash, s.UserID, ms(s.AuthTime), ms(s.CreatedAt), ms(s.ActiveAt),
		ms(s.ExpiresAt), ms(s.IdleExpiresAt), doc(s.Device))
}

// RenewSession records that the same user proved who they are again; the cookie of before ends with its secret.
func (tx *Tx) RenewSession(ctx context.Context, s Session) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE sessions SET secret_hash = $2, auth_time = $3, active_at = $4, expires_at = $5,
		idle_expires_at = $6 WHERE id = $1`, s.ID, s.SecretHash, ms(s.AuthTime), ms(s.ActiveAt), ms(s.ExpiresAt), ms(s.IdleExpiresAt))
}

// TouchSession records activity: the idle timer starts anew.
func (tx *Tx) TouchSession(ctx context.Context, s Session) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE sessions SET active_at = $2, expires_at = $3, idle_expires_at = $4 WHERE id = $1`,
		s.ID, ms(s.ActiveAt), ms(s.ExpiresAt), ms(s.IdleExpiresAt))
}

// EndSession removes a session; false when there was none.
func (tx *Tx) EndSession(ctx context.Context, id string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM sessions WHERE id = $1`, id)
	return n == 1, err
}

// EndSessionsOf removes all sessions of a user.
func (tx *Tx) EndSessionsOf(ctx context.Context, userID string) (int64, error) {
	return tx.exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, userID)
}
