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
)

// Run cleans up until ctx ends.
func Run(ctx context.Context, db *store.DB, log *slog.Logger) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n, err := CleanUp(ctx, db); err != nil && ctx.Err() == nil {
			log.Error("clean-up failed", "error", err)
		} else if n > 0 {
			log.Debug("clean-up", "rows", n)
		}
	}
}

// CleanUp removes all that has expired, batch by batch.
func CleanUp(ctx context.Context, db *store.DB) (total int64, err error) {
	for {
		var n int64
		err := db.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.CleanUp(ctx, batch)
			return err
		})
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}
