package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const callback = "https://app.example.com/callback"

// What is said of the login pages is in force at the next one.
func TestPagesLookAsTheTenantSays(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNative, idptest.Callback(callback))
	b := s.Browser()
	address := s.AuthorizeURL(app)
	shows := func(what string, texts ...string) {
		t.Helper()
		p := b.Get(address)
		for _, want := range texts {
			want, absent := strings.CutPrefix(want, "not ")
			if strings.Contains(p.Body, want) == absent {
				t.Errorf("%s: %q there: %t in\n%s", what, want, !absent, p.Body)
			}
		}
	}
	shows("a fresh tenant", "not <style", "not <img", "icon.")

	s.want(200, "PATCH", "/branding", `{"colors":{"primary":"#0f766e","page_background":"#042f2e"},"logo_url":"https://cdn.test/logo.png",
		"favicon_url":"https://cdn.test/icon.png","font":{"url":"https://fonts.test/f.woff2"}}`)
	shows("branding", `<img src="https://cdn.test/logo.png"`, `<link rel="icon" href="https://cdn.test/icon.png">`, "--button:#0f766e;", "--page:#042f2e;",
		`src:url("https://fonts.test/f.woff2")`)

	// The policy allows this very style element and nothing else that is inline.
	p := b.Get(address)
	csp := p.Header.Get("Content-Security-Policy")
	nonce := regexp.MustCompile(`<style nonce="([A-Z0-9]{26})">`).FindStringSubmatch(p.Body)
	if nonce == nil || !strings.Contains(csp, "style-src 'self' 'nonce-"+nonce[1]+"';") || !strings.Contains(csp, "font-src https://fonts.test;") ||
		!strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
		t.Errorf("nonce %q, policy %s", nonce, csp)
	}
	if strings.Contains(b.Get(address).Body, nonce[1]) {
		t.Error("two pages have one nonce")
	}
	if p := b.Get(s.URL + "/nowhere"); p.Status != 404 || !strings.Contains(p.Body, "--button:#0f766e;") {
		t.Errorf("an error page without the colors: %d", p.Status)
	}

	theme := s.want(200, "POST", "/branding/themes", aTheme())
	shows("a theme", `<img src="https://cdn.test/logo.png"`, "--page:#000000;", "--logo-height:55px;", `src:url("https://cdn.test/font.woff")`, "not #0f766e")
	s.want(204, "DELETE", "/branding/themes/"+theme.at("themeId").(string), nil)
	shows("no theme any more", "--button:#0f766e;")
	s.want(200, "PATCH", "/branding", `{"colors":null,"logo_url":null,"favicon_url":null,"font":null}`)
	shows("nothing any more", "not <style", "not <img", "icon.")
}

func TestPagesSayWhatTheTenantSays(t *testing.T) {
	s := open(t)
	s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	app := s.Client(store.AppNative, idptest.Callback(callback), func(c *store.Client) { c.Name = "Notes" })
	b := s.Browser()
	title := regexp.MustCompile(`<h1>([^<]*)</h1>`)
	says := func(languages, want string) {
		t.Helper()
		b.Header = http.Header{"Accept-Language": {languages}}
		p := b.Get(s.AuthorizeURL(app))
		if got := title.FindStringSubmatch(p.Body); got == nil || got[1] != want {
			t.Errorf("in %s: %q, want %q", languages, got, want)
		}
	}
	s.want(200, "PUT", "/prompts/login/custom-text/en", `{"login":{"title":"Welcome to ${clientName}","description":"<b>${companyName}</b>","pageTitle":"Hello",
		"wrong-credentials":"Nope.","buttonText":"Go","invented":"x"}}`)
	s.want(200, "PUT", "/prompts/login/custom-text/pt-BR", `{"login":{"title":"Oi"}}`)
	says("en", "Welcome to Notes")
	says("de", "Anmelden")
	says("pt-BR", "Entrar")
	s.want(200, "PATCH", "/tenants/settings", `{"enabled_locales":["en","pt-BR"]}`)
	says("pt-BR", "Oi")
	says("de", "Welcome to Notes")

	b.Header = http.Header{}
	p := b.Get(s.AuthorizeURL(app))
	for _, want := range []string{"<title>Hello</title>", "&lt;b&gt;<bdi>127.0.0.1", ">Go</button>"} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("no %q in\n%s", want, p.Body)
		}
	}
	if p := p.Submit("username", "jsmith@example.com", "password", "wrong"); p.Status != 400 || !strings.Contains(p.Body, "<p>Nope.</p>") ||
		!strings.Contains(p.Body, "<title>Error: Hello</title>") {
		t.Errorf("a refusal: %d\n%s", p.Status, p.Body)
	}
	// The sign-up page speaks for itself.
	if p := b.Get(s.AuthorizeURL(app, "screen_hint", "signup")); !strings.Contains(p.Body, "<h1>Create your account</h1>") {
		t.Errorf("signing up says\n%s", p.Body)
	}
	s.want(200, "PUT", "/prompts/login/custom-text/en", `{}`)
	says("en", "Log in")
}

// The tenant's own page stands around ours, and what it says of itself cannot run.
func TestPageTemplateIsInForce(t *testing.T) {
	const email, password = "jsmith@example.com", "Mobile-Login-7-Flow"
	s := open(t)
	s.User(email, password)
	app := s.Client(store.AppNative, idptest.Callback(callback), func(c *store.Client) { c.Name = "Notes & Co" })
	s.want(201, "PUT", "/branding/templates/universal-login", map[string]string{"template": `<!DOCTYPE html><html lang="{{ locale }}"><head>{%- auth0:head -%}<style>b{}</style></head>
		<body class="{{ prompt.name }}"><b>{{ application.name }}</b>{%- auth0:widget -%}<script>alert(1)</script></body></html>`})
	s.want(200, "PUT", "/prompts/login/partials", `{"login":{"form-content-end":"<em>{{ tenant.friendly_name }}</em>"}}`)
	s.want(200, "PATCH", "/tenants/settings", `{"friendly_name":"Acme & Co"}`)
	b := s.Browser()
	p := b.Get(s.AuthorizeURL(app))
	for _, want := range []string{`<body class="login"><b>Notes &amp; Co</b><main class="card">`, "<em>Acme &amp; Co</em>", `<html lang="en">`} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("no %q in\n%s", want, p.Body)
		}
	}
	// Its style element is known by the nonce; its script is not.
	nonce := regexp.MustCompile(`<style nonce="([A-Z0-9]{26})">b\{\}`).FindStringSubmatch(p.Body)
	csp := p.Header.Get("Content-Security-Policy")
	if nonce == nil || !strings.Contains(csp, "style-src 'self' 'nonce-"+nonce[1]+"' https:;") || !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
		t.Errorf("nonce %q, policy %s", nonce, csp)
	}
	if p := p.Submit("username", email, "password", password); !strings.HasPrefix(p.Location, callback+"?code=") {
		t.Errorf("the form leads to %d %q", p.Status, p.Location)
	}
	if p := b.Get(s.URL + "/nowhere"); p.Status != 404 || !strings.HasPrefix(p.Body, "<!doctype html>\n<html lang=\"en\" dir") {
		t.Errorf("an error page is the tenant's:\n%s", p.Body)
	}
	for source, message := range map[string]string{
		"{% auth0:head %}{% auth0:widget %}{% if %}":            "The template cannot be read: line 1: unterminated \"if\" block in {% if %}",
		"{% auth0:head %}{% auth0:widget %}{{ x | nosuch }}":    "The template cannot be read: line 1: there is no filter nosuch",
		"{% auth0:head %}{% auth0:widget %}\n{% include 'x' %}": "The template cannot be read: line 2: the tag include is not supported",
	} {
		s.refused(s.call("PUT", "/branding/templates/universal-login", map[string]string{"template": source}), 400, "invalid_body", message)
	}
	s.refused(s.call("PUT", "/prompts/login/partials", `{"login":{"form-content-end":"{% nosuch %}"}}`), 400, "invalid_body",
		"Payload validation error: 'The template cannot be read: line 1: undefined tag \"nosuch\" in {% nosuch %}' on property login.form-content-end.")
	s.want(204, "DELETE", "/branding/templates/universal-login", nil)
	s.want(200, "PUT", "/prompts/login/partials", `{}`)
	if p := s.Browser().Get(s.AuthorizeURL(app)); !strings.Contains(p.Body, `<body class="_widget-auto-layout">`) || strings.Contains(p.Body, "<em>") {
		t.Errorf("the tenant's page is still there:\n%s", p.Body)
	}
}

// Where the tenant asks for the identifier first, there are two pages, and neither tells who is known.
func TestIdentifierFirst(t *testing.T) {
	const email, password = "jsmith@example.com", "Mobile-Login-7-Flow"
	s := open(t)
	s.User(email, password)
	app := s.Client(store.AppNative, idptest.Callback(callback))
	s.want(200, "PATCH", "/prompts", `{"identifier_first":true}`)
	b := s.Browser()
	first := b.Get(s.AuthorizeURL(app))
	if strings.Contains(first.Body, `name="password"`) || !strings.Contains(first.Body, ">Continue</button>") || first.Path() != "/u/login" {
		t.Fatalf("the first page is %s\n%s", first.URL, first.Body)
	}
	if p := first.Submit("username", "  "); p.Status != 400 || !strings.Contains(p.Body, "Enter your email address.") || strings.Contains(p.Body, "Enter your password.") {
		t.Errorf("no identifier: %d\n%s", p.Status, p.Body)
	}
	state := regexp.MustCompile(`state=[^"]*|value="[A-Za-z0-9_-]{100,}"|data-handover="[^"]*"`)
	blank := func(username string) string {
		p := first.Submit("username", username)
		return strings.ReplaceAll(state.ReplaceAllString(p.Body, ""), username, "")
	}
	if known, unknown := blank(email), blank("nobody@example.com"); known != unknown {
		t.Errorf("the pages differ:\n%s\n%s", known, unknown)
	}
	second := first.Submit("username", email)
	if second.Status != 200 || second.Path() != "/u/login/password" || !strings.Contains(second.Body, "<bdi>"+email+"</bdi>") ||
		!strings.Contains(second.Body, `<input type="hidden" name="username" value="`+email+`" autocomplete="username">`) {
		t.Fatalf("the second page is %s: %d\n%s", second.URL, second.Status, second.Body)
	}
	again := second.Submit("password", "wrong")
	if again.Status != 400 || !strings.Contains(again.Body, "Wrong email or password.") || !strings.Contains(again.Body, "<bdi>"+email+"</bdi>") {
		t.Errorf("a wrong password: %d\n%s", again.Status, again.Body)
	}
	if p := again.Submit("password", ""); p.Status != 400 || !strings.Contains(p.Body, "Enter your password.") {
		t.Errorf("no password: %d\n%s", p.Status, p.Body)
	}
	change := regexp.MustCompile(`href="(/u/login\?state=[^"]*)"`).FindStringSubmatch(second.Body)
	if change == nil {
		t.Fatalf("no way back in\n%s", second.Body)
	}
	if p := b.Get(s.URL + change[1]); p.Status != 200 || !strings.Contains(p.Body, `value="`+email+`"`) {
		t.Errorf("the way back: %d\n%s", p.Status, p.Body)
	}
	if p := again.Submit("password", password); !strings.HasPrefix(p.Location, callback+"?code=") {
		t.Errorf("the right password: %d %q", p.Status, p.Location)
	}

	// A password manager that fills both at once is not sent round.
	if p := s.Browser().Get(s.AuthorizeURL(app)).Submit("username", email, "password", password); !strings.HasPrefix(p.Location, callback+"?code=") {
		t.Errorf("both at once: %d %q", p.Status, p.Location)
	}
	// The second page without an identifier is the first.
	fresh := s.Browser().Get(s.AuthorizeURL(app))
	if p := s.Browser().Get(strings.Replace(fresh.URL, "/u/login?", "/u/login/password?", 1)); p.Path() != "/u/login" || p.Status != 200 {
		t.Errorf("no identifier yet: %s %d", p.URL, p.Status)
	}
	s.want(200, "PATCH", "/prompts", `{"identifier_first":false}`)
	if p := s.Browser().Get(s.AuthorizeURL(app)); !strings.Contains(p.Body, `name="password"`) {
		t.Errorf("one page again:\n%s", p.Body)
	}
}
