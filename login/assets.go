package login

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

// AssetPrefix is where [Views.Assets] must be mounted.
const AssetPrefix = "/u/assets/"

type asset struct {
	body        []byte
	contentType string
	path        string // carries a digest of the body, so that it may be cached for ever
}

func loadAssets() map[string]asset {
	types := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	all := make(map[string]asset)
	entries, _ := assetFiles.ReadDir("assets") // embedded: cannot fail
	for _, e := range entries {
		body, _ := assetFiles.ReadFile("assets/" + e.Name())
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		base := strings.TrimSuffix(e.Name(), ext)
		all[e.Name()] = asset{body, types[ext], AssetPrefix + base + "." + hex.EncodeToString(sum[:6]) + ext}
	}
	return all
}

func (v *Views) assetPath(name string) (string, error) {
	a, ok := v.assets[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return a.path, nil
}

// Assets serves style sheet, script and icon below [AssetPrefix].
func (v *Views) Assets() http.Handler {
	byPath := make(map[string]asset, len(v.assets))
	for _, a := range v.assets {
		byPath[a.path] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byPath[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(a.body) // the reader may have gone
	})
}
