package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// app serves the single-page app out of what its build made. Files below assets bear a digest in their names and are kept
// by browsers for ever; index.html, which names them, is asked for anew each time.
type app struct {
	files  fs.FS // nil: not built
	policy string
	sent   sync.Map // path to *file
}

func newApp(files fs.FS, policy string) *app { return &app{files: files, policy: policy} }

// file is what is sent.
type file struct {
	kind, etag    string
	plain, zipped []byte // zipped is nil where it saves nothing
}

const index = "index.html"

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", a.policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	if a.files == nil {
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	asset := strings.HasPrefix(name, "assets/")
	f, ok := a.file(name)
	if !ok && asset { // of another version: the page must not take the app for it
		h.Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	if !ok {
		if f, ok = a.file(index); !ok {
			http.Error(w, "The build of the Dashboard has no index.html.", http.StatusInternalServerError)
			return
		}
	}
	h.Set("Cache-Control", "no-cache")
	if asset {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	f.send(w, r)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Add("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	_, _ = w.Write(body) // the reader may have gone
}

// file reads a file at its first use. Only names of the build get into the map, so it is bounded.
func (a *app) file(name string) (*file, bool) {
	if f, ok := a.sent.Load(name); ok {
		return f.(*file), true
	}
	if !fs.ValidPath(name) {
		return nil, false
	}
	body, err := fs.ReadFile(a.files, name)
	if err != nil {
		return nil, false
	}
	sum := sha256.Sum256(body)
	f := &file{kind: kindOf(name), etag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: body}
	var zipped bytes.Buffer
	z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is one of the package's
	_, _ = z.Write(body)                                       // into memory: cannot fail
	if z.Close() == nil && zipped.Len() < len(body) {
		f.zipped = zipped.Bytes()
	}
	kept, _ := a.sent.LoadOrStore(name, f)
	return kept.(*file), true
}

// kindOf does not ask the system, whose tables differ.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	case ".ico":
		return "image/x-icon"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>The Dashboard is not in this build</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>The Dashboard is not in this build</h1>
<p>This program was built without the Dashboard's pages. <code>make build</code> builds both; it needs Node and npm. By hand:</p>
<pre>cd dashboard/ui &amp;&amp; npm ci &amp;&amp; npm run build
go build -tags dashboard_ui ./cmd/proofkey</pre>
<p>The Management API and <code>proofkey admin</code> work without it.</p>
</html>
`
