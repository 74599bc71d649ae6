package store

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrSealed is returned when a sealed value was not made by this tenant for this purpose, or was changed since.
var ErrSealed = errors.New("store: the sealed value cannot be opened")

// sealer derives one key per purpose from the master key and the tenant's salt, so that a value sealed for one purpose,
// column or tenant opens nowhere else.
type sealer struct {
	master []byte
	salt   []byte
	boxes  sync.Map // purpose -> *Box
	keys   sync.Map // purpose -> [32]byte
}

// Box seals and opens values of one purpose with XChaCha20-Poly1305; its nonces are random, so it has no state to lose.
type Box struct{ aead cipher.AEAD }

// Box returns the box of a purpose, such as "authorization code".
func (q Queries) Box(purpose string) *Box { return q.seal.box(purpose) }

// Key derives the 32-byte key of a purpose, for callers that need a key rather than a box.
func (q Queries) Key(purpose string) []byte {
	k, ok := q.seal.keys.Load(purpose)
	if !ok {
		k, _ = q.seal.keys.LoadOrStore(purpose, [32]byte(q.seal.key("key:"+purpose)))
	}
	key := k.([32]byte)
	return key[:]
}

func (s *sealer) key(purpose string) []byte {
	k, err := hkdf.Key(sha256.New, s.master, s.salt, "proofkey v1 "+purpose, 32)
	if err != nil {
		panic("store: " + err.Error()) // only for lengths HKDF cannot give
	}
	return k
}

func (s *sealer) box(purpose string) *Box {
	if b, ok := s.boxes.Load(purpose); ok {
		return b.(*Box)
	}
	b, _ := s.boxes.LoadOrStore(purpose, newBox(s.key(purpose)))
	return b.(*Box)
}

func newBox(key []byte) *Box {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("store: " + err.Error()) // only for keys that are not 32 bytes
	}
	return &Box{aead}
}

// Seal encrypts plaintext and binds it to the given context.
func (b *Box) Seal(plaintext []byte, bound string) []byte {
	nonce := make([]byte, b.aead.NonceSize(), b.aead.NonceSize()+len(plaintext)+b.aead.Overhead())
	rand.Read(nonce)
	return b.aead.Seal(nonce, nonce, plaintext, []byte(bound))
}

// Open is the inverse of Seal; any other context, purpose or tenant gives ErrSealed.
func (b *Box) Open(sealed []byte, bound string) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, ErrSealed
	}
	plain, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(bound))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// SealText is Seal in URL-safe letters.
func (b *Box) SealText(plaintext []byte, bound string) string {
	return base64.RawURLEncoding.EncodeToString(b.Seal(plaintext, bound))
}

// OpenText is the inverse of SealText.
func (b *Box) OpenText(sealed, bound string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || strings.ContainsAny(sealed, "\r\n") { // which the decoder passes over
		return nil, ErrSealed
	}
	return b.Open(raw, bound)
}

// sealColumn seals a secret for one cell of one row; nil stays NULL.
func (s *sealer) sealColumn(column, row, secret string) any {
	if secret == "" {
		return nil
	}
	return s.box("column "+column).Seal([]byte(secret), row)
}

func (s *sealer) openColumn(column, row string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	b, err := s.box("column "+column).Open(sealed, row)
	if err != nil {
		return "", fmt.Errorf("%s of %s: %w", column, row, err)
	}
	return string(b), nil
}

// openTenant reads or makes the tenant's row and proves that the master key is the one the tenant was made with.
func (db *DB) openTenant(ctx context.Context, master []byte) error {
	const checked = "proofkey"
	id := randomHex(16)
	db.seal.master, db.seal.salt = master, []byte(id)
	check := db.seal.box("master key check").Seal([]byte(checked), id)
	if _, err := one(ctx, db.Queries, scanString, `SELECT id FROM tenant`); errors.Is(err, ErrNotFound) {
		now := ms(db.Now())
		err = db.engine.write(ctx, func(q Queries) error {
			_, err := q.exec(ctx, `INSERT INTO tenant (only_row, id, settings, key_check, created_at, updated_at)
				VALUES (1, $1, $2, $3, $4, $4) ON CONFLICT (only_row) DO NOTHING`, id, "{}", check, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("store: make the tenant's row: %w", err)
		}
	} else if err != nil {
		return err
	}
	id, _, err := checkTenant(ctx, db.Queries, master)
	if err != nil {
		return err
	}
	db.seal.salt = []byte(id)
	db.seal.boxes.Clear()
	db.seal.keys.Clear()
	return nil
}

// checkTenant reads whose database it is, and gives the sealer for it if master is the key that it was made with.
func checkTenant(ctx context.Context, q Queries, master []byte) (id string, seal *sealer, err error) {
	check, err := one(ctx, q, func(r scanner) (check []byte, err error) {
		return check, r.Scan(&id, &check)
	}, `SELECT id, key_check FROM tenant`)
	if err != nil {
		return "", nil, fmt.Errorf("store: read the tenant's row: %w", err)
	}
	seal = &sealer{master: master, salt: []byte(id)}
	if _, err := seal.box("master key check").Open(check, id); err != nil {
		return "", nil, errors.New("store: the master key is not the one this database was made with: configure the former key")
	}
	return id, seal, nil
}
