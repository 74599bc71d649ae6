package keys

import (
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// SealOpaque makes an access token that only this tenant can read: a compact JWE (RFC 7516) with alg dir and enc A256GCM,
// which is what Auth0's access tokens for no API look like. Nonces are random, so about 2^32 tokens may be made under one
// master key before a repetition has odds worth counting (NIST SP 800-38D section 8.3).
func (r *Ring) SealOpaque(issuer string, claims any) (string, error) {
	plain, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("keys: encode claims: %w", err)
	}
	options := (&jose.EncrypterOptions{}).WithHeader("iss", issuer)
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: r.opaque}, options)
	if err != nil {
		return "", fmt.Errorf("keys: seal: %w", err)
	}
	jwe, err := encrypter.Encrypt(plain)
	if err != nil {
		return "", fmt.Errorf("keys: seal: %w", err)
	}
	return jwe.CompactSerialize()
}

// OpenOpaque is the inverse of SealOpaque; anything else is an [ErrInvalid]. The caller judges issuer and expiry, which
// are among the claims.
func (r *Ring) OpenOpaque(token string, into any) error {
	if len(token) > maxToken {
		return fmt.Errorf("%w: %d bytes", ErrInvalid, len(token))
	}
	jwe, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	plain, err := jwe.Decrypt(r.opaque)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}
