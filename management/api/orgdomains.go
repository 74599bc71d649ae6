package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// Discovery domains are stored and shown; no login page looks for an organization by an e-mail address yet.
func (h *Handler) organizationDomains() []operation {
	const one = "/organizations/{id}/discovery-domains/{discovery_domain_id}"
	return []operation{
		{"GET", "/organizations/{id}/discovery-domains", "List an organization's discovery domains", "", h.listDomains},
		{"POST", "/organizations/{id}/discovery-domains", "Create a discovery domain of an organization", discoveryDomain, h.createDomain},
		{"GET", "/organizations/{id}/discovery-domains/name/{discovery_domain}", "Get a discovery domain of an organization by name", "", h.getDomainByName},
		{"GET", one, "Get a discovery domain of an organization", "", h.getDomain},
		{"PATCH", one, "Update a discovery domain of an organization", discoveryDomain, h.updateDomain},
		{"DELETE", one, "Delete a discovery domain of an organization", "", h.deleteDomain},
	}
}

// discoveryDomain names both the entity and the kind of its documents; the organization is their parent.
const discoveryDomain = "organization_discovery_domain"

var (
	noDomain     = notFound("", "No organization domain found by that id")
	domainExists = conflict("An organization discovery domain with this domain is already registered to this organization.")
)

func showDomain(d store.Document) document {
	return merge(d.Body, document{"id": d.ID, "domain": d.Name})
}

func (h *Handler) listDomains(ctx context.Context, c *call) (any, error) {
	if _, err := findOrganization(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	found, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: discoveryDomain, Parent: c.vars["id"]})
	if err != nil {
		return nil, err
	}
	var all []document
	for _, d := range found {
		all = append(all, showDomain(d))
	}
	return pageAfter(c.page, all, "id"), nil
}

// pageAfter takes a page after a checkpoint out of a list that is small enough to be read whole, in its own order.
func pageAfter(p page, all []document, id string) listing {
	l := listing{items: all}
	for i, d := range all {
		if len(p.after) > 0 && text(d, id) == p.after[0] {
			l.items = all[i+1:]
		}
	}
	if p.limit >= 0 && len(l.items) > p.limit {
		l.items = l.items[:p.limit]
		l.next = []string{text(l.items[p.limit-1], id)}
	}
	return l
}

func (c *call) domain(ctx context.Context, q store.Queries) (store.Document, error) {
	org := c.vars["id"]
	if _, err := findOrganization(ctx, q, org); err != nil {
		return store.Document{}, err
	}
	d, err := q.Document(ctx, discoveryDomain, c.vars["discovery_domain_id"])
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Parent != org {
		return d, noDomain
	}
	return d, err
}

func (h *Handler) getDomain(ctx context.Context, c *call) (any, error) {
	d, err := c.domain(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	return showDomain(d), nil
}

func (h *Handler) getDomainByName(ctx context.Context, c *call) (any, error) {
	if _, err := findOrganization(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	d, err := h.DB.DocumentByName(ctx, discoveryDomain, c.vars["id"], strings.ToLower(c.vars["discovery_domain"]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, noDomain
	}
	if err != nil {
		return nil, err
	}
	return showDomain(d), nil
}

func (h *Handler) createDomain(ctx context.Context, c *call) (any, error) {
	body := c.object()
	name := strings.ToLower(text(body, "domain"))
	if !isHost(name) || net.ParseIP(name) != nil || !strings.Contains(name, ".") {
		return nil, sentError("Object didn't pass validation for format hostname: ", name, "domain")
	}
	proof := make([]byte, 16)
	rand.Read(proof)
	made := store.Document{Kind: discoveryDomain, ID: "ord_" + store.RandomID(22), Parent: c.vars["id"], Name: name}
	made.Body = merge(nil, body)
	delete(made.Body, "domain")
	fill(made.Body, document{
		"status": "pending", "use_for_organization_discovery": true, "verification_txt": hex.EncodeToString(proof),
		"verification_host": "_ss-verification." + made.Parent + "." + name,
	})
	c.target = made.ID
	d := made
	err := c.change(ctx, func(tx *store.Tx) error {
		d = made
		if _, err := findOrganization(ctx, tx.Queries, d.Parent); err != nil {
			return err
		}
		if err := tx.CreateDocument(ctx, &d); errors.Is(err, store.ErrConflict) {
			return domainExists
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return showDomain(d), nil
}

func (h *Handler) updateDomain(ctx context.Context, c *call) (any, error) {
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = c.domain(ctx, tx.Queries); err != nil {
			return err
		}
		for name, v := range c.object() {
			if v != nil {
				d.Body[name] = v
			}
		}
		return tx.SaveDocument(ctx, &d)
	})
	if err != nil {
		return nil, err
	}
	return showDomain(d), nil
}

func (h *Handler) deleteDomain(ctx context.Context, c *call) (any, error) {
	err := c.change(ctx, func(tx *store.Tx) error {
		d, err := c.domain(ctx, tx.Queries)
		if err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, discoveryDomain, d.ID)
	})
	if errors.Is(err, noDomain) {
		return nil, nil
	}
	return nil, err
}
