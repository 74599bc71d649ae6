package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrSpent is returned when a code was redeemed before.
var ErrSpent = errors.New("store: the code was used before")

// Code is an authorization code. It is sealed, not stored: the code that the application carries is this value encrypted,
// and the only trace in the database is that it was spent.
type Code struct {
	ID            string   `json:"i"`
	TransactionID string   `json:"t"`
	Issuer        string   `json:"o"`
	ClientID      string   `json:"c"`
	RedirectURI   string   `json:"r"`
	Challenge     string   `json:"p,omitempty"` // S256 code_challenge
	UserID        string   `json:"u"`
	Connection    string   `json:"n,omitempty"`
	SessionID     string   `json:"s,omitempty"`
	Organization  string   `json:"g,omitempty"` // the id of the one that the user signed in to
	Audience      string   `json:"a,omitempty"` // empty: no API, opaque access token
	Scope         []string `json:"x,omitempty"` // granted
	Nonce         string   `json:"e,omitempty"`
	AuthTime      int64    `json:"h"`           // seconds
	WantAuthTime  bool     `json:"w,omitempty"` // max_age or prompt=login was sent
	ExpiresAt     int64    `json:"z"`           // milliseconds
}

// CodeLife is how long an authorization code can be redeemed; spec section 27 leaves it to us, RFC 6749 4.1.2 asks for at
// most ten minutes.
const CodeLife = 300 * time.Second

const codePurpose = "authorization code"

// SealCode makes the code that is sent to the application, giving it an id and an end.
func (q Queries) SealCode(c Code) string {
	c.ID = randomHex(16)
	c.ExpiresAt = q.Now().Add(CodeLife).UnixMilli()
	return q.Box(codePurpose).SealText([]byte(doc(c)), "")
}

// OpenCode reads a code that SealCode made; ErrSealed for anything else. Its end is for the caller to check.
func (q Queries) OpenCode(sealed string) (Code, error) {
	var c Code
	plain, err := q.Box(codePurpose).OpenText(sealed, "")
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c)
}

// CodeSpent says whether a code was redeemed before. It spares the work for a hopeless request; SpendCode decides.
func (q Queries) CodeSpent(ctx context.Context, id string) (bool, error) {
	_, err := one(ctx, q, scanString, `SELECT id FROM spent_codes WHERE id = $1`, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// SpendCode is the gate of redemption: of any number of exchanges of one code, one wins and the others get ErrSpent.
func (tx *Tx) SpendCode(ctx context.Context, c Code, familyID string) error {
	defer reach("code spent")
	return tx.exec1(ctx, ErrSpent, `INSERT INTO spent_codes (id, family_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
		c.ID, null(familyID), c.ExpiresAt)
}

// ReplayCode revokes what the first redemption of a code issued (RFC 6749 4.1.2): the refresh token at once, the access
// token as far as we are asked about it (see CodeReplayed), for as long as it may live.
func (tx *Tx) ReplayCode(ctx context.Context, id string) (familyID string, err error) {
	familyID, err = one(ctx, tx.Queries, func(r scanner) (s string, err error) { return s, r.Scan(nullInto{&s}) },
		`UPDATE spent_codes SET replayed_at = $2, expires_at = $3 WHERE id = $1 AND replayed_at IS NULL RETURNING family_id`,
		id, ms(tx.Now()), ms(tx.Now().Add(30*24*time.Hour)))
	if err != nil || familyID == "" {
		return "", err
	}
	_, err = tx.RevokeRefreshFamily(ctx, familyID, "code replayed")
	return familyID, err
}

// CodeReplayed says whether the code behind an access token was presented again after its redemption.
func (q Queries) CodeReplayed(ctx context.Context, id string) (bool, error) {
	_, err := one(ctx, q, scanString, `SELECT id FROM spent_codes WHERE id = $1 AND replayed_at IS NOT NULL`, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
