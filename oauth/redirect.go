package oauth

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const maxURIBytes = 2048

// MatchCallback reports whether a presented redirect_uri is one of the allowed ones, which means byte-equal, save that
//
//   - http://127.0.0.1 and http://[::1] may come with any port (RFC 8252 section 7.3), and
//   - an allowed http or https URI with a * in its left-most host label stands for any text within that one label.
//
// It does not trust that the list was checked by [CheckCallback].
func MatchCallback(allowed []string, presented string) bool {
	if u, ok := split(presented); !ok || u.forbidden() || badByte(presented) >= 0 || strings.IndexByte(presented, '#') >= 0 {
		return false
	}
	for _, a := range allowed {
		switch {
		case hostHasStar(a):
			if p, ok := parsePattern(a); ok && p.matches(presented) {
				return true
			}
		case a == presented || sameButPort(a, presented):
			return true
		}
	}
	return false
}

// MatchLogout reports whether the address to return to after logout is allowed. Exact means byte-equal, as /oidc/logout
// compares; otherwise, for /v2/logout, query and fragment do not count, scheme and host are compared without case,
// the path with it, and wildcards work as in callbacks.
func MatchLogout(allowed []string, presented string, exact bool) bool {
	if u, ok := split(presented); !ok || u.forbidden() || badByte(presented) >= 0 {
		return false
	}
	if exact {
		return slices.Contains(allowed, presented)
	}
	target, ok := foldForLogout(presented)
	if !ok {
		return false
	}
	for _, a := range allowed {
		folded, ok := foldForLogout(a)
		if !ok {
			continue
		}
		if hostHasStar(folded) {
			if p, ok := parsePattern(folded); ok && p.matches(target) {
				return true
			}
			continue
		}
		if folded == target {
			return true
		}
	}
	return false
}

// foldForLogout is for comparison only: nothing is ever sent to what it returns.
func foldForLogout(uri string) (string, bool) {
	u, ok := split(uri)
	if !ok || strings.IndexByte(u.authority, '@') >= 0 {
		return "", false
	}
	path := u.rest
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	return strings.ToLower(uri[:len(uri)-len(u.rest)]) + path, true
}

// MatchOrigin reports whether the value of an Origin header is the origin of an allowed URL. "null" never is.
func MatchOrigin(allowed []string, origin string) bool {
	u, ok := split(origin)
	if !ok || u.rest != "" {
		return false
	}
	origin, ok = Origin(origin)
	if !ok {
		return false
	}
	for _, a := range allowed {
		if hostHasStar(a) {
			u, _ := split(a)
			if p, ok := parsePattern(dropDefaultPort(strings.ToLower(u.scheme), strings.ToLower(u.authority))); ok && p.matches(origin) {
				return true
			}
			continue
		}
		if o, ok := Origin(a); ok && o == origin {
			return true
		}
	}
	return false
}

// Origin is scheme://host[:port] of an http or https URL, lower case and without a default port (RFC 6454 section 6.2).
func Origin(uri string) (string, bool) {
	u, ok := split(uri)
	if !ok || !u.web() || len(uri) > maxURIBytes {
		return "", false
	}
	if _, _, ok := splitHost(u.authority); !ok {
		return "", false
	}
	return dropDefaultPort(strings.ToLower(u.scheme), strings.ToLower(u.authority)), true
}

func dropDefaultPort(scheme, authority string) string {
	if scheme == "http" {
		authority = strings.TrimSuffix(authority, ":80")
	} else {
		authority = strings.TrimSuffix(authority, ":443")
	}
	return scheme + "://" + authority
}

// CustomScheme reports whether the URI belongs to an app by a scheme of its own.
func CustomScheme(uri string) bool {
	u, ok := split(uri)
	return ok && !u.web()
}

// Loopback reports whether the URI leads to the device itself.
func Loopback(uri string) bool {
	u, ok := split(uri)
	if !ok || !u.web() {
		return false
	}
	host, _, ok := splitHost(u.authority)
	if !ok {
		return false
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// Verifiable reports whether the domain's owner alone receives what is sent there; any app can claim a custom scheme
// or a loopback port.
func Verifiable(uri string) bool {
	u, ok := split(uri)
	if !ok || !u.web() || Loopback(uri) {
		return false
	}
	_, _, ok = splitHost(u.authority)
	return ok
}

// CheckCallback says why a URI must not be registered as a callback.
func CheckCallback(uri string) error {
	switch at := badByte(uri); {
	case uri == "":
		return invalidRequest("The callback URL is empty.")
	case len(uri) > maxURIBytes:
		return invalidRequest("The callback URL is %d bytes long; at most %d are accepted.", len(uri), maxURIBytes)
	case at >= 0 || strings.ContainsAny(uri, "\"<>`"):
		return invalidRequest("The callback URL has a character that must be percent-encoded: space, control, quotation mark, angle bracket, backslash or non-ASCII.")
	case strings.IndexByte(uri, '#') >= 0:
		return invalidRequest("The callback URL has a fragment: remove the part from # on (RFC 6749 section 3.1.2).")
	}
	u, ok := split(uri)
	switch {
	case !ok:
		return invalidRequest("The callback URL must start with a scheme, which is a letter followed by letters, digits, plus, minus or dot (RFC 3986 section 3.1).")
	case u.forbidden():
		return invalidRequest("The callback URL has the scheme %s, which runs or reads content in the browser.", strings.ToLower(u.scheme))
	case u.web():
		return checkWebCallback(uri, u)
	case strings.IndexByte(uri, '*') >= 0:
		return invalidRequest("The callback URL has a *, which works only with http and https.")
	}
	return nil
}

func checkWebCallback(uri string, u parts) error {
	switch {
	case strings.IndexByte(u.authority, '@') >= 0:
		return invalidRequest("The callback URL has a user name before its host: remove it.")
	case strings.IndexByte(u.rest, '*') >= 0:
		return invalidRequest("The callback URL has a * outside its host.")
	case hostHasStar(uri):
		if _, ok := parsePattern(uri); !ok {
			return invalidRequest("The callback URL may have one * and only within the first label of a host that has at least two more labels and is not a public suffix, as in https://app-*.example.com.")
		}
		return nil
	}
	if _, _, ok := splitHost(u.authority); !ok {
		return invalidRequest("The callback URL lacks a valid host and port.")
	}
	return nil
}

// WithQuery appends parameters, given as names and values in turn, to the query of a URI as it was received. Empty values
// are left out (RFC 6749 section 3.1). A space becomes %20: native apps do not decode +.
func WithQuery(uri string, kv ...string) string {
	uri, _, _ = strings.Cut(uri, "#")
	joint := "?"
	if strings.IndexByte(uri, '?') >= 0 {
		joint = "&"
		if last := uri[len(uri)-1]; last == '?' || last == '&' {
			joint = ""
		}
	}
	return extend(uri, joint, kv)
}

// WithFragment is [WithQuery] for the fragment.
func WithFragment(uri string, kv ...string) string {
	uri, _, _ = strings.Cut(uri, "#")
	return extend(uri, "#", kv)
}

func extend(uri, joint string, kv []string) string {
	size := len(uri)
	for _, s := range kv {
		size += len(s) + 8
	}
	out := append(make([]byte, 0, size), uri...)
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" {
			continue
		}
		out = append(out, joint...)
		out = appendEscaped(out, kv[i])
		out = append(out, '=')
		out = appendEscaped(out, kv[i+1])
		joint = "&"
	}
	return string(out)
}

func appendEscaped(out []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return out
}

// parts is a URI cut at its joints. The strings are pieces of the original.
type parts struct {
	scheme, authority, rest string // rest begins with the path
}

func (u parts) web() bool {
	return strings.EqualFold(u.scheme, "http") || strings.EqualFold(u.scheme, "https")
}

// forbidden is for the schemes whose URIs a browser runs or reads rather than hands over.
func (u parts) forbidden() bool {
	switch strings.ToLower(u.scheme) {
	case "javascript", "data", "vbscript", "file", "about", "blob", "filesystem", "view-source":
		return true
	}
	return false
}

// split cuts at the scheme's colon and around the authority; ok is false without a valid scheme (RFC 3986 section 3.1).
func split(uri string) (u parts, ok bool) {
	scheme, rest, found := strings.Cut(uri, ":")
	if !found || scheme == "" || !letter(scheme[0]) {
		return parts{}, false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !alphanumeric(c) && c != '+' && c != '-' && c != '.' {
			return parts{}, false
		}
	}
	u = parts{scheme: scheme, rest: rest}
	if after, slashes := strings.CutPrefix(rest, "//"); slashes {
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		u.authority, u.rest = after[:end], after[end:]
	}
	return u, true
}

// splitHost cuts an authority into host and port; user names, wildcards and whatever else a browser might read in its
// own way are not ok.
func splitHost(authority string) (host, port string, ok bool) {
	host = authority
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", false
		}
		host, port = authority[:end+1], authority[end+1:]
		if ip, err := netip.ParseAddr(host[1:end]); err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", "", false
		}
	} else {
		if colon := strings.IndexByte(authority, ':'); colon >= 0 {
			host, port = authority[:colon], authority[colon:]
		}
		if !dnsName(host) {
			return "", "", false
		}
	}
	if port == "" {
		return host, "", true
	}
	if port[0] != ':' || !validPort(port[1:]) {
		return "", "", false
	}
	return host, port[1:], true
}

// dnsName also takes IPv4 literals and the underscores that some internal names have.
func dnsName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != "" && s[0] != '.' && !strings.Contains(s, "..")
}

func validPort(s string) bool {
	if s == "" || len(s) > 5 || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	n, err := strconv.Atoi(s)
	return err == nil && n <= 65535
}

// sameButPort reports whether both are on the same http loopback literal and equal after the port.
func sameButPort(allowed, presented string) bool {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
		a, ok := strings.CutPrefix(allowed, host)
		if !ok {
			continue
		}
		p, ok := strings.CutPrefix(presented, host)
		if !ok {
			return false
		}
		a, okA := afterPort(a)
		p, okP := afterPort(p)
		return okA && okP && a == p
	}
	return false
}

// afterPort strips :port; ok is false when the authority goes on behind it.
func afterPort(s string) (string, bool) {
	if strings.HasPrefix(s, ":") {
		end := 1
		for end < len(s) && digit(s[end]) {
			end++
		}
		if !validPort(s[1:end]) {
			return "", false
		}
		s = s[end:]
	}
	return s, s == "" || s[0] == '/' || s[0] == '?'
}

// badByte is the offset of the first byte that a redirect URI must not have, 0 for one that is too long, or -1.
// Browsers drop tabs and line breaks and read \ as /, so that such a URI is not where it looks to lead.
func badByte(uri string) int {
	if len(uri) > maxURIBytes {
		return 0
	}
	for i := range len(uri) {
		if c := uri[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return i
		}
	}
	return -1
}
