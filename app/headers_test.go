package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/web"
)

// kept are the kinds of routes whose answers a cache may keep; all others are for one reader.
var kept = map[web.Access]bool{web.Everyone: true, web.Preflight: true}

// TestHeadersOfEveryAnswer asks every route, well and badly, and reads the headers by which browsers are told what an answer is.
func TestHeadersOfEveryAnswer(t *testing.T) {
	const secure = "login.example.com"
	s := idptest.New(t, idptest.Dashboard, func(o *app.Options) {
		o.Tenants[0].Domains = append(o.Tenants[0].Domains, "https://"+secure, "https://localhost:8443")
	})
	pages, apis := 0, 0
	for host, routes := range s.App.Routes() {
		for _, r := range routes {
			method, path, ok := strings.Cut(r.Pattern, " ")
			if !ok {
				method, path = http.MethodGet, r.Pattern
			}
			for _, query := range []string{"", "?state=x&client_id=nobody&ticket=x", "?" + strings.Repeat("x", 20<<10)} {
				a := askAs(t, s, host, method, sample(path)+query)
				h := a.header
				told := func(wrong string) {
					t.Errorf("%s %s%.9s (%d): %s: %v", host, r.Pattern, query, a.status, wrong, h)
				}
				if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
					told("it may be sniffed, or its address told to others")
				}
				if got := h.Get("Strict-Transport-Security"); (got == "max-age=31536000") != (host == secure) || host != secure && got != "" {
					told("plain http is allowed where TLS is configured, or refused where it is not")
				}
				if cors := h.Get("Access-Control-Allow-Origin"); cors != "" && r.Access != web.Everyone && r.Access != web.Preflight || h.Get("Access-Control-Allow-Credentials") != "" {
					told("a page of another origin may read it")
				}
				if h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
					told("it tells what the server is made of")
				}
				if a.isPage() && a.status/100 != 3 { // what net/http writes beside a Location is shown to nobody
					pages++
					csp := h.Get("Content-Security-Policy")
					for _, part := range []string{"default-src ", "base-uri 'none'", "frame-ancestors "} {
						if !strings.Contains(csp, part) {
							told("its policy lacks " + part)
						}
					}
					script := csp[strings.Index(csp+"script-src ", "script-src "):]
					script, _, _ = strings.Cut(script, ";")
					if strings.Contains(script, "unsafe") || strings.Contains(script, "*") || strings.Contains(csp, "unsafe-eval") {
						told("its policy lets foreign scripts run")
					}
				}
				if !kept[r.Access] && a.status != http.StatusMisdirectedRequest {
					apis++
					if !strings.Contains(h.Get("Cache-Control"), "no-store") {
						told("it may be kept")
					}
				}
				for _, cookie := range (&http.Response{Header: h}).Cookies() {
					if !cookie.HttpOnly || cookie.Path != "/" || cookie.Domain != "" || cookie.Secure != strings.HasPrefix(host, secure) && host != "localhost:8443" {
						told("the cookie " + cookie.Name)
					}
				}
			}
		}
	}
	if pages < 50 || apis < 100 {
		t.Errorf("only %d pages and %d other answers", pages, apis)
	}
}

// askAs asks the tenant's listener for another of its hosts.
func askAs(t *testing.T, s *idptest.Server, host, method, target string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", asForm)
	r.Header.Set("Origin", "https://evil.example")
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, got)
}
