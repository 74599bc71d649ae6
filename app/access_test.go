package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/web"
)

// foreign are the headers of a form that a page of another site sends.
var foreign = []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Content-Type", asForm}

// locked asks a route of each kind without what lets somebody in, and says what is wrong with the answer.
var locked = map[web.Access]func(ask func(method, body string, headers ...string) answer, method string) string{
	web.Everyone: func(ask func(string, string, ...string) answer, method string) string {
		if method != http.MethodGet && method != "" {
			return "it is for everyone and takes " + method
		}
		a, b := ask(http.MethodGet, ""), ask(http.MethodGet, "", "Cookie", "auth0=x; dashboard=x; administrator=x", "Authorization", "Bearer x")
		if a.status != b.status || a.header.Get("Set-Cookie") != "" {
			return "it looks at who asks"
		}
		return ""
	},
	web.Preflight: func(ask func(string, string, ...string) answer, method string) string {
		a := ask(http.MethodOptions, "", "Origin", "https://evil.example", "Access-Control-Request-Method", http.MethodPost)
		if method != http.MethodOptions || a.header.Get("Access-Control-Allow-Credentials") != "" || strings.Contains(a.header.Get("Access-Control-Allow-Origin"), "evil") {
			return "a preflight is OPTIONS, reflects no origin and lets no cookie pass"
		}
		return ""
	},
	web.Browser: func(ask func(string, string, ...string) answer, method string) string {
		a := ask(method, "", "Content-Type", asForm)
		location, err := url.Parse(a.header.Get("Location"))
		if err != nil || location.Host != "" || a.status == http.StatusOK && !a.isPage() {
			return "a request without parameters leaves the server"
		}
		return ""
	},
	web.Form: func(ask func(string, string, ...string) answer, method string) string {
		if method == http.MethodPost {
			if a := ask(method, "state=x&ticket=x&action=default", foreign...); a.status != http.StatusForbidden {
				return "a form of another site is taken"
			}
		}
		if a := ask(method, "", "Content-Type", asForm); a.status < 400 || a.status >= 500 {
			return "it is shown without a state"
		}
		if a := ask(method, "state=forged&ticket=forged", "Content-Type", asForm); a.status < 400 || a.status >= 500 {
			return "it takes a state that is not sealed"
		}
		return ""
	},
	web.Client: func(ask func(string, string, ...string) answer, method string) string {
		for _, body := range []string{"", "grant_type=client_credentials", "grant_type=refresh_token&refresh_token=x&token=x", "client_id=nobody&client_secret=x&token=x&grant_type=client_credentials"} {
			if a := ask(method, body, "Content-Type", asForm); a.status != http.StatusBadRequest && a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
				return "it answers nobody's application: " + body
			}
		}
		return ""
	},
	web.Bearer: func(ask func(string, string, ...string) answer, method string) string {
		for _, authorization := range []string{"", "Bearer x", "Bearer a.b.c", "Basic eDp4", "Bearer"} {
			var headers []string
			if authorization != "" {
				headers = []string{"Authorization", authorization}
			}
			a := ask(method, "", append(headers, "Cookie", "auth0=x; dashboard=x")...)
			if a.status != http.StatusUnauthorized && a.status != http.StatusBadRequest || a.status == http.StatusOK {
				return "it lets in with " + authorization
			}
		}
		return ""
	},
	web.Link: func(ask func(string, string, ...string) answer, method string) string {
		if a := ask(method, ""); method != http.MethodGet || a.status != http.StatusForbidden {
			return "a link without a seal is taken"
		}
		return ""
	},
	web.Session: func(ask func(string, string, ...string) answer, method string) string {
		if method != http.MethodGet {
			if a := ask(http.MethodPost, "", foreign...); a.status != http.StatusForbidden {
				return "a request of another site is taken"
			}
		}
		if a := ask(method, "", "Cookie", "dashboard="+strings.Repeat("A", 43)); a.status != http.StatusUnauthorized && a.status != http.StatusNoContent {
			return "it answers without a session"
		}
		return ""
	},
}

// samples stand for the variables of patterns, and for what is below one that ends in a slash.
var samples = map[string]string{"/api/v2/": "/api/v2/clients", "/dashboard/api/": "/dashboard/api/test/clients", "/{$}": "/"}

func sample(path string) string {
	if s := samples[path]; s != "" {
		return s
	}
	return strings.NewReplacer("{", "", "}", "").Replace(path)
}

// TestEveryRouteKeepsItsAccess walks all routes of a tenant's domain and of the Dashboard's: each says by what it lets
// somebody in, and lets in nobody without.
func TestEveryRouteKeepsItsAccess(t *testing.T) {
	s := idptest.New(t, idptest.Dashboard)
	kinds := map[web.Access]int{}
	for host, routes := range s.App.Routes() {
		if len(routes) < 40 {
			t.Errorf("%s has %d routes, which cannot be all", host, len(routes))
		}
		for _, r := range routes {
			kinds[r.Access]++
			method, path, ok := strings.Cut(r.Pattern, " ")
			if !ok {
				method, path = "", r.Pattern
			}
			try, known := locked[r.Access]
			if !known {
				t.Errorf("%s%s is for %q, which nobody tries", host, r.Pattern, r.Access)
				continue
			}
			var last answer
			wrong := try(func(m, body string, headers ...string) answer {
				if m == "" {
					m = http.MethodGet
				}
				last = askAt(t, "http://"+host, m, sample(path), body, headers...)
				return last
			}, method)
			if wrong != "" {
				t.Errorf("%s %s (%s): %s; the last answer was %d to %q: %.200s", host, r.Pattern, r.Access, wrong, last.status, last.header.Get("Location"), last.body)
			}
		}
	}
	for kind := range locked {
		if kinds[kind] == 0 {
			t.Errorf("no route is for %s", kind)
		}
	}
}
