package token_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// The population of TestDevices. With -short (and so under the race detector) it is a twentieth.
const (
	devices       = 10_000
	usersOfThem   = 200 // so that no user comes near the limit of 200 families
	exchangesEach = 4
	atOnce        = 24
)

// device is a phone: it keeps its newest refresh token and knows what it kept before.
type device struct {
	*tenant
	dice   *rand.Rand
	held   string
	former []string
	seen   *population
}

// population counts what happened, so that the test can show that everything did.
type population struct{ exchanges, lost, duplicated, killed, thefts atomic.Int64 }

// TestDevices is the promise of rotation, at the HTTP surface: of ten thousand devices, whose answers get lost (5 %), whose
// requests are sent twice or thrice at once (10 %), or are cut off while the server works on them (5 %), none is signed out;
// and each time that a spent token is presented after its successor was used, the family ends.
func TestDevices(t *testing.T) {
	count := devices
	if testing.Short() {
		count /= 20
	}
	tt := open(t)
	tt.setClient("native", rotating)
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		for i := range usersOfThem {
			u := store.User{ID: fmt.Sprintf("auth0|%d", i), Connection: store.DefaultConnection}
			if err := tx.CreateUser(ctx, &u); err != nil {
				return err
			}
		}
		return nil
	})
	var seen population
	var next atomic.Int64
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(count) && !t.Failed(); i = next.Add(1) - 1 {
				d := device{tenant: tt, dice: rand.New(rand.NewPCG(1, uint64(i))), seen: &seen}
				d.live(fmt.Sprintf("auth0|%d", i%usersOfThem))
			}
		})
	}
	wg.Wait()
	tt.flush()
	reuse, err := tt.db.Events(t.Context(), store.EventFilter{Type: "ferrt", Limit: count})
	if err != nil || int64(len(reuse)) != seen.thefts.Load() {
		t.Errorf("%d thefts are in the log (%v), %d were committed", len(reuse), err, seen.thefts.Load())
	}
	t.Logf("%d devices: %d exchanges, %d answers lost, %d sent more than once, %d cut off, %d thefts",
		count, seen.exchanges.Load(), seen.lost.Load(), seen.duplicated.Load(), seen.killed.Load(), seen.thefts.Load())
}

func (d *device) live(userID string) {
	// An ES256 API and no openid: what is tried here is the rotation, and RSA would take most of the time.
	code := login(func(c *store.Code) {
		c.UserID, c.Audience, c.Scope = userID, "https://quick.example.com/", []string{"offline_access"}
	})
	a := d.post(codeForm(d.db.SealCode(code)))
	if d.held = a.text("refresh_token"); d.held == "" {
		d.Errorf("a login was answered %s", a)
		return
	}
	for range exchangesEach {
		if !d.exchange() {
			return
		}
	}
	if d.dice.IntN(10) == 0 {
		d.steal()
	}
}

// exchange renews the token, through whatever happens on the way; false when the device was signed out.
func (d *device) exchange() bool {
	d.seen.exchanges.Add(1)
	var lost string
	switch fate := d.dice.IntN(100); {
	case fate < 5: // the server has done its work, and nobody hears of it
		d.seen.lost.Add(1)
		lost = d.post(refreshForm(d.held)).text("refresh_token")
	case fate < 10: // the connection or the process ends in the middle of it
		d.seen.killed.Add(1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(d.dice.IntN(2000))*time.Microsecond)
		lost = d.do(form("/oauth/token", refreshForm(d.held)).WithContext(ctx)).text("refresh_token")
		cancel()
	}
	copies := 1
	if d.dice.IntN(100) < 10 {
		d.seen.duplicated.Add(1)
		copies = 2 + d.dice.IntN(2)
	}
	answers := make([]answer, copies)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = d.post(refreshForm(d.held)) })
	}
	wg.Wait()
	for _, a := range answers {
		switch got := a.text("refresh_token"); {
		case a.status != http.StatusOK || got == "":
			d.Errorf("an honest device was answered %s", a)
			return false
		case got != answers[0].text("refresh_token") || lost != "" && got != lost:
			d.Errorf("one token was given two successors")
			return false
		}
	}
	d.former = append(d.former, d.held)
	d.held = answers[0].text("refresh_token")
	return true
}

// steal presents a spent token whose successor was used: the thief gets nothing, and the family ends.
func (d *device) steal() {
	d.seen.thefts.Add(1)
	stolen := d.former[d.dice.IntN(len(d.former)-1)]
	for _, token := range []string{stolen, d.held} {
		if a := d.post(refreshForm(token)); a.status != http.StatusForbidden || a.text("error_description") != invalidRefreshToken {
			d.Errorf("after a theft a token was answered %s", a)
		}
	}
}
