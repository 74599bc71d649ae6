package oauth_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/oauth"
)

func TestMatchCallback(t *testing.T) {
	const (
		app      = "com.myclientapp://myclientapp.com/callback"
		site     = "https://tenant.example.com/mobile"
		loop     = "http://127.0.0.1/callback"
		wild     = "https://app-*.example.com/cb"
		wildOnly = "https://*.example.com:8443/cb?x=1"
	)
	tests := []struct {
		name, allowed, presented string
		want                     bool
	}{
		{"custom scheme", app, app, true},
		{"https", site, site, true},
		{"empty scheme part kept", "myapp://", "myapp://", true},
		{"upper-case custom scheme is another", app, "COM.myclientapp://myclientapp.com/callback", false},
		{"upper-case host", site, "https://TENANT.example.com/mobile", false},
		{"upper-case path", site, "https://tenant.example.com/Mobile", false},
		{"trailing slash", site, site + "/", false},
		{"longer path", site, site + "/../evil", false},
		{"prefix of it", site, "https://tenant.example.com/mobil", false},
		{"query added", site, site + "?x=1", false},
		{"empty query added", site, site + "?", false},
		{"fragment added", site, site + "#x", false},
		{"fragment in both", site + "#x", site + "#x", false},
		{"percent-encoded letter", site, "https://tenant.example.com/%6dobile", false},
		{"dot segment", site, "https://tenant.example.com/./mobile", false},
		{"user name", site, "https://tenant.example.com@evil.com/mobile", false},
		{"other host after slashes", site, "https://evil.com//tenant.example.com/mobile", false},
		{"default port", site, "https://tenant.example.com:443/mobile", false},
		{"http for https", site, "http://tenant.example.com/mobile", false},
		{"leading space", site, " " + site, false},
		{"trailing newline", site, site + "\n", false},
		{"NUL", site, site + "\x00", false},
		{"backslash", "https://a.example.com\\b", "https://a.example.com\\b", false},
		{"non-ASCII", "https://é.example.com/", "https://é.example.com/", false},
		{"full-width full stop", "https://tenant.example.com/mobile", "https://tenant。example.com/mobile", false},
		{"empty", "", "", false},
		{"relative", "/mobile", "/mobile", false},
		{"too long", "https://a.example.com/" + strings.Repeat("a", 2048), "https://a.example.com/" + strings.Repeat("a", 2048), false},
		{"javascript though listed", "javascript:alert(1)", "javascript:alert(1)", false},
		{"data though listed", "DATA:text/html,x", "DATA:text/html,x", false},

		{"loopback with port", loop, "http://127.0.0.1:49152/callback", true},
		{"loopback other port", "http://127.0.0.1:1/callback", "http://127.0.0.1:2/callback", true},
		{"loopback without port", "http://127.0.0.1:1/callback", "http://127.0.0.1/callback", true},
		{"loopback without path", "http://127.0.0.1", "http://127.0.0.1:65535", true},
		{"loopback IPv6", "http://[::1]/callback", "http://[::1]:8080/callback", true},
		{"loopback with query", loop + "?a=1", "http://127.0.0.1:80/callback?a=1", true},
		{"loopback other query", loop + "?a=1", "http://127.0.0.1:80/callback?a=2", false},
		{"loopback other path", loop, "http://127.0.0.1:80/callback2", false},
		{"loopback slash added", "http://127.0.0.1", "http://127.0.0.1:80/", false},
		{"loopback other family", loop, "http://[::1]:80/callback", false},
		{"loopback other address", loop, "http://127.0.0.2/callback", false},
		{"loopback longer address", "http://127.0.0.1", "http://127.0.0.10", false},
		{"loopback as subdomain", loop, "http://127.0.0.1.evil.com/callback", false},
		{"loopback user name", loop, "http://127.0.0.1:80@evil.com/callback", false},
		{"loopback user name, no port", loop, "http://127.0.0.1@evil.com/callback", false},
		{"loopback port zero", loop, "http://127.0.0.1:0/callback", false},
		{"loopback port too high", loop, "http://127.0.0.1:65536/callback", false},
		{"loopback port overflow", loop, "http://127.0.0.1:99999999999999999999/callback", false},
		{"loopback port leading zero", loop, "http://127.0.0.1:080/callback", false},
		{"loopback port empty", loop, "http://127.0.0.1:/callback", false},
		{"loopback port letters", loop, "http://127.0.0.1:80a/callback", false},
		{"loopback https keeps its port", "https://127.0.0.1/callback", "https://127.0.0.1:8443/callback", false},
		{"localhost keeps its port", "http://localhost:3000/cb", "http://localhost:3001/cb", false},
		{"localhost exact", "http://localhost:3000/cb", "http://localhost:3000/cb", true},
		{"localhost is not the literal", loop, "http://localhost/callback", false},
		{"octal loopback", loop, "http://0177.0.0.1/callback", false},
		{"decimal loopback", loop, "http://2130706433/callback", false},
		{"mapped loopback", "http://[::1]/callback", "http://[::ffff:127.0.0.1]/callback", false},

		{"wildcard", wild, "https://app-12.example.com/cb", true},
		{"wildcard whole label", wildOnly, "https://a.example.com:8443/cb?x=1", true},
		{"wildcard takes hyphens", wild, "https://app-a-b.example.com/cb", true},
		{"wildcard needs a character", wild, "https://app-.example.com/cb", false},
		{"wildcard label may not end in a hyphen", wild, "https://app-a-.example.com/cb", false},
		{"wildcard label may not start with a hyphen", wildOnly, "https://-a.example.com:8443/cb?x=1", false},
		{"wildcard does not cross labels", wild, "https://app-a.b.example.com/cb", false},
		{"wildcard does not cross into user name", wild, "https://app-a@b.example.com/cb", false},
		{"wildcard does not take a slash", wild, "https://app-evil/.example.com/cb", false},
		{"wildcard does not take a port", wild, "https://app-a:1.example.com/cb", false},
		{"wildcard does not take a percent", wild, "https://app-%61.example.com/cb", false},
		{"wildcard does not take an underscore", wild, "https://app-_.example.com/cb", false},
		{"wildcard other port", wildOnly, "https://a.example.com:8444/cb?x=1", false},
		{"wildcard itself is not presented", wild, wild, false},
		{"wildcard label of 63", "https://*.example.com/", "https://" + strings.Repeat("a", 63) + ".example.com/", true},
		{"wildcard label of 64", "https://*.example.com/", "https://" + strings.Repeat("a", 64) + ".example.com/", false},
		{"wildcard on a top-level domain", "https://*.com/", "https://evil.com/", false},
		{"wildcard on a public suffix", "https://*.co.uk/", "https://evil.co.uk/", false},
		{"wildcard as host", "https://*/", "https://evil/", false},
		{"wildcard in an address", "https://*.0.0.1/", "https://127.0.0.1/", false},
		{"wildcard not left-most", "https://a.*.example.com/", "https://a.b.example.com/", false},
		{"two wildcards", "https://*-*.example.com/", "https://a-b.example.com/", false},
		{"wildcard in a custom scheme", "com.app://*.example.com/", "com.app://a.example.com/", false},
		{"wildcard in the path is a character", "https://a.example.com/*", "https://a.example.com/b", false},
		{"wildcard in the scheme", "http*://a.example.com/", "https://a.example.com/", false},
		{"wildcard before a user name", "https://*.example.com@evil.com/", "https://a.example.com@evil.com/", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			allowed := []string{"https://first.example.org/", tt.allowed}
			if got := oauth.MatchCallback(allowed, tt.presented); got != tt.want {
				t.Errorf("MatchCallback(%q, %q) = %v, want %v", tt.allowed, tt.presented, got, tt.want)
			}
		})
	}
	if oauth.MatchCallback(nil, site) {
		t.Error("an empty list allows nothing")
	}
}

func TestMatchLogout(t *testing.T) {
	tests := []struct {
		allowed, presented string
		loose, exact       bool
	}{
		{"https://a.example.com/bye", "https://a.example.com/bye", true, true},
		{"https://a.example.com/bye", "https://a.example.com/bye?x=1#y", true, false},
		{"https://a.example.com/bye?x=1", "https://a.example.com/bye", true, false},
		{"https://a.example.com/bye?x=1", "https://a.example.com/bye?x=1", true, true},
		{"https://a.example.com/bye", "HTTPS://A.Example.com/bye", true, false},
		{"https://a.example.com/bye", "https://a.example.com/Bye", false, false},
		{"https://a.example.com", "https://a.example.com/", false, false},
		{"https://a.example.com", "https://a.example.com?x", true, false},
		{"https://a.example.com", "https://a.example.com@evil.com", false, false},
		{"https://a@b.example.com", "https://a@b.example.com", false, true},
		{"https://a.example.com", "https://a.example.com.evil.com", false, false},
		{"https://a.example.com", "https://a.example.com\\@evil.com", false, false},
		{"https://a.example.com", "https://a.example.com:443", false, false},
		{"https://*.example.com/bye", "https://B.example.com/bye?q", true, false},
		{"https://*.example.com/bye", "https://b.c.example.com/bye", false, false},
		{"https://*.example.com", "https://evil.com?.example.com", false, false},
		{"https://*.example.com", "https://evil.com#.example.com", false, false},
		{"com.App://x.example.com/ios/com.App/callback", "com.app://x.example.com/ios/com.App/callback", true, false},
		{"javascript:alert(1)", "javascript:alert(1)", false, false},
		{"", "", false, false},
		{"/bye", "/bye", false, false},
	}
	for _, tt := range tests {
		if got := oauth.MatchLogout([]string{tt.allowed}, tt.presented, false); got != tt.loose {
			t.Errorf("MatchLogout(%q, %q) = %v, want %v", tt.allowed, tt.presented, got, tt.loose)
		}
		if got := oauth.MatchLogout([]string{tt.allowed}, tt.presented, true); got != tt.exact {
			t.Errorf("MatchLogout(%q, %q) exactly = %v, want %v", tt.allowed, tt.presented, got, tt.exact)
		}
	}
}

func TestOrigin(t *testing.T) {
	tests := []struct {
		uri, want string
		ok        bool
	}{
		{"https://Example.com/path?q#f", "https://example.com", true},
		{"HTTPS://example.com:443", "https://example.com", true},
		{"http://example.com:80/", "http://example.com", true},
		{"http://example.com:443/", "http://example.com:443", true},
		{"http://[::1]:4200/", "http://[::1]:4200", true},
		{"http://localhost:4200", "http://localhost:4200", true},
		{"https://u@example.com", "", false},
		{"https://exa\\mple.com", "", false},
		{"https://example.com:", "", false},
		{"https://example.com:0x50", "", false},
		{"https://[::1", "", false},
		{"https://[fe80::1%25eth0]", "", false},
		{"https://", "", false},
		{"https:example.com", "", false},
		{"com.app://example.com", "", false},
		{"null", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if got, ok := oauth.Origin(tt.uri); got != tt.want || ok != tt.ok {
			t.Errorf("Origin(%q) = %q, %v, want %q, %v", tt.uri, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMatchOrigin(t *testing.T) {
	allowed := []string{"https://app.example.com/callback", "http://localhost:4200", "https://*.preview.example.com:443/x", "null", "not a url"}
	tests := []struct {
		origin string
		want   bool
	}{
		{"https://app.example.com", true},
		{"https://APP.example.com", true},
		{"http://app.example.com", false},
		{"https://app.example.com/", false},
		{"https://app.example.com/callback", false},
		{"https://app.example.com:8443", false},
		{"http://localhost:4200", true},
		{"http://localhost:4201", false},
		{"https://pr-1.preview.example.com", true},
		{"https://a.pr-1.preview.example.com", false},
		{"https://preview.example.com", false},
		{"null", false},
		{"", false},
	}
	for _, tt := range tests {
		if got := oauth.MatchOrigin(allowed, tt.origin); got != tt.want {
			t.Errorf("MatchOrigin(%q) = %v, want %v", tt.origin, got, tt.want)
		}
	}
}

func TestKindsOfCallback(t *testing.T) {
	tests := []struct {
		uri                          string
		custom, loopback, verifiable bool
	}{
		{"com.example.app://host/cb", true, false, false},
		{"com.example.app:/cb", true, false, false},
		{"https://example.com/cb", false, false, true},
		{"HTTPS://example.com/cb", false, false, true},
		{"http://localhost:3000/cb", false, true, false},
		{"http://LOCALHOST./cb", false, true, false},
		{"https://app.localhost/cb", false, true, false},
		{"http://127.0.0.1/cb", false, true, false},
		{"http://127.9.9.9/cb", false, true, false},
		{"http://[::1]:1/cb", false, true, false},
		{"http://[::ffff:127.0.0.1]/cb", false, true, false},
		{"http://10.0.0.1/cb", false, false, true},
		{"https://localhost.example.com/", false, false, true},
		{"https://a@example.com/", false, false, false},
		{"my_app://cb", false, false, false},
		{"", false, false, false},
	}
	for _, tt := range tests {
		if got := oauth.CustomScheme(tt.uri); got != tt.custom {
			t.Errorf("CustomScheme(%q) = %v, want %v", tt.uri, got, tt.custom)
		}
		if got := oauth.Loopback(tt.uri); got != tt.loopback {
			t.Errorf("Loopback(%q) = %v, want %v", tt.uri, got, tt.loopback)
		}
		if got := oauth.Verifiable(tt.uri); got != tt.verifiable {
			t.Errorf("Verifiable(%q) = %v, want %v", tt.uri, got, tt.verifiable)
		}
	}
}

func TestCheckCallback(t *testing.T) {
	for _, uri := range []string{
		"com.myclientapp://myclientapp.com/callback", "myapp://", "com.app:/cb", "https://example.com", "http://localhost:3000/cb",
		"http://127.0.0.1/callback", "http://[::1]:8080/", "https://*.example.com/cb", "https://app-*.example.com:8443/cb?x=1",
		"https://*-team.vercel.app/cb", "com.Example.MyApp://host/ios/com.Example.MyApp/callback",
	} {
		if err := oauth.CheckCallback(uri); err != nil {
			t.Errorf("CheckCallback(%q) = %v, want nil", uri, err)
		}
	}
	for uri, word := range map[string]string{
		"":                                "empty",
		"/callback":                       "scheme",
		"my_app://cb":                     "scheme",
		"1app://cb":                       "scheme",
		"://cb":                           "scheme",
		"javascript:alert(1)":             "javascript",
		"JavaScript:alert(1)":             "javascript",
		"java\tscript:alert(1)":           "character",
		" javascript:alert(1)":            "character",
		"data:text/html,x":                "data",
		"vbscript:x":                      "vbscript",
		"FILE:///etc/passwd":              "file",
		"about:blank":                     "about",
		"blob:https://example.com/x":      "blob",
		"https://example.com/#f":          "fragment",
		"https://u:p@example.com/":        "user name",
		"https://":                        "host",
		"https:/example.com":              "host",
		"https://example.com:99999/":      "host",
		"https://exa mple.com/":           "character",
		"https://example.com\\@evil.com":  "character",
		"https://bücher.example/":         "character",
		"https://a.example.com/*":         "outside",
		"https://*.com/":                  "label",
		"https://*/":                      "label",
		"https://*.co.uk/":                "label",
		"https://a.*.example.com/":        "label",
		"https://**.example.com/":         "label",
		"https://*.168.1.1/":              "label",
		"com.app://*/cb":                  "http",
		"https://a.b/" + long(2048):       "2060 bytes",
		"https://example.com/\"onload=x":  "character",
		"https://example.com/<script>":    "character",
		"https://example.com/\r\nSet-C:x": "character",
	} {
		err := oauth.CheckCallback(uri)
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("CheckCallback(%q) = %v, want an error about %q", uri, err, word)
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func TestWithQuery(t *testing.T) {
	tests := []struct {
		uri  string
		kv   []string
		want string
	}{
		{"https://a.example.com/cb", []string{"code", "x y+z/=&%é", "state", "s"}, "https://a.example.com/cb?code=x%20y%2Bz%2F%3D%26%25%C3%A9&state=s"},
		{"https://a.example.com/cb?b=2&a=1", []string{"code", "c"}, "https://a.example.com/cb?b=2&a=1&code=c"},
		{"https://a.example.com/cb?", []string{"code", "c"}, "https://a.example.com/cb?code=c"},
		{"https://a.example.com", []string{"code", "c", "state", ""}, "https://a.example.com?code=c"},
		{"myapp://", []string{"code", "c"}, "myapp://?code=c"},
		{"com.Example.MyApp://Host", []string{"code", "c"}, "com.Example.MyApp://Host?code=c"},
		{"https://a.example.com/cb", []string{"state", ""}, "https://a.example.com/cb"},
		{"https://a.example.com/cb", nil, "https://a.example.com/cb"},
		{"https://a.example.com/cb#f", []string{"code", "c"}, "https://a.example.com/cb?code=c"},
		{"https://a.example.com/cb", []string{"n\r\n", "v\r\n"}, "https://a.example.com/cb?n%0D%0A=v%0D%0A"},
	}
	for _, tt := range tests {
		if got := oauth.WithQuery(tt.uri, tt.kv...); got != tt.want {
			t.Errorf("WithQuery(%q, %q)\n got %s\nwant %s", tt.uri, tt.kv, got, tt.want)
		}
	}
	if got, want := oauth.WithFragment("https://a.example.com/cb?x=1#old", "id_token", "a.b-c_d", "state", "s s"), "https://a.example.com/cb?x=1#id_token=a.b-c_d&state=s%20s"; got != want {
		t.Errorf("WithFragment = %s, want %s", got, want)
	}
}

var (
	loopbackForm = regexp.MustCompile(`(?s)^http://(127\.0\.0\.1|\[::1\])(:[1-9][0-9]{0,4})?([/?].*)?$`)
	wildcardForm = regexp.MustCompile(`^(https?://)([A-Za-z0-9_-]*)\*([A-Za-z0-9_-]*)((?:\.[A-Za-z0-9_-]+){2,}\.?(?::[0-9]+)?)((?s:[/?#].*)?)$`)
)

// mayMatch is the rule written a second time, with regular expressions.
func mayMatch(allowed, presented string) bool {
	if m := wildcardForm.FindStringSubmatch(allowed); m != nil {
		re := regexp.QuoteMeta(m[1]+m[2]) + "[A-Za-z0-9-]+" + regexp.QuoteMeta(m[3]+m[4]+m[5])
		return regexp.MustCompile("^(?:" + re + ")$").MatchString(presented)
	}
	if allowed == presented {
		return true
	}
	a, p := loopbackForm.FindStringSubmatch(allowed), loopbackForm.FindStringSubmatch(presented)
	return a != nil && p != nil && a[1] == p[1] && a[3] == p[3]
}

func FuzzMatchCallback(f *testing.F) {
	for _, seed := range [][2]string{
		{"com.myclientapp://myclientapp.com/callback", "com.myclientapp://myclientapp.com/callback"},
		{"http://127.0.0.1/callback", "http://127.0.0.1:49152/callback"},
		{"http://[::1]:1/callback?x", "http://[::1]:65535/callback?x"},
		{"http://127.0.0.1:1/cb", "http://127.0.0.1:1@evil.com/cb"},
		{"https://app-*.example.com/cb", "https://app-1.example.com/cb"},
		{"https://*.example.com:8443/cb?q=*", "https://evil.com/.example.com:8443/cb?q=*"},
		{"https://*.example.com", "https://evil.com\\.example.com"},
		{"https://*.com/", "https://evil.com/"},
		{"javascript:alert(1)", "javascript:alert(1)"},
		{"https://a.example.com/#x", "https://a.example.com/#x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, allowed, presented string) {
		if !oauth.MatchCallback([]string{allowed}, presented) {
			return
		}
		if !mayMatch(allowed, presented) {
			t.Fatalf("%q matched %q by no rule", allowed, presented)
		}
		if strings.ContainsAny(presented, "# \\\t\r\n\x00") || len(presented) > 2048 {
			t.Fatalf("%q matched with a character that is never sent to", presented)
		}
		if i := strings.IndexByte(allowed, '*'); i >= 0 && allowed != presented {
			a, errA := url.Parse(strings.Replace(allowed, "*", "x", 1))
			p, errP := url.Parse(presented)
			if errA == nil && errP == nil && (p.User != nil || after(a.Hostname()) != after(p.Hostname()) || a.Port() != p.Port() || a.Path != p.Path) {
				t.Fatalf("%q matched %q, which leads to %q", allowed, presented, p.Host)
			}
		}
	})
}

// after is the host without its first label.
func after(host string) string {
	_, rest, _ := strings.Cut(host, ".")
	return rest
}

func FuzzWithQuery(f *testing.F) {
	f.Add("myapp://", "code", "a b+c&d=e%")
	f.Add("https://a.example.com/cb?x=1", "error_description", "é\r\n\"")
	f.Fuzz(func(t *testing.T, uri, name, value string) {
		if strings.ContainsAny(uri, "#") || name == "" || value == "" {
			return
		}
		got := oauth.WithQuery(uri, name, value)
		tail, kept := strings.CutPrefix(got, uri)
		if !kept {
			t.Fatalf("WithQuery(%q) = %q does not begin with the URI as received", uri, got)
		}
		back, err := url.ParseQuery(strings.TrimLeft(tail, "?&"))
		if err != nil || len(back) != 1 || back.Get(name) != value {
			t.Fatalf("WithQuery(%q, %q, %q) = %q reads back as %v, %v", uri, name, value, got, back, err)
		}
		if strings.ContainsAny(tail, "+ \r\n") {
			t.Fatalf("WithQuery appended %q unescaped", tail)
		}
	})
}
