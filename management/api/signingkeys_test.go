package api_test

import (
	"crypto/sha1" //nolint:gosec // thumbprints are SHA-1
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/oauth/keys"
)

// kids are the keys of the list with a flag, in its order.
func (s *tenant) kids(flag string) (kids []string) {
	s.t.Helper()
	for _, v := range s.want(200, "GET", "/keys/signing", nil).list() {
		if k := v.(map[string]any); k[flag] == true {
			kids = append(kids, k["kid"].(string))
		}
	}
	return kids
}

// published says whether the key set has a key.
func (s *tenant) published(kid string) bool {
	return strings.Contains(s.Do("GET", "/.well-known/jwks.json", "", "").Body, `"`+kid+`"`)
}

func TestSigningKeys(t *testing.T) {
	s := open(t)
	current, next := s.kids("current"), s.kids("next")
	if len(current) != 1 || len(next) != 1 || len(s.kids("previous")) != 0 {
		t.Fatalf("fresh: %s", s.want(200, "GET", "/keys/signing", nil).text)
	}
	one := s.want(200, "GET", "/keys/signing/"+current[0], nil)
	block, rest := pem.Decode([]byte(one.at("cert").(string)))
	if block == nil || len(rest) != 0 {
		t.Fatalf("cert: %s", one.text)
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%X", sha1.Sum(block.Bytes)); one.at("thumbprint") != want || strings.ReplaceAll(one.at("fingerprint").(string), ":", "") != want ||
		one.at("alg") != "RS256" || one.at("current_since") == nil {
		t.Errorf("%s", one.text)
	}
	rotated := s.want(201, "POST", "/keys/signing/rotate", nil)
	if rotated.at("kid") != next[0] || rotated.at("current") != true {
		t.Errorf("rotate answers %s, want the key that signs now, %s", rotated.text, next[0])
	}
	if got := s.kids("previous"); len(got) != 1 || got[0] != current[0] || len(s.kids("current")) != 1 || len(s.kids("next")) != 1 || s.kids("next")[0] == next[0] {
		t.Errorf("after it: %s", s.want(200, "GET", "/keys/signing", nil).text)
	}
	if !s.published(current[0]) || !s.published(next[0]) || !s.published(s.kids("next")[0]) {
		t.Error("a key is not published")
	}
	s.refused(s.call("GET", "/keys/signing/nonsense", nil), 404, "", "The signing key does not exist")
	s.refused(s.call("PUT", "/keys/signing/nonsense/revoke", nil), 404, "", "The signing key does not exist")
	for _, kid := range []string{next[0], s.kids("next")[0]} {
		s.refused(s.call("PUT", "/keys/signing/"+kid+"/revoke", nil), 400, "", "Only a previously used signing key can be revoked: rotate the keys first.")
	}
}

// TestRevokedKeyEndsItsTokens: at the next request, also in a process that has the parsed key.
func TestRevokedKeyEndsItsTokens(t *testing.T) {
	s := open(t)
	former, old := s.kids("current")[0], s.token
	node := keys.Open(s.DB)
	if _, _, err := node.Verify(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	s.want(201, "POST", "/keys/signing/rotate", nil)
	s.token = s.tokenFor(s.admin, s.Issuer+"api/v2/")
	if a := s.as(old, "GET", "/keys/signing", nil); a.status != 200 {
		t.Errorf("a token that is out: %d %s", a.status, a.text)
	}
	revoked := s.want(200, "PUT", "/keys/signing/"+former+"/revoke", nil)
	if revoked.at("revoked") != true || revoked.at("previous") != false || revoked.at("revoked_at") == nil {
		t.Errorf("revoke answers %s", revoked.text)
	}
	if a := s.as(old, "GET", "/keys/signing", nil); a.status != 401 {
		t.Errorf("a token of a revoked key: %d %s", a.status, a.text)
	}
	if _, _, err := node.Verify(t.Context(), old); err == nil {
		t.Error("another node takes a token of a revoked key")
	}
	if s.published(former) {
		t.Error("the key set has a revoked key")
	}
	if again := s.want(200, "PUT", "/keys/signing/"+former+"/revoke", nil); again.at("revoked_at") != revoked.at("revoked_at") {
		t.Errorf("revoked again: %s", again.text)
	}
	k, err := s.DB.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range k {
		if k.Kid == former && len(k.PrivateKey) > 0 {
			t.Error("the private key is kept")
		}
	}
}

// TestRotateTogether: rotations that meet leave one current and one next key, and none fails.
func TestRotateTogether(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if a := s.call("POST", "/keys/signing/rotate", nil); a.status != 201 {
				t.Errorf("rotate: %d %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	if len(s.kids("current")) != 1 || len(s.kids("next")) != 1 || len(s.kids("previous")) != 4 {
		t.Errorf("after four: %s", s.want(200, "GET", "/keys/signing", nil).text)
	}
	rotations := 0
	for _, e := range s.EventRecords() {
		if e.Type == "sapi" && e.Description == "Rotate the signing keys" {
			rotations++
		}
	}
	if rotations != 4 {
		t.Errorf("%d events", rotations)
	}
}

func TestEncryptionKeys(t *testing.T) {
	s := open(t)
	all := s.want(200, "GET", "/keys/encryption?include_totals=true&page=0&per_page=50", nil)
	kids, parents := map[any]any{}, map[any]any{}
	for _, v := range items(all) {
		k := v.(map[string]any)
		kids[k["type"]], parents[k["type"]] = k["kid"], k["parent_kid"]
		one := s.want(200, "GET", "/keys/encryption/"+k["kid"].(string), nil)
		if !reflect.DeepEqual(one.body, v) || k["state"] != "active" {
			t.Errorf("%s, listed as %v", one.text, v)
		}
	}
	if all.at("total") != 2.0 || parents["environment-root-key"] != nil || parents["tenant-master-key"] != kids["environment-root-key"] {
		t.Errorf("%s", all.text)
	}
	s.refused(s.call("GET", "/keys/encryption/"+"7c4b2d1e-0000-0000-0000-000000000000", nil), 404, "", "The encryption key does not exist")
	for method, path := range map[string]string{"POST": "/keys/encryption", "DELETE": "/keys/encryption/" + kids["tenant-master-key"].(string)} {
		if a := s.call(method, path, `{"type":"customer-provided-root-key"}`); a.status != 403 || a.at("errorCode") != "insufficient_scope" {
			t.Errorf("%s %s: %d %s", method, path, a.status, a.text)
		}
	}
}
