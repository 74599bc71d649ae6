package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

const retention = 40 * 24 * time.Hour

// cleanUp runs one round and returns how many rows went.
func cleanUp(t *testing.T, db *store.DB, limit int) (n int64) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		n, err = tx.CleanUp(ctx, retention, limit)
		return err
	})
	return n
}

// TestCleanUpKeepsWhatIsNeeded walks the clock past the end of each kind of row. The row must be there just before its
// time, counting what is kept for the sake of others, and gone after it.
func TestCleanUpKeepsWhatIsNeeded(t *testing.T) {
	start := time.Now()
	at := start
	const day = 24 * time.Hour
	for name, kind := range map[string]struct {
		make  func(ctx context.Context, tx *store.Tx) error
		there func(ctx context.Context, q store.Queries) error
		kept  time.Duration // from the start; 0: for ever
	}{
		"a spent code, for nodes whose clock is behind": {
			func(ctx context.Context, tx *store.Tx) error {
				return tx.SpendCode(ctx, store.Code{ID: "c", ExpiresAt: start.Add(5 * time.Minute).UnixMilli()}, "")
			},
			func(ctx context.Context, q store.Queries) error { return found(q.CodeSpent(ctx, "c")) },
			5*time.Minute + 2*time.Hour,
		},
		"a replayed code, for the access token behind it": {
			func(ctx context.Context, tx *store.Tx) error {
				err := tx.SpendCode(ctx, store.Code{ID: "c", ExpiresAt: start.Add(5 * time.Minute).UnixMilli()}, "")
				if err == nil {
					_, err = tx.ReplayCode(ctx, "c")
				}
				return err
			},
			func(ctx context.Context, q store.Queries) error { return found(q.CodeReplayed(ctx, "c")) },
			30*day + 2*time.Hour,
		},
		"a session": {
			func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(makeHolder(ctx, tx), tx.CreateSession(ctx, store.Session{ID: "s", SecretHash: hash(1), UserID: "auth0|u",
					AuthTime: start, CreatedAt: start, ActiveAt: start, ExpiresAt: start.Add(day), IdleExpiresAt: start.Add(time.Hour)}))
			},
			func(ctx context.Context, q store.Queries) error { _, err := q.Session(ctx, "s"); return err },
			day,
		},
		"a family that ends, to tell its end from a forgery": {
			func(ctx context.Context, tx *store.Tx) error {
				return tx.CreateRefreshFamily(ctx, &store.RefreshFamily{ID: "f", TokenHash: hash(1), ExpiresAt: start.Add(day)})
			},
			theFamily, day + 30*day,
		},
		"a revoked family without an end, to know theft": {
			func(ctx context.Context, tx *store.Tx) error {
				err := tx.CreateRefreshFamily(ctx, &store.RefreshFamily{ID: "f", TokenHash: hash(1)})
				if err == nil {
					_, err = tx.RevokeRefreshFamily(ctx, "f", "test")
				}
				return err
			},
			theFamily, 30 * day,
		},
		"an event, as long as its retention": {
			func(ctx context.Context, tx *store.Tx) error {
				return tx.AddEvent(ctx, store.Event{ID: store.NewEventID(start), Date: start, Type: "s", TransactionID: "t", UserID: "auth0|u", CorrelationID: "c"})
			},
			func(ctx context.Context, q store.Queries) error {
				all, err := q.Events(ctx, store.EventFilter{})
				return found(len(all) == 1, err)
			},
			retention,
		},
		"a living family without an end": {
			func(ctx context.Context, tx *store.Tx) error {
				return tx.CreateRefreshFamily(ctx, &store.RefreshFamily{ID: "f", TokenHash: hash(1)})
			},
			theFamily, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			at = start
			db := openAt(t, fresh(t), func() time.Time { return at })
			write(t, db, kind.make)
			at = start.Add(kind.kept - time.Minute)
			if kind.kept == 0 {
				at = start.Add(3650 * day)
			}
			cleanUp(t, db, 100)
			if err := kind.there(t.Context(), db.Queries); err != nil {
				t.Errorf("%v after the start: %v, want it kept", at.Sub(start), err)
			}
			at = at.Add(2 * time.Minute)
			cleanUp(t, db, 100)
			if err := kind.there(t.Context(), db.Queries); kind.kept > 0 && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v after the start: %v, want it gone", at.Sub(start), err)
			}
		})
	}
}

func found(there bool, err error) error {
	if err == nil && !there {
		return store.ErrNotFound
	}
	return err
}

func theFamily(ctx context.Context, q store.Queries) error {
	_, err := q.RefreshFamily(ctx, "f")
	return err
}

// TestCleanUpIsBounded: one round removes no more of a kind than it was allowed, so that nobody waits for it long.
func TestCleanUpIsBounded(t *testing.T) {
	at := time.Now()
	db := openAt(t, fresh(t), func() time.Time { return at })
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for i := range 25 {
			if _, err := tx.CountAttempt(ctx, fmt.Sprint(i), 0, time.Hour); err != nil {
				return err
			}
		}
		return nil
	})
	at = at.Add(2 * time.Hour)
	for round, want := range []int64{10, 10, 5, 0} {
		if n := cleanUp(t, db, 10); n != want {
			t.Errorf("round %d removed %d of 25 rows at most ten at a time, want %d", round, n, want)
		}
	}
}
