package login

import (
	"net/http"
	"regexp"
	"strings"
)

// policy is the Content-Security-Policy of a kind of page.
type policy struct {
	// inline says that the page has one inline script, with the nonce, in the place of login.js.
	inline bool
	more   []string
}

// pagePolicy is that of ordinary pages; formTargets come from [FormTarget]. Chromium checks form-action against every
// redirect that follows the POST, so the callback of the transaction must be in it.
func pagePolicy(formTargets ...string) policy {
	action := "'self'"
	for _, t := range formTargets {
		if t != "" {
			action += " " + t
		}
	}
	return policy{more: []string{"form-action " + action, "frame-ancestors 'none'"}}
}

// formPostPolicy is that of the [FormPost] page. It has no form-action: the page has one form, whose target was checked,
// and the application may redirect the POST to any place of its own.
func formPostPolicy() policy { return policy{true, []string{"frame-ancestors 'none'"}} }

// webMessagePolicy is that of the [WebMessage] page, which only the application at origin may frame.
func webMessagePolicy(origin string) policy {
	if !originForm.MatchString(origin) {
		origin = "'none'"
	}
	return policy{true, []string{"form-action 'none'", "frame-ancestors " + origin}}
}

// header writes the policy for a page in a dress.
func (p policy) header(nonce string, d Dress) string {
	script, style := "'self'", "'self'"
	if p.inline {
		script = "'nonce-" + nonce + "'"
	}
	font := d.FontOrigin
	if d.Style != "" || d.Wrap.Values != nil {
		style += " 'nonce-" + nonce + "'"
	}
	if d.Wrap.Values != nil { // the tenant's templates name style sheets and fonts of their own
		style, font = style+" https:", "https:"
	}
	all := []string{"default-src 'none'", "style-src " + style, "img-src 'self' https: data:", "script-src " + script, "base-uri 'none'"}
	if font != "" {
		all = append(all, "font-src "+font)
	}
	return strings.Join(append(all, p.more...), "; ")
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
