package session

import (
	"cmp"
	"net/http"

	"github.com/proofkey/proofkey/store"
)

// The session cookie is auth0, or what the manager calls it, and has a twin without SameSite, for browsers that read
// SameSite=None as Strict (spec section 30).
const (
	cookieName   = "auth0"
	compatSuffix = "_compat"
)

func (m *Manager) cookie() string { return cmp.Or(m.Cookie, cookieName) }

// nonPersistent is the cookie mode in which a session ends with the browser.
const nonPersistent = "non-persistent"

// SetCookie gives the browser the value that [Manager.Begin] made. It lasts to the session's absolute end, or in the
// non-persistent mode as long as the browser runs.
func (m *Manager) SetCookie(w http.ResponseWriter, value string, settings store.TenantSettings) {
	age := int(settings.SessionLife().Seconds())
	if settings.SessionCookie.Mode == nonPersistent {
		age = 0
	}
	m.write(w, value, age)
}

// ClearCookie takes the session cookie back.
func (m *Manager) ClearCookie(w http.ResponseWriter) { m.write(w, "", -1) }

// write sets the cookies of the domain: by TLS a cross-site pair (silent authentication in frames, form_post), by plain
// http, which is development only, one that browsers accept without Secure. They are host-only.
func (m *Manager) write(w http.ResponseWriter, value string, age int) {
	c := http.Cookie{Name: m.cookie(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if !m.Secure {
		http.SetCookie(w, &c)
		return
	}
	c.Secure, c.SameSite = true, http.SameSiteNoneMode
	http.SetCookie(w, &c)
	c.Name, c.SameSite = c.Name+compatSuffix, 0
	http.SetCookie(w, &c)
}
