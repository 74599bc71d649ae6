package attack

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// payloads would run, or break out of where they stand, if a page took them as they are.
var payloads = []string{`"><script>alert(7)</script>`, `'onfocus='alert(7)`, `</title><svg onload=alert(7)>`, `javascript:alert(7)`}

// pageCases are about what a browser shows and where it goes.
func pageCases() (all []attempt) {
	for _, name := range []string{"client_id", "redirect_uri", "state", "scope", "response_type", "response_mode", "login_hint", "ui_locales",
		"prompt", "audience", "connection", "display", "organization", "screen_hint", "acr_values", "nonce", "error", "error_description"} {
		all = append(all, attempt{"cross-site scripting", name + " at the authorization endpoint", "CVE-2023-6134", func(r *run) error {
			if err := r.needs(r.Native, false); err != nil {
				return err
			}
			for _, p := range payloads {
				a, err := r.browser().open(r.authorizeURL(r.Native, name, p))
				if err := r.harmless(a, err, p); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	all = append(all,
		attempt{"cross-site scripting", "state in a form_post answer", "CVE-2023-6927", func(r *run) error {
			if err := r.needs(r.Web, true); err != nil {
				return err
			}
			for _, p := range payloads {
				b := r.browser()
				page, err := b.open(r.authorizeURL(r.Web, "response_mode", "form_post", "state", p))
				if err != nil {
					return err
				}
				for range 3 { // the last page's form leads to the application and is not sent
					action, _, _, _, ok := formOf(page)
					if u, err := url.Parse(action); !ok || err != nil || u.Host != "" && u.Host != r.host {
						break
					}
					if page, err = b.submit(page, r.Username, r.Password); err != nil {
						return err
					}
				}
				if err := r.harmless(page, nil, p); err != nil {
					return err
				}
			}
			return nil
		}},
		attempt{"cross-site scripting", "the user name of a failed sign-in", "CVE-2021-20323", func(r *run) error {
			if err := r.needs(r.Native, false); err != nil {
				return err
			}
			for _, p := range payloads {
				b := r.browser()
				page, err := b.open(r.authorizeURL(r.Native))
				if err != nil {
					return err
				}
				page, err = b.submit(page, p, "wrong")
				if err := r.harmless(page, err, p); err != nil {
					return err
				}
			}
			return nil
		}},
		attempt{"clickjacking", "the sign-in page in a frame", "CVE-2022-1274", func(r *run) error {
			if err := r.needs(r.Native, false); err != nil {
				return err
			}
			a, err := r.browser().open(r.authorizeURL(r.Native))
			if err != nil {
				return err
			}
			csp := a.header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "frame-ancestors 'none'") && !strings.EqualFold(a.header.Get("X-Frame-Options"), "DENY") {
				return works("the page may be framed: %q", csp)
			}
			if strings.Contains(csp, "unsafe-inline") && !strings.Contains(csp, "style-src") {
				return works("scripts may stand in the page: %q", csp)
			}
			return nil
		}},
		attempt{"headers", "the sign-in page is not kept, sniffed or told to others", "OWASP ASVS 3.4", func(r *run) error {
			if err := r.needs(r.Native, false); err != nil {
				return err
			}
			a, err := r.browser().open(r.authorizeURL(r.Native))
			if err != nil {
				return err
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer|same-origin"} {
				if !slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return strings.Contains(a.header.Get(name), w) }) {
					return works("%s is %q", name, a.header.Get(name))
				}
			}
			return nil
		}},
		attempt{"cookies", "scripts cannot read the session, and it travels by TLS only", "OWASP ASVS 3.3", (*run).cookieFlags},
		attempt{"open redirect", "after a logout", "CVE-2022-1245", func(r *run) error {
			if r.meta.EndSession == "" {
				return absent("there is no end_session_endpoint")
			}
			for _, path := range []string{r.meta.EndSession + "?post_logout_redirect_uri=", r.Issuer + "v2/logout?returnTo=",
				r.meta.EndSession + "?client_id=" + escape(r.Native.ID) + "&post_logout_redirect_uri=", r.Issuer + "v2/logout?client_id=" + escape(r.Native.ID) + "&returnTo="} {
				for _, to := range []string{"https://attacker.example/", "//attacker.example/", `/\attacker.example/`, "javascript:alert(7)", r.Issuer + "@attacker.example/", "https:attacker.example"} {
					b := r.browser()
					a, err := b.open(path + escape(to))
					if err != nil {
						return err
					}
					if strings.Contains(a.location, "attacker.example") || strings.HasPrefix(a.location, "javascript:") {
						return works("%s sends the browser to %s", path, a.location)
					}
				}
			}
			return nil
		}},
		attempt{"open redirect", "by a path with two slashes", "CVE-2024-7260", func(r *run) error {
			for _, path := range []string{"/attacker.example/%2e%2e", "/attacker.example/", `\attacker.example/`, "//attacker.example/.."} {
				a, err := r.send(http.MethodGet, r.Issuer+path, nil, "")
				if err == nil && (strings.HasPrefix(a.location, "//attacker") || strings.HasPrefix(a.location, "https://attacker") || strings.HasPrefix(a.location, `/\`)) {
					return works("%s leads to %s", path, a.location)
				}
			}
			return nil
		}},
		attempt{"login CSRF", "the form sent by another site", "CVE-2021-3754", (*run).loginCSRF},
	)
	for _, origin := range []string{"https://attacker.example", "null", "https://attacker.example.com@issuer"} {
		all = append(all, attempt{"CORS", "the origin " + origin, "CVE-2021-27582", func(r *run) error {
			for _, address := range []string{r.meta.Token, r.meta.UserInfo} {
				a, err := r.send(http.MethodOptions, address, []string{"Origin", origin, "Access-Control-Request-Method", "POST",
					"Access-Control-Request-Headers", "authorization"}, "")
				if err != nil {
					return err
				}
				allowed := a.header.Get("Access-Control-Allow-Origin")
				if allowed == origin || allowed == "*" && a.header.Get("Access-Control-Allow-Credentials") == "true" {
					return works("%s allows %s", address, allowed)
				}
			}
			return nil
		}})
	}
	return all
}

// harmless fails where a page holds a payload as it was sent, or the server broke over it.
func (r *run) harmless(a answer, err error, payload string) error {
	switch {
	case err != nil:
		return err
	case a.status >= 500:
		return works("the answer is %d", a.status)
	case !strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
		return nil
	case strings.Contains(a.body, payload) && payload != payloads[3]:
		return works("the page holds %s", payload)
	case strings.Contains(a.body, `href="javascript:`) || strings.Contains(a.body, `action="javascript:`):
		return works("a link of the page is a script")
	}
	return nil
}

func (r *run) cookieFlags() error {
	if err := r.needs(r.Native, true); err != nil {
		return err
	}
	b := r.browser()
	page, err := b.open(r.authorizeURL(r.Native))
	if err != nil {
		return err
	}
	action, fields, user, password, _ := formOf(page)
	fields[user], fields[password] = r.Username, r.Password
	var list []string
	for name, v := range fields {
		list = append(list, name, v)
	}
	base, err := url.Parse(page.at)
	if err != nil {
		return err
	}
	target, err := base.Parse(action)
	if err != nil {
		return err
	}
	a, err := r.with(b.jar, http.MethodPost, target.String(),
		[]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", base.Scheme + "://" + base.Host, "Sec-Fetch-Site", "same-origin"}, encode(list))
	if err != nil {
		return err
	}
	set := a.header.Values("Set-Cookie")
	if len(set) == 0 {
		return works("the sign-in sets no cookie: %d", a.status)
	}
	for _, line := range set {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			return works("a cookie cannot be read: %v", err)
		}
		// A short value signs nobody in: scripts may have it.
		secret := len(c.Value) > 40
		// None is for silent sign-in in a frame, and needs Secure; to browsers of today, no SameSite means Lax.
		if c.SameSite == http.SameSiteNoneMode && !c.Secure || secret && !c.HttpOnly || strings.HasPrefix(r.Issuer, "https:") && !c.Secure {
			return works("the cookie %s lacks HttpOnly, SameSite or Secure", c.Name)
		}
	}
	return nil
}

// loginCSRF sends the sign-in form as another site would.
func (r *run) loginCSRF() error {
	if err := r.needs(r.Native, true); err != nil {
		return err
	}
	b := r.browser()
	page, err := b.open(r.authorizeURL(r.Native))
	if err != nil {
		return err
	}
	action, fields, user, password, ok := formOf(page)
	if !ok {
		return absent("there is no form")
	}
	fields[user], fields[password] = r.Username, r.Password
	var list []string
	for name, v := range fields {
		list = append(list, name, v)
	}
	base, err := url.Parse(page.at)
	if err != nil {
		return err
	}
	target, err := base.Parse(action)
	if err != nil {
		return err
	}
	a, err := r.send(http.MethodPost, target.String(), []string{"Content-Type", "application/x-www-form-urlencoded",
		"Origin", "https://attacker.example", "Sec-Fetch-Site", "cross-site"}, encode(list))
	if err == nil && (len(a.header.Values("Set-Cookie")) > 0 || a.status < 400) {
		return works("another site's form is taken: %d", a.status)
	}
	return err
}
