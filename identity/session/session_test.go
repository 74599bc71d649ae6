package session_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// house is a manager over a fresh database with two users, and its clock.
type house struct {
	*session.Manager
	t   *testing.T
	now time.Time
}

const (
	jane = "auth0|jane"
	john = "auth0|john"
)

func build(t *testing.T, secure bool) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 678912345, time.UTC)}
	db, err := store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32), Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Manager = &session.Manager{DB: db, Secure: secure}
	for _, id := range []string{jane, john} {
		u := store.User{ID: id, Connection: "c", Email: id[6:] + "@example.com"}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateUser(t.Context(), &u) }); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// login begins a session and returns it with its cookie's value.
func (h *house) login(old *store.Session, user string, settings store.TenantSettings) (s store.Session, value string) {
	h.t.Helper()
	ctx := web.WithMeta(h.t.Context(), &web.Meta{IP: "192.0.2.1", UserAgent: "agent"})
	err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
		s, value, err = h.Begin(ctx, tx, old, user, settings)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return s, value
}

// current is the session of a request with these cookies, each name=value.
func (h *house) current(cookies ...string) *store.Session {
	h.t.Helper()
	r := httptest.NewRequest("GET", "/authorize", nil)
	for _, c := range cookies {
		r.Header.Add("Cookie", c)
	}
	s, err := h.Current(r)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestALoginBeginsASession(t *testing.T) {
	h := build(t, true)
	s, value := h.login(nil, jane, store.TenantSettings{})
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`).MatchString(s.ID) {
		t.Errorf("the sid is %q, want 32 URL-safe characters", s.ID)
	}
	got := h.current("auth0=" + value)
	if got == nil || got.ID != s.ID || got.UserID != jane || !got.AuthTime.Equal(s.AuthTime) || got.Device.IP != "192.0.2.1" {
		t.Fatalf("the cookie leads to %+v, want %+v", got, s)
	}
	if h.current("auth0_compat="+value) == nil {
		t.Error("the twin without SameSite does not lead to the session")
	}
	if secret := value[33:]; len(secret) != 43 || strings.Contains(fmt.Sprint(got), secret) {
		t.Errorf("the secret %q is not 32 bytes, or is in the row", secret)
	}
}

func TestOnlyTheWholeCookieIsTheSession(t *testing.T) {
	h := build(t, true)
	s, value := h.login(nil, jane, store.TenantSettings{})
	_, other := h.login(nil, john, store.TenantSettings{})
	last := value[:len(value)-1] + "A"
	if last == value {
		last = value[:len(value)-1] + "E"
	}
	for name, wrong := range map[string]string{
		"empty":              "",
		"id alone":           s.ID,
		"no secret":          s.ID + ".",
		"other secret":       s.ID + "." + other[33:],
		"hash as secret":     s.ID + "." + fmt.Sprintf("%x", s.SecretHash)[:43],
		"changed":            last,
		"longer":             value + "A",
		"padding":            value[:len(value)-1] + "=",
		"unknown id":         strings.Repeat("A", 32) + value[32:],
		"bytes of no id":     strings.Repeat("\x01", 32) + value[32:],
		"huge":               strings.Repeat("A", 100000),
		"other cookie alike": "x; auth1=" + value,
	} {
		if got := h.current("auth0=" + wrong); got != nil {
			t.Errorf("%s: got the session of %s, want none", name, got.UserID)
		}
	}
	if got := h.current("auth0=planted", "auth0="+value); got == nil || got.UserID != jane {
		t.Errorf("a planted cookie before the real one hides it: %v", got)
	}
	flood := strings.Repeat("auth0="+strings.Repeat("A", 32)+value[32:]+"; ", 100) + "auth0=" + value
	if h.current(flood) != nil {
		t.Error("a hundred cookies were all looked up")
	}
}

func TestALoginMakesANewSecret(t *testing.T) {
	h := build(t, true)
	first, planted := h.login(nil, jane, store.TenantSettings{})
	h.now = h.now.Add(time.Hour)
	second, value := h.login(&first, jane, store.TenantSettings{})
	if second.ID != first.ID || !second.CreatedAt.Equal(first.CreatedAt) {
		t.Errorf("the same user's login changed the sid from %s to %s", first.ID, second.ID)
	}
	if !second.AuthTime.Equal(first.AuthTime.Add(time.Hour)) || !second.ExpiresAt.Equal(first.ExpiresAt.Add(time.Hour)) {
		t.Errorf("auth_time %v and end %v did not move by an hour", second.AuthTime, second.ExpiresAt)
	}
	if h.current("auth0="+planted) != nil {
		t.Error("the cookie from before the login still leads to the session")
	}
	if h.current("auth0="+value) == nil {
		t.Error("the new cookie leads nowhere")
	}

	third, johns := h.login(&second, john, store.TenantSettings{})
	if third.ID == second.ID || h.current("auth0="+value) != nil {
		t.Error("another user took the session over, or it goes on beside theirs")
	}
	if got := h.current("auth0=" + johns); got == nil || got.UserID != john {
		t.Errorf("the other user's cookie leads to %v", got)
	}
	if all, err := h.DB.Sessions(t.Context(), jane); err != nil || len(all) != 0 {
		t.Errorf("%d sessions of the former user are left, %v", len(all), err)
	}

	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := h.End(t.Context(), tx, &third); return err }); err != nil {
		t.Fatal(err)
	}
	again, value := h.login(&third, john, store.TenantSettings{}) // old ended between the page and its answer
	if again.ID == third.ID || h.current("auth0="+value) == nil {
		t.Error("a login over a session that has ended did not begin another")
	}
}

func TestASessionEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		touch time.Duration // 0: never; otherwise every so often
		alive bool
	}{
		{"before the idle end", 72*time.Hour - time.Second, 0, true},
		{"at the idle end", 72 * time.Hour, 0, false},
		{"with activity", 167 * time.Hour, 24 * time.Hour, true},
		{"with activity, at the absolute end", 168 * time.Hour, 24 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := build(t, true)
			s, value := h.login(nil, jane, store.TenantSettings{})
			for at := c.touch; c.touch > 0 && at < c.after; at += c.touch {
				h.now = s.CreatedAt.Add(at)
				if err := h.Touch(t.Context(), h.current("auth0="+value), store.TenantSettings{}); err != nil {
					t.Fatal(err)
				}
			}
			h.now = s.CreatedAt.Add(c.after)
			if got := h.current("auth0=" + value); (got != nil) != c.alive {
				t.Errorf("after %v: session %v, want alive %v", c.after, got, c.alive)
			}
		})
	}
}

func TestTouchWritesOnceAMinute(t *testing.T) {
	h := build(t, true)
	s, value := h.login(nil, jane, store.TenantSettings{})
	touch := func(after time.Duration) time.Time {
		h.now = s.CreatedAt.Add(after)
		if err := h.Touch(t.Context(), h.current("auth0="+value), store.TenantSettings{}); err != nil {
			t.Fatal(err)
		}
		return h.current("auth0=" + value).ActiveAt
	}
	if got := touch(59 * time.Second); !got.Equal(s.ActiveAt) {
		t.Errorf("touched again after 59 s: %v", got)
	}
	if got := touch(time.Minute); !got.Equal(s.ActiveAt.Add(time.Minute)) {
		t.Errorf("not touched after a minute: %v", got)
	}
}

func TestChangedLifetimes(t *testing.T) {
	h := build(t, true)
	s, value := h.login(nil, jane, store.TenantSettings{})
	current := h.current("auth0=" + value)
	if err := h.Touch(t.Context(), current, store.TenantSettings{SessionLifetime: 400, IdleSessionLifetime: 300}); err != nil {
		t.Fatal(err)
	}
	if got := h.current("auth0=" + value); !got.ExpiresAt.Equal(s.ExpiresAt) {
		t.Errorf("a longer lifetime took hold before the next login: %v", got.ExpiresAt)
	}
	if err := h.Touch(t.Context(), current, store.TenantSettings{SessionLifetime: 10, IdleSessionLifetime: 0.5}); err != nil {
		t.Fatal(err)
	}
	got := h.current("auth0=" + value)
	if want := s.AuthTime.Add(10 * time.Hour); !got.ExpiresAt.Equal(want) {
		t.Errorf("absolute end %v, want %v: a shorter lifetime holds at the next activity", got.ExpiresAt, want)
	}
	if want := s.AuthTime.Add(30 * time.Minute); !got.IdleExpiresAt.Equal(want) {
		t.Errorf("idle end %v, want %v", got.IdleExpiresAt, want)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := h.End(t.Context(), tx, got); return err }); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Hour)
	if err := h.Touch(t.Context(), got, store.TenantSettings{}); err != nil {
		t.Errorf("touching a session that ended meanwhile: %v", err)
	}
}

func TestCookies(t *testing.T) {
	persistent, transient := store.TenantSettings{}, store.TenantSettings{SessionCookie: store.SessionCookie{Mode: "non-persistent"}}
	for _, c := range []struct {
		name     string
		secure   bool
		settings store.TenantSettings
		want     []string
	}{
		{"https", true, persistent, []string{
			"auth0=V; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=None", "auth0_compat=V; Path=/; Max-Age=604800; HttpOnly; Secure"}},
		{"https, non-persistent", true, transient, []string{
			"auth0=V; Path=/; HttpOnly; Secure; SameSite=None", "auth0_compat=V; Path=/; HttpOnly; Secure"}},
		{"http", false, persistent, []string{"auth0=V; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &session.Manager{Secure: c.secure}
			w := httptest.NewRecorder()
			m.SetCookie(w, "V", c.settings)
			if got := w.Header()["Set-Cookie"]; fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got\n%q, want\n%q", got, c.want)
			}
			w = httptest.NewRecorder()
			m.ClearCookie(w)
			for _, cookie := range (&http.Response{Header: w.Header()}).Cookies() {
				if cookie.MaxAge >= 0 || cookie.Value != "" || cookie.Path != "/" {
					t.Errorf("cleared by %v", cookie)
				}
			}
			if got := len(w.Header()["Set-Cookie"]); got != len(c.want) {
				t.Errorf("%d cookies are cleared, %d were set", got, len(c.want))
			}
		})
	}
}

func TestTheRowHasTheHashOfTheSecret(t *testing.T) {
	h := build(t, false)
	s, value := h.login(nil, jane, store.TenantSettings{})
	row, err := h.DB.Session(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(row.SecretHash) != sha256.Size || strings.Contains(value, string(row.SecretHash)) {
		t.Errorf("the row has %d bytes", len(row.SecretHash))
	}
}
