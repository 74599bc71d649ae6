package token_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

func TestRefreshWithoutRotation(t *testing.T) {
	tt := open(t)
	first := tt.signIn()
	held := first.text("refresh_token")
	if !strings.HasPrefix(held, "v1.") || len(held) != 94 {
		t.Errorf("the refresh token is %q", held)
	}
	for range 3 {
		a := tt.refresh(held, "redirect_uri", "ignored", "scope", "openid offline_access read:messages profile email")
		if _, sent := a.json["refresh_token"]; sent {
			t.Errorf("a token that does not rotate was answered with another: %s", a)
		}
		if a.json["scope"] != "openid profile email offline_access read:messages" || a.json["expires_in"] != 86400.0 || a.json["token_type"] != "Bearer" {
			t.Errorf("answered %s", a)
		}
		was, is := tt.claimsOf(first.text("id_token")), tt.claimsOf(a.text("id_token"))
		for _, name := range []string{"iss", "sub", "aud", "sid", "auth_time"} {
			if was[name] != is[name] {
				t.Errorf("%s of the ID token changed from %v to %v", name, was[name], is[name])
			}
		}
		if is["nonce"] != nil {
			t.Error("the ID token of a refresh has a nonce")
		}
		access := tt.claimsOf(a.text("access_token"))
		if access["gty"] != "refresh_token" || access["jti"] == tt.claimsOf(first.text("access_token"))["jti"] {
			t.Errorf("the access token of a refresh says %v", access)
		}
	}
	types, e := tt.recorded()
	if !slices.Equal(types, []string{"seacft", "sertft", "sertft", "sertft"}) || e.UserID != "auth0|jsmith" || e.Details["familyId"] == nil {
		t.Errorf("the events are %v, the last %+v", types, e)
	}
}

func TestRotation(t *testing.T) {
	tt := open(t)
	tt.setClient("native", rotating)
	zero := tt.signIn().text("refresh_token")
	one := tt.refresh(zero).text("refresh_token")
	if one == "" || one == zero {
		t.Fatalf("the successor of %s is %q", zero, one)
	}
	// The answer was lost: the same token again, the same successor again.
	for range 3 {
		if again := tt.refresh(zero).text("refresh_token"); again != one {
			t.Fatalf("a retry was answered with another successor")
		}
	}
	two := tt.refresh(one).text("refresh_token")
	if f := tt.families(); len(f) != 1 || f[0].Counter != 2 {
		t.Errorf("the families are %+v", f)
	}
	// Its successor was used: now it is theft.
	tt.refreshRefused(zero)
	for _, dead := range []string{two, one, zero} {
		tt.refreshRefused(dead)
	}
	types, _ := tt.recorded()
	slices.Sort(types) // the batch of failures is not ordered against the others
	if want := []string{"ferrt", "fertft", "fertft", "fertft", "seacft", "sertft", "sertft", "sertft", "sertft", "sertft"}; !slices.Equal(types, want) {
		t.Errorf("the events are %v", types)
	}
	reuse, err := tt.db.Events(t.Context(), store.EventFilter{Type: "ferrt"})
	if err != nil || len(reuse) != 1 || reuse[0].Details["latestCounter"] != 2.0 || reuse[0].Details["tokenCounter"] != 0.0 || reuse[0].UserID != "auth0|jsmith" {
		t.Errorf("the reuse was recorded as %+v, %v", reuse, err)
	}
}

func TestTheRetryWindowEnds(t *testing.T) {
	zeroLeeway, tenLeeway := int64(0), int64(10)
	for _, c := range []struct {
		name   string
		leeway *int64
		after  time.Duration
		ok     bool
	}{
		{"default, in time", nil, 59 * time.Second, true},
		{"default, too late", nil, 60 * time.Second, false},
		{"ten seconds, in time", &tenLeeway, 9 * time.Second, true},
		{"ten seconds, too late", &tenLeeway, 10 * time.Second, false},
		{"none", &zeroLeeway, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := open(t)
			tt.setClient("native", rotating)
			tt.setClient("native", func(s *store.ClientSettings) { s.RefreshToken.Leeway = c.leeway })
			zero := tt.signIn().text("refresh_token")
			one := tt.refresh(zero).text("refresh_token")
			tt.pass(c.after)
			if c.ok {
				if again := tt.refresh(zero).text("refresh_token"); again != one {
					t.Error("the retry was answered with another successor")
				}
				tt.refresh(one)
				return
			}
			tt.refreshRefused(zero)
			tt.refreshRefused(one)
		})
	}
}

// TestRotationSwitched: the application's setting decides at each exchange, and changing it signs nobody out.
func TestRotationSwitched(t *testing.T) {
	tt := open(t)
	still := func(s *store.ClientSettings) { s.RefreshToken = store.RefreshSettings{} }
	zero := tt.signIn().text("refresh_token")
	tt.refresh(zero)
	tt.setClient("native", rotating)
	one := tt.refresh(zero).text("refresh_token")
	tt.setClient("native", still)
	if again := tt.refresh(zero).text("refresh_token"); again != one {
		t.Errorf("a lost answer was not repeated after rotation was switched off")
	}
	if a := tt.refresh(one); a.json["refresh_token"] != nil {
		t.Errorf("rotation is off, and the answer is %s", a)
	}
	tt.refresh(one)
	tt.pass(time.Second)
	tt.refreshRefused(zero) // its successor is in use
	tt.refreshRefused(one)
}

func TestRefreshScope(t *testing.T) {
	tt := open(t)
	held := tt.signIn().text("refresh_token")
	for _, c := range []struct{ asked, want string }{
		{"read:messages", "read:messages"},
		{"write:messages openid admin", "openid"},
		{"offline_access email", "email offline_access"},
		{"admin", ""},
		{"", "openid profile email offline_access read:messages"},
	} {
		a := tt.refresh(held, "scope", c.asked)
		if got := a.text("scope"); got != c.want {
			t.Errorf("asking for %q gave %q, want %q", c.asked, got, c.want)
		}
		if got := a.json["id_token"] != nil; got != strings.Contains(c.want, "openid") {
			t.Errorf("asking for %q gave an ID token: %v", c.asked, got)
		}
	}
	tt.refused(tt.post(refreshForm(held, "scope", `bad"scope`)), 400, "invalid_scope", "…")
}

func TestRefreshRefusals(t *testing.T) {
	const refused = invalidRefreshToken
	for _, c := range []struct {
		name     string
		form     []string
		before   func(*tenant)
		status   int
		error    string
		sentence string
		reason   string
	}{
		{name: "missing", form: []string{"refresh_token", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: refresh_token"},
		{name: "junk", form: []string{"refresh_token", "v1.junk"}, status: 403, error: "invalid_grant", sentence: refused, reason: "not issued here"},
		{name: "forged", form: []string{"refresh_token", "v1." + strings.Repeat("A", 91)}, status: 403, error: "invalid_grant", sentence: refused, reason: "not issued here"},
		{name: "another application", form: []string{"client_id", "other"}, status: 403, error: "invalid_grant", sentence: refused, reason: "issued to the application native"},
		{name: "another audience", form: []string{"audience", "https://quick.example.com/"}, status: 400, error: "invalid_request", sentence: "The audience is neither the one…"},
		{name: "grant not in the list", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.GrantTypes = nil })
		}, status: 403, error: "unauthorized_client", sentence: "Grant type 'refresh_token' not allowed for the client."},
		{name: "application disabled", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.Disabled = true })
		}, status: 401, error: "access_denied", sentence: "Unauthorized"},
		{name: "user blocked", before: func(tt *tenant) { tt.setUser(func(u *store.User) { u.Blocked = true }) }, status: 401, error: "unauthorized", sentence: "user is blocked"},
		{name: "user deleted", before: func(tt *tenant) {
			tt.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "auth0|jsmith") })
		}, status: 403, error: "invalid_grant", sentence: "The refresh_token was generated for a user who doesn't exist anymore."},
		{name: "API disabled", before: func(tt *tenant) { tt.setAPI(func(s *store.APISettings) { s.Disabled = true }) },
			status: 403, error: "access_denied", sentence: "Service not enabled within domain: " + api},
		{name: "offline access withdrawn", before: func(tt *tenant) { tt.setAPI(func(s *store.APISettings) { s.AllowOfflineAccess = false }) },
			status: 403, error: "invalid_grant", sentence: refused, reason: "no longer allows"},
		{name: "grant removed", before: func(tt *tenant) {
			tt.write(func(ctx context.Context, tx *store.Tx) error {
				g, err := tx.Grant(ctx, "auth0|jsmith", "native", api)
				if err != nil {
					return err
				}
				return tx.RevokeGrant(ctx, g.ID, "grant revoked")
			})
		}, status: 403, error: "invalid_grant", sentence: refused, reason: "grant revoked"},
		{name: "idle for too long", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) {
				s.RefreshToken = store.RefreshSettings{ExpirationType: "expiring", IdleTokenLifetime: 100}
			})
			tt.pass(100 * time.Second)
		}, status: 403, error: "invalid_grant", sentence: refused, reason: "not used for too long"},
		{name: "compliance level", before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.ComplianceLevel = "none" })
		}, form: []string{"refresh_token", "v1.junk"}, status: 400, error: "invalid_grant", sentence: refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := open(t)
			held := tt.signIn().text("refresh_token")
			if c.before != nil {
				c.before(tt)
			}
			tt.refused(tt.post(refreshForm(held, c.form...)), c.status, c.error, c.sentence)
			types, e := tt.recorded()
			if !slices.Equal(types, []string{"seacft", "fertft"}) {
				t.Errorf("the events are %v", types)
			}
			if got, _ := e.Details["reason"].(string); !strings.Contains(got, c.reason) {
				t.Errorf("the event's reason is %q, want something about %q", got, c.reason)
			}
			if strings.Contains(e.Description, held) || strings.Contains(e.Details["error"].(string), held) {
				t.Error("the event holds the token")
			}
		})
	}
}

func TestLifetimes(t *testing.T) {
	tt := open(t)
	limit := func(absolute, idle int64) {
		tt.setClient("native", func(s *store.ClientSettings) {
			s.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring", TokenLifetime: absolute, IdleTokenLifetime: idle}
		})
	}
	unlimited := tt.signIn().text("refresh_token")
	tt.pass(1000 * time.Hour)
	// A limit is set: the family gets its end at its next exchange.
	limit(3600, 1_000_000_000)
	unlimited = tt.refresh(unlimited).text("refresh_token")
	tt.pass(59 * time.Minute)
	limit(7200, 1_000_000_000) // too late to move it
	unlimited = tt.refresh(unlimited).text("refresh_token")
	tt.pass(time.Minute)
	tt.refreshRefused(unlimited)

	// The idle time restarts at each exchange, the absolute end does not.
	limit(1000, 400)
	held := tt.signIn().text("refresh_token")
	for range 3 {
		tt.pass(300 * time.Second)
		held = tt.refresh(held).text("refresh_token")
	}
	tt.pass(100 * time.Second)
	tt.refreshRefused(held)

	// An end that was fixed stays when the limit goes.
	held = tt.signIn().text("refresh_token")
	tt.setClient("native", func(s *store.ClientSettings) { s.RefreshToken = store.RefreshSettings{} })
	tt.refresh(held)
	tt.pass(1000 * time.Second)
	tt.refreshRefused(held)
}

// TestTenRefreshesOfOneToken: concurrent exchanges of one token converge on one successor, and all of them succeed.
func TestTenRefreshesOfOneToken(t *testing.T) {
	for _, rotate := range []bool{true, false} {
		tt := open(t)
		if rotate {
			tt.setClient("native", rotating)
		}
		held := tt.signIn().text("refresh_token")
		for round := range 10 {
			answers := make([]answer, 10)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i] = tt.post(refreshForm(held)) })
			}
			wg.Wait()
			for _, a := range answers {
				if a.status != http.StatusOK || a.text("refresh_token") != answers[0].text("refresh_token") || (a.text("refresh_token") != "") != rotate {
					t.Fatalf("round %d: answered %s, another was answered %s", round, a, answers[0])
				}
			}
			if rotate {
				held = answers[0].text("refresh_token")
			}
		}
		tt.refresh(held)
	}
}

// TestRefreshAgainstRevocation: once a revocation is answered, no exchange succeeds, whatever ran beside it.
func TestRefreshAgainstRevocation(t *testing.T) {
	tt := open(t)
	tt.setClient("native", rotating)
	for range 20 {
		held := tt.signIn().text("refresh_token")
		successors := make([]string, 4)
		var wg sync.WaitGroup
		for i := range successors {
			wg.Go(func() { successors[i] = tt.post(refreshForm(held)).text("refresh_token") })
		}
		wg.Go(func() {
			if a := tt.do(form("/oauth/revoke", with(url.Values{}, "client_id", "native", "token", held))); a.status != 200 || a.body != "" {
				t.Errorf("the revocation was answered %s", a)
			}
		})
		wg.Wait()
		for _, s := range append(successors, held) {
			if s != "" {
				tt.refreshRefused(s)
			}
		}
	}
}
