package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) clientGrants() []operation {
	return []operation{
		{"GET", "/client-grants", "List client grants", "", h.listClientGrants},
		{"POST", "/client-grants", "Create a client grant", clientGrant, h.createClientGrant},
		{"GET", "/client-grants/{id}", "Get a client grant", "", h.getClientGrant},
		{"PATCH", "/client-grants/{id}", "Update a client grant", clientGrant, h.updateClientGrant},
		{"DELETE", "/client-grants/{id}", "Delete a client grant", "", h.deleteClientGrant},
	}
}

const clientGrant = "client_grant"

var noClientGrant = notFound("inexistent_client_grant", "The grant does not exist.")

// showGrant is a grant with what its document says beside the row.
func showGrant(ctx context.Context, q store.Queries, g store.ClientGrant) (document, error) {
	d, err := q.Document(ctx, clientGrant, g.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	scope := []any{}
	for _, s := range strings.Fields(g.Scope) {
		scope = append(scope, s)
	}
	out := merge(d.Body, document{"id": g.ID, "client_id": g.ClientID, "audience": g.Audience, "scope": scope})
	fill(out, document{"subject_type": "client"})
	return out, nil
}

func findGrant(ctx context.Context, q store.Queries, id string) (store.ClientGrant, error) {
	g, err := q.ClientGrantByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return g, noClientGrant
	}
	return g, err
}

func (h *Handler) listClientGrants(ctx context.Context, c *call) (any, error) {
	grants, err := h.DB.AllClientGrants(ctx, store.ClientGrantFilter{ClientID: c.query.Get("client_id"), Audience: c.query.Get("audience")})
	if err != nil {
		return nil, err
	}
	var all []document
	for _, g := range grants {
		d, err := showGrant(ctx, h.DB.Queries, g)
		if err != nil {
			return nil, err
		}
		matches := true
		for _, name := range []string{"subject_type", "default_for"} {
			matches = matches && (!c.query.Has(name) || text(d, name) == c.query.Get(name))
		}
		if any, asked, err := c.flag("allow_any_organization"); err != nil {
			return nil, err
		} else if value, _ := d["allow_any_organization"].(bool); asked && value != any {
			matches = false
		}
		if matches {
			all = append(all, d)
		}
	}
	// By application and API, so that two tenants that are set up alike are listed alike, whatever the ids.
	place := func(d document) string { return text(d, "client_id") + " " + text(d, "audience") }
	slices.SortFunc(all, func(a, b document) int { return strings.Compare(place(a), place(b)) })
	return pageOf(c.page, all, place), nil
}

func (h *Handler) getClientGrant(ctx context.Context, c *call) (any, error) {
	g, err := findGrant(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return showGrant(ctx, h.DB.Queries, g)
}

func (h *Handler) createClientGrant(ctx context.Context, c *call) (any, error) {
	body := c.object()
	g := store.ClientGrant{ID: c.stated, ClientID: text(body, "client_id")}
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		if _, client, err := findClient(ctx, tx.Queries, g.ClientID); err != nil {
			return err
		} else if text(client, "app_type") == "express_configuration" {
			return problem.New(http.StatusBadRequest, "validation_error", "Client of type express_configuration cannot be used")
		}
		api, _, err := findAPI(ctx, tx.Queries, text(body, "audience"))
		if err != nil {
			return err
		}
		g.Audience = api.Identifier
		if _, err := tx.ClientGrant(ctx, g.ClientID, g.Audience); err == nil {
			return conflict("A resource server with the same identifier already exists.")
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		shown, err = c.saveGrant(ctx, tx, &g, api, body)
		c.target = g.ID
		return err
	})
	return shown, err
}

// saveGrant stores a grant and the rest of what was said about it.
func (c *call) saveGrant(ctx context.Context, tx *store.Tx, g *store.ClientGrant, api store.API, body document) (document, error) {
	// A scope that the API does not have yet may be granted; tokens carry it once the API has it.
	if list, sent := body["scope"]; sent && list != nil {
		scope := oauth.Scope{}.Union(texts(body, "scope"))
		for i, word := range scope {
			if parsed, err := oauth.ParseScope(word); err != nil || len(parsed) != 1 {
				return nil, payloadError("String does not match pattern ^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$", fmt.Sprintf("scope[%d]", i))
			}
		}
		g.Scope = scope.String()
	}
	if all, _ := body["allow_all_scopes"].(bool); all {
		g.Scope = everyScope(api)
	}
	g.OrganizationUsage = text(body, "organization_usage")
	g.AllowAnyOrganization, _ = body["allow_any_organization"].(bool)
	if api.ID == SystemAPI {
		if err := c.mayHave(g.Scope); err != nil {
			return nil, err
		}
	}
	if err := tx.SaveClientGrant(ctx, g); err != nil {
		return nil, err
	}
	rest := merge(body, document{"scope": nil, "client_id": nil, "audience": nil})
	if err := tx.PutDocument(ctx, &store.Document{Kind: clientGrant, ID: g.ID, Body: rest}); err != nil {
		return nil, err
	}
	return showGrant(ctx, tx.Queries, *g)
}

func everyScope(api store.API) string {
	var all []string
	for _, s := range api.Scopes {
		all = append(all, s.Value)
	}
	return strings.Join(all, " ")
}

func (h *Handler) updateClientGrant(ctx context.Context, c *call) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		g, err := findGrant(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		api, _, err := findAPI(ctx, tx.Queries, g.Audience)
		if err != nil {
			return err
		}
		d, err := tx.Document(ctx, clientGrant, g.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		shown, err = c.saveGrant(ctx, tx, &g, api, merge(d.Body, c.object()))
		return err
	})
	return shown, err
}

func (h *Handler) deleteClientGrant(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		if _, err := findGrant(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		return deleteGrant(ctx, tx, c.vars["id"])
	}))
}

// deleteGrant removes a grant with its document.
func deleteGrant(ctx context.Context, tx *store.Tx, id string) error {
	if err := tx.DeleteDocument(ctx, clientGrant, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return tx.DeleteClientGrant(ctx, id)
}
