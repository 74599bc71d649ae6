package attack

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// codeCases are about the exchange of a code: the whole table of what may be wrong with it.
func codeCases() []attempt {
	refused := func(name, source string, changes ...string) attempt {
		return attempt{"code", name, source, func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			return r.refusesExchange(code, changes...)
		}}
	}
	return []attempt{
		refused("with another redirect_uri", "RFC 6749 section 4.1.3", "redirect_uri", "https://attacker.example/"),
		refused("without its redirect_uri", "RFC 6749 section 4.1.3", "redirect_uri", ""),
		refused("without its verifier", "RFC 7636 section 4.6", "code_verifier", ""),
		refused("with the verifier of another", "RFC 7636 section 4.6", "code_verifier", "another-verifier-another-verifier-another-verifier"),
		refused("with the challenge as verifier", "RFC 7636 section 4.6", "code_verifier", challengeOf(verifier)),
		refused("with a verifier that is too long", "RFC 7636 section 4.1", "code_verifier", fmt.Sprintf("%0200d", 1)),
		refused("by an unknown application", "RFC 6749 section 4.1.3", "client_id", "nobody"),
		refused("as another grant type", "RFC 6749 section 4.1.3", "grant_type", "refresh_token"),
		{"code", "of another application", "CVE-2023-2422", func(r *run) error {
			if err := r.needs(r.Web, false); err != nil {
				return err
			}
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			a, err := r.exchange(r.Web, code, "redirect_uri", r.Native.RedirectURI)
			return r.refusal(a, err)
		}},
		{"code", "used a second time", "RFC 6749 section 4.1.2", func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			first, err := r.exchange(r.Native, code)
			if err != nil || first.status != http.StatusOK {
				return fmt.Errorf("the code could not be exchanged: %d %.200s %w", first.status, first.body, err)
			}
			return r.refusesExchange(code)
		}},
		{"code", "used by eight at once", "CVE-2024-52289", func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			if n := r.atOnce(8, func() (answer, error) { return r.exchange(r.Native, code) }); n > 1 {
				return works("%d of 8 exchanges succeeded", n)
			}
			return nil
		}},
		{"code", "changed at each place", "RFC 6749 section 10.10", func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			for _, changed := range spoiled(code) {
				if err := r.refusesExchange(changed); err != nil {
					return err
				}
			}
			return nil
		}},
		{"code", "with a parameter sent twice", "RFC 6749 section 3.2", func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			a, err := r.form(r.meta.Token, "grant_type", "authorization_code", "client_id", r.Native.ID, "code", code, "code", code,
				"redirect_uri", r.Native.RedirectURI, "code_verifier", verifier)
			return r.refusal(a, err)
		}},
		{"code", "from the URL of the token endpoint", "RFC 6749 section 2.3.1", func(r *run) error {
			code, err := r.code(r.Native)
			if err != nil {
				return err
			}
			a, err := r.form(r.meta.Token + "?" + encode([]string{"grant_type", "authorization_code", "client_id", r.Native.ID, "code", code,
				"redirect_uri", r.Native.RedirectURI, "code_verifier", verifier}))
			return r.refusal(a, err)
		}},
		{"client authentication", "a wrong secret", "RFC 6749 section 2.3.1", func(r *run) error { return r.asWeb("client_secret", "wrong") }},
		{"client authentication", "no secret", "RFC 6749 section 2.3.1", func(r *run) error { return r.asWeb("client_secret", "") }},
		{"client authentication", "a secret of one letter less", "RFC 6749 section 2.3.1", func(r *run) error {
			if r.Web.Secret == "" {
				return absent("the target was given without an application that has a secret")
			}
			return r.asWeb("client_secret", r.Web.Secret[:len(r.Web.Secret)-1])
		}},
	}
}

// asWeb asks for a token of the application with a secret.
func (r *run) asWeb(changes ...string) error {
	if err := r.needs(r.Web, false); err != nil {
		return err
	}
	a, err := r.form(r.meta.Token, change([]string{"grant_type", "client_credentials", "client_id", r.Web.ID, "client_secret", r.Web.Secret}, changes)...)
	return r.refusal(a, err)
}

// refusesExchange fails where an exchange succeeds.
func (r *run) refusesExchange(code string, changes ...string) error {
	a, err := r.exchange(r.Native, code, changes...)
	return r.refusal(a, err)
}

// refusal fails where the answer has a token, or is no answer that a client can read.
func (r *run) refusal(a answer, err error) error {
	switch {
	case err != nil:
		return err
	case a.text("access_token") != "":
		return works("a token was issued")
	case a.status < 400 || a.status > 499:
		return works("the answer is %d: %.200s", a.status, a.body)
	case a.text("error") == "":
		return works("the refusal is no JSON with error: %d %.200s", a.status, a.body)
	}
	return nil
}

// atOnce sends a request many times side by side and counts the answers with tokens.
func (r *run) atOnce(n int, send func() (answer, error)) int {
	var mu sync.Mutex
	var all sync.WaitGroup
	won := 0
	for range n {
		all.Go(func() {
			a, err := send()
			if err == nil && a.text("access_token") != "" {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return won
}

// spoiled are a secret with a letter changed at several places, cut and lengthened.
func spoiled(secret string) []string {
	out := []string{secret[:len(secret)-1], secret[1:], secret + "A", secret + ".", secret + "\x00"}
	for i := 0; i < len(secret); i += max(1, len(secret)/12) {
		b := []byte(secret)
		if b[i]++; secret[i] == 'z' || secret[i] == 'Z' || secret[i] == '9' {
			b[i] = 'A'
		}
		if string(b) != secret {
			out = append(out, string(b))
		}
	}
	return slices.Compact(out)
}
