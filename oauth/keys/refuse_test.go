package keys_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/proofkey/proofkey/oauth/keys"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// rs256 signs any header and payload with a key, as a careless or hostile party would.
func rs256(t testing.TB, key *rsa.PrivateKey, header, payload string) string {
	t.Helper()
	input := b64(header) + "." + b64(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(string(signature))
}

func TestVerifyRefuses(t *testing.T) {
	r := ring(t)
	current, stranger := readyKeys()[0], readyKeys()[1]
	good := sign(t, r, keys.RS256)
	part := strings.Split(good, ".")
	id := kid(good)
	es := sign(t, r, keys.ES256)
	head := func(more string) string { return `{"alg":"RS256","typ":"JWT","kid":"` + id + `"` + more + `}` }
	hs256 := func(secret []byte) string {
		input := b64(`{"alg":"HS256","typ":"JWT","kid":"`+id+`"}`) + "." + part[1]
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return input + "." + b64(string(mac.Sum(nil)))
	}
	der, err := x509.MarshalPKIXPublicKey(&current.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	opaque, err := r.SealOpaque("https://a/", content{"auth0|1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Verify(t.Context(), rs256(t, current, head(""), `{"sub":"a"}`)); err != nil {
		t.Fatalf("the forger's tool cannot make a good token, so its bad ones prove nothing: %v", err)
	}
	for name, token := range map[string]string{
		"empty":                          "",
		"one part":                       part[0],
		"two parts":                      part[0] + "." + part[1],
		"a dot more":                     good + ".",
		"a dot before":                   "." + good,
		"four parts":                     good + "." + part[2],
		"only dots":                      "..",
		"no signature":                   part[0] + "." + part[1] + ".",
		"another payload":                part[0] + "." + b64(`{"sub":"auth0|2"}`) + "." + part[2],
		"a bit of the signature changed": good[:len(good)-9] + flip(good[len(good)-9]) + good[len(good)-8:],
		"spare bits in the last letter":  good[:len(good)-1] + string(good[len(good)-1]+1),
		"padding":                        part[0] + "=." + part[1] + "." + part[2],
		"a line break":                   part[0] + "." + part[1] + ".\n" + part[2],
		"a space":                        " " + good,
		"standard alphabet":              part[0] + "." + part[1] + ".+/" + part[2][2:],
		"too long":                       part[0] + "." + strings.Repeat("A", 16<<10) + "." + part[2],
		"opaque":                         opaque,
		"unknown kid":                    rs256(t, stranger, `{"alg":"RS256","typ":"JWT","kid":"unknown"}`, "{}"),
		"no kid":                         rs256(t, current, `{"alg":"RS256","typ":"JWT"}`, "{}"),
		"kid of another JSON type":       rs256(t, current, `{"alg":"RS256","typ":"JWT","kid":["`+id+`"]}`, "{}"),
		"null kid":                       rs256(t, current, `{"alg":"RS256","typ":"JWT","kid":null}`, "{}"),
		"no typ":                         rs256(t, current, `{"alg":"RS256","kid":"`+id+`"}`, "{}"),
		"kid of a key that did not sign": rs256(t, stranger, head(""), "{}"),
		"kid of an ES256 key":            rs256(t, current, `{"alg":"RS256","typ":"JWT","kid":"`+kid(es)+`"}`, "{}"),
		"alg of another key type":        rs256(t, current, `{"alg":"ES256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"RS512":                          rs256(t, current, `{"alg":"RS512","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"PS256":                          rs256(t, current, `{"alg":"PS256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"alg in lower case":              rs256(t, current, `{"alg":"rs256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"alg none":                       b64(`{"alg":"none","typ":"JWT","kid":"`+id+`"}`) + "." + part[1] + ".",
		"alg None with a signature":      b64(`{"alg":"None","typ":"JWT","kid":"`+id+`"}`) + "." + part[1] + "." + part[2],
		"HS256 with the public key":      hs256(der),
		"HS256 with the public key PEM":  hs256(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 with nothing":             hs256(nil),
		"crit":                           rs256(t, current, head(`,"crit":["exp"],"exp":1`), "{}"),
		"empty crit":                     rs256(t, current, head(`,"crit":[]`), "{}"),
		"b64":                            rs256(t, current, head(`,"b64":false,"crit":["b64"]`), "{}"),
		"b64 true":                       rs256(t, current, head(`,"b64":true`), "{}"),
		"a key brought along":            rs256(t, current, head(`,"jwk":{"kty":"oct","k":"AA"}`), "{}"),
		"jku":                            rs256(t, current, head(`,"jku":"https://evil.example/"`), "{}"),
		"alg twice":                      rs256(t, current, `{"alg":"none","alg":"RS256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"alg twice by an escape":         rs256(t, current, `{"\u0061lg":"none","alg":"RS256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"alg in another case too":        rs256(t, current, `{"ALG":"none","alg":"RS256","typ":"JWT","kid":"`+id+`"}`, "{}"),
		"a header behind the header":     rs256(t, current, head("")+`{}`, "{}"),
		"a header that is a list":        rs256(t, current, `["`+id+`"]`, "{}"),
		"a header that ends early":       rs256(t, current, strings.TrimSuffix(head(""), "}"), "{}"),
		"a claim twice":                  rs256(t, current, head(""), `{"sub":"a","sub":"b"}`),
		"claims that are no object":      rs256(t, current, head(""), `"sub"`),
		"claims that are nothing":        rs256(t, current, head(""), ``),
	} {
		t.Run(name, func(t *testing.T) {
			typ, claims, err := r.Verify(t.Context(), token)
			if !errors.Is(err, keys.ErrInvalid) {
				t.Errorf("got %s %s, %v; want ErrInvalid", typ, claims, err)
			}
		})
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestOpaque(t *testing.T) {
	r := ring(t)
	token, err := r.SealOpaque("https://tenant.example/", content{"auth0|1"})
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(token, ".")
	header, _ := base64.RawURLEncoding.DecodeString(part[0])
	if want := `{"alg":"dir","enc":"A256GCM","iss":"https://tenant.example/"}`; string(header) != want || len(part) != 5 || part[1] != "" {
		t.Errorf("%d parts, header %s, key part %q; want 5 with %s and no key", len(part), header, part[1], want)
	}
	var got content
	if err := r.OpenOpaque(token, &got); err != nil || got.Sub != "auth0|1" {
		t.Errorf("opened as %+v, %v", got, err)
	}
	if strings.Contains(token, b64("auth0|1")[:8]) {
		t.Error("the content can be read")
	}
	foreign, err := ring(t).SealOpaque("https://tenant.example/", content{"auth0|1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":                "",
		"a signed token":       sign(t, r, keys.RS256),
		"of another tenant":    foreign,
		"another issuer":       b64(`{"alg":"dir","enc":"A256GCM","iss":"https://other.example/"}`) + token[len(part[0]):],
		"another encryption":   b64(`{"alg":"dir","enc":"A128GCM","iss":"https://tenant.example/"}`) + token[len(part[0]):],
		"a changed ciphertext": strings.Join([]string{part[0], part[1], part[2], flip(part[3][0]) + part[3][1:], part[4]}, "."),
		"a truncated tag":      token[:len(token)-2],
		"too long":             token + strings.Repeat("A", 16<<10),
	} {
		if err := r.OpenOpaque(bad, &content{}); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	r := ring(f)
	good := sign(f, r, keys.RS256)
	f.Add(good)
	f.Add(b64(`{"alg":"none"}`) + "..")
	f.Add(b64(`{"alg":"RS256","alg":"none","kid":"a","typ":"JWT","crit":["b64"]}`) + ".e30.AA")
	f.Fuzz(func(t *testing.T, token string) {
		if _, _, err := r.Verify(t.Context(), token); token != good && !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("a token that nobody signed: %v", err)
		}
		if err := r.OpenOpaque(token, &content{}); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("opened: %v", err)
		}
	})
}

// FuzzVerifyAssertion: no bytes but those that the application signed are its assertion.
func FuzzVerifyAssertion(f *testing.F) {
	key := readyKeys()[0]
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := signer.Sign([]byte(`{"iss":"app","sub":"app"}`))
	if err != nil {
		f.Fatal(err)
	}
	good, err := signed.CompactSerialize()
	if err != nil {
		f.Fatal(err)
	}
	among := []keys.PublicKey{{Kid: "a", Alg: "RS256", Key: key.Public()}, {Kid: "b", Alg: "PS256", Key: key.Public()}}
	f.Add(good)
	f.Add(good + ".")
	f.Add(b64(`{"alg":"none"}`) + ".e30.")
	f.Add(b64(`{"alg":"HS256","kid":"a"}`) + ".e30.AA")
	f.Add(b64(`{"alg":"RS256","jwk":{"kty":"RSA","n":"AQ","e":"AQAB"},"crit":["b64"],"b64":false}`) + ".e30.AA")
	f.Add(`{"payload":"e30","signatures":[]}`)
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := keys.VerifyAssertion(token, among); token != good && !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("an assertion that nobody signed: %v", err)
		}
	})
}
