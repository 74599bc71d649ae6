package authorize_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// What is presented is the raw value in the query, so that encodings are tested where they are undone: once.
var presented = []struct {
	name, raw string
	answered  string // where the answer goes, or empty: a page
}{
	{"as registered", "https://app.example.com/callback", "https://app.example.com/callback?"},
	{"as registered, encoded", "https%3A%2F%2Fapp.example.com%2Fcallback", "https://app.example.com/callback?"},
	{"with its query", "https://app.example.com/callback%3Ftenant%3D7", "https://app.example.com/callback?tenant=7&"},
	{"an app's scheme", "com.myclientapp://myclientapp.com/callback", "com.myclientapp://myclientapp.com/callback?"},

	{"suffix", "https://app.example.com/callback2", ""},
	{"suffix path", "https://app.example.com/callback/../evil", ""},
	{"slash added", "https://app.example.com/callback/", ""},
	{"prefix", "https://app.example.com/", ""},
	{"host only", "https://app.example.com", ""},
	{"query added", "https://app.example.com/callback%3Fnext=evil", ""},
	{"query of another value", "https://app.example.com/callback%3Ftenant%3D8", ""},
	{"query extended", "https://app.example.com/callback%3Ftenant%3D7%26x%3D1", ""},
	{"empty query", "https://app.example.com/callback%3F", ""},
	{"fragment", "https://app.example.com/callback%23evil", ""},
	{"empty fragment", "https://app.example.com/callback%23", ""},

	{"another scheme", "http://app.example.com/callback", ""},
	{"scheme in capitals", "HTTPS://app.example.com/callback", ""},
	{"host in capitals", "https://APP.example.com/callback", ""},
	{"path in capitals", "https://app.example.com/Callback", ""},
	{"an app's scheme in capitals", "COM.myclientapp://myclientapp.com/callback", ""},
	{"no scheme", "//app.example.com/callback", ""},
	{"path only", "/callback", ""},
	{"javascript", "javascript:alert(1)", ""},
	{"data", "data:text/html,x", ""},

	{"default port", "https://app.example.com:443/callback", ""},
	{"another port", "https://app.example.com:8443/callback", ""},
	{"empty port", "https://app.example.com:/callback", ""},
	{"user name", "https://evil@app.example.com/callback", ""},
	{"host as user name", "https://app.example.com@evil.example.net/callback", ""},
	{"host as password", "https://x:app.example.com@evil.example.net/callback", ""},
	{"subdomain", "https://evil.app.example.com/callback", ""},
	{"longer domain", "https://app.example.com.evil.net/callback", ""},
	{"final dot", "https://app.example.com./callback", ""},
	{"no dot", "https://appxexample.com/callback", ""},

	{"backslash", "https://app.example.com%5Ccallback", ""},
	{"backslash before user name", "https://evil.example.net%5C@app.example.com/callback", ""},
	{"backslashes for slashes", "https:%5C%5Capp.example.com/callback", ""},
	{"three slashes", "https:///app.example.com/callback", ""},
	{"one slash", "https:/app.example.com/callback", ""},
	{"dot segment", "https://app.example.com/./callback", ""},
	{"dot segments", "https://app.example.com/x/../callback", ""},
	{"dot segments, encoded", "https://app.example.com/x/%252e%252e/callback", ""},
	{"slash, encoded", "https://app.example.com%252Fcallback", ""},
	{"letter, encoded twice", "https://app.example.com/%2563allback", ""},
	{"all of it, encoded twice", "https%253A%252F%252Fapp.example.com%252Fcallback", ""},
	{"double slash in the path", "https://app.example.com//callback", ""},
	{"path parameter", "https://app.example.com/callback;x=1", ""},

	{"tab", "https://app.example.com/call%09back", ""},
	{"newline", "https://app.example.com/callback%0A", ""},
	{"header", "https://app.example.com/callback%0D%0ASet-Cookie:%20x=1", ""},
	{"space before", "%20https://app.example.com/callback", ""},
	{"space after", "https://app.example.com/callback+", ""},
	{"full-width letter", "https://%EF%BD%81pp.example.com/callback", ""},
	{"Cyrillic letter", "https://%D0%B0pp.example.com/callback", ""},
	{"ideographic full stop", "https://app%E3%80%82example.com/callback", ""},
	{"one dot leader", "https://app%E2%80%A4example.com/callback", ""},
	{"zero width space", "https://app.example.com/callback%E2%80%8B", ""},
	{"byte order mark", "%EF%BB%BFhttps://app.example.com/callback", ""},
	{"two of them", "https://app.example.com/callback%20https://app.example.com/callback", ""},
	{"two of them, by comma", "https://app.example.com/callback,https://evil.example.net/", ""},

	{"loopback, its port", "http://127.0.0.1:8080/callback", "http://127.0.0.1:8080/callback?"},
	{"loopback, another port", "http://127.0.0.1:51004/callback", "http://127.0.0.1:51004/callback?"},
	{"loopback, no port", "http://127.0.0.1/callback", "http://127.0.0.1/callback?"},
	{"loopback, port 0", "http://127.0.0.1:0/callback", ""},
	{"loopback, port 65536", "http://127.0.0.1:65536/callback", ""},
	{"loopback, user name", "http://127.0.0.1:8080@evil.example.net/callback", ""},
	{"loopback, another path", "http://127.0.0.1:8080/callback2", ""},
	{"loopback, another address", "http://127.0.0.2:8080/callback", ""},
	{"loopback, by https", "https://127.0.0.1:8080/callback", ""},
	{"loopback, octal", "http://0177.0.0.1:8080/callback", ""},
	{"loopback, IPv6", "http://[::1]/callback", "http://[::1]/callback?"},
	{"loopback, IPv6, another port", "http://[::1]:51004/callback", "http://[::1]:51004/callback?"},
	{"loopback, IPv6, spelled out", "http://[0:0:0:0:0:0:0:1]/callback", ""},
	{"localhost, its port", "http://localhost:3000/callback", "http://localhost:3000/callback?"},
	{"localhost, another port", "http://localhost:3001/callback", ""},
	{"localhost, no port", "http://localhost/callback", ""},
	{"localhost for the literal", "http://localhost:8080/callback", ""},

	{"wildcard", "https://pr-7.preview.example.com/callback", "https://pr-7.preview.example.com/callback?"},
	{"wildcard, two labels", "https://a.b.preview.example.com/callback", ""},
	{"wildcard, no label", "https://preview.example.com/callback", ""},
	{"wildcard itself", "https://*.preview.example.com/callback", ""},
	{"wildcard, slash", "https://evil.example.net/.preview.example.com/callback", ""},
	{"wildcard, encoded slash", "https://evil.example.net%252F.preview.example.com/callback", ""},
	{"wildcard, question mark", "https://evil.example.net%3F.preview.example.com/callback", ""},
	{"wildcard, user name", "https://x@evil.preview.example.com/callback", ""},
	{"wildcard, port", "https://pr-7.preview.example.com:8443/callback", ""},
}

func TestRedirectURIs(t *testing.T) {
	s := idptest.New(t)
	s.Client(store.AppNative, named("native"), idptest.Callback(custom, "https://app.example.com/callback",
		"https://app.example.com/callback?tenant=7", "http://127.0.0.1:8080/callback", "http://[::1]/callback",
		"http://localhost:3000/callback", "https://*.preview.example.com/callback"))
	rest := "&client_id=native&response_type=code&prompt=none&state=s1&code_challenge_method=S256&code_challenge=" + oauth.S256(idptest.Verifier)
	for _, tt := range presented {
		t.Run(tt.name, func(t *testing.T) {
			page := s.Browser().Get(s.URL + "/authorize?redirect_uri=" + tt.raw + rest)
			if tt.answered != "" {
				if want := tt.answered + "error=login_required&error_description=Login%20required&state=s1"; page.Location != want {
					t.Errorf("answered %d to %q, want %s", page.Status, page.Location, want)
				}
				return
			}
			if page.Status != http.StatusForbidden || page.Location != "" || page.Header.Get("Set-Cookie") != "" {
				t.Errorf("answered %d to %q, want a page and no redirect", page.Status, page.Location)
			}
			const sentence = "The provided redirect_uri is not in the list of allowed callback URLs."
			if !strings.Contains(page.Body, sentence) || strings.Contains(page.Body, "href=\"http") {
				t.Errorf("the page lacks %q, or has a link:\n%.1500s", sentence, page.Body)
			}
		})
	}
	for _, e := range s.EventRecords() {
		if e.Type == "f" && (e.ClientID != "native" || e.Details["reason"] == "") {
			t.Errorf("the event of a refused callback is %+v, want the application and the reason", e)
		}
	}
}

// A registered callback that has been taken away since /authorize gets no answer.
func TestCallbackIsCheckedAgain(t *testing.T) {
	s := idptest.New(t)
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	b := s.Browser()
	form := b.Get(s.AuthorizeURL(app))
	app.Settings.Callbacks = []string{"https://new.example.com/callback"}
	s.SaveClient(app)
	page := form.Submit("username", "jsmith@example.com", "password", "Mobile-Login-7-Flow")
	if page.Status != http.StatusForbidden || page.Location != "" {
		t.Errorf("answered %d to %q, want a page", page.Status, page.Location)
	}
	if got := strings.Join(s.Events(), " "); got != "s f" {
		t.Errorf("events %q, want the login and the refusal: s f", got)
	}
}

// All values at their longest still make addresses that the pages accept; more than that is refused at once.
func TestLongestRequest(t *testing.T) {
	s := idptest.New(t)
	callback := "https://app.example.com/" + strings.Repeat("c", 1900)
	app := s.Client(store.AppNative, idptest.Callback(callback))
	long := func(c string, n int) string { return strings.Repeat(c, n) }
	page := s.Browser().Get(s.AuthorizeURL(app, "state", long("<&", 1024), "nonce", long("&", 600), "scope", long("a", 2048),
		"login_hint", long("h", 256), "ui_locales", long("l", 256), "screen_hint", long("k", 256)))
	if page.Status != http.StatusOK || page.Path() != "/u/login" {
		t.Errorf("the longest request ended at %.60s with %d, want the login page:\n%.600s", page.URL, page.Status, page.Body)
	}
	page = s.Browser().Get(s.AuthorizeURL(app, "state", long("\x01", 2048)))
	if !strings.HasPrefix(page.Location, callback) || page.Param("error") != "invalid_request" || page.Param("state") != long("\x01", 2048) {
		t.Errorf("a state that grows too long answered %d to %.200q, want invalid_request", page.Status, page.Location)
	}
	page = s.Browser().Get(s.AuthorizeURL(app, "prompt", long("login ", 1000)))
	if page.Path() != "/u/login" {
		t.Errorf("a prompt said a thousand times ended at %.60s with %d", page.URL, page.Status)
	}
}

// The seed's rule is one switch of the tenant.
func TestPKCEAppTypes(t *testing.T) {
	s := idptest.New(t)
	const refused, passes = "unauthorized_client", "login_required"
	for _, tt := range []struct {
		setting     []string
		native, spa string
	}{
		{nil, passes, refused},
		{[]string{store.AppNative, store.AppSPA}, passes, passes},
		{[]string{store.AppSPA}, refused, passes},
		{[]string{}, refused, refused},
	} {
		s.Tenant(func(t *store.TenantSettings) { t.PKCEAppTypes = tt.setting })
		for appType, want := range map[string]string{store.AppNative: tt.native, store.AppSPA: tt.spa} {
			app := s.Client(appType, idptest.Callback("https://app.example.com/"))
			if got := s.Browser().Get(s.AuthorizeURL(app, "prompt", "none")).Param("error"); got != want {
				t.Errorf("with pkce_app_types %v the type %s hears %q, want %q", tt.setting, appType, got, want)
			}
		}
	}
}

// What /authorize grants is what the exchange says.
func TestGrantedScope(t *testing.T) {
	s := idptest.New(t)
	app := s.Client(store.AppNative, idptest.Callback("https://app.example.com/callback"))
	s.API("https://api.example.com/")
	s.API("https://online.example.com/", func(a *store.API) { a.Settings.AllowOfflineAccess = false })
	s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	b := s.Browser()
	for _, tt := range []struct{ audience, asked, granted string }{
		{"", "openid profile", "openid profile"},
		{"", "openid read:messages fly:planes", "openid"},
		{"https://api.example.com/", "openid read:messages fly:planes read:messages", "openid read:messages"},
		{"https://api.example.com/", "openid offline_access", "openid offline_access"},
		{"https://online.example.com/", "openid offline_access read:messages", "openid read:messages"},
		{"https://api.example.com/", "write:messages read:messages", "write:messages read:messages"},
	} {
		page := b.Get(s.AuthorizeURL(app, "audience", tt.audience, "scope", tt.asked))
		if page.Location == "" {
			page = page.Submit("username", "jsmith@example.com", "password", "Mobile-Login-7-Flow")
		}
		a := s.Exchange(app, page.Param("code"))
		granted := a.Text("scope")
		if granted == "" {
			granted = tt.asked // RFC 6749 section 5.1: left out when it is what was asked
		}
		if a.Status != http.StatusOK || granted != tt.granted {
			t.Errorf("%s for %q: granted %q, want %q (%d %s)", tt.asked, tt.audience, granted, tt.granted, a.Status, a.Body)
		}
		if refresh := a.Text("refresh_token") != ""; refresh != strings.Contains(tt.granted, "offline_access") {
			t.Errorf("%s for %q: refresh token %v", tt.asked, tt.audience, refresh)
		}
	}
}

// Three ways of asking are the same request: query, form, and a query whose names and values are all encoded.
func TestWaysOfAsking(t *testing.T) {
	s := idptest.New(t)
	app := s.Client(store.AppNative, idptest.Callback(custom))
	address := s.AuthorizeURL(app)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	for name, page := range map[string]*idptest.Page{
		"GET":     b.Get(address),
		"POST":    b.Post(s.URL+"/authorize", u.Query()),
		"encoded": b.Get(s.URL + "/authorize?" + strings.NewReplacer("client_id", "%63lient_id", "native", "%6Eative").Replace(u.RawQuery)),
	} {
		if page.Status != http.StatusOK || page.Path() != "/u/login" {
			t.Errorf("%s ended at %s with %d, want the login page", name, page.URL, page.Status)
		}
	}
}
