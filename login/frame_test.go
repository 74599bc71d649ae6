package login_test

import (
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// Pages outside of a transaction name the tenant, too: "You are logged in to … as" is no sentence without it.
func TestEveryPageNamesTheTenant(t *testing.T) {
	s, c := start(t)
	b := s.Browser()
	if p := b.Login(s.AuthorizeURL(c), email, password); p.Param("code") == "" {
		t.Fatalf("the login ended at %s (%d)", p.URL, p.Status)
	}
	for _, name := range []string{"", "Northwind Traders"} {
		s.Tenant(func(settings *store.TenantSettings) { settings.FriendlyName = name })
		want := name
		if name == "" {
			want = strings.TrimPrefix(s.URL, "http://")
		}
		for path, sentence := range map[string]string{
			"/":                     "",
			"/mobile":               "",
			"/no/such/page":         "",
			"/u/login?state=broken": "",
			"/authorize":            "",
			"/oidc/logout":          "You are logged in to <bdi>" + want + "</bdi> as",
			"/u/login" + loginState(t, s, c, "consent"): "",
		} {
			page := b.Get(s.URL + path)
			if !strings.Contains(page.Body, "<footer class=\"below\"><p><bdi>"+want+"</bdi></p></footer>") || !strings.Contains(page.Body, sentence) {
				t.Errorf("friendly name %q: %.20s does not name the tenant:\n%.2500s", name, path, page.Body)
			}
		}
	}
}

// loginState is the query of a login page that is under way.
func loginState(t *testing.T, s *idptest.Server, c store.Client, prompt string) string {
	t.Helper()
	_, query, found := strings.Cut(s.Browser().Get(s.AuthorizeURL(c, "prompt", prompt)).URL, "?")
	if !found {
		t.Fatal("the login page has no state")
	}
	return "?" + query
}

func TestNotFoundIsSaidOnce(t *testing.T) {
	s := idptest.New(t)
	page := s.Browser().Get(s.URL + "/no/such/page")
	if n := strings.Count(page.Body, "There is nothing at this address."); page.Status != 404 || n != 1 {
		t.Errorf("answered %d, saying %d times that there is nothing:\n%.2500s", page.Status, n, page.Body)
	}
}

func TestConsentGroupsPermissions(t *testing.T) {
	const api = "https://api.example.com/"
	s, c := start(t)
	s.API(api, func(a *store.API) {
		a.Scopes = append(a.Scopes, store.APIScope{Value: "read:drafts"}, store.APIScope{Value: "admin", Description: "Everything"}, store.APIScope{Value: "plain"})
	})
	consent := func() string {
		return s.Browser().Login(s.AuthorizeURL(c, "audience", api, "prompt", "consent",
			"scope", "openid read:messages read:drafts write:messages admin plain"), email, password).Body
	}
	for _, tt := range []struct {
		described bool
		has, not  []string
	}{
		{false, []string{"<bdi>messages: read, write</bdi>", "<bdi>drafts: read</bdi>", `<bdi>Everything</bdi> <code dir="ltr">admin</code>`, `<span><code dir="ltr">plain</code></span>`},
			[]string{"Read your messages", "<code dir=\"ltr\"></code>"}},
		{true, []string{`<bdi>Read your messages</bdi> <code dir="ltr">read:messages</code>`, `<bdi>Write messages</bdi> <code dir="ltr">write:messages</code>`, "<bdi>drafts: read</bdi>"},
			[]string{"messages: read"}},
	} {
		s.Tenant(func(settings *store.TenantSettings) { settings.Flags.UseScopeDescriptionsForConsent = tt.described })
		page := consent()
		for _, want := range tt.has {
			if !strings.Contains(page, want) {
				t.Errorf("described %t: the page lacks %s:\n%.4000s", tt.described, want, page)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(page, not) {
				t.Errorf("described %t: the page has %s", tt.described, not)
			}
		}
	}
}
