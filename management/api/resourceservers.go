package api

import (
	"context"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) resourceServers() []operation {
	return []operation{
		{"GET", "/resource-servers", "List resource servers", "", h.listResourceServers},
		{"POST", "/resource-servers", "Create a resource server", resourceServer, h.createResourceServer},
		{"GET", "/resource-servers/{id}", "Get a resource server", "", h.getResourceServer},
		{"PATCH", "/resource-servers/{id}", "Update a resource server", resourceServer, h.updateResourceServer},
		{"DELETE", "/resource-servers/{id}", "Delete a resource server", "", h.deleteResourceServer},
	}
}

// resourceServer names both the entity and the kind of its documents.
const resourceServer = "resource_server"

var noResourceServer = notFound("inexistent_resource_server", "The resource server does not exist")

// apiDefaults are what the service shows of an API that says nothing.
func apiDefaults() document {
	return document{
		"allow_offline_access":                            false,
		"skip_consent_for_verifiable_first_party_clients": false,
		"subject_type_authorization":                      policies("require_client_grant", "allow_all"),
		"token_lifetime":                                  86400, "token_lifetime_for_web": 7200, "signing_alg": "RS256",
	}
}

// findAPI reads an API by its id or its identifier, with what its document says.
func findAPI(ctx context.Context, q store.Queries, ref string) (store.API, document, error) {
	api, err := q.APIByID(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		api, err = q.API(ctx, ref)
	}
	if errors.Is(err, store.ErrNotFound) {
		return api, nil, noResourceServer
	}
	if err != nil {
		return api, nil, err
	}
	d, err := q.Document(ctx, resourceServer, api.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return api, nil, err
	}
	body, err := sayAPI(api, d.Body)
	return api, body, err
}

// apiWire are the properties that an API's row has.
type apiWire struct {
	Name   string     `json:"name,omitempty"`
	Scopes []apiScope `json:"scopes,omitempty"`
	store.APISettings
}

type apiScope struct {
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// applyAPI puts what a document says into the row.
func applyAPI(api *store.API, body document) error {
	var w apiWire
	if err := through(body, &w); err != nil {
		return err
	}
	disabled := api.Settings.Disabled
	api.Name, api.Settings, api.Scopes = w.Name, w.APISettings, nil
	api.Settings.Disabled = disabled
	for _, s := range w.Scopes {
		api.Scopes = append(api.Scopes, store.APIScope(s))
	}
	if secret := text(body, "signing_secret"); secret != "" {
		api.SigningSecret = secret
	}
	return nil
}

func wireOfAPI(api store.API) (document, error) {
	w := apiWire{Name: api.Name, APISettings: api.Settings}
	for _, s := range api.Scopes {
		w.Scopes = append(w.Scopes, apiScope(s))
	}
	return toDocument(w)
}

// sayAPI is the API as its administrators said it, without what is only shown.
func sayAPI(api store.API, body document) (document, error) {
	var then store.API
	if err := applyAPI(&then, body); err != nil {
		return nil, err
	}
	before, err := wireOfAPI(then)
	if err != nil {
		return nil, err
	}
	now, err := wireOfAPI(api)
	if err != nil {
		return nil, err
	}
	delete(now, "disabled")
	return said(body, now, before), nil
}

// showAPI completes what was said to what is answered.
func showAPI(api store.API, body document) document {
	out := merge(body, document{"id": api.ID, "identifier": api.Identifier})
	if api.ID == SystemAPI {
		out["is_system"] = true
	}
	fill(out, apiDefaults())
	if api.SigningSecret != "" {
		out["signing_secret"] = api.SigningSecret
	}
	return out
}

func (h *Handler) listResourceServers(ctx context.Context, c *call) (any, error) {
	apis, err := h.DB.APIs(ctx)
	if err != nil {
		return nil, err
	}
	wanted := c.query["identifiers"]
	var all []document
	for _, api := range apis {
		if len(wanted) > 0 && !slices.Contains(wanted, api.Identifier) {
			continue
		}
		_, body, err := findAPI(ctx, h.DB.Queries, api.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, c.shownAPI(showAPI(api, body)))
	}
	return pageOf(c.page, all, func(d document) string { return text(d, "id") }), nil
}

func (h *Handler) getResourceServer(ctx context.Context, c *call) (any, error) {
	api, body, err := findAPI(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return c.shownAPI(showAPI(api, body)), nil
}

func (h *Handler) createResourceServer(ctx context.Context, c *call) (any, error) {
	body := c.object()
	api := store.API{ID: c.stated, Identifier: text(body, "identifier")}
	delete(body, "identifier")
	if template := h.systemTemplate(api.Identifier); template != nil {
		body = merge(template, document{"authorization_policy": body["authorization_policy"]})
	}
	err := c.change(ctx, func(tx *store.Tx) error {
		if err := checkedAPI(&api, body); err != nil {
			return err
		}
		if err := tx.CreateAPI(ctx, &api); err != nil {
			if errors.Is(err, store.ErrConflict) {
				return conflict("A resource server with the same identifier already exists.")
			}
			return err
		}
		c.target = api.ID
		return putAPI(ctx, tx, api, body)
	})
	if err != nil {
		return nil, err
	}
	return showAPI(api, body), nil
}

// checkedAPI applies what is said and refuses what the running system could not do.
func checkedAPI(api *store.API, body document) error {
	if err := applyAPI(api, body); err != nil {
		return err
	}
	checked := *api
	if checked.Name == "" { // the wire does not need one
		checked.Name = checked.Identifier
	}
	management.GiveSecret(api)
	checked.SigningSecret = api.SigningSecret
	if err := management.CheckAPI(checked); err != nil {
		return badBody("%s", err.Error())
	}
	return nil
}

// putAPI keeps what was said; the signing secret is in the row only.
func putAPI(ctx context.Context, tx *store.Tx, api store.API, body document) error {
	kept := merge(body, document{"signing_secret": nil})
	return tx.PutDocument(ctx, &store.Document{Kind: resourceServer, ID: api.ID, Body: kept})
}

func (h *Handler) updateResourceServer(ctx context.Context, c *call) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		api, body, err := findAPI(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		if api.ID == SystemAPI || body["is_system"] == true {
			return badBody("System resource servers cannot be updated.")
		}
		body = merge(body, c.object(), "subject_type_authorization")
		if err := checkedAPI(&api, body); err != nil {
			return err
		}
		c.target = api.ID
		shown = showAPI(api, body)
		if err := tx.SaveAPI(ctx, &api); err != nil {
			return err
		}
		return putAPI(ctx, tx, api, body)
	})
	return shown, err
}

func (h *Handler) deleteResourceServer(ctx context.Context, c *call) (any, error) {
	err := c.change(ctx, func(tx *store.Tx) error {
		api, _, err := findAPI(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		if api.ID == SystemAPI {
			return badBody("The system resource server cannot be deleted.")
		}
		c.target = api.ID
		grants, err := tx.AllClientGrants(ctx, store.ClientGrantFilter{Audience: api.Identifier})
		if err != nil {
			return err
		}
		for _, g := range grants {
			if err := deleteGrant(ctx, tx, g.ID); err != nil {
				return err
			}
		}
		if err := tx.DeleteDocument(ctx, resourceServer, api.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.DeleteAPI(ctx, api.ID)
	})
	return nil, gone(err)
}
