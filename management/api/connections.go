package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) connections() []operation {
	return []operation{
		{"GET", "/connections", "List connections", "", h.listConnections},
		{"POST", "/connections", "Create a connection", connectionKind, h.createConnection},
		{"GET", "/connections/{id}", "Get a connection", "", h.getConnection},
		{"PATCH", "/connections/{id}", "Update a connection", connectionKind, h.updateConnection},
		{"DELETE", "/connections/{id}", "Delete a connection", "", h.deleteConnection},
		{"GET", "/connections/{id}/clients", "List the clients of a connection", "", h.listConnectionClients},
		{"PATCH", "/connections/{id}/clients", "Update the clients of a connection", anyBody, h.updateConnectionClients},
		{"GET", "/clients/{id}/connections", "List the connections of a client", "", h.listClientConnections},
	}
}

// connectionKind names both the entity and the kind of its documents, whose options are sealed: they hold secrets.
const connectionKind = "connection"

var noConnection = notFound("inexistent_connection", "The connection does not exist")

func findConnection(ctx context.Context, q store.Queries, id string) (store.Connection, document, error) {
	row, err := q.ConnectionByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return row, nil, noConnection
	}
	if err != nil {
		return row, nil, err
	}
	body, err := connectionBody(ctx, q, row)
	return row, body, err
}

// connectionBody is the connection as its administrators said it.
func connectionBody(ctx context.Context, q store.Queries, row store.Connection) (document, error) {
	d, err := q.Document(ctx, connectionKind, row.ID)
	if errors.Is(err, store.ErrNotFound) { // made by another door
		return sayConnection(row, completeConnection(row, document{})), nil
	}
	if err != nil {
		return nil, err
	}
	options := document{}
	if err := json.Unmarshal([]byte(d.Secret), &options); err != nil {
		return nil, fmt.Errorf("options of connection %s: %w", row.ID, err)
	}
	return sayConnection(row, merge(d.Body, document{"options": options})), nil
}

func putConnection(ctx context.Context, tx *store.Tx, row store.Connection, body document) error {
	options, err := json.Marshal(body["options"])
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	kept := merge(body, document{"options": nil, "enabled_clients": nil})
	return tx.PutDocument(ctx, &store.Document{Kind: connectionKind, ID: row.ID, Body: kept, Secret: string(options)})
}

// showConnection completes what was said to what is answered.
func showConnection(q store.Queries, row store.Connection, body document, clients []store.Client) document {
	enabled := []string{}
	for _, c := range clients {
		if c.Settings.AllowsConnection(row.Name) {
			enabled = append(enabled, c.ID)
		}
	}
	out := merge(body, document{"id": row.ID, "name": row.Name, "strategy": row.Strategy, "enabled_clients": enabled})
	if options, ok := out["options"].(map[string]any); ok {
		out["options"] = masked(q, row.ID, options)
	}
	return out
}

func (h *Handler) listConnections(ctx context.Context, c *call) (any, error) {
	all, err := h.shownConnections(ctx, func(row store.Connection) bool {
		return matchesAny(c.query["strategy"], row.Strategy) && matchesAny(c.query["name"], row.Name)
	})
	if err != nil {
		return nil, err
	}
	return pageOf(c.page, all, func(d document) string { return text(d, "id") }), nil
}

func matchesAny(wanted []string, v string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, v)
}

func (h *Handler) shownConnections(ctx context.Context, wanted func(store.Connection) bool) (all []document, err error) {
	rows, err := h.DB.Connections(ctx)
	if err != nil {
		return nil, err
	}
	clients, err := linkedClients(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b store.Connection) int { return cmp.Compare(a.ID, b.ID) })
	for _, row := range rows {
		if !wanted(row) {
			continue
		}
		body, err := connectionBody(ctx, h.DB.Queries, row)
		if err != nil {
			return nil, err
		}
		all = append(all, showConnection(h.DB.Queries, row, body, clients))
	}
	return all, nil
}

func (h *Handler) getConnection(ctx context.Context, c *call) (any, error) {
	row, body, err := findConnection(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	clients, err := linkedClients(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	return showConnection(h.DB.Queries, row, body, clients), nil
}

// checkOptions holds the options that were sent against the table of the strategy.
func (c *call) checkOptions(strategy string) error {
	entity := "connection.options[" + strategy + "]"
	options, sent := c.object()["options"]
	if !sent || schemas()[entity] == nil {
		return nil
	}
	return c.validate(entity, options, "options")
}

func (h *Handler) createConnection(ctx context.Context, c *call) (any, error) {
	sent := c.object()
	row := store.Connection{ID: c.stated, Name: text(sent, "name"), Strategy: text(sent, "strategy")}
	if !knownStrategy(row.Strategy) {
		return nil, payloadError("No enum match for: "+cut(row.Strategy, 64), "strategy")
	}
	if err := c.checkOptions(row.Strategy); err != nil {
		return nil, err
	}
	body := completeConnection(row, merge(nil, merge(sent, document{"name": nil, "strategy": nil, "enabled_clients": nil})))
	if err := checkAttributes(nil, body); err != nil {
		return nil, err
	}
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		made := row
		if err := applyConnection(&made, body); err != nil {
			return err
		}
		// A new connection is nobody's until somebody says so, not that of every application that did not choose.
		if err := choose(ctx, tx); err != nil {
			return err
		}
		if err := tx.CreateConnection(ctx, &made); errors.Is(err, store.ErrConflict) {
			return conflict("A connection with the same name already exists.")
		} else if err != nil {
			return err
		}
		c.target = made.ID
		var err error
		shown, err = saveConnection(ctx, tx, made, body, sent)
		return err
	})
	return shown, err
}

// saveConnection keeps what was said and enables the applications that were named.
func saveConnection(ctx context.Context, tx *store.Tx, row store.Connection, body, sent document) (document, error) {
	if err := putConnection(ctx, tx, row, body); err != nil {
		return nil, err
	}
	if _, named := sent["enabled_clients"]; named {
		if err := enableOnly(ctx, tx, row, texts(sent, "enabled_clients")); err != nil {
			return nil, err
		}
	}
	clients, err := linkedClients(ctx, tx.Queries)
	if err != nil {
		return nil, err
	}
	return showConnection(tx.Queries, row, body, clients), nil
}

// applyConnection puts what a document says into the row and refuses what the running system could not do.
func applyConnection(row *store.Connection, body document) error {
	row.Settings = settingsOf(row.Strategy, body)
	if err := management.CheckConnection(*row); err != nil {
		return badBody("%s", err.Error())
	}
	return nil
}

func (h *Handler) updateConnection(ctx context.Context, c *call) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		row, old, err := findConnection(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		if err := c.checkOptions(row.Strategy); err != nil {
			return err
		}
		sent := c.object()
		body := merge(old, merge(sent, document{"enabled_clients": nil}))
		if options, ok := sent["options"].(map[string]any); ok {
			body["options"] = unmasked(tx.Queries, row.ID, options, old)
			completeOptions(row.Strategy, body)
		}
		if err := checkAttributes(old, body); err != nil {
			return err
		}
		if err := applyConnection(&row, body); err != nil {
			return err
		}
		if err := tx.SaveConnection(ctx, &row); err != nil {
			return err
		}
		shown, err = saveConnection(ctx, tx, row, body, sent)
		return err
	})
	return shown, err
}

// deleteConnection answers at once what the service does in the background; its users go with it.
func (h *Handler) deleteConnection(ctx context.Context, c *call) (any, error) {
	err := c.change(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionByID(ctx, c.vars["id"])
		if errors.Is(err, store.ErrNotFound) {
			return noConnection
		}
		if err != nil {
			return err
		}
		if err := enable(ctx, tx, row, func(string, bool) bool { return false }); err != nil {
			return err
		}
		if err := forgetDirectory(ctx, tx, row.Name); err != nil {
			return err
		}
		for _, kind := range append(provisioned, connectionKind) {
			if err := tx.DeleteDocument(ctx, kind, row.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return tx.DeleteConnection(ctx, row.ID)
	})
	if err != nil {
		c.Status = http.StatusNoContent
		return nil, gone(err)
	}
	return document{"deleted_at": stamp(h.DB.Now())}, nil
}

// forgetDirectory takes a connection out of the tenant's settings.
func forgetDirectory(ctx context.Context, tx *store.Tx, name string) error {
	t, err := tx.Tenant(ctx)
	if err != nil || t.Settings.DefaultDirectory != name {
		return err
	}
	t.Settings.DefaultDirectory = ""
	return tx.SaveTenantSettings(ctx, t.Settings)
}
