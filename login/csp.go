package login

import (
	"net/http"
	"regexp"
	"strings"
)

// CSP is the Content-Security-Policy of a page. nonce is Frame.Nonce; formTargets come from [FormTarget].
// Chromium checks form-action against every redirect that follows the POST, so the callback of the transaction must be in it.
func CSP(nonce string, formTargets ...string) string {
	action := "'self'"
	for _, t := range formTargets {
		if t != "" {
			action += " " + t
		}
	}
	return policy(nonce, "form-action "+action, "frame-ancestors 'none'")
}

// FormPostCSP is the policy of the [FormPost] page. It has no form-action: the page has one form, whose target was checked,
// and the application may redirect the POST to any place of its own.
func FormPostCSP(nonce string) string {
	return policy(nonce, "frame-ancestors 'none'")
}

// WebMessageCSP is the policy of the [WebMessage] page, which only the application at origin may frame.
func WebMessageCSP(nonce, origin string) string {
	if !originForm.MatchString(origin) {
		origin = "'none'"
	}
	return policy(nonce, "form-action 'none'", "frame-ancestors "+origin)
}

func policy(nonce string, more ...string) string {
	script := "'self'"
	if nonce != "" {
		script = "'nonce-" + nonce + "'"
	}
	fixed := []string{
		"default-src 'none'", "style-src 'self'", "img-src 'self' https: data:", "script-src " + script, "base-uri 'none'",
	}
	return strings.Join(append(fixed, more...), "; ")
}

var (
	schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	originForm = regexp.MustCompile(`^https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$`)
)

// schemeOf is the lower-case scheme of an absolute URI, or "".
func schemeOf(uri string) string {
	return strings.ToLower(strings.TrimSuffix(schemeForm.FindString(uri), ":"))
}

// FormTarget is what form-action must allow for redirectURI: its scheme. The origin would be too narrow, because an
// application may answer its callback with a redirect to another host, and Chromium would stop it there.
func FormTarget(redirectURI string) string {
	switch scheme := schemeOf(redirectURI); scheme {
	case "":
		return ""
	case "http":
		return "http: https:"
	default:
		return scheme + ":"
	}
}

// handoverCookie tells login.js that the server has answered with a redirect out of the browser.
const handoverCookie = "handed_over"

// HandedOver is the cookie to set beside a redirect to a custom scheme: the tab stays where it was, and login.js, which
// reads and deletes the cookie, then says "return to the app". It carries only the id of the transaction.
func HandedOver(transactionID string) *http.Cookie {
	return &http.Cookie{Name: handoverCookie, Value: transactionID, Path: "/", MaxAge: 60, SameSite: http.SameSiteLaxMode}
}
