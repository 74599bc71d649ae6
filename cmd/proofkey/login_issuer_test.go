package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// testIssuer is an OpenID provider of its own, so that the command is not tested against the server it ships with only.
// Its hooks bend one thing each.
type testIssuer struct {
	*httptest.Server
	key, signKey *rsa.PrivateKey
	asked        url.Values // the last authorization request
	exchanged    url.Values // the last authorization_code request
	answers      int

	discovery func(map[string]any)
	answer    func(url.Values) // the query that goes back to the application
	claims    func(map[string]any)
	tokens    func(map[string]any)
	refuse    func(grant string) (status int, body map[string]any)
	userInfo  func(map[string]any)
}

func newTestIssuer(t *testing.T) *testIssuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(map[string]any) {}
	p := &testIssuer{
		key: key, signKey: key, discovery: keep, claims: keep, tokens: keep, userInfo: keep,
		answer: func(url.Values) {},
		refuse: func(string) (int, map[string]any) { return 0, nil },
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.serveDiscovery)
	mux.HandleFunc("GET /keys", p.serveKeys)
	mux.HandleFunc("GET /authorize", p.serveAuthorize)
	mux.HandleFunc("POST /token", p.serveToken)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		info := map[string]any{"sub": "user|1", "name": "John Smith"}
		p.userInfo(info)
		answerJSON(w, http.StatusOK, info)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (p *testIssuer) issuer() string { return p.URL + "/" }

func (p *testIssuer) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	doc := map[string]any{
		"issuer": p.issuer(), "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"userinfo_endpoint": p.URL + "/userinfo", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	}
	p.discovery(doc)
	answerJSON(w, http.StatusOK, doc)
}

func (p *testIssuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
}

func (p *testIssuer) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	p.asked = r.URL.Query()
	back := url.Values{"code": {"the-code-of-this-test"}, "state": {p.asked.Get("state")}}
	p.answer(back)
	p.answers++
	// Not http.Redirect, which would clean a custom scheme's path.
	w.Header().Set("Location", p.asked.Get("redirect_uri")+"?"+back.Encode())
	w.WriteHeader(http.StatusFound)
}

func (p *testIssuer) serveToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	grant := r.PostForm.Get("grant_type")
	if status, body := p.refuse(grant); status != 0 {
		answerJSON(w, status, body)
		return
	}
	if grant == "authorization_code" {
		p.exchanged = r.PostForm
		challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(challenge[:]) != p.asked.Get("code_challenge") {
			answerJSON(w, http.StatusForbidden, map[string]any{"error": "invalid_grant", "error_description": "Failed to verify code verifier"})
			return
		}
	}
	access := p.sign(map[string]any{"iss": p.issuer(), "sub": "user|1", "aud": "https://api.example.com/", "scope": "read:messages"})
	half := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": p.issuer(), "sub": "user|1", "aud": p.asked.Get("client_id"), "email": "jsmith@example.com\x1b[2J",
		"exp": time.Now().Add(10 * time.Hour).Unix(), "iat": time.Now().Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
	}
	if grant == "authorization_code" {
		claims["nonce"] = p.asked.Get("nonce")
	}
	p.claims(claims)
	body := map[string]any{
		"access_token": access, "id_token": p.sign(claims), "refresh_token": "refresh-token-of-" + grant,
		"token_type": "Bearer", "expires_in": 86400, "scope": "openid profile",
	}
	p.tokens(body)
	answerJSON(w, http.StatusOK, body)
}

func (p *testIssuer) sign(claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.signKey, KeyID: "k1"}}, nil)
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := object.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// browse follows redirects to the end, as a browser does, and returns the last page.
func browse(target string) (string, error) {
	res, err := http.Get(target)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var b strings.Builder
	err = res.Write(&b)
	return b.String(), err
}
