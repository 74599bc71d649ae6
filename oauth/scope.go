// Package oauth holds the words and the pure rules of the protocol: it does no input or output and keeps no state.
//
// What every caller may rely on:
//
//   - A value that leaves a parser here is valid UTF-8, has no NUL, is bounded in size and was sent exactly once
//     (RFC 6749 section 3.1: parameters must not be repeated, and an empty one counts as omitted).
//   - A redirect URI is compared and extended as the bytes that were received. It is never parsed and rebuilt, because
//     rebuilding lower-cases custom schemes and reorders queries (RFC 6749 section 3.1.2, RFC 9700 section 4.1).
//   - PKCE is S256 only (RFC 7636), and secrets are compared in constant time.
//   - Sentences that deployed SDKs compare byte for byte are made in errors.go and nowhere else.
package oauth

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/web/problem"
)

const (
	maxScopes     = 100
	maxScopeBytes = 4096
)

// Scope is a list of scope tokens in the order they were asked for, without duplicates.
type Scope []string

// ParseScope splits a scope parameter (RFC 6749 section 3.3). The empty string is the empty scope.
func ParseScope(s string) (Scope, error) {
	if len(s) > maxScopeBytes {
		return nil, invalidScope("The scope is %d bytes long; at most %d are accepted.", len(s), maxScopeBytes)
	}
	for i := range len(s) {
		if !scopeByte(s[i]) && s[i] != ' ' {
			return nil, invalidScope("The scope has a character at offset %d that no scope may contain.", i)
		}
	}
	var out Scope
	for len(s) > 0 {
		token, rest, _ := strings.Cut(s, " ")
		s = rest
		if token == "" || out.Has(token) {
			continue
		}
		if len(out) == maxScopes {
			return nil, invalidScope("The scope has more than %d values.", maxScopes)
		}
		out = append(out, token)
	}
	return out, nil
}

// scopeByte is NQCHAR of RFC 6749 appendix A.
func scopeByte(c byte) bool {
	return c == '!' || c >= '#' && c <= '[' || c >= ']' && c <= '~'
}

func invalidScope(format string, args ...any) error {
	return problem.Explain(http.StatusBadRequest, "invalid_scope", fmt.Sprintf(format, args...))
}

// Has reports whether the scope contains the token.
func (s Scope) Has(token string) bool { return slices.Contains(s, token) }

// Covers reports whether every token of other is in s.
func (s Scope) Covers(other Scope) bool {
	for _, token := range other {
		if !s.Has(token) {
			return false
		}
	}
	return true
}

// Union is s followed by what only other has.
func (s Scope) Union(other Scope) Scope {
	out := make(Scope, 0, len(s)+len(other))
	out = append(out, s...)
	for _, token := range other {
		if !out.Has(token) {
			out = append(out, token)
		}
	}
	return out
}

// Intersect is what both have, in the order of s.
func (s Scope) Intersect(other Scope) Scope {
	return s.keep(other.Has)
}

// Without is s less the given tokens.
func (s Scope) Without(tokens ...string) Scope {
	return s.keep(func(token string) bool { return !slices.Contains(tokens, token) })
}

func (s Scope) keep(wanted func(string) bool) Scope {
	out := make(Scope, 0, len(s))
	for _, token := range s {
		if wanted(token) {
			out = append(out, token)
		}
	}
	return out
}

// String is the wire form, with single spaces.
func (s Scope) String() string { return strings.Join(s, " ") }

// IdentityScopes are about the user and not about an API: each names claims (spec section 22.5), or asks for a refresh
// token. They are granted as asked.
func IdentityScopes() Scope {
	return Scope{
		ScopeOpenID, ScopeProfile, ScopeEmail, ScopeAddress, ScopePhone, ScopeOfflineAccess,
		"name", "given_name", "family_name", "nickname", "email_verified", "picture", "created_at", "identities",
	}
}

// Permitted is what is left of a scope where the API enforces policies: what is about the user, and what they may do.
func (s Scope) Permitted(permissions []string) Scope {
	identity := IdentityScopes()
	return s.keep(func(token string) bool { return identity.Has(token) || slices.Contains(permissions, token) })
}
