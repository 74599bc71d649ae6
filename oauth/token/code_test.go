package token_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

func TestCodeExchange(t *testing.T) {
	tt := open(t)
	code := login()
	sealed := tt.db.SealCode(code)
	a := tt.post(codeForm(sealed))
	if a.status != 200 || a.header.Get("Content-Type") != "application/json" ||
		a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
		t.Fatalf("answered %s with %v", a, a.header)
	}
	if a.json["token_type"] != "Bearer" || a.json["expires_in"] != 86400.0 || a.json["scope"] != strings.Join(code.Scope, " ") {
		t.Errorf("answered %s", a)
	}
	if a.header.Get("X-Request-Id") != code.TransactionID {
		t.Errorf("the answer's id is %q, want the login's %q", a.header.Get("X-Request-Id"), code.TransactionID)
	}
	for _, name := range []string{"access_token", "id_token"} {
		if _, _, err := tt.keys.Verify(t.Context(), a.text(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	opened, err := tt.db.OpenCode(sealed)
	if err != nil {
		t.Fatal(err)
	}
	access, id := tt.claimsOf(a.text("access_token")), tt.claimsOf(a.text("id_token"))
	for _, c := range []struct{ name, got, want any }{
		{"access iss", access["iss"], issuer}, {"access sub", access["sub"], "auth0|jsmith"},
		{"access aud", fmt.Sprint(access["aud"]), fmt.Sprint([]string{api, issuer + "userinfo"})},
		{"access azp", access["azp"], "native"}, {"access jti", access["jti"], opened.ID},
		{"access scope", access["scope"], strings.Join(code.Scope, " ")},
		{"id aud", id["aud"], "native"}, {"id nonce", id["nonce"], "n-1"}, {"id sid", id["sid"], "the-session"},
		{"id auth_time", id["auth_time"], nil}, {"id name", id["name"], "John Smith"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	g, err := tt.db.Grant(t.Context(), "auth0|jsmith", "native", api)
	if err != nil || g.Scope != strings.Join(code.Scope, " ") {
		t.Errorf("the user's grant is %+v, %v", g, err)
	}
	f := tt.families()
	if len(f) != 1 || f[0].GrantID != g.ID || f[0].SessionID != "the-session" || f[0].Scope != g.Scope || !f[0].ExpiresAt.IsZero() {
		t.Errorf("the families are %+v", f)
	}
	types, e := tt.recorded()
	if !slices.Equal(types, []string{"seacft"}) || e.TransactionID != code.TransactionID || e.UserID != "auth0|jsmith" ||
		e.ClientID != "native" || e.Audience != api || e.Details["access_token_jti"] != opened.ID || e.Details["familyId"] != f[0].ID {
		t.Errorf("the events are %v, the last %+v", types, e)
	}
}

func TestCodeExchangeAsJSON(t *testing.T) {
	tt := open(t)
	body := map[string]string{}
	for name, v := range codeForm(tt.db.SealCode(login())) {
		body[name] = v[0]
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	if a := tt.do(r); a.status != 200 {
		t.Errorf("answered %s", a)
	}
	// The seed's example ends in a trailing comma.
	r = httptest.NewRequest("POST", "/oauth/token", strings.NewReader(`{"grant_type":"authorization_code",}`))
	r.Header.Set("Content-Type", "application/json")
	tt.refused(tt.do(r), 400, "invalid_request", "…")
	if types, _ := tt.recorded(); !slices.Equal(types, []string{"seacft", "f"}) {
		t.Errorf("the events are %v", types)
	}
}

func TestWithoutAnAudience(t *testing.T) {
	tt := open(t)
	a := tt.signIn(func(c *store.Code) { c.Audience, c.WantAuthTime = "", true })
	if strings.Count(a.text("access_token"), ".") != 4 || a.json["expires_in"] != 86400.0 {
		t.Errorf("the access token is not opaque: %s", a)
	}
	if tt.claimsOf(a.text("id_token"))["auth_time"] == nil {
		t.Error("the ID token has no auth_time though the application asked for it")
	}
	if a.text("refresh_token") == "" {
		t.Error("no refresh token though no API forbids it")
	}
	again := tt.refresh(a.text("refresh_token"))
	if got, want := tt.claimsOf(again.text("id_token"))["auth_time"], tt.claimsOf(a.text("id_token"))["auth_time"]; got != want {
		t.Errorf("auth_time after a refresh is %v, want %v", got, want)
	}
	plain := tt.signIn(func(c *store.Code) { c.Scope = []string{"profile"} })
	if plain.json["id_token"] != nil || plain.json["refresh_token"] != nil || plain.json["scope"] != "profile" {
		t.Errorf("without openid and offline_access the answer is %s", plain)
	}
}

// TestWhenARefreshTokenIsIssued goes through all that decides: the granted scope, the API's switch, the application's grants.
func TestWhenARefreshTokenIsIssued(t *testing.T) {
	for i := range 16 {
		offline, allowed, listed, audience := i&1 != 0, i&2 != 0, i&4 != 0, i&8 != 0
		want := offline && listed && (allowed || !audience)
		t.Run(fmt.Sprintf("offline_access=%v API=%v grant=%v audience=%v", offline, allowed, listed, audience), func(t *testing.T) {
			tt := open(t)
			tt.setAPI(func(s *store.APISettings) { s.AllowOfflineAccess = allowed })
			if !listed {
				tt.setClient("native", func(s *store.ClientSettings) { s.GrantTypes = []string{"authorization_code"} })
			}
			a := tt.signIn(func(c *store.Code) {
				if c.Scope = []string{"openid", "offline_access"}; !offline {
					c.Scope = c.Scope[:1]
				}
				if !audience {
					c.Audience = ""
				}
			})
			wantScope := "openid"
			if want {
				wantScope = "openid offline_access"
			}
			if got := a.json["refresh_token"] != nil; got != want || len(tt.families()) == 1 != want {
				t.Errorf("a refresh token was issued: %v, want %v", got, want)
			}
			if a.json["scope"] != wantScope {
				t.Errorf("the scope is %q, want %q", a.json["scope"], wantScope)
			}
		})
	}
}

func TestCodeRefusals(t *testing.T) {
	deleteAPI := func(tt *tenant) {
		tt.write(func(ctx context.Context, tx *store.Tx) error {
			a, err := tx.API(ctx, api)
			if err != nil {
				return err
			}
			return tx.DeleteAPI(ctx, a.ID)
		})
	}
	const invalid, failed = "Invalid authorization code", "Failed to verify code verifier"
	for _, c := range []struct {
		name     string
		code     func(*store.Code)
		form     []string
		before   func(*tenant)
		status   int
		error    string
		sentence string
		reason   string // in the event
	}{
		{name: "no code", form: []string{"code", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: code"},
		{name: "no redirect_uri", form: []string{"redirect_uri", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: redirect_uri"},
		{name: "no grant_type", form: []string{"grant_type", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: grant_type"},
		{name: "another grant_type", form: []string{"grant_type", "password"}, status: 400, error: "unsupported_grant_type",
			sentence: "The grant_type is none of those served here: authorization_code, refresh_token, client_credentials. (…", reason: `"password"`},
		{name: "no client_id", form: []string{"client_id", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: client_id"},
		{name: "unknown client_id", form: []string{"client_id", "nobody"}, status: 401, error: "access_denied", sentence: "Unauthorized"},
		{name: "no code at all", form: []string{"code", "junk"}, status: 403, error: "invalid_grant", sentence: invalid, reason: "cannot be opened"},
		{name: "another application", form: []string{"client_id", "other"}, status: 403, error: "invalid_grant", sentence: invalid, reason: "issued to the application native"},
		{name: "another redirect_uri", form: []string{"redirect_uri", callback + "/"}, status: 403, error: "invalid_grant", sentence: invalid, reason: "issued for the redirect_uri"},
		{name: "another domain", code: func(c *store.Code) { c.Issuer = "https://other.example.com/" }, status: 403, error: "invalid_grant", sentence: invalid, reason: "issued by"},
		{name: "expired", before: func(tt *tenant) { tt.pass(store.CodeLife) }, status: 403, error: "invalid_grant", sentence: invalid, reason: "expired"},
		{name: "no verifier", form: []string{"code_verifier", "-"}, status: 403, error: "invalid_grant", sentence: failed, reason: "missing"},
		{name: "short verifier", form: []string{"code_verifier", "short"}, status: 403, error: "invalid_grant", sentence: failed, reason: "43 to 128"},
		{name: "wrong verifier", form: []string{"code_verifier", strings.Repeat("a", 43)}, status: 403, error: "invalid_grant", sentence: failed, reason: "not that of the code_challenge"},
		{name: "verifier without challenge", code: func(c *store.Code) { c.Challenge = "" }, status: 400, error: "invalid_request",
			sentence: "There is a code_verifier, but /authorize was sent no code_challenge: send both or neither. (tx_login)"},
		{name: "neither PKCE nor secret", code: func(c *store.Code) { c.Challenge = "" }, form: []string{"code_verifier", "-"}, status: 403,
			error: "unauthorized_client", sentence: "An application without a secret needs PKCE…"},
		{name: "no secret of a confidential application", code: func(c *store.Code) { c.ClientID = "web" }, form: []string{"client_id", "web"},
			status: 401, error: "access_denied", sentence: "Unauthorized"},
		{name: "the type is not in pkce_app_types", code: func(c *store.Code) { c.ClientID = "spa" }, form: []string{"client_id", "spa"}, status: 403,
			error: "unauthorized_client", sentence: "PKCE without client authentication is for applications of the types in the tenant setting pkce_app_types, and this one's type is spa: …"},
		{name: "native taken off pkce_app_types", before: func(tt *tenant) { tt.setTenant(store.TenantSettings{PKCEAppTypes: []string{"spa"}}) },
			status: 403, error: "unauthorized_client", sentence: "PKCE without client authentication is…"},
		{name: "grant not in the list", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.GrantTypes = []string{"refresh_token"} })
		}, status: 403, error: "unauthorized_client", sentence: "Grant type 'authorization_code' not allowed for the client."},
		{name: "application disabled", before: func(tt *tenant) { tt.setClient("native", func(s *store.ClientSettings) { s.Disabled = true }) },
			status: 401, error: "access_denied", sentence: "Unauthorized", reason: "disabled"},
		{name: "user blocked", before: func(tt *tenant) { tt.setUser(func(u *store.User) { u.Blocked = true }) },
			status: 401, error: "unauthorized", sentence: "user is blocked"},
		{name: "user deleted", before: func(tt *tenant) {
			tt.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "auth0|jsmith") })
		}, status: 403, error: "invalid_grant", sentence: invalid, reason: "deleted"},
		{name: "API disabled", before: func(tt *tenant) { tt.setAPI(func(s *store.APISettings) { s.Disabled = true }) },
			status: 403, error: "access_denied", sentence: "Service not enabled within domain: " + api, reason: "disabled"},
		{name: "API deleted", before: deleteAPI, status: 403, error: "access_denied", sentence: "Service not enabled within domain: " + api},
		{name: "compliance level", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.ComplianceLevel = "fapi1_adv_pkj_par" })
		}, form: []string{"redirect_uri", "x:/"}, status: 400, error: "invalid_grant", sentence: invalid},
		{name: "a form sent twice", form: nil, before: nil, status: 400, error: "invalid_request", sentence: "Duplicate parameter: code"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := open(t)
			code := login()
			if c.code != nil {
				c.code(&code)
			}
			sealed := tt.db.SealCode(code)
			if c.before != nil {
				c.before(tt)
			}
			body := codeForm(sealed, c.form...)
			if c.name == "a form sent twice" {
				body["code"] = []string{sealed, sealed}
			}
			tt.refused(tt.post(body), c.status, c.error, c.sentence)
			opened, err := tt.db.OpenCode(sealed)
			if err != nil {
				t.Fatal(err)
			}
			if spent, err := tt.db.CodeSpent(t.Context(), opened.ID); spent || err != nil {
				t.Errorf("a refused attempt spent the code (%v)", err)
			}
			types, e := tt.recorded()
			want := "feacft"
			if g := body.Get("grant_type"); g != "authorization_code" || len(body["code"]) == 2 {
				want = "f"
			}
			if !slices.Equal(types, []string{want}) {
				t.Errorf("the events are %v, want one %s", types, want)
			}
			if got, _ := e.Details["reason"].(string); !strings.Contains(got, c.reason) {
				t.Errorf("the event's reason is %q, want something about %q", got, c.reason)
			}
		})
	}
}

// TestOthersCannotBurnACode: an attempt that fails changes nothing for the one that does not.
func TestOthersCannotBurnACode(t *testing.T) {
	tt := open(t)
	sealed := tt.db.SealCode(login())
	for _, change := range [][]string{{"client_id", "other"}, {"redirect_uri", "https://evil.example.com/"}, {"code_verifier", strings.Repeat("b", 50)}} {
		if a := tt.post(codeForm(sealed, change...)); a.status != 403 {
			t.Errorf("with %v the code was answered %s", change, a)
		}
	}
	a := tt.post(codeForm(sealed))
	if a.status != 200 {
		t.Fatalf("the owner was answered %s", a)
	}
	for _, change := range [][]string{{"client_id", "other"}, {"code_verifier", strings.Repeat("b", 50)}} {
		if a := tt.post(codeForm(sealed, change...)); a.status != 403 {
			t.Errorf("with %v the spent code was answered %s", change, a)
		}
	}
	tt.refresh(a.text("refresh_token")) // no replay by others ends the owner's tokens
}

func TestConfidentialApplications(t *testing.T) {
	tt := open(t)
	code := login(func(c *store.Code) { c.ClientID = "web" })
	a := tt.post(codeForm(tt.db.SealCode(code), "client_id", "web", "client_secret", secret))
	if a.status != 200 {
		t.Errorf("secret and verifier were answered %s", a)
	}
	tt.refused(tt.post(codeForm(tt.db.SealCode(code), "client_id", "web", "client_secret", secret, "code_verifier", "-")),
		403, "invalid_grant", "Failed to verify code verifier")
	code.Challenge = ""
	r := form("/oauth/token", codeForm(tt.db.SealCode(code), "client_id", "-", "code_verifier", "-"))
	r.SetBasicAuth("web", secret)
	if a := tt.do(r); a.status != 200 {
		t.Errorf("the secret alone was answered %s", a)
	}
	tt.refused(tt.post(codeForm(tt.db.SealCode(code), "client_id", "web", "client_secret", "wrong", "code_verifier", "-")),
		401, "access_denied", "Unauthorized")
	// What is in the URL is not read.
	r = form("/oauth/token?client_id=web&client_secret="+secret, codeForm(tt.db.SealCode(code), "client_id", "-", "code_verifier", "-"))
	tt.refused(tt.do(r), 400, "invalid_request", "Missing required parameter: client_id")
}

func TestTypesThatTheTenantAdds(t *testing.T) {
	tt := open(t)
	spa := func(c *store.Code) { c.ClientID, c.RedirectURI = "spa", "https://spa.example.com/callback" }
	code := login(spa)
	a := tt.post(codeForm(tt.db.SealCode(code), "client_id", "spa", "redirect_uri", code.RedirectURI))
	tt.refused(a, 403, "unauthorized_client", "PKCE without client authentication…")
	tt.setTenant(store.TenantSettings{PKCEAppTypes: []string{"native", "spa"}})
	tt.signIn(spa)
}

func TestHS256IDToken(t *testing.T) {
	tt := open(t)
	for id, want := range map[string]string{"native": "RS256", "web": "HS256"} {
		tt.setClient(id, func(s *store.ClientSettings) { s.JWT.Alg = "HS256" })
		a := tt.post(codeForm(tt.db.SealCode(login(func(c *store.Code) { c.ClientID = id })), "client_id", id, "client_secret", secret))
		head, _, _ := strings.Cut(a.text("id_token"), ".")
		if got := tt.claimsOf("." + head + ".")["alg"]; got != want {
			t.Errorf("the ID token of %s is signed with %v, want %s", id, got, want)
		}
	}
}

func TestReplayedCode(t *testing.T) {
	tt := open(t)
	sealed := tt.db.SealCode(login())
	first := tt.post(codeForm(sealed))
	r := httptest.NewRequest("GET", "/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+first.text("access_token"))
	if a := tt.do(r); a.status != 200 {
		t.Fatalf("/userinfo answered %s", a)
	}
	for range 2 {
		tt.refused(tt.post(codeForm(sealed)), 403, "invalid_grant", "Invalid authorization code")
	}
	tt.refreshRefused(first.text("refresh_token"))
	if a := tt.do(r); a.status != 401 || a.text("error") != "invalid_token" {
		t.Errorf("after the replay /userinfo answered %s", a)
	}
	types, _ := tt.recorded()
	if !slices.Equal(types, []string{"seacft", "feacft", "feacft", "fertft"}) {
		t.Errorf("the events are %v", types)
	}
}

func TestTenRedemptionsOfOneCode(t *testing.T) {
	tt := open(t)
	for range 5 {
		sealed := tt.db.SealCode(login())
		answers := make([]answer, 10)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = tt.post(codeForm(sealed)) })
		}
		wg.Wait()
		var won []answer
		for _, a := range answers {
			if a.status == 200 {
				won = append(won, a)
				continue
			}
			tt.refused(a, 403, "invalid_grant", "Invalid authorization code")
		}
		if len(won) != 1 {
			t.Fatalf("%d of ten redemptions succeeded", len(won))
		}
		tt.refreshRefused(won[0].text("refresh_token")) // RFC 6749 section 4.1.2, documented in doc.go
	}
	types, _ := tt.recorded()
	counts := map[string]int{}
	for _, typ := range types {
		counts[typ]++
	}
	if want := map[string]int{"seacft": 5, "feacft": 45, "fertft": 5}; !reflect.DeepEqual(counts, want) {
		t.Errorf("the events are %v, want %v", counts, want)
	}
}

// TestLoginsThatWidenOneGrant: concurrent logins of one user each add a scope, and none is lost.
func TestLoginsThatWidenOneGrant(t *testing.T) {
	tt := open(t)
	var wg sync.WaitGroup
	var want oauth.Scope
	for i := range 8 {
		scope := fmt.Sprintf("read:%d", i)
		want = append(want, scope)
		wg.Go(func() {
			code := login(func(c *store.Code) { c.Scope = []string{scope} })
			if a := tt.post(codeForm(tt.db.SealCode(code))); a.status != 200 {
				t.Errorf("answered %s", a)
			}
		})
	}
	wg.Wait()
	g, err := tt.db.Grant(t.Context(), "auth0|jsmith", "native", api)
	if err != nil || !oauth.Scope(strings.Fields(g.Scope)).Covers(want) {
		t.Errorf("the grant holds %q (%v), want all of %v", g.Scope, err, want)
	}
	before := g.UpdatedAt
	tt.pass(time.Minute)
	tt.signIn(func(c *store.Code) { c.Scope = want })
	if g, err = tt.db.Grant(t.Context(), "auth0|jsmith", "native", api); err != nil || !g.UpdatedAt.Equal(before) {
		t.Errorf("a login within the grant changed it (%v)", err)
	}
}

func TestTheOldestFamilyGoes(t *testing.T) {
	tt := open(t)
	quick := func(c *store.Code) { c.Audience, c.Scope = "https://quick.example.com/", []string{"offline_access"} }
	first := tt.signIn(quick).text("refresh_token")
	second := ""
	for i := range 200 {
		tt.pass(time.Second)
		if a := tt.signIn(quick); i == 0 {
			second = a.text("refresh_token")
		}
	}
	tt.refreshRefused(first)
	tt.refresh(second)
}

func TestMethods(t *testing.T) {
	tt := open(t)
	for _, path := range []string{"/oauth/token", "/oauth/revoke"} {
		if a := tt.do(httptest.NewRequest("GET", path+"?"+url.Values{"grant_type": {"refresh_token"}}.Encode(), nil)); a.status != 405 {
			t.Errorf("GET %s is answered %s", path, a)
		}
	}
}
