package attack_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/attack"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// TestProofkey runs every case on a real server: all pass, and none is left out.
func TestProofkey(t *testing.T) {
	s := idptest.New(t)
	native := s.Client(store.AppNative, idptest.Callback("com.example.app://login.example.com/callback"), func(c *store.Client) {
		c.Settings.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring"}
	})
	web := s.Client(store.AppRegularWeb, idptest.Callback("https://web.example.com/callback"))
	s.API("https://api.example.com/")
	s.User("jane@example.com", "Mobile-Login-7-Flow")
	s.User("victim@example.com", "Mobile-Login-7-Flow")
	// The cases come from one address and fail on purpose: what they prove is not about it.
	off := false
	s.Tenant(func(t *store.TenantSettings) { t.SuspiciousIP.Enabled = &off; t.BruteForce.MaxAttempts = 20 })
	results, err := attack.Run(t.Context(), attack.Target{
		Issuer: s.Issuer, Native: attack.App{ID: native.ID, RedirectURI: native.Settings.Callbacks[0]},
		Web:      attack.App{ID: web.ID, Secret: web.Secret, RedirectURI: web.Settings.Callbacks[0]},
		Username: "jane@example.com", Password: "Mobile-Login-7-Flow", Audience: "https://api.example.com/", Victim: "victim@example.com",
		Client: http.DefaultClient,
	}, func(r attack.Result) {
		// Auth0's answers do not name their issuer, and neither do ours.
		if r.Outcome != attack.Passed && r.Name != "the answer names who sent it" {
			t.Errorf("%s: %s, %s: %s", r.Outcome, r.Class, r.Name, r.Detail)
		}
	})
	if err != nil || len(results) < 140 {
		t.Errorf("%d cases, %v", len(results), err)
	}
	if strings.Contains(s.Log.String(), `"level":"ERROR"`) {
		t.Errorf("the server logged an error of its own: %s", s.Log)
	}
}
