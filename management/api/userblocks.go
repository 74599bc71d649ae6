package api

import (
	"context"

	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) userBlocks() []operation {
	return []operation{
		{"GET", "/user-blocks", "List the blocks of an identifier", "", h.listBlocks},
		{"DELETE", "/user-blocks", "Unblock an identifier", "", h.deleteBlocks},
		{"GET", "/user-blocks/{id}", "List a user's blocks", "", h.listUserBlocks},
		{"DELETE", "/user-blocks/{id}", "Unblock a user", "", h.deleteUserBlocks},
	}
}

// showBlocks are the blocks of identifiers by failed logins; that a user is blocked by an administrator is in the user.
func (h *Handler) showBlocks(ctx context.Context, identifiers ...string) (any, error) {
	tenant, err := h.DB.Tenant(ctx)
	if err != nil {
		return nil, err
	}
	blocks, err := limits.Blocks(ctx, h.DB.Queries, tenant.Settings, identifiers...)
	if err != nil {
		return nil, err
	}
	all := []document{}
	for _, b := range blocks {
		d := document{"identifier": b.Identifier}
		if b.IP != "" {
			d["ip"] = b.IP
		}
		all = append(all, d)
	}
	return document{"blocked_for": all}, nil
}

// names are what a user's failed logins are counted under.
func names(u store.User) []string { return []string{u.Email, u.Username} }

func (h *Handler) listBlocks(ctx context.Context, c *call) (any, error) {
	return h.showBlocks(ctx, c.query.Get("identifier"))
}

func (h *Handler) listUserBlocks(ctx context.Context, c *call) (any, error) {
	u, err := findUser(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return h.showBlocks(ctx, names(u)...)
}

func (h *Handler) deleteBlocks(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error { return limits.Release(ctx, tx, c.query.Get("identifier")) })
}

func (h *Handler) deleteUserBlocks(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		u, err := findUser(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		return limits.Release(ctx, tx, names(u)...)
	})
}
