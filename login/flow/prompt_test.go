package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// Spec sections 2.4 and 2.5: which page is shown, with and without a session. An empty path is straight back.
func TestPages(t *testing.T) {
	for _, tt := range []struct {
		name         string
		params       []string
		fresh, known string
	}{
		{"nothing", nil, "/u/login", ""},
		{"screen_hint=signup", []string{"screen_hint", "signup"}, "/u/signup", ""},
		{"screen_hint=login", []string{"screen_hint", "login"}, "/u/login", ""},
		{"prompt=login", []string{"prompt", "login"}, "/u/login", "/u/login"},
		{"prompt=login and signup", []string{"prompt", "login", "screen_hint", "signup"}, "/u/signup", "/u/signup"},
		{"prompt=consent", []string{"prompt", "consent"}, "/u/login", "/u/consent"},
		{"prompt=select_account", []string{"prompt", "select_account"}, "/u/login", "/u/select"},
		{"prompt=select_account login", []string{"prompt", "select_account login"}, "/u/login", "/u/select"},
		{"prompt=login consent", []string{"prompt", "login consent"}, "/u/login", "/u/login"},
		{"max_age=0", []string{"max_age", "0"}, "/u/login", "/u/login"},
		{"max_age=3600", []string{"max_age", "3600"}, "/u/login", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			address := s.AuthorizeURL(s.app, tt.params...)
			s.page(s.Browser().Get(address), tt.fresh)
			p := s.signedIn().Get(address)
			if tt.known == "" {
				s.back(p, https)
			} else {
				s.page(p, tt.known)
			}
		})
	}
}

func TestPromptNone(t *testing.T) {
	s := open(t)
	s.API(api, func(a *store.API) { a.Settings.SkipConsent = false })
	s.refused(s.Browser().Get(s.AuthorizeURL(s.app, "prompt", "none")), "login_required", "Login required")
	b := s.signedIn()
	for _, tt := range []struct {
		params []string
		code   string
		text   string
	}{
		{nil, "", ""},
		{[]string{"max_age", "0"}, "login_required", "Login required"},
		{[]string{"audience", api, "scope", "openid read:messages"}, "consent_required", "Consent required"},
		{[]string{"redirect_uri", custom}, "interaction_required", "Interaction required"},
		{[]string{"screen_hint", "signup"}, "", ""},
		{[]string{"response_mode", "fragment"}, "", ""},
	} {
		p := b.Get(s.AuthorizeURL(s.app, append(tt.params, "prompt", "none")...))
		if tt.code != "" {
			s.refused(p, tt.code, tt.text)
		} else if p.Param("code") == "" || p.Param("state") != "the state" {
			t.Errorf("%v answered %d to %q, want a code", tt.params, p.Status, p.Location)
		}
	}
	s.events("fsa s ssa fsa fsa fsa ssa ssa")
	for _, e := range s.EventRecords() {
		if e.Type == "fsa" && (e.Details["error"] == nil || e.Details["reason"] == nil || e.ClientID != s.app.ID) {
			t.Errorf("the event of a refused silent login is %+v, want the error, the reason and the application", e)
		}
	}
}

// A login that was asked for is a new proof: the ID token says when (spec section 2.4), and the session stays the same.
func TestPromptLogin(t *testing.T) {
	s := open(t)
	b := s.Browser()
	token := func(p *idptest.Page) map[string]any {
		return idToken(t, s.Exchange(s.app, s.back(p, https).Param("code")).Text("id_token"))
	}
	first := token(b.Login(s.AuthorizeURL(s.app), email, password))
	s.Clock.Advance(time.Hour)
	again := token(b.Login(s.AuthorizeURL(s.app, "prompt", "login"), email, password))
	s.Clock.Advance(time.Hour)
	sso := token(b.Get(s.AuthorizeURL(s.app, "max_age", "4000")))

	if first["sid"] != again["sid"] || again["sid"] != sso["sid"] || first["sid"] == nil {
		t.Errorf("sid changed: %v, %v, %v", first["sid"], again["sid"], sso["sid"])
	}
	if _, sent := first["auth_time"]; sent {
		t.Error("auth_time was sent though nothing asked for it")
	}
	at, _ := again["auth_time"].(float64)
	if age := float64(s.Clock.Now().Add(-time.Hour).Unix()) - at; age < 0 || age > 60 {
		t.Errorf("auth_time is %.0f s off the second login", age)
	}
	if sso["auth_time"] != again["auth_time"] {
		t.Errorf("single sign-on moved auth_time from %v to %v", again["auth_time"], sso["auth_time"])
	}
	s.events("s seacft s seacft s seacft")
}

func TestMaxAge(t *testing.T) {
	s := open(t)
	b := s.signedIn()
	s.Clock.Advance(10 * time.Minute)
	s.back(b.Get(s.AuthorizeURL(s.app, "max_age", "660")), https)
	form := s.page(b.Get(s.AuthorizeURL(s.app, "max_age", "540")), "/u/login")
	s.back(form.Submit("username", email, "password", password), https)
	s.back(b.Get(s.AuthorizeURL(s.app, "max_age", "540")), https)
	// Zero asks each time, and the login itself satisfies it.
	s.back(b.Login(s.AuthorizeURL(s.app, "max_age", "0"), email, password), https)
	s.page(b.Get(s.AuthorizeURL(s.app, "max_age", "0")), "/u/login")
}

func TestSelectAccount(t *testing.T) {
	s := open(t)
	s.User("other@example.com", password)
	b := s.signedIn()
	ask := func(callback string) *idptest.Page {
		t.Helper()
		p := s.page(b.Get(s.AuthorizeURL(s.app, "prompt", "select_account", "login_hint", email, "screen_hint", "signup", "redirect_uri", callback)), "/u/select")
		if !strings.Contains(p.Body, email) {
			t.Errorf("the page does not name the account:\n%s", p.Body)
		}
		return p
	}
	s.back(ask(https).Submit("action", "accept"), https)
	s.back(ask(custom).Submit("action", "accept"), custom) // it is a gesture too
	form := s.page(ask(https).Submit("action", "switch"), "/u/login")
	if strings.Contains(form.Body, email) {
		t.Error("who switches the account is offered the former one")
	}
	s.back(form.Submit("username", "other@example.com", "password", password), https)
	s.lost(b.Get(s.AuthorizeURL(s.app, "prompt", "select_account")).Submit("action", ""), 400, "The form was sent without one of its buttons.")
	form = s.page(b.Get(s.AuthorizeURL(s.app, "prompt", "select_account login")).Submit("action", "accept"), "/u/login")
	s.back(form.Submit("username", "other@example.com", "password", password), https)
	s.events("s s s s s")
}
