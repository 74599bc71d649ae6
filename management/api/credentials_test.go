package api_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
)

func publicPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(idptest.TestKeys()[0].Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestCredentials(t *testing.T) {
	s := open(t)
	key := map[string]any{"credential_type": "public_key", "name": "K", "pem": publicPEM(t)}
	made := s.want(201, "POST", "/clients", map[string]any{
		"name": "A", "client_authentication_methods": map[string]any{"private_key_jwt": map[string]any{"credentials": []any{key}}},
	})
	id := made.at("client_id").(string)
	shown := made.at("client_authentication_methods.private_key_jwt.credentials").([]any)[0].(map[string]any)
	kid, _ := shown["kid"].(string)
	if len(kid) != 43 || shown["alg"] != "RS256" || shown["pem"] != nil || !strings.HasPrefix(shown["id"].(string), "cred_") || made.at("client_secret") != nil {
		t.Errorf("created with a key: %s", made.text)
	}
	read := s.want(200, "GET", "/clients/"+id, nil)
	if one := read.at("client_authentication_methods.private_key_jwt.credentials").([]any)[0].(map[string]any); len(one) != 1 || one["id"] != shown["id"] {
		t.Errorf("read back: %v", one)
	}
	row, err := s.DB.Client(t.Context(), id)
	if err != nil || row.Settings.TokenEndpointAuthMethod != "private_key_jwt" {
		t.Errorf("the secret still proves the application: %q, %v", row.Settings.TokenEndpointAuthMethod, err)
	}
	path := "/clients/" + id + "/credentials"
	second := s.want(201, "POST", path, key)
	if second.at("kid") != kid || len(s.want(200, "GET", path, nil).list()) != 2 {
		t.Errorf("the same key again: %s", second.text)
	}
	one := path + "/" + second.at("id").(string)
	if a := s.want(200, "PATCH", one, `{"expires_at":"2033-05-13T09:33:13Z"}`); a.at("expires_at") != "2033-05-13T09:33:13.000Z" {
		t.Errorf("the end: %s", a.text)
	}
	other := s.want(201, "POST", "/clients", `{"name":"B"}`).at("client_id").(string)
	if a := s.call("GET", "/clients/"+other+"/credentials/"+second.at("id").(string), nil); a.status != 404 {
		t.Errorf("another application's credential: %d %s", a.status, a.text)
	}
	for _, body := range []string{`{"credential_type":"public_key","pem":"x"}`, `{"credential_type":"x509_cert","pem":"x"}`, `{"credential_type":"cert_subject_dn"}`} {
		if a := s.call("POST", path, body); a.status != 400 {
			t.Errorf("%s: %d %s", body, a.status, a.text)
		}
	}
	s.want(204, "DELETE", one, nil)
	s.want(204, "DELETE", one, nil)
	s.refused(s.call("PATCH", "/clients/"+id, `{"token_endpoint_auth_method":"client_secret_post"}`), 400, "invalid_body",
		"Cannot set token_endpoint_auth_method while client_authentication_methods is set")
	if a := s.want(200, "PATCH", "/clients/"+id, `{"token_endpoint_auth_method":"client_secret_post","client_authentication_methods":null}`); a.at("client_secret") == nil {
		t.Errorf("back to the secret: %s", a.text)
	}
}

// A key that proves nothing, or whose check costs too much, is refused where it is registered, and no PEM is a fault of ours.
func TestBadKeys(t *testing.T) {
	s := open(t)
	id := s.want(201, "POST", "/clients", `{"name":"A"}`).at("client_id").(string)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	public := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return block("PUBLIC KEY", der)
	}
	modulus := func(bits uint) *big.Int { return new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1) }
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(idptest.TestKeys()[0])
	if err != nil {
		t.Fatal(err)
	}
	good := publicPEM(t)
	for name, text := range map[string]string{
		"nothing": "", "no PEM": "x", "an empty block": block("PUBLIC KEY", nil), "noise": block("PUBLIC KEY", []byte("\x30\x82\xff\xff\x00")),
		"a cut key": good[:len(good)/2], "a private key": block("PRIVATE KEY", private), "noise as a certificate": block("CERTIFICATE", []byte{0x30, 0x80}),
		"512 bits": public(&rsa.PublicKey{N: modulus(512), E: 65537}), "1024 bits": public(&rsa.PublicKey{N: modulus(1024), E: 65537}),
		"16384 bits": public(&rsa.PublicKey{N: modulus(16384), E: 65537}), "an elliptic curve": public(curve.Public()), "Ed25519": public(edwards),
		"NUL": "\x00", "a very long one": strings.Repeat("A", 100_000), "many blocks": strings.Repeat(block("X", nil), 2000),
	} {
		a := s.call("POST", "/clients/"+id+"/credentials", map[string]any{"credential_type": "public_key", "pem": text})
		if message, _ := a.at("message").(string); a.status != 400 || name != "NUL" && !strings.Contains(message, "pem") {
			t.Errorf("%s: %d %.300s", name, a.status, a.text)
		}
	}
	if left := s.want(200, "GET", "/clients/"+id+"/credentials", nil).list(); len(left) != 0 {
		t.Errorf("refused keys were kept: %v", left)
	}
}
