package keys_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
)

// readyKeys are made once, because RSA keys take longer than all of these tests.
var readyKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	made := make([]*rsa.PrivateKey, 2)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() { made[i], _ = rsa.GenerateKey(rand.Reader, 2048) })
	}
	wg.Wait()
	return made
})

func open(t testing.TB, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func ring(t testing.TB) *keys.Ring {
	t.Helper()
	r := keys.Open(open(t, "sqlite::memory:"))
	if err := r.EnsureWith(t.Context(), readyKeys()...); err != nil {
		t.Fatal(err)
	}
	return r
}

type content struct {
	Sub string `json:"sub"`
}

func sign(t testing.TB, r *keys.Ring, alg string) string {
	t.Helper()
	token, err := r.Sign(t.Context(), alg, "JWT", content{"auth0|1"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func published(t testing.TB, r *keys.Ring) *jose.JSONWebKeySet {
	t.Helper()
	raw, err := r.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return &set
}

// verifies asks the library, which knows nothing of ours but the published key set.
func verifies(t testing.TB, token, alg string, set *jose.JSONWebKeySet) {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	found := set.Key(jws.Signatures[0].Header.KeyID)
	if len(found) != 1 {
		t.Fatalf("the key set has %d keys of kid %q, want 1", len(found), jws.Signatures[0].Header.KeyID)
	}
	if payload, err := jws.Verify(found[0].Key); err != nil || string(payload) != `{"sub":"auth0|1"}` {
		t.Fatalf("verified as %s, %v", payload, err)
	}
}

func TestForeignLibraryVerifiesEveryAlgorithm(t *testing.T) {
	r := ring(t)
	for _, alg := range []string{keys.RS256, keys.RS512, keys.PS256, keys.ES256, keys.EdDSA} {
		for range 20 { // a short r or s of ES256 comes once in 128
			token := sign(t, r, alg)
			verifies(t, token, alg, published(t, r))
			typ, claims, err := r.Verify(t.Context(), token)
			if err != nil || typ != "JWT" || string(claims) != `{"sub":"auth0|1"}` {
				t.Fatalf("%s: verified as %s %s, %v", alg, typ, claims, err)
			}
		}
	}
	if _, err := r.Sign(t.Context(), "HS256", "JWT", content{}); err == nil {
		t.Error("a key pair was made for HS256")
	}
}

func TestHeader(t *testing.T) {
	r := ring(t)
	kid := published(t, r).Keys[0].KeyID
	token, err := r.Sign(t.Context(), keys.RS256, "at+jwt", content{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, _, _ := strings.Cut(token, ".")
	got, _ := base64.RawURLEncoding.DecodeString(encoded)
	if want := `{"alg":"RS256","typ":"at+jwt","kid":"` + kid + `"}`; string(got) != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if token, err = r.SignHMAC(strings.Repeat("s", 64), "JWT", content{"a"}); err != nil {
		t.Fatal(err)
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := jws.Verify(bytes.Repeat([]byte("s"), 64)); err != nil || string(payload) != `{"sub":"a"}` {
		t.Errorf("HS256 verified as %s, %v", payload, err)
	}
	if _, err := r.SignHMAC("", "JWT", content{}); err == nil {
		t.Error("HS256 without a secret was signed")
	}
}

func TestKeySet(t *testing.T) {
	r := ring(t)
	raw, err := r.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 {
		t.Fatalf("%d keys in %s, want the current and the next", len(set.Keys), raw)
	}
	for i, k := range set.Keys {
		var names []string
		for name := range k {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != "alg e kid kty n use x5c x5t" {
			t.Errorf("key %d has the members %s", i, got)
		}
		if k["kty"] != "RSA" || k["use"] != "sig" || k["alg"] != "RS256" || k["e"] != "AQAB" {
			t.Errorf("key %d: %v", i, k)
		}
		der, err := base64.StdEncoding.DecodeString(k["x5c"].([]any)[0].(string))
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		modulus := base64.RawURLEncoding.EncodeToString(certificate.PublicKey.(*rsa.PublicKey).N.Bytes())
		thumbprint := sha1.Sum(der)
		if modulus != k["n"] || base64.RawURLEncoding.EncodeToString(thumbprint[:]) != k["x5t"] {
			t.Errorf("key %d: x5c is of another key than n, or x5t of another certificate", i)
		}
	}
	signed, err := jose.ParseSignedCompact(sign(t, r, keys.RS256), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || signed.Signatures[0].Header.KeyID != set.Keys[0]["kid"] {
		t.Errorf("the first key of the set is not the one that signs (%v)", err)
	}
}

func TestRotation(t *testing.T) {
	for _, alg := range []string{keys.RS256, keys.RS512, keys.PS256, keys.ES256, keys.EdDSA} {
		t.Run(alg, func(t *testing.T) {
			r := ring(t)
			before := sign(t, r, alg)
			fetched := published(t, r)
			next, err := r.Rotate(t.Context(), alg)
			if err != nil {
				t.Fatal(err)
			}
			if next.State != store.KeyNext || next.PrivateKey != nil || next.Kid == "" {
				t.Errorf("Rotate returned the key %q in state %s, with private part: %v", next.Kid, next.State, next.PrivateKey != nil)
			}
			after := sign(t, r, alg)
			verifies(t, after, alg, fetched)
			verifies(t, before, alg, published(t, r))

			all, err := r.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var previous string
			for _, k := range all {
				if k.PrivateKey != nil {
					t.Errorf("List shows the private part of %s", k.Kid)
				}
				switch {
				case k.Alg == alg && k.State == store.KeyPrevious:
					previous = k.Kid
				case k.Alg == alg:
					if err := r.Revoke(t.Context(), k.Kid); err == nil {
						t.Errorf("a %s key was revoked", k.State)
					}
				}
			}
			if err := r.Revoke(t.Context(), previous); err != nil {
				t.Fatal(err)
			}
			if _, _, err := r.Verify(t.Context(), before); !errors.Is(err, keys.ErrInvalid) {
				t.Errorf("a token of the revoked key: %v, want ErrInvalid", err)
			}
			if _, _, err := r.Verify(t.Context(), after); err != nil {
				t.Errorf("a token of the current key after a revocation of another: %v", err)
			}
			if len(published(t, r).Key(previous)) != 0 {
				t.Error("the revoked key is still published")
			}
		})
	}
}

func TestTwoNodesSeeOneRotationAtOnce(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "tenant.db")
	here, there := keys.Open(open(t, dsn)), keys.Open(open(t, dsn))
	var wg sync.WaitGroup
	for _, r := range []*keys.Ring{here, there} {
		wg.Go(func() {
			if err := r.EnsureWith(context.Background(), readyKeys()...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(published(t, here).Keys); n != 2 {
		t.Fatalf("two nodes started at once: %d keys, want 2", n)
	}
	for _, alg := range []string{keys.RS256, keys.ES256} {
		old := sign(t, there, alg)
		if _, _, err := here.Verify(t.Context(), old); err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		for range 2 {
			if _, err := here.Rotate(t.Context(), alg); err != nil {
				t.Fatal(err)
			}
		}
		fresh := sign(t, there, alg)
		verifies(t, fresh, alg, published(t, here))
		if kid(fresh) == kid(old) {
			t.Errorf("%s: the other node signs with the key from before the rotation", alg)
		}
		if err := here.Revoke(t.Context(), kid(old)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := there.Verify(t.Context(), old); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("%s: a key revoked on one node, on the other: %v, want ErrInvalid", alg, err)
		}
	}
}

func kid(token string) string {
	encoded, _, _ := strings.Cut(token, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(encoded)
	var h struct{ Kid string }
	_ = json.Unmarshal(raw, &h)
	return h.Kid
}
