//go:build cgo && linux

package keys

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"io"
	"math/big"
	"sync"

	"github.com/golang-fips/openssl/v2"
	"github.com/golang-fips/openssl/v2/bbig"
)

// libraries are the names under which OpenSSL 3 is found. Nothing is linked: a machine without it signs in Go.
var libraries = []string{"libcrypto.so.3", "libcrypto.so"}

// libcrypto loads OpenSSL once and says its version, or "" where there is none. Loading is all that it does at start: Go's
// own cryptography stays what TLS and verification use.
var libcrypto = sync.OnceValue(func() string {
	for _, file := range libraries {
		if there, _ := openssl.CheckVersion(file); !there {
			continue
		}
		if openssl.Init(file) != nil {
			return ""
		}
		return openssl.VersionText()
	}
	return ""
})

// Engine is what makes the RSA signatures, for the log.
func Engine() string {
	if version := libcrypto(); version != "" {
		return version
	}
	return engineGo
}

// opensslRSA is an RSA key in libcrypto, which signs several times faster than Go's constant-time arithmetic.
type opensslRSA struct {
	public  crypto.PublicKey
	private *openssl.PrivateKeyRSA
}

func (k *opensslRSA) Public() crypto.PublicKey { return k.public }

// Sign is crypto.Signer; the random numbers of PSS are libcrypto's own.
func (k *opensslRSA) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		return openssl.SignRSAPSS(k.private, opts.HashFunc(), digest, pss.SaltLength)
	}
	return openssl.SignRSAPKCS1v15(k.private, opts.HashFunc(), digest)
}

// Fastest is the key in the quickest engine there is.
func Fastest(key *rsa.PrivateKey) (crypto.Signer, error) {
	if libcrypto() == "" || len(key.Primes) != 2 {
		return key, nil
	}
	p := key.Precomputed
	parts := [8]*big.Int{key.N, big.NewInt(int64(key.E)), key.D, key.Primes[0], key.Primes[1], p.Dp, p.Dq, p.Qinv}
	var enc [8]openssl.BigInt
	for i, part := range parts {
		enc[i] = bbig.Enc(part)
	}
	private, err := openssl.NewPrivateKeyRSA(enc[0], enc[1], enc[2], enc[3], enc[4], enc[5], enc[6], enc[7])
	if err != nil {
		return nil, fmt.Errorf("keys: libcrypto does not take the key: %w", err)
	}
	return &opensslRSA{key.Public(), private}, nil
}
