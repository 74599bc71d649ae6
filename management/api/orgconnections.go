package api

import (
	"context"
	"errors"

	"github.com/proofkey/proofkey/store"
)

// An organization's connections are reached by two paths: enabled_connections has those that are enabled, in fewer words.
func (h *Handler) organizationConnections() []operation {
	const one, both = "/organizations/{id}/connections/{connection_id}", "/organizations/{id}/connections"
	const enabledOne, enabled = "/organizations/{id}/enabled_connections/{connectionId}", "/organizations/{id}/enabled_connections"
	return []operation{
		{"GET", both, "List an organization's connections", "", h.listOrgConnections},
		{"POST", both, "Add a connection to an organization", "organization_connection", h.createOrgConnection(showOrgConnection)},
		{"GET", one, "Get an organization's connection", "", h.getOrgConnection(showOrgConnection)},
		{"PATCH", one, "Update an organization's connection", "organization_connection", h.updateOrgConnection(showOrgConnection)},
		{"DELETE", one, "Delete an organization's connection", "", h.deleteOrgConnection},
		{"GET", enabled, "List the connections enabled for an organization", "", h.listEnabledConnections},
		{"POST", enabled, "Enable a connection for an organization", "organization_enabled_connection", h.createOrgConnection(showEnabledConnection)},
		{"GET", enabledOne, "Get an enabled connection of an organization", "", h.getOrgConnection(showEnabledConnection)},
		{"PATCH", enabledOne, "Update an enabled connection of an organization", "organization_enabled_connection", h.updateOrgConnection(showEnabledConnection)},
		{"DELETE", enabledOne, "Disable a connection for an organization", "", h.disableOrgConnection},
	}
}

var (
	noOrgConnection     = notFound("", "No connection found by that id")
	orgConnectionExists = conflict("The organization connection already exists.")
	signupNeedsAssign   = badBody("Only database connections with assign_membership_on_login = true support is_signup_enabled = true.")
)

// connectionID is the last variable of either path.
func (c *call) connectionID() string { return c.vars["connection_id"] + c.vars["connectionId"] }

func showEnabledConnection(c store.OrganizationConnection) document {
	return document{
		"connection_id": c.ConnectionID, "assign_membership_on_login": c.Settings.AssignOnLogin,
		"show_as_button": !c.Settings.HideButton, "is_signup_enabled": c.Settings.SignupEnabled,
		"connection": document{"name": c.Name, "strategy": c.Strategy},
	}
}

func showOrgConnection(c store.OrganizationConnection) document {
	out := showEnabledConnection(c)
	out["is_enabled"], out["organization_access_level"] = !c.Settings.Disabled, c.Settings.AccessLevel
	if c.Settings.AccessLevel == "" {
		out["organization_access_level"] = "none"
	}
	if c.Settings.Name != "" {
		out["organization_connection_name"] = c.Settings.Name
	}
	return out
}

// applyOrgConnection puts what was sent into the row; null is the default.
func applyOrgConnection(c *store.OrganizationConnection, sent document) error {
	for name, into := range map[string]*bool{
		"assign_membership_on_login": &c.Settings.AssignOnLogin, "is_signup_enabled": &c.Settings.SignupEnabled,
	} {
		if v, ok := sent[name]; ok {
			*into, _ = v.(bool)
		}
	}
	for name, into := range map[string]*bool{"show_as_button": &c.Settings.HideButton, "is_enabled": &c.Settings.Disabled} {
		if v, ok := sent[name]; ok {
			*into = v == false
		}
	}
	for name, into := range map[string]*string{
		"organization_connection_name": &c.Settings.Name, "organization_access_level": &c.Settings.AccessLevel,
	} {
		if _, ok := sent[name]; ok {
			*into = text(sent, name)
		}
	}
	if c.Settings.SignupEnabled && (c.Strategy != store.DatabaseStrategy || !c.Settings.AssignOnLogin) {
		return signupNeedsAssign
	}
	return nil
}

func addOrgConnection(ctx context.Context, tx *store.Tx, id string, sent document) (store.OrganizationConnection, error) {
	c := store.OrganizationConnection{OrganizationID: id, ConnectionID: text(sent, "connection_id")}
	conn, err := tx.ConnectionByID(ctx, c.ConnectionID)
	if errors.Is(err, store.ErrNotFound) {
		return c, noOrgConnection
	}
	if err != nil {
		return c, err
	}
	c.Name, c.Strategy = conn.Name, conn.Strategy
	if err := applyOrgConnection(&c, sent); err != nil {
		return c, err
	}
	err = tx.AddOrganizationConnection(ctx, c)
	if errors.Is(err, store.ErrConflict) {
		return c, orgConnectionExists
	}
	return c, err
}

func findOrgConnection(ctx context.Context, q store.Queries, c *call) (store.OrganizationConnection, error) {
	if _, err := findOrganization(ctx, q, c.vars["id"]); err != nil {
		return store.OrganizationConnection{}, err
	}
	conn, err := q.OrganizationConnection(ctx, c.vars["id"], c.connectionID())
	if errors.Is(err, store.ErrNotFound) {
		return conn, noOrgConnection
	}
	return conn, err
}

func (h *Handler) listOrgConnections(ctx context.Context, c *call) (any, error) {
	wanted, asked, err := c.flag("is_enabled")
	if err != nil {
		return nil, err
	}
	return h.orgConnections(ctx, c, showOrgConnection, func(s store.OrganizationConnectionSettings) bool {
		return !asked || wanted == !s.Disabled
	})
}

func (h *Handler) listEnabledConnections(ctx context.Context, c *call) (any, error) {
	return h.orgConnections(ctx, c, showEnabledConnection, func(s store.OrganizationConnectionSettings) bool { return !s.Disabled })
}

func (h *Handler) orgConnections(ctx context.Context, c *call, show func(store.OrganizationConnection) document, wanted func(store.OrganizationConnectionSettings) bool) (any, error) {
	if _, err := findOrganization(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	found, err := h.DB.OrganizationConnections(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	var all []document
	for _, conn := range found {
		if wanted(conn.Settings) {
			all = append(all, show(conn))
		}
	}
	return numbered(c.page, all), nil
}

func (h *Handler) createOrgConnection(show func(store.OrganizationConnection) document) func(context.Context, *call) (any, error) {
	return func(ctx context.Context, c *call) (any, error) {
		var made store.OrganizationConnection
		err := c.change(ctx, func(tx *store.Tx) (err error) {
			if _, err := findOrganization(ctx, tx.Queries, c.vars["id"]); err != nil {
				return err
			}
			made, err = addOrgConnection(ctx, tx, c.vars["id"], c.object())
			return err
		})
		if err != nil {
			return nil, err
		}
		return show(made), nil
	}
}

func (h *Handler) getOrgConnection(show func(store.OrganizationConnection) document) func(context.Context, *call) (any, error) {
	return func(ctx context.Context, c *call) (any, error) {
		conn, err := findOrgConnection(ctx, h.DB.Queries, c)
		if err != nil {
			return nil, err
		}
		return show(conn), nil
	}
}

func (h *Handler) updateOrgConnection(show func(store.OrganizationConnection) document) func(context.Context, *call) (any, error) {
	return func(ctx context.Context, c *call) (any, error) {
		var conn store.OrganizationConnection
		err := c.change(ctx, func(tx *store.Tx) (err error) {
			if conn, err = findOrgConnection(ctx, tx.Queries, c); err != nil {
				return err
			}
			if err := applyOrgConnection(&conn, c.object()); err != nil {
				return err
			}
			return tx.SaveOrganizationConnection(ctx, conn)
		})
		if err != nil {
			return nil, err
		}
		return show(conn), nil
	}
}

func (h *Handler) disableOrgConnection(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findOrgConnection(ctx, tx.Queries, c); err != nil {
			return err
		}
		return tx.RemoveOrganizationConnection(ctx, c.vars["id"], c.connectionID())
	})
}

func (h *Handler) deleteOrgConnection(ctx context.Context, c *call) (any, error) {
	_, err := h.disableOrgConnection(ctx, c)
	return nil, gone(err)
}
