package token

import (
	"bytes"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

var testKey = refreshKey(bytes.Repeat([]byte{7}, 32))

func TestSuccessorsOpenForTheirHolderOnly(t *testing.T) {
	spent := newRefreshToken()
	next := spent.next()
	sealed, err := spent.seal(next)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := spent.open(sealed); err != nil || got != next {
		t.Errorf("the holder of the spent token opened %v, %v", got, err)
	}
	other, changed := spent, spent
	other.secret[0] ^= 1
	changed.counter++
	for name, t2 := range map[string]refreshToken{"another secret": other, "another counter": changed, "the successor": next} {
		if _, err := t2.open(sealed); err == nil {
			t.Errorf("with %s it opened too", name)
		}
	}
	for _, n := range []int{0, 10, len(sealed) - 1} {
		if _, err := spent.open(sealed[:n]); err == nil {
			t.Errorf("%d bytes of it opened", n)
		}
	}
	if bytes.Contains(sealed, next.secret[:]) {
		t.Error("the successor is readable in the row")
	}
}

func TestStandings(t *testing.T) {
	zero := newRefreshToken()
	one := zero.next()
	two := one.next()
	fork := zero.next()
	now := time.Now()
	row := store.RefreshFamily{Counter: 1, TokenHash: one.hash(), PreviousHash: zero.hash(), RotatedAt: now, ExchangedAt: now}
	used := row
	used.ExchangedAt = now.Add(time.Second)
	fresh := store.RefreshFamily{TokenHash: zero.hash(), ExchangedAt: now}
	for _, c := range []struct {
		name  string
		row   store.RefreshFamily
		token refreshToken
		after time.Duration
		want  standing
	}{
		{"the first token", fresh, zero, time.Hour, living},
		{"the newest", row, one, time.Hour, living},
		{"just spent", row, zero, 59 * time.Second, retried},
		{"just spent, by a clock behind ours", row, zero, -time.Second, retried},
		{"spent a minute ago", row, zero, time.Minute, stolen},
		{"spent, and the successor used", used, zero, 2 * time.Second, stolen},
		{"of a fork that lost", row, fork, 0, stolen},
		{"newer than the row", row, two, 0, unknown},
	} {
		if got := standingOf(c.row, c.token, time.Minute, now.Add(c.after)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := standingOf(row, zero, 0, now.Add(-time.Second)); got != stolen {
		t.Errorf("without a window a retry is %d, want %d", got, stolen)
	}
}

func FuzzRefreshToken(f *testing.F) {
	t1 := newRefreshToken()
	f.Add(testKey.text(t1))
	f.Add(testKey.text(t1.next()) + "A")
	f.Add("v1.")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := testKey.parse(text)
		if err == nil && testKey.text(parsed) != text {
			t.Errorf("%q was taken for %q", text, testKey.text(parsed))
		}
		if _, err := refreshKey("another").parse(text); err == nil {
			t.Errorf("%q is genuine under another key", text)
		}
	})
}

func FuzzBearerHeader(f *testing.F) {
	for _, s := range []string{"Bearer abc", "bearer  a.b.c==", "Bearer", "Bearer a b", "Basic abc", "Bearer \x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, err := bearerHeader([]string{header})
		if err == nil && len(token) >= len(header) && token != "" {
			t.Errorf("%q gave %q", header, token)
		}
	})
}
