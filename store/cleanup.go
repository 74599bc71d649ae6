package store

import (
	"context"
	"time"
)

// cleanups remove what no answer depends on any more, a bounded number of rows at a time: those before $1,
// at most $2.
var cleanups = []struct {
	text   string
	before func(now int64) int64
}{
	{`DELETE FROM spent_codes WHERE id IN (SELECT id FROM spent_codes WHERE expires_at < $1 LIMIT $2)`, skewed},
	{`DELETE FROM spent_assertions WHERE hash IN (SELECT hash FROM spent_assertions WHERE expires_at < $1 LIMIT $2)`, skewed},
	{`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)`, atOnce},
	{`DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE expires_at < $1 LIMIT $2)`, atOnce},
	{`DELETE FROM job_files WHERE (job_id, position) IN (SELECT job_id, position FROM job_files WHERE job_id IN
		(SELECT id FROM jobs WHERE expires_at < $1 OR (type = 'users_import' AND status IN ('completed', 'failed'))) LIMIT $2)`, atOnce},
	{`DELETE FROM job_users WHERE (job_id, user_id) IN (SELECT job_id, user_id FROM job_users WHERE job_id IN
		(SELECT id FROM jobs WHERE expires_at < $1 OR status IN ('completed', 'failed')) LIMIT $2)`, atOnce},
	{`DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM job_files f WHERE f.job_id = jobs.id)
		AND NOT EXISTS (SELECT 1 FROM job_users u WHERE u.job_id = jobs.id) LIMIT $2)`, atOnce},
	{`DELETE FROM tickets WHERE hash IN (SELECT hash FROM tickets WHERE expires_at < $1 LIMIT $2)`, skewed},
	{`DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens WHERE expires_at < $1 LIMIT $2)`, ended},
	{`DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens WHERE revoked_at < $1 LIMIT $2)`, ended},
}

const (
	// clockSkew is how far behind another node's clock may be: to it, what we know as expired may still be good, and the
	// mark that it was spent is all that stops a second use.
	clockSkew = 2 * time.Hour
	// endedKept is how long an ended family is kept, so that the use of one of its tokens is still known as theft.
	endedKept = 30 * 24 * time.Hour
)

func atOnce(now int64) int64 { return now }
func skewed(now int64) int64 { return now - clockSkew.Milliseconds() }
func ended(now int64) int64  { return now - endedKept.Milliseconds() }

// CleanUp removes at most limit expired rows of each kind, and as many events from before the retention. It says how many
// went in all.
func (tx *Tx) CleanUp(ctx context.Context, retention time.Duration, limit int) (int64, error) {
	all, err := tx.exec(ctx, `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1 ORDER BY id LIMIT $2)`,
		eventsFrom(tx.Now().Add(-retention)), limit)
	for _, c := range cleanups {
		if err != nil {
			return all, err
		}
		var n int64
		n, err = tx.exec(ctx, c.text, c.before(tx.Now().UnixMilli()), limit)
		all += n
	}
	return all, err
}
