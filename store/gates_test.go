package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

var errLost = errors.New("lost")

// invited is the ticket of the invitation that the racers accept.
var invited atomic.Value

// gates are the statements that decide something once: of racers that ask at the same time one wins, and the others learn
// that they lost.
var gates = map[string]struct {
	make func(ctx context.Context, tx *store.Tx) error
	pass func(ctx context.Context, tx *store.Tx, i int) error
	lost error
}{
	"a code is spent": {
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			return tx.SpendCode(ctx, store.Code{ID: "code"}, "")
		},
		lost: store.ErrSpent,
	},
	"a refresh token is rotated": {
		make: makeFamily,
		pass: func(ctx context.Context, tx *store.Tx, i int) error {
			return won(tx.RotateRefresh(ctx, store.Rotation{
				FamilyID: "family", Spent: hash(0), Next: hash(byte(i + 1)), Successor: hash(byte(i + 1)), Rotating: true,
			}))
		},
		lost: errLost,
	},
	"a family is revoked": {
		make: makeFamily,
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			return won(tx.RevokeRefreshFamily(ctx, "family", "test"))
		},
		lost: errLost,
	},
	"a job is taken up": {
		make: func(ctx context.Context, tx *store.Tx) error {
			return tx.CreateJob(ctx, &store.Job{ID: "job", Type: "x", Status: store.JobPending, Queued: true}, 0)
		},
		pass: func(ctx context.Context, tx *store.Tx, i int) error {
			_, err := tx.ClaimJob(ctx, "job", fmt.Sprint(i), time.Now().Add(time.Hour))
			return err
		},
		lost: store.ErrJobLost,
	},
	"a ticket is used": {
		make: func(ctx context.Context, tx *store.Tx) error {
			return tx.CreateTicket(ctx, "kind", "secret", "subject", time.Hour)
		},
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			_, err := tx.UseTicket(ctx, "kind", "secret")
			return err
		},
		lost: store.ErrNotFound,
	},
	"an invitation is accepted": {
		make: func(ctx context.Context, tx *store.Tx) error {
			i := store.Invitation{OrganizationID: "org", ClientID: "app", ExpiresAt: tx.Now().Add(time.Hour)}
			err := errors.Join(makeHolder(ctx, tx), tx.CreateOrganization(ctx, &store.Organization{ID: "org", Name: "org"}),
				tx.CreateInvitation(ctx, &i))
			invited.Store(i.Ticket)
			return err
		},
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			_, err := tx.UseInvitation(ctx, invited.Load().(string))
			return err
		},
		lost: store.ErrNotFound,
	},
	"an organization's name is taken": {
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			return tx.CreateOrganization(ctx, &store.Organization{Name: "acme"})
		},
		lost: store.ErrConflict,
	},
	"a grant is made": {
		make: makeHolder,
		pass: func(ctx context.Context, tx *store.Tx, i int) error {
			_, err := tx.WidenGrant(ctx, store.Grant{UserID: "auth0|u", ClientID: "app", Scope: fmt.Sprint("s", i)}, "")
			return err
		},
		lost: store.ErrConflict,
	},
	"an e-mail address is taken": {
		pass: func(ctx context.Context, tx *store.Tx, _ int) error {
			return tx.CreateUser(ctx, &store.User{Connection: "c", Email: "One@example.com"})
		},
		lost: store.ErrConflict,
	},
	"a signing key becomes current": {
		pass: func(ctx context.Context, tx *store.Tx, i int) error {
			return tx.AddKey(ctx, store.SigningKey{Kid: fmt.Sprint("k", i), Alg: "RS256", State: store.KeyCurrent, Certificate: hash(1)})
		},
		lost: store.ErrConflict,
	},
	"a session ends": {
		make: func(ctx context.Context, tx *store.Tx) error {
			if err := makeHolder(ctx, tx); err != nil {
				return err
			}
			now := tx.Now()
			return tx.CreateSession(ctx, store.Session{ID: "session", SecretHash: hash(1), UserID: "auth0|u", AuthTime: now,
				CreatedAt: now, ActiveAt: now, ExpiresAt: now.Add(time.Hour), IdleExpiresAt: now.Add(time.Hour)})
		},
		pass: func(ctx context.Context, tx *store.Tx, _ int) error { return won(tx.EndSession(ctx, "session")) },
		lost: errLost,
	},
}

func won(won bool, err error) error {
	if err == nil && !won {
		return errLost
	}
	return err
}

// hash stands for the SHA-256 of a token.
func hash(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func makeFamily(ctx context.Context, tx *store.Tx) error {
	return tx.CreateRefreshFamily(ctx, &store.RefreshFamily{ID: "family", UserID: "auth0|u", ClientID: "app", Rotating: true, TokenHash: hash(0)})
}

func makeHolder(ctx context.Context, tx *store.Tx) error {
	return errors.Join(
		tx.CreateUser(ctx, &store.User{ID: "auth0|u", Connection: "c", Email: "u@example.com"}),
		tx.CreateClient(ctx, &store.Client{ID: "app", Name: "App"}, nil))
}

func TestGatesAdmitOne(t *testing.T) {
	for name, gate := range gates {
		t.Run(name, func(t *testing.T) {
			const racers = 12
			for round := range 2 {
				db := open(t)
				if gate.make != nil {
					write(t, db, gate.make)
				}
				errs := race(racers, func(i int) error {
					return db.Write(context.Background(), func(tx *store.Tx) error { return gate.pass(t.Context(), tx, i) })
				})
				got := verdicts(errs)
				if got["won"] != 1 || got[gate.lost.Error()] != racers-1 {
					t.Fatalf("round %d: outcomes %v; want one winner and %d times %q", round, got, racers-1, gate.lost)
				}
			}
		})
	}
}

// TestTheRowIsTheWinners: what a lost rotation brought must not be in the row.
func TestTheRowIsTheWinners(t *testing.T) {
	db := open(t)
	write(t, db, makeFamily)
	errs := race(12, func(i int) error {
		return db.Write(context.Background(), func(tx *store.Tx) error { return gates["a refresh token is rotated"].pass(t.Context(), tx, i) })
	})
	winner := hash(byte(slices.Index(errs, nil) + 1))
	f, err := db.RefreshFamily(t.Context(), "family")
	if err != nil {
		t.Fatal(err)
	}
	if f.Counter != 1 || !bytes.Equal(f.TokenHash, winner) || !bytes.Equal(f.Successor, winner) || !bytes.Equal(f.PreviousHash, hash(0)) {
		t.Errorf("counter %d, living %.4x, successor %.4x, previous %.4x; want 1, the winner's %.4x twice and 00000000",
			f.Counter, f.TokenHash, f.Successor, f.PreviousHash, winner)
	}
	for name, r := range map[string]store.Rotation{
		"another token": {FamilyID: "family", Counter: 1, Spent: hash(99), Next: hash(98)},
		"another count": {FamilyID: "family", Counter: 0, Spent: winner, Next: hash(98)},
	} {
		err := db.Write(t.Context(), func(tx *store.Tx) error { return won(tx.RotateRefresh(t.Context(), r)) })
		if !errors.Is(err, errLost) {
			t.Errorf("a rotation with %s: %v, want it lost", name, err)
		}
	}
}

// TestRevocationIsFinal: once a revocation is answered no rotation wins, and none that won before is undone.
func TestRevocationIsFinal(t *testing.T) {
	for range 4 {
		db := open(t)
		write(t, db, makeFamily)
		revoked := make(chan struct{})
		rotations := race(4, func(i int) error {
			if i == 0 {
				defer close(revoked)
				time.Sleep(time.Millisecond)
				return db.Write(context.Background(), func(tx *store.Tx) error { return won(tx.RevokeRefreshFamily(t.Context(), "family", "test")) })
			}
			for {
				over := false
				select {
				case <-revoked:
					over = true
				default:
				}
				f, err := db.RefreshFamily(t.Context(), "family")
				if err != nil {
					return err
				}
				err = db.Write(context.Background(), func(tx *store.Tx) error {
					return won(tx.RotateRefresh(t.Context(), store.Rotation{FamilyID: "family", Counter: f.Counter, Spent: f.TokenHash,
						Next: hash(byte(f.Counter + 1)), Successor: hash(1), Rotating: true}))
				})
				switch {
				case over && err == nil:
					return errors.New("a rotation won after the revocation was answered")
				case over:
					return nil
				case err != nil && !errors.Is(err, errLost):
					return err
				}
			}
		})
		if err := errors.Join(rotations...); err != nil {
			t.Fatal(err)
		}
		f, err := db.RefreshFamily(t.Context(), "family")
		if err != nil || f.RevokedAt.IsZero() || f.RevokedWhy != "test" {
			t.Fatalf("the family is revoked at %v for %q, %v", f.RevokedAt, f.RevokedWhy, err)
		}
	}
}

// TestWideningLosesNoScope: each racer adds its own scope to what it read; in the end the grant has all of them.
func TestWideningLosesNoScope(t *testing.T) {
	db := open(t)
	write(t, db, makeHolder)
	errs := race(10, func(i int) error {
		for {
			held, err := db.Grant(t.Context(), "auth0|u", "app", "api")
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			wider := store.Grant{UserID: "auth0|u", ClientID: "app", Audience: "api", Scope: strings.TrimSpace(held.Scope + fmt.Sprint(" s", i))}
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.WidenGrant(t.Context(), wider, held.Scope)
				return err
			})
			if !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	g, err := db.Grant(t.Context(), "auth0|u", "app", "api")
	if n := len(strings.Fields(g.Scope)); err != nil || n != 10 {
		t.Errorf("the grant has %d scopes (%s), %v; want all ten", n, g.Scope, err)
	}
}

// TestEveryAttemptCounts: no two failures are given the same number, so the limit cannot be outrun.
func TestEveryAttemptCounts(t *testing.T) {
	db := open(t)
	counts := race(40, func(int) (n int64) {
		err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
			n, err = tx.CountAttempt(t.Context(), "address", time.Hour, time.Hour)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return n
	})
	slices.Sort(counts)
	for i, n := range counts {
		if n != int64(i+1) {
			t.Fatalf("40 attempts were counted as %v, want 1 to 40", counts)
		}
	}
}
