package store

import (
	"context"
	"errors"
	"time"
)

// Attempts reads an attack counter; 0 when there is none or it has run out.
func (q Queries) Attempts(ctx context.Context, key string) (count int64, updated time.Time, err error) {
	type row struct {
		count   int64
		updated time.Time
	}
	r, err := one(ctx, q, func(s scanner) (r row, err error) { return r, s.Scan(&r.count, msInto{&r.updated}) },
		`SELECT count, updated_at FROM attempts WHERE key = $1 AND expires_at > $2`, key, ms(q.Now()))
	if errors.Is(err, ErrNotFound) {
		return 0, time.Time{}, nil
	}
	return r.count, r.updated, err
}

// CountAttempt adds one to an attack counter, after letting it fall by one for every refill that passed since its last
// change (refill 0: it does not fall), and returns the new count. The counter runs out after keep without a change.
func (tx *Tx) CountAttempt(ctx context.Context, key string, refill, keep time.Duration) (int64, error) {
	now := tx.Now().UnixMilli()
	step := refill.Milliseconds()
	if step <= 0 {
		step = 1 << 60
	}
	// Integer division leaves the started refill behind: updated_at moves by whole steps only, except at a restart.
	return one(ctx, tx.Queries, scanInt, `INSERT INTO attempts (key, count, updated_at, expires_at) VALUES ($1, 1, $2, $4)
		ON CONFLICT (key) DO UPDATE SET
			count = 1 + CASE
				WHEN attempts.expires_at <= $2 OR attempts.count <= ($2 - attempts.updated_at) / $3 THEN 0
				ELSE attempts.count - ($2 - attempts.updated_at) / $3 END,
			updated_at = CASE
				WHEN $3 = $5 OR attempts.expires_at <= $2 OR attempts.count <= ($2 - attempts.updated_at) / $3 THEN $2
				ELSE attempts.updated_at + (($2 - attempts.updated_at) / $3) * $3 END,
			expires_at = $4
		RETURNING count`, key, now, step, now+keep.Milliseconds(), int64(1<<60))
}

// ForgetAttempts clears attack counters, for a successful login or an administrator's unblock.
func (tx *Tx) ForgetAttempts(ctx context.Context, keys ...string) error {
	for _, k := range keys {
		if _, err := tx.exec(ctx, `DELETE FROM attempts WHERE key = $1`, k); err != nil {
			return err
		}
	}
	return nil
}
