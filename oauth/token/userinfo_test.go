package token_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

func bearerGet(accessToken string) *http.Request {
	r := httptest.NewRequest("GET", "/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+accessToken)
	return r
}

func TestUserInfo(t *testing.T) {
	tt := open(t)
	for _, audience := range []string{"", api} {
		held := tt.signIn(func(c *store.Code) { c.Audience = audience }).text("access_token")
		header := httptest.NewRequest("POST", "/userinfo", nil)
		header.Header.Set("Authorization", "bearer   "+held)
		for name, r := range map[string]*http.Request{
			"header":         bearerGet(held),
			"header of POST": header,
			"form":           form("/userinfo", url.Values{"access_token": {held}}),
			"query":          httptest.NewRequest("GET", "/userinfo?access_token="+url.QueryEscape(held), nil),
		} {
			a := tt.do(r)
			if a.status != 200 || a.header.Get("Content-Type") != "application/json; charset=utf-8" || a.header.Get("Cache-Control") != "no-store" ||
				a.json["sub"] != "auth0|jsmith" || a.json["name"] != "John Smith" || a.json["email"] != "jsmith@example.com" {
				t.Errorf("by %s for audience %q answered %s", name, audience, a)
			}
		}
		tt.setUser(func(u *store.User) { u.Profile.Name = "John of Now" })
		if a := tt.do(bearerGet(held)); a.json["name"] != "John of Now" {
			t.Errorf("the profile is not the one of now: %s", a)
		}
		tt.setUser(func(u *store.User) { u.Profile.Name = "John Smith" })
	}
	narrow := tt.signIn(func(c *store.Code) { c.Scope = []string{"openid"} }).text("access_token")
	if a := tt.do(bearerGet(narrow)); a.body != `{"sub":"auth0|jsmith"}` {
		t.Errorf("with openid alone answered %s", a)
	}
}

func TestUserInfoRefusals(t *testing.T) {
	const invalid = "The access token is invalid, expired or revoked, or was not issued for this endpoint. (…"
	get := func(change func(*http.Request)) func(*tenant, answer) *http.Request {
		return func(_ *tenant, a answer) *http.Request {
			r := bearerGet(a.text("access_token"))
			change(r)
			return r
		}
	}
	after := func(change func(*tenant)) func(*tenant, answer) *http.Request {
		return func(tt *tenant, a answer) *http.Request {
			change(tt)
			return bearerGet(a.text("access_token"))
		}
	}
	for _, c := range []struct {
		name      string
		code      func(*store.Code)
		request   func(*tenant, answer) *http.Request
		status    int
		error     string
		sentence  string
		challenge string
	}{
		{"nothing", nil, get(func(r *http.Request) { r.Header.Del("Authorization") }), 401, "invalid_token", "Unauthorized", "Bearer"},
		{"another scheme", nil, get(func(r *http.Request) { r.Header.Set("Authorization", "Basic YTpi") }), 401, "invalid_token", "Unauthorized", "Bearer"},
		{"junk", nil, get(func(r *http.Request) { r.Header.Set("Authorization", "Bearer junk") }), 401, "invalid_token", invalid, `Bearer error="invalid_token", error_description="…`},
		{"changed", nil, get(func(r *http.Request) { r.Header.Set("Authorization", r.Header.Get("Authorization")+"A") }), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"two tokens", nil, get(func(r *http.Request) { r.Header.Set("Authorization", r.Header.Get("Authorization")+" x") }), 400, "invalid_request", "The Authorization header…", `Bearer error="invalid_request"…`},
		{"no token", nil, get(func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }), 400, "invalid_request", "The Authorization header…", `Bearer error="invalid_request"…`},
		{"two headers", nil, get(func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }), 400, "invalid_request", "There is more than one…", `Bearer error="invalid_request"…`},
		{"two ways", nil, get(func(r *http.Request) { r.URL.RawQuery = "access_token=x" }), 400, "invalid_request", "The access token was sent in two ways…", `Bearer error="invalid_request"…`},
		{"twice in the query", nil, get(func(r *http.Request) { r.URL.RawQuery = "access_token=x&access_token=y" }), 400, "invalid_request", "Duplicate parameter: access_token", ""},
		{"an ID token", nil, func(_ *tenant, a answer) *http.Request { return bearerGet(a.text("id_token")) }, 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"a refresh token", nil, func(_ *tenant, a answer) *http.Request { return bearerGet(a.text("refresh_token")) }, 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"without openid", func(c *store.Code) { c.Audience, c.Scope = "", []string{"profile"} }, get(func(*http.Request) {}), 403, "insufficient_scope",
			"The access token was issued without the scope openid. (…", `Bearer error="insufficient_scope", scope="openid"`},
		{"for an API alone", func(c *store.Code) { c.Scope = []string{"read:messages"} }, get(func(*http.Request) {}), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"of an ES256 API", func(c *store.Code) { c.Audience = "https://quick.example.com/" }, get(func(*http.Request) {}), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"expired", nil, after(func(tt *tenant) { tt.pass(86401 * time.Second) }), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"expired, opaque", func(c *store.Code) { c.Audience = "" }, after(func(tt *tenant) { tt.pass(86401 * time.Second) }), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"user blocked", nil, after(func(tt *tenant) { tt.setUser(func(u *store.User) { u.Blocked = true }) }), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"user deleted", nil, after(func(tt *tenant) {
			tt.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "auth0|jsmith") })
		}), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"application disabled", nil, after(func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.Disabled = true })
		}), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
		{"key revoked", nil, after(func(tt *tenant) {
			ctx := context.Background()
			current := ""
			all, err := tt.keys.List(ctx)
			for _, k := range all {
				if k.Alg == "RS256" && k.State == store.KeyCurrent {
					current = k.Kid
				}
			}
			if err == nil {
				_, err = tt.keys.Rotate(ctx, "RS256")
			}
			if err == nil {
				err = tt.keys.Revoke(ctx, current)
			}
			if err != nil {
				tt.Fatal(err)
			}
		}), 401, "invalid_token", invalid, `Bearer error="invalid_token"…`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := open(t)
			code := c.code
			if code == nil {
				code = func(*store.Code) {}
			}
			r := c.request(tt, tt.signIn(code))
			a := tt.do(r)
			sentence, _, _ := strings.Cut(c.sentence, " (…")
			if sentence != c.sentence {
				sentence += " (…" // the id of the request follows
			}
			tt.refused(a, c.status, c.error, sentence)
			got := a.header.Get("WWW-Authenticate")
			if start, ok := strings.CutSuffix(c.challenge, "…"); ok && !strings.HasPrefix(got, start) || !ok && got != c.challenge {
				t.Errorf("WWW-Authenticate is %q, want %q", got, c.challenge)
			}
		})
	}
}

func TestTokensOfAnotherDomain(t *testing.T) {
	tt := open(t)
	for _, claims := range []map[string]any{
		{"iss": "https://other.example.com/", "aud": issuer + "userinfo"},
		{"iss": issuer, "aud": []string{"https://other.example.com/userinfo"}},
		{"iss": issuer, "aud": 7},
	} {
		claims["sub"], claims["scope"], claims["azp"], claims["exp"] = "auth0|jsmith", "openid", "native", time.Now().Add(time.Hour).Unix()
		signed, err := tt.keys.Sign(t.Context(), "RS256", "JWT", claims)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := tt.keys.SealOpaque(issuer, claims)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{signed, sealed} {
			if a := tt.do(bearerGet(token)); a.status != 401 {
				t.Errorf("a token with %v was answered %s", claims, a)
			}
		}
	}
}
