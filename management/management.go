// Package management is what an administrator does to a tenant: it knows the defaults that the service fills in and the
// values that it refuses. The shell verbs and the tenant of proofkey dev stand on it, and the Management API will.
//
// A change made through [Admin] is checked as a whole, after it was applied to the row as it is now, and its event (sapi) is
// written in its transaction: no change without its record, no record without its change. Secrets and passwords never get
// into one. A refusal says what to change; errors.Is finds store.ErrNotFound and store.ErrConflict in it.
package management

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Admin changes one tenant.
type Admin struct {
	DB *store.DB
	// Channel says in the events how the administrator came in, such as "shell".
	Channel string
}

// Record writes the event of a change into its transaction. e says what was done and to whom; the rest is filled in.
func (a *Admin) Record(ctx context.Context, tx *store.Tx, e store.Event) error {
	stamp := events.Of(ctx, events.ManagementSucceeded)
	e.ID, e.Date, e.Type, e.TransactionID = stamp.ID, stamp.Date, stamp.Type, stamp.TransactionID
	e.IP, e.UserAgent, e.Hostname = stamp.IP, stamp.UserAgent, stamp.Hostname
	details := map[string]any{"channel": a.Channel}
	maps.Copy(details, e.Details)
	e.Details = details
	return tx.AddEvent(ctx, e)
}

// refusal is a sentence for the administrator, with the kind of error behind it.
type refusal struct {
	text string
	kind error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }

// refuse puts a sentence in the place of err where err is of the kind; other errors and nil stay.
func refuse(err, kind error, format string, args ...any) error {
	if !errors.Is(err, kind) {
		return err
	}
	return &refusal{fmt.Sprintf(format, args...), kind}
}

// Mistakes are everything that is wrong with a value, at once.
type Mistakes []error

func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, err := range m {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// mistakes collects what is wrong.
type mistakes struct{ all Mistakes }

func (m *mistakes) add(err error) {
	if err != nil {
		m.all = append(m.all, err)
	}
}

func (m *mistakes) addf(format string, args ...any) {
	m.all = append(m.all, fmt.Errorf(format, args...))
}

func (m *mistakes) err() error {
	if len(m.all) == 0 {
		return nil
	}
	return m.all
}

// plain is the public sentence of a refusal that was made for the wire.
func plain(err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return errors.New(strings.TrimSuffix(p.Message, "."))
	}
	return err
}

const maxName = 300

func checkName(what, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("the %s needs a name", what)
	case len(name) > maxName:
		return fmt.Errorf("the name of the %s is over %d bytes", what, maxName)
	case strings.ContainsAny(name, "<>"):
		return fmt.Errorf("the name of the %s must not contain < or >", what)
	}
	return nil
}
