package dashboard_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/proofkey/proofkey/dashboard"
)

// build is what a build of the app looks like.
func build() http.Handler {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return dashboard.NewApp(fstest.MapFS{
		"index.html":            file("<!doctype html><script src=/assets/a-1.js></script>"),
		"favicon.svg":           file("<svg/>"),
		"assets/a-1.js":         file(strings.Repeat("let a = 1;", 200)),
		"assets/a-1.css":        file("a{}"),
		"assets/font-1.woff2":   file("wOF2"),
		"assets/blob-1.unknown": file("?"),
	})
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestBuildIsServed(t *testing.T) {
	h := build()
	const forever, anew = "public, max-age=31536000, immutable", "no-cache"
	for path, want := range map[string]struct {
		status       int
		kind, cached string
		page         bool
	}{
		"/":                            {200, "text/html; charset=utf-8", anew, true},
		"/index.html":                  {200, "text/html; charset=utf-8", anew, true},
		"/tenants/dev/applications":    {200, "text/html; charset=utf-8", anew, true},
		"/favicon.svg":                 {200, "image/svg+xml", anew, false},
		"/assets/a-1.js":               {200, "text/javascript; charset=utf-8", forever, false},
		"/assets/a-1.css":              {200, "text/css; charset=utf-8", forever, false},
		"/assets/font-1.woff2":         {200, "font/woff2", forever, false},
		"/assets/blob-1.unknown":       {200, "application/octet-stream", forever, false},
		"/assets/old-0.js":             {404, "text/plain; charset=utf-8", "no-store", false},
		"/assets/../index.html":        {200, "text/html; charset=utf-8", anew, true},
		"/assets/%2e%2e/%2e%2e/go.mod": {200, "text/html; charset=utf-8", anew, true},
		"/assets":                      {200, "text/html; charset=utf-8", anew, true},
		"/assets/":                     {200, "text/html; charset=utf-8", anew, true},
	} {
		w := get(h, path)
		if w.Code != want.status || w.Header().Get("Content-Type") != want.kind || w.Header().Get("Cache-Control") != want.cached {
			t.Errorf("%s: %d %v, want %+v", path, w.Code, w.Header(), want)
		}
		if strings.HasPrefix(w.Body.String(), "<!doctype") != want.page || w.Header().Get("Content-Security-Policy") != "the policy" {
			t.Errorf("%s is answered %.100s under %q", path, w.Body, w.Header().Get("Content-Security-Policy"))
		}
	}
}

func TestBuildIsCompressed(t *testing.T) {
	h := build()
	plain, zipped := get(h, "/assets/a-1.js"), get(h, "/assets/a-1.js", "Accept-Encoding", "br, gzip")
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Fatalf("plain %v, zipped %v", plain.Header(), zipped.Header())
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, plain.Body.Bytes()) || zipped.Body.Len() >= plain.Body.Len() {
		t.Errorf("what comes zipped differs: %v", err)
	}
	if small := get(h, "/assets/a-1.css", "Accept-Encoding", "gzip"); small.Header().Get("Content-Encoding") != "" {
		t.Error("what gets no smaller is zipped")
	}
	etag := plain.Header().Get("ETag")
	if again := get(h, "/assets/a-1.js", "If-None-Match", etag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("with its tag %s: %d", etag, again.Code)
	}
}

// Without a build the page says how to make one.
func TestNoBuild(t *testing.T) {
	w := get(dashboard.NewApp(nil), "/a/b")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make build") || strings.Contains(w.Body.String(), "<script") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
