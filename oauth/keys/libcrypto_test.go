//go:build cgo && linux

package keys

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"sync"
	"testing"
)

// Both engines make the same tokens: RS256 has one signature for an input, and each verifies the other's PS256.
func TestEnginesSignAlike(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := Fastest(key)
	if err != nil {
		t.Fatal(err)
	}
	if libcrypto() == "" {
		t.Fatal("this machine has no libcrypto: install OpenSSL 3 (libssl3) to test a build with cgo")
	}
	if _, ok := fast.(*opensslRSA); !ok {
		t.Fatalf("%s is there and a %T signs", Engine(), fast)
	}
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() {
			input := bytes.Repeat([]byte{byte(n)}, n*37)
			for _, alg := range []string{RS256, RS512} {
				a, errA := signRSA(key, alg, input)
				b, errB := signRSA(fast, alg, input)
				if errA != nil || errB != nil || !bytes.Equal(a, b) {
					t.Errorf("%s of %d bytes differs: %v %v", alg, len(input), errA, errB)
				}
			}
			signature, err := signRSA(fast, PS256, input)
			digest := sha256.Sum256(input)
			if err != nil || rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: sha256.Size}) != nil {
				t.Errorf("PS256 of %d bytes: %v", len(input), err)
			}
		})
	}
	all.Wait()
}

// BenchmarkEngines reports what a signature costs in each.
func BenchmarkEngines(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		b.Fatal(err)
	}
	fast, err := Fastest(key)
	if err != nil {
		b.Fatal(err)
	}
	input := []byte("header.payload")
	for name, signer := range map[string]crypto.Signer{engineGo: key, "fastest": fast} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := signRSA(signer, RS256, input); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
