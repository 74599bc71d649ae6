package login_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// send is one request to a domain of the server, whatever address that listens on.
func send(t *testing.T, s *idptest.Server, method, host, path string, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func text(t *testing.T, answer *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Spec section 30: by https a cross-site cookie and its twin for old browsers, host-only; by http, which is development,
// one that browsers keep without Secure. The attributes are those of a real login at each domain.
func TestSessionCookie(t *testing.T) {
	for _, tt := range []struct {
		name, host, mode string
		want             []string // name and attributes, without the value
	}{
		{"http", "", "", []string{"auth0; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"}},
		{"http, non-persistent", "", "non-persistent", []string{"auth0; Path=/; HttpOnly; SameSite=Lax"}},
		{"https", "login.example.com", "", []string{
			"auth0; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=None", "auth0_compat; Path=/; Max-Age=604800; HttpOnly; Secure"}},
		{"https, non-persistent", "login.example.com", "non-persistent", []string{
			"auth0; Path=/; HttpOnly; Secure; SameSite=None", "auth0_compat; Path=/; HttpOnly; Secure"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := idptest.New(t, func(o *app.Options) {
				o.Tenants[0].Domains = append(o.Tenants[0].Domains, "https://login.example.com")
			})
			c := s.Client(store.AppNative, idptest.Callback(custom))
			s.User(email, password)
			s.Tenant(func(t *store.TenantSettings) { t.SessionCookie.Mode = tt.mode })

			page := send(t, s, "GET", tt.host, strings.TrimPrefix(s.AuthorizeURL(c), s.URL), "")
			if got := page.Header.Values("Set-Cookie"); len(got) > 0 {
				t.Errorf("cookies before the login: %v", got)
			}
			_, state, _ := strings.Cut(page.Header.Get("Location"), "?state=")
			done := send(t, s, "POST", tt.host, "/u/login", form("state", state, "username", email, "password", password).Encode())
			var got []string
			handedOver := ""
			for _, line := range done.Header.Values("Set-Cookie") {
				name, rest, _ := strings.Cut(line, "=")
				value, attributes, _ := strings.Cut(rest, ";")
				if name == "handed_over" {
					handedOver = attributes
					continue
				}
				if len(value) < 64 {
					t.Errorf("the value of %s is %q", name, value)
				}
				got = append(got, name+";"+attributes)
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("cookies\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if want := strings.Contains(tt.name, "https"); strings.Contains(handedOver, "Secure") != want || handedOver == "" {
				t.Errorf("the cookie handed_over has %q", handedOver)
			}
			if iss := done.Header.Get("Location"); !strings.HasPrefix(iss, custom+"?code=") {
				t.Errorf("the login ended at %q (%d)", iss, done.StatusCode)
			}
		})
	}
}

// sessionCookie is the cookie that a login set.
func sessionCookie(t *testing.T, p *idptest.Page) string {
	t.Helper()
	for _, line := range p.Header.Values("Set-Cookie") {
		if value, found := strings.CutPrefix(line, "auth0="); found {
			value, _, _ = strings.Cut(value, ";")
			return value
		}
	}
	t.Fatalf("no session cookie at %s (%d): %v", p.URL, p.Status, p.Header)
	return ""
}

// A cookie that was planted or copied before a login is worth nothing after it.
func TestSessionFixation(t *testing.T) {
	for _, planter := range []string{"mallory@example.com", email} {
		s, app := start(t)
		s.User("mallory@example.com", password)
		planted := sessionCookie(t, s.Browser().Login(s.AuthorizeURL(app), planter, password))
		with := func(cookie string) *idptest.Page {
			b := s.Browser()
			b.Header.Set("Cookie", "auth0="+cookie)
			return b.Get(s.AuthorizeURL(app, "prompt", "none"))
		}
		if with(planted).Param("code") == "" {
			t.Fatal("the planted cookie is no session")
		}
		victim := s.Browser()
		victim.Header.Set("Cookie", "auth0="+planted)
		fresh := sessionCookie(t, victim.Login(s.AuthorizeURL(app, "prompt", "login"), email, password))
		if fresh == planted {
			t.Error("the login kept the cookie")
		}
		if got := with(planted).Param("error"); got != "login_required" {
			t.Errorf("planted by %s, the cookie of before the login answers %q", planter, got)
		}
		if with(fresh).Param("code") == "" {
			t.Error("the cookie of the login is no session")
		}
	}
}

// A cookie is its id and its secret together, and what is not one is no session and no error.
func TestForgedCookies(t *testing.T) {
	s, app := start(t)
	good := sessionCookie(t, s.Browser().Login(s.AuthorizeURL(app), email, password))
	id, secret, _ := strings.Cut(good, ".")
	flipped := []byte(good)
	flipped[40] ^= 1
	for _, cookie := range []string{
		"", "x", ".", id, id + ".", "." + secret, id + "." + strings.Repeat("A", 43), string(flipped), good + "x", good[:len(good)-1],
		strings.ToLower(good), strings.Repeat("A", 32) + "." + secret, strings.Repeat("%00", 32) + "." + secret, strings.Repeat("a", 5000),
	} {
		b := s.Browser()
		b.Header.Set("Cookie", "auth0="+cookie)
		if got := b.Get(s.AuthorizeURL(app, "prompt", "none")).Param("error"); got != "login_required" {
			t.Errorf("the cookie %.80q answers %q, want login_required", cookie, got)
		}
	}
	b := s.Browser()
	b.Header.Set("Cookie", "auth0=planted; auth0="+good)
	if p := b.Get(s.AuthorizeURL(app, "prompt", "none")); p.Param("code") == "" {
		t.Errorf("a second cookie hides the session: %d %q", p.Status, p.Location)
	}
}

// Forms of other sites are refused, whatever cookies the browser adds; ours get through in browsers with and without
// Sec-Fetch-Site.
func TestCrossOrigin(t *testing.T) {
	s, app := start(t)
	page := s.Browser().Get(s.AuthorizeURL(app, "redirect_uri", custom))
	if got := page.Header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("the page's Referrer-Policy is %q: under no-referrer its form would come with Origin: null", got)
	}
	for _, tt := range []struct {
		name    string
		headers []string
		ours    bool
	}{
		{"our form", []string{"Sec-Fetch-Site", "same-origin", "Origin", s.URL}, true},
		{"our form, an old browser", []string{"Origin", s.URL}, true},
		{"typed or a bookmark", []string{"Sec-Fetch-Site", "none"}, true},
		{"not a browser", nil, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.net"}, false},
		{"another site, hiding", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, false},
		{"a sister domain", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://sister.127.0.0.1"}, false},
		{"another port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}, false},
		{"another site, an old browser", []string{"Origin", "https://evil.example.net"}, false},
		{"another port, an old browser", []string{"Origin", "http://127.0.0.1:1"}, false},
		{"a frame without an origin, an old browser", []string{"Origin", "null"}, false},
	} {
		for _, path := range []string{"/u/login", "/u/signup", "/u/select", "/u/consent", "/u/confirm", "/u/reset-password", "/u/email-verification"} {
			answer := send(t, s, "POST", "", path, form("state", "x", "username", email, "password", password).Encode(), tt.headers...)
			body := text(t, answer)
			refused := answer.StatusCode == http.StatusForbidden && strings.Contains(body, "The form was sent by another site.")
			if refused == tt.ours {
				t.Errorf("%s: %s answered %d:\n%.900s", tt.name, path, answer.StatusCode, body)
			}
		}
	}
	wantEvents(t, s, "")
}

// Every page of a transaction may be kept by nobody, framed by nobody, and its form leads only here and to the callback.
func TestPageHeaders(t *testing.T) {
	s, app := start(t, idptest.Callback("http://127.0.0.1/callback"), func(c *store.Client) { c.Settings.ThirdParty = true })
	b := s.Browser()
	visit := func(callback string, more ...string) *idptest.Page {
		return b.Get(s.AuthorizeURL(app, append(more, "redirect_uri", callback)...))
	}
	const fixed = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; script-src 'self'; base-uri 'none'; "
	for _, tt := range []struct {
		name, target string
		page         *idptest.Page
	}{
		{"login", " https:", visit(https)},
		{"login for an app", " com.myclientapp:", visit(custom)},
		{"login for loopback", " http: https:", visit("http://127.0.0.1/callback")},
		{"signup", " com.myclientapp:", visit(custom, "screen_hint", "signup")},
		{"wrong password", " com.myclientapp:", visit(custom).Submit("username", email, "password", "wrong")},
		{"consent", " com.myclientapp:", visit(custom).Submit("username", email, "password", password)},
		{"select", " https:", visit(https, "prompt", "select_account")},
		{"error", "", b.Get(s.URL + "/u/login?state=x")},
		{"not found", "", b.Get(s.URL + "/nothing")},
		{"index", "", b.Get(s.URL + "/")},
	} {
		h := tt.page.Header
		want := fixed + "form-action 'self'" + tt.target + "; frame-ancestors 'none'"
		if got := h.Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: Content-Security-Policy\n%s\nwant\n%s", tt.name, got, want)
		}
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Language",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, got, want)
			}
		}
		if h.Get("X-Request-Id") == "" || !strings.Contains(h.Get("Referrer-Policy"), "-") {
			t.Errorf("%s: X-Request-Id %q, Referrer-Policy %q", tt.name, h.Get("X-Request-Id"), h.Get("Referrer-Policy"))
		}
	}
}

// Answers that are pages: who else could read them?
func TestAnswerPages(t *testing.T) {
	s, app := start(t, func(c *store.Client) { c.Settings.WebOrigins = []string{"https://app.example.com"} })
	b := s.Browser()
	b.Login(s.AuthorizeURL(app), email, password)
	for mode, want := range map[string]struct{ csp, form string }{
		"form_post":   {"frame-ancestors 'none'", `action="` + https + `"`},
		"web_message": {"frame-ancestors https://app.example.com", `"https://app.example.com"`},
	} {
		p := b.Get(s.AuthorizeURL(app, "response_mode", mode))
		csp := p.Header.Get("Content-Security-Policy")
		_, after, _ := strings.Cut(csp, "script-src 'nonce-")
		nonce, _, _ := strings.Cut(after, "'")
		if len(nonce) < 20 || !strings.Contains(p.Body, `<script nonce="`+nonce+`">`) || !strings.HasSuffix(csp, want.csp) {
			t.Errorf("%s: Content-Security-Policy %q for\n%s", mode, csp, p.Body)
		}
		if !strings.Contains(p.Body, want.form) || !strings.Contains(p.Body, "the state") || p.Header.Get("Cache-Control") != "no-store" ||
			p.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v\n%s", mode, p.Header, p.Body)
		}
	}
}

// The page that stays behind in the browser when an app takes the answer knows its own transaction by a cookie.
func TestHandedOver(t *testing.T) {
	s, app := start(t)
	form := s.Browser().Get(s.AuthorizeURL(app, "redirect_uri", custom))
	done := form.Submit("username", email, "password", password)
	cookie := ""
	for _, line := range done.Header.Values("Set-Cookie") {
		if value, found := strings.CutPrefix(line, "handed_over="); found {
			cookie, _, _ = strings.Cut(value, ";")
		}
	}
	if cookie == "" || !strings.Contains(form.Body, `data-handover="`+cookie+`"`) {
		t.Errorf("the cookie is %q, and the page:\n%.900s", cookie, form.Body)
	}
	form = s.Browser().Get(s.AuthorizeURL(app))
	if done := form.Submit("username", email, "password", password); strings.Contains(form.Body, "handover") ||
		strings.Contains(strings.Join(done.Header.Values("Set-Cookie"), ""), "handed_over") {
		t.Error("a callback in the browser is not handed over, but the page says so")
	}
}
