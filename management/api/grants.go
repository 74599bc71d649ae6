package api

import (
	"context"
	"errors"
	"strings"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) grants() []operation {
	return []operation{
		{"GET", "/grants", "List grants", "", h.listGrants},
		{"DELETE", "/grants", "Delete the grants of a user", "", h.deleteGrantsOf},
		{"DELETE", "/grants/{id}", "Delete a grant", "", h.deleteUserGrant},
	}
}

// whyRevoked is what refresh tokens die of with their grant.
const whyRevoked = "grant deleted"

// userinfo is the audience of what a user agreed to without an API.
func (h *Handler) userinfo() string { return h.Issuer + "userinfo" }

func (h *Handler) listGrants(ctx context.Context, c *call) (any, error) {
	f := store.GrantFilter{
		UserID: c.query.Get("user_id"), ClientID: c.query.Get("client_id"), Offset: c.page.offset, Limit: c.page.limit,
	}
	if audience := c.query.Get("audience"); audience != "" {
		if audience == h.userinfo() {
			audience = ""
		}
		f.Audience = &audience
	}
	rows, err := h.DB.ListGrants(ctx, f)
	if err != nil {
		return nil, err
	}
	l := listing{}
	for _, g := range rows {
		d := document{"id": g.ID, "clientID": g.ClientID, "user_id": g.UserID, "audience": g.Audience, "scope": strings.Fields(g.Scope)}
		if g.Audience == "" {
			d["audience"] = h.userinfo()
		}
		l.items = append(l.items, d)
	}
	if c.page.totals {
		l.total, err = h.DB.CountGrants(ctx, f)
	}
	return l, err
}

// deleteGrantsOf makes a user agree to everything anew; so the refresh tokens end.
func (h *Handler) deleteGrantsOf(ctx context.Context, c *call) (any, error) {
	user := c.query.Get("user_id")
	c.target = user
	return nil, c.change(ctx, func(tx *store.Tx) error {
		grants, err := tx.Grants(ctx, user)
		if err != nil {
			return err
		}
		for _, g := range grants {
			if err := tx.RevokeGrant(ctx, g.ID, whyRevoked); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *Handler) deleteUserGrant(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		err := tx.RevokeGrant(ctx, c.vars["id"], whyRevoked)
		if errors.Is(err, store.ErrNotFound) {
			return noClientGrant
		}
		return err
	}))
}
