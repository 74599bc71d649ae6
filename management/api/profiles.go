package api

import (
	"context"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) profiles() []operation {
	return slices.Concat(
		selfServiceProfiles.operations(), tokenExchangeProfiles.operations(), userAttributeProfiles.operations(), connectionProfiles.operations(),
		[]operation{
			{"GET", customTextPath, "Get the custom text of a self-service profile", "", h.getSelfServiceText},
			{"PUT", customTextPath, "Set the custom text of a self-service profile", anyBody, h.setSelfServiceText},
			{"GET", "/user-attribute-profiles/templates", "List templates of user attribute profiles", "", h.listAttributeTemplates},
			{"GET", "/user-attribute-profiles/templates/{id}", "Get a template of user attribute profiles", "", h.getAttributeTemplate},
		},
	)
}

var selfServiceProfiles = collection{
	path: "/self-service-profiles", one: "a self-service profile", many: "self-service profiles", stamped: true,
	newID: func(document) string { return newID("ssp_", 22) },
	forget: func(ctx context.Context, tx *store.Tx, d store.Document) error {
		return tx.DeleteDocuments(ctx, selfServiceText, d.ID)
	},
	kept: kept{
		entity: "self_service_profile", absent: "Profile with ID: {id} not found",
		check: func(ctx context.Context, tx *store.Tx, _ *call, _ document, d *store.Document) error {
			fill(d.Body, document{"user_attributes": []any{}})
			id := text(d.Body, "user_attribute_profile_id")
			switch _, err := tx.Document(ctx, "user_attribute_profile", id); {
			case id == "":
				return nil
			case errors.Is(err, store.ErrNotFound):
				return badBody("The user attribute profile %s does not exist.", cut(id, 64))
			case err != nil:
				return err
			case len(d.Body["user_attributes"].([]any)) > 0:
				return badBody("Cannot set both user_attributes and user_attribute_profile_id")
			}
			return nil
		},
	},
}

const (
	selfServiceText = "self_service_text"
	customTextPath  = "/self-service-profiles/{id}/custom-text/{language}/{page}"
)

// textID is the id of a profile's text of a page.
func (c *call) textID(ctx context.Context, q store.Queries) (string, error) {
	if c.vars["language"] != "en" {
		return "", pathError("No enum match for: "+cut(c.vars["language"], 32), "language")
	}
	if c.vars["page"] != "get-started" {
		return "", pathError("No enum match for: "+cut(c.vars["page"], 32), "page")
	}
	d, err := selfServiceProfiles.find(ctx, q, c.vars["id"])
	return d.ID + " en get-started", err
}

func (h *Handler) getSelfServiceText(ctx context.Context, c *call) (any, error) {
	id, err := c.textID(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	d, err := h.DB.Document(ctx, selfServiceText, id)
	if errors.Is(err, store.ErrNotFound) {
		return document{}, nil
	}
	return d.Body, err
}

// maxCustomText is how long one text of a page may be.
const maxCustomText = 2000

func (h *Handler) setSelfServiceText(ctx context.Context, c *call) (any, error) {
	texts := &schema{kinds: []string{"object"}, maxProps: 50, fields: map[string]*schema{
		"*": {kinds: []string{"string"}, update: true, maxLen: maxCustomText},
	}}
	if err := texts.check(c.body, forUpdate, ""); err != nil {
		return nil, err
	}
	return c.object(), c.change(ctx, func(tx *store.Tx) error {
		id, err := c.textID(ctx, tx.Queries)
		if err != nil {
			return err
		}
		c.target = c.vars["id"]
		return tx.PutDocument(ctx, &store.Document{Kind: selfServiceText, ID: id, Parent: c.vars["id"], Body: c.object()})
	})
}

// tokenExchangeProfiles name the type of token that an action takes. Nothing is exchanged yet.
var tokenExchangeProfiles = collection{
	path: "/token-exchange-profiles", one: "a token exchange profile", many: "token exchange profiles", stamped: true,
	newID: func(document) string { return "tep_" + store.RandomID(16) },
	kept: kept{
		entity: "token_exchange_profile", absent: "Token exchange profile not found.",
		taken: "subject_token_type already exists for tenant",
		name:  func(body document) string { return text(body, "subject_token_type") },
		check: func(ctx context.Context, tx *store.Tx, _ *call, old document, d *store.Document) error {
			if old != nil {
				return nil
			}
			_, err := tx.Document(ctx, action, text(d.Body, "action_id"))
			if errors.Is(err, store.ErrNotFound) {
				return badBody("The action %s does not exist.", cut(text(d.Body, "action_id"), 64))
			}
			return err
		},
	},
}

var userAttributeProfiles = collection{
	path: "/user-attribute-profiles", one: "a user attribute profile", many: "user attribute profiles",
	newID: func(document) string { return newID("uap_", 22) },
	kept: kept{
		entity: "user_attribute_profile", absent: "User attribute profile not found.",
		defaults: func() document {
			return document{"user_id": document{"oidc_mapping": "sub", "saml_mapping": samlNames, "scim_mapping": "externalId"}}
		},
	},
}

var connectionProfiles = collection{
	path: "/connection-profiles", one: "a connection profile", many: "connection profiles",
	newID: func(document) string { return newID("cop_", 22) },
	kept: kept{
		entity: "connection_profile", absent: "Connection profile not found.",
		view: nullsOf("connection_config", "strategy_overrides"),
	},
}
