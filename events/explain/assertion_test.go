package explain_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// assert sends an assertion of the web application, which has a registered key, from a machine whose clock is off.
func (s *site) assert(off time.Duration, audience string) {
	key := idptest.TestKeys()[0]
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	err = s.DB.Write(s.t.Context(), func(tx *store.Tx) error {
		return tx.CreateDocument(s.t.Context(), &store.Document{Kind: store.ClientCredential, ID: "cred_1", Parent: s.web.ID, Body: map[string]any{
			"alg": "RS256", "pem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		}})
	})
	if err != nil {
		panic(err)
	}
	s.web.Settings.TokenEndpointAuthMethod, s.web.Settings.AssertionKeys = oauth.AuthPrivateKeyJWT, []string{"cred_1"}
	s.SaveClient(s.web)
	enc := base64.RawURLEncoding.EncodeToString
	input := enc([]byte(`{"alg":"RS256"}`)) + "." + enc(fmt.Appendf(nil, `{"iss":%q,"sub":%[1]q,"aud":%q,"jti":"1","exp":%d}`,
		s.web.ID, audience, s.Clock.Now().Add(off+time.Minute).Unix()))
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	s.PostForm("/oauth/token", "grant_type", "client_credentials", "client_id", s.web.ID, "client_assertion", input+"."+enc(signature),
		"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
}
