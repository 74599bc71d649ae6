package api

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// The server answers on the domains of its configuration only. So a custom domain is verified by being one of this tenant's
// there; it is shown as ready for as long as it is.

func (h *Handler) customDomains() []operation {
	k := h.customDomain()
	return append(slices.DeleteFunc(k.operations(), func(o operation) bool { return o.method == "GET" && o.path == k.path }),
		operation{"GET", "/custom-domains", "List custom domains", "", h.listCustomDomains},
		operation{"GET", "/custom-domains/default", "Get the default domain", "", h.getDefaultDomain},
		operation{"PATCH", "/custom-domains/default", "Set the default domain", defaultDomain, h.setDefaultDomain},
		operation{"POST", "/custom-domains/{id}/verify", "Verify a custom domain", "", h.verifyCustomDomain},
	)
}

// defaultDomain names the entity, and the kind and the id of the one document, which has the id of the custom domain.
const defaultDomain = "custom_domain_default"

func (h *Handler) customDomain() collection {
	return collection{
		path: "/custom-domains", one: "a custom domain", many: "custom domains", idIn: "custom_domain_id",
		newID: func(document) string { return "cd_" + store.RandomID(16) },
		forget: func(ctx context.Context, tx *store.Tx, d store.Document) error {
			if id, err := defaultDomainID(ctx, tx.Queries); err != nil || id != d.ID {
				return err
			}
			return conflict("Cannot delete the default custom domain. Please set another domain as default before deleting this one.")
		},
		kept: kept{
			entity: "custom_domain", absent: "The custom domain {id} does not exist", absentCode: "inexistent_custom_domain",
			taken: "Custom domain already exists.", merged: []string{"domain_metadata"},
			name:     func(body document) string { return strings.ToLower(text(body, "domain")) },
			defaults: func() document { return document{"tls_policy": "recommended"} },
			load: func(ctx context.Context, q store.Queries, d *store.Document) error {
				id, err := defaultDomainID(ctx, q)
				d.Body["is_default"] = id == d.ID
				return err
			},
			check: func(ctx context.Context, tx *store.Tx, _ *call, old document, d *store.Document) error {
				if old != nil {
					return nil
				}
				n, err := tx.CountDocuments(ctx, store.DocumentFilter{Kind: d.Kind})
				d.Body["primary"], d.Body["is_default"] = n == 0, false
				return err
			},
			view: h.viewCustomDomain,
		},
	}
}

func (h *Handler) viewCustomDomain(_ *call, d store.Document, out document) {
	domain := text(d.Body, "domain")
	said, _ := d.Body["verification"].(map[string]any)
	_, configured := h.configured(domain)
	if text(said, "status") == "verified" && !configured {
		said = notConfigured(domain)
	}
	out["status"], out["created_at"] = "pending_verification", stamp(d.CreatedAt)
	if text(said, "status") == "verified" {
		out["status"] = "ready"
	}
	out["verification"] = merge(said, document{"methods": []any{
		document{"name": "CNAME", "record": h.canonicalHost(), "domain": domain},
	}})
}

func notConfigured(domain string) document {
	return document{"status": "failed", "error_msg": domain + " is not among the domains of this tenant in the server's " +
		"configuration: add it there and point its DNS record at the server."}
}

// canonicalHost is that of the primary domain, without its port.
func (h *Handler) canonicalHost() string { return hostname(h.Domains[0]) }

func hostname(d store.Domain) string {
	if host, _, err := net.SplitHostPort(d.Host); err == nil {
		return host
	}
	return d.Host
}

// configured is the domain of the server's configuration that has a name.
func (h *Handler) configured(name string) (store.Domain, bool) {
	i := slices.IndexFunc(h.Domains, func(d store.Domain) bool { return strings.EqualFold(hostname(d), name) })
	if i < 0 {
		return store.Domain{}, false
	}
	return h.Domains[i], true
}

func (h *Handler) verifyCustomDomain(ctx context.Context, c *call) (any, error) {
	k := h.customDomain()
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = k.find(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		domain := text(d.Body, "domain")
		d.Body["verification"] = notConfigured(domain)
		if _, ok := h.configured(domain); ok {
			d.Body["verification"] = document{"status": "verified", "last_verified_at": stamp(tx.Now())}
		}
		stored, err := k.close(d)
		if err != nil {
			return err
		}
		return tx.SaveDocument(ctx, stored)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

// listCustomDomains is in the order of the names, which sort=domain:1 asks for.
func (h *Handler) listCustomDomains(ctx context.Context, c *call) (any, error) {
	if sort := c.query.Get("sort"); sort != "" && sort != "domain:1" {
		return nil, queryError("Invalid value \""+cut(sort, 64)+"\"", "sort")
	}
	wanted, asked := strings.CutPrefix(c.query.Get("q"), "domain:")
	if !asked && c.query.Get("q") != "" {
		return nil, queryError("Invalid value \""+cut(c.query.Get("q"), 64)+"\"", "q")
	}
	start, any := strings.CutSuffix(strings.ToLower(wanted), "*")
	all, err := h.customDomain().all(ctx, c)
	if err != nil {
		return nil, err
	}
	name := func(d document) string { return strings.ToLower(text(d, "domain")) }
	all = slices.DeleteFunc(all, func(d document) bool {
		return asked && name(d) != start && (!any || !strings.HasPrefix(name(d), start))
	})
	slices.SortFunc(all, func(a, b document) int { return strings.Compare(name(a), name(b)) })
	return pageOf(c.page, all, name), nil
}

// defaultDomainID is empty where the primary domain of the configuration is the default.
func defaultDomainID(ctx context.Context, q store.Queries) (string, error) {
	d, err := q.Document(ctx, defaultDomain, defaultDomain)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return text(d.Body, "id"), err
}

func (h *Handler) getDefaultDomain(ctx context.Context, c *call) (any, error) {
	id, err := defaultDomainID(ctx, h.DB.Queries)
	if err != nil || id == "" {
		return document{"domain": h.canonicalHost()}, err
	}
	k := h.customDomain()
	d, err := k.find(ctx, h.DB.Queries, id)
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

// setDefaultDomain chooses where links lead that are made without Auth0-Custom-Domain.
func (h *Handler) setDefaultDomain(ctx context.Context, c *call) (any, error) {
	name := strings.ToLower(text(c.object(), "domain"))
	if name == "" {
		return nil, payloadError("Missing required property: domain", "")
	}
	err := c.change(ctx, func(tx *store.Tx) error {
		if name == strings.ToLower(h.canonicalHost()) {
			err := tx.DeleteDocument(ctx, defaultDomain, defaultDomain)
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		}
		d, err := tx.DocumentByName(ctx, "custom_domain", "", name)
		if errors.Is(err, store.ErrNotFound) {
			return badBody("The tenant has no custom domain %q.", cut(name, 255))
		}
		if err != nil {
			return err
		}
		if _, configured := h.configured(name); !configured || at(d.Body, "verification", "status") != "verified" {
			return badBody("The domain must be verified before it can be set as default.")
		}
		return tx.PutDocument(ctx, &store.Document{Kind: defaultDomain, ID: defaultDomain, Body: document{"id": d.ID}})
	})
	if err != nil {
		return nil, err
	}
	return h.getDefaultDomain(ctx, c)
}

// linkOrigin is where links lead: the domain of the tenant's that the caller asks for, the default domain, or the primary.
func (h *Handler) linkOrigin(ctx context.Context, c *call) (string, error) {
	asked := c.r.Header.Get("Auth0-Custom-Domain")
	for _, d := range h.Domains {
		if asked != "" && strings.EqualFold(d.Host, asked) {
			return d.Origin, nil
		}
	}
	id, err := defaultDomainID(ctx, h.DB.Queries)
	if err != nil || id == "" {
		return h.Domains[0].Origin, err
	}
	chosen, err := h.DB.Document(ctx, "custom_domain", id)
	if err != nil {
		return "", err
	}
	if d, ok := h.configured(text(chosen.Body, "domain")); ok {
		return d.Origin, nil
	}
	return h.Domains[0].Origin, nil
}
