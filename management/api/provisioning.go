package api

import (
	"context"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/store"
)

// How connections are provisioned is kept; there is no SCIM endpoint and no synchronization yet.
func (h *Handler) provisioning() []operation {
	scim, directory := h.scim(), h.directory()
	return slices.Concat(scim.operations(), directory.operations(), []operation{
		{"GET", scim.path + "/default-mapping", "Get the default SCIM mapping of a connection", "", defaultMapping(scim, scimMapping)},
		{"GET", directory.path + "/default-mapping", "Get the default directory mapping of a connection", "", defaultMapping(directory, directoryMapping)},
		{"GET", "/connections-directory-provisionings", "List directory provisionings", "", collection{
			kept: directory.kept, idIn: "connection_id", stamped: true,
		}.list},
	})
}

func (h *Handler) scim() singleton {
	return singleton{
		path: "/connections/{id}/scim-configuration", one: "the SCIM configuration of a connection",
		in: connectionOf("This connection type does not support SCIM.", "samlp", "oidc", "okta", "waad"),
		kept: kept{
			entity: "connection_scim", absent: "Not Found", taken: "The connection has a SCIM configuration.",
			defaults: func() document { return document{"user_id_attribute": "externalId", "mapping": scimMapping()} },
			check:    nameConnection,
			view: func(_ *call, d store.Document, out document) {
				out["tenant_name"], out["created_at"], out["updated_on"] = h.Tenant, stamp(d.CreatedAt), stamp(d.UpdatedAt)
			},
		},
	}
}

func (h *Handler) directory() singleton {
	return singleton{
		path: "/connections/{id}/directory-provisioning", one: "the directory provisioning of a connection",
		in: connectionOf("This connection type does not support directory provisioning.", "google-apps"),
		kept: kept{
			entity: "connection_directory", absent: "Not Found", taken: "Directory provisioning is already enabled on the specified connection",
			defaults: func() document { return document{"mapping": directoryMapping(), "synchronize_automatically": false} },
			check:    nameConnection,
			view: func(_ *call, d store.Document, out document) {
				out["created_at"], out["updated_at"] = stamp(d.CreatedAt), stamp(d.UpdatedAt)
			},
		},
	}
}

// provisioned are the kinds of documents that belong to a connection and have its id.
var provisioned = []string{"connection_scim", "connection_directory"}

// connectionOf finds the connection of a path, which must be of one of the strategies.
func connectionOf(unsupported string, strategies ...string) func(context.Context, store.Queries, *call) (string, error) {
	return func(ctx context.Context, q store.Queries, c *call) (string, error) {
		row, err := q.ConnectionByID(ctx, c.vars["id"])
		switch {
		case errors.Is(err, store.ErrNotFound):
			return "", noConnection
		case err != nil:
			return "", err
		case !slices.Contains(strategies, row.Strategy):
			return "", notFound("", unsupported)
		}
		return row.ID, nil
	}
}

// nameConnection keeps what never changes of a connection with what belongs to it.
func nameConnection(ctx context.Context, tx *store.Tx, _ *call, _ document, d *store.Document) error {
	row, err := tx.ConnectionByID(ctx, d.ID)
	d.Body["connection_id"], d.Body["connection_name"], d.Body["strategy"] = row.ID, row.Name, row.Strategy
	return err
}

func defaultMapping(of singleton, mapping func() []any) func(context.Context, *call) (any, error) {
	return func(ctx context.Context, c *call) (any, error) {
		_, err := of.in(ctx, c.h.DB.Queries, c)
		return document{"mapping": mapping()}, err
	}
}

// directoryMapping is from the names of the Google Workspace directory.
func directoryMapping() []any {
	return []any{
		document{"auth0": "email", "idp": "primaryEmail"}, document{"auth0": "external_id", "idp": "id"},
		document{"auth0": "name", "idp": "name.fullName"}, document{"auth0": "given_name", "idp": "name.givenName"},
		document{"auth0": "family_name", "idp": "name.familyName"}, document{"auth0": "blocked", "idp": "suspended"},
	}
}
