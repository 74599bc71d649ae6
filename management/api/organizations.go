package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) organizations() []operation {
	return []operation{
		{"GET", "/organizations", "List organizations", "", h.listOrganizations},
		{"POST", "/organizations", "Create an organization", organization, h.createOrganization},
		{"GET", "/organizations/name/{name}", "Get an organization by name", "", h.getOrganizationByName},
		{"GET", "/organizations/{id}", "Get an organization", "", h.getOrganization},
		{"PATCH", "/organizations/{id}", "Update an organization", organization, h.updateOrganization},
		{"DELETE", "/organizations/{id}", "Delete an organization", "", h.deleteOrganization},
		{"GET", "/users/{id}/organizations", "List a user's organizations", "", h.listUserOrganizations},
	}
}

// organization names the entity.
const organization = "organization"

var (
	noOrg     = notFound("", "No organization found by that id or name")
	orgExists = conflict("An organization with this name already exists.")
)

func findOrganization(ctx context.Context, q store.Queries, id string) (store.Organization, error) {
	o, err := q.Organization(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return o, noOrg
	}
	return o, err
}

// blockThirdParty is what third_party_client_access says where nobody chose.
const blockThirdParty = "block"

// ownOrganization are the settings that are shown in the words in which they are stored.
func ownOrganization(o store.Organization) (document, error) {
	out, err := toDocument(o.Settings)
	if err != nil {
		return nil, err
	}
	out["name"] = o.Name
	if o.DisplayName != "" {
		out["display_name"] = o.DisplayName
	}
	return out, nil
}

func showOrganization(o store.Organization) (document, error) {
	out, err := ownOrganization(o)
	if err != nil {
		return nil, err
	}
	out["id"] = o.ID
	fill(out, document{"third_party_client_access": blockThirdParty, "is_app_entitlement_active": false})
	return out, nil
}

// briefOrganization is an organization in the lists of something else.
func briefOrganization(o store.Organization) (document, error) {
	out, err := ownOrganization(o)
	for name := range out {
		if !slices.Contains([]string{"name", "display_name", "branding", "metadata"}, name) {
			delete(out, name)
		}
	}
	if err == nil {
		out["id"] = o.ID
	}
	return out, err
}

// shownTo leaves out what needs more than the scope for summaries.
func shownTo(a actor, d document) document {
	if a.holds("read:organizations") {
		return d
	}
	return selection{names: []string{"id", "name", "display_name"}}.of(d)
}

// applyOrganization puts what a document says into the row.
func applyOrganization(o *store.Organization, body document) error {
	o.Settings = store.OrganizationSettings{}
	if err := through(body, &o.Settings); err != nil {
		return err
	}
	if o.Settings.ThirdPartyClientAccess == blockThirdParty {
		o.Settings.ThirdPartyClientAccess = ""
	}
	o.Name, o.DisplayName = text(body, "name"), text(body, "display_name")
	return nil
}

func readSort(sort string, known ...string) (field string, descending bool, err error) {
	field, direction, _ := strings.Cut(sort, ":")
	if sort != "" && (!slices.Contains(known, field) || direction != "1" && direction != "-1") {
		return "", false, queryError("Invalid value \""+cut(sort, 64)+"\"", "sort")
	}
	return field, direction == "-1", nil
}

func (h *Handler) listOrganizations(ctx context.Context, c *call) (any, error) {
	p := store.OrganizationPage{After: c.page.after, Offset: c.page.offset, Limit: c.page.limit}
	var err error
	if p.Sort, p.Descending, err = readSort(c.query.Get("sort"), "name", "display_name", "created_at"); err != nil {
		return nil, err
	}
	if c.page.checkpoint {
		p.Limit++
	}
	found, err := h.DB.Organizations(ctx, p)
	if errors.Is(err, store.ErrNotFound) {
		return nil, queryError("Invalid value \""+cut(c.query.Get("from"), 64)+"\"", "from")
	}
	if err != nil {
		return nil, err
	}
	l := listing{}
	if c.page.checkpoint && len(found) == p.Limit {
		found = found[:c.page.limit]
		l.next = p.Place(found[len(found)-1])
	}
	for _, o := range found {
		d, err := showOrganization(o)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, shownTo(c.actor, d))
	}
	if c.page.totals {
		l.total, err = h.DB.CountOrganizations(ctx)
	}
	return l, err
}

func (h *Handler) getOrganization(ctx context.Context, c *call) (any, error) {
	o, err := findOrganization(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	d, err := showOrganization(o)
	return shownTo(c.actor, d), err
}

func (h *Handler) getOrganizationByName(ctx context.Context, c *call) (any, error) {
	o, err := h.DB.OrganizationByName(ctx, c.vars["name"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, noOrg
	}
	if err != nil {
		return nil, err
	}
	return showOrganization(o)
}

func (h *Handler) createOrganization(ctx context.Context, c *call) (any, error) {
	body := c.object()
	made := store.Organization{ID: c.stated}
	if err := applyOrganization(&made, body); err != nil {
		return nil, err
	}
	list, _ := body["enabled_connections"].([]any)
	var enabled []document
	o := made
	err := c.change(ctx, func(tx *store.Tx) error {
		o, enabled = made, nil
		if err := tx.CreateOrganization(ctx, &o); errors.Is(err, store.ErrConflict) {
			return orgExists
		} else if err != nil {
			return err
		}
		c.target = o.ID
		for _, item := range list {
			sent, _ := item.(map[string]any)
			conn, err := addOrgConnection(ctx, tx, o.ID, sent)
			if err != nil {
				return err
			}
			enabled = append(enabled, showEnabledConnection(conn))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d, err := showOrganization(o)
	if len(enabled) > 0 {
		d["enabled_connections"] = enabled
	}
	return d, err
}

func (h *Handler) updateOrganization(ctx context.Context, c *call) (any, error) {
	body := c.object()
	if name, sent := body["name"]; sent && name == nil {
		return nil, payloadError("Expected type string but found type null", "name")
	}
	var o store.Organization
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if o, err = findOrganization(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		old, err := ownOrganization(o)
		if err != nil {
			return err
		}
		if err := applyOrganization(&o, merge(old, body)); err != nil {
			return err
		}
		if err := tx.SaveOrganization(ctx, &o); errors.Is(err, store.ErrConflict) {
			return orgExists
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return showOrganization(o)
}

func (h *Handler) deleteOrganization(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteOrganization(ctx, id); errors.Is(err, store.ErrNotFound) {
			return noOrg
		} else if err != nil {
			return err
		}
		return tx.DeleteDocuments(ctx, discoveryDomain, id)
	})
}

func (h *Handler) listUserOrganizations(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	if _, err := findUser(ctx, h.DB.Queries, id); err != nil {
		return nil, err
	}
	found, err := h.DB.OrganizationsOf(ctx, id, "", c.page.offset, c.page.limit)
	if err != nil {
		return nil, err
	}
	l := listing{}
	if l.items, err = briefOrganizations(found); err != nil {
		return nil, err
	}
	if c.page.totals {
		l.total, err = h.DB.CountOrganizationsOf(ctx, id)
	}
	return l, err
}

func briefOrganizations(found []store.Organization) (all []document, err error) {
	for _, o := range found {
		d, err := briefOrganization(o)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}
