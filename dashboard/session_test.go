package dashboard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func TestSession(t *testing.T) {
	h := open(t)
	nobody := &desk{Browser: h.Browser(), h: h}
	nobody.ended("nobody signed in")
	d := h.signIn(email)
	a := d.session()
	user, _ := a.JSON["user"].(map[string]any)
	tenants, _ := a.JSON["tenants"].([]any)
	if user["sub"] != h.admin.ID || user["email"] != email || user["name"] != "Jane Doe" || a.JSON["role"] != "Admin" || len(tenants) != 1 {
		t.Fatalf("the session is %s", a.Body)
	}
	want := map[string]any{"name": "test", "domain": strings.TrimPrefix(h.URL, "http://"), "issuer": h.Issuer}
	for name, v := range want {
		if got := tenants[0].(map[string]any)[name]; got != v {
			t.Errorf("the tenant's %s is %v, want %v", name, got, v)
		}
	}
	ends, err := time.Parse(time.RFC3339, a.Text("expires_at"))
	if idle := ends.Sub(h.Clock.Now()); err != nil || idle < 59*time.Minute || idle > time.Hour {
		t.Errorf("the session ends in %v (%v), want an hour", idle, err)
	}
	if a.Header.Get("Cache-Control") != "no-store" || hasToken(a.Body) {
		t.Errorf("the session is answered with %v: %s", a.Header, a.Body)
	}
	for role, address := range map[string]string{"Editor": "editor@example.com", "Viewer": "viewer@example.com"} {
		h.Administrator(address, password, role)
		if got := h.signIn(address).session().JSON["role"]; got != role {
			t.Errorf("the role of %s is %v", address, got)
		}
	}
}

// An administrator is a user of the administrators' tenant alone, and a user of a tenant is no administrator.
func TestOnlyAdministratorsSignIn(t *testing.T) {
	h := open(t)
	h.User("jsmith@example.com", password)
	if p := h.Browser().Login(h.Dashboard+"/dashboard/login", "jsmith@example.com", password); p.Status != http.StatusBadRequest {
		t.Errorf("a user of the tenant: %d at %s", p.Status, p.URL)
	}
	other := h.Administrator("nobody@example.com", password, management.RoleViewer)
	h.system(func(tx *store.Tx) error { return tx.RemoveRole(t.Context(), other.ID, "rol_DashboardViewer0") })
	d := &desk{Browser: h.Browser(), h: h}
	p := d.Login(h.Dashboard+"/dashboard/login", "nobody@example.com", password)
	if p.Status != http.StatusForbidden || !strings.Contains(p.Body, "Your account has no role in the Dashboard.") || d.cookie() != "" {
		t.Errorf("an administrator without a role: %d\n%.1500s", p.Status, p.Body)
	}
	d.ended("without a role")
	if p := d.Get(h.Dashboard + "/dashboard/login"); !strings.Contains(p.URL, "/u/login") {
		t.Errorf("whoever has no role cannot sign in as somebody else: the browser is at %s", p.URL)
	}
	if p := h.Browser().Get(h.Dashboard + "/dashboard/login"); strings.Contains(p.Body, "/u/signup") {
		t.Errorf("the login page offers to sign up:\n%.1500s", p.Body)
	}
}

// The cookies are out of reach of scripts and of other sites; by TLS of other hosts too.
func TestCookies(t *testing.T) {
	check := func(set, name, age string, tls bool) {
		t.Helper()
		prefix := ""
		if tls {
			prefix = "__Host-"
		}
		for _, part := range []string{prefix + name + "=", "; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Max-Age=" + age} {
			if !strings.Contains(set, part) {
				t.Errorf("the cookie %q has no %q", set, part)
			}
		}
		if strings.Contains(set, "; Secure") != tls || strings.Contains(set, "Domain") || hasToken(set) {
			t.Errorf("the cookie is %q", set)
		}
	}
	by := open(t, func(o *app.Options) { o.Dashboard = "https://admin.example.com" })
	check(hosted(t, by, "admin.example.com", "/dashboard/login").Header.Get("Set-Cookie"), "dashboard_login", "1800", true)

	h := open(t)
	b := h.Browser()
	at := b.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "")
	check(at.Header.Get("Set-Cookie"), "dashboard_login", "1800", false)
	b.Login(h.Dashboard+at.Header.Get("Location"), email, password)
	at = b.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "")
	at = b.Do(http.MethodGet, h.Dashboard+at.Header.Get("Location"), "", "")
	set := b.Do(http.MethodGet, at.Header.Get("Location"), "", "").Header.Values("Set-Cookie")
	if len(set) != 2 || !strings.HasPrefix(set[0], "dashboard_login=;") {
		t.Fatalf("the callback sets %q", set)
	}
	check(set[1], "dashboard", "43200", false)
	for _, c := range b.Cookies(h.Dashboard) {
		if c.Name != "dashboard" && c.Name != "administrator" {
			t.Errorf("after the login the browser has the cookie %s", c.Name)
		}
	}
}

// hosted sends a request to another host on the server's listener.
func hosted(t *testing.T, h *house, host, path string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

// The session's cookie is made at the login: one that was planted before it is worth nothing after it.
func TestNoFixation(t *testing.T) {
	h := open(t)
	thief := h.signIn(email)
	victim := h.Browser()
	victim.SetCookies(h.Dashboard, &http.Cookie{Name: "dashboard", Value: thief.cookie(), Path: "/"})
	d := h.signInWith(victim, email)
	if d.cookie() == thief.cookie() {
		t.Fatal("the login kept the cookie that was there")
	}
	thief.ended("its cookie was planted in a browser that signed in")
	before, csrf := d.cookie(), d.csrf
	again := h.signInAgain(d)
	if again.cookie() == before || again.csrf == csrf {
		t.Error("another login kept the cookie")
	}
	old := h.Browser()
	old.SetCookies(h.Dashboard, &http.Cookie{Name: "dashboard", Value: before, Path: "/"})
	(&desk{Browser: old, h: h}).ended("another login took its place")
}

// signInAgain begins another login, for which nobody types a password.
func (h *house) signInAgain(d *desk) *desk {
	h.t.Helper()
	if p := d.Get(h.Dashboard + "/dashboard/login"); p.URL != h.Dashboard+"/" {
		h.t.Fatalf("another login ended at %s (%d)", p.URL, p.Status)
	}
	return &desk{Browser: d.Browser, h: h, csrf: d.session().Text("csrf")}
}

func TestExpiry(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	h.Clock.Advance(59 * time.Minute)
	if a := d.session(); a.Status != http.StatusOK {
		t.Fatalf("after 59 minutes: %d", a.Status)
	}
	h.Clock.Advance(2 * time.Minute) // asking for the session was no activity
	d.ended("idle for an hour")
	if p := d.Get(h.Dashboard + "/dashboard/login"); !strings.Contains(p.URL, "/u/login") {
		t.Errorf("after an idle hour the login needs no password: %s", p.URL)
	}

	d = h.signIn(email)
	for range 13 {
		h.Clock.Advance(55 * time.Minute)
		if a := d.fetch(http.MethodGet, "/dashboard/api/test/clients", ""); a.Status != http.StatusOK {
			t.Fatalf("in use: %d %s", a.Status, a.Body)
		}
	}
	h.Clock.Advance(6 * time.Minute)
	d.ended("12 hours after the login")

	h.system(func(tx *store.Tx) error {
		return tx.SaveTenantSettings(t.Context(), store.TenantSettings{SessionLifetime: 0.5, IdleSessionLifetime: 0.25})
	})
	d = h.signIn(email)
	h.Clock.Advance(16 * time.Minute)
	d.ended("idle longer than the setting")
}

// A session is over with what it stands on.
func TestSessionsEndWithTheLogin(t *testing.T) {
	for name, end := range map[string]func(h *house, tx *store.Tx) error{
		"blocked": func(h *house, tx *store.Tx) error {
			h.admin.Blocked = true
			return tx.SaveUser(h.t.Context(), &h.admin)
		},
		"deleted":        func(h *house, tx *store.Tx) error { return tx.DeleteUser(h.t.Context(), h.admin.ID) },
		"sessions ended": func(h *house, tx *store.Tx) error { _, err := tx.EndSessionsOf(h.t.Context(), h.admin.ID); return err },
		"role taken away": func(h *house, tx *store.Tx) error {
			return tx.RemoveRole(h.t.Context(), h.admin.ID, "rol_DashboardAdmin00")
		},
	} {
		h := open(t)
		d := h.signIn(email)
		h.system(func(tx *store.Tx) error { return end(h, tx) })
		d.ended(name)
		if a := d.fetch(http.MethodGet, "/dashboard/api/test/clients", ""); a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
			t.Errorf("%s: the API answered %d %.200s", name, a.Status, a.Body)
		}
	}
}

func TestLogout(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	value := d.cookie()
	if a := d.fetch(http.MethodPost, "/dashboard/logout", "", "X-CSRF-Token", "guess"); a.Status != http.StatusForbidden {
		t.Errorf("a logout without the token: %d", a.Status)
	}
	if a := d.fetch(http.MethodPost, "/dashboard/logout", "", "Sec-Fetch-Site", "same-site", "Origin", h.URL); a.Status != http.StatusForbidden {
		t.Errorf("a logout by another origin: %d", a.Status)
	}
	if a := d.session(); a.Status != http.StatusOK {
		t.Fatalf("refused logouts ended the session: %d", a.Status)
	}
	families, err := h.App.System.DB.RefreshFamilies(t.Context(), h.admin.ID)
	if err != nil || len(families) != 1 {
		t.Fatal(families, err)
	}
	a := d.fetch(http.MethodPost, "/dashboard/logout", "")
	if a.Status != http.StatusNoContent || d.cookie() != "" {
		t.Errorf("the logout: %d %s, and the browser has the cookie %q", a.Status, a.Body, d.cookie())
	}
	d.SetCookies(h.Dashboard, &http.Cookie{Name: "dashboard", Value: value, Path: "/"})
	d.ended("logged out")
	if families, err := h.App.System.DB.RefreshFamilies(t.Context(), h.admin.ID); err != nil || len(families) != 0 {
		t.Errorf("refresh tokens that live after the logout: %v %v", families, err)
	}
	if p := d.Get(h.Dashboard + "/dashboard/login"); !strings.Contains(p.URL, "/u/login") {
		t.Errorf("after the logout a login needs no password: %s", p.URL)
	}
	if a := d.fetch(http.MethodPost, "/dashboard/logout", ""); a.Status != http.StatusNoContent {
		t.Errorf("a second logout: %d %s", a.Status, a.Body)
	}
}

// Wherever return_to leads, it is on this origin.
func TestReturnTo(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	for asked, want := range map[string]string{
		"/tenants/dev/applications?q=a%20b&page=2": "/tenants/dev/applications?q=a%20b&page=2",
		"/a#b":                          "/a#b",
		"":                              "/",
		"//evil.example":                "/",
		"///evil.example":               "/",
		"/\\evil.example":               "/",
		"\\\\evil.example":              "/",
		"https://evil.example/":         "/",
		"https:evil.example":            "/",
		"javascript:alert(1)":           "/",
		"evil.example":                  "/",
		"/\t/evil.example":              "/",
		"/\n/evil.example":              "/",
		" //evil.example":               "/",
		"/é":                            "/",
		"/dashboard/login":              "/",
		"/dashboard/callback":           "/",
		"/%zz":                          "/",
		"@evil.example":                 "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		// By hand, since the browser would follow.
		at := h.Dashboard + "/dashboard/login?return_to=" + url.QueryEscape(asked)
		for range 3 {
			a := d.Do(http.MethodGet, at, "", "")
			location := a.Header.Get("Location")
			if a.Status != http.StatusFound {
				t.Fatalf("%q: %s answered %d", asked, at, a.Status)
			}
			if at = location; strings.HasPrefix(location, "/authorize") {
				at = h.Dashboard + location
			}
		}
		if at != want {
			t.Errorf("return_to=%q leads to %q, want %q", asked, at, want)
		}
	}
}

// A callback that this browser did not ask for signs nobody in: a foreign code would make them work in a foreign account.
func TestForeignCallback(t *testing.T) {
	h := open(t)
	attacker := h.signIn(email)
	at := attacker.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "").Header.Get("Location")
	callback := attacker.Do(http.MethodGet, h.Dashboard+at, "", "").Header.Get("Location")
	if !strings.HasPrefix(callback, h.Dashboard+"/dashboard/callback?code=") {
		t.Fatalf("the attacker's callback is %q", callback)
	}
	victim := &desk{Browser: h.Browser(), h: h}
	if p := victim.Get(callback); p.Status != http.StatusBadRequest || !strings.Contains(p.Body, "This sign-in was not begun in this browser") || !strings.Contains(p.Body, h.Dashboard+"/dashboard/login") {
		t.Errorf("without a login of its own: %d\n%.1500s", p.Status, p.Body)
	}
	victim.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "")
	if p := victim.Get(callback); p.Status != http.StatusBadRequest || victim.cookie() != "" {
		t.Errorf("with a login of its own: %d", p.Status)
	}
	victim.ended("a foreign callback")
	h.Clock.Advance(31 * time.Minute)
	if p := attacker.Get(callback); p.Status != http.StatusFound && p.URL != h.Dashboard+"/" {
		t.Errorf("too late, with a session: %d at %s", p.Status, p.URL)
	}
	// An error comes back as a page, not as a session.
	state := attacker.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "").Header.Get("Location")
	u, err := url.Parse(state)
	if err != nil {
		t.Fatal(err)
	}
	p := attacker.Get(h.Dashboard + "/dashboard/callback?error=access_denied&error_description=" + url.QueryEscape("<b>no</b>") + "&state=" + u.Query().Get("state"))
	if p.Status != http.StatusForbidden || strings.Contains(p.Body, "<b>no</b>") {
		t.Errorf("an error at the callback: %d\n%.1500s", p.Status, p.Body)
	}
	p = attacker.Get(h.Dashboard + "/dashboard/callback?code=junk&state=" + u.Query().Get("state"))
	if p.URL != h.Dashboard+"/" { // the state was used, but there is a session
		t.Errorf("a used state: %d at %s", p.Status, p.URL)
	}
}

// Sessions are in the database: they survive a restart, and any node knows them.
func TestRestartAndNodes(t *testing.T) {
	var options app.Options
	h := open(t, idptest.File(t), func(o *app.Options) { options = *o })
	d := h.signIn(email)
	h.Restart()
	if a := d.session(); a.Status != http.StatusOK || a.Text("csrf") != d.csrf {
		t.Fatalf("after a restart: %d %s", a.Status, a.Body)
	}
	options.Dashboard = h.Dashboard
	options.Tenants[0].Domains = []string{h.URL}
	node, err := app.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.Dashboard+"/dashboard/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "dashboard", Value: d.cookie()})
	w := httptest.NewRecorder()
	node.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), d.csrf) {
		t.Errorf("another node answered %d %s", w.Code, w.Body)
	}
}

// Neither a database that is read nor a cookie that is guessed gives a session.
func TestStoredSessions(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	for name, value := range map[string]string{
		"none": "", "short": "x", "guess": strings.Repeat("A", 43), "with more": d.cookie() + "A", "other case": strings.ToUpper(d.cookie()), "bytes": strings.Repeat("%", 43),
	} {
		b := h.Browser()
		b.SetCookies(h.Dashboard, &http.Cookie{Name: "dashboard", Value: value, Path: "/"})
		(&desk{Browser: b, h: h}).ended(name)
	}
	if text := h.Log.String(); strings.Contains(text, d.cookie()) || strings.Contains(text, d.csrf) || strings.Contains(text, "eyJ") {
		t.Error("the log has the cookie, the token against forgery or a token of the provider")
	}
}
