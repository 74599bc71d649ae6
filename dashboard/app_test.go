package dashboard_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every address that is nobody else's is the app's, and nothing else is.
func TestAddresses(t *testing.T) {
	h := open(t)
	d := &desk{Browser: h.Browser(), h: h}
	for path, app := range map[string]bool{
		"/": true, "/tenants/test/applications/x?tab=settings": true, "/a/b/c": true, "/favicon.ico": true,
		"/u/login": false, "/u/none": false, "/oauth/none": false, "/oauth/token": false, "/api/none": false, "/api/v2/none": false,
		"/.well-known/none": false, "/dashboard/none": false, "/dashboard/logout": false, "/authorize": false, "/oidc/logout/confirm": false,
	} {
		a := d.Do(http.MethodGet, h.Dashboard+path, "", "")
		if got := strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'self'"); got != app {
			t.Errorf("%s is the app's: %v, want %v (%d)", path, got, app, a.Status)
		}
		if !app {
			continue
		}
		if post := d.Do(http.MethodPost, h.Dashboard+path, "", ""); post.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, post.Status)
		}
		policy := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'", "connect-src 'self' " + h.URL} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q has no %q", path, policy, part)
			}
		}
		if strings.Contains(strings.ReplaceAll(policy, "style-src 'self' 'unsafe-inline'", ""), "unsafe") || a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	for path, want := range map[string]string{"/dashboard": "/", h.URL + "/dashboard": h.Dashboard + "/"} {
		at := h.Dashboard + path
		if strings.HasPrefix(path, "http") {
			at = path
		}
		if a := d.Do(http.MethodGet, at, "", ""); a.Status != http.StatusFound || a.Header.Get("Location") != want {
			t.Errorf("%s leads to %d %q, want %q", at, a.Status, a.Header.Get("Location"), want)
		}
	}
	if a := d.Do(http.MethodGet, h.URL+"/dashboard/session", "", ""); a.Status != http.StatusNotFound {
		t.Errorf("the tenant's domain has a session of the Dashboard: %d", a.Status)
	}
}
