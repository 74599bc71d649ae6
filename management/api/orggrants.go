package api

import (
	"context"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) organizationGrants() []operation {
	return []operation{
		{"GET", "/organizations/{id}/client-grants", "List an organization's client grants", "", h.listOrgGrants},
		{"POST", "/organizations/{id}/client-grants", "Associate a client grant with an organization", "organization_client_grant", h.linkGrant},
		{"DELETE", "/organizations/{id}/client-grants/{grant_id}", "Remove a client grant from an organization", "", h.unlinkGrant},
		{"GET", "/client-grants/{id}/organizations", "List the organizations of a client grant", "", h.listGrantOrgs},
	}
}

// maxOrgGrants is how many client grants an organization may have.
const maxOrgGrants = 100

var (
	grantLinked = conflict("The client grant has already been added to this organization.")
	grantsFull  = conflict("Quota exceeded; cannot add more than 100 client grants to a single organization")
)

func (h *Handler) listOrgGrants(ctx context.Context, c *call) (any, error) {
	if _, err := findOrganization(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	grants, err := h.DB.OrganizationGrants(ctx, c.vars["id"])
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, list := range c.query["grant_ids"] {
		ids = append(ids, split(list, ",")...)
	}
	var all []document
	for _, g := range grants {
		if len(ids) > 0 && !slices.Contains(ids, g.ID) || !matchesQuery(c, "client_id", g.ClientID) || !matchesQuery(c, "audience", g.Audience) {
			continue
		}
		d, err := showGrant(ctx, h.DB.Queries, g)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return numbered(c.page, all), nil
}

// matchesQuery says whether a value is the one that the query asks for, if it asks.
func matchesQuery(c *call, name, value string) bool {
	return c.query.Get(name) == "" || c.query.Get(name) == value
}

func (h *Handler) linkGrant(ctx context.Context, c *call) (any, error) {
	org, id := c.vars["id"], text(c.object(), "grant_id")
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		if _, err := findOrganization(ctx, tx.Queries, org); err != nil {
			return err
		}
		g, err := findGrant(ctx, tx.Queries, id)
		if err != nil {
			return err
		}
		if usage := g.OrganizationUsage; usage != store.OrganizationAllow && usage != store.OrganizationRequire {
			return badBody("The client grant does not allow organizations: its organization_usage is deny.")
		}
		if err := tx.LinkGrant(ctx, org, id); errors.Is(err, store.ErrConflict) {
			return grantLinked
		} else if err != nil {
			return err
		}
		linked, err := tx.OrganizationGrants(ctx, org)
		if err != nil {
			return err
		}
		if len(linked) > maxOrgGrants {
			return grantsFull
		}
		shown, err = showGrant(ctx, tx.Queries, g)
		return err
	})
	if err != nil {
		return nil, err
	}
	shown["grant_id"] = id
	return shown, nil
}

func (h *Handler) unlinkGrant(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findOrganization(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		err := tx.UnlinkGrant(ctx, c.vars["id"], c.vars["grant_id"])
		if errors.Is(err, store.ErrNotFound) {
			return noClientGrant
		}
		return err
	})
}

func (h *Handler) listGrantOrgs(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	if _, err := findGrant(ctx, h.DB.Queries, id); err != nil {
		return nil, err
	}
	after, limit := "", c.page.limit
	if c.page.checkpoint {
		after, limit = behind(c.page)
	}
	found, err := h.DB.GrantOrganizations(ctx, id, after, c.page.offset, limit)
	if err != nil {
		return nil, err
	}
	all, err := briefOrganizations(found)
	if err != nil {
		return nil, err
	}
	l := listing{items: all}
	if c.page.checkpoint {
		l = pageBehind(c.page, all)
	}
	if c.page.totals {
		l.total, err = h.DB.CountGrantOrganizations(ctx, id)
	}
	return l, err
}
