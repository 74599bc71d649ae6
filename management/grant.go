package management

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// CreateClientGrant lets an application ask for scopes of an API in its own name.
func (a *Admin) CreateClientGrant(ctx context.Context, g *store.ClientGrant) error {
	return a.saveClientGrant(ctx, g, "Create a client grant", func(tx *store.Tx) error {
		old, err := tx.ClientGrant(ctx, g.ClientID, g.Audience)
		if err == nil {
			return &refusal{fmt.Sprintf("the application has the grant %s for %s already: update that one", old.ID, g.Audience), store.ErrConflict}
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
}

// UpdateClientGrant replaces the scopes of a client grant.
func (a *Admin) UpdateClientGrant(ctx context.Context, id, scope string) (g store.ClientGrant, err error) {
	if g, err = FindClientGrant(ctx, a.DB.Queries, id); err != nil {
		return g, err
	}
	g.Scope = scope
	return g, a.saveClientGrant(ctx, &g, "Update a client grant", func(tx *store.Tx) error {
		_, err := FindClientGrant(ctx, tx.Queries, id)
		return err
	})
}

func (a *Admin) saveClientGrant(ctx context.Context, g *store.ClientGrant, what string, allowed func(*store.Tx) error) error {
	// What a request may ask for is bounded; a grant is bounded by what the API has.
	var scope oauth.Scope
	for s := range strings.FieldsSeq(g.Scope) {
		scope = scope.Union(oauth.Scope{s})
	}
	g.Scope = scope.String()
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := FindClient(ctx, tx.Queries, g.ClientID); err != nil {
			return err
		}
		api, err := FindAPI(ctx, tx.Queries, g.Audience)
		if err != nil {
			return err
		}
		g.Audience = api.Identifier
		for _, s := range scope {
			if !slices.ContainsFunc(api.Scopes, func(known store.APIScope) bool { return known.Value == s }) {
				return fmt.Errorf("the API %s has no scope %q: add it to the API first", api.Identifier, s)
			}
		}
		if err := allowed(tx); err != nil {
			return err
		}
		if err := tx.SaveClientGrant(ctx, g); err != nil {
			return err
		}
		return a.recordGrant(ctx, tx, what, *g)
	})
}

// DeleteClientGrant removes a client grant.
func (a *Admin) DeleteClientGrant(ctx context.Context, id string) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		g, err := FindClientGrant(ctx, tx.Queries, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteClientGrant(ctx, id); err != nil {
			return err
		}
		return a.recordGrant(ctx, tx, "Delete a client grant", g)
	})
}

// AllClientGrants lists the client grants of all applications.
func AllClientGrants(ctx context.Context, q store.Queries) ([]store.ClientGrant, error) {
	clients, err := q.Clients(ctx)
	if err != nil {
		return nil, err
	}
	var all []store.ClientGrant
	for _, c := range clients {
		grants, err := q.ClientGrants(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, grants...)
	}
	return all, nil
}

// FindClientGrant reads a client grant by its id.
func FindClientGrant(ctx context.Context, q store.Queries, id string) (store.ClientGrant, error) {
	all, err := AllClientGrants(ctx, q)
	if err != nil {
		return store.ClientGrant{}, err
	}
	for _, g := range all {
		if g.ID == id {
			return g, nil
		}
	}
	return store.ClientGrant{}, &refusal{fmt.Sprintf("there is no client grant %q", id), store.ErrNotFound}
}

func (a *Admin) recordGrant(ctx context.Context, tx *store.Tx, what string, g store.ClientGrant) error {
	return a.Record(ctx, tx, store.Event{
		Description: what, ClientID: g.ClientID, Audience: g.Audience, Scope: g.Scope, Details: map[string]any{"id": g.ID},
	})
}
