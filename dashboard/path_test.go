package dashboard

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzLocalPath: after a login the browser goes to a page of this origin, whatever it was asked to.
func FuzzLocalPath(f *testing.F) {
	for _, path := range []string{
		"", "/", "/applications?page=2", "//evil.example", "/\\evil.example", "https://evil.example/", "/%2f%2fevil.example", "/\tx", "javascript:alert(1)", "/..//evil.example",
		"/dashboard/logout", "/a#//b", "/@evil.example", "\x00", "/\r\nSet-Cookie: a=b", strings.Repeat("/a", 2000),
	} {
		f.Add(path)
	}
	origin, err := url.Parse("https://console.example.com/dashboard/callback")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		path := localPath(asked)
		to, err := origin.Parse(path)
		if err != nil || to.Host != origin.Host || to.Scheme != origin.Scheme || to.User != nil || !strings.HasPrefix(path, "/") ||
			strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00 ") {
			t.Errorf("%q leads to %q (%v)", asked, path, err)
		}
	})
}
