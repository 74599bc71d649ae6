package dashboard_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
)

const previewPath = "/dashboard/preview/test"

// preview asks as the form in the page does, whose answer is framed.
func (d *desk) preview(path string, fields url.Values, headers ...string) idptest.Answer {
	all := append([]string{"Sec-Fetch-Site", "same-origin", "Origin", d.h.Dashboard}, headers...)
	return d.Do(http.MethodPost, d.h.Dashboard+path, "application/x-www-form-urlencoded", fields.Encode(), all...)
}

func draft(branding, theme string) url.Values {
	return url.Values{"page": {"login"}, "branding": {branding}, "theme": {theme}, "name": {"Notes <b>"}}
}

// A preview is the real page under what is typed, and nothing of it is saved.
func TestPreview(t *testing.T) {
	h := open(t)
	h.Administrator("viewer@example.com", password, management.RoleViewer)
	d := h.signIn("viewer@example.com")
	a := d.preview(previewPath, draft(`{"colors":{"primary":"#123456"},"logo_url":"https://cdn.example.com/logo.png"}`, "null"))
	if a.Status != http.StatusOK || !strings.Contains(a.Body, "--button:#123456") || !strings.Contains(a.Body, "https://cdn.example.com/logo.png") ||
		!strings.Contains(a.Body, "Notes &lt;b&gt;") || !strings.Contains(a.Body, `type="password"`) ||
		strings.Contains(a.Body, "<script") || strings.Contains(a.Body, "autofocus") {
		t.Fatalf("%d %.2000s", a.Status, a.Body)
	}
	csp := a.Header.Get("Content-Security-Policy")
	for _, want := range []string{"sandbox", "frame-ancestors 'self'", "form-action 'none'", "script-src 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s: %s", want, csp)
		}
	}
	// The style sheet that the page names is on this origin.
	sheet := regexp.MustCompile(`/u/assets/login\.[0-9a-f]+\.css`).FindString(a.Body)
	if css := d.fetch(http.MethodGet, sheet, ""); sheet == "" || css.Status != http.StatusOK {
		t.Errorf("the style sheet %q: %d", sheet, css.Status)
	}
	if themed := d.preview(previewPath, draft("{}", `{"colors":{"primary_button":"#654321"}}`)); !strings.Contains(themed.Body, "--button:#654321") {
		t.Errorf("the theme is not worn: %.2000s", themed.Body)
	}
	for _, page := range []string{"signup", "consent", "error"} {
		fields := draft("{}", "null")
		fields.Set("page", page)
		if a := d.preview(previewPath, fields); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", page, a.Status, a.Body)
		}
	}
	if saved := d.fetch(http.MethodGet, "/dashboard/api/test/branding", ""); strings.Contains(saved.Body, "123456") {
		t.Errorf("the preview was saved: %s", saved.Body)
	}
}

func TestPreviewRefuses(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	good := draft("{}", "null")
	nobody := &desk{Browser: h.Browser(), h: h}
	for _, c := range []struct {
		what   string
		answer idptest.Answer
		want   int
	}{
		{"nobody signed in", nobody.preview(previewPath, good), http.StatusUnauthorized},
		{"another site", d.preview(previewPath, good, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), http.StatusForbidden},
		{"another tenant", d.preview("/dashboard/preview/other", good), http.StatusNotFound},
		{"no page", d.preview(previewPath, url.Values{"page": {"x"}, "branding": {"{}"}, "theme": {"null"}}), http.StatusBadRequest},
		{"no branding", d.preview(previewPath, url.Values{"page": {"login"}, "theme": {"null"}}), http.StatusBadRequest},
		{"no JSON", d.preview(previewPath, draft("{", "null")), http.StatusBadRequest},
		{"a value of another type", d.preview(previewPath, draft(`{"colors":1}`, "null")), http.StatusBadRequest},
		{"by its address alone", d.fetch(http.MethodGet, previewPath, ""), http.StatusMethodNotAllowed},
	} {
		if c.answer.Status != c.want {
			t.Errorf("%s: %d %.300s, want %d", c.what, c.answer.Status, c.answer.Body, c.want)
		}
	}
	// A value cannot leave its place in the style.
	a := d.preview(previewPath, draft(`{"colors":{"primary":"red}</style><script>"},"font":{"url":"https://x.example/a\");}b{"}}`, "null"))
	if a.Status != http.StatusOK || strings.Contains(a.Body, "</style><script>") || strings.Contains(a.Body, `");}b{`) {
		t.Errorf("%d %.1500s", a.Status, a.Body)
	}
}
