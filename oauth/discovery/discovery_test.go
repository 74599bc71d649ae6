package discovery_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/discovery"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

const issuer = "https://t.example.com/"

var readyKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var made [2]*rsa.PrivateKey
	for i := range made {
		made[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return made
})

// site mounts discovery with everything that this version has; change adjusts it.
func site(t *testing.T, change func(*discovery.Discovery)) (*store.DB, http.Handler) {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	ring := keys.Open(db)
	ready := readyKeys()
	if err := ring.EnsureWith(t.Context(), ready[:]...); err != nil {
		t.Fatal(err)
	}
	d := &discovery.Discovery{DB: db, Keys: ring, Issuer: issuer, Mounted: discovery.Mounted{
		Authorize: "authorize", Token: "oauth/token", UserInfo: "userinfo", Revoke: "oauth/revoke", EndSession: "oidc/logout",
		GrantTypes:    []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		ResponseModes: []string{oauth.ResponseModeQuery, oauth.ResponseModeFragment, oauth.ResponseModeFormPost},
		Scopes:        []string{oauth.ScopeOpenID, oauth.ScopeOfflineAccess},
		Claims:        []string{"sub", "name"},
	}}
	if change != nil {
		change(d)
	}
	mux := &web.Mux{}
	d.Routes(mux)
	return db, mux
}

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "evil.example"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestMetadata(t *testing.T) {
	const golden = `{
	"issuer": "https://t.example.com/",
	"authorization_endpoint": "https://t.example.com/authorize",
	"token_endpoint": "https://t.example.com/oauth/token",
	"userinfo_endpoint": "https://t.example.com/userinfo",
	"jwks_uri": "https://t.example.com/.well-known/jwks.json",
	"revocation_endpoint": "https://t.example.com/oauth/revoke",
	"end_session_endpoint": "https://t.example.com/oidc/logout",
	"scopes_supported": ["openid","offline_access"],
	"response_types_supported": ["code"],
	"response_modes_supported": ["query","fragment","form_post"],
	"grant_types_supported": ["authorization_code","refresh_token","client_credentials"],
	"code_challenge_methods_supported": ["S256"],
	"subject_types_supported": ["public"],
	"id_token_signing_alg_values_supported": ["HS256","RS256"],
	"token_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","private_key_jwt","none"],
	"token_endpoint_auth_signing_alg_values_supported": ["RS256","RS384","PS256"],
	"revocation_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","private_key_jwt","none"],
	"claim_types_supported": ["normal"],
	"claims_supported": ["sub","name"],
	"claims_parameter_supported": false,
	"request_parameter_supported": false,
	"request_uri_parameter_supported": false
}`
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(golden)); err != nil {
		t.Fatal(err)
	}
	_, h := site(t, nil)
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
		if got := strings.TrimSpace(get(t, h, path).Body.String()); got != want.String() {
			t.Errorf("%s:\ngot  %s\nwant %s", path, got, &want)
		}
	}
}

func TestMetadataSaysOnlyWhatIsMounted(t *testing.T) {
	db, h := site(t, func(d *discovery.Discovery) {
		d.Mounted.UserInfo, d.Mounted.Revoke = "", ""
		d.Mounted.IssParameter = true
		d.Mounted.Prompts = []string{oauth.PromptNone, oauth.PromptLogin}
	})
	off := false
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveTenantSettings(t.Context(), store.TenantSettings{
			OIDCLogout:         store.OIDCLogout{EndSessionEndpointDiscovery: &off},
			ACRValuesSupported: []string{"urn:a"}, EnabledLocales: []string{"en", "de"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(get(t, h, "/.well-known/openid-configuration").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"userinfo_endpoint", "revocation_endpoint", "revocation_endpoint_auth_methods_supported", "end_session_endpoint",
		"device_authorization_endpoint", "pushed_authorization_request_endpoint", "registration_endpoint"} {
		if v, ok := got[name]; ok {
			t.Errorf("%s: %v is advertised, but not there", name, v)
		}
	}
	for name, want := range map[string]string{
		"authorization_response_iss_parameter_supported": "true",
		"prompt_values_supported":                        "[none login]",
		"acr_values_supported":                           "[urn:a]",
		"ui_locales_supported":                           "[en de]",
	} {
		if text := fmt.Sprint(got[name]); text != want {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	_, h := site(t, nil)
	for path, contentType := range map[string]string{
		"/.well-known/openid-configuration":       "application/json; charset=utf-8",
		"/.well-known/oauth-authorization-server": "application/json; charset=utf-8",
		"/.well-known/jwks.json":                  "application/json; charset=utf-8",
		"/.well-known/assetlinks.json":            "application/json; charset=utf-8",
		"/.well-known/apple-app-site-association": "application/json",
		"/apple-app-site-association":             "application/json",
		"/pem":                                    "application/x-pem-file", "/cer": "application/pkix-cert", "/pb7": "application/x-pkcs7-certificates",
		"/rawpem": "text/plain; charset=utf-8", "/fingerprint": "text/plain; charset=utf-8",
	} {
		w := get(t, h, path, "Origin", "https://anywhere.example")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: %d %s, want 200 %s", path, w.Code, w.Header().Get("Content-Type"), contentType)
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s: Access-Control-Allow-Origin %q, want *", path, got)
		}
		if got := w.Header().Get("Cache-Control"); !strings.HasPrefix(got, "public, max-age=") {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
		again := get(t, h, path, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s with its ETag: %d and %d bytes, want 304 and none", path, again.Code, again.Body.Len())
		}
		r := httptest.NewRequest(http.MethodOptions, path, nil)
		preflight := httptest.NewRecorder()
		h.ServeHTTP(preflight, r)
		if preflight.Code != http.StatusNoContent || !strings.Contains(preflight.Header().Get("Access-Control-Allow-Headers"), "Auth0-Client") {
			t.Errorf("%s: preflight %d %v", path, preflight.Code, preflight.Header())
		}
		post := httptest.NewRecorder()
		h.ServeHTTP(post, httptest.NewRequest(http.MethodPost, path, nil))
		if post.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d, want 405", path, post.Code)
		}
	}
	// AppAuth-JS joins the issuer, which ends in a slash, with a path that begins with one.
	if w := get(t, h, "//.well-known/openid-configuration"); w.Code < 300 || w.Code > 308 || w.Header().Get("Location") != "/.well-known/openid-configuration" {
		t.Errorf("double slash: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestKeyFilesAreOneCertificate(t *testing.T) {
	_, h := site(t, nil)
	der := get(t, h, "/cer").Body.Bytes()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if !readyKeys()[0].PublicKey.Equal(certificate.PublicKey) {
		t.Error("the certificate is not of the key that signs with RS256")
	}
	block, _ := pem.Decode(get(t, h, "/pem").Body.Bytes())
	if block == nil || !bytes.Equal(block.Bytes, der) {
		t.Error("/pem is not /cer in PEM")
	}
	if raw := get(t, h, "/rawpem").Body.String(); raw != base64.StdEncoding.EncodeToString(der) {
		t.Error("/rawpem is not the body of /pem")
	}
	sum := sha1.Sum(der)
	if got, want := strings.ReplaceAll(get(t, h, "/fingerprint").Body.String(), ":", ""), fmt.Sprintf("%X", sum); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	var set struct {
		Keys []struct{ X5c []string }
	}
	if err := json.Unmarshal(get(t, h, "/.well-known/jwks.json").Body.Bytes(), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("%d keys, %v; want 2", len(set.Keys), err)
	}
	if set.Keys[0].X5c[0] != base64.StdEncoding.EncodeToString(der) {
		t.Error("the certificate is not of the first key in the key set")
	}
}

// The shape is that of RFC 2315 sections 7 and 9.1; openssl pkcs7 -print_certs read it when this was written.
func TestPKCS7(t *testing.T) {
	_, h := site(t, nil)
	var outer struct {
		Type   asn1.ObjectIdentifier
		Signed struct {
			Version      int
			Digests      []asn1.RawValue `asn1:"set"`
			Content      struct{ Type asn1.ObjectIdentifier }
			Certificates asn1.RawValue   `asn1:"tag:0"`
			Signers      []asn1.RawValue `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	rest, err := asn1.Unmarshal(get(t, h, "/pb7").Body.Bytes(), &outer)
	if err != nil || len(rest) != 0 {
		t.Fatalf("%v, %d bytes behind it", err, len(rest))
	}
	if outer.Type.String() != "1.2.840.113549.1.7.2" || outer.Signed.Content.Type.String() != "1.2.840.113549.1.7.1" || outer.Signed.Version != 1 {
		t.Errorf("a %s of version %d around a %s", outer.Type, outer.Signed.Version, outer.Signed.Content.Type)
	}
	if !bytes.Equal(outer.Signed.Certificates.Bytes, get(t, h, "/cer").Body.Bytes()) {
		t.Error("the certificate in /pb7 is not the one of /cer")
	}
}

func TestAssociationFiles(t *testing.T) {
	db, h := site(t, nil)
	expect := func(path, want string) {
		t.Helper()
		if got := strings.TrimSpace(get(t, h, path).Body.String()); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", path, got, want)
		}
	}
	expect("/.well-known/assetlinks.json", `[]`)
	expect("/.well-known/apple-app-site-association", `{"applinks":{"apps":[],"details":[]},"webcredentials":{"apps":[]}}`)

	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 4 {
			c := store.Client{ID: fmt.Sprint("c", i)}
			m := &c.Settings.Mobile
			switch i {
			case 0, 3:
				m.Android.AppPackageName, m.Android.SHA256CertFingerprints = fmt.Sprint("com.example.app", i), []string{"aa:bb", "CC:DD"}
				m.IOS.TeamID, m.IOS.AppBundleIdentifier = "TEAM123456", fmt.Sprint("com.example.App", i)
			case 1: // half filled in: no statement can be made from it
				m.Android.AppPackageName, m.IOS.TeamID = "com.example.half", "TEAM"
			}
			c.Settings.Disabled = i == 3
			if err := tx.CreateClient(t.Context(), &c, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const apple = `{"applinks":{"apps":[],"details":[{"appID":"TEAM123456.com.example.App0","paths":["/ios/com.example.App0/*","/macos/com.example.App0/*"]}]},"webcredentials":{"apps":["TEAM123456.com.example.App0"]}}`
	expect("/.well-known/assetlinks.json", `[{"relation":["delegate_permission/common.handle_all_urls"],"target":{"namespace":"android_app","package_name":"com.example.app0","sha256_cert_fingerprints":["AA:BB","CC:DD"]}}]`)
	expect("/.well-known/apple-app-site-association", apple)
	expect("/apple-app-site-association", apple)
}
