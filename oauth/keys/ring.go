// Package keys holds the tenant's signing keys; no other package sees a private key or a JOSE library.
//
// What every caller may rely on:
//
//   - The database decides which key signs and which verify, at every use. Parsed keys are cached by kid, because a kid
//     names one key pair for ever, but states are not: a rotation or revocation by any node is in force at once.
//   - A key is published (JWKS, RFC 7517) as next before it signs and as previous after it signed, so a key set fetched
//     before a rotation verifies what is signed after it.
//   - [Ring.Verify] accepts only compact JWS (RFC 7515) by a published key with that key's own algorithm, whose header has
//     alg, typ and kid and nothing else: no none, no HMAC, no crit, no b64, no key brought along (RFC 8725).
//   - Nothing here judges exp, aud, iss or typ: that is the caller's part.
package keys

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/proofkey/proofkey/store"
)

// Algorithms of the tenant's key pairs (RFC 7518 section 3.1, RFC 8037).
const (
	RS256 = "RS256"
	RS512 = "RS512"
	PS256 = "PS256"
	ES256 = "ES256"
	EdDSA = "EdDSA"
)

// ErrInvalid is returned for a token that no published key of this tenant made; its text says why and is not for the sender.
var ErrInvalid = errors.New("keys: not a valid token of this tenant")

// Ring signs and verifies with the keys of one tenant. It is shared by all of the tenant's endpoints.
type Ring struct {
	db     *store.DB
	opaque []byte

	parsed  atomic.Pointer[map[string]*pair] // by kid, replaced as a whole
	parsing sync.Mutex
}

// Open makes the ring of a tenant. It reads no keys yet.
func Open(db *store.DB) *Ring {
	r := &Ring{db: db, opaque: db.Key("opaque access token")}
	r.parsed.Store(&map[string]*pair{})
	return r
}

// Ensure makes the current and the next RS256 key where they are missing. Keys of the other algorithms are made when first
// needed, because they take microseconds and most tenants need none.
func (r *Ring) Ensure(ctx context.Context) error { return r.EnsureWith(ctx) }

// EnsureWith is Ensure with RSA keys made elsewhere, for programs that cannot wait for their generation.
func (r *Ring) EnsureWith(ctx context.Context, ready ...*rsa.PrivateKey) error {
	return r.fill(ctx, RS256, ready...)
}

// fill adds what is missing of an algorithm's current and next key.
func (r *Ring) fill(ctx context.Context, alg string, ready ...*rsa.PrivateKey) error {
	states, err := r.states(ctx)
	if err != nil {
		return err
	}
	var made []store.SigningKey
	for _, state := range []string{store.KeyCurrent, store.KeyNext} {
		if !slices.ContainsFunc(states, func(s store.KeyState) bool { return s.Alg == alg && s.State == state }) {
			made = append(made, store.SigningKey{Alg: alg, State: state})
		}
	}
	if len(made) == 0 {
		return nil
	}
	errs := make([]error, len(made))
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			if i < len(ready) {
				errs[i] = r.dress(&made[i], ready[i])
				return
			}
			errs[i] = r.generate(&made[i])
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		for _, k := range made {
			// A conflict means that another node was quicker: its key is as good.
			if err := tx.AddKey(ctx, k); err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		return nil
	})
}

// Rotate makes the next key of an algorithm the current one, and returns the new next key without its private part. The
// functions run in its transaction.
func (r *Ring) Rotate(ctx context.Context, alg string, also ...func(*store.Tx) error) (_ store.SigningKey, err error) {
	next := store.SigningKey{Alg: alg, State: store.KeyNext}
	if err := r.generate(&next); err != nil {
		return store.SigningKey{}, err
	}
	change := func(tx *store.Tx) error { return tx.RotateKeys(ctx, next) }
	for range rotateAttempts {
		if err = r.fill(ctx, alg); err != nil {
			break
		}
		if err = r.db.Write(ctx, together(change, also)); !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	next.PrivateKey = nil
	return next, err
}

// rotateAttempts bounds how often a rotation runs that met another one.
const rotateAttempts = 8

// Revoke forgets a previous key: what it signed no longer verifies. The functions run in its transaction.
func (r *Ring) Revoke(ctx context.Context, kid string, also ...func(*store.Tx) error) error {
	change := func(tx *store.Tx) error { return tx.RevokeKey(ctx, kid) }
	if err := r.db.Write(ctx, together(change, also)); err != nil {
		return err
	}
	_, err := r.states(ctx) // drops the parsed key
	return err
}

// together is a change with what belongs to it.
func together(change func(*store.Tx) error, also []func(*store.Tx) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		for _, f := range append([]func(*store.Tx) error{change}, also...) {
			if err := f(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// List returns all keys without their private parts, revoked ones included.
func (r *Ring) List(ctx context.Context) ([]store.SigningKey, error) {
	all, err := r.db.SigningKeys(ctx)
	for i := range all {
		all[i].PrivateKey = nil
	}
	return all, err
}

// Certificate is the current RS256 key's self-signed certificate in DER.
func (r *Ring) Certificate(ctx context.Context) ([]byte, error) {
	p, err := r.current(ctx, RS256)
	if err != nil {
		return nil, err
	}
	return p.certificate.Raw, nil
}

// current is the key that signs with alg now.
func (r *Ring) current(ctx context.Context, alg string) (*pair, error) {
	for range 2 {
		states, err := r.states(ctx)
		if err != nil {
			return nil, err
		}
		if kid := currentKid(states, alg); kid != "" {
			return r.pair(ctx, kid)
		}
		if err := r.fill(ctx, alg); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("keys: there is no current %s key", alg)
}

func currentKid(states []store.KeyState, alg string) string {
	for _, s := range states {
		if s.Alg == alg && s.State == store.KeyCurrent {
			return s.Kid
		}
	}
	return ""
}

// states reads what each key is for, and lets go of parsed keys that were revoked meanwhile.
func (r *Ring) states(ctx context.Context) ([]store.KeyState, error) {
	all, err := r.db.KeyStates(ctx)
	if err != nil {
		return nil, err
	}
	living := slices.DeleteFunc(all, func(s store.KeyState) bool { return s.State == store.KeyRevoked })
	if len(*r.parsed.Load()) > len(living) {
		err = r.parse(ctx)
	}
	return living, err
}

// pair is the parsed key of a kid that the database knows.
func (r *Ring) pair(ctx context.Context, kid string) (*pair, error) {
	if p, ok := (*r.parsed.Load())[kid]; ok {
		return p, nil
	}
	if err := r.parse(ctx); err != nil {
		return nil, err
	}
	if p, ok := (*r.parsed.Load())[kid]; ok {
		return p, nil
	}
	return nil, fmt.Errorf("%w: the key was revoked this moment", ErrInvalid)
}

// parse replaces the parsed keys by the living ones of the database.
func (r *Ring) parse(ctx context.Context) error {
	r.parsing.Lock()
	defer r.parsing.Unlock()
	rows, err := r.db.SigningKeys(ctx)
	if err != nil {
		return err
	}
	known, fresh := *r.parsed.Load(), make(map[string]*pair, len(rows))
	for _, row := range rows {
		if row.State == store.KeyRevoked {
			continue
		}
		p, ok := known[row.Kid]
		if !ok {
			if p, err = parsePair(row); err != nil {
				return fmt.Errorf("keys: read %s key %s: %w", row.Alg, row.Kid, err)
			}
		}
		fresh[row.Kid] = p
	}
	r.parsed.Store(&fresh)
	return nil
}
