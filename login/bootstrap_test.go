package login_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
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
	s := idptest.New(t, idptest.Dashboard)
	link := bootstrapLink(t, s, false)
	if !strings.HasPrefix(link, s.Dashboard+"/dashboard/bootstrap?ticket=") {
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
	if done.URL != s.Dashboard+"/" || administrators(t, s) != 1 {
		t.Fatalf("the browser is at %s (%d), with %d administrators:\n%.1500s", done.URL, done.Status, administrators(t, s), done.Body)
	}
	if session := b.Get(s.Dashboard + "/dashboard/session"); session.Status != http.StatusOK || !strings.Contains(session.Body, `"role":"Admin"`) {
		t.Errorf("the first administrator's session is %d %s", session.Status, session.Body)
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
	s := idptest.New(t, idptest.Dashboard)
	first, second := bootstrapLink(t, s, false), bootstrapLink(t, s, true)
	b := s.Browser()
	one, two := b.Get(first), b.Get(second)
	if p := two.Submit("username", "admin@example.com", "password", "Dashboard-Login-7-Flow"); p.URL != s.Dashboard+"/" {
		t.Fatalf("the second link answered %d:\n%.1500s", p.Status, p.Body)
	}
	if p := one.Submit("username", "late@example.com", "password", "Dashboard-Login-7-Flow"); p.Status != http.StatusForbidden || administrators(t, s) != 1 {
		t.Errorf("the first link answered %d, with %d administrators", p.Status, administrators(t, s))
	}

	s = idptest.New(t, idptest.Dashboard)
	old := bootstrapLink(t, s, false)
	s.Clock.Advance(25 * time.Hour)
	if p := s.Browser().Get(old); p.Status != http.StatusForbidden || !strings.Contains(p.Body, deadLink) {
		t.Errorf("after a day the link answered %d", p.Status)
	}
	secret := ""
	if err := s.App.System.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		secret, err = identity.IssueTicket(t.Context(), tx, identity.PasswordTicket, identity.Ticket{}, store.User{}, time.Hour)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, ticket := range []string{"", "?ticket=", "?ticket=guess", "?ticket=%00", "?ticket=" + secret} {
		if p := s.Browser().Get(s.Dashboard + "/dashboard/bootstrap" + ticket); p.Status != http.StatusForbidden || !strings.Contains(p.Body, deadLink) {
			t.Errorf("the link %q answered %d", ticket, p.Status)
		}
	}
}

// Administrators are no users of the tenant: its applications sign none of them in.
func TestAdministratorsAreApart(t *testing.T) {
	s := idptest.New(t, idptest.Dashboard)
	c := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	b := s.Browser()
	b.Get(bootstrapLink(t, s, false)).Submit("username", "admin@example.com", "password", "Dashboard-Login-7-Flow")
	if p := b.Login(s.AuthorizeURL(c), "admin@example.com", "Dashboard-Login-7-Flow"); p.Status != http.StatusBadRequest {
		t.Errorf("the administrator's password answered %d to %q", p.Status, p.Location)
	}
	wantEvents(t, s, "fu")
}

// Another site cannot send the form.
func TestBootstrapFormIsOurs(t *testing.T) {
	s := idptest.New(t, idptest.Dashboard)
	_, ticket, _ := strings.Cut(bootstrapLink(t, s, false), "=")
	body := form("state", ticket, "username", "admin@example.com", "password", "Dashboard-Login-7-Flow").Encode()
	host := strings.TrimPrefix(s.Dashboard, "http://")
	for _, site := range []string{"cross-site", "same-site"} {
		answer := send(t, s, "POST", host, "/dashboard/bootstrap", body, "Sec-Fetch-Site", site, "Origin", s.URL)
		if answer.StatusCode != http.StatusForbidden || administrators(t, s) != 0 {
			t.Errorf("%s: %d, with %d administrators", site, answer.StatusCode, administrators(t, s))
		}
	}
}

// Of links that are used at the same time one makes an administrator.
func TestBootstrapLinksAtOnce(t *testing.T) {
	s := idptest.New(t, idptest.Dashboard)
	var pages []*idptest.Page
	for range 8 {
		pages = append(pages, s.Browser().Get(bootstrapLink(t, s, true)))
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for i, page := range pages {
		wg.Go(func() {
			if p := page.Submit("username", fmt.Sprintf("admin%d@example.com", i), "password", "Dashboard-Login-7-Flow"); p.URL == s.Dashboard+"/" {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if n := administrators(t, s); n != 1 || made.Load() != 1 {
		t.Errorf("%d administrators were made, and %d browsers are signed in, want 1", n, made.Load())
	}
}

// Without a Dashboard there is nothing to administer with.
func TestNoBootstrapWithoutADashboard(t *testing.T) {
	s := idptest.New(t)
	if link := bootstrapLink(t, s, true); link != "" {
		t.Errorf("there is a link: %s", link)
	}
	if p := s.Browser().Get(s.URL + "/dashboard/bootstrap?ticket=x"); p.Status != http.StatusNotFound {
		t.Errorf("the page answered %d", p.Status)
	}
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
