package dashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

const (
	email    = "admin@example.com"
	password = "Dashboard-Login-7-Flow"
)

// house is a server with a Dashboard and an Admin.
type house struct {
	*idptest.Server
	t     *testing.T
	admin store.User
}

func open(t *testing.T, change ...func(*app.Options)) *house {
	t.Helper()
	h := &house{Server: idptest.New(t, append([]func(*app.Options){idptest.Dashboard}, change...)...), t: t}
	h.admin = h.Administrator(email, password, management.RoleAdmin)
	return h
}

// desk is an administrator's browser.
type desk struct {
	*idptest.Browser
	h    *house
	csrf string
}

// signIn signs an administrator in with a new browser.
func (h *house) signIn(email string) *desk {
	h.t.Helper()
	return h.signInWith(h.Browser(), email)
}

func (h *house) signInWith(b *idptest.Browser, email string) *desk {
	h.t.Helper()
	d := &desk{Browser: b, h: h}
	page := b.Login(h.Dashboard+"/dashboard/login", email, password)
	if page.URL != h.Dashboard+"/" {
		h.t.Fatalf("the login ended at %s (%d):\n%.1500s", page.URL, page.Status, page.Body)
	}
	a := d.session()
	if d.csrf = a.Text("csrf"); a.Status != http.StatusOK || d.csrf == "" {
		h.t.Fatalf("after the login the session is %d %s", a.Status, a.Body)
	}
	return d
}

func (d *desk) session() idptest.Answer { return d.fetch(http.MethodGet, "/dashboard/session", "") }

// ended checks that the browser's session is over.
func (d *desk) ended(why string) {
	d.h.t.Helper()
	if a := d.session(); a.Status != http.StatusUnauthorized || a.Body != `{"error":"login_required"}` {
		d.h.t.Errorf("%s: the session is %d %s, want it ended", why, a.Status, a.Body)
	}
}

// fetch asks as the page's script does.
func (d *desk) fetch(method, path, body string, headers ...string) idptest.Answer {
	d.h.t.Helper()
	all := []string{"Sec-Fetch-Site", "same-origin", "X-CSRF-Token", d.csrf}
	if method != http.MethodGet {
		all = append(all, "Origin", d.h.Dashboard)
	}
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	return d.Do(method, d.h.Dashboard+path, kind, body, append(all, headers...)...)
}

// cookie is the value of the session's cookie.
func (d *desk) cookie() string {
	for _, c := range d.Cookies(d.h.Dashboard) {
		if c.Name == "dashboard" {
			return c.Value
		}
	}
	return ""
}

// system changes the administrators' own tenant.
func (h *house) system(change func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.App.System.DB.Write(h.t.Context(), change); err != nil {
		h.t.Fatal(err)
	}
}

// has says whether a text has something that only tokens have.
func hasToken(text string) bool {
	return strings.Contains(text, "eyJ") || strings.Contains(text, "v1.") || strings.Contains(text, "access_token") || strings.Contains(text, "refresh_token")
}
