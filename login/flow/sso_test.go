package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// Spec section 29: single sign-on needs a gesture where any app could have claimed the callback, unless the application,
// or else the tenant, says otherwise.
func TestSingleSignOn(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		name        string
		callback    string
		app, tenant *bool
		path        string // of the page, or empty: straight back
	}{
		{"https", https, nil, nil, ""},
		{"https, told not to skip", https, &no, &no, ""},
		{"custom scheme", custom, nil, nil, "/u/confirm"},
		{"loopback", loopback, nil, nil, "/u/confirm"},
		{"localhost", local, nil, nil, "/u/confirm"},
		{"application skips", custom, &yes, nil, ""},
		{"tenant skips", custom, nil, &yes, ""},
		{"tenant skips, loopback", loopback, nil, &yes, ""},
		{"application beats the tenant", custom, &no, &yes, "/u/confirm"},
		{"application beats the tenant, to skip", custom, &yes, &no, ""},
		{"tenant does not skip", custom, nil, &no, "/u/confirm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			s.app.Settings.SkipConfirmation = tt.app
			s.SaveClient(s.app)
			s.Tenant(func(t *store.TenantSettings) { t.SkipConfirmation = tt.tenant })
			b := s.signedIn()
			silent := b.Get(s.AuthorizeURL(s.app, "redirect_uri", tt.callback, "prompt", "none"))
			p := b.Get(s.AuthorizeURL(s.app, "redirect_uri", tt.callback))
			if tt.path == "" {
				s.back(silent, tt.callback)
				s.back(p, tt.callback)
				s.events("s ssa s")
				return
			}
			s.refused(silent, "interaction_required", "Interaction required")
			s.page(p, tt.path)
			if !strings.Contains(p.Body, "John Smith") || !strings.Contains(p.Body, email) {
				t.Errorf("the page does not say who is signed in:\n%s", p.Body)
			}
			s.back(p.Submit("action", "accept"), tt.callback)
			s.events("s fsa s")
		})
	}
}

func TestConfirmation(t *testing.T) {
	s := open(t)
	b := s.signedIn()
	ask := func() *idptest.Page {
		return s.page(b.Get(s.AuthorizeURL(s.app, "redirect_uri", custom)), "/u/confirm")
	}
	s.refused(ask().Submit("action", "deny"), "access_denied", "User did not authorize the request")
	s.lost(ask().Submit("action", "perhaps"), 400, "The form was sent without one of its buttons.")
	s.User("other@example.com", password)
	form := s.page(ask().Submit("action", "switch"), "/u/login")
	s.back(form.Submit("username", "other@example.com", "password", password), custom)
	s.events("s f s")
	page := s.page(b.Get(s.AuthorizeURL(s.app, "redirect_uri", custom)), "/u/confirm")
	if !strings.Contains(page.Body, "other@example.com") {
		t.Error("after a switch the session is still the former user's")
	}
}

// A login is a page: it needs no confirmation after it.
func TestLoginIsConfirmation(t *testing.T) {
	s := open(t)
	s.back(s.Browser().Login(s.AuthorizeURL(s.app, "redirect_uri", custom), email, password), custom)
	s.back(s.Browser().Login(s.AuthorizeURL(s.app, "redirect_uri", loopback), email, password), loopback)
	s.events("s s")
}

// One browser, one user: whoever logs in after another replaces that session.
func TestAnotherUser(t *testing.T) {
	s := open(t)
	other := s.User("other@example.com", password)
	b := s.signedIn()
	s.back(b.Login(s.AuthorizeURL(s.app, "prompt", "login"), "other@example.com", password), https)
	for user, want := range map[string]int{s.user.ID: 0, other.ID: 1} {
		all, err := s.DB.Sessions(t.Context(), user)
		if err != nil || len(all) != want {
			t.Errorf("%s has %d sessions (%v), want %d", user, len(all), err, want)
		}
	}
}

// Spec section 30: 72 hours without activity, 168 hours in all, and single sign-on is activity.
func TestSessionEnds(t *testing.T) {
	const hour = time.Hour
	for _, tt := range []struct {
		name     string
		settings store.TenantSettings
		waits    []time.Duration // between visits
		living   bool
	}{
		{"within the idle time", store.TenantSettings{}, []time.Duration{71 * hour}, true},
		{"idle", store.TenantSettings{}, []time.Duration{73 * hour}, false},
		{"active", store.TenantSettings{}, []time.Duration{71 * hour, 71 * hour}, true},
		{"active, but too old", store.TenantSettings{}, []time.Duration{71 * hour, 71 * hour, 27 * hour}, false},
		{"the tenant's idle time", store.TenantSettings{IdleSessionLifetime: 1}, []time.Duration{2 * hour}, false},
		{"the tenant's lifetime", store.TenantSettings{SessionLifetime: 2}, []time.Duration{hour, 61 * time.Minute}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			s.Tenant(func(t *store.TenantSettings) { *t = tt.settings })
			b := s.signedIn()
			for i, wait := range tt.waits {
				s.Clock.Advance(wait)
				p := b.Get(s.AuthorizeURL(s.app, "prompt", "none"))
				if i < len(tt.waits)-1 || tt.living {
					s.back(p, https)
				} else {
					s.refused(p, "login_required", "Login required")
				}
			}
		})
	}
}

// A shorter lifetime takes hold at the next activity, a longer one only at the next login.
func TestLifetimesChange(t *testing.T) {
	s := open(t)
	b := s.signedIn()
	s.Tenant(func(t *store.TenantSettings) { t.SessionLifetime = 2 })
	s.Clock.Advance(time.Hour)
	s.back(b.Get(s.AuthorizeURL(s.app)), https)
	s.Tenant(func(t *store.TenantSettings) { t.SessionLifetime = 1000 })
	s.Clock.Advance(90 * time.Minute)
	s.page(b.Get(s.AuthorizeURL(s.app)), "/u/login")
}

// What happens to the user ends what the session is good for, at once.
func TestUserChanges(t *testing.T) {
	t.Run("blocked", func(t *testing.T) {
		s := open(t)
		b := s.signedIn()
		s.user.Blocked = true
		s.SaveUser(s.user)
		s.refused(b.Get(s.AuthorizeURL(s.app)), "unauthorized", "user is blocked")
		s.refused(b.Get(s.AuthorizeURL(s.app, "prompt", "none")), "unauthorized", "user is blocked")
		s.events("s f fsa")
	})
	t.Run("deleted", func(t *testing.T) {
		s := open(t)
		b := s.signedIn()
		err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteUser(t.Context(), s.user.ID) })
		if err != nil {
			t.Fatal(err)
		}
		s.refused(b.Get(s.AuthorizeURL(s.app, "prompt", "none")), "login_required", "Login required")
		s.page(b.Get(s.AuthorizeURL(s.app)), "/u/login")
	})
}

// Users of one connection are not single-signed-on to an application that has only others.
func TestConnections(t *testing.T) {
	s := open(t)
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		return tx.CreateConnection(t.Context(), &store.Connection{Name: "staff", Strategy: "auth0"})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.User(email, "Another-Password-7", func(u *store.User) { u.Connection = "staff" })
	staff := s.Client(store.AppNative, idptest.Callback(https), func(c *store.Client) { c.Settings.Connections = []string{"staff"} })
	nobody := s.Client(store.AppNative, idptest.Callback(https), func(c *store.Client) { c.Settings.Connections = []string{} })

	b := s.signedIn()
	s.refused(b.Get(s.AuthorizeURL(staff, "prompt", "none")), "login_required", "Login required")
	form := s.page(b.Get(s.AuthorizeURL(staff)), "/u/login")
	if p := form.Submit("username", email, "password", password); p.Status != 400 {
		t.Errorf("the password of the other connection answered %d to %q", p.Status, p.Location)
	}
	s.back(form.Submit("username", email, "password", "Another-Password-7"), https)
	s.back(b.Get(s.AuthorizeURL(s.app)), https)
	s.page(b.Get(s.AuthorizeURL(s.app, "connection", store.DefaultConnection)), "/u/login")
	s.lost(b.Get(s.AuthorizeURL(nobody)), 403, "No connection of this application can sign anybody in")

	// Its users' sessions end with the connection, whichever application they come from.
	conn, err := s.DB.Connection(t.Context(), "staff")
	if err != nil {
		t.Fatal(err)
	}
	conn.Settings.Disabled = true
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveConnection(t.Context(), &conn) }); err != nil {
		t.Fatal(err)
	}
	s.refused(b.Get(s.AuthorizeURL(s.app, "prompt", "none")), "login_required", "Login required")
}
