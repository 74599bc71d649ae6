package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// routes are the paths that are mounted, with the methods that each takes beside HEAD, which goes with GET.
var routes = map[string]string{
	"/":                                  "GET",
	"/authorize":                         "GET POST",
	"/oauth/token":                       "POST OPTIONS",
	"/oauth/revoke":                      "POST OPTIONS",
	"/userinfo":                          "GET POST OPTIONS",
	"/v2/logout":                         "GET",
	"/logout":                            "GET",
	"/oidc/logout":                       "GET POST",
	"/oidc/logout/confirm":               "POST",
	"/u/login":                           "GET POST",
	"/u/signup":                          "GET POST",
	"/u/select":                          "GET POST",
	"/u/consent":                         "GET POST",
	"/u/confirm":                         "GET POST",
	"/u/reset-password":                  "GET POST",
	"/u/reset-verify":                    "GET",
	"/u/email-verification":              "GET POST",
	"/mobile":                            "GET",
	"/android/com.example.app/callback":  "GET",
	"/ios/com.example.app/callback":      "GET",
	"/macos/com.example.app/callback":    "GET",
	"/.well-known/openid-configuration":  "GET OPTIONS",
	"/.well-known/jwks.json":             "GET OPTIONS",
	"/.well-known/assetlinks.json":       "GET OPTIONS",
	"/apple-app-site-association":        "GET OPTIONS",
	"/pem":                               "GET OPTIONS",
	"/fingerprint":                       "GET OPTIONS",
	"/.well-known/no-such-thing":         "",
	"/oauth/no-such-thing":               "",
	"/api/no-such-thing":                 "",
	"/no-such-thing":                     "",
	"/u/no-such-thing":                   "",
	"/android/%00%ff%2f..%2f/callback":   "GET",
	"/u/login/..%2f..%2fauthorize":       "",
	"/.well-known/%2e%2e/oauth/token%00": "",
}

func TestEveryPathNamesItsMethods(t *testing.T) {
	s := idptest.New(t)
	for path, methods := range routes {
		allowed := strings.Fields(methods)
		if slices.Contains(allowed, "GET") {
			allowed = append(allowed, "HEAD")
		}
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "X"} {
			a := ask(t, s, method, path, "")
			if slices.Contains(allowed, method) {
				if a.status == 405 || a.status == 404 {
					t.Errorf("%s %s: %d, want it served", method, path, a.status)
				}
				continue
			}
			want := 405
			if methods == "" {
				want = 404
			}
			if a.status != want {
				t.Errorf("%s %s: %d, want %d", method, path, a.status, want)
			}
			got := strings.FieldsFunc(a.header.Get("Allow"), func(c rune) bool { return c == ',' || c == ' ' })
			if slices.Sort(got); want == 405 && !slices.Equal(got, slices.Sorted(slices.Values(allowed))) {
				t.Errorf("%s %s: Allow says %v, want %v", method, path, got, allowed)
			}
			program := strings.HasPrefix(path, "/oauth/") || strings.HasPrefix(path, "/api/") || path == "/userinfo" || strings.HasPrefix(path, "/.well-known/")
			if program && !a.isJSON() || !program && !a.isPage() {
				t.Errorf("%s %s is refused as %s", method, path, a.header.Get("Content-Type"))
			}
		}
	}
}

// TestNoInputIsAFaultOfOurs sends odd inputs everywhere: the server may refuse them in any way but by failing.
func TestNoInputIsAFaultOfOurs(t *testing.T) {
	s := idptest.New(t, idptest.Dashboard)
	s.Client(store.AppNative)
	targets := map[string]bool{}
	for path := range routes {
		targets[s.URL+path] = true
	}
	// Of the Dashboard's domain, what no tenant has.
	for host, mounted := range s.App.Routes() {
		for _, r := range mounted {
			_, path, ok := strings.Cut(r.Pattern, " ")
			if !ok {
				path = r.Pattern
			}
			if path = sample(path); strings.HasSuffix(path, "/assets/") {
				continue // a file that is not there is said in plain text
			}
			if "http://"+host == s.URL || strings.HasPrefix(path, "/dashboard") {
				targets["http://"+host+path] = true
			}
		}
	}
	long := strings.Repeat("x", 12<<10)
	odd := map[string]struct {
		query, body string
		header      []string
	}{
		"bad percents":        {query: "?a=%zz&state=%&client_id=%f"},
		"NUL":                 {query: "?client_id=%00&state=%00&ticket=%00&returnTo=%00&id_token_hint=%00"},
		"invalid UTF-8":       {query: "?client_id=%ff&state=%fe&ticket=%ff&returnTo=%ff&id_token_hint=%ff&ui_locales=%ff"},
		"raw bytes":           {query: "?client_id=\xff\xfe&state=\x80"},
		"twice":               {query: "?client_id=a&client_id=b&state=a&state=b"},
		"many":                {query: "?" + strings.Repeat("a=b&", 3000)},
		"long":                {query: "?client_id=" + long},
		"a long state":        {query: "?state=" + long},
		"semicolons":          {query: "?client_id=a;state=b;;"},
		"unknown":             {query: "?client_id=nobody&redirect_uri=https://evil.example/&response_type=code&ticket=x"},
		"a script":            {query: "?client_id=<script>alert(1)</script>&error=<b>&error_description=<img/src=x/onerror=alert(1)>"},
		"strange headers":     {header: []string{"Origin", "http://\xff\xfe", "Cookie", "auth0=\xff; auth0_compat=%00", "Accept-Language", "\xff;q=9,*;q=x", "User-Agent", "\xff\xfe"}},
		"long headers":        {header: []string{"Accept-Language", long, "Cookie", "auth0=" + long, "Origin", "http://" + long}},
		"many cookies":        {header: []string{"Cookie", strings.Repeat("auth0=a.b; ", 1000)}},
		"a range":             {header: []string{"Range", "bytes=9-1,2-3", "If-None-Match", "\"x", "If-Modified-Since", "yesterday"}},
		"telemetry":           {header: []string{"Auth0-Client", "eyJhIjoiXHUwMDAwIn0", "X-Forwarded-For", "\xff", "Forwarded", "for=\"_\xff"}},
		"JSON that is cut":    {body: `{"a":`, header: []string{"Content-Type", asJSON}},
		"a form with NUL":     {body: "state=%00&username=%00&client_id=%00&token=%00&grant_type=refresh_token", header: []string{"Content-Type", asForm}},
		"JSON with NUL":       {body: `{"client_id":"\u0000","grant_type":"refresh_token","token":"\u0000"}`, header: []string{"Content-Type", asJSON}},
		"a form of bytes":     {body: "\xff\xfe=\x00&&&===%", header: []string{"Content-Type", asForm}},
		"a form of nonsense":  {body: "state=x&username=x&password=x&action=x", header: []string{"Content-Type", asForm, "Origin", s.URL}},
		"a strange type":      {body: "x", header: []string{"Content-Type", "\xff/\xff;;=\x80"}},
		"a wrong bearer":      {header: []string{"Authorization", "Bearer \xff.\xfe."}},
		"a wrong application": {body: "client_id=x", header: []string{"Authorization", "Basic /w==", "Content-Type", asForm}},
	}
	for target := range targets {
		slash := len("http://") + strings.IndexByte(target[len("http://"):], '/')
		origin, path := target[:slash], target[slash:]
		for name, o := range odd {
			for _, method := range []string{"GET", "POST", "OPTIONS"} {
				a := askAt(t, origin, method, path+o.query, o.body, o.header...)
				switch {
				case a.status >= 500:
					t.Errorf("%s %s with %s: %d %.300s", method, path, name, a.status, a.body)
				case a.status >= 400 && !a.isJSON() && !a.isPage() && a.status != 416 && !originRefused(a):
					t.Errorf("%s %s with %s: %d as %q", method, path, name, a.status, a.header.Get("Content-Type"))
				case strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img/src=x"):
					t.Errorf("%s %s with %s: the page has the script that was sent", method, path, name)
				}
			}
		}
	}
	for line := range strings.Lines(s.Log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("the log has an error: %.600s", line)
		}
	}
}

// originRefused is the one refusal in plain text, as Auth0 has it.
func originRefused(a answer) bool {
	return a.status == http.StatusForbidden && strings.HasPrefix(a.body, "Origin ") && strings.HasPrefix(a.header.Get("Content-Type"), "text/plain")
}

// TestTheHostDecidesNothing: an issuer, a link or a redirect is never made from what a request says of its host.
func TestTheHostDecidesNothing(t *testing.T) {
	s := idptest.New(t)
	c := s.Client(store.AppNative, idptest.Callback("https://app.example.com/cb"))
	host := strings.TrimPrefix(s.URL, "http://")
	for name, header := range map[string][]string{
		"X-Forwarded-Host": {"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "1"},
		"Forwarded":        {"Forwarded", "host=evil.example;proto=https"},
		"X-Original-URL":   {"X-Original-URL", "https://evil.example/", "X-Rewrite-URL", "https://evil.example/", "X-Original-Host", "evil.example"},
		"case":             {"Host", strings.ToUpper(host), "X-Host", "evil.example"},
	} {
		for _, target := range []string{
			"/.well-known/openid-configuration", strings.TrimPrefix(s.AuthorizeURL(c), s.URL), "/", "/v2/logout?returnTo=https://evil.invalid/",
			"/authorize?client_id=" + c.ID, "//authorize", "/dashboard",
		} {
			a := ask(t, s, http.MethodGet, target, "", header...)
			location := a.header.Get("Location")
			if strings.Contains(a.body+location, "evil.example") || location != "" && !strings.HasPrefix(location, "/") {
				t.Errorf("%s, %s: %d to %q, body %.300s", name, target, a.status, location, a.body)
			}
			if strings.HasPrefix(target, "/.well-known") && !strings.Contains(a.body, `"issuer":"`+s.Issuer+`"`) {
				t.Errorf("%s: the metadata lacks the issuer %s: %.300s", name, s.Issuer, a.body)
			}
		}
	}
	for _, other := range []string{"evil.example", "127.0.0.1", host + ".evil.example", "evil.example@" + host, "", host + "\xff"} {
		text := "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: " + other + "\r\nConnection: close\r\n\r\n"
		if a := raw(t, s, text); a.status != http.StatusMisdirectedRequest && a.status != http.StatusBadRequest || strings.Contains(a.body, "issuer") {
			t.Errorf("the host %q: %d %.200s, want 421 or 400", other, a.status, a.body)
		}
	}
}

// TestPathsAreNotTricked: a path that is written in another way leads to the page it means or to none.
func TestPathsAreNotTricked(t *testing.T) {
	s := idptest.New(t)
	for path, want := range map[string]int{
		"//authorize":         http.StatusTemporaryRedirect,
		"/u/../authorize":     http.StatusTemporaryRedirect,
		"//evil.example/%2e.": http.StatusTemporaryRedirect,
		"/authorize/":         http.StatusNotFound,
		"/authorize%00":       http.StatusNotFound,
		"/AUTHORIZE":          http.StatusNotFound,
		"/%2fevil.example":    http.StatusNotFound,
		"/\\evil.example":     http.StatusNotFound,
		"/oauth/token%0a":     http.StatusNotFound,
	} {
		a := ask(t, s, http.MethodGet, path, "")
		location := a.header.Get("Location")
		if a.status != want || strings.HasPrefix(location, "//") || strings.Contains(location, "\\") || strings.Contains(location, ":") {
			t.Errorf("%s: %d to %q, want %d and a path of ours", path, a.status, location, want)
		}
	}
}
