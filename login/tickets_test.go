package login_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const (
	renewed      = "Renewed-Login-8-Flow"
	resetTitle   = "Choose a new password"
	resetDone    = "You can now log in with your new password."
	verifyTitle  = "Confirm your email address"
	verifiedDone = "Email address confirmed"
)

// issue makes a link as the Management API does, and returns its address and its secret.
func issue(t *testing.T, s *idptest.Server, kind string, ticket identity.Ticket, userID string) (link, secret string) {
	t.Helper()
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		u, err := tx.User(t.Context(), userID)
		if err != nil {
			return err
		}
		secret, err = identity.IssueTicket(t.Context(), tx, kind, ticket, u, time.Hour)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	path := identity.ResetPath
	if kind == identity.EmailTicket {
		path = identity.VerifyPath
	}
	return s.URL + path + "?ticket=" + secret, secret
}

func userOf(t *testing.T, s *idptest.Server) store.User {
	t.Helper()
	u, err := s.DB.UserByIdentifier(t.Context(), store.DefaultConnection, email)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func unverified(t *testing.T, s *idptest.Server) store.User {
	t.Helper()
	u := userOf(t, s)
	u.Profile.EmailVerified = false
	s.SaveUser(u)
	return u
}

func wantPage(t *testing.T, p *idptest.Page, status int, text string) {
	t.Helper()
	if p.Status != status || !strings.Contains(p.Body, text) {
		t.Fatalf("%s answered %d to %q, want %d with %q:\n%.1500s", p.URL, p.Status, p.Location, status, text, p.Body)
	}
}

// A changed password lets the user in with it alone, ends what the old one began and what failed logins closed.
func TestResetPassword(t *testing.T) {
	s, app := start(t)
	s.API("https://api.example.com/")
	u := unverified(t, s)
	b := s.Browser()
	in := b.Login(s.AuthorizeURL(app, "redirect_uri", https, "scope", "openid offline_access", "audience", "https://api.example.com/"), email, password)
	refresh := s.Exchange(app, in.Param("code"), "redirect_uri", https).Text("refresh_token")
	if refresh == "" {
		t.Fatalf("no refresh token after %q", in.Location)
	}
	guess := s.Browser().Get(s.AuthorizeURL(app))
	for range 10 {
		guess.Submit("username", email, "password", "wrong")
	}
	link, secret := issue(t, s, identity.PasswordTicket, identity.Ticket{MarkEmailVerified: true, ClientID: app.ID}, u.ID)

	page := b.Get(link)
	wantPage(t, page, http.StatusOK, resetTitle)
	for _, want := range []string{email, app.Name, "At least 8 characters", `autocomplete="new-password"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'; frame-ancestors 'none'") || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page has the headers %v", page.Header)
	}
	wantPage(t, b.Get(strings.Replace(link, "/u/reset-password", "/u/reset-verify", 1)), http.StatusOK, resetTitle)
	wantPage(t, page.Submit("password", ""), http.StatusBadRequest, "Enter your password.")
	wantPage(t, page.Submit("password", "short"), http.StatusBadRequest, "Choose a password that meets every requirement.")
	wantPage(t, page.Submit("password", "Jsmith-Login-8-Flow"), http.StatusBadRequest, "Choose a password that meets every requirement.")
	if userOf(t, s).Profile.EmailVerified {
		t.Error("a refused password verified the address")
	}
	wantPage(t, page.Submit("password", renewed), http.StatusOK, resetDone)

	after := userOf(t, s)
	if !after.Profile.EmailVerified || after.PasswordSetAt.IsZero() {
		t.Errorf("the user is %+v", after.Profile)
	}
	if sessions, err := s.DB.Sessions(t.Context(), u.ID); err != nil || len(sessions) > 0 {
		t.Errorf("%d sessions are left (%v)", len(sessions), err)
	}
	if a := s.Token("grant_type", "refresh_token", "client_id", app.ID, "refresh_token", refresh); a.Status != http.StatusForbidden {
		t.Errorf("the refresh token answered %d: %s", a.Status, a.Body)
	}
	wantPage(t, b.Get(link), http.StatusForbidden, "This link is no longer valid")
	wantPage(t, page.Submit("password", "Another-Login-9-Flow"), http.StatusForbidden, "This link is no longer valid")
	wantPage(t, s.Browser().Login(s.AuthorizeURL(app), email, password), http.StatusBadRequest, wrongCredentials)
	if p := s.Browser().Login(s.AuthorizeURL(app, "redirect_uri", https), email, renewed); p.Param("code") == "" {
		t.Errorf("the new password answered %d at %s:\n%.900s", p.Status, p.URL, p.Body)
	}

	counts := map[string]int{}
	for _, e := range s.EventRecords() {
		counts[e.Type]++
		if (e.Type == "scp" || e.Type == "fcp") && (e.UserID != u.ID || e.UserName != email || e.Connection != store.DefaultConnection && e.Type == "scp") {
			t.Errorf("the event %s is %+v", e.Type, e)
		}
		if said := strings.ToLower(fmt.Sprintf("%+v", e)); strings.Contains(said, strings.ToLower(secret)) || strings.Contains(said, strings.ToLower(renewed)) {
			t.Errorf("the event %s tells a secret: %s", e.Type, said)
		}
	}
	if counts["scp"] != 1 || counts["fcp"] != 3 {
		t.Errorf("events %v, want one scp, and fcp for two weak passwords and a used link", counts)
	}
	if log := s.Log.String(); strings.Contains(log, secret) || strings.Contains(log, renewed) || strings.Contains(log, "short\"") {
		t.Error("the log has a secret")
	}
}

// A program that scans a mail follows the link: only the button verifies.
func TestVerifyEmail(t *testing.T) {
	s, _ := start(t)
	s.Tenant(func(settings *store.TenantSettings) { settings.DefaultRedirectionURI = "https://app.example.com/start" })
	u := unverified(t, s)
	link, secret := issue(t, s, identity.EmailTicket, identity.Ticket{}, u.ID)
	b := s.Browser()
	for range 3 {
		wantPage(t, b.Get(link), http.StatusOK, verifyTitle)
	}
	s.Do(http.MethodHead, strings.TrimPrefix(link, s.URL), "", "")
	if userOf(t, s).Profile.EmailVerified {
		t.Fatal("looking at the page verified the address")
	}
	page := b.Get(link)
	done := page.Submit()
	wantPage(t, done, http.StatusOK, verifiedDone)
	if !strings.Contains(done.Body, `href="https://app.example.com/start?iss=`) || !userOf(t, s).Profile.EmailVerified {
		t.Errorf("the page does not lead back, or the address is not verified:\n%.1500s", done.Body)
	}
	wantPage(t, page.Submit(), http.StatusForbidden, "This link is no longer valid")
	wantPage(t, b.Get(link), http.StatusForbidden, "This link is no longer valid")
	wantEvents(t, s, "sv fv")
	if strings.Contains(s.Log.String(), secret) {
		t.Error("the log has the secret")
	}
}

// A link ends with its time, with its use, and with the address or the password that it was made for.
func TestLinksDie(t *testing.T) {
	for name, kill := range map[string]func(s *idptest.Server, u store.User){
		"time":           func(s *idptest.Server, _ store.User) { s.Clock.Advance(time.Hour + time.Second) },
		"another mail":   func(s *idptest.Server, u store.User) { u.Email = "other@example.com"; s.SaveUser(u) },
		"a new password": func(s *idptest.Server, u store.User) { u.PasswordSetAt = s.Clock.Now(); s.SaveUser(u) },
		"no user": func(s *idptest.Server, u store.User) {
			if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), u.ID) }); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := start(t)
			u := unverified(t, s)
			b := s.Browser()
			reset, _ := issue(t, s, identity.PasswordTicket, identity.Ticket{}, u.ID)
			verify, _ := issue(t, s, identity.EmailTicket, identity.Ticket{}, u.ID)
			resetPage, verifyPage := b.Get(reset), b.Get(verify)
			wantPage(t, resetPage, http.StatusOK, resetTitle)
			kill(s, u)
			wantPage(t, b.Get(reset), http.StatusForbidden, "This link is no longer valid")
			wantPage(t, resetPage.Submit("password", renewed), http.StatusForbidden, "This link is no longer valid")
			if name == "a new password" { // says nothing about the address
				wantPage(t, verifyPage.Submit(), http.StatusOK, verifiedDone)
				wantEvents(t, s, "fcp sv")
				return
			}
			wantPage(t, b.Get(verify), http.StatusForbidden, "This link is no longer valid")
			wantPage(t, verifyPage.Submit(), http.StatusForbidden, "This link is no longer valid")
			if name == "no user" {
				wantEvents(t, s, "")
				return
			}
			wantEvents(t, s, "fcp fv")
			if after, err := s.DB.User(t.Context(), u.ID); err != nil || after.PasswordHash != u.PasswordHash || after.Profile.EmailVerified {
				t.Errorf("the user was changed: %v", err)
			}
		})
	}
}

// A secret opens only the kind of link that it was made for, and nobody's guess is recorded.
func TestLinksOfOtherKinds(t *testing.T) {
	s, _ := start(t)
	u := unverified(t, s)
	_, reset := issue(t, s, identity.PasswordTicket, identity.Ticket{}, u.ID)
	_, verify := issue(t, s, identity.EmailTicket, identity.Ticket{}, u.ID)
	b := s.Browser()
	for _, tt := range []struct{ path, secret string }{
		{identity.ResetPath, verify}, {identity.VerifyPath, reset},
		{identity.ResetPath, ""}, {identity.VerifyPath, ""}, {identity.ResetPath, "guess"}, {identity.VerifyPath, "\x00\xff"},
		{identity.ResetPath, strings.Repeat("x", 4000)},
	} {
		wantPage(t, b.Get(s.URL+tt.path+"?ticket="+url.QueryEscape(tt.secret)), http.StatusForbidden, "This link is no longer valid")
		if strings.Contains(tt.secret, "\x00") {
			continue // a form with it is refused as such
		}
		wantPage(t, b.Post(s.URL+tt.path, url.Values{"state": {tt.secret}, "username": {"a@example.com"}, "password": {renewed}}),
			http.StatusForbidden, "This link is no longer valid")
	}
	wantEvents(t, s, "")
	wantPage(t, b.Get(s.URL+identity.ResetPath+"?ticket="+reset), http.StatusOK, resetTitle)
}

// The browser goes where the link's maker wants it, with the parameters that Auth0 documents.
func TestLinkResults(t *testing.T) {
	for _, tt := range []struct {
		kind, result, want string
		withEmail          bool
	}{
		{identity.PasswordTicket, "https://app.example.com/done?a=b#top",
			"https://app.example.com/done?a=b&success=true&code=success&message=You%20can%20now%20login%20to%20the%20application%20with%20the%20new%20password.#top", false},
		{identity.EmailTicket, "http://localhost:3000/",
			"http://localhost:3000/?email=jsmith%40example.com&success=true&code=success&message=Your%20email%20was%20verified.%20You%20can%20continue%20using%20the%20application.", true},
	} {
		s, _ := start(t)
		link, _ := issue(t, s, tt.kind, identity.Ticket{ResultURL: tt.result, EmailInRedirect: tt.withEmail}, userOf(t, s).ID)
		page := s.Browser().Get(link)
		if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "https:; frame-ancestors") {
			t.Errorf("%s: the policy would stop the redirect: %s", tt.kind, policy)
		}
		p := page.Submit("password", renewed)
		if p.Status != http.StatusSeeOther || p.Location != tt.want || p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d to %q, want %q", tt.kind, p.Status, p.Location, tt.want)
		}
	}
}

// Of many who use a link at once, one does.
func TestLinkRace(t *testing.T) {
	s, app := start(t)
	_, secret := issue(t, s, identity.PasswordTicket, identity.Ticket{}, userOf(t, s).ID)
	passwords := []string{"Racing-Login-1-Flow", "Racing-Login-2-Flow", "Racing-Login-3-Flow", "Racing-Login-4-Flow"}
	won := make([]bool, len(passwords))
	var wait sync.WaitGroup
	for i, p := range passwords {
		wait.Go(func() {
			a, err := http.PostForm(s.URL+identity.ResetPath, url.Values{"state": {secret}, "password": {p}})
			if err != nil {
				t.Error(err)
				return
			}
			a.Body.Close()
			won[i] = a.StatusCode == http.StatusOK
		})
	}
	wait.Wait()
	winners := 0
	for i, p := range passwords {
		if won[i] {
			winners++
		}
		in := s.Browser().Login(s.AuthorizeURL(app, "redirect_uri", https), email, p).Param("code") != ""
		if in != won[i] {
			t.Errorf("password %d: it was set: %v, it lets in: %v", i, won[i], in)
		}
	}
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
}
