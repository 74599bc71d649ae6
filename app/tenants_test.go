package app_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// TestTenantsDoNotKnowEachOther: two tenants of one server with one master key, the same application, API and user in both.
// Nothing that the one has sealed, signed or handed out means anything to the other.
func TestTenantsDoNotKnowEachOther(t *testing.T) {
	const other = "http://other.test"
	h := &house{Server: idptest.New(t, func(o *app.Options) {
		o.Tenants = append(o.Tenants, app.TenantOptions{Name: "other", Database: idptest.Database(t), Domains: []string{other}})
	})}
	h.client = h.Client(store.AppNative, idptest.Callback(callback), func(c *store.Client) {
		c.Settings.RefreshToken.RotationType = "rotating"
	})
	h.api = h.API("https://api.example.com/")
	h.user = h.User(email, password)
	err := h.App.Tenants[1].DB.Write(t.Context(), func(tx *store.Tx) error {
		c, a, u := h.client, h.api, h.user
		return errors.Join(tx.CreateClient(t.Context(), &c, nil), tx.CreateAPI(t.Context(), &a), tx.CreateUser(t.Context(), &u))
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(h.URL, "http://"))
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	at := func(method, target, body string, headers ...string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, other+target, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", asForm)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		got, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer{got.StatusCode, got.Header, string(raw)}
	}
	form := func(fields ...string) string {
		v := url.Values{}
		for i := 0; i+1 < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		return v.Encode()
	}

	browser := h.Browser()
	begun := browser.Get(h.AuthorizeURL(h.client))
	_, state, _ := strings.Cut(begun.URL, "state=")
	page := begun.Submit("username", email, "password", password, "action", "default")
	session := ""
	for _, c := range browser.Cookies(h.URL) {
		session += c.Name + "=" + c.Value + "; "
	}
	code := h.signIn(t)
	tokens := h.tokens(t)
	refresh, access, id := tokens.Text("refresh_token"), tokens.Text("access_token"), tokens.Text("id_token")
	opaque := h.Exchange(h.client, page.Param("code")).Text("access_token")
	if state == "" || session == "" || code == "" || refresh == "" || access == "" || id == "" || opaque == "" {
		t.Fatal("there is nothing to send")
	}
	exchange := func(code string) string {
		return form("grant_type", "authorization_code", "client_id", h.client.ID, "code", code, "redirect_uri", callback, "code_verifier", idptest.Verifier)
	}
	for name, c := range map[string]struct {
		got    answer
		status int
	}{
		"a code":                  {at("POST", "/oauth/token", exchange(code)), 403},
		"a refresh token":         {at("POST", "/oauth/token", form("grant_type", "refresh_token", "client_id", h.client.ID, "refresh_token", refresh)), 403},
		"an opaque access token":  {at("GET", "/userinfo", "", "Authorization", "Bearer "+opaque), 401},
		"an access token":         {at("GET", "/userinfo", "", "Authorization", "Bearer "+access), 401},
		"one for management":      {at("GET", "/api/v2/users", "", "Authorization", "Bearer "+access), 401},
		"a step of a login":       {at("GET", "/u/login?state="+state, ""), 400},
		"a form of a login":       {at("POST", "/u/login", form("state", state, "username", email, "password", password, "action", "default")), 400},
		"a session without pages": {at("GET", "/authorize?prompt=none&scope=openid&response_type=code&client_id="+h.client.ID+"&redirect_uri="+url.QueryEscape(callback)+"&code_challenge_method=S256&code_challenge="+oauth.S256(idptest.Verifier), "", "Cookie", session), 302},
		"a hint for a logout":     {at("GET", "/oidc/logout?id_token_hint="+id+"&post_logout_redirect_uri="+url.QueryEscape(callback), ""), 400},
	} {
		location := c.got.header.Get("Location")
		if c.got.status != c.status || strings.Contains(location, "code=") || strings.Contains(c.got.body, "access_token") && c.got.status == 200 || strings.Contains(c.got.body, email) {
			t.Errorf("%s of another tenant: %d to %q, want %d: %.300s", name, c.got.status, location, c.status, c.got.body)
		}
	}
	if a := at("POST", "/oauth/revoke", form("client_id", h.client.ID, "token", refresh)); a.status >= 500 {
		t.Errorf("a revocation of another tenant's token: %d %s", a.status, a.body)
	}
	if a := h.refresh(refresh); a.Status != 200 {
		t.Errorf("the other tenant revoked it: %d %s", a.Status, a.Body)
	}
	if a := h.Exchange(h.client, code); a.Status != 200 {
		t.Errorf("the other tenant spent the code: %d %s", a.Status, a.Body)
	}
}
