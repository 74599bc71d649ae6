package store

import "context"

// cleanups remove what no answer depends on any more, a bounded number of rows at a time. $1 is now, $2 a time after which
// revoked refresh tokens need not be told apart from unknown ones, $3 the bound.
var cleanups = []string{
	`DELETE FROM spent_codes WHERE id IN (SELECT id FROM spent_codes WHERE expires_at < $1 AND $2 > 0 LIMIT $3)`,
	`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 AND $2 > 0 LIMIT $3)`,
	`DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE expires_at < $1 AND $2 > 0 LIMIT $3)`,
	`DELETE FROM tickets WHERE hash IN (SELECT hash FROM tickets WHERE expires_at < $1 AND $2 > 0 LIMIT $3)`,
	`DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens WHERE expires_at < $2 AND $1 > 0 LIMIT $3)`,
}

// revokedKept is how long an ended family is kept, so that the use of one of its tokens is still known as theft: 30 days.
const revokedKept = 30 * 24 * 3600 * 1000

// CleanUp removes at most limit expired rows of each kind and says how many went in all.
func (tx *Tx) CleanUp(ctx context.Context, limit int) (int64, error) {
	now := tx.Now().UnixMilli()
	var all int64
	for _, text := range cleanups {
		n, err := tx.exec(ctx, text, now, now-revokedKept, limit)
		if err != nil {
			return all, err
		}
		all += n
	}
	return all, nil
}
