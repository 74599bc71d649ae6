package login_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
)

const deadLink = "This link was used before or has expired."

func bootstrapLink(t *testing.T, s *idptest.Server, again bool) string {
	t.Helper()
	link, err := s.App.Bootstrap(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// administrators counts the users of the administrators' own database.
func administrators(t *testing.T, s *idptest.Server) int {
	t.Helper()
	all, err := s.App.System.DB.Users(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// The link makes one administrator, once. What the policy refuses leaves it usable.
func TestBootstrap(t *testing.T) {
	s := idptest.New(t)
	link := bootstrapLink(t, s, false)
	if !strings.HasPrefix(link, s.URL+"/dashboard/bootstrap?ticket=") {
		t.Fatalf("the link is %q", link)
	}
	if again := bootstrapLink(t, s, false); again != "" {
		t.Errorf("a second link was made unasked: %s", again)
	}
	b := s.Browser()
	page := b.Get(link)
	if page.Status != http.StatusOK || page.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the link answered %d:\n%.1500s", page.Status, page.Body)
	}
	for _, tt := range []struct{ username, password, text string }{
		{"admin@example.com", "short", "Choose a password that meets every requirement."},
		{"admin@example.com", "", "Choose a password that meets every requirement."},
		{"admin", "Dashboard-Login-7-Flow", "Enter a full email address"},
		{"", "Dashboard-Login-7-Flow", "Enter a full email address"},
	} {
		p := page.Submit("username", tt.username, "password", tt.password)
		if p.Status != http.StatusBadRequest || !strings.Contains(p.Body, tt.text) {
			t.Errorf("%q, %q answered %d, want %q:\n%.1500s", tt.username, tt.password, p.Status, tt.text, p.Body)
		}
	}
	if n := administrators(t, s); n != 0 {
		t.Fatalf("%d administrators before the link was used", n)
	}
	done := page.Submit("username", "admin@example.com", "password", "Dashboard-Login-7-Flow")
	if done.Status != http.StatusOK || !strings.Contains(done.Body, "proofkey admin --help") || administrators(t, s) != 1 {
		t.Fatalf("the browser is at %s (%d), with %d administrators:\n%.1500s", done.URL, done.Status, administrators(t, s), done.Body)
	}
	for _, p := range []*idptest.Page{b.Get(link), page.Submit("username", "second@example.com", "password", "Dashboard-Login-7-Flow")} {
		if p.Status != http.StatusForbidden || !strings.Contains(p.Body, deadLink) {
			t.Errorf("the used link answered %d:\n%.1500s", p.Status, p.Body)
		}
	}
	if link := bootstrapLink(t, s, true); link != "" || administrators(t, s) != 1 {
		t.Errorf("with an administrator there is another link %q", link)
	}
	if app := s.Events(); len(app) > 0 {
		t.Errorf("the tenant's log tells of administrators: %v", app)
	}
}

// A link that nobody used dies with the first administrator, and after a day.
func TestBootstrapLinksDie(t *testing.T) {
	s := idptest.New(t)
	first, second := bootstrapLink(t, s, false), bootstrapLink(t, s, true)
	b := s.Browser()
	one, two := b.Get(first), b.Get(second)
	if p := two.Submit("username", "admin@example.com", "password", "Dashboard-Login-7-Flow"); p.Status != http.StatusOK {
		t.Fatalf("the second link answered %d:\n%.1500s", p.Status, p.Body)
	}
	if p := one.Submit("username", "late@example.com", "password", "Dashboard-Login-7-Flow"); p.Status != http.StatusForbidden || administrators(t, s) != 1 {
		t.Errorf("the first link answered %d, with %d administrators", p.Status, administrators(t, s))
	}

	s = idptest.New(t)
	old := bootstrapLink(t, s, false)
	s.Clock.Advance(25 * time.Hour)
	if p := s.Browser().Get(old); p.Status != http.StatusForbidden || !strings.Contains(p.Body, deadLink) {
		t.Errorf("after a day the link answered %d", p.Status)
	}
	for _, ticket := range []string{"", "?ticket=", "?ticket=guess", "?ticket=%00"} {
		if p := s.Browser().Get(s.URL + "/dashboard/bootstrap" + ticket); p.Status != http.StatusForbidden || !strings.Contains(p.Body, deadLink) {
			t.Errorf("the link %q answered %d", ticket, p.Status)
		}
	}
}

// Administrators are no users of the tenant: its applications sign none of them in.
func TestAdministratorsAreApart(t *testing.T) {
	s, c := start(t)
	b := s.Browser()
	b.Get(bootstrapLink(t, s, false)).Submit("username", "admin@example.com", "password", "Dashboard-Login-7-Flow")
	if p := b.Login(s.AuthorizeURL(c), "admin@example.com", "Dashboard-Login-7-Flow"); p.Status != http.StatusBadRequest {
		t.Errorf("the administrator's password answered %d to %q", p.Status, p.Location)
	}
	wantEvents(t, s, "fu")
}

// A host that is no domain of a tenant is told so, whatever it asks for.
func TestUnknownHost(t *testing.T) {
	s := idptest.New(t, func(o *app.Options) {
		o.Tenants[0].Domains = append(o.Tenants[0].Domains, "https://login.example.com")
	})
	for _, tt := range []struct {
		host  string
		known bool
	}{
		{"", true},
		{"login.example.com", true},
		{"LOGIN.example.com", true},
		{"login.example.com:443", true},
		{"evil.example.net", false},
		{"login.example.com.evil.net", false},
		{"login.example.com:8443", false},
		{"login.example.com.", false},
	} {
		for _, path := range []string{"/", "/authorize", "/u/login", "/oauth/token", "/.well-known/openid-configuration", "/dashboard/bootstrap"} {
			answer := send(t, s, "GET", tt.host, path, "")
			if refused := answer.StatusCode == http.StatusMisdirectedRequest; refused == tt.known {
				t.Errorf("the host %q answered %d at %s", tt.host, answer.StatusCode, path)
			}
			if body := text(t, answer); !tt.known && (strings.Contains(body, tt.host) || answer.Header.Get("Set-Cookie") != "") {
				t.Errorf("the host %q is echoed at %s: %s", tt.host, path, body)
			}
		}
	}
}
