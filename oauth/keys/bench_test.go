package keys_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/proofkey/proofkey/oauth/keys"
)

// The claims of a usual ID token, so that encoding is counted as it is.
var usual = struct {
	Name     string   `json:"name"`
	Picture  string   `json:"picture"`
	Email    string   `json:"email"`
	Iss      string   `json:"iss"`
	Sub      string   `json:"sub"`
	Aud      []string `json:"aud"`
	Iat, Exp int64
}{
	"John Smith", "https://cdn.example.com/avatars/js.png", "jsmith@example.com", "https://tenant.example.com/",
	"auth0|6553da60a54af58e29493993", []string{"https://api.example.com/", "https://tenant.example.com/userinfo"}, 1e9, 2e9,
}

// BenchmarkBareRSA is what the arithmetic costs; BenchmarkSign stands beside it.
func BenchmarkBareRSA(b *testing.B) {
	key := readyKeys()[0]
	digest := sha256.Sum256([]byte("bare"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for _, alg := range []string{keys.RS256, keys.ES256, keys.EdDSA} {
		b.Run(alg, func(b *testing.B) {
			r := ring(b)
			sign(b, r, alg)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Sign(b.Context(), alg, "JWT", usual); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	r := ring(b)
	token := sign(b, r, keys.RS256)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := r.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpaque(b *testing.B) {
	r := ring(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.SealOpaque("https://tenant.example.com/", usual); err != nil {
			b.Fatal(err)
		}
	}
}
