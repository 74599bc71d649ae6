package api

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/proofkey/proofkey/events/explain"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) logs() []operation {
	return []operation{
		{"GET", "/logs", "Search log events", "", h.listLogs},
		{"GET", "/logs/{id}", "Get a log event", "", h.getLog},
		{"GET", "/logs/{id}/explanation", "Explain a transaction", "", h.explainLog},
		{"GET", "/users/{id}/logs", "List the log events of a user", "", h.listUserLogs},
	}
}

var noLog = notFound("", "The log event does not exist.")

// explainLog is an addition of Proofkey's: why a transaction ended as it did. Its id is that of an event or of the
// transaction, or a correlation id.
func (h *Handler) explainLog(ctx context.Context, c *call) (any, error) {
	if err := h.Events.Flush(ctx); err != nil { // who asks has just seen the failure
		return nil, err
	}
	x, err := explain.Explain(ctx, h.DB.Queries, c.vars["id"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, noLog
	}
	return x, err
}

// isLogID says whether a checkpoint is the id of an event: these are digits only, and no other checkpoint is.
func isLogID(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "0123456789") == ""
}

// showEvent is an event under the names of the service.
func showEvent(e store.Event) (document, error) {
	d, err := toDocument(e)
	if err != nil {
		return nil, err
	}
	d["_id"], d["date"] = e.ID, stamp(e.Date)
	d["isMobile"] = strings.Contains(e.UserAgent, "Mobi")
	if e.Strategy == store.DatabaseStrategy {
		d["strategy_type"] = "database"
	}
	var caller document
	if json.Unmarshal([]byte(e.Auth0Client), &caller) == nil && caller != nil {
		d["auth0_client"] = caller
	}
	return d, nil
}

func showEvents(all []store.Event) ([]document, error) {
	shown := make([]document, len(all))
	for i, e := range all {
		var err error
		if shown[i], err = showEvent(e); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// listLogs answers a page of a search, or walks forward from an event, which searches nothing.
func (h *Handler) listLogs(ctx context.Context, c *call) (any, error) {
	if !c.page.checkpoint {
		q := c.query.Get("q")
		if q == "" {
			q = c.query.Get("search")
		}
		return h.searchLogs(ctx, c, q, nil)
	}
	walk := store.EventQuery{Ascending: true, Limit: c.page.limit}
	if len(c.page.after) > 0 {
		walk.After = c.page.after[0]
	}
	found, err := h.DB.SearchEvents(ctx, walk)
	if err != nil {
		return nil, err
	}
	shown, err := showEvents(found)
	for i, d := range shown {
		shown[i] = c.fields.of(d)
	}
	return shown, err
}

func (h *Handler) searchLogs(ctx context.Context, c *call, q string, also []store.Condition) (any, error) {
	all := store.Condition{Op: store.And, Of: also}
	if q = strings.TrimSpace(q); q != "" {
		w, err := parseSearch(q)
		if err != nil {
			return nil, err
		}
		all.Of = append(all.Of, w)
	}
	query := store.EventQuery{Offset: c.page.offset, Limit: c.page.limit}
	if len(all.Of) > 0 {
		query.Where = &all
	}
	switch c.query.Get("sort") {
	case "", "date:-1":
	case "date:1":
		query.Ascending = true
	default:
		return nil, queryError("String does not match pattern ^date:(1|-1)$", "sort")
	}
	var l listing
	var err error
	if c.page.limit > 0 {
		found, err := h.DB.SearchEvents(ctx, query)
		if err != nil {
			return nil, searchError(err)
		}
		if l.items, err = showEvents(found); err != nil {
			return nil, err
		}
	}
	if c.page.totals {
		l.extra = document{"length": len(l.items)}
		l.total, err = h.DB.CountEvents(ctx, query)
	}
	return l, searchError(err)
}

func (h *Handler) getLog(ctx context.Context, c *call) (any, error) {
	e, err := h.DB.EventByID(ctx, c.vars["id"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, noLog
	}
	if err != nil {
		return nil, err
	}
	return showEvent(e)
}

func (h *Handler) listUserLogs(ctx context.Context, c *call) (any, error) {
	return h.searchLogs(ctx, c, "", []store.Condition{{Op: store.Is, Field: "user_id", Value: c.vars["id"]}})
}
