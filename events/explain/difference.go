package explain

import (
	"fmt"
	"strings"

	"github.com/proofkey/proofkey/events"
)

// difference says how the address that was sent differs from the nearest one that would have done.
func (s *scene) difference() string {
	sent, allowed := s.addresses()
	if sent == "" {
		return ""
	}
	if len(allowed) == 0 {
		return "It is " + sent + ", and the list is empty."
	}
	near := allowed[0]
	for _, a := range allowed[1:] {
		if alike(sent, a) > alike(sent, near) {
			near = a
		}
	}
	return "Sent was " + sent + ", the nearest is " + near + ": " + compare(sent, near) + "."
}

// addresses are what was sent and what would have been taken.
func (s *scene) addresses() (sent string, allowed []string) {
	if s.event.Type == events.LogoutFailed {
		sent, _ = s.event.Details["return_to"].(string)
		if s.client.ID == "" {
			return sent, s.tenant.AllowedLogoutURLs
		}
		return sent, s.client.Settings.AllowedLogoutURLs
	}
	if bound, presented, ok := strings.Cut(s.reason, ", not for "); ok {
		return presented, []string{strings.TrimPrefix(bound, "the code was issued for the redirect_uri ")}
	}
	sent, _, ok := strings.Cut(s.reason, " is not in the list of allowed callback URLs")
	if !ok {
		return "", nil
	}
	return sent, s.client.Settings.Callbacks
}

// alike counts the characters that two texts share at both ends.
func alike(a, b string) int {
	front := common(a, b)
	back := 0
	for back < len(a)-front && back < len(b)-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	return front + back
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// compare names the usual differences, and the place of any other.
func compare(sent, allowed string) string {
	sentScheme, sentRest, _ := strings.Cut(sent, ":")
	scheme, rest, _ := strings.Cut(allowed, ":")
	switch {
	case sent == allowed:
		return "they are equal now, so the list was changed since"
	case sent == allowed+"/":
		return "the request has a slash at the end"
	case sent+"/" == allowed:
		return "the request lacks the slash at the end"
	case strings.EqualFold(sent, allowed):
		return "capital and small letters differ"
	case sentRest == rest:
		return fmt.Sprintf("the scheme differs, %s and %s", sentScheme, scheme)
	}
	n := common(sent, allowed)
	return fmt.Sprintf("they differ from character %d on, %q and %q", n+1, cut(sent[n:]), cut(allowed[n:]))
}

func cut(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
