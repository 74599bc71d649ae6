package store

import "context"

// DatabaseStrategy is that of connections whose users are in this database.
const DatabaseStrategy = "auth0"

// ConnectionByID reads a connection by id.
func (q Queries) ConnectionByID(ctx context.Context, id string) (Connection, error) {
	return one(ctx, q, scanConnection, `SELECT `+connectionColumns+` FROM connections WHERE id = $1`, id)
}

// DeleteConnection removes a connection with its users and what is theirs, and its accounts from the users of others. The
// refresh tokens of the users are revoked; they stay behind only to be refused by name.
func (tx *Tx) DeleteConnection(ctx context.Context, id string) error {
	name, err := one(ctx, tx.Queries, scanString, `DELETE FROM connections WHERE id = $1 RETURNING name`, id)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $2, revoked_why = 'connection deleted'
		WHERE user_id IN (SELECT id FROM users WHERE connection = $1) AND revoked_at IS NULL`, name, ms(tx.Now())); err != nil {
		return err
	}
	own, err := one(ctx, tx.Queries, scanInt, `SELECT count(*) FROM users WHERE connection = $1 AND linked_to IS NULL`, name)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM users WHERE connection = $1`, name); err != nil {
		return err
	}
	tx.users -= own
	_, err = tx.exec(ctx, `DELETE FROM identities WHERE connection = $1`, name)
	return err
}

// SaveClientSettings replaces an application's settings where its origins stay.
func (tx *Tx) SaveClientSettings(ctx context.Context, id string, s ClientSettings) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE clients SET settings = $2, updated_at = $3 WHERE id = $1`, id, doc(s), ms(tx.Now()))
}
