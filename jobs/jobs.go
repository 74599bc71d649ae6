// Package jobs does what no request waits for: it removes expired rows, and imports and exports users. Every node may run it:
// a clean-up is idempotent and bounded, so nodes that meet only share it, and a job is done by whoever holds its lease.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/proofkey/proofkey/store"
)

const (
	pause = time.Minute
	// batch bounds the rows of one kind that one transaction removes, so that no login waits behind it noticeably.
	batch = 200
	// idle is how many times as long as a batch took is left to others before the next one.
	idle = 4
	// Retention is how long events are kept where nobody says otherwise.
	Retention = 30 * 24 * time.Hour
)

// Run cleans up until ctx ends. Events are kept for the retention.
func Run(ctx context.Context, db *store.DB, retention time.Duration, log *slog.Logger) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n, err := CleanUp(ctx, db, retention); err != nil && ctx.Err() == nil {
			log.Error("clean-up failed", "error", err)
		} else if n > 0 {
			log.Debug("clean-up", "rows", n)
		}
	}
}

// CleanUp removes all that has expired, batch by batch.
func CleanUp(ctx context.Context, db *store.DB, retention time.Duration) (total int64, err error) {
	for {
		began := time.Now()
		var n int64
		err := db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.CleanUp(ctx, retention, batch)
			return err
		})
		total += n
		if err != nil || n < batch {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(idle * time.Since(began)):
		}
	}
}
