package limits_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func open(t *testing.T) (*limits.Limits, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)}
	db, err := store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &limits.Limits{DB: db}, c
}

func from(t *testing.T, ip string) context.Context {
	return web.WithMeta(t.Context(), &web.Meta{IP: ip})
}

// refused says why a login is refused: "", "account" or "address".
func refused(t *testing.T, l *limits.Limits, s store.TenantSettings, ip, identifier string) string {
	t.Helper()
	ctx := from(t, ip)
	err := l.CheckLogin(ctx, limits.For(ctx, s, identifier))
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*problem.Error](err)
	if !ok {
		t.Fatal(err)
	}
	if e.Status != http.StatusTooManyRequests || e.Code != "too_many_attempts" {
		t.Errorf("refused with %d %s, want 429 too_many_attempts", e.Status, e.Code)
	}
	switch {
	case strings.HasPrefix(e.Message, "Your account has been blocked after multiple consecutive login attempts."):
		return "account"
	case strings.HasPrefix(e.Message, "We have detected suspicious login behavior"):
		if e.RetryAfter < time.Second {
			t.Errorf("RetryAfter is %v", e.RetryAfter)
		}
		return "address"
	}
	return e.Message
}

func fail(t *testing.T, l *limits.Limits, s store.TenantSettings, ip, identifier string, times int) {
	t.Helper()
	for range times {
		ctx := from(t, ip)
		if err := l.Failed(ctx, limits.For(ctx, s, identifier)); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, l *limits.Limits, typ string) int {
	t.Helper()
	list, err := l.DB.Events(t.Context(), store.EventFilter{Type: typ, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestAnAccountIsBlockedFromAnAddress(t *testing.T) {
	l, c := open(t)
	s := store.TenantSettings{}
	fail(t, l, s, "192.0.2.1", "a@example.com", 9)
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "" {
		t.Fatalf("refused (%s) after nine failures, the tenth is still allowed", got)
	}
	fail(t, l, s, "192.0.2.1", " A@Example.COM\t", 1)
	for _, spelling := range []string{"a@example.com", "A@EXAMPLE.COM", "  a@example.com\n"} {
		if got := refused(t, l, s, "192.0.2.1", spelling); got != "account" {
			t.Errorf("%q after ten failures: refused %q, want account", spelling, got)
		}
	}
	if got := refused(t, l, s, "192.0.2.2", "a@example.com"); got != "" {
		t.Errorf("another address is refused: %s", got)
	}
	if got := refused(t, l, s, "192.0.2.1", "b@example.com"); got != "" {
		t.Errorf("another account is refused: %s", got)
	}
	fail(t, l, s, "192.0.2.1", "a@example.com", 3) // what was under way when the block fell
	if n := count(t, l, events.AccountBlocked); n != 1 {
		t.Errorf("%d events limit_wc, want one", n)
	}
	c.add(30*24*time.Hour - time.Second)
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "account" {
		t.Errorf("the block was gone before its 30 days: %q", got)
	}
	c.add(2 * time.Second)
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "" {
		t.Errorf("after 30 days: refused %q", got)
	}
	fail(t, l, s, "192.0.2.1", "a@example.com", 9)
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "" {
		t.Errorf("the counter did not start anew: refused %q after nine", got)
	}
}

func TestASuccessForgetsTheAccountNotTheAddress(t *testing.T) {
	l, _ := open(t)
	s := store.TenantSettings{SuspiciousIP: store.SuspiciousIP{LoginMaxAttempts: 12}}
	fail(t, l, s, "192.0.2.1", "a@example.com", 10)
	err := l.DB.Write(t.Context(), func(tx *store.Tx) error { return l.Forget(from(t, "192.0.2.1"), tx, "A@example.com", "") })
	if err != nil {
		t.Fatal(err)
	}
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "" {
		t.Errorf("refused %q after a success", got)
	}
	fail(t, l, s, "192.0.2.1", "a@example.com", 2)
	if got := refused(t, l, s, "192.0.2.1", "a@example.com"); got != "address" {
		t.Errorf("refused %q, want address: its twelve failures are not forgotten", got)
	}
}

func TestSettingsOfBruteForce(t *testing.T) {
	off := false
	for _, c := range []struct {
		name     string
		settings store.BruteForce
		ip       string // that tries after ten failures from 192.0.2.1
		want     string
	}{
		{"off", store.BruteForce{Enabled: &off}, "192.0.2.1", ""},
		{"more attempts", store.BruteForce{MaxAttempts: 11}, "192.0.2.1", ""},
		{"fewer attempts", store.BruteForce{MaxAttempts: 3}, "192.0.2.1", "account"},
		{"pair, elsewhere", store.BruteForce{Mode: "count_per_identifier_and_ip"}, "198.51.100.7", ""},
		{"identifier, elsewhere", store.BruteForce{Mode: "count_per_identifier"}, "198.51.100.7", "account"},
		{"allowed address", store.BruteForce{Allowlist: []string{"nonsense", "192.0.2.1"}}, "192.0.2.1", ""},
		{"allowed range", store.BruteForce{Allowlist: []string{"192.0.2.0/24"}}, "192.0.2.1", ""},
		{"another range", store.BruteForce{Allowlist: []string{"198.51.100.0/24"}}, "192.0.2.1", "account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, _ := open(t)
			s := store.TenantSettings{BruteForce: c.settings}
			fail(t, l, s, "192.0.2.1", "a@example.com", 10)
			if got := refused(t, l, s, c.ip, "a@example.com"); got != c.want {
				t.Errorf("refused %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnIPv6CustomerIsOneAddress(t *testing.T) {
	l, _ := open(t)
	s := store.TenantSettings{}
	for i := range 10 {
		fail(t, l, s, fmt.Sprintf("2001:db8:1:2::%x", i+1), "a@example.com", 1)
	}
	for ip, want := range map[string]string{"2001:db8:1:2:ffff::1": "account", "2001:db8:1:3::1": "", "::ffff:192.0.2.1": ""} {
		if got := refused(t, l, s, ip, "a@example.com"); got != want {
			t.Errorf("%s: refused %q, want %q", ip, got, want)
		}
	}
	fail(t, l, s, "::ffff:192.0.2.1", "b@example.com", 10)
	if got := refused(t, l, s, "192.0.2.1", "b@example.com"); got != "account" {
		t.Errorf("an IPv4 address in IPv6 form counts apart: refused %q", got)
	}
}

func TestAnAddressIsThrottledAndEarnsTriesBack(t *testing.T) {
	l, c := open(t)
	s := store.TenantSettings{}
	for i := range 100 {
		fail(t, l, s, "192.0.2.1", fmt.Sprintf("user%d@example.com", i), 1)
	}
	if got := refused(t, l, s, "192.0.2.1", "new@example.com"); got != "address" {
		t.Fatalf("after 100 failures: refused %q, want address", got)
	}
	if got := refused(t, l, s, "192.0.2.2", "new@example.com"); got != "" {
		t.Errorf("another address is refused: %s", got)
	}
	if n := count(t, l, events.AddressBlocked); n != 1 {
		t.Errorf("%d events limit_mu, want 1", n)
	}
	c.add(864000*time.Millisecond - time.Millisecond)
	if got := refused(t, l, s, "192.0.2.1", "new@example.com"); got != "address" {
		t.Errorf("a try was earned back a millisecond early: %q", got)
	}
	c.add(time.Millisecond)
	if got := refused(t, l, s, "192.0.2.1", "new@example.com"); got != "" {
		t.Errorf("after 864000 ms: refused %q", got)
	}
	fail(t, l, s, "192.0.2.1", "new@example.com", 1)
	if got := refused(t, l, s, "192.0.2.1", "other@example.com"); got != "address" {
		t.Errorf("one try was earned and used: refused %q, want address", got)
	}
	c.add(24 * time.Hour)
	for i := range 100 {
		if got := refused(t, l, s, "192.0.2.1", "new@example.com"); got != "" {
			t.Fatalf("after a day, failure %d: refused %q", i, got)
		}
		fail(t, l, s, "192.0.2.1", fmt.Sprintf("again%d@example.com", i), 1)
	}
	if got := refused(t, l, s, "192.0.2.1", "new@example.com"); got != "address" {
		t.Errorf("the second day's 100: refused %q, want address", got)
	}
}

func TestSignupsAreLimited(t *testing.T) {
	l, c := open(t)
	ctx := from(t, "192.0.2.1")
	for i := range 50 {
		if err := l.CountSignup(ctx, store.TenantSettings{}); err != nil {
			t.Fatalf("sign-up %d: %v", i+1, err)
		}
	}
	for range 3 {
		e, ok := errors.AsType[*problem.Error](l.CountSignup(ctx, store.TenantSettings{}))
		if !ok || e.Status != 429 || e.Code != "too_many_requests" || e.RetryAfter < time.Second || e.RetryAfter > 2*time.Second {
			t.Fatalf("sign-up 51: %+v, want 429 too_many_requests with a second or two", e)
		}
	}
	if err := l.CountSignup(from(t, "192.0.2.2"), store.TenantSettings{}); err != nil {
		t.Errorf("another address: %v", err)
	}
	c.add(1200 * time.Millisecond)
	if err := l.CountSignup(ctx, store.TenantSettings{}); err != nil {
		t.Errorf("after 1200 ms: %v", err)
	}
	if err := l.CountSignup(ctx, store.TenantSettings{}); err == nil {
		t.Error("one sign-up was earned back, two were allowed")
	}
	off := false
	if err := l.CountSignup(ctx, store.TenantSettings{SuspiciousIP: store.SuspiciousIP{Enabled: &off}}); err != nil {
		t.Errorf("switched off: %v", err)
	}
}

// The counter's arithmetic is SQL, so it is held against a bucket written here, on whichever database is under test.
func TestTheCounterIsALeakingBucket(t *testing.T) {
	l, c := open(t)
	const refill = 1000
	var count, leftover int64 // leftover: milliseconds towards the next fall
	for i, pause := range []int64{0, 0, 0, 300, 300, 300, 300, 1, 2500, 0, 0, 999, 1, 0, 60000, 0, 1000, 1000, 1999, 1} {
		c.add(time.Duration(pause) * time.Millisecond)
		leftover += pause
		fallen := leftover / refill
		leftover %= refill
		if count -= fallen; count <= 0 {
			count, leftover = 0, 0
		}
		before, _, err := l.DB.Attempts(t.Context(), "k", refill*time.Millisecond)
		if err != nil || before != count {
			t.Fatalf("step %d: the counter reads %d (%v), want %d", i, before, err, count)
		}
		count++
		var got int64
		err = l.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.CountAttempt(t.Context(), "k", refill*time.Millisecond, time.Hour)
			return err
		})
		if err != nil || got != count {
			t.Fatalf("step %d: counted to %d (%v), want %d", i, got, err, count)
		}
	}
}

func TestEveryFailureAtOnceIsCounted(t *testing.T) {
	l, _ := open(t)
	s := store.TenantSettings{}
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			ctx := from(t, "192.0.2.1")
			if err := l.Failed(ctx, limits.For(ctx, s, "a@example.com")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n, _, err := l.DB.Attempts(t.Context(), "login 192.0.2.1 a@example.com", 0)
	if err != nil || n != 40 {
		t.Errorf("%d of 40 failures were counted, %v", n, err)
	}
	if n := count(t, l, events.AccountBlocked); n != 1 {
		t.Errorf("%d events limit_wc, want one", n)
	}
}
