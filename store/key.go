package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// States of a signing key. Next is published before it signs, previous after it signed, so that a JWKS fetched before a
// rotation still verifies.
const (
	KeyNext     = "next"
	KeyCurrent  = "current"
	KeyPrevious = "previous"
	KeyRevoked  = "revoked"
)

// SigningKey is one key pair of an algorithm.
type SigningKey struct {
	Kid         string
	Alg         string // RS256, ES256 or EdDSA
	State       string
	PrivateKey  []byte // PKCS#8, opened; sealed at rest; nil once revoked
	Certificate []byte // DER, self-signed
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// KeyState is what decides which key signs and which are published; it is read for every signature, so a rotation made by
// another process is in force at once.
type KeyState struct{ Kid, Alg, State string }

// KeyStates lists the keys without their secrets.
func (q Queries) KeyStates(ctx context.Context) ([]KeyState, error) {
	return many(ctx, q, func(r scanner) (k KeyState, err error) {
		return k, r.Scan(&k.Kid, &k.Alg, &k.State)
	}, `SELECT kid, alg, state FROM signing_keys ORDER BY created_at, kid`)
}

// SigningKeys lists the keys, the oldest first.
func (q Queries) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	return many(ctx, q, func(r scanner) (k SigningKey, err error) {
		var sealed []byte
		if err := r.Scan(&k.Kid, &k.Alg, &k.State, &sealed, &k.Certificate, msInto{&k.CreatedAt}, msInto{&k.ChangedAt}); err != nil {
			return k, err
		}
		plain, err := q.seal.openColumn("signing_keys.private_key", k.Kid, sealed)
		k.PrivateKey = []byte(plain)
		return k, err
	}, `SELECT kid, alg, state, private_key, certificate, created_at, changed_at FROM signing_keys ORDER BY created_at, kid`)
}

// AddKey stores a key; ErrConflict when another node stored one of its algorithm and state first.
func (tx *Tx) AddKey(ctx context.Context, k SigningKey) error {
	return tx.exec1(ctx, ErrConflict, `INSERT INTO signing_keys (kid, alg, state, private_key, certificate, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING`, k.Kid, k.Alg, k.State,
		tx.seal.sealColumn("signing_keys.private_key", k.Kid, string(k.PrivateKey)), k.Certificate, ms(tx.Now()))
}

// RotateKeys makes the current key of next's algorithm previous, its next key current, and stores next as the new next.
// ErrConflict means that another node rotates at this moment.
func (tx *Tx) RotateKeys(ctx context.Context, next SigningKey) error {
	now := ms(tx.Now())
	for _, step := range [][2]string{{KeyCurrent, KeyPrevious}, {KeyNext, KeyCurrent}} {
		missing := fmt.Errorf("store: there is no %s %s key to rotate: %w", step[0], next.Alg, ErrConflict)
		if err := tx.exec1(ctx, missing, `UPDATE signing_keys SET state = $3, changed_at = $4 WHERE alg = $1 AND state = $2`,
			next.Alg, step[0], step[1], now); err != nil {
			return err
		}
	}
	next.State = KeyNext
	return tx.AddKey(ctx, next)
}

// ErrKeyInUse is returned for keys that cannot be revoked, because a tenant always has a current and a next one.
var ErrKeyInUse = errors.New("store: only a previous key can be revoked: rotate first")

// RevokeKey forgets a previous key for good: tokens it signed no longer verify.
func (tx *Tx) RevokeKey(ctx context.Context, kid string) error {
	return tx.exec1(ctx, ErrKeyInUse,
		`UPDATE signing_keys SET state = 'revoked', private_key = NULL, changed_at = $2 WHERE kid = $1 AND state = 'previous'`,
		kid, ms(tx.Now()))
}
