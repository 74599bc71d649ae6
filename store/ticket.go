package store

import (
	"context"
	"crypto/sha256"
	"time"
)

// CreateTicket stores a single-use link's secret by its hash; subject says for whom or what it is.
func (tx *Tx) CreateTicket(ctx context.Context, kind, secret, subject string, life time.Duration) error {
	h := sha256.Sum256([]byte(secret))
	return tx.exec1(ctx, ErrConflict, `INSERT INTO tickets (hash, kind, subject, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, h[:], kind, subject, ms(tx.Now()), ms(tx.Now().Add(life)))
}

// Ticket reads the subject of a ticket that can still be used.
func (q Queries) Ticket(ctx context.Context, kind, secret string) (subject string, err error) {
	h := sha256.Sum256([]byte(secret))
	return one(ctx, q, scanString, `SELECT subject FROM tickets WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3`,
		h[:], kind, ms(q.Now()))
}

// DeadTicket reads the subject of a ticket that was used or is too old, for the record of the attempt, until it is cleaned up.
func (q Queries) DeadTicket(ctx context.Context, kind, secret string) (subject string, err error) {
	h := sha256.Sum256([]byte(secret))
	return one(ctx, q, scanString, `SELECT subject FROM tickets WHERE hash = $1 AND kind = $2 AND (used_at IS NOT NULL OR expires_at <= $3)`,
		h[:], kind, ms(q.Now()))
}

// UseTicket is the gate of a single-use link: one caller gets its subject, all others ErrNotFound.
func (tx *Tx) UseTicket(ctx context.Context, kind, secret string) (subject string, err error) {
	h := sha256.Sum256([]byte(secret))
	return one(ctx, tx.Queries, scanString, `UPDATE tickets SET used_at = $3
		WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3 RETURNING subject`, h[:], kind, ms(tx.Now()))
}

// UseTickets uses up all tickets of a kind.
func (tx *Tx) UseTickets(ctx context.Context, kind string) error {
	_, err := tx.exec(ctx, `UPDATE tickets SET used_at = $2 WHERE kind = $1 AND used_at IS NULL`, kind, ms(tx.Now()))
	return err
}

// TicketsMade says whether a ticket of the kind was ever made.
func (q Queries) TicketsMade(ctx context.Context, kind string) (bool, error) {
	n, err := one(ctx, q, scanInt, `SELECT COUNT(*) FROM tickets WHERE kind = $1`, kind)
	return n > 0, err
}
