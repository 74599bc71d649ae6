package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) organizationMembers() []operation {
	const roles = "/organizations/{id}/members/{user_id}/roles"
	return []operation{
		{"GET", "/organizations/{id}/members", "List an organization's members", "", h.listMembers},
		{"POST", "/organizations/{id}/members", "Add members to an organization", "organization_members", h.addMembers},
		{"DELETE", "/organizations/{id}/members", "Remove members from an organization", "organization_members", h.removeMembers},
		{"GET", roles, "List a member's roles in an organization", "", h.listMemberRoles},
		{"POST", roles, "Assign roles to a member of an organization", "organization_member_roles", h.addMemberRoles},
		{"DELETE", roles, "Remove roles from a member of an organization", "organization_member_roles", h.removeMemberRoles},
	}
}

// maxMemberRoles is how many roles somebody may have in an organization.
const maxMemberRoles = 50

var (
	noMember  = notFound("inexistent_user", "The user is not a member of the organization.")
	rolesFull = conflict("No more roles can be assigned to this organization member.")
)

// asks says whether a property was asked for by name.
func (s selection) asks(name string) bool { return !s.exclude && slices.Contains(s.names, name) }

func (h *Handler) listMembers(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	withRoles := c.fields.asks("roles")
	if withRoles && !c.actor.holds("read:organization_member_roles") {
		return nil, problem.New(http.StatusForbidden, insufficientScope, "Insufficient scope, expected any of: read:organization_member_roles")
	}
	if _, err := findOrganization(ctx, h.DB.Queries, id); err != nil {
		return nil, err
	}
	after := ""
	if len(c.page.after) > 0 {
		after = c.page.after[0]
	}
	users, err := h.DB.Members(ctx, id, after, c.page.offset, c.page.limit)
	if err != nil {
		return nil, err
	}
	l := listing{}
	// The service ends this list with an empty page: the last one with members still says where it ends.
	if c.page.checkpoint && len(users) > 0 {
		l.next = []string{users[len(users)-1].ID}
	}
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
		l.items = append(l.items, showHolder(u))
	}
	if withRoles {
		held, err := h.DB.RolesOfMembers(ctx, id, ids...)
		if err != nil {
			return nil, err
		}
		for i, d := range l.items {
			list := []document{}
			for _, r := range held[ids[i]] {
				list = append(list, document{"id": r.ID, "name": r.Name})
			}
			d["roles"] = list
		}
	}
	if c.page.totals {
		l.total, err = h.DB.CountMembers(ctx, id)
	}
	return l, err
}

func (h *Handler) addMembers(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findOrganization(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "members") {
			if _, err := tx.User(ctx, id); errors.Is(err, store.ErrNotFound) {
				return problem.New(http.StatusBadRequest, "inexistent_user", "The user "+cut(id, 100)+" does not exist.")
			} else if err != nil {
				return err
			}
			if _, err := tx.AddMember(ctx, c.vars["id"], id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *Handler) removeMembers(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findOrganization(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "members") {
			if err := tx.RemoveMember(ctx, c.vars["id"], id); err != nil {
				return err
			}
		}
		return nil
	})
}

func findMember(ctx context.Context, q store.Queries, c *call) error {
	if _, err := findOrganization(ctx, q, c.vars["id"]); err != nil {
		return err
	}
	if _, err := findUser(ctx, q, c.vars["user_id"]); err != nil {
		return err
	}
	is, err := q.IsMember(ctx, c.vars["id"], c.vars["user_id"])
	if err == nil && !is {
		return noMember
	}
	return err
}

func (h *Handler) listMemberRoles(ctx context.Context, c *call) (any, error) {
	if err := findMember(ctx, h.DB.Queries, c); err != nil {
		return nil, err
	}
	roles, err := h.DB.MemberRoles(ctx, c.vars["id"], c.vars["user_id"])
	if err != nil {
		return nil, err
	}
	var all []document
	for _, r := range roles {
		all = append(all, roleItem(r))
	}
	return numbered(c.page, all), nil
}

// orgRole reads a role that members of the organization can have: the tenant's, or the organization's own.
func orgRole(ctx context.Context, q store.Queries, organizationID, id string) error {
	r, err := findRole(ctx, q, id)
	if err == nil && r.OwnerID != "" && r.OwnerID != organizationID {
		return noRole
	}
	return err
}

func (h *Handler) addMemberRoles(ctx context.Context, c *call) (any, error) {
	org, user := c.vars["id"], c.vars["user_id"]
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := findMember(ctx, tx.Queries, c); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "roles") {
			if err := orgRole(ctx, tx.Queries, org, id); err != nil {
				return err
			}
			if err := tx.AssignMemberRole(ctx, org, user, id); errors.Is(err, store.ErrNotFound) {
				return noMember
			} else if err != nil {
				return err
			}
		}
		held, err := tx.MemberRoles(ctx, org, user)
		if err == nil && len(held) > maxMemberRoles {
			return rolesFull
		}
		return err
	})
}

func (h *Handler) removeMemberRoles(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := findMember(ctx, tx.Queries, c); err != nil {
			return err
		}
		for _, id := range texts(c.object(), "roles") {
			if err := tx.RemoveMemberRole(ctx, c.vars["id"], c.vars["user_id"], id); err != nil {
				return err
			}
		}
		return nil
	})
}
