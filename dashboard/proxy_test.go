package dashboard_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

const clients = "/dashboard/api/test/clients"

// An administrator's change is the tenant's, and its log names who made it.
func TestProxy(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	made := d.fetch(http.MethodPost, clients, `{"name":"Made in the Dashboard","app_type":"native"}`)
	if made.Status != http.StatusCreated {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	c, err := h.DB.Client(t.Context(), made.Text("client_id"))
	if err != nil || c.Name != "Made in the Dashboard" {
		t.Fatalf("the application is %+v, %v", c, err)
	}
	all := h.EventRecords()
	last := all[len(all)-1]
	if last.Type != "sapi" || last.UserID != h.admin.ID || last.UserName != email || last.ClientName != "Dashboard" ||
		last.Hostname != strings.TrimPrefix(h.URL, "http://") || last.IP != "127.0.0.1" || !strings.Contains(fmt.Sprint(last.Details), "Jane Doe") {
		t.Errorf("the event is %+v", last)
	}
	// Ids go through as they are, with whatever is in them.
	apiID := "https://api.example.com/a|b:c/"
	if a := d.fetch(http.MethodPost, "/dashboard/api/test/resource-servers", `{"identifier":"`+apiID+`","name":"A"}`); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := d.fetch(http.MethodGet, "/dashboard/api/test/resource-servers/"+url.PathEscape(apiID)+"?fields=name", ""); a.Status != http.StatusOK || a.Body != `{"name":"A"}` {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := d.fetch(http.MethodPatch, clients+"/"+c.ID, `{"name":1}`); a.Status != http.StatusBadRequest || a.Text("errorCode") != "invalid_body" || a.Header.Get("X-RateLimit-Limit") == "" {
		t.Errorf("a refusal of the API: %d %v %s", a.Status, a.Header, a.Body)
	}
	if a := d.fetch(http.MethodDelete, clients+"/"+c.ID, ""); a.Status != http.StatusNoContent {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for path, want := range map[string]int{
		"/dashboard/api/other/clients":                  http.StatusNotFound,
		"/dashboard/api//clients":                       http.StatusTemporaryRedirect, // as any path with two slashes
		"/dashboard/api/test/none":                      http.StatusNotFound,
		"/dashboard/api/test":                           http.StatusNotFound,
		"/dashboard/api/test%2Fclients":                 http.StatusNotFound,
		"/dashboard/api/test/%2e%2e/%2e%2e/oauth/token": http.StatusNotFound,
	} {
		if a := d.fetch(http.MethodGet, path, ""); a.Status != want {
			t.Errorf("%s: %d %s, want %d", path, a.Status, a.Body, want)
		}
	}
}

// Only the page itself changes anything: it needs the cookie, this origin and the token that a script of this origin reads.
func TestForgery(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	other := h.signIn(email)
	for name, c := range map[string]struct {
		browser *idptest.Browser
		headers []string
		status  int
	}{
		"no session":       {h.Browser(), []string{"X-CSRF-Token", d.csrf}, http.StatusUnauthorized},
		"no token":         {d.Browser, nil, http.StatusForbidden},
		"empty token":      {d.Browser, []string{"X-CSRF-Token", ""}, http.StatusForbidden},
		"guess":            {d.Browser, []string{"X-CSRF-Token", strings.Repeat("A", len(d.csrf))}, http.StatusForbidden},
		"another session":  {d.Browser, []string{"X-CSRF-Token", other.csrf}, http.StatusForbidden},
		"another site":     {d.Browser, []string{"X-CSRF-Token", d.csrf, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, http.StatusForbidden},
		"another port":     {d.Browser, []string{"X-CSRF-Token", d.csrf, "Sec-Fetch-Site", "same-site", "Origin", h.URL}, http.StatusForbidden},
		"old, other":       {d.Browser, []string{"X-CSRF-Token", d.csrf, "Origin", h.URL}, http.StatusForbidden},
		"old, null":        {d.Browser, []string{"X-CSRF-Token", d.csrf, "Origin", "null"}, http.StatusForbidden},
		"our own":          {d.Browser, []string{"X-CSRF-Token", d.csrf, "Sec-Fetch-Site", "same-origin"}, http.StatusCreated},
		"our own, another": {other.Browser, []string{"X-CSRF-Token", other.csrf, "Origin", h.Dashboard}, http.StatusCreated},
	} {
		for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
			if c.status == http.StatusCreated && method != http.MethodPost {
				continue
			}
			a := c.browser.Do(method, h.Dashboard+clients, "application/json", `{"name":"`+name+`"}`, c.headers...)
			if a.Status != c.status || a.JSON["statusCode"] != float64(c.status) && c.status != http.StatusCreated {
				t.Errorf("%s, %s: %d %s, want %d", name, method, a.Status, a.Body, c.status)
			}
		}
	}
	all, err := h.DB.Clients(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if !strings.HasPrefix(c.Name, "our own") && c.Name != "All Applications" {
			t.Errorf("a forged request made the application %s", c.Name)
		}
	}
}

// The browser is never given a token, and cannot bring one.
func TestTokensStayOnTheServer(t *testing.T) {
	h := open(t)
	b := h.Browser()
	var seen strings.Builder
	note := func(a idptest.Answer) idptest.Answer {
		seen.WriteString(a.Body + fmt.Sprint(a.Header))
		return a
	}
	at := h.Dashboard + note(b.Do(http.MethodGet, h.Dashboard+"/dashboard/login", "", "")).Header.Get("Location")
	page := b.Login(at, email, password)
	seen.WriteString(page.Body)
	d := &desk{Browser: b, h: h, csrf: b.Do(http.MethodGet, h.Dashboard+"/dashboard/session", "", "").Text("csrf")}
	note(d.session())
	note(d.fetch(http.MethodGet, clients, ""))
	note(d.fetch(http.MethodGet, "/dashboard/api/test/none", ""))
	note(d.fetch(http.MethodGet, "/dashboard/api/system/users", ""))
	h.system(func(tx *store.Tx) error {
		_, err := tx.RevokeRefreshOf(t.Context(), h.admin.ID, "", "test")
		return err
	})
	h.Clock.Advance(30 * time.Minute)
	note(d.fetch(http.MethodGet, clients, ""))
	note(d.fetch(http.MethodPost, "/dashboard/logout", ""))
	for _, c := range b.Cookies(h.Dashboard) {
		seen.WriteString(c.Value)
	}
	for _, text := range []string{seen.String(), h.Log.String()} {
		if i := strings.Index(text, "eyJ"); i >= 0 || strings.Contains(text, "v1.") {
			t.Errorf("a token is in what the browser sees, or in the log: %.300s", text[max(i-100, 0):])
		}
	}
	d = h.signIn(email)
	if a := d.fetch(http.MethodGet, clients, "", "Authorization", "Bearer junk"); a.Status != http.StatusOK {
		t.Errorf("a header of the browser's counts: %d %s", a.Status, a.Body)
	}
	if a := h.Browser().Do(http.MethodGet, h.Dashboard+clients, "", "", "Authorization", "Bearer junk"); a.Status != http.StatusUnauthorized || a.Text("errorCode") != "login_required" {
		t.Errorf("without a session: %d %s", a.Status, a.Body)
	}
}

// writes are all operations of the Management API that change something, with plausible ids.
func (d *desk) writes() (all []string) {
	d.h.t.Helper()
	var described struct {
		Paths map[string]map[string]any
	}
	a := d.fetch(http.MethodGet, "/dashboard/api/test/openapi.json", "")
	if err := json.Unmarshal([]byte(a.Body), &described); err != nil {
		d.h.t.Fatal(err)
	}
	for path, methods := range described.Paths {
		for strings.Contains(path, "{") {
			before, rest, _ := strings.Cut(path, "{")
			_, after, _ := strings.Cut(rest, "}")
			path = before + "x" + after
		}
		for method := range methods {
			if method != "get" {
				all = append(all, strings.ToUpper(method)+" "+path)
			}
		}
	}
	return all
}

// A Viewer changes nothing, whatever operation they try.
func TestViewer(t *testing.T) {
	h := open(t)
	h.Administrator("viewer@example.com", password, management.RoleViewer)
	d := h.signIn("viewer@example.com")
	all := d.writes()
	for _, op := range all {
		method, path, _ := strings.Cut(op, " ")
		for _, tenant := range []string{"test", "system"} {
			a := d.fetch(method, "/dashboard/api/"+tenant+path, "{}")
			if a.Status != http.StatusForbidden || a.Text("errorCode") != "insufficient_scope" {
				t.Errorf("a Viewer: %s of %s answered %d %s", op, tenant, a.Status, a.Body)
			}
		}
	}
	if len(all) < 60 {
		t.Errorf("only %d operations were tried", len(all))
	}
	secret := h.Client(store.AppRegularWeb)
	h.API("https://hs.example.com/", func(a *store.API) {
		a.Settings.SigningAlg, a.SigningSecret = "HS256", "canary-signing-secret-of-an-api"
	})
	for path, want := range map[string]int{
		clients: 200, clients + "/" + secret.ID: 200, "/dashboard/api/test/resource-servers": 200, "/dashboard/api/test/users": 200, "/dashboard/api/test/logs": 200,
		"/dashboard/api/test/resource-servers/" + url.PathEscape("https://hs.example.com/"): 200, "/dashboard/api/test/connections": 200,
		"/dashboard/api/test/tenants/settings": 200, clients + "/" + secret.ID + "/credentials": 403, "/dashboard/api/system/users": 403,
	} {
		a := d.fetch(http.MethodGet, path, "")
		if a.Status != want {
			t.Errorf("a Viewer: GET %s answered %d %s, want %d", path, a.Status, a.Body, want)
		}
		if strings.Contains(a.Body, secret.Secret) || strings.Contains(a.Body, "client_secret\"") || strings.Contains(a.Body, "canary-signing-secret") {
			t.Errorf("a Viewer sees a secret at %s: %s", path, a.Body)
		}
	}
}

func TestEditor(t *testing.T) {
	h := open(t)
	h.Administrator("editor@example.com", password, management.RoleEditor)
	d := h.signIn("editor@example.com")
	own := d.fetch(http.MethodPost, clients, `{"name":"Own","app_type":"non_interactive"}`)
	if own.Status != http.StatusCreated || own.Text("client_secret") == "" {
		t.Fatalf("an Editor makes an application: %d %s", own.Status, own.Body)
	}
	may := func(status int, method, path, body string) idptest.Answer {
		t.Helper()
		a := d.fetch(method, path, body)
		if a.Status != status || status == http.StatusForbidden && a.Text("errorCode") != "insufficient_scope" {
			t.Errorf("an Editor: %s %s %s answered %d %s, want %d", method, path, body, a.Status, a.Body, status)
		}
		return a
	}
	may(201, "POST", "/dashboard/api/test/users", `{"connection":"Username-Password-Authentication","email":"u@example.com","password":"Correct-Horse-7-Battery"}`)
	may(201, "POST", "/dashboard/api/test/resource-servers", `{"identifier":"https://api.example.com/","name":"A"}`)
	may(403, "PATCH", "/dashboard/api/test/tenants/settings", `{"friendly_name":"Mine"}`)
	may(403, "PATCH", "/dashboard/api/test/attack-protection/brute-force-protection", `{"enabled":false}`)
	may(403, "GET", "/dashboard/api/system/users", "")
	may(403, "POST", "/dashboard/api/system/users", `{"connection":"Username-Password-Authentication","email":"a@example.com","password":"Correct-Horse-7-Battery"}`)

	// Nor is there a way round by an application: neither their own nor one that has more.
	grant := func(client, scope string) string {
		return fmt.Sprintf(`{"client_id":%q,"audience":%q,"scope":%s}`, client, h.Issuer+"api/v2/", scope)
	}
	may(403, "POST", "/dashboard/api/test/client-grants", grant(own.Text("client_id"), `["read:clients","update:tenant_settings"]`))
	may(403, "POST", "/dashboard/api/test/client-grants", strings.Replace(grant(own.Text("client_id"), `[]`), "}", `,"allow_all_scopes":true}`, 1))
	g := may(201, "POST", "/dashboard/api/test/client-grants", grant(own.Text("client_id"), `["read:clients","update:users"]`))
	may(403, "PATCH", "/dashboard/api/test/client-grants/"+g.Text("id"), `{"scope":["update:signing_keys"]}`)
	may(200, "PATCH", "/dashboard/api/test/client-grants/"+g.Text("id"), `{"scope":["create:users"]}`)
	may(200, "POST", clients+"/"+own.Text("client_id")+"/rotate-secret", "")

	strong := h.Client(store.AppNonInteractive)
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveClientGrant(t.Context(), &store.ClientGrant{ClientID: strong.ID, Audience: h.Issuer + "api/v2/", Scope: api.AllScopes()})
	})
	if err != nil {
		t.Fatal(err)
	}
	at := clients + "/" + strong.ID
	may(403, "POST", at+"/rotate-secret", "")
	may(403, "PATCH", at, `{"client_secret":"known-to-the-editor-0123456789abcdef"}`)
	may(403, "PATCH", at, `{"name":"Renamed"}`)
	may(403, "PATCH", at, `{"token_endpoint_auth_method":"none"}`)
	may(403, "DELETE", at, "")
	may(403, "POST", at+"/credentials", `{"credential_type":"public_key","pem":`+fmt.Sprintf("%q", publicKey)+`}`)
	for _, path := range []string{at, clients} {
		if a := may(200, "GET", path, ""); strings.Contains(a.Body, strong.Secret) {
			t.Errorf("an Editor sees the secret of an application that has more than they: %s", a.Body)
		}
	}
	if a := h.signIn(email).fetch(http.MethodGet, at, ""); !strings.Contains(a.Body, strong.Secret) {
		t.Errorf("an Admin does not see the secret: %d %s", a.Status, a.Body)
	}
	if c, err := h.DB.Client(t.Context(), strong.ID); err != nil || c.Secret != strong.Secret || c.Name != strong.Name {
		t.Errorf("the strong application was changed: %+v %v", c, err)
	}
}

// publicKey is that of RFC 7517 appendix A.1, as PEM.
const publicKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX
ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS
oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt
7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0
zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f
M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK
gwIDAQAB
-----END PUBLIC KEY-----
`

// What somebody's role is, and whether they are blocked, is looked up at each request.
func TestRolesAreReadAtEachRequest(t *testing.T) {
	h := open(t)
	editor := h.Administrator("editor@example.com", password, management.RoleEditor)
	admin, d := h.signIn(email), h.signIn("editor@example.com")
	create := func(want int) {
		t.Helper()
		if a := d.fetch(http.MethodPost, clients, `{"name":"x"}`); a.Status != want {
			t.Errorf("%d %s, want %d", a.Status, a.Body, want)
		}
	}
	role := func(method, id string) {
		t.Helper()
		path := "/dashboard/api/system/users/" + url.PathEscape(editor.ID) + "/roles"
		if a := admin.fetch(method, path, `{"roles":["`+id+`"]}`); a.Status != http.StatusNoContent {
			t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
	}
	create(201)
	role("POST", "rol_DashboardViewer0")
	role("DELETE", "rol_DashboardEditor0")
	create(403)
	if got := d.session().JSON["role"]; got != "Viewer" {
		t.Errorf("the session says %v", got)
	}
	role("POST", "rol_DashboardAdmin00")
	create(201)
	if a := admin.fetch(http.MethodPatch, "/dashboard/api/system/users/"+url.PathEscape(editor.ID), `{"blocked":true}`); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	create(401)
	d.ended("blocked")
}

// A token is for one tenant's API, and the administrators' issuer counts nowhere but there.
func TestForeignTenant(t *testing.T) {
	h := open(t, func(o *app.Options) {
		o.Tenants = append(o.Tenants, app.TenantOptions{Name: "second", Database: idptest.Database(t), Domains: []string{"https://second.example.com"}})
	})
	d := h.signIn(email)
	if got := len(d.session().JSON["tenants"].([]any)); got != 2 {
		t.Fatalf("%d tenants", got)
	}
	made := d.fetch(http.MethodPost, "/dashboard/api/second/clients", `{"name":"of the second"}`)
	if made.Status != http.StatusCreated {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	if _, err := h.DB.Client(t.Context(), made.Text("client_id")); err == nil {
		t.Error("the application is the first tenant's")
	}
	// The tokens themselves, as the server holds them.
	second, system := h.App.Tenants[1], h.App.System
	claims := map[string]any{
		"iss": h.Dashboard + "/", "sub": h.admin.ID, "aud": h.Issuer + "api/v2/", "azp": management.DashboardClient,
		"iat": h.Clock.Now().Unix(), "exp": h.Clock.Now().Add(time.Hour).Unix(), "scope": "openid",
	}
	sign := func(change map[string]any) string {
		t.Helper()
		all := map[string]any{}
		for name, v := range claims {
			all[name] = v
		}
		for name, v := range change {
			all[name] = v
		}
		token, err := system.Keys.Sign(t.Context(), "RS256", "JWT", all)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	third := h.thirdParty()
	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"good":                 {sign(nil), 200},
		"another tenant's":     {sign(map[string]any{"aud": "https://second.example.com/api/v2/"}), 401},
		"the Dashboard's own":  {sign(map[string]any{"aud": h.Dashboard + "/api/v2/"}), 401},
		"another issuer":       {sign(map[string]any{"iss": "https://second.example.com/"}), 401},
		"nobody":               {sign(map[string]any{"sub": "auth0|000000000000000000000000"}), 401},
		"a machine":            {sign(map[string]any{"sub": management.DashboardClient + "@clients"}), 401},
		"unknown application":  {sign(map[string]any{"azp": "none"}), 401},
		"of a third party":     {sign(map[string]any{"azp": third}), 401},
		"expired":              {sign(map[string]any{"exp": h.Clock.Now().Add(-time.Second).Unix()}), 401},
		"of the tenant's user": {sign(map[string]any{"iss": h.Issuer, "sub": h.User("u@example.com", password).ID}), 401},
	} {
		a := h.Do(http.MethodGet, "/api/v2/clients", "", "", "Authorization", "Bearer "+c.token)
		if a.Status != c.status {
			t.Errorf("%s: %d %s, want %d", name, a.Status, a.Body, c.status)
		}
	}
	// Another tenant that writes the administrators' issuer into a token has not their keys.
	if err := second.Keys.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Keys.Rotate(t.Context(), "RS256"); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Keys.Rotate(t.Context(), "RS256"); err != nil {
		t.Fatal(err)
	}
	forged, err := second.Keys.Sign(t.Context(), "RS256", "JWT", claims)
	if err != nil {
		t.Fatal(err)
	}
	if a := h.Do(http.MethodGet, "/api/v2/clients", "", "", "Authorization", "Bearer "+forged); a.Status != http.StatusUnauthorized {
		t.Errorf("a token that another tenant made: %d %s", a.Status, a.Body)
	}
}

// thirdParty makes a third party's application of the administrators' tenant.
func (h *house) thirdParty() string {
	c, err := management.NewClient("Third party", store.AppRegularWeb)
	if err != nil {
		h.t.Fatal(err)
	}
	c.Settings.ThirdParty = true
	h.system(func(tx *store.Tx) error { return tx.CreateClient(h.t.Context(), &c, nil) })
	return c.ID
}

// Admins invite others: they make the account and its link; nobody but who has the link knows the password.
func TestInvitation(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	do := func(path, body string, want int) idptest.Answer {
		t.Helper()
		a := d.fetch(http.MethodPost, "/dashboard/api/system"+path, body)
		if a.Status != want {
			t.Fatalf("%s: %d %s, want %d", path, a.Status, a.Body, want)
		}
		return a
	}
	made := do("/users", `{"connection":"Username-Password-Authentication","email":"new@example.com","password":"`+store.RandomID(40)+`aA1!"}`, 201)
	id := made.Text("user_id")
	do("/users/"+url.PathEscape(id)+"/roles", `{"roles":["rol_DashboardEditor0"]}`, 204)
	link := do("/tickets/password-change", fmt.Sprintf(`{"user_id":%q,"client_id":%q,"mark_email_as_verified":true}`, id, management.DashboardClient), 201).Text("ticket")
	if !strings.HasPrefix(link, h.Dashboard+"/u/reset-password?ticket=") {
		t.Fatalf("the link is %q", link)
	}
	page := h.Browser().Get(link).Submit("password", password)
	if page.Status != http.StatusOK || !strings.Contains(page.Body, h.Dashboard+"/dashboard/login") {
		t.Fatalf("the link ended at %d:\n%.1500s", page.Status, page.Body)
	}
	if got := h.signIn("new@example.com").session().JSON["role"]; got != "Editor" {
		t.Errorf("the invited administrator is %v", got)
	}
	// What the console stands on is not theirs to take away.
	for _, op := range []string{
		"DELETE /clients/" + management.DashboardClient, "PATCH /clients/" + management.DashboardClient, "DELETE /roles/rol_DashboardAdmin00",
		"PATCH /roles/rol_DashboardAdmin00", "POST /roles/rol_DashboardViewer0/permissions", "POST /clients", "POST /client-grants", "PATCH /connections/x",
	} {
		method, path, _ := strings.Cut(op, " ")
		if a := d.fetch(method, "/dashboard/api/system"+path, "{}"); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", op, a.Status, a.Body)
		}
	}
}

// Many requests that need a token at once renew it, and none of them signs the others out.
func TestRenewalAtOnce(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	h.system(func(tx *store.Tx) error {
		return tx.SaveTenantSettings(t.Context(), store.TenantSettings{SessionLifetime: 12, IdleSessionLifetime: 6})
	})
	d = h.signIn(email)
	for range 3 {
		h.Clock.Advance(61 * time.Minute) // the access token lives an hour
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if a := d.fetch(http.MethodGet, clients, ""); a.Status != http.StatusOK {
					t.Errorf("%d %s", a.Status, a.Body)
				}
			})
		}
		wg.Wait()
	}
}

// A refresh token that was revoked, or a signing key, ends what stood on it; another login mends it.
func TestRevocation(t *testing.T) {
	h := open(t)
	d := h.signIn(email)
	d.fetch(http.MethodGet, clients, "")
	keys := h.App.System.Keys
	for range 2 {
		if _, err := keys.Rotate(t.Context(), "RS256"); err != nil {
			t.Fatal(err)
		}
	}
	all, err := keys.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if k.State == store.KeyPrevious {
			if err := keys.Revoke(t.Context(), k.Kid); err != nil {
				t.Fatal(err)
			}
		}
	}
	a := d.fetch(http.MethodGet, clients, "")
	if a.Status != http.StatusUnauthorized || a.Text("errorCode") != "login_required" || a.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("with a token of a revoked key: %d %v %s", a.Status, a.Header, a.Body)
	}
	if a := d.fetch(http.MethodGet, clients, ""); a.Status != http.StatusOK { // the next request renews
		t.Errorf("after it: %d %s", a.Status, a.Body)
	}
	h.system(func(tx *store.Tx) error {
		_, err := tx.RevokeRefreshOf(t.Context(), h.admin.ID, "", "test")
		return err
	})
	h.Clock.Advance(time.Minute)
	h.system(func(tx *store.Tx) error {
		return tx.SaveTenantSettings(t.Context(), store.TenantSettings{SessionLifetime: 12, IdleSessionLifetime: 6})
	})
	h.Clock.Advance(55 * time.Minute)
	if a := d.fetch(http.MethodGet, clients, ""); a.Status != http.StatusOK { // still the held token; and the idle timer restarts
		t.Errorf("with a token that is held: %d %s", a.Status, a.Body)
	}
	h.Clock.Advance(5 * time.Minute)
	if a := d.fetch(http.MethodGet, clients, ""); a.Status != http.StatusUnauthorized || a.Text("errorCode") != "login_required" {
		t.Errorf("with a revoked refresh token: %d %s", a.Status, a.Body)
	}
	d.ended("its refresh token was revoked")
}

// The Dashboard takes as large an import as the API itself.
func TestLargeImport(t *testing.T) {
	h := open(t, func(o *app.Options) { o.MaxImport = 3 << 20 })
	d := h.signIn(email)
	conn, err := h.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	users := `[{"email":"a@example.com"` + strings.Repeat(" ", 2<<20) + `}]`
	body := "--x\r\nContent-Disposition: form-data; name=\"users\"; filename=\"u.json\"\r\n\r\n" + users +
		"\r\n--x\r\nContent-Disposition: form-data; name=\"connection_id\"\r\n\r\n" + conn.ID + "\r\n--x--\r\n"
	at := "/dashboard/api/test/jobs/users-imports"
	a := d.Do(http.MethodPost, h.Dashboard+at, "multipart/form-data; boundary=x", body, "X-CSRF-Token", d.csrf, "Origin", h.Dashboard)
	if a.Status != http.StatusAccepted {
		t.Errorf("the import: %d %.300s", a.Status, a.Body)
	}
	a = d.Do(http.MethodPost, h.Dashboard+clients, "application/json", `{"name":"`+strings.Repeat("x", 2<<20)+`"}`, "X-CSRF-Token", d.csrf, "Origin", h.Dashboard)
	if a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("another large body: %d %.300s", a.Status, a.Body)
	}
}
