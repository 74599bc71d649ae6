package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
)

// ClientCredential is the kind of the documents that hold applications' keys and certificates; each belongs to its
// application.
const ClientCredential = "client_credential"

// ClientKey is a public key by which an application proves itself.
type ClientKey struct {
	Kid, Alg, PEM string
	ExpiresAt     time.Time // zero: never
}

// ClientKeys reads the keys that an application's authentication method names.
func (q Queries) ClientKeys(ctx context.Context, c Client) ([]ClientKey, error) {
	var all []ClientKey
	for _, id := range c.Settings.AssertionKeys {
		d, err := q.Document(ctx, ClientCredential, id)
		if errors.Is(err, ErrNotFound) || err == nil && d.Parent != c.ID {
			continue
		}
		if err != nil {
			return nil, err
		}
		text := func(name string) string { s, _ := d.Body[name].(string); return s }
		k := ClientKey{Kid: text("kid"), Alg: text("alg"), PEM: text("pem")}
		if end := text("expires_at"); end != "" {
			if k.ExpiresAt, err = time.Parse(time.RFC3339Nano, end); err != nil {
				continue // better no key than one without its end
			}
		}
		all = append(all, k)
	}
	return all, nil
}

// SpendAssertion notes that an application's assertion was used; ErrSpent if it was before. It is forgotten after its end.
func (tx *Tx) SpendAssertion(ctx context.Context, clientID, jti string, expires time.Time) error {
	sum := sha256.Sum256([]byte(clientID + "\x00" + jti))
	return tx.exec1(ctx, ErrSpent, `INSERT INTO spent_assertions (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		sum[:], ms(expires))
}
