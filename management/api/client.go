package api

import (
	"context"
	"encoding/pem"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// client names both the entity and the kind of its documents.
const client = "client"

var noClient = notFound("inexistent_client", "The client does not exist")

// clientMerged are the objects of which an update keeps what it does not send.
var clientMerged = []string{
	"client_metadata", "jwt_configuration", "session_transfer", "mobile", "native_social_login", "signed_request_object",
}

// clientOwn are settings of the row that are not said on the wire, or by another name.
var clientOwn = []string{"disabled", "third_party", "connections", "assertion_keys"}

// applyClient puts what a document says into the row.
func applyClient(c *store.Client, body document) error {
	var settings store.ClientSettings
	if err := through(body, &settings); err != nil {
		return err
	}
	settings.Disabled, settings.Connections = c.Settings.Disabled, c.Settings.Connections
	if first, said := body["is_first_party"].(bool); said {
		settings.ThirdParty = !first
	}
	if settings.ComplianceLevel == "none" {
		settings.ComplianceLevel = ""
	}
	// With a key the secret proves nothing any more: the name of the method shuts it out.
	if methods, ok := body["client_authentication_methods"].(map[string]any); ok {
		for name := range methods {
			settings.TokenEndpointAuthMethod = name
		}
		listed, _ := at(methods, oauth.AuthPrivateKeyJWT, "credentials").([]any)
		for _, item := range listed {
			if d, ok := item.(map[string]any); ok {
				settings.AssertionKeys = append(settings.AssertionKeys, text(d, "id"))
			}
		}
	}
	c.Settings = settings
	if name := text(body, "name"); name != "" {
		c.Name = name
	}
	return nil
}

func wireOfClient(c store.Client) (document, error) {
	d, err := toDocument(c.Settings)
	if err != nil {
		return nil, err
	}
	for _, name := range clientOwn {
		delete(d, name)
	}
	d["name"], d["is_first_party"] = c.Name, !c.Settings.ThirdParty
	return d, nil
}

// sayClient is the application as its administrators said it, without what is only shown.
func sayClient(c store.Client, body document) (document, error) {
	var then store.Client
	if err := applyClient(&then, body); err != nil {
		return nil, err
	}
	before, err := wireOfClient(then)
	if err != nil {
		return nil, err
	}
	now, err := wireOfClient(c)
	if err != nil {
		return nil, err
	}
	out := said(body, now, before)
	if len(body) == 0 {
		completeShown(out)
	}
	return out, nil
}

// findClient reads an application with what its document says.
func findClient(ctx context.Context, q store.Queries, id string) (store.Client, document, error) {
	c, err := q.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil, noClient
	}
	if err != nil {
		return c, nil, err
	}
	body, err := clientBody(ctx, q, c)
	return c, body, err
}

func clientBody(ctx context.Context, q store.Queries, c store.Client) (document, error) {
	d, err := q.Document(ctx, client, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return sayClient(c, d.Body)
}

// checkedClient applies what is said and refuses what the running system could not do.
func checkedClient(c *store.Client, body document) error {
	if err := applyClient(c, body); err != nil {
		return err
	}
	checked := *c
	// The table knows more types and methods than those that the running system distinguishes.
	if !slices.Contains([]string{store.AppNative, store.AppSPA, store.AppRegularWeb, store.AppNonInteractive}, checked.Settings.AppType) {
		checked.Settings.AppType = ""
	}
	if body["client_authentication_methods"] != nil {
		if body["token_endpoint_auth_method"] != nil {
			return badBody("Cannot set both token_endpoint_auth_method and client_authentication_methods")
		}
		checked.Settings.TokenEndpointAuthMethod = ""
	}
	// ID tokens of such applications are signed with RS256 for now.
	if alg := checked.Settings.JWT.Alg; alg == "PS256" || alg == "RS512" {
		checked.Settings.JWT.Alg = "RS256"
	}
	if err := management.CheckClient(checked); err != nil {
		return badBody("%s", err.Error())
	}
	return nil
}

// putClient keeps what was said; the secret is in the row only.
func putClient(ctx context.Context, tx *store.Tx, c store.Client, body document) error {
	return tx.PutDocument(ctx, &store.Document{Kind: client, ID: c.ID, Body: merge(body, document{"client_secret": nil})})
}

// showClient completes what was said to what is answered. keys is whether secrets may be seen.
func (h *Handler) showClient(ctx context.Context, c store.Client, body document, keys bool) (document, error) {
	out := merge(body, document{
		"client_id": c.ID, "tenant": h.Tenant, "callback_url_template": false,
		"cross_origin_auth": body["cross_origin_authentication"] == true,
	})
	fill(out, document{"global": false})
	if !keys {
		for _, name := range []string{"encryption_key", "client_authentication_methods", "signed_request_object"} {
			delete(out, name)
		}
		return out, nil
	}
	if body["client_authentication_methods"] == nil && c.Secret != "" {
		out["client_secret"] = c.Secret
	}
	der, err := h.Keys.Certificate(ctx)
	if err != nil {
		return nil, err
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	out["signing_keys"] = []document{{"cert": cert, "subject": "deprecated"}}
	return out, nil
}
