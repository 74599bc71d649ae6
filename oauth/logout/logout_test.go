package logout_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/oauth/logout"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

const (
	app       = "app"
	native    = "com.example.App://login.example.com/android/com.example.app/callback"
	signedOut = "https://app.example.com/signed-out?lang=en"
)

// house is the endpoints over a fresh database, with one browser and a session in it.
type house struct {
	t       *testing.T
	db      *store.DB
	keys    *keys.Ring
	log     *events.Log
	url     string
	browser *http.Client
	session store.Session
	now     time.Time
}

// plain renders pages as text.
type plain struct{}

func (plain) Confirm(w http.ResponseWriter, _ *http.Request, p logout.ConfirmPage) error {
	_, err := fmt.Fprintf(w, "confirm %s %s %s\n%s", p.PostTo, p.Client.ID, p.User.Email, p.State)
	return err
}

func (plain) SignedOut(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "signed out")
	return err
}

func renderError(w http.ResponseWriter, _ *http.Request, e *problem.Error) {
	http.Error(w, e.Message, e.Status)
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	db, err := store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32), Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	mux := &web.Mux{}
	server := httptest.NewServer((&web.Kit{}).Wrap(mux))
	h.db, h.keys, h.log, h.url = db, keys.Open(db), events.New(db, slog.New(slog.DiscardHandler)), server.URL
	t.Cleanup(func() {
		server.Close()
		h.log.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	sessions := &session.Manager{DB: db}
	(&logout.Logout{Issuer: server.URL + "/", DB: db, Keys: h.keys, Sessions: sessions, Events: h.log, Pages: plain{}, RenderError: renderError}).Routes(mux)
	h.seed()
	return h
}

// seed makes applications, a user, and a browser in which they are signed in.
func (h *house) seed() {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h.write(func(tx *store.Tx) error {
		ctx := h.t.Context()
		c := store.Client{ID: app, Name: "App", Settings: store.ClientSettings{AllowedLogoutURLs: []string{native, signedOut, "https://*.example.org/out"}}}
		bare := store.Client{ID: "bare"}
		u := store.User{ID: "auth0|jane", Connection: "c", Email: "jane@example.com"}
		for _, err := range []error{tx.CreateClient(ctx, &c, nil), tx.CreateClient(ctx, &bare, nil), tx.CreateUser(ctx, &u),
			tx.SetDomains(ctx, []string{h.url, "https://login.example.com"}),
			tx.SaveTenantSettings(ctx, store.TenantSettings{AllowedLogoutURLs: []string{"https://tenant.example.com/bye"}})} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	h.signIn()
}

// signIn begins a session in the browser.
func (h *house) signIn() {
	h.t.Helper()
	var value string
	h.write(func(tx *store.Tx) (err error) {
		h.session, value, err = (&session.Manager{DB: h.db}).Begin(h.t.Context(), tx, nil, "auth0|jane", store.TenantSettings{})
		return err
	})
	at, err := url.Parse(h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	h.browser.Jar.SetCookies(at, []*http.Cookie{{Name: "auth0", Value: value, Path: "/"}})
}

func (h *house) write(f func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

// answer is what a browser sees: the Location of a redirect, or status and text.
func (h *house) answer(r *http.Response, err error) string {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.StatusCode == http.StatusFound {
		return r.Header.Get("Location")
	}
	return fmt.Sprintf("%d %s", r.StatusCode, strings.TrimSpace(string(text)))
}

func (h *house) get(path string) string {
	h.t.Helper()
	return h.answer(h.browser.Get(h.url + path))
}

func (h *house) post(path string, kv ...string) string {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		form.Set(kv[i], kv[i+1])
	}
	return h.answer(h.browser.PostForm(h.url+path, form))
}

func (h *house) signedIn() bool {
	h.t.Helper()
	all, err := h.db.Sessions(h.t.Context(), "auth0|jane")
	if err != nil {
		h.t.Fatal(err)
	}
	return len(all) == 1
}

func (h *house) events(typ string) []store.Event {
	h.t.Helper()
	h.log.Close()
	all, err := h.db.Events(h.t.Context(), store.EventFilter{Type: typ})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// token signs claims as the tenant would; exp is long ago, which does not count.
func (h *house) token(typ, issuer, audience, sid string) string {
	h.t.Helper()
	text, err := h.keys.Sign(h.t.Context(), keys.ES256, typ, map[string]any{"iss": issuer, "sub": "auth0|jane", "aud": audience, "sid": sid, "iat": 1, "exp": 2})
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

func (h *house) idToken() string { return h.token("JWT", h.url+"/", app, h.session.ID) }

const page = "200 signed out"

func TestV2Logout(t *testing.T) {
	mismatch := func(uri string) string {
		return `400 The "returnTo" querystring parameter "` + uri + `" is not defined as a valid URL in "Allowed Logout URLs"`
	}
	for _, c := range []struct {
		name, query, want string
		stays             bool
	}{
		{"nothing", "", page, false},
		{"application", "?client_id=app", native, false},
		{"application without addresses", "?client_id=bare", page, false},
		{"native SDK", "?returnTo=" + url.QueryEscape(native) + "&client_id=app&auth0Client=eyJ9&federated=1", native, false},
		{"federated without value", "?federated&returnTo=" + url.QueryEscape(native) + "&client_id=app", native, false},
		{"an address with a space", "?client_id=app&returnTo=" + url.QueryEscape("HTTPS://App.example.com/signed-out?a=b c&d=%C3%A9#f"), "400", true},
		{"query and fragment are kept, not compared", "?client_id=app&returnTo=" + url.QueryEscape("https://APP.example.com/signed-out?a=b%20c#f"), "https://APP.example.com/signed-out?a=b%20c#f", false},
		{"wildcard", "?client_id=app&returnTo=https%3A%2F%2Feu.example.org%2Fout", "https://eu.example.org/out", false},
		{"tenant's list", "?returnTo=https%3A%2F%2Ftenant.example.com%2Fbye", "https://tenant.example.com/bye", false},
		{"tenant's list is not the application's", "?client_id=app&returnTo=https%3A%2F%2Ftenant.example.com%2Fbye", mismatch("https://tenant.example.com/bye"), true},
		{"application's list is not the tenant's", "?returnTo=" + url.QueryEscape(signedOut), mismatch(signedOut), true},
		{"elsewhere", "?client_id=app&returnTo=https%3A%2F%2Fevil.example.com%2F", mismatch("https://evil.example.com/"), true},
		{"path differs by case", "?client_id=app&returnTo=https%3A%2F%2Fapp.example.com%2FSigned-out", mismatch("https://app.example.com/Signed-out"), true},
		{"script", "?client_id=app&returnTo=javascript:alert(1)", mismatch("javascript:alert(1)"), true},
		{"unknown application", "?client_id=nobody&returnTo=" + url.QueryEscape(signedOut), "403 Unknown client: nobody", true},
		{"twice", "?client_id=app&client_id=bare", "400 Duplicate parameter: client_id", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := build(t)
			got := h.get("/v2/logout" + c.query)
			if c.want == "400" && !strings.HasPrefix(got, "400 ") || c.want != "400" && got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if h.signedIn() != c.stays {
				t.Errorf("signed in afterwards: %v, want %v", h.signedIn(), c.stays)
			}
			if n := len(h.events(events.LogoutSucceeded)); n != map[bool]int{true: 0, false: 1}[c.stays] {
				t.Errorf("%d events slo", n)
			}
		})
	}
}

func TestALogoutWithoutSessionStillReturns(t *testing.T) {
	h := build(t)
	for _, path := range []string{"/v2/logout", "/logout", "/v2/logout"} {
		if got := h.get(path + "?client_id=app&returnTo=" + url.QueryEscape(native)); got != native {
			t.Errorf("%s: %q, want %q", path, got, native)
		}
	}
	if got := h.get("/oidc/logout?client_id=app&state=s&post_logout_redirect_uri=" + url.QueryEscape(signedOut)); got != signedOut+"&state=s" {
		t.Errorf("/oidc/logout: %q", got)
	}
	slo := h.events(events.LogoutSucceeded)
	if len(slo) != 1 || slo[0].UserID != "auth0|jane" || slo[0].ClientName != "App" || slo[0].Details["session_id"] != h.session.ID || slo[0].Details["return_to"] != native {
		t.Errorf("events slo: %+v, want the one of the session", slo)
	}
}

func TestTheCookieIsTakenBack(t *testing.T) {
	h := build(t)
	r, err := h.browser.Get(h.url + "/v2/logout")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if got := r.Header["Set-Cookie"]; len(got) != 1 || !strings.HasPrefix(got[0], "auth0=; Path=/; Max-Age=0") {
		t.Errorf("Set-Cookie: %q", got)
	}
}

func TestARefusedLogoutIsRecorded(t *testing.T) {
	h := build(t)
	h.get("/v2/logout?client_id=app&returnTo=https%3A%2F%2Fevil.example.com%2F%3Fcode%3Dcanary")
	flo := h.events(events.LogoutFailed)
	if len(flo) != 1 || flo[0].ClientID != app || flo[0].Details["return_to"] != "https://evil.example.com/?code=***" {
		t.Errorf("events flo: %+v", flo)
	}
}

func TestOIDCLogout(t *testing.T) {
	const ask = "200 confirm /oidc/logout/confirm "
	other := strings.Repeat("o", 32)
	target := "post_logout_redirect_uri=" + url.QueryEscape(signedOut)
	inconsistent := "400 The id_token_hint, logout_hint and client_id belong to different sessions or applications"
	hint := func(h *house) string { return "id_token_hint=" + h.idToken() }
	for _, c := range []struct {
		name  string
		query func(h *house) string
		want  string // what the answer begins with
		stays bool
	}{
		{"ID token", func(h *house) string { return hint(h) + "&" + target + "&state=a+b%26c" }, signedOut + "&state=a%20b%26c", false},
		{"ID token alone", func(h *house) string { return hint(h) }, native, false},
		{"ID token of another domain of the tenant", func(h *house) string {
			return "id_token_hint=" + h.token("JWT", "https://login.example.com/", app, h.session.ID) + "&" + target
		}, signedOut, false},
		{"ID token and its application", func(h *house) string { return hint(h) + "&client_id=app&" + target }, signedOut, false},
		{"ID token and its session", func(h *house) string { return hint(h) + "&logout_hint=" + h.session.ID + "&" + target }, signedOut, false},
		{"sid", func(h *house) string { return "client_id=app&logout_hint=" + h.session.ID + "&" + target }, signedOut, false},
		{"sid of another session", func(*house) string { return "client_id=app&logout_hint=" + other + "&" + target }, ask + "app jane@example.com", true},
		{"ID token of another session", func(h *house) string {
			return "id_token_hint=" + h.token("JWT", issuerOf(h), app, other) + "&" + target
		}, ask + "app", true},
		{"no hint", func(*house) string { return "client_id=app&" + target }, ask + "app", true},
		{"nothing", func(*house) string { return "" }, ask + " jane", true},
		{"forged ID token", func(h *house) string { return hint(h) + "x&client_id=app&" + target }, ask, true},
		{"unsigned ID token", func(h *house) string {
			return "id_token_hint=eyJhbGciOiJub25lIn0." + strings.Split(h.idToken(), ".")[1] + ".&client_id=app&" + target
		}, ask, true},
		{"foreign issuer", func(h *house) string {
			return "id_token_hint=" + h.token("JWT", "https://evil.example.com/", app, h.session.ID) + "&client_id=app&" + target
		}, ask, true},
		{"access token", func(h *house) string {
			return "id_token_hint=" + h.token("JWT", issuerOf(h), "https://api.example.com/", h.session.ID) + "&client_id=app&" + target
		}, ask, true},
		{"access token by typ", func(h *house) string {
			return "id_token_hint=" + h.token("at+jwt", issuerOf(h), app, h.session.ID) + "&client_id=app&" + target
		}, ask, true},
		{"application contradicts", func(h *house) string { return hint(h) + "&client_id=bare" }, inconsistent, true},
		{"session contradicts", func(h *house) string { return hint(h) + "&logout_hint=" + other }, inconsistent, true},
		{"query differs", func(h *house) string {
			return hint(h) + "&post_logout_redirect_uri=" + url.QueryEscape("https://app.example.com/signed-out")
		}, "400 The post_logout_redirect_uri is not defined", true},
		{"wildcard is not exact", func(h *house) string { return hint(h) + "&post_logout_redirect_uri=https%3A%2F%2Feu.example.org%2Fout" }, "400 The post_logout_redirect_uri is not defined", true},
		{"elsewhere", func(h *house) string { return hint(h) + "&post_logout_redirect_uri=https%3A%2F%2Fevil.example.com" }, "400 The post_logout_redirect_uri is not defined", true},
	} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(method+" "+c.name, func(t *testing.T) {
				h := build(t)
				var got string
				if query := c.query(h); method == "GET" {
					got = h.get("/oidc/logout?" + query)
				} else {
					// An application sends this form from its own site.
					r, err := http.NewRequestWithContext(t.Context(), "POST", h.url+"/oidc/logout", strings.NewReader(query))
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					r.Header.Set("Origin", "https://app.example.com")
					r.Header.Set("Sec-Fetch-Site", "cross-site")
					got = h.answer(h.browser.Do(r))
				}
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if h.signedIn() != c.stays {
					t.Errorf("signed in afterwards: %v, want %v", h.signedIn(), c.stays)
				}
			})
		}
	}
}

func issuerOf(h *house) string { return h.url + "/" }

func TestTheConfirmationCanBeTurnedOff(t *testing.T) {
	h := build(t)
	off := false
	h.write(func(tx *store.Tx) error {
		return tx.SaveTenantSettings(t.Context(), store.TenantSettings{OIDCLogout: store.OIDCLogout{EndUserConfirmation: &off}})
	})
	if got := h.get("/oidc/logout?client_id=app&post_logout_redirect_uri=" + url.QueryEscape(signedOut)); got != signedOut || h.signedIn() {
		t.Errorf("got %q, signed in %v", got, h.signedIn())
	}
}

// asked opens the confirmation and returns its sealed state.
func (h *house) asked() string {
	h.t.Helper()
	got := h.get("/oidc/logout?client_id=app&state=s&post_logout_redirect_uri=" + url.QueryEscape(signedOut))
	_, state, ok := strings.Cut(got, "\n")
	if !ok {
		h.t.Fatalf("no confirmation: %q", got)
	}
	return state
}

func TestTheConfirmationIsAnswered(t *testing.T) {
	const back = signedOut + "&state=s"
	h := build(t)
	state := h.asked()
	if got := h.post("/oidc/logout/confirm", "state", state, "action", "deny"); got != back || !h.signedIn() {
		t.Errorf("deny: %q, signed in %v", got, h.signedIn())
	}
	for name, sealed := range map[string]string{"none": "", "changed": state[:len(state)-2] + "AA", "of another purpose": h.db.Box("other").SealText([]byte("{}"), h.url+"/"),
		"of another domain": h.db.Box("logout").SealText([]byte("{}"), "https://login.example.com/")} {
		if got := h.post("/oidc/logout/confirm", "state", sealed, "action", "accept"); !strings.HasPrefix(got, "400 This question is too old") || !h.signedIn() {
			t.Errorf("state %s: %q, signed in %v", name, got, h.signedIn())
		}
	}
	if got := h.post("/oidc/logout/confirm", "state", state); !strings.HasPrefix(got, "400 The form was sent without") || !h.signedIn() {
		t.Errorf("no button: %q, signed in %v", got, h.signedIn())
	}
	if got := h.post("/oidc/logout/confirm", "state", state, "action", "accept"); got != back || h.signedIn() {
		t.Errorf("accept: %q, signed in %v", got, h.signedIn())
	}
	if got := h.post("/oidc/logout/confirm", "state", state, "action", "accept"); got != back {
		t.Errorf("accept again: %q", got)
	}
	if slo := h.events(events.LogoutSucceeded); len(slo) != 1 || slo[0].ClientID != app || slo[0].Details["return_to"] != signedOut {
		t.Errorf("events slo: %+v", slo)
	}
}

func TestTheConfirmationRunsOut(t *testing.T) {
	h := build(t)
	state := h.asked()
	h.now = h.now.Add(10 * time.Minute)
	if got := h.post("/oidc/logout/confirm", "state", state, "action", "accept"); !strings.HasPrefix(got, "400 ") || !h.signedIn() {
		t.Errorf("after ten minutes: %q, signed in %v", got, h.signedIn())
	}
}

func TestAnAnswerCountsForItsSessionOnly(t *testing.T) {
	h := build(t)
	state := h.asked()
	h.write(func(tx *store.Tx) error { _, err := tx.EndSession(t.Context(), h.session.ID); return err })
	h.signIn()
	if got := h.post("/oidc/logout/confirm", "state", state, "action", "accept"); !strings.HasPrefix(got, "400 This question is too old") || !h.signedIn() {
		t.Errorf("got %q, signed in %v: the session that was begun after the question has ended", got, h.signedIn())
	}
}

func TestAnotherSiteCannotAnswer(t *testing.T) {
	h := build(t)
	form := url.Values{"state": {h.asked()}, "action": {"accept"}}
	r, err := http.NewRequestWithContext(context.Background(), "POST", h.url+"/oidc/logout/confirm", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://evil.example.com")
	if got := h.answer(h.browser.Do(r)); !strings.HasPrefix(got, "403 The form was sent by another site.") || !h.signedIn() {
		t.Errorf("got %q, signed in %v", got, h.signedIn())
	}
}
