package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"
)

// Event is one record of the tenant's log: one per outcome, under the names of Auth0's log schema. It never holds a secret.
type Event struct {
	ID            string    `json:"log_id"`
	Date          time.Time `json:"date"`
	Type          string    `json:"type"`
	Description   string    `json:"description,omitempty"`
	TransactionID string    `json:"transaction_id,omitempty"`
	CorrelationID string    `json:"correlation_id,omitempty"` // the application's own, as it sent it
	ClientID      string    `json:"client_id,omitempty"`
	ClientName    string    `json:"client_name,omitempty"`
	UserID        string    `json:"user_id,omitempty"`
	UserName      string    `json:"user_name,omitempty"`
	Connection    string    `json:"connection,omitempty"`
	Strategy      string    `json:"strategy,omitempty"`
	// OrganizationID and OrganizationName are the organization that somebody signed in to.
	OrganizationID   string         `json:"organization_id,omitempty"`
	OrganizationName string         `json:"organization_name,omitempty"`
	Audience         string         `json:"audience,omitempty"`
	Scope            string         `json:"scope,omitempty"`
	IP               string         `json:"ip,omitempty"`
	UserAgent        string         `json:"user_agent,omitempty"`
	Hostname         string         `json:"hostname,omitempty"`
	Auth0Client      string         `json:"auth0_client,omitempty"`
	Details          map[string]any `json:"details,omitempty"`
}

// NewEventID makes an id that sorts by time: digits only, in the form of Auth0's log ids.
func NewEventID(at time.Time) string {
	var b [8]byte
	rand.Read(b[:])
	at = at.UTC()
	return fmt.Sprintf("9002%s%06d%012d", at.Format("20060102150405"), at.Nanosecond()/1000,
		binary.BigEndian.Uint64(b[:])%1_000_000_000_000)
}

// AddEvent writes an event in the transaction of the change it records. Texts are clipped, and what looks like a secret is
// taken out.
func (tx *Tx) AddEvent(ctx context.Context, e Event) error {
	e = e.recordable()
	_, err := tx.exec(ctx, `INSERT INTO events (id, date, type, transaction_id, correlation_id, client_id, user_id, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, e.ID, ms(e.Date), e.Type, null(e.TransactionID), null(e.CorrelationID),
		null(e.ClientID), null(e.UserID), doc(e))
	return err
}

// EventFilter picks events; empty fields pick all.
type EventFilter struct {
	Type, UserID, TransactionID, CorrelationID string

	Before string // an event's id
	Limit  int    // 0: 100
}

// Events lists events, the newest first.
func (q Queries) Events(ctx context.Context, f EventFilter) ([]Event, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	if f.Before == "" {
		f.Before = "9003"
	}
	where, args := `id < $1`, []any{f.Before}
	for _, c := range [][2]string{{"type", f.Type}, {"user_id", f.UserID}, {"transaction_id", f.TransactionID}, {"correlation_id", f.CorrelationID}} {
		if c[1] != "" {
			args = append(args, c[1])
			where += fmt.Sprintf(` AND %s = $%d`, c[0], len(args))
		}
	}
	args = append(args, f.Limit)
	return many(ctx, q, scanEvent,
		`SELECT record FROM events WHERE `+where+fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(args)), args...)
}
