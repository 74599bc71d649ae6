package attack

import (
	"strings"
)

// redirectCases try addresses that look like the registered one. The browser is signed in already, so a code would go out
// at once.
func redirectCases() (all []attempt) {
	for _, m := range []struct {
		name, source string
		mutate       func(uri string) string
	}{
		{"longer by a suffix", "CVE-2020-26244", func(u string) string { return u + ".attacker.example" }},
		{"longer by a path", "CVE-2022-3916", func(u string) string { return u + "/more" }},
		{"longer by a slash", "RFC 9700 section 2.1", func(u string) string { return u + "/" }},
		{"a prefix of it", "CVE-2023-6134", func(u string) string { return u[:len(u)-1] }},
		{"a wildcard", "CVE-2023-6927", func(string) string { return "*" }},
		{"a wildcard host", "CVE-2023-6927", func(u string) string { return scheme(u) + "://*" }},
		{"other letter case", "RFC 9700 section 2.1", strings.ToUpper},
		{"a user before the host", "CVE-2023-6291", func(u string) string {
			return strings.Replace(u, "://", "://attacker.example@", 1)
		}},
		{"the host as a user", "CVE-2023-6291", func(u string) string { return authority(u) + "@attacker.example" + rest(u) }},
		{"a backslash before the host", "CVE-2024-8883", func(u string) string {
			return scheme(u) + `://attacker.example\@` + strings.TrimPrefix(authority(u), scheme(u)+"://") + rest(u)
		}},
		{"dot segments", "CVE-2022-4361", func(u string) string { return authority(u) + "/x/.." + rest(u) }},
		{"encoded dot segments", "CVE-2022-4361", func(u string) string { return authority(u) + "/%2e%2e" + rest(u) }},
		{"another port", "RFC 9700 section 2.1", func(u string) string { return authority(u) + ":8443" + rest(u) }},
		{"a fragment", "RFC 6749 section 3.1.2", func(u string) string { return u + "#fragment" }},
		{"an encoded fragment", "CVE-2022-3916", func(u string) string { return u + "%23" }},
		{"a query of its own", "RFC 9700 section 2.1", func(u string) string { return u + "?next=https://attacker.example/" }},
		{"a tab in it", "CVE-2024-7260", func(u string) string { return u + "\t" }},
		{"a line break in it", "CVE-2024-7260", func(u string) string { return u + "\r\nLocation: https://attacker.example/" }},
		{"a space before it", "RFC 9700 section 2.1", func(u string) string { return " " + u }},
		{"encoded once more", "CVE-2023-6134", escape},
		{"an encoded letter", "CVE-2023-6134", func(u string) string { return u[:len(u)-1] + "%" + hexOf(u[len(u)-1]) }},
		{"another scheme", "RFC 9700 section 2.1", func(u string) string { return "x" + u }},
		{"a javascript address", "CVE-2023-6134", func(string) string { return "JaVaScript:alert(1)//" }},
		{"a data address", "CVE-2023-6134", func(string) string { return "data:text/html,<script>alert(1)</script>" }},
		{"another host", "RFC 6749 section 10.15", func(string) string { return "https://attacker.example/" }},
		{"an empty host", "RFC 9700 section 2.1", func(u string) string { return scheme(u) + ":///" }},
		{"no scheme", "RFC 9700 section 2.1", func(string) string { return "//attacker.example/" }},
	} {
		all = append(all, attempt{"redirect_uri", m.name, m.source, func(r *run) error { return r.redirects(m.mutate) }})
	}
	return append(all,
		attempt{"redirect_uri", "loopback by another name", "RFC 8252 section 8.3", func(r *run) error {
			return r.redirects(func(string) string { return "http://localhost.attacker.example/callback" })
		}},
		attempt{"redirect_uri", "sent twice", "RFC 6749 section 3.1", func(r *run) error {
			return r.goes(r.authorizeURL(r.Native) + "&redirect_uri=" + escape("https://attacker.example/"))
		}})
}

// redirects asks with a changed address and fails where the browser is sent away by it.
func (r *run) redirects(mutate func(string) string) error {
	if err := r.needs(r.Native, true); err != nil {
		return err
	}
	return r.goes(r.authorizeURL(r.Native, "redirect_uri", mutate(r.Native.RedirectURI)))
}

// goes opens an address in a browser that is signed in, answers every page, and fails where it is sent anywhere but to the
// registered address.
func (r *run) goes(address string) error {
	b, _, err := r.login(r.Native)
	if err != nil {
		return err
	}
	page, err := b.open(address)
	if err != nil {
		return err
	}
	if page, err = b.finish(page); err != nil {
		return err
	}
	if page.location == "" {
		return nil
	}
	if after, ok := strings.CutPrefix(page.location, r.Native.RedirectURI); ok && (after == "" || after[0] == '?' || after[0] == '#' || after[0] == '&') {
		return nil
	}
	return works("the browser was sent to %.200s", page.location)
}

func scheme(u string) string { s, _, _ := strings.Cut(u, ":"); return s }

// authority is a URI up to its path, and rest is the path and all behind it.
func authority(u string) string { return u[:len(u)-len(rest(u))] }

func rest(u string) string {
	_, after, _ := strings.Cut(u, "://")
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		return after[i:]
	}
	return ""
}

func hexOf(c byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[c>>4], digits[c&15]})
}
