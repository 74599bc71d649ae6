package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// row is a way to redeem a code.
type row struct{ who, age, use, redirect, verifier string }

// answered is the rule: what is missing is named; then whose code it is, whether it holds still and where it was sent to are one
// question; then the verifier, and last whether the code was used. So an answer tells nobody else whether it was.
func (r row) answered() (status int, says string) {
	switch {
	case r.who == "nobody":
		return 400, "Missing required parameter: client_id"
	case r.redirect == "none":
		return 400, "Missing required parameter: redirect_uri"
	case r.who != "owner", r.age == "expired", r.redirect == "wrong":
		return 403, "Invalid authorization code"
	case r.verifier != "right":
		return 403, "Failed to verify code verifier"
	case r.use == "used":
		return 403, "Invalid authorization code"
	}
	return 200, `"access_token"`
}

// TestEveryWayToRedeemACode is the whole table of who redeems it × whether it is old × whether it was used × the redirect ×
// the verifier: one row of the 144 gets tokens. What the others do to the tokens of a code that was used, and to one that was
// not, is as for one rule: only who proves to be its owner spends a code or is a thief of it.
func TestEveryWayToRedeemACode(t *testing.T) {
	h := newHouse(t)
	off := false
	h.Tenant(func(t *store.TenantSettings) { t.SuspiciousIP.Enabled = &off })
	other := h.Client(store.AppNative, idptest.Callback(callback))
	web := h.Client(store.AppRegularWeb, idptest.Callback(callback))
	redeem := func(code string, r row) idptest.Answer {
		var fields []string
		add := func(name, value string) {
			if value != "" {
				fields = append(fields, name, value)
			}
		}
		add("grant_type", "authorization_code")
		add("code", code)
		add("client_id", map[string]string{"owner": h.client.ID, "other": other.ID, "confidential": web.ID, "nobody": ""}[r.who])
		add("client_secret", map[string]string{"confidential": web.Secret}[r.who])
		add("redirect_uri", map[string]string{"right": callback, "wrong": callback + "/x", "none": ""}[r.redirect])
		add("code_verifier", map[string]string{"right": idptest.Verifier, "wrong": strings.Repeat("x", 43), "none": ""}[r.verifier])
		return h.Token(fields...)
	}
	good := row{"owner", "fresh", "unused", "right", "right"}
	for _, who := range []string{"owner", "other", "confidential", "nobody"} {
		for _, age := range []string{"fresh", "expired"} {
			for _, use := range []string{"unused", "used"} {
				for _, redirect := range []string{"right", "wrong", "none"} {
					for _, verifier := range []string{"right", "wrong", "none"} {
						r := row{who, age, use, redirect, verifier}
						code := h.signIn(t)
						var first idptest.Answer
						if use == "used" {
							if first = redeem(code, good); first.Status != 200 {
								t.Fatalf("the owner was answered %d %s", first.Status, first.Body)
							}
						}
						if age == "expired" {
							h.Clock.Advance(11 * time.Minute)
						}
						a := redeem(code, r)
						if status, says := r.answered(); a.Status != status || !strings.Contains(a.Body, says) {
							t.Errorf("%v: %d %s, want %d with %s", r, a.Status, a.Body, status, says)
						}
						if use == "used" {
							refreshed := h.refresh(first.Text("refresh_token")).Status
							if stolen := r == (row{"owner", "fresh", "used", "right", "right"}); stolen != (refreshed == http.StatusForbidden) || !stolen && refreshed != http.StatusOK {
								t.Errorf("%v: afterwards the refresh token of the code was answered %d", r, refreshed)
							}
						} else if age == "fresh" && r != good {
							if a := redeem(code, good); a.Status != http.StatusOK {
								t.Errorf("%v: afterwards the owner was answered %d %s", r, a.Status, a.Body)
							}
						}
						if age == "expired" {
							h.Clock.Advance(-11 * time.Minute)
						}
					}
				}
			}
		}
	}
}
