package token

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/proofkey/proofkey/store"
)

// refreshToken is a refresh token taken apart. On the wire it is
//
//	v1.base64url( family 16 | counter 4 | secret 32 | MAC 16 )
//
// The MAC proves that a token was issued here without the hash of every former one being kept: so a spent token of any
// age is known for genuine, and junk never costs a query. It proves no more than that; whether the token is alive is the
// row's to say, by the counter and the hash.
type refreshToken struct {
	family  [16]byte
	counter uint32
	secret  [32]byte
}

const (
	refreshPrefix = "v1."
	bodyBytes     = 16 + 4 + 32
	macBytes      = 16
)

var errNotGenuine = errors.New("the refresh token was not issued here")

// newRefreshToken begins a family.
func newRefreshToken() (t refreshToken) {
	rand.Read(t.family[:])
	rand.Read(t.secret[:])
	return t
}

// next makes a successor.
func (t refreshToken) next() refreshToken {
	t.counter++
	rand.Read(t.secret[:])
	return t
}

// familyID is the id of the family's row.
func (t refreshToken) familyID() string { return hex.EncodeToString(t.family[:]) }

func (t refreshToken) body() []byte {
	b := make([]byte, 0, bodyBytes+macBytes)
	b = append(b, t.family[:]...)
	b = binary.BigEndian.AppendUint32(b, t.counter)
	return append(b, t.secret[:]...)
}

// hash is what the row keeps.
func (t refreshToken) hash() []byte {
	sum := sha256.Sum256(t.body())
	return sum[:]
}

// refreshKey makes and checks the MACs of one tenant's refresh tokens.
type refreshKey []byte

func refreshKeyOf(db *store.DB) refreshKey { return db.Key("refresh token") }

func (k refreshKey) mac(body []byte) []byte {
	m := hmac.New(sha256.New, k)
	m.Write(body)
	return m.Sum(nil)[:macBytes]
}

// text is the token's form on the wire.
func (k refreshKey) text(t refreshToken) string {
	body := t.body()
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(append(body, k.mac(body)...))
}

// parse reads a token that text made, and nothing else: one token has one text.
func (k refreshKey) parse(text string) (t refreshToken, err error) {
	encoded, ok := strings.CutPrefix(text, refreshPrefix)
	if !ok || len(encoded) != base64.RawURLEncoding.EncodedLen(bodyBytes+macBytes) {
		return t, errNotGenuine
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(b) != bodyBytes+macBytes {
		return t, errNotGenuine
	}
	body := b[:bodyBytes]
	if !hmac.Equal(b[bodyBytes:], k.mac(body)) {
		return t, errNotGenuine
	}
	copy(t.family[:], body)
	t.counter = binary.BigEndian.Uint32(body[16:])
	copy(t.secret[:], body[20:])
	return t, nil
}

// box seals a successor for who holds t. Nobody else can open it, we included: the row has only t's hash.
func (t refreshToken) box() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, t.secret[:], t.family[:], "proofkey v1 refresh token successor", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.NewX(key)
}

func (t refreshToken) seal(successor refreshToken) ([]byte, error) {
	box, err := t.box()
	if err != nil {
		return nil, fmt.Errorf("seal the successor: %w", err)
	}
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(successor.secret)+box.Overhead())
	rand.Read(nonce)
	return box.Seal(nonce, nonce, successor.secret[:], t.body()), nil
}

// open is the inverse of seal.
func (t refreshToken) open(sealed []byte) (refreshToken, error) {
	box, err := t.box()
	if err != nil {
		return t, fmt.Errorf("open the successor: %w", err)
	}
	if len(sealed) < box.NonceSize() {
		return t, errors.New("open the successor: the row has none")
	}
	secret, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], t.body())
	if err != nil || len(secret) != len(t.secret) {
		return t, errors.New("open the successor: it was sealed for another token")
	}
	t.counter++
	copy(t.secret[:], secret)
	return t, nil
}
