package api

import (
	"context"
	_ "embed"
	"errors"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// SystemAPI is the id of the resource server that this API itself is; it is the same in every tenant.
const SystemAPI = store.ManagementAPI

// Audience is what tokens for this API are issued for on a domain.
func Audience(d store.Domain) string { return d.Issuer() + strings.TrimPrefix(Base, "/") }

//go:embed scopes.txt
var scopeList string

// Scopes are those of this API.
func Scopes() []string { return strings.Fields(scopeList) }

// AllScopes is the scope of a client grant that holds everything.
func AllScopes() string { return strings.Join(Scopes(), " ") }

// Prepare makes the system entities that a tenant lacks, and gives the API the name of the primary domain.
func Prepare(ctx context.Context, db *store.DB, primary store.Domain) error {
	api, err := db.APIByID(ctx, SystemAPI)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && api.Identifier == Audience(primary) && len(api.Scopes) == len(Scopes()) {
		return nil
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		api, err := tx.APIByID(ctx, SystemAPI)
		if errors.Is(err, store.ErrNotFound) {
			err = createSystem(ctx, tx, primary)
			if errors.Is(err, store.ErrConflict) { // another node was quicker
				return nil
			}
			return err
		}
		if err != nil {
			return err
		}
		api.Scopes = APIScopes()
		if err := tx.SaveAPI(ctx, &api); err != nil {
			return err
		}
		if api.Identifier == Audience(primary) {
			return nil
		}
		return tx.RenameAPI(ctx, api.ID, Audience(primary))
	})
}

func createSystem(ctx context.Context, tx *store.Tx, primary store.Domain) error {
	err := tx.CreateAPI(ctx, &store.API{
		ID: SystemAPI, Identifier: Audience(primary), Name: "Auth0 Management API", Scopes: APIScopes(),
	})
	if err != nil {
		return err
	}
	return createGlobalClient(ctx, tx)
}

// system is the kind of the documents that name system entities.
const system, globalClient = "system", "global_client"

// createGlobalClient makes the application that stands for all others: tools keep the classic login page in it. It has no
// grant type and no callback, so nobody can sign in with it.
func createGlobalClient(ctx context.Context, tx *store.Tx) error {
	c := store.Client{ID: store.RandomID(32), Secret: store.RandomID(64), Name: "All Applications"}
	body := document{
		"name": c.Name, "global": true, "callbacks": []any{}, "is_first_party": true, "owners": []any{}, "grant_types": []any{},
		"cross_origin_authentication": false, "custom_login_page_on": true,
	}
	refresh := document{}
	completeRefresh(refresh, "")
	body["refresh_token"] = refresh
	if err := applyClient(&c, body); err != nil {
		return err
	}
	if err := tx.CreateClient(ctx, &c, nil); err != nil {
		return err
	}
	if err := putClient(ctx, tx, c, body); err != nil {
		return err
	}
	return tx.CreateDocument(ctx, &store.Document{Kind: system, ID: globalClient, Body: document{"client_id": c.ID}})
}

// globalClientID is empty where there is none.
func globalClientID(ctx context.Context, q store.Queries) (string, error) {
	d, err := q.Document(ctx, system, globalClient)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return text(d.Body, "client_id"), err
}

// APIScopes are those of this API, described by the pattern verb and thing: read:client_grants is "Read Client Grants".
func APIScopes() []store.APIScope {
	var all []store.APIScope
	for _, s := range Scopes() {
		words := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '_' })
		for i, w := range words {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
		all = append(all, store.APIScope{Value: s, Description: strings.Join(words, " ")})
	}
	return all
}
