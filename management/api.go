package management

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// Bounds of an API.
const (
	maxIdentifier   = 600
	maxScopes       = 1000
	maxAPILifetime  = 2592000 // 30 days, in seconds
	minSecret       = 16
	hs256           = "HS256"
	signingSecretOf = 32
)

var (
	signingAlgs   = []string{"RS256", "RS512", "PS256", "ES256", "EdDSA", hs256}
	tokenDialects = []string{"access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"}
)

// NewAPI is an API with the Dashboard's defaults: the tenant's own applications need no consent for it.
func NewAPI(identifier, name string) store.API {
	return store.API{Identifier: identifier, Name: name, Settings: store.APISettings{SkipConsent: true}}
}

// CheckAPI names everything that is wrong with an API.
func CheckAPI(a store.API) error {
	var m mistakes
	m.add(checkName("API", a.Name))
	if a.Identifier == "" || len(a.Identifier) > maxIdentifier || strings.ContainsFunc(a.Identifier, func(r rune) bool { return r <= ' ' || r > '~' }) {
		m.addf("the identifier of an API is 1 to %d printable ASCII characters without spaces, best a URL", maxIdentifier)
	}
	if u, err := url.Parse(a.Identifier); err != nil || u.Fragment != "" {
		m.addf("the identifier of an API must not have a fragment: leave out what follows the #")
	}
	if !slices.Contains(signingAlgs, a.Settings.Alg()) {
		m.addf("the signing algorithm %q is none of %s", a.Settings.SigningAlg, strings.Join(signingAlgs, ", "))
	}
	if a.Settings.Alg() == hs256 && len(a.SigningSecret) < minSecret {
		m.addf("an API that signs with HS256 needs a signing secret of %d bytes or more", minSecret)
	}
	if d := a.Settings.TokenDialect; d != "" && !slices.Contains(tokenDialects, d) {
		m.addf("the token dialect %q is none of %s", d, strings.Join(tokenDialects, ", "))
	}
	for _, n := range []int64{a.Settings.TokenLifetime, a.Settings.TokenLifetimeWeb} {
		if n < 0 || n > maxAPILifetime {
			m.addf("an access token lifetime of %d s is not between 1 and %d", n, maxAPILifetime)
		}
	}
	m.checkScopes(a.Scopes)
	return m.err()
}

func (m *mistakes) checkScopes(scopes []store.APIScope) {
	if len(scopes) > maxScopes {
		m.addf("an API has at most %d scopes, not %d", maxScopes, len(scopes))
		return
	}
	seen := map[string]bool{}
	for _, s := range scopes {
		if parsed, err := oauth.ParseScope(s.Value); err != nil || len(parsed) != 1 || len(s.Value) > 280 {
			m.addf("the scope %q is not one word of at most 280 printable ASCII characters", s.Value)
		}
		if len(s.Description) > 500 {
			m.addf("the description of the scope %q is over 500 bytes", s.Value)
		}
		if seen[s.Value] {
			m.addf("the scope %q is there twice", s.Value)
		}
		seen[s.Value] = true
	}
}

// CreateAPI stores a new API; one that signs with HS256 gets its secret here.
func (a *Admin) CreateAPI(ctx context.Context, api *store.API) error {
	GiveSecret(api)
	if err := CheckAPI(*api); err != nil {
		return err
	}
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CreateAPI(ctx, api); err != nil {
			return refuse(err, store.ErrConflict, "there is an API %s already: update it instead", api.Identifier)
		}
		return a.recordAPI(ctx, tx, "Create a resource server", *api)
	})
}

// UpdateAPI changes an API, named by identifier or id, by patch and returns what became of it.
func (a *Admin) UpdateAPI(ctx context.Context, ref string, patch func(*store.API) error) (api store.API, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.HoldTenant(ctx); err != nil {
			return err
		}
		if api, err = FindAPI(ctx, tx.Queries, ref); err != nil {
			return err
		}
		if api.ID == store.ManagementAPI {
			return errors.New("the Management API is the server's own: it cannot be changed")
		}
		identifier := api.Identifier
		if err := patch(&api); err != nil {
			return err
		}
		if api.Identifier != identifier {
			return errors.New("the identifier of an API never changes: make another API")
		}
		GiveSecret(&api)
		if err := CheckAPI(api); err != nil {
			return err
		}
		if err := tx.SaveAPI(ctx, &api); err != nil {
			return err
		}
		return a.recordAPI(ctx, tx, "Update a resource server", api)
	})
	return api, err
}

// DeleteAPI removes an API with the client grants for it.
func (a *Admin) DeleteAPI(ctx context.Context, ref string) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		api, err := FindAPI(ctx, tx.Queries, ref)
		if err != nil {
			return err
		}
		if api.ID == store.ManagementAPI {
			return errors.New("the Management API is the server's own: it cannot be deleted")
		}
		tenant, err := tx.Tenant(ctx)
		if err != nil {
			return err
		}
		if tenant.Settings.DefaultAudience == api.Identifier {
			return fmt.Errorf("%s is the default audience of the tenant: change that first", api.Identifier)
		}
		grants, err := AllClientGrants(ctx, tx.Queries)
		if err != nil {
			return err
		}
		for _, g := range grants {
			if g.Audience != api.Identifier {
				continue
			}
			if err := tx.DeleteClientGrant(ctx, g.ID); err != nil {
				return err
			}
		}
		if err := tx.DeleteAPI(ctx, api.ID); err != nil {
			return err
		}
		return a.recordAPI(ctx, tx, "Delete a resource server", api)
	})
}

// FindAPI reads an API by its identifier or id.
func FindAPI(ctx context.Context, q store.Queries, ref string) (store.API, error) {
	api, err := q.API(ctx, ref)
	if !errors.Is(err, store.ErrNotFound) {
		return api, err
	}
	all, err := q.APIs(ctx)
	if err != nil {
		return api, err
	}
	for _, api := range all {
		if api.ID == ref {
			return api, nil
		}
	}
	return api, &refusal{fmt.Sprintf("there is no API with the identifier %q; identifiers are compared byte for byte, a slash at the end counts", ref), store.ErrNotFound}
}

// GiveSecret makes the secret of an API that signs with HS256, and forgets that of one that does not.
func GiveSecret(api *store.API) {
	switch {
	case api.Settings.Alg() != hs256:
		api.SigningSecret = ""
	case api.SigningSecret == "":
		api.SigningSecret = store.RandomID(signingSecretOf)
	}
}

func (a *Admin) recordAPI(ctx context.Context, tx *store.Tx, what string, api store.API) error {
	return a.Record(ctx, tx, store.Event{Description: what, Audience: api.Identifier, Details: map[string]any{"id": api.ID}})
}
