package keys

import (
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// PublicKey is a key that an application registered, with the one algorithm that it signs by.
type PublicKey struct {
	Kid string
	Alg string
	Key any // *rsa.PublicKey
}

// maxAssertion bounds a client assertion (spec section 0.6).
const maxAssertion = 2048

// VerifyAssertion returns the claims of a JWS that one of the keys signed, by that key's algorithm. A kid in the header
// picks the key; without one each is tried. A refusal is an [ErrInvalid].
func VerifyAssertion(token string, among []PublicKey) ([]byte, error) {
	if len(token) > maxAssertion {
		return nil, fmt.Errorf("%w: %d bytes", ErrInvalid, len(token))
	}
	if _, err := spelled(token); err != nil {
		return nil, err
	}
	var algs []jose.SignatureAlgorithm
	for _, k := range among {
		algs = append(algs, jose.SignatureAlgorithm(k.Alg))
	}
	if len(algs) == 0 {
		return nil, fmt.Errorf("%w: the application has no key", ErrInvalid)
	}
	jws, err := jose.ParseSignedCompact(token, algs)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	h := jws.Signatures[0].Header
	for _, k := range among {
		if k.Alg != h.Algorithm || h.KeyID != "" && h.KeyID != k.Kid {
			continue
		}
		claims, err := jws.Verify(k.Key)
		if err != nil {
			continue
		}
		if _, err := members(claims); err != nil {
			return nil, fmt.Errorf("%w: claims: %w", ErrInvalid, err)
		}
		return claims, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrInvalid, errors.New("no registered key signed it"))
}
