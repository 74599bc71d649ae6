package store

import (
	"context"
	"errors"
	"time"
)

// noRefill is the refill, in milliseconds, of a counter that does not fall.
const noRefill = int64(1) << 60

// Attempts reads an attack counter as it stands now, and the time at which it falls by one (zero when it does not).
func (q Queries) Attempts(ctx context.Context, key string, refill time.Duration) (count int64, falls time.Time, err error) {
	type row struct{ count, updated int64 }
	now := q.Now().UnixMilli()
	r, err := one(ctx, q, func(s scanner) (r row, err error) { return r, s.Scan(&r.count, &r.updated) },
		`SELECT count, updated_at FROM attempts WHERE key = $1 AND expires_at > $2`, key, now)
	step := refill.Milliseconds()
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, time.Time{}, nil
	case err != nil || step <= 0:
		return r.count, time.Time{}, err
	}
	fallen := max(0, now-r.updated) / step
	return max(0, r.count-fallen), time.UnixMilli(r.updated + (fallen+1)*step).UTC(), nil
}

// AttemptsOf lists the keys of the attack counters that begin and end so and have reached a count, for whoever does not
// know what is between.
func (q Queries) AttemptsOf(ctx context.Context, prefix, suffix string, least int64) ([]string, error) {
	return many(ctx, q, scanString, `SELECT key FROM attempts WHERE substr(key, 1, length($1)) = $1
		AND length(key) > length($1) + length($2) AND substr(key, length(key) - length($2) + 1) = $2
		AND count >= $3 AND expires_at > $4 ORDER BY key`, prefix, suffix, least, ms(q.Now()))
}

// CountAttempt adds one to an attack counter, after letting it fall by one for every refill that passed since its last
// change (refill 0: it does not fall), and returns the new count. The counter runs out after keep without a change.
func (tx *Tx) CountAttempt(ctx context.Context, key string, refill, keep time.Duration) (int64, error) {
	now := tx.Now().UnixMilli()
	step := refill.Milliseconds()
	if step <= 0 {
		step = noRefill
	}
	// Integer division leaves the started refill behind: updated_at moves by whole steps only, except at a restart.
	return one(ctx, tx.Queries, scanInt, `INSERT INTO attempts (key, count, updated_at, expires_at) VALUES ($1, 1, $2, $4)
		ON CONFLICT (key) DO UPDATE SET
			count = 1 + CASE
				WHEN attempts.expires_at <= $2 OR attempts.count <= ($2 - attempts.updated_at) / $3 THEN 0
				ELSE attempts.count - ($2 - attempts.updated_at) / $3 END,
			updated_at = CASE
				WHEN attempts.expires_at <= $2 OR attempts.count <= ($2 - attempts.updated_at) / $3 THEN $2
				ELSE attempts.updated_at + (($2 - attempts.updated_at) / $3) * $3 END,
			expires_at = $4
		RETURNING count`, key, now, step, now+keep.Milliseconds())
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

// ForgetAttemptsOf clears the attack counters whose key begins and ends so, for whoever does not know what is between.
func (tx *Tx) ForgetAttemptsOf(ctx context.Context, prefix, suffix string) error {
	_, err := tx.exec(ctx, `DELETE FROM attempts WHERE substr(key, 1, length($1)) = $1 AND length(key) > length($1) + length($2)
		AND substr(key, length(key) - length($2) + 1) = $2`, prefix, suffix)
	return err
}
