package oauth

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// hostHasStar tells patterns from literal URIs.
func hostHasStar(uri string) bool {
	if strings.IndexByte(uri, '*') < 0 {
		return false
	}
	u, ok := split(uri)
	return ok && strings.IndexByte(u.authority, '*') >= 0
}

// pattern is an allowed URI around its wildcard.
type pattern struct {
	before, after string
	label         int // length of the wildcard's label without the wildcard
	first, last   bool
}

// parsePattern checks the rules for wildcards: http or https, one *, within the left-most label, and behind that label a
// domain that somebody owns.
func parsePattern(uri string) (pattern, bool) {
	u, ok := split(uri)
	if !ok || !u.web() || strings.Count(u.authority, "*") != 1 {
		return pattern{}, false
	}
	// With a letter for the wildcard the authority must be an ordinary one.
	host, _, ok := splitHost(strings.Replace(u.authority, "*", "x", 1))
	label, domain, dotted := strings.Cut(host, ".")
	star := strings.IndexByte(u.authority, '*')
	if !ok || !dotted || star >= len(label) || !ownedDomain(domain) {
		return pattern{}, false
	}
	cut := strings.IndexByte(uri, '*')
	return pattern{
		before: uri[:cut],
		after:  uri[cut+1:],
		label:  len(label) - 1,
		first:  star == 0,
		last:   star == len(label)-1,
	}, true
}

// ownedDomain refuses top-level domains, addresses, and the suffixes under which anybody may register.
func ownedDomain(domain string) bool {
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if top == domain || top == "" || digit(top[0]) {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(strings.ToLower(domain))
	return !icann || len(suffix) < len(domain)
}

func (p pattern) matches(uri string) bool {
	if len(uri) <= len(p.before)+len(p.after) || !strings.HasPrefix(uri, p.before) || !strings.HasSuffix(uri, p.after) {
		return false
	}
	wild := uri[len(p.before) : len(uri)-len(p.after)]
	for i := range len(wild) {
		if c := wild[i]; !alphanumeric(c) && c != '-' {
			return false
		}
	}
	if p.first && wild[0] == '-' || p.last && wild[len(wild)-1] == '-' {
		return false
	}
	return len(wild)+p.label <= 63
}
