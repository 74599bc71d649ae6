package store

import (
	"context"
	"encoding/hex"
	"errors"
)

// Sealed says how many secrets a database holds sealed, and which of them its key does not open.
type Sealed struct {
	Secrets int64
	Broken  []string // the first of them, as column and row
}

// brokenShown bounds how many are named.
const brokenShown = 20

// sealedColumns are all columns that are sealed, with the query for the row that each value is bound to and the value.
var sealedColumns = []struct{ column, text string }{
	{"clients.secret", `SELECT id, secret FROM clients WHERE secret IS NOT NULL`},
	{"resource_servers.signing_secret", `SELECT id, signing_secret FROM resource_servers WHERE signing_secret IS NOT NULL`},
	{"documents.secret", `SELECT kind || ' ' || id, secret FROM documents WHERE secret IS NOT NULL`},
	{"organization_invitations.ticket", `SELECT id, ticket FROM organization_invitations`},
	{"signing_keys.private_key", `SELECT kid, private_key FROM signing_keys WHERE private_key IS NOT NULL`},
	{dashboardTokens, `SELECT hash, tokens FROM dashboard_sessions`},
}

// sealed opens every sealed value, one at a time.
func (q Queries) sealed(ctx context.Context) (all Sealed, err error) {
	for _, s := range sealedColumns {
		rows, err := q.conn.query(ctx, s.text)
		if err != nil {
			return all, err
		}
		for rows.Next() {
			var row any
			var value []byte
			if err := rows.Scan(&row, &value); err != nil {
				return all, errors.Join(err, rows.Close())
			}
			name, isText := row.(string)
			if b, ok := row.([]byte); ok && !isText {
				name = hex.EncodeToString(b)
			}
			all.Secrets++
			if _, err := q.seal.openColumn(s.column, name, value); err != nil && len(all.Broken) < brokenShown {
				all.Broken = append(all.Broken, s.column+" of "+name)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return all, err
		}
	}
	return all, nil
}
