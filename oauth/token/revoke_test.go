package token_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

func (tt *tenant) revoke(v url.Values) answer { tt.Helper(); return tt.do(form("/oauth/revoke", v)) }

func revokeForm(token string, change ...string) url.Values {
	return with(url.Values{"client_id": {"native"}, "token": {token}}, change...)
}

func TestRevoke(t *testing.T) {
	tt := open(t)
	tt.setClient("native", rotating)
	zero := tt.signIn().text("refresh_token")
	one := tt.refresh(zero).text("refresh_token")
	silent := func(name string, a answer) {
		t.Helper()
		if a.status != 200 || a.body != "" {
			t.Errorf("%s: answered %s, want 200 and nothing", name, a)
		}
	}
	silent("junk", tt.revoke(revokeForm("junk")))
	silent("another application's token", tt.revoke(revokeForm(one, "client_id", "other")))
	silent("another application's token, with its secret", tt.revoke(revokeForm(one, "client_id", "web", "client_secret", secret)))
	one = tt.refresh(one).text("refresh_token") // it is still alive
	silent("a former token of the family", tt.revoke(revokeForm(zero, "token_type_hint", "refresh_token")))
	tt.refreshRefused(one)
	silent("a revoked one", tt.revoke(revokeForm(one)))

	second := tt.signIn().text("refresh_token")
	r := httptest.NewRequest("POST", "/oauth/revoke", strings.NewReader(`{"client_id":"native","token":"`+second+`"}`))
	r.Header.Set("Content-Type", "application/json")
	silent("a JSON body", tt.do(r))
	tt.refreshRefused(second)
	tt.signIn()
	if len(tt.families()) != 1 {
		t.Error("a revocation ended more than its family")
	}
	types, _ := tt.recorded()
	if n := len(slices.DeleteFunc(types, func(s string) bool { return s != "srrt" })); n != 2 {
		t.Errorf("%d revocations were recorded, want 2", n)
	}
}

func TestRevokeRefusals(t *testing.T) {
	tt := open(t)
	held := tt.signIn().text("refresh_token")
	tt.refused(tt.revoke(revokeForm(held, "token", "-")), 400, "invalid_request", "Missing required parameter: token")
	tt.refused(tt.revoke(revokeForm(held, "client_id", "-")), 400, "invalid_request", "Missing required parameter: client_id")
	tt.refused(tt.revoke(revokeForm(held, "client_id", "web")), 401, "access_denied", "Unauthorized")
	tt.refused(tt.revoke(revokeForm(held, "client_id", "nobody")), 401, "access_denied", "Unauthorized")
	tt.refresh(held)
}

func TestRevocationThatDeletesTheGrant(t *testing.T) {
	tt := open(t)
	var s store.TenantSettings
	s.Flags.RevokeRefreshTokenGrant = true
	tt.setTenant(s)
	one, two := tt.signIn().text("refresh_token"), tt.signIn().text("refresh_token")
	elsewhere := tt.signIn(func(c *store.Code) { c.Audience = "" }).text("refresh_token")
	if a := tt.revoke(revokeForm(one)); a.status != 200 {
		t.Fatalf("answered %s", a)
	}
	tt.refreshRefused(one)
	tt.refreshRefused(two)
	tt.refresh(elsewhere)
	if _, err := tt.db.Grant(context.Background(), "auth0|jsmith", "native", api); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the grant is still there (%v)", err)
	}
}
