package api_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// assertion signs claims as an application would, with a header of its own choice.
func assertion(t *testing.T, key *rsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	input := part(header) + "." + part(claims)
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if header["alg"] == "HS256" {
		mac := hmac.New(sha256.New, []byte(publicPEM(t)))
		mac.Write([]byte(input))
		signature = mac.Sum(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// An application with a registered key gets its tokens by an assertion (RFC 7523), once each.
func TestPrivateKeyJWT(t *testing.T) {
	s := open(t)
	key, other := idptest.TestKeys()[0], idptest.TestKeys()[1]
	id := s.want(201, "POST", "/clients", map[string]any{
		"name": "A", "app_type": "non_interactive", "client_authentication_methods": map[string]any{"private_key_jwt": map[string]any{
			"credentials": []any{map[string]any{"credential_type": "public_key", "pem": publicPEM(t)}}}},
	}).at("client_id").(string)
	s.want(201, "POST", "/client-grants", map[string]any{"client_id": id, "audience": s.Issuer + "api/v2/", "scope": []string{"read:clients"}})
	claims := func(change ...any) map[string]any {
		now := s.Clock.Now()
		c := map[string]any{"iss": id, "sub": id, "aud": s.Issuer, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": store.RandomID(20)}
		for i := 0; i+1 < len(change); i += 2 {
			c[change[i].(string)] = change[i+1]
			if change[i+1] == nil {
				delete(c, change[i].(string))
			}
		}
		return c
	}
	rs256 := map[string]any{"alg": "RS256", "typ": "JWT"}
	send := func(token string, more ...string) idptest.Answer {
		return s.PostForm("/oauth/token", append([]string{"grant_type", "client_credentials", "audience", s.Issuer + "api/v2/",
			"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", token}, more...)...)
	}
	minutes := func(n int) int64 { return s.Clock.Now().Add(time.Duration(n) * time.Minute).Unix() }

	if a := send(assertion(t, key, rs256, claims())); a.Status != 200 || s.as(a.Text("access_token"), "GET", "/clients", nil).status != 200 {
		t.Fatalf("a good assertion: %d %s", a.Status, a.Body)
	}
	if a := send(assertion(t, key, rs256, claims("aud", []string{"https://elsewhere.example.com/", s.Issuer})), "client_id", id); a.Status != 200 {
		t.Errorf("with a client_id and a list of audiences: %d %s", a.Status, a.Body)
	}
	used := assertion(t, key, rs256, claims())
	send(used)
	for name, token := range map[string]string{
		"used before":      used,
		"expired":          assertion(t, key, rs256, claims("exp", minutes(-1))),
		"too long":         assertion(t, key, rs256, claims("exp", minutes(6))),
		"not yet":          assertion(t, key, rs256, claims("nbf", minutes(1))),
		"issued later":     assertion(t, key, rs256, claims("iat", minutes(1))),
		"without exp":      assertion(t, key, rs256, claims("exp", nil)),
		"without jti":      assertion(t, key, rs256, claims("jti", nil)),
		"long jti":         assertion(t, key, rs256, claims("jti", store.RandomID(65))),
		"another audience": assertion(t, key, rs256, claims("aud", s.Issuer+"oauth/token")),
		"another issuer":   assertion(t, key, rs256, claims("iss", "somebody")),
		"another key":      assertion(t, other, rs256, claims()),
		"another kid":      assertion(t, key, map[string]any{"alg": "RS256", "kid": "elsewhere"}, claims()),
		"RS512":            assertion(t, key, map[string]any{"alg": "RS512"}, claims()),
		"HMAC by the key":  assertion(t, key, map[string]any{"alg": "HS256"}, claims()),
		"unsigned":         assertion(t, key, map[string]any{"alg": "none"}, claims()),
	} {
		if a := send(token, "client_id", id); a.Status != 401 || a.Text("error") != "invalid_client" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := send(assertion(t, key, rs256, claims("sub", s.admin.ID, "iss", s.admin.ID))); a.Status != 401 {
		t.Errorf("for an application that has a secret: %d %s", a.Status, a.Body)
	}

	once := assertion(t, key, rs256, claims())
	var wins sync.Map
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if send(once).Status == http.StatusOK {
				wins.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	wins.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("one assertion was taken %d times", n)
	}

	credential := s.want(200, "GET", "/clients/"+id+"/credentials", nil).list()[0].(map[string]any)["id"].(string)
	s.want(200, "PATCH", "/clients/"+id+"/credentials/"+credential, map[string]any{"expires_at": s.Clock.Now().Add(time.Hour).Format(time.RFC3339)})
	s.Clock.Advance(2 * time.Hour)
	if a := send(assertion(t, key, rs256, claims())); a.Status != 401 {
		t.Errorf("a key that has expired: %d %s", a.Status, a.Body)
	}
}
