package store

import (
	"context"
	"fmt"
)

// EventQuery picks events, the newest first.
type EventQuery struct {
	Where *Condition // nil: all
	// After, where it is set, is the id of the event behind which to go on; the oldest come first then.
	After     string
	Ascending bool
	Offset    int
	Limit     int // 0: 50
}

// eventFields are what events can be searched by.
var eventFields = map[string]userField{
	"log_id":         {"events.id", exactText},
	"_id":            {"events.id", exactText},
	"date":           {"events.date", instant},
	"type":           {"events.type", exactText},
	"user_id":        {"events.user_id", exactText},
	"client_id":      {"events.client_id", exactText},
	"transaction_id": {"events.transaction_id", exactText},
	"correlation_id": {"events.correlation_id", exactText},
	"user_name":      {"events.record ->> 'user_name'", exactText},
	"client_name":    {"events.record ->> 'client_name'", exactText},
	"connection":     {"events.record ->> 'connection'", exactText},
	"strategy":       {"events.record ->> 'strategy'", exactText},
	"description":    {"events.record ->> 'description'", exactText},
	"audience":       {"events.record ->> 'audience'", exactText},
	"ip":             {"events.record ->> 'ip'", exactText},
	"hostname":       {"events.record ->> 'hostname'", exactText},
	"user_agent":     {"events.record ->> 'user_agent'", exactText},
}

func (s EventQuery) where() (string, []any, error) {
	c := &clause{}
	text := `id > ` + c.arg(s.After)
	if s.Where == nil {
		return text, c.args, nil
	}
	more, err := c.event(*s.Where)
	return text + ` AND ` + more, c.args, err
}

// event is the text of a condition on events; ErrField where there is no such field.
func (c *clause) event(w Condition) (string, error) {
	if w.Op == And || w.Op == Or || w.Op == Not {
		var parts []string
		for _, of := range w.Of {
			text, err := c.event(of)
			if err != nil {
				return "", err
			}
			parts = append(parts, text)
		}
		return join(w.Op, parts)
	}
	f, ok := eventFields[w.Field]
	switch {
	case !ok:
		return "", ErrField
	case f.kind == instant:
		return c.scalar(f, w)
	}
	return c.text(f.expr, w)
}

// SearchEvents lists the events that a query picks.
func (q Queries) SearchEvents(ctx context.Context, s EventQuery) ([]Event, error) {
	where, args, err := s.where()
	if err != nil {
		return nil, err
	}
	if s.Limit <= 0 {
		s.Limit = 50
	}
	order := ` DESC`
	if s.Ascending {
		order = ``
	}
	args = append(args, s.Limit, s.Offset)
	return many(ctx, q, scanEvent, `SELECT record FROM events WHERE `+where+
		fmt.Sprintf(` ORDER BY id%s LIMIT $%d OFFSET $%d`, order, len(args)-1, len(args)), args...)
}

// CountEvents counts the events that a query picks on all pages.
func (q Queries) CountEvents(ctx context.Context, s EventQuery) (int, error) {
	where, args, err := s.where()
	if err != nil {
		return 0, err
	}
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM events WHERE `+where, args...)
	return int(n), err
}

// EventByID reads an event.
func (q Queries) EventByID(ctx context.Context, id string) (Event, error) {
	return one(ctx, q, scanEvent, `SELECT record FROM events WHERE id = $1`, id)
}

func scanEvent(r scanner) (e Event, err error) { return e, r.Scan(docInto{&e}) }
