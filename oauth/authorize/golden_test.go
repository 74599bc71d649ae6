package authorize_test

import (
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// Applications of the golden files have their names as client_id, so that requests read well.
func named(id string) func(*store.Client) {
	return func(c *store.Client) { c.ID = id }
}

func TestGolden(t *testing.T) {
	s := idptest.New(t)
	s.Client(store.AppNative, named("native"), idptest.Callback(custom, "https://app.example.com/callback",
		"https://app.example.com/callback?tenant=7&b=%20"))
	s.Client(store.AppNative, named("disabled"), idptest.Callback("https://app.example.com/callback"),
		func(c *store.Client) { c.Settings.Disabled = true })
	s.Client(store.AppNative, named("bare"))
	s.Client(store.AppSPA, named("spa"), idptest.Callback("https://spa.example.com/"))
	s.Client(store.AppRegularWeb, named("web"), idptest.Callback("https://web.example.com/callback"), func(c *store.Client) {
		c.Settings.WebOrigins = []string{"https://web.example.com"}
		c.Settings.Connections = []string{"staff"}
	})
	s.Client(store.AppNonInteractive, named("m2m"), idptest.Callback("https://m2m.example.com/callback"))
	s.API("https://api.example.com/")
	s.API("https://disabled.example.com/", func(a *store.API) { a.Settings.Disabled = true })
	s.Tenant(func(t *store.TenantSettings) { t.ACRValuesSupported = []string{"urn:silver"} })

	challenge := oauth.S256(idptest.Verifier)
	s.Golden(t, "testdata", map[string]any{
		"issuer":          s.Issuer,
		"native":          "client_id=native&redirect_uri=https://app.example.com/callback&state=s1",
		"web":             "client_id=web&redirect_uri=https://web.example.com/callback&state=s1",
		"challenge":       challenge,
		"pkce":            "code_challenge=" + challenge + "&code_challenge_method=S256",
		"six_hundred":     strings.Repeat("n", 601),
		"two_kib":         strings.Repeat("s", 2049),
		"seventeen_kib":   strings.Repeat("u", 17<<10),
		"hundred_and_one": manyParameters(101),
	})
}

func manyParameters(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&p" + strings.Repeat("x", i) + "=1")
	}
	return b.String()
}
