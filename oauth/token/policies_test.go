package token_test

import (
	"context"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// Spec section 23.5: a refresh token is exchanged for other APIs that the application has among its policies, and stays the
// one it was.
func TestRefreshForAnotherAPI(t *testing.T) {
	const calendar, ask, managed = "https://calendar.example.com/", "https://ask.example.com/", "https://login.example.com/api/v2/"
	tt := open(t)
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		for _, a := range []store.API{
			{Identifier: calendar, Scopes: []store.APIScope{{Value: "read:events"}, {Value: "write:events"}}, Settings: store.APISettings{SkipConsent: true}},
			{Identifier: ask, Settings: store.APISettings{}},
			{ID: store.ManagementAPI, Identifier: managed, Settings: store.APISettings{SkipConsent: true}},
		} {
			a.Name = a.Identifier
			if err := tx.CreateAPI(ctx, &a); err != nil {
				return err
			}
		}
		return nil
	})
	held := tt.signIn().text("refresh_token")
	tt.refused(tt.post(refreshForm(held, "audience", calendar)), 400, "invalid_request", "The audience is neither the one…")
	tt.setClient("native", func(s *store.ClientSettings) {
		for _, audience := range []string{ask, managed, "https://gone.example.com/"} {
			s.RefreshToken.Policies = append(s.RefreshToken.Policies, store.RefreshPolicy{Audience: audience})
		}
		s.RefreshToken.Policies = append(s.RefreshToken.Policies, store.RefreshPolicy{Audience: calendar, Scope: []string{"read:events", "admin"}})
	})
	for _, c := range []struct{ scope, want string }{
		{"", "openid profile email read:events"},
		{"openid write:events read:events", "openid read:events"},
		{"read:messages", ""},
	} {
		a := tt.refresh(held, "audience", calendar, "scope", c.scope)
		if got := a.text("scope"); got != c.want {
			t.Errorf("asking for %q gave %q, want %q", c.scope, got, c.want)
		}
		if got := tt.claimsOf(a.text("access_token"))["aud"]; c.scope == "read:messages" && got != calendar {
			t.Errorf("the access token is for %v", got)
		}
	}
	if a := tt.refresh(held); a.text("scope") != "openid profile email offline_access read:messages" {
		t.Errorf("without an audience the answer is %s", a)
	}
	for audience, refusal := range map[string]struct {
		status         int
		code, sentence string
	}{
		ask:                         {400, "invalid_request", "The audience is neither the one…"},
		managed:                     {400, "invalid_request", "The audience is neither the one…"},
		"https://gone.example.com/": {403, "access_denied", "Service not enabled within domain: https://gone.example.com/"},
	} {
		tt.refused(tt.post(refreshForm(held, "audience", audience)), refusal.status, refusal.code, refusal.sentence)
	}
	tt.setClient("native", func(s *store.ClientSettings) { s.ThirdParty = true })
	tt.refused(tt.post(refreshForm(held, "audience", calendar)), 400, "invalid_request", "The audience is neither the one…")
}
