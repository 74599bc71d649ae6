package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver that looks into the file
)

// lookOver is what no database may have, each as a query that returns one text for what is wrong. The first two hold on
// both engines because a change and its event are one transaction.
var lookOver = []struct{ rule, query string }{
	{"each step of a refresh token has its event", `SELECT f.id || ' has the number ' || CAST(f.counter AS TEXT) || ' and ' || CAST(count(e.id) AS TEXT) || ' events'
		FROM refresh_tokens f LEFT JOIN events e ON e.type = 'sertft' AND e.user_id = f.user_id
			AND e.record -> 'details' ->> 'familyId' = f.id AND e.record -> 'details' ->> 'exchange' = 'rotated'
		GROUP BY f.id, f.counter HAVING count(e.id) <> f.counter LIMIT 5`},
	{"a code is exchanged once", `SELECT record -> 'details' ->> 'access_token_jti' FROM events WHERE type = 'seacft'
		GROUP BY record -> 'details' ->> 'access_token_jti' HAVING count(*) > 1 LIMIT 5`},
	{"an address is one user's", `SELECT lower(email) FROM users WHERE email IS NOT NULL GROUP BY connection, lower(email) HAVING count(*) > 1 LIMIT 5`},
	{"a user has an identity", `SELECT id FROM users WHERE linked_to IS NULL AND NOT EXISTS
		(SELECT 1 FROM identities WHERE identities.user_id = users.id) LIMIT 5`},
	{"the users are counted", `SELECT CAST(counted AS TEXT) || ' are counted, there are ' || CAST(there AS TEXT) FROM
		(SELECT (SELECT sum(users) FROM user_counts) AS counted, (SELECT count(*) FROM users WHERE linked_to IS NULL) AS there) AS c WHERE counted <> there`},
}

// audit looks over the database once nobody uses it.
func (r *run) audit(ctx context.Context) (err error) {
	driver, source, rules := "pgx", r.site.database, lookOver
	if path, ok := strings.CutPrefix(source, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+path
		rules = append(rules[:len(rules):len(rules)],
			struct{ rule, query string }{"the file is sound", `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 5`},
			struct{ rule, query string }{"no row refers to what is not there", `SELECT "table" FROM pragma_foreign_key_check LIMIT 5`})
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return errors.New("open the database")
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, l := range rules {
		rows, err := db.QueryContext(ctx, l.query)
		if err != nil {
			return fmt.Errorf("%s: %w", l.rule, err)
		}
		for rows.Next() {
			var wrong string
			if err := rows.Scan(&wrong); err != nil {
				return errors.Join(err, rows.Close())
			}
			r.violated("%s, but: %s", l.rule, wrong)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("%s: %w", l.rule, err)
		}
	}
	return nil
}
