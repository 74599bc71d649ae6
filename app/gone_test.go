package app_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// TestTenRedemptionsAtOnce: whoever is first, the code ends as used more than once, so nothing that it issued lives on.
func TestTenRedemptionsAtOnce(t *testing.T) {
	h := newHouse(t)
	for range 5 {
		code := h.signIn(t)
		answers := make([]idptest.Answer, 10)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = h.Exchange(h.client, code) })
		}
		wg.Wait()
		won := 0
		for _, a := range answers {
			switch {
			case a.Status == 200:
				won++
				if r := h.refresh(a.Text("refresh_token")); r.Status != 403 {
					t.Errorf("the refresh token of a code that was used ten times was answered %d %s", r.Status, r.Body)
				}
				if u := h.Do(http.MethodGet, "/userinfo", "", "", "Authorization", "Bearer "+a.Text("access_token")); u.Status != 401 {
					t.Errorf("its access token was answered %d %s", u.Status, u.Body)
				}
			case a.Status != 403 || !strings.Contains(a.Body, "Invalid authorization code"):
				t.Errorf("a redemption was answered %d %s", a.Status, a.Body)
			}
		}
		if _, families := h.left(t); won != 1 || families != 0 {
			t.Errorf("%d of ten redemptions won and %d refresh tokens live, want 1 and 0", won, families)
		}
	}
}

// TestOthersDoNotBurnACode: what is refused because it is not the owner's request leaves the code to its owner.
func TestOthersDoNotBurnACode(t *testing.T) {
	h := newHouse(t)
	other := h.Client(store.AppNative, idptest.Callback(callback))
	code := h.signIn(t)
	for name, fields := range map[string][]string{
		"another application": {"client_id", other.ID},
		"another redirect":    {"redirect_uri", "https://app.example.com/other"},
		"another verifier":    {"code_verifier", strings.Repeat("x", 43)},
		"no verifier":         {"code_verifier", ""},
		"a short verifier":    {"code_verifier", "x"},
	} {
		if a := h.Exchange(h.client, code, fields...); a.Status != 403 || a.Text("error") != "invalid_grant" {
			t.Errorf("%s: %d %s, want 403 invalid_grant", name, a.Status, a.Body)
		}
	}
	if a := h.Exchange(h.client, code); a.Status != 200 {
		t.Errorf("the owner was answered %d %s", a.Status, a.Body)
	}
}

// TestTheDatabaseIsGone: the server answers that the fault is its own, with an id under which the log has the reason.
func TestTheDatabaseIsGone(t *testing.T) {
	h := newHouse(t)
	access := h.tokens(t).Text("access_token")
	code, page := h.signIn(t), h.Browser().Get(h.AuthorizeURL(h.client))
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.App.Ready(t.Context()); err == nil {
		t.Error("the server says that it is ready")
	}
	authorize := strings.TrimPrefix(h.AuthorizeURL(h.client), h.URL)
	for name, a := range map[string]answer{
		"exchange":  ask(t, h.Server, http.MethodPost, "/oauth/token", "grant_type=authorization_code&client_id="+h.client.ID+"&code="+code, "Content-Type", asForm),
		"authorize": ask(t, h.Server, http.MethodGet, authorize, ""),
		"login":     ask(t, h.Server, http.MethodGet, strings.TrimPrefix(page.URL, h.URL), ""),
		"logout":    ask(t, h.Server, http.MethodGet, "/v2/logout?client_id="+h.client.ID, ""),
		"keys":      ask(t, h.Server, http.MethodGet, "/.well-known/jwks.json", ""),
		"metadata":  ask(t, h.Server, http.MethodGet, "/.well-known/openid-configuration", ""),
		"userinfo":  ask(t, h.Server, http.MethodGet, "/userinfo", "", "Authorization", "Bearer "+access),
	} {
		id := a.header.Get("X-Request-Id")
		if a.status != 500 || !a.isJSON() && !a.isPage() || strings.Contains(strings.ToLower(a.body), "sql") || strings.Contains(a.body, "database") {
			if name != "metadata" || a.status != 200 { // which needs no row
				t.Errorf("%s: %d as %s: %.300s; want 500 without the reason", name, a.status, a.header.Get("Content-Type"), a.body)
			}
			continue
		}
		if !strings.Contains(a.body, id) || !strings.Contains(h.Log.String(), id) {
			t.Errorf("%s: the id %q is not in the answer and the log: %.300s", name, id, a.body)
		}
	}
}
