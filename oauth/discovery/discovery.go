// Package discovery publishes what others need to know to use this server: metadata (OpenID Connect Discovery 1.0, RFC
// 8414), public keys, and the files with which phones let an app claim links of this domain.
//
// What every caller may rely on:
//
//   - The metadata is built from [Mounted], which comes from whoever mounts the routes. Nothing is advertised that does not
//     answer, because clients pick methods from this document and then fail at the endpoint.
//   - Everything here is public: it is readable from any origin, sets no cookie, and names only the configured issuer.
//   - Answers may be cached for as long as a change can wait. A key is published long before it signs, so a cached key set
//     is never too old; see package keys.
package discovery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// Cache-Control of what tenants change (metadata and keys) and of what only releases of apps change.
const (
	cacheBriefly = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400"
	cacheMinutes = "public, max-age=300"
)

// Discovery serves one tenant on one of its domains.
type Discovery struct {
	DB      *store.DB
	Keys    *keys.Ring
	Issuer  string // with the trailing slash
	Mounted Mounted
}

// content makes the body of one public file.
type content func(ctx context.Context) ([]byte, error)

// Routes mounts the public files.
func (d *Discovery) Routes(mux *web.Mux) {
	const (
		asJSON = "application/json; charset=utf-8"
		asText = "text/plain; charset=utf-8"
	)
	for _, f := range []struct {
		path, contentType, cache string
		make                     content
	}{
		{"/.well-known/openid-configuration", asJSON, cacheBriefly, d.metadata},
		{"/.well-known/oauth-authorization-server", asJSON, cacheBriefly, d.metadata},
		{"/.well-known/jwks.json", asJSON, cacheBriefly, d.Keys.JWKS},
		{"/pem", "application/x-pem-file", cacheBriefly, d.certificate(asPEM)},
		{"/cer", "application/pkix-cert", cacheBriefly, d.certificate(asDER)},
		{"/rawpem", asText, cacheBriefly, d.certificate(asRawPEM)},
		{"/pb7", "application/x-pkcs7-certificates", cacheBriefly, d.certificate(asPKCS7)},
		{"/fingerprint", asText, cacheBriefly, d.certificate(asFingerprint)},
		{"/.well-known/assetlinks.json", asJSON, cacheMinutes, d.assetLinks},
		// Apple's reader wants the type without a charset and the file without an extension.
		{"/.well-known/apple-app-site-association", "application/json", cacheMinutes, d.appleAppSite},
		{"/apple-app-site-association", "application/json", cacheMinutes, d.appleAppSite},
	} {
		mux.Handle("GET "+f.path, web.Everyone, web.Handle(web.RenderOAuth, serve(f.contentType, f.cache, f.make)))
		mux.Handle("OPTIONS "+f.path, web.Preflight, http.HandlerFunc(preflight))
	}
}

// serve answers with a file that any page may read; a HEAD or conditional request costs no body.
func serve(contentType, cache string, body content) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		b, err := body(r.Context())
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", cache)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
		return nil
	}
}

// preflight is asked because the single-page SDK sends its header Auth0-Client with every request.
func preflight(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "Auth0-Client, Authorization, Content-Type, DPoP")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}

// encode writes URLs as they are, without HTML's escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
