package attack

import (
	"net/http"
	"strings"
)

// authorizeCases are about the request itself.
func authorizeCases() (all []attempt) {
	for _, name := range []string{"client_id", "scope", "state", "response_type", "code_challenge", "nonce"} {
		all = append(all, attempt{"duplicate parameter", name + " at the authorization endpoint", "RFC 6749 section 3.1", func(r *run) error {
			if err := r.needs(r.Native, true); err != nil {
				return err
			}
			page, err := r.browser().open(r.authorizeURL(r.Native, "nonce", "n") + "&" + name + "=" + escape("another"))
			if err != nil {
				return err
			}
			if _, _, _, password, _ := formOf(page); password != "" || param(page.location, "code") != "" {
				return works("the request went on: %d", page.status)
			}
			return nil
		}})
	}
	return append(all,
		attempt{"PKCE", "left out by a public application", "CVE-2024-23647", func(r *run) error {
			return r.noCode(r.Native, "code_challenge", "", "code_challenge_method", "")
		}},
		attempt{"PKCE", "downgraded to plain", "CVE-2023-48228", func(r *run) error {
			return r.noCode(r.Native, "code_challenge", verifier, "code_challenge_method", "plain")
		}},
		attempt{"PKCE", "a challenge without its method", "RFC 7636 section 4.3", func(r *run) error {
			return r.noCode(r.Native, "code_challenge", verifier, "code_challenge_method", "")
		}},
		attempt{"PKCE", "an empty challenge", "CVE-2024-23647", func(r *run) error {
			if err := r.needs(r.Native, true); err != nil {
				return err
			}
			page, err := r.browser().open(r.authorizeURL(r.Native, "code_challenge", "", "code_challenge_method", "") + "&code_challenge=&code_challenge_method=S256")
			if err != nil {
				return err
			}
			if _, _, _, password, _ := formOf(page); password != "" {
				return works("the sign-in page is shown")
			}
			return nil
		}},
		attempt{"response", "a token in the front channel", "RFC 9700 section 2.1.2", func(r *run) error {
			return r.noToken("response_type", "token")
		}},
		attempt{"response", "an ID token and a token in the front channel", "RFC 9700 section 2.1.2", func(r *run) error {
			return r.noToken("response_type", "id_token token", "nonce", "n")
		}},
		attempt{"response", "a code in the fragment of another mode's page", "CVE-2023-6927", func(r *run) error {
			_, location, err := r.login(r.Native, "response_mode", "form_post.jwt")
			if err == nil && param(location, "code") != "" {
				return works("an unknown response_mode was answered: %.100s", location)
			}
			return err
		}},
		attempt{"issuer", "the answer names who sent it", "RFC 9207", func(r *run) error {
			if !r.meta.NamesIssuer {
				return absent("the provider does not say that its answers name it")
			}
			_, location, err := r.login(r.Native)
			if err == nil && param(location, "iss") != r.Issuer {
				return works("iss in the answer is %q", param(location, "iss"))
			}
			return err
		}},
		attempt{"issuer", "taken from the Host header", "CVE-2022-46175", func(r *run) error {
			a, err := r.send(http.MethodGet, r.Issuer+".well-known/openid-configuration", []string{"Host", "attacker.example"}, "")
			if err == nil && strings.Contains(a.body, "attacker.example") {
				return works("the discovery document says attacker.example")
			}
			return err
		}},
		attempt{"issuer", "taken from forwarded headers", "CVE-2020-1728", func(r *run) error {
			a, err := r.send(http.MethodGet, r.Issuer+".well-known/openid-configuration", []string{
				"X-Forwarded-Host", "attacker.example", "X-Forwarded-Proto", "gopher", "Forwarded", "host=attacker.example;proto=gopher",
				"X-Forwarded-Prefix", "/attacker.example", "X-Original-URL", "/attacker.example", "X-Forwarded-Server", "attacker.example",
			}, "")
			if err == nil && (strings.Contains(a.body, "attacker.example") || strings.Contains(a.body, "gopher")) {
				return works("the discovery document follows the headers")
			}
			return err
		}},
		attempt{"session", "fixed before the sign-in", "OWASP ASVS 7.2.4", (*run).fixation},
	)
}

// noCode asks and signs in as far as it goes; no code may come.
func (r *run) noCode(app App, changes ...string) error {
	_, location, err := r.login(app, changes...)
	if err == nil && param(location, "code") != "" {
		return works("a code was issued")
	}
	if _, is := err.(absent); is { //nolint:errorlint // made here, never wrapped
		return err
	}
	return nil
}

// noToken asks for tokens in the redirect.
func (r *run) noToken(changes ...string) error {
	_, location, err := r.login(r.Native, changes...)
	if strings.Contains(location, "access_token=") {
		return works("an access token is in the redirect")
	}
	if _, is := err.(absent); is { //nolint:errorlint // made here, never wrapped
		return err
	}
	return nil
}

// fixation: a cookie that somebody planted must not be the session after the sign-in.
func (r *run) fixation() error {
	if err := r.needs(r.Native, true); err != nil {
		return err
	}
	b := r.browser()
	page, err := b.open(r.authorizeURL(r.Native))
	if err != nil {
		return err
	}
	before := b.cookies()
	if _, err = b.finish(page); err != nil {
		return err
	}
	changed := false
	for name, v := range b.cookies() {
		changed = changed || before[name] != v
	}
	if !changed {
		return works("the cookies are the same before and after the sign-in")
	}
	return nil
}

// cookies are those that the issuer would be sent.
func (b *browser) cookies() map[string]string {
	all := map[string]string{}
	q, err := http.NewRequest(http.MethodGet, b.run.Issuer, nil)
	if err != nil {
		return all
	}
	for _, c := range b.jar.Cookies(q.URL) {
		all[c.Name] = c.Value
	}
	return all
}
