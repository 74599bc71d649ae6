package store

import (
	"context"
	"time"
)

// RefreshFamily is a refresh token and all its successors: one row, on which exchange and revocation linearise.
type RefreshFamily struct {
	ID        string
	UserID    string
	ClientID  string
	GrantID   string
	Audience  string
	Scope     string // space separated
	SessionID string
	// OrganizationID is the one that the user signed in to, or empty.
	OrganizationID string
	AuthTime       time.Time // what its ID tokens say as auth_time; zero: nothing, for the application did not ask for it
	Rotating       bool
	// Counter numbers the living token, from 0; TokenHash is its SHA-256.
	Counter   int64
	TokenHash []byte
	// PreviousHash is the spent token before it; Successor is the living token sealed with a key derived from that spent
	// token, so that only its holder can be given the living one again. Both are nil before the first rotation.
	PreviousHash []byte
	Successor    []byte
	RotatedAt    time.Time
	CreatedAt    time.Time
	ExchangedAt  time.Time
	ExpiresAt    time.Time // absolute end; zero: none
	RevokedAt    time.Time
	RevokedWhy   string
	Device       Device
}

// Device is where a session or refresh token was first used from.
type Device struct {
	IP        string `json:"ip,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
}

// familyLimit is the number of living families a user may have with one application; the oldest go first.
const familyLimit = 200

const familyColumns = `id, user_id, client_id, grant_id, audience, scope, session_id, auth_time, rotating, counter, token_hash,
	previous_hash, successor, rotated_at, created_at, exchanged_at, expires_at, revoked_at, revoked_why, device, organization_id`

func scanFamily(r scanner) (f RefreshFamily, err error) {
	return f, r.Scan(&f.ID, &f.UserID, &f.ClientID, &f.GrantID, &f.Audience, &f.Scope, nullInto{&f.SessionID}, msInto{&f.AuthTime},
		&f.Rotating, &f.Counter, &f.TokenHash, &f.PreviousHash, &f.Successor, msInto{&f.RotatedAt}, msInto{&f.CreatedAt},
		msInto{&f.ExchangedAt}, msInto{&f.ExpiresAt}, msInto{&f.RevokedAt}, nullInto{&f.RevokedWhy}, docInto{&f.Device}, nullInto{&f.OrganizationID})
}

// RefreshFamily reads a family by id.
func (q Queries) RefreshFamily(ctx context.Context, id string) (RefreshFamily, error) {
	return one(ctx, q, scanFamily, `SELECT `+familyColumns+` FROM refresh_tokens WHERE id = $1`, id)
}

// RefreshFamilies lists the living families of a user, the newest first.
func (q Queries) RefreshFamilies(ctx context.Context, userID string) ([]RefreshFamily, error) {
	return many(ctx, q, scanFamily, `SELECT `+familyColumns+` FROM refresh_tokens
		WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC`, userID)
}

// RefreshFamiliesAfter lists the living families of a user by id, after the given one.
func (q Queries) RefreshFamiliesAfter(ctx context.Context, userID, after string, limit int) ([]RefreshFamily, error) {
	return many(ctx, q, scanFamily, `SELECT `+familyColumns+` FROM refresh_tokens WHERE user_id = $1 AND id > $2
		AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) ORDER BY id LIMIT $4`, userID, after, ms(q.Now()), limit)
}

// RevokeRefreshOfSession ends all families of a user that began in a session.
func (tx *Tx) RevokeRefreshOfSession(ctx context.Context, userID, sessionID, why string) (int64, error) {
	return tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $3, revoked_why = $4
		WHERE user_id = $1 AND session_id = $2 AND revoked_at IS NULL`, userID, sessionID, ms(tx.Now()), why)
}

// CreateRefreshFamily stores a family and revokes the oldest ones beyond the limit of its user and application.
func (tx *Tx) CreateRefreshFamily(ctx context.Context, f *RefreshFamily) error {
	f.CreatedAt, f.ExchangedAt = tx.Now(), tx.Now()
	if err := tx.exec1(ctx, ErrConflict, `INSERT INTO refresh_tokens (`+familyColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, NULL, $12, $12, $13, NULL, NULL, $14, $15)
		ON CONFLICT (id) DO NOTHING`,
		f.ID, f.UserID, f.ClientID, f.GrantID, f.Audience, f.Scope, null(f.SessionID), ms(f.AuthTime), f.Rotating, f.Counter,
		f.TokenHash, ms(f.CreatedAt), ms(f.ExpiresAt), doc(f.Device), null(f.OrganizationID)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $3, revoked_why = 'limit' WHERE revoked_at IS NULL AND id IN (
		SELECT id FROM refresh_tokens WHERE user_id = $1 AND client_id = $2 AND revoked_at IS NULL
		ORDER BY created_at DESC, id LIMIT 1000 OFFSET $4)`, f.UserID, f.ClientID, ms(tx.Now()), familyLimit)
	return err
}

// Rotation replaces the living token of a family by its successor.
type Rotation struct {
	FamilyID  string
	Counter   int64     // of the token that is being spent
	Spent     []byte    // its hash
	Next      []byte    // the successor's hash
	Successor []byte    // the successor, sealed with a key derived from the spent token
	ExpiresAt time.Time // the family's new end; zero: it stays what it is
	Rotating  bool
}

// RotateRefresh is the gate of rotation: of any number of exchanges of one token, one wins. The losers get false, and read
// the row to learn what became of it.
func (tx *Tx) RotateRefresh(ctx context.Context, r Rotation) (won bool, err error) {
	defer reach("refresh rotated")
	const set = `UPDATE refresh_tokens SET counter = counter + 1, previous_hash = token_hash, token_hash = $4,
		successor = $5, rotated_at = $6, exchanged_at = $6, rotating = $7`
	const where = ` WHERE id = $1 AND counter = $2 AND token_hash = $3 AND revoked_at IS NULL`
	args := []any{r.FamilyID, r.Counter, r.Spent, r.Next, r.Successor, ms(tx.Now()), r.Rotating}
	text := set + where
	if !r.ExpiresAt.IsZero() { // named only when it changes: naming it costs the row's entry in the index
		text, args = set+`, expires_at = $8`+where, append(args, ms(r.ExpiresAt))
	}
	n, err := tx.exec(ctx, text, args...)
	return n == 1, err
}

// UseRefresh records an exchange of a token that does not rotate; false when it is no longer the living one. An end that is
// zero stays what it is.
func (tx *Tx) UseRefresh(ctx context.Context, familyID string, hash []byte, expiresAt time.Time) (won bool, err error) {
	const set, where = `UPDATE refresh_tokens SET exchanged_at = $3, rotating = $4`, ` WHERE id = $1 AND token_hash = $2 AND revoked_at IS NULL`
	args := []any{familyID, hash, ms(tx.Now()), false}
	text := set + where
	if !expiresAt.IsZero() {
		text, args = set+`, expires_at = $5`+where, append(args, ms(expiresAt))
	}
	n, err := tx.exec(ctx, text, args...)
	return n == 1, err
}

// RevokeRefreshFamily ends a family; false when it was revoked before or does not exist.
func (tx *Tx) RevokeRefreshFamily(ctx context.Context, id, why string) (revoked bool, err error) {
	defer reach("family revoked")
	n, err := tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $2, revoked_why = $3 WHERE id = $1 AND revoked_at IS NULL`,
		id, ms(tx.Now()), why)
	return n == 1, err
}

// RevokeRefreshOf ends all families of a user; with a client only those of that application.
func (tx *Tx) RevokeRefreshOf(ctx context.Context, userID, clientID, why string) (int64, error) {
	return tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $3, revoked_why = $4
		WHERE user_id = $1 AND (client_id = $2 OR $2 = '') AND revoked_at IS NULL`, userID, clientID, ms(tx.Now()), why)
}
