package login

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func views(t *testing.T) *Views {
	t.Helper()
	v, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var sharedViews = sync.OnceValues(New)

func render(t *testing.T, p Page) string {
	t.Helper()
	return renderIn(t, Dress{}, p)
}

func renderIn(t *testing.T, d Dress, p Page) string {
	t.Helper()
	var b bytes.Buffer
	v, err := sharedViews()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Render(&b, Locale{}, d, "bm9uY2U", p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLocalesHaveTheSameMessages(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\w*\}`)
	v := views(t)
	if want := []string{"en", "de", "es", "fr", "it", "ja", "nl", "pt"}; !slices.Equal(v.Tags(), want) {
		t.Errorf("locales %v, want %v", v.Tags(), want)
	}
	english := v.locales[0].messages
	for _, loc := range v.locales {
		for key, msg := range loc.messages {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %q is not in en", loc.tag, key)
			}
			if strings.TrimSpace(msg) == "" {
				t.Errorf("%s: %q is empty", loc.tag, key)
			}
		}
		for key, msg := range english {
			got, want := placeholder.FindAllString(loc.messages[key], -1), placeholder.FindAllString(msg, -1)
			if loc.messages[key] == "" {
				t.Errorf("%s lacks %q", loc.tag, key)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(slices.Compact(got), slices.Compact(want)) {
				t.Errorf("%s: %q has placeholders %v, want %v", loc.tag, key, got, want)
			}
		}
	}
}

// The two sentences of the attack protection are part of the wire in English.
func TestLiteralSentences(t *testing.T) {
	for problem, want := range map[Problem]string{
		AccountBlocked: "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it.",
		AddressBlocked: "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.",
	} {
		if got := views(t).locales[0].messages["problem."+string(problem)]; got != want {
			t.Errorf("%s:\n got %s\nwant %s", problem, got, want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		name, ui, accept string
		enabled          []string
		want             string
	}{
		{"nothing asked", "", "", nil, "en"},
		{"ui_locales wins", "fr", "de", nil, "fr"},
		{"ui_locales in its own order", "xx sv nl de", "", nil, "nl"},
		{"region falls back to the language", "pt-BR", "", nil, "pt"},
		{"only enabled ones", "fr de", "", []string{"en", "de"}, "de"},
		{"a related language is no answer to ui_locales", "ca de", "", nil, "de"},
		{"Accept-Language by quality", "", "de;q=0.5, it-CH;q=0.9", nil, "it"},
		{"Accept-Language not enabled", "", "ja", []string{"nl", "de"}, "nl"},
		{"the first enabled one is the tenant's own", "", "sv", []string{"nl", "en"}, "nl"},
		{"broken header", "", ";;;q=x,,", nil, "en"},
		{"broken ui_locales", "\x00\xff--- {{", "es", nil, "es"},
		{"endless header", "", "de," + strings.Repeat("xx-", 1<<16), nil, "de"},
		{"endless ui_locales", strings.Repeat("q ", 1<<16), "de", nil, "de"},
		{"unknown enabled languages", "", "", []string{"tlh"}, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := views(t).Negotiate(c.enabled, c.ui, c.accept).Tag(); got != c.want {
				t.Errorf("language = %s, want %s", got, c.want)
			}
		})
	}
}

func TestFormTarget(t *testing.T) {
	for redirect, want := range map[string]string{
		"com.myclientapp://myclientapp.com/callback": "com.myclientapp:",
		"com.Example.MyApp://callback":               "com.example.myapp:",
		"http://127.0.0.1:51004/callback":            "http: https:",
		"http://[::1]:51004/callback":                "http: https:",
		"https://app.example.com/cb?x=;script-src *": "https:",
		"my_app://callback":                          "",
		"x; script-src *://":                         "",
		"/relative":                                  "",
		"":                                           "",
	} {
		if got := FormTarget(redirect); got != want {
			t.Errorf("FormTarget(%q) = %q, want %q", redirect, got, want)
		}
	}
}

func TestCSP(t *testing.T) {
	const fixed = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; script-src "
	for _, c := range []struct {
		name  string
		p     policy
		dress Dress
		want  string
	}{
		{"page", pagePolicy(FormTarget("com.example.app://cb"), ""), Dress{}, fixed + "'self'; base-uri 'none'; form-action 'self' com.example.app:; frame-ancestors 'none'"},
		{"form post", formPostPolicy(), Dress{}, fixed + "'nonce-bm9u'; base-uri 'none'; frame-ancestors 'none'"},
		{"web message", webMessagePolicy("https://app.example.com:8443"), Dress{}, fixed + "'nonce-bm9u'; base-uri 'none'; form-action 'none'; frame-ancestors https://app.example.com:8443"},
		{"web message to no origin", webMessagePolicy("https://a.example *; script-src *"), Dress{}, fixed + "'nonce-bm9u'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
		{"branded page", pagePolicy(), Dress{Style: ":root{}", FontOrigin: "https://fonts.example"}, "default-src 'none'; style-src 'self' 'nonce-bm9u'; " +
			"img-src 'self' https: data:; script-src 'self'; base-uri 'none'; font-src https://fonts.example; form-action 'self'; frame-ancestors 'none'"},
	} {
		if got := c.p.header("bm9u", c.dress); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestValuesStayText(t *testing.T) {
	hostile := `</script><script>alert(1)</script>"'&{app}`
	page := render(t, Consent{Frame: Frame{AppName: hostile, LogoURI: "https://x.example/a.png\" onerror=alert(1) x=\""}, Form: Form{State: hostile},
		Account: Account{Email: hostile}, APIs: []ScopeGroup{{Name: hostile, Scopes: []Scope{{hostile, hostile}}}}})
	if strings.Contains(page, "<script>alert") || strings.Contains(page, `" onerror=`) {
		t.Errorf("markup of a value came through:\n%s", page)
	}
	message := render(t, WebMessage{Origin: `https://a.example"+alert(1)+"`, Response: map[string]string{"state": hostile}})
	if strings.Count(message, "<script") != 1 || strings.Contains(message, `example"+alert`) {
		t.Errorf("a value left its string:\n%s", message)
	}
}

func TestLinksAndLogos(t *testing.T) {
	for uri, want := range map[string]string{
		"com.example.app://cb?code=1": "com.example.app://cb?code=1", "https://a.example/": "https://a.example/",
		"/u/login?state=x": "/u/login?state=x", "intent://x#Intent;scheme=a;end": "intent://x#Intent;scheme=a;end",
		"javascript:alert(1)": "", "JaVaScript:alert(1)": "", " javascript:alert(1)": "", "java\nscript:alert(1)": "", "data:text/html,x": "",
		"//evil.example": "", `/\evil.example`: "", "relative": "", "": "",
	} {
		if got := link(uri); string(got) != want {
			t.Errorf("link(%q) = %q, want %q", uri, got, want)
		}
	}
	for uri, want := range map[string]bool{
		"https://a.example/l.png": true, "/logo.png": true, "data:image/png;base64,AA": true,
		"http://a.example/l.png": false, "data:text/html,x": false, "//a.example/l.png": false, "javascript:x": false, "": false,
	} {
		if got := logo(uri) != ""; got != want {
			t.Errorf("logo(%q) shown: %t, want %t", uri, got, want)
		}
	}
}

func TestFocusAndErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		c    Credentials
		want []string
	}{
		{"fresh", Credentials{}, []string{`spellcheck="false" maxlength="320" required autofocus>`}},
		{"login_hint", Credentials{Username: "a@example.com"}, []string{`value="a@example.com"`, `required autofocus>`}},
		{"wrong", Credentials{Username: "a@example.com", Problem: WrongCredentials},
			[]string{`role="alert" id="problem" tabindex="-1" autofocus`, `aria-invalid="true" aria-describedby="problem"`, "<title>Error: Log in"}},
		{"empty", Credentials{UsernameProblem: EmailMissing}, []string{`aria-describedby="username-error"`, `<a href="#username">`}},
	} {
		page := render(t, Login{Credentials: c.c})
		for _, want := range c.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s in\n%s", c.name, want, page)
			}
		}
	}
}

func TestAssets(t *testing.T) {
	v := views(t)
	for name, kind := range map[string]string{"login.css": "text/css; charset=utf-8", "login.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		path, err := v.assetPath(name)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		v.Assets().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	v.Assets().ServeHTTP(w, httptest.NewRequest(http.MethodGet, AssetPrefix+"../pages.go", nil))
	if w.Code != 404 {
		t.Errorf("unknown asset: %d, want 404", w.Code)
	}
}

// TestContrast computes the WCAG 2.2 contrast of every pair of colors that the style sheet puts on one another.
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/login.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark colors")
	}
	const text, shape = 4.5, 3.0
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "card", text}, {"ink", "wash", text}, {"ink", "bad-wash", text}, {"ink", "tint", text}, {"muted", "card", text}, {"muted", "canvas", text},
		{"muted", "wash", text}, {"accent", "card", text}, {"accent-strong", "card", text}, {"on-accent", "accent", text}, {"on-accent", "accent-strong", text},
		{"bad", "card", text}, {"bad", "bad-wash", text}, {"good", "card", text}, {"good", "good-wash", text}, {"line", "card", shape},
	}
	for scheme, part := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([\w-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(part, -1) {
			colors[m[1]] = luminance(t, m[2])
		}
		for _, p := range pairs {
			a, okA := colors[p.ink]
			b, okB := colors[p.ground]
			if ratio := (max(a, b) + .05) / (min(a, b) + .05); !okA || !okB || ratio < p.least {
				t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", scheme, p.ink, p.ground, ratio, p.least)
			}
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
