package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// signInOnce runs the flow with a browser that follows every redirect.
func signInOnce(t *testing.T, p *testIssuer, change func(*signIn)) (result *signedIn, printed, page string, err error) {
	t.Helper()
	var out strings.Builder
	pages := make(chan string, 1)
	var opened atomic.Bool
	s := &signIn{
		loginOptions: loginOptions{issuer: p.issuer(), clientID: "app", scope: "openid profile offline_access", timeout: 10 * time.Second},
		in:           strings.NewReader(""),
		steps:        newSteps(&out, false),
		open: func(target string) error {
			opened.Store(true)
			go func() {
				page, err := browse(target)
				if err != nil {
					page = err.Error()
				}
				pages <- page
			}()
			return nil
		},
	}
	if change != nil {
		change(s)
	}
	result, err = s.run(t.Context())
	if err != nil {
		err = explained(err)
	}
	if opened.Load() {
		page = <-pages
	}
	return result, out.String(), page, err
}

func TestLogin(t *testing.T) {
	p := newTestIssuer(t)
	result, printed, page, err := signInOnce(t, p, func(s *signIn) {
		s.audience, s.prompt, s.loginHint = "https://api.example.com/", "login", "jsmith@example.com"
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "app", "code_challenge_method": "S256", "scope": "openid profile offline_access",
		"audience": "https://api.example.com/", "prompt": "login", "login_hint": "jsmith@example.com", "redirect_uri": result.RedirectURI,
	} {
		if got := p.asked.Get(name); got != want {
			t.Errorf("authorization request: %s = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"client_secret", "client_assertion"} {
		if p.exchanged.Has(name) {
			t.Errorf("the exchange of a public client has %s", name)
		}
	}
	if p.exchanged.Get("client_id") != "app" || p.exchanged.Get("redirect_uri") != result.RedirectURI || len(p.exchanged.Get("code_verifier")) < 43 {
		t.Errorf("exchange: %v", p.exchanged)
	}
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/callback$`).MatchString(result.RedirectURI) {
		t.Errorf("redirect_uri = %s", result.RedirectURI)
	}
	if !result.Refreshed || !result.RefreshMoved || result.ExpiresIn != 86400 || result.Scope != "openid profile" || result.Tokens != nil {
		t.Errorf("result: %+v", result)
	}
	for _, want := range []string{"1. Discovery", "2. Proof key", "3. Sign in", "4. Answer", "5. Exchange", "6. ID token", "7. Access token", "8. User info", "9. Refresh",
		"RS256, key k1", "at_hash", "who issued the token", "(in ", "86400 (24h0m0s)", `"John Smith"`} {
		if !strings.Contains(printed, want) {
			t.Errorf("the output does not say %q:\n%s", want, printed)
		}
	}
	for _, secret := range []string{"the-code-of-this-test", "refresh-token-of-", p.exchanged.Get("code_verifier"), "\x1b"} {
		if strings.Contains(printed, secret) {
			t.Errorf("the output has %q", secret)
		}
	}
	if !strings.Contains(page, "You can close this window") || !strings.Contains(page, "200 OK") {
		t.Errorf("the browser saw %s", page)
	}
}

func TestLoginToleratesTheSlashOnTheFlag(t *testing.T) {
	p := newTestIssuer(t)
	result, _, _, err := signInOnce(t, p, func(s *signIn) { s.issuer = p.URL })
	if err != nil || result.Issuer != p.URL+"/" {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestLoginRefuses(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*testIssuer) {
		return func(p *testIssuer) { p.claims = func(c map[string]any) { c[name] = value } }
	}
	answer := func(pairs ...string) func(*testIssuer) {
		return func(p *testIssuer) {
			p.answer = func(q url.Values) {
				for i := 0; i < len(pairs); i += 2 {
					q.Set(pairs[i], pairs[i+1])
				}
			}
		}
	}
	refuse := func(grant string, status int, body map[string]any) func(*testIssuer) {
		return func(p *testIssuer) {
			p.refuse = func(asked string) (int, map[string]any) {
				if asked == grant {
					return status, body
				}
				return 0, nil
			}
		}
	}
	for _, test := range []struct {
		name string
		bend func(*testIssuer)
		want string
	}{
		{"another issuer", func(p *testIssuer) { p.discovery = func(d map[string]any) { d["issuer"] = "https://evil.example/" } },
			`discovery: the server calls itself "https://evil.example/"`},
		{"an endpoint that is no web address", func(p *testIssuer) {
			p.discovery = func(d map[string]any) { d["authorization_endpoint"] = "file:///bin/sh" }
		}, `discovery: authorization_endpoint "file:///bin/sh" is not a web address`},
		{"a refusal", answer("error", "access_denied", "error_description", "User did\x1b[2J not authorize"),
			"authorization endpoint: access_denied: User did[2J not authorize. Hint: "},
		{"another issuer in the answer", answer("iss", "https://evil.example/"), `the answer comes from issuer "https://evil.example/"`},
		{"no issuer in the answer, though promised", func(p *testIssuer) {
			p.discovery = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }
		}, `the answer comes from issuer ""`},
		{"code twice", func(p *testIssuer) { p.answer = func(q url.Values) { q.Add("code", "another") } }, "the answer has code twice"},
		{"neither code nor error", answer("code", ""), "the answer has neither code nor error"},
		{"the exchange refused", refuse("authorization_code", 403, map[string]any{"error": "invalid_grant", "error_description": "Invalid authorization code"}),
			"token endpoint: invalid_grant: Invalid authorization code (HTTP 403). Hint: "},
		{"the refresh refused", refuse("refresh_token", 403, map[string]any{"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}),
			"token endpoint: invalid_grant: Unknown or invalid refresh token. (HTTP 403)"},
		{"wrong nonce", claim("nonce", "another"), "ID token: the nonce is not the one that was sent"},
		{"wrong audience", claim("aud", "another"), "ID token: oidc: expected audience"},
		{"wrong issuer", claim("iss", "https://evil.example/"), "ID token: oidc: id token issued by a different provider"},
		{"expired", claim("exp", time.Now().Add(-time.Hour).Unix()), "ID token: oidc: token is expired"},
		{"wrong at_hash", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "ID token: at_hash: "},
		{"signed by another key", func(p *testIssuer) { p.signKey = other }, "ID token: failed to verify signature"},
		{"no ID token", func(p *testIssuer) { p.tokens = func(b map[string]any) { delete(b, "id_token") } }, "the answer has no id_token; is openid among the scopes?"},
		{"userinfo of another user", func(p *testIssuer) { p.userInfo = func(c map[string]any) { c["sub"] = "user|2" } }, "userinfo endpoint: sub is not that of the ID token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newTestIssuer(t)
			test.bend(p)
			_, _, _, err := signInOnce(t, p, func(s *signIn) {
				if strings.HasPrefix(test.want, "discovery") {
					s.open = func(string) error { t.Error("the browser was opened"); return nil }
				}
			})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s...", err, test.want)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("the error is not one line: %q", err)
			}
		})
	}
}

// A page that knows the port but not the state can neither give the terminal a code nor end its wait.
func TestForeignAnswerDoesNotEndTheWait(t *testing.T) {
	p := newTestIssuer(t)
	foreign := make(chan int, 1)
	_, printed, _, err := signInOnce(t, p, func(s *signIn) {
		open := s.open
		s.open = func(target string) error {
			u, err := url.Parse(target)
			if err != nil {
				return err
			}
			go func() {
				res, err := http.Get(u.Query().Get("redirect_uri") + "?code=stolen&state=guessed")
				if err != nil {
					foreign <- 0
					return
				}
				res.Body.Close()
				foreign <- res.StatusCode
				_ = open(target)
			}()
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if status := <-foreign; status != http.StatusBadRequest {
		t.Errorf("the foreign answer got %d", status)
	}
	if !strings.Contains(printed, "An answer with another state was refused.") || p.exchanged.Get("code") != "the-code-of-this-test" {
		t.Errorf("exchanged %v", p.exchanged)
	}
}

func TestNoAnswer(t *testing.T) {
	p := newTestIssuer(t)
	_, _, _, err := signInOnce(t, p, func(s *signIn) {
		s.timeout = 30 * time.Millisecond
		s.open = func(string) error { return errNoBrowser }
	})
	if err == nil || err.Error() != "no answer from the browser within 30ms" {
		t.Errorf("got %v", err)
	}
}

func TestLoginWithoutRefreshToken(t *testing.T) {
	p := newTestIssuer(t)
	p.tokens = func(b map[string]any) { delete(b, "refresh_token"); b["access_token"] = "opaque" }
	p.claims = func(c map[string]any) { delete(c, "at_hash") }
	result, printed, _, err := signInOnce(t, p, nil)
	if err != nil || result.Refreshed || result.AccessToken != nil || !strings.Contains(printed, "no refresh token") || !strings.Contains(printed, "opaque") {
		t.Errorf("got %+v, %v\n%s", result, err, printed)
	}
}

// The whole command with a custom scheme: the person pastes the URL that the browser ended on.
func TestLoginByPasting(t *testing.T) {
	for _, test := range []struct {
		name   string
		paste  func(landed string) string
		code   int
		stderr string
	}{
		{"the landing URL", func(s string) string { return s }, 0, ""},
		{"another URL", func(string) string { return "https://evil.example/?code=x" }, 1, "that URL does not start with com.myclientapp://myclientapp.com/callback"},
		{"another state", func(s string) string { return strings.Replace(s, "state=", "state=x", 1) }, 1, "the answer is not to this sign-in"},
		{"nothing", func(string) string { return "" }, 1, "that URL does not start with"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newTestIssuer(t)
			stdinReader, stdin := io.Pipe()
			stderrReader, stderr := io.Pipe()
			var stdout strings.Builder
			done := make(chan int, 1)
			go func() {
				done <- run(t.Context(), []string{"login", "--issuer", p.URL, "--client-id", "app", "--json", "--no-browser", "--show-tokens",
					"--redirect-uri", "com.myclientapp://myclientapp.com/callback"}, stdinReader, &stdout, stderr)
				stderr.Close()
			}()
			var printed strings.Builder
			buffer := make([]byte, 4096)
			answered := false
			for {
				n, err := stderrReader.Read(buffer)
				printed.Write(buffer[:n])
				if err != nil {
					break
				}
				if target := regexp.MustCompile(`http://\S+/authorize\?\S+`).FindString(printed.String()); target != "" && !answered && strings.Contains(printed.String(), "press Enter") {
					answered = true
					go func() { _, _ = io.WriteString(stdin, test.paste(landing(t, target))+"\n") }()
				}
			}
			if code := <-done; code != test.code {
				t.Fatalf("exit code %d, want %d:\n%s", code, test.code, printed.String())
			}
			if !strings.Contains(printed.String(), test.stderr) {
				t.Errorf("stderr does not say %q:\n%s", test.stderr, printed.String())
			}
			if test.code != 0 {
				return
			}
			var result signedIn
			if err := json.Unmarshal([]byte(stdout.String()), &result); err != nil {
				t.Fatalf("%v: %s", err, stdout.String())
			}
			if result.RedirectURI != "com.myclientapp://myclientapp.com/callback" || result.Tokens == nil || result.Tokens.Refresh != "refresh-token-of-refresh_token" {
				t.Errorf("result: %s", stdout.String())
			}
		})
	}
}

// landing is where the browser is sent.
func landing(t *testing.T, target string) string {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(target)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	return res.Header.Get("Location")
}

func TestCallback(t *testing.T) {
	for _, test := range []struct{ uri, want string }{
		{"", `^http://127\.0\.0\.1:\d+/callback$`},
		{"http://127.0.0.1/cb", `^http://127\.0\.0\.1:\d+/cb$`},
		{"http://[::1]/cb", `^http://\[::1\]:\d+/cb$`},
		{"com.example:/cb", `^com\.example:/cb$`},
		{"https://login.example.com/mobile", `^https://login\.example\.com/mobile$`},
		{"callback", ""},
		{"http://127.0.0.1/cb#f", ""},
	} {
		cb, err := newCallback(context.Background(), test.uri)
		if (err != nil) != (test.want == "") {
			t.Errorf("%q: %v", test.uri, err)
			continue
		}
		if err != nil {
			continue
		}
		if !regexp.MustCompile(test.want).MatchString(cb.uri) {
			t.Errorf("%q became %q", test.uri, cb.uri)
		}
		cb.close()
	}
}
