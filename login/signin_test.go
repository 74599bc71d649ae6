package login_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const (
	email    = "jsmith@example.com"
	password = "Mobile-Login-7-Flow"
	https    = "https://app.example.com/callback"
	custom   = "com.myclientapp://myclientapp.com/callback"

	wrongCredentials = "Wrong email or password."
	accountBlocked   = "Your account has been blocked after multiple consecutive login attempts. We&#39;ve sent you a notification via your preferred contact method with instructions on how to unblock it."
	addressBlocked   = "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."
	signupRefused    = "We couldn’t create an account with these details."
)

// start is a tenant with one user and one application, whose login page it opens.
func start(t *testing.T, change ...func(*store.Client)) (*idptest.Server, store.Client) {
	t.Helper()
	s := idptest.New(t)
	change = append([]func(*store.Client){idptest.Callback(https, custom)}, change...)
	app := s.Client(store.AppNative, change...)
	s.User(email, password)
	return s, app
}

func wantEvents(t *testing.T, s *idptest.Server, want string) {
	t.Helper()
	if got := s.Events(); !slices.Equal(got, strings.Fields(want)) {
		t.Errorf("events %v, want %s", got, want)
	}
}

func TestLogin(t *testing.T) {
	for _, tt := range []struct {
		name, username, password string
		status                   int
		text                     string // on the page; empty: back at the application
		events                   string
	}{
		{"right", email, password, 302, "", "s"},
		{"address in capitals and with spaces", "  JSmith@Example.COM ", password, 302, "", "s"},
		{"wrong password", email, "wrong", 400, wrongCredentials, "fp"},
		{"password in capitals", email, strings.ToUpper(password), 400, wrongCredentials, "fp"},
		{"password with a space", email, password + " ", 400, wrongCredentials, "fp"},
		{"unknown user", "nobody@example.com", password, 400, wrongCredentials, "fu"},
		{"no address", "", password, 400, "Enter your email address.", ""},
		{"no password", email, "", 400, "Enter your password.", ""},
		{"not an address", "jsmith", password, 400, wrongCredentials, "fu"},
		{"markup", `"><script>alert(1)</script>@example.com`, "x", 400, `value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;@example.com"`, "fu"},
		{"SQL", "' OR 1=1 --", "x", 400, wrongCredentials, "fu"},
		{"very long", strings.Repeat("a", 5000) + "@example.com", strings.Repeat("b", 5000), 400, wrongCredentials, "fu"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, app := start(t)
			page := s.Browser().Login(s.AuthorizeURL(app), tt.username, tt.password)
			if page.Status != tt.status || !strings.Contains(page.Body, tt.text) || (tt.text == "") != strings.HasPrefix(page.Location, https+"?code=") {
				t.Errorf("answered %d to %q, want %d and %q:\n%.1500s", page.Status, page.Location, tt.status, tt.text, page.Body)
			}
			if len(tt.password) > 3 && strings.Contains(page.Body, tt.password) {
				t.Error("the password is on the page")
			}
			if log := s.Log.String(); strings.Contains(log, tt.password) && len(tt.password) > 3 {
				t.Error("the password is in the log")
			}
			wantEvents(t, s, tt.events)
		})
	}
}

var changing = regexp.MustCompile(`name="state" value="[^"]*"|state=[^"]*|data-handover="[^"]*"`)

// The answers for a wrong password and for a user who does not exist differ in nothing.
func TestLoginDoesNotTellUsers(t *testing.T) {
	s, app := start(t)
	blank := func(username string) string {
		p := s.Browser().Login(s.AuthorizeURL(app), username, "wrong")
		return strings.ReplaceAll(changing.ReplaceAllString(p.Body, ""), username, "") + p.Header.Get("Set-Cookie")
	}
	if known, unknown := blank(email), blank("nobody@example.com"); known != unknown {
		t.Errorf("known:\n%s\nunknown:\n%s", known, unknown)
	}
}

func TestBlockedUser(t *testing.T) {
	s, app := start(t)
	u := s.User("blocked@example.com", password, func(u *store.User) { u.Blocked = true })
	b := s.Browser()
	if p := b.Login(s.AuthorizeURL(app), u.Email, "wrong"); p.Status != 400 || !strings.Contains(p.Body, wrongCredentials) {
		t.Errorf("a wrong password answered %d to %q: it tells that the user is blocked", p.Status, p.Location)
	}
	p := b.Login(s.AuthorizeURL(app), u.Email, password)
	if p.Param("error") != "unauthorized" || p.Param("error_description") != "user is blocked" || p.Param("state") != "the state" {
		t.Errorf("answered %d to %q, want the error unauthorized: user is blocked", p.Status, p.Location)
	}
	if strings.Contains(p.Header.Get("Set-Cookie"), "auth0=") {
		t.Error("a blocked user got a session")
	}
	wantEvents(t, s, "fp f")
}

// Spec section 31: ten failures of one address block it there, even for the right password, whether or not it is known.
func TestBruteForce(t *testing.T) {
	for _, username := range []string{email, "nobody@example.com"} {
		s, app := start(t)
		form := s.Browser().Get(s.AuthorizeURL(app))
		for i := range 10 {
			if p := form.Submit("username", username, "password", "wrong"); p.Status != 400 || !strings.Contains(p.Body, wrongCredentials) {
				t.Fatalf("failure %d answered %d:\n%.1500s", i+1, p.Status, p.Body)
			}
		}
		p := form.Submit("username", strings.ToUpper(username), "password", password)
		if p.Status != http.StatusTooManyRequests || !strings.Contains(p.Body, accountBlocked) {
			t.Errorf("%s after ten failures: %d to %q, want the block:\n%.1500s", username, p.Status, p.Location, p.Body)
		}
		f := "fp"
		if username != email {
			f = "fu"
		}
		wantEvents(t, s, strings.Repeat(f+" ", 9)+"limit_wc "+f+" f")
		if username == email {
			s.User("other@example.com", password)
			if p := form.Submit("username", "other@example.com", "password", password); !strings.HasPrefix(p.Location, https+"?code=") {
				t.Errorf("another user is blocked too: %d to %q", p.Status, p.Location)
			}
		}
	}
}

// A success forgets the failures before it.
func TestFailuresAreForgotten(t *testing.T) {
	s, app := start(t)
	for range 2 {
		form := s.Browser().Get(s.AuthorizeURL(app))
		for range 9 {
			form.Submit("username", email, "password", "wrong")
		}
		if p := form.Submit("username", email, "password", password); !strings.HasPrefix(p.Location, https+"?code=") {
			t.Fatalf("nine failures answered %d to %q", p.Status, p.Location)
		}
	}
}

func TestSuspiciousAddress(t *testing.T) {
	s, app := start(t)
	s.Tenant(func(t *store.TenantSettings) { t.SuspiciousIP.LoginMaxAttempts = 2 })
	form := s.Browser().Get(s.AuthorizeURL(app))
	form.Submit("username", "a@example.com", "password", "wrong")
	form.Submit("username", "b@example.com", "password", "wrong")
	p := form.Submit("username", email, "password", password)
	if p.Status != http.StatusTooManyRequests || !strings.Contains(p.Body, addressBlocked) || p.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d, Retry-After %q:\n%.1500s", p.Status, p.Header.Get("Retry-After"), p.Body)
	}
	wantEvents(t, s, "fu limit_mu fu f")
}

func TestSignup(t *testing.T) {
	for _, tt := range []struct {
		name, email, password string
		status                int
		text                  string
		events                string
	}{
		{"fresh", "New@Example.com", "A-Good-Password-9", 302, "", "ss s"},
		{"taken", email, "A-Good-Password-9", 400, signupRefused, "fs"},
		{"taken, with the right password", email, password, 400, signupRefused, "fs"},
		{"weak", "new@example.com", "short", 400, "Choose a password that meets every requirement.", "fs"},
		{"weak and taken", email, "short", 400, "Choose a password that meets every requirement.", "fs"},
		{"common", "new@example.com", "Password123!", 400, "Choose a password that meets every requirement.", "fs"},
		{"personal", "jonathan@example.com", "Jonathan-1-x", 400, "Choose a password that meets every requirement.", "fs"},
		{"not an address", "new@", "A-Good-Password-9", 400, "Enter a full email address", "fs"},
		{"no address", "", "A-Good-Password-9", 400, "Enter your email address.", ""},
		{"no password", "new@example.com", "", 400, "Enter your password.", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, app := start(t)
			form := s.Browser().Get(s.AuthorizeURL(app, "screen_hint", "signup"))
			page := form.Submit("username", tt.email, "password", tt.password)
			if page.Status != tt.status || !strings.Contains(page.Body, tt.text) || (tt.text == "") != strings.HasPrefix(page.Location, https+"?code=") {
				t.Errorf("answered %d to %q, want %d and %q:\n%.1500s", page.Status, page.Location, tt.status, tt.text, page.Body)
			}
			if tt.text != "" && page.Path() != "/u/signup" {
				t.Errorf("the page is %s", page.Path())
			}
			wantEvents(t, s, tt.events)
			if tt.text == "" {
				u, err := s.DB.UserByIdentifier(t.Context(), store.DefaultConnection, strings.ToLower(tt.email))
				if err != nil || u.Profile.EmailVerified {
					t.Errorf("the user is %+v (%v), want one whose address is not verified", u, err)
				}
			}
		})
	}
}

func TestSignupIsClosed(t *testing.T) {
	s, app := start(t)
	b := s.Browser()
	signup := b.Get(s.AuthorizeURL(app, "screen_hint", "signup"))
	c, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	c.Settings.DisableSignup = true
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveConnection(t.Context(), &c) }); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*idptest.Page{b.Get(signup.URL), signup.Submit("username", "new@example.com", "password", "A-Good-Password-9")} {
		if p.Status != http.StatusForbidden || !strings.Contains(p.Body, signupRefused) || !strings.Contains(p.Body, `action="/u/login"`) {
			t.Errorf("answered %d, want the login page with the refusal:\n%.1500s", p.Status, p.Body)
		}
	}
	if p := b.Get(s.AuthorizeURL(app)); strings.Contains(p.Body, "/u/signup") {
		t.Error("the login page still leads to the sign-up page")
	}
	wantEvents(t, s, "fs")
}

func TestTooManySignups(t *testing.T) {
	s, app := start(t)
	s.Tenant(func(t *store.TenantSettings) { t.SuspiciousIP.SignupMaxAttempts = 2 })
	form := s.Browser().Get(s.AuthorizeURL(app, "screen_hint", "signup"))
	form.Submit("username", email, "password", "A-Good-Password-9")
	form.Submit("username", email, "password", "A-Good-Password-9")
	p := form.Submit("username", "new@example.com", "password", "A-Good-Password-9")
	if p.Status != http.StatusTooManyRequests || !strings.Contains(p.Body, addressBlocked) || p.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d, Retry-After %q:\n%.1500s", p.Status, p.Header.Get("Retry-After"), p.Body)
	}
	wantEvents(t, s, "fs limit_mu fs fs")
}

// login_hint fills the field on both pages, and a link leads from each to the other without losing the transaction.
func TestLoginHint(t *testing.T) {
	s, app := start(t)
	b := s.Browser()
	link := regexp.MustCompile(`href="(/u/[a-z]+\?state=[^"]+)"`)
	page := b.Get(s.AuthorizeURL(app, "login_hint", "jo@example.com"))
	for _, path := range []string{"/u/login", "/u/signup", "/u/login"} {
		found := link.FindStringSubmatch(page.Body)
		if page.Path() != path || !strings.Contains(page.Body, `value="jo@example.com"`) || found == nil {
			t.Fatalf("at %s, want %s with the address filled in and a link:\n%.2500s", page.Path(), path, page.Body)
		}
		page = b.Get(s.URL + found[1])
	}
}

func TestLanguages(t *testing.T) {
	s, app := start(t)
	s.Tenant(func(t *store.TenantSettings) { off := false; t.BruteForce.Enabled = &off })
	for _, tt := range []struct {
		enabled                 []string
		uiLocales, accept, want string
	}{
		{nil, "", "", "en"},
		{nil, "de", "", "de"},
		{nil, "de", "fr", "de"},
		{nil, "", "fr-CA,fr;q=0.9,en;q=0.8", "fr"},
		{nil, "ko ja", "de", "ja"},
		{nil, "ko", "it", "it"},
		{nil, "pt-BR", "", "pt"},
		{[]string{"en", "es"}, "de", "fr", "en"},
		{[]string{"en", "es"}, "de es", "", "es"},
		{[]string{"es", "en"}, "", "", "es"},
		{nil, `"><script>`, `"><script>`, "en"},
	} {
		s.Tenant(func(t *store.TenantSettings) { t.EnabledLocales = tt.enabled })
		b := s.Browser()
		b.Header.Set("Accept-Language", tt.accept)
		page := b.Get(s.AuthorizeURL(app, "ui_locales", tt.uiLocales))
		again := page.Submit("username", email, "password", "wrong")
		for _, p := range []*idptest.Page{page, again} {
			if !strings.Contains(p.Body, `<html lang="`+tt.want+`"`) {
				t.Errorf("%v: ui_locales %q, Accept-Language %q: not in %s:\n%.200s", tt.enabled, tt.uiLocales, tt.accept, tt.want, p.Body)
			}
		}
	}
}

// form makes a form of names and values in turn.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
