package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/proofkey/proofkey/store"
)

// An application's row names the connections whose users may sign in to it, and both enabled_clients and the lists of
// clients are read from there, so that they agree. An application that names none has all: it did not choose. The first
// thing that is chosen for it writes the list down.

// maxEnabling bounds how many applications a PATCH may name.
const maxEnabling = 50

// linkedClients are the applications, by id, but for the one that stands for all.
func linkedClients(ctx context.Context, q store.Queries) ([]store.Client, error) {
	clients, err := q.Clients(ctx)
	if err != nil {
		return nil, err
	}
	global, err := globalClientID(ctx, q)
	return slices.DeleteFunc(clients, func(c store.Client) bool { return c.ID == global }), err
}

// choose writes down for every application that has all connections which these are.
func choose(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Connections(ctx)
	if err != nil {
		return err
	}
	clients, err := tx.Clients(ctx)
	if err != nil {
		return err
	}
	for _, c := range clients {
		if c.Settings.Connections != nil {
			continue
		}
		c.Settings.Connections = ordered(rows, namesOf(rows))
		if err := tx.SaveClientSettings(ctx, c.ID, c.Settings); err != nil {
			return err
		}
	}
	return nil
}

func namesOf(rows []store.Connection) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
	}
	return names
}

// ordered puts databases first, and the tenant's own before them: the first is the one that the login form is for.
func ordered(rows []store.Connection, names []string) []string {
	rank := func(name string) int {
		if name == store.DefaultConnection {
			return 0
		}
		if slices.ContainsFunc(rows, func(c store.Connection) bool { return c.Name == name && c.Strategy == store.DatabaseStrategy }) {
			return 1
		}
		return 2
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

// enable asks for every application whether the connection is to be enabled for it, telling whether it is.
func enable(ctx context.Context, tx *store.Tx, row store.Connection, wanted func(clientID string, is bool) bool) error {
	rows, err := tx.Connections(ctx)
	if err != nil {
		return err
	}
	clients, err := linkedClients(ctx, tx.Queries)
	if err != nil {
		return err
	}
	for _, c := range clients {
		is := c.Settings.AllowsConnection(row.Name)
		want := wanted(c.ID, is)
		if is == want {
			continue
		}
		names := slices.Clone(c.Settings.Connections)
		if names == nil && is {
			names = namesOf(rows)
		}
		if want {
			names = append(names, row.Name)
		} else {
			names = slices.DeleteFunc(names, func(name string) bool { return name == row.Name })
		}
		c.Settings.Connections = ordered(rows, names)
		if err := tx.SaveClientSettings(ctx, c.ID, c.Settings); err != nil {
			return err
		}
	}
	return nil
}

// enableOnly enables a connection for these applications and no others.
func enableOnly(ctx context.Context, tx *store.Tx, row store.Connection, ids []string) error {
	if err := knownClients(ctx, tx, ids); err != nil {
		return err
	}
	return enable(ctx, tx, row, func(id string, _ bool) bool { return slices.Contains(ids, id) })
}

func knownClients(ctx context.Context, tx *store.Tx, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Client(ctx, id); errors.Is(err, store.ErrNotFound) {
			return noClient
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) listConnectionClients(ctx context.Context, c *call) (any, error) {
	row, err := h.DB.ConnectionByID(ctx, c.vars["id"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, noConnection
	}
	if err != nil {
		return nil, err
	}
	clients, err := linkedClients(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, client := range clients {
		if client.Settings.AllowsConnection(row.Name) {
			all = append(all, document{"client_id": client.ID})
		}
	}
	return pageOf(c.page, all, func(d document) string { return text(d, "client_id") }), nil
}

func (h *Handler) updateConnectionClients(ctx context.Context, c *call) (any, error) {
	wanted, err := readEnabling(c.body)
	if err != nil {
		return nil, err
	}
	return nil, c.change(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionByID(ctx, c.vars["id"])
		if errors.Is(err, store.ErrNotFound) {
			return noConnection
		}
		if err != nil {
			return err
		}
		for id := range wanted {
			if err := knownClients(ctx, tx, []string{id}); err != nil {
				return err
			}
		}
		return enable(ctx, tx, row, func(id string, is bool) bool {
			if want, named := wanted[id]; named {
				return want
			}
			return is
		})
	})
}

// readEnabling reads [{client_id, status}].
func readEnabling(body any) (map[string]bool, error) {
	list, ok := body.([]any)
	switch {
	case !ok:
		return nil, payloadError("Expected type array but found type "+kindOf(body), "")
	case len(list) == 0:
		return nil, payloadError("Array is too short (0), minimum 1", "")
	case len(list) > maxEnabling:
		return nil, payloadError(fmt.Sprintf("Array is too long (%d), maximum %d", len(list), maxEnabling), "")
	}
	wanted := map[string]bool{}
	for i, v := range list {
		at := fmt.Sprintf("[%d]", i)
		entry, ok := v.(map[string]any)
		if !ok {
			return nil, payloadError("Expected type object but found type "+kindOf(v), at)
		}
		for name := range entry {
			if name != "client_id" && name != "status" {
				return nil, payloadError("Additional properties not allowed: "+cut(name, 100), at)
			}
		}
		id, isText := entry["client_id"].(string)
		if !isText {
			return nil, payloadError("Missing required property: client_id", at)
		}
		status, isBool := entry["status"].(bool)
		if !isBool {
			return nil, payloadError("Missing required property: status", at)
		}
		wanted[id] = status
	}
	return wanted, nil
}

func (h *Handler) listClientConnections(ctx context.Context, c *call) (any, error) {
	client, err := h.DB.Client(ctx, c.vars["id"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, noClient
	}
	if err != nil {
		return nil, err
	}
	all, err := h.shownConnections(ctx, func(row store.Connection) bool {
		return client.Settings.AllowsConnection(row.Name) && matchesAny(c.query["strategy"], row.Strategy)
	})
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		delete(d, "enabled_clients")
	}
	return pageOf(c.page, all, func(d document) string { return text(d, "id") }), nil
}

// connectionsOfNew is what a new application begins with: all connections, which is nil, or none where the tenant says so.
func connectionsOfNew(ctx context.Context, q store.Queries) ([]string, error) {
	_, body, err := findTenant(ctx, q)
	if err != nil || at(body, "flags", "enable_client_connections") != false {
		return nil, err
	}
	return []string{}, nil
}
