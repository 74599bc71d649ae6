package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) roles() []operation {
	return []operation{
		{"GET", "/roles", "List roles", "", h.listRoles},
		{"POST", "/roles", "Create a role", role, h.createRole},
		{"GET", "/roles/{id}", "Get a role", "", h.getRole},
		{"PATCH", "/roles/{id}", "Update a role", role, h.updateRole},
		{"DELETE", "/roles/{id}", "Delete a role", "", h.deleteRole},
		{"GET", "/roles/{id}/permissions", "List a role's permissions", "", h.listRolePermissions},
		{"POST", "/roles/{id}/permissions", "Associate permissions with a role", "permissions", h.addRolePermissions},
		{"DELETE", "/roles/{id}/permissions", "Remove permissions from a role", "permissions", h.removeRolePermissions},
		{"GET", "/roles/{id}/users", "List a role's users", "", h.listRoleUsers},
		{"POST", "/roles/{id}/users", "Assign users to a role", "role_users", h.addRoleUsers},
	}
}

// role names the entity.
const role = "role"

var (
	noRole     = notFound("", "The role does not exist.")
	roleExists = conflict("The role already exists.")
)

func findRole(ctx context.Context, q store.Queries, id string) (store.Role, error) {
	r, err := q.Role(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, noRole
	}
	return r, err
}

// tenantRole refuses a role that only members of an organization can have, there.
func tenantRole(ctx context.Context, q store.Queries, id string) error {
	r, err := findRole(ctx, q, id)
	if err == nil && r.OwnerID != "" {
		return badBody("The role %s belongs to an organization: it can be assigned to its members only.", r.ID)
	}
	return err
}

func showRole(r store.Role) document {
	out := document{"id": r.ID, "name": r.Name, "type": "tenant"}
	if r.Description != "" {
		out["description"] = r.Description
	}
	if r.OwnerID != "" {
		out["type"], out["owner_id"] = "organization", r.OwnerID
	}
	return out
}

// roleItem is a role in the lists of what a user has.
func roleItem(r store.Role) document {
	return document{"id": r.ID, "name": r.Name, "description": r.Description}
}

// numbered cuts a page by number out of a list that is read whole.
func numbered(p page, all []document) listing {
	from := min(p.offset, len(all))
	to := len(all)
	if p.limit >= 0 {
		to = min(from+p.limit, len(all))
	}
	return listing{items: all[from:to], total: len(all)}
}

func (h *Handler) listRoles(ctx context.Context, c *call) (any, error) {
	roles, err := h.DB.Roles(ctx)
	if err != nil {
		return nil, err
	}
	filter := strings.ToLower(c.query.Get("name_filter"))
	var all []document
	for _, r := range roles {
		d := showRole(r)
		if strings.Contains(strings.ToLower(r.Name), filter) && matchesQuery(c, "type", text(d, "type")) && matchesQuery(c, "owner_id", r.OwnerID) {
			all = append(all, d)
		}
	}
	return numbered(c.page, all), nil
}

func (h *Handler) getRole(ctx context.Context, c *call) (any, error) {
	r, err := findRole(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return showRole(r), nil
}

func (h *Handler) createRole(ctx context.Context, c *call) (any, error) {
	body := c.object()
	made := store.Role{ID: c.stated, Name: text(body, "name"), Description: text(body, "description"), OwnerID: text(body, "owner_id")}
	if strings.TrimSpace(made.Name) == "" {
		return nil, payloadError("String is too short (0 chars), minimum 1", "name")
	}
	if typ := text(body, "type"); (typ == "organization") != (made.OwnerID != "") {
		return nil, badBody("A role of type organization needs an owner_id, and no other role has one.")
	}
	r := made
	err := c.change(ctx, func(tx *store.Tx) error {
		r = made
		if r.OwnerID != "" {
			if _, err := findOrganization(ctx, tx.Queries, r.OwnerID); err != nil {
				return err
			}
		}
		if err := tx.CreateRole(ctx, &r); errors.Is(err, store.ErrConflict) {
			return roleExists
		} else if err != nil {
			return err
		}
		c.target = r.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return showRole(r), nil
}

func (h *Handler) updateRole(ctx context.Context, c *call) (any, error) {
	body := c.object()
	if v, sent := body["name"]; sent && strings.TrimSpace(text(body, "name")) == "" && v != nil {
		return nil, payloadError("String is too short (0 chars), minimum 1", "name")
	}
	var r store.Role
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if r, err = findRole(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		if name := text(body, "name"); name != "" {
			r.Name = name
		}
		if _, sent := body["description"]; sent {
			r.Description = text(body, "description")
		}
		if err := tx.SaveRole(ctx, &r); errors.Is(err, store.ErrConflict) {
			return roleExists
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return showRole(r), nil
}

func (h *Handler) deleteRole(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteRole(ctx, c.vars["id"]); errors.Is(err, store.ErrNotFound) {
			return noRole
		} else if err != nil {
			return err
		}
		return nil
	})
}

func showPermission(p store.Permission) document {
	return document{
		"permission_name": p.Value, "description": p.Description,
		"resource_server_name": p.APIName, "resource_server_identifier": p.Identifier,
	}
}

func (h *Handler) listRolePermissions(ctx context.Context, c *call) (any, error) {
	if _, err := findRole(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	held, err := h.DB.RolePermissions(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	var all []document
	for _, p := range held {
		all = append(all, showPermission(p))
	}
	return numbered(c.page, all), nil
}

// permission is one as a body names it.
type permission struct{ api, value string }

// eachPermission calls fn with the permissions of the body and the ids of their APIs. An API that does not exist is an
// error where a permission is given, and nothing where one is taken away.
func (c *call) eachPermission(ctx context.Context, tx *store.Tx, give bool, fn func(apiID, value string) error) error {
	list, _ := c.object()["permissions"].([]any)
	for _, item := range list {
		d, _ := item.(map[string]any)
		p := permission{text(d, "resource_server_identifier"), text(d, "permission_name")}
		api, err := tx.API(ctx, p.api)
		if errors.Is(err, store.ErrNotFound) && !give {
			continue
		}
		if errors.Is(err, store.ErrNotFound) {
			return badBody("The resource server %s does not exist.", cut(p.api, 200))
		}
		if err != nil {
			return err
		}
		if err := fn(api.ID, p.value); errors.Is(err, store.ErrNotFound) {
			return badBody("The permission %s does not exist in the resource server %s.", cut(p.value, 200), api.Identifier)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) addRolePermissions(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findRole(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		return c.eachPermission(ctx, tx, true, func(apiID, value string) error {
			return tx.AddRolePermission(ctx, c.vars["id"], apiID, value)
		})
	})
}

func (h *Handler) removeRolePermissions(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findRole(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		return c.eachPermission(ctx, tx, false, func(apiID, value string) error {
			return tx.RemoveRolePermission(ctx, c.vars["id"], apiID, value)
		})
	})
}

func (h *Handler) listRoleUsers(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	if _, err := findRole(ctx, h.DB.Queries, id); err != nil {
		return nil, err
	}
	after, limit := "", c.page.limit
	if c.page.checkpoint {
		limit++
		if len(c.page.after) > 0 {
			after = c.page.after[0]
		}
	}
	users, err := h.DB.RoleMembers(ctx, id, after, c.page.offset, limit)
	if err != nil {
		return nil, err
	}
	l := listing{}
	if c.page.checkpoint && len(users) == limit {
		users = users[:limit-1]
		l.next = []string{users[len(users)-1].ID}
	}
	for _, u := range users {
		l.items = append(l.items, showHolder(u))
	}
	if c.page.totals {
		n, err := h.DB.CountRoleMembers(ctx, id)
		if err != nil {
			return nil, err
		}
		l.total = int(n)
	}
	return l, nil
}

// showHolder is a user in the lists of who has something.
func showHolder(u store.User) document {
	d := document{"user_id": u.ID, "name": u.Profile.Name, "picture": u.Profile.Picture}
	if u.Email != "" {
		d["email"] = u.Email
	}
	return d
}

func (h *Handler) addRoleUsers(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := tenantRole(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "users") {
			if _, err := findUser(ctx, tx.Queries, id); err != nil {
				return err
			}
			if err := tx.AssignRole(ctx, id, c.vars["id"]); err != nil {
				return err
			}
		}
		return nil
	})
}

// userRoles are the operations on what a user may do.
func (h *Handler) userRoles() []operation {
	return []operation{
		{"GET", "/users/{id}/roles", "List a user's roles", "", h.listUserRoles},
		{"POST", "/users/{id}/roles", "Assign roles to a user", "user_roles", h.addUserRoles},
		{"DELETE", "/users/{id}/roles", "Remove roles from a user", "user_roles", h.removeUserRoles},
		{"GET", "/users/{id}/permissions", "List a user's permissions", "", h.listUserPermissions},
		{"POST", "/users/{id}/permissions", "Assign permissions to a user", "permissions", h.addUserPermissions},
		{"DELETE", "/users/{id}/permissions", "Remove permissions from a user", "permissions", h.removeUserPermissions},
	}
}

func (h *Handler) listUserRoles(ctx context.Context, c *call) (any, error) {
	if _, err := findUser(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	roles, err := h.DB.RolesOf(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	var all []document
	for _, r := range roles {
		all = append(all, roleItem(r))
	}
	return numbered(c.page, all), nil
}

func (h *Handler) addUserRoles(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "roles") {
			if err := tenantRole(ctx, tx.Queries, id); err != nil {
				return err
			}
			if err := tx.AssignRole(ctx, c.vars["id"], id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *Handler) removeUserRoles(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "roles") {
			if err := tx.RemoveRole(ctx, c.vars["id"], id); err != nil {
				return err
			}
		}
		return nil
	})
}

// listUserPermissions shows each permission once, with all its sources.
func (h *Handler) listUserPermissions(ctx context.Context, c *call) (any, error) {
	if _, err := findUser(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	held, err := h.DB.UserPermissions(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	var all []document
	for _, p := range held {
		source := document{"source_id": p.RoleID, "source_name": p.RoleName, "source_type": "DIRECT"}
		if p.RoleID != "" {
			source["source_type"] = "ROLE"
		}
		at := slices.IndexFunc(all, func(d document) bool {
			return d["permission_name"] == p.Value && d["resource_server_identifier"] == p.Identifier
		})
		if at < 0 {
			at, all = len(all), append(all, showPermission(p))
			all[at]["sources"] = []document{}
		}
		all[at]["sources"] = append(all[at]["sources"].([]document), source)
	}
	return numbered(c.page, all), nil
}

func (h *Handler) addUserPermissions(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		return c.eachPermission(ctx, tx, true, func(apiID, value string) error {
			return tx.AddUserPermission(ctx, c.vars["id"], apiID, value)
		})
	})
}

func (h *Handler) removeUserPermissions(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		return c.eachPermission(ctx, tx, false, func(apiID, value string) error {
			return tx.RemoveUserPermission(ctx, c.vars["id"], apiID, value)
		})
	})
}
