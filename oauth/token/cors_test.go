package token_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

const spaOrigin = "https://spa.example.com"

func TestPreflight(t *testing.T) {
	tt := open(t)
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		c := store.Client{ID: "wild", Name: "wild"}
		return tx.CreateClient(ctx, &c, []string{"https://*.wild.example.com"})
	})
	for _, c := range []struct {
		path, origin, methods string
		known                 bool
	}{
		{"/oauth/token", spaOrigin, "POST", true},
		{"/oauth/revoke", spaOrigin, "POST", true},
		{"/userinfo", spaOrigin, "GET, POST", true},
		{"/oauth/token", "https://a.wild.example.com", "POST", true},
		{"/oauth/token", "https://evil.example.com", "", false},
		{"/oauth/token", "http://spa.example.com", "", false},
		{"/oauth/token", "null", "", false},
		{"/oauth/token", "", "", false},
	} {
		r := httptest.NewRequest("OPTIONS", c.path, nil)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "auth0-client,content-type")
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		a := tt.do(r)
		h := a.header
		if !slices.Contains(h.Values("Vary"), "Origin") || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s from %q: %v", c.path, c.origin, h)
		}
		if !c.known {
			if a.status != 403 || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Headers") != "" {
				t.Errorf("%s from %q was allowed: %s %v", c.path, c.origin, a, h)
			}
			continue
		}
		if a.status != 204 || h.Get("Access-Control-Allow-Origin") != c.origin || h.Get("Access-Control-Allow-Methods") != c.methods ||
			h.Get("Access-Control-Allow-Headers") != "auth0-client, content-type, dpop, authorization" || h.Get("Access-Control-Max-Age") == "" {
			t.Errorf("%s from %q: %s %v", c.path, c.origin, a, h)
		}
	}
}

// TestPagesReadTheirAnswers: a page reads refusals too, for the SDK decides by their sentence; a page of an origin that the
// application does not list is refused, even if it may read that.
func TestPagesReadTheirAnswers(t *testing.T) {
	tt := open(t)
	tt.setTenant(store.TenantSettings{PKCEAppTypes: []string{"native", "spa"}})
	code := login(func(c *store.Code) { c.ClientID = "spa" })
	sealed := tt.db.SealCode(code)
	from := func(origin string, change ...string) answer {
		r := form("/oauth/token", codeForm(sealed, append([]string{"client_id", "spa"}, change...)...))
		r.Header.Set("Origin", origin)
		return tt.do(r)
	}
	for _, origin := range []string{"https://evil.example.com", "null", "http://spa.example.com"} {
		a := from(origin)
		tt.originRefused(a, origin)
		if a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s may read the answer", origin)
		}
	}
	a := from(spaOrigin, "code", "junk")
	tt.refused(a, 403, "invalid_grant", "Invalid authorization code")
	if h := a.header; h.Get("Access-Control-Allow-Origin") != spaOrigin || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "DPoP-Nonce") {
		t.Errorf("the page cannot read its refusal: %v", h)
	}
	a = from(spaOrigin, "client_id", "native")
	tt.originRefused(a, spaOrigin)
	if a = from(spaOrigin); a.status != 200 {
		t.Errorf("the page was answered %s", a)
	}
	r := bearerGet(a.text("access_token"))
	r.Header.Set("Origin", spaOrigin)
	if a := tt.do(r); a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != spaOrigin {
		t.Errorf("/userinfo answered the page %s %v", a, a.header)
	}
	r = form("/oauth/revoke", revokeForm(a.text("refresh_token"), "client_id", "spa"))
	r.Header.Set("Origin", "https://evil.example.com")
	tt.originRefused(tt.do(r), "https://evil.example.com")
	if types, _ := tt.recorded(); !slices.Contains(types, "fco") {
		t.Errorf("no event tells of the refused origins: %v", types)
	}
}

// originRefused: this refusal is plain text on the wire.
func (tt *tenant) originRefused(a answer, origin string) {
	tt.Helper()
	if want := "Origin " + origin + " is not allowed."; a.status != 403 || a.body != want || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		tt.Errorf("answered %s, want 403 and the text %q", a, want)
	}
}

// TestOriginsOfOthers: who proved itself is no page, our own pages need no listing, and web views have origins of their own.
func TestOriginsOfOthers(t *testing.T) {
	tt := open(t)
	tt.setClient("native", func(s *store.ClientSettings) { s.AllowedOrigins = []string{"capacitor://localhost"} })
	for _, c := range []struct {
		client, origin string
	}{{"web", "https://anything.example.com"}, {"native", strings.TrimSuffix(issuer, "/")}, {"native", "capacitor://localhost"}} {
		code := login(func(code *store.Code) { code.ClientID = c.client })
		r := form("/oauth/token", codeForm(tt.db.SealCode(code), "client_id", c.client, "client_secret", secret))
		r.Header.Set("Origin", c.origin)
		if a := tt.do(r); a.status != 200 {
			t.Errorf("%s from %s was answered %s", c.client, c.origin, a)
		}
	}
}
