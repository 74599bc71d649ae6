package store

import (
	"context"
	"fmt"
	"time"
)

// API is a resource server: what accepts access tokens. Its identifier is their audience.
type API struct {
	ID            string
	Identifier    string
	Name          string
	SigningSecret string // HS256 only; opened, sealed at rest
	Scopes        []APIScope
	Settings      APISettings
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// ManagementAPI is the id of the API that the Management API itself is; its identifier follows the primary domain.
const ManagementAPI = "5f0000000000000000000001"

// APIScope is a permission of an API.
type APIScope struct{ Value, Description string }

// APISettings are an API's settings under their Management API names.
type APISettings struct {
	AllowOfflineAccess bool   `json:"allow_offline_access,omitempty"`
	SigningAlg         string `json:"signing_alg,omitempty"`            // RS256 (default), ES256, EdDSA or HS256
	TokenLifetime      int64  `json:"token_lifetime,omitempty"`         // seconds; 0: 86400
	TokenLifetimeWeb   int64  `json:"token_lifetime_for_web,omitempty"` // seconds; 0: 7200
	SkipConsent        bool   `json:"skip_consent_for_verifiable_first_party_clients,omitempty"`
	EnforcePolicies    bool   `json:"enforce_policies,omitempty"`
	TokenDialect       string `json:"token_dialect,omitempty"` // access_token (default), rfc9068_profile, and their _authz
	Disabled           bool   `json:"disabled,omitempty"`      // Proofkey's own: no token is issued for it
}

// Alg is the algorithm of the API's access tokens.
func (s APISettings) Alg() string {
	if s.SigningAlg == "" {
		return "RS256"
	}
	return s.SigningAlg
}

// TokenLife is the lifetime of the API's access tokens.
func (s APISettings) TokenLife() time.Duration {
	if s.TokenLifetime <= 0 {
		return 86400 * time.Second
	}
	return time.Duration(s.TokenLifetime) * time.Second
}

const apiColumns = `id, identifier, name, signing_secret, settings, created_at, updated_at`

func (q Queries) scanAPI(r scanner) (a API, err error) {
	var secret []byte
	if err := r.Scan(&a.ID, &a.Identifier, &a.Name, &secret, docInto{&a.Settings}, msInto{&a.CreatedAt}, msInto{&a.UpdatedAt}); err != nil {
		return a, err
	}
	a.SigningSecret, err = q.seal.openColumn("resource_servers.signing_secret", a.ID, secret)
	return a, err
}

func scanAPIScope(r scanner) (s APIScope, err error) { return s, r.Scan(&s.Value, &s.Description) }

// API reads an API with its scopes by its identifier.
func (q Queries) API(ctx context.Context, identifier string) (API, error) {
	a, err := one(ctx, q, q.scanAPI, `SELECT `+apiColumns+` FROM resource_servers WHERE identifier = $1`, identifier)
	if err != nil {
		return a, err
	}
	a.Scopes, err = q.apiScopes(ctx, a.ID)
	return a, err
}

// APIByID reads an API with its scopes by its id.
func (q Queries) APIByID(ctx context.Context, id string) (API, error) {
	a, err := one(ctx, q, q.scanAPI, `SELECT `+apiColumns+` FROM resource_servers WHERE id = $1`, id)
	if err != nil {
		return a, err
	}
	a.Scopes, err = q.apiScopes(ctx, a.ID)
	return a, err
}

func (q Queries) apiScopes(ctx context.Context, id string) ([]APIScope, error) {
	return many(ctx, q, scanAPIScope, `SELECT value, description FROM resource_server_scopes
		WHERE resource_server_id = $1 ORDER BY position`, id)
}

// APIs lists the APIs with their scopes.
func (q Queries) APIs(ctx context.Context) ([]API, error) {
	all, err := many(ctx, q, q.scanAPI, `SELECT `+apiColumns+` FROM resource_servers ORDER BY id`)
	for i := range all {
		if err == nil {
			all[i].Scopes, err = q.apiScopes(ctx, all[i].ID)
		}
	}
	return all, err
}

// CreateAPI stores an API; an empty ID is filled with 24 hex digits.
func (tx *Tx) CreateAPI(ctx context.Context, a *API) error {
	if a.ID == "" {
		a.ID = randomHex(12)
	}
	a.CreatedAt, a.UpdatedAt = tx.Now(), tx.Now()
	if err := tx.exec1(ctx, ErrConflict, `INSERT INTO resource_servers (`+apiColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT DO NOTHING`, a.ID, a.Identifier, a.Name,
		tx.seal.sealColumn("resource_servers.signing_secret", a.ID, a.SigningSecret), doc(a.Settings), ms(a.CreatedAt)); err != nil {
		return err
	}
	return tx.setAPIScopes(ctx, a)
}

// SaveAPI replaces an API's name, secret, scopes and settings; its identifier never changes.
func (tx *Tx) SaveAPI(ctx context.Context, a *API) error {
	a.UpdatedAt = tx.Now()
	if err := tx.exec1(ctx, ErrNotFound, `UPDATE resource_servers SET name = $2, signing_secret = $3, settings = $4, updated_at = $5
		WHERE id = $1`, a.ID, a.Name, tx.seal.sealColumn("resource_servers.signing_secret", a.ID, a.SigningSecret),
		doc(a.Settings), ms(a.UpdatedAt)); err != nil {
		return err
	}
	return tx.setAPIScopes(ctx, a)
}

// RenameAPI gives an API another identifier, and the client grants with it. Only the Management API's ever changes, when
// the primary domain does; tokens for the former identifier stay what they are.
func (tx *Tx) RenameAPI(ctx context.Context, id, identifier string) error {
	old, err := tx.APIByID(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE client_grants SET audience = $2 WHERE audience = $1`, old.Identifier, identifier); err != nil {
		return err
	}
	return tx.exec1(ctx, ErrNotFound, `UPDATE resource_servers SET identifier = $2, updated_at = $3 WHERE id = $1`,
		id, identifier, ms(tx.Now()))
}

func (tx *Tx) setAPIScopes(ctx context.Context, a *API) error {
	if _, err := tx.exec(ctx, `DELETE FROM resource_server_scopes WHERE resource_server_id = $1`, a.ID); err != nil {
		return err
	}
	rows := make([][]any, len(a.Scopes))
	for i, s := range a.Scopes {
		rows[i] = []any{a.ID, s.Value, s.Description, i}
	}
	if err := tx.insert(ctx, `INSERT INTO resource_server_scopes (resource_server_id, value, description, position) VALUES `,
		` ON CONFLICT DO NOTHING`, rows); err != nil {
		return err
	}
	return tx.dropPermissions(ctx, a.ID)
}

// DeleteAPI removes an API.
func (tx *Tx) DeleteAPI(ctx context.Context, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM resource_servers WHERE id = $1`, id)
}

// ClientGrant lets an application ask for an API's scopes in its own name (client_credentials).
type ClientGrant struct {
	ID       string
	ClientID string
	Audience string
	Scope    string // space separated
	// OrganizationUsage says whether tokens may be for an organization: deny (also when empty), allow or require. It is one
	// that the grant is linked to, unless AllowAnyOrganization.
	OrganizationUsage    string
	AllowAnyOrganization bool
	CreatedAt            time.Time
}

const clientGrantColumns = `client_grants.id, client_grants.client_id, client_grants.audience, client_grants.scope,
	client_grants.organization_usage, client_grants.allow_any_organization, client_grants.created_at`

func scanClientGrant(r scanner) (g ClientGrant, err error) {
	return g, r.Scan(&g.ID, &g.ClientID, &g.Audience, &g.Scope, nullInto{&g.OrganizationUsage}, &g.AllowAnyOrganization, msInto{&g.CreatedAt})
}

// ClientGrant reads the application's grant for an API.
func (q Queries) ClientGrant(ctx context.Context, clientID, audience string) (ClientGrant, error) {
	return one(ctx, q, scanClientGrant, `SELECT `+clientGrantColumns+` FROM client_grants
		WHERE client_id = $1 AND audience = $2`, clientID, audience)
}

// ClientGrantByID reads a client grant by its id.
func (q Queries) ClientGrantByID(ctx context.Context, id string) (ClientGrant, error) {
	return one(ctx, q, scanClientGrant, `SELECT `+clientGrantColumns+` FROM client_grants WHERE id = $1`, id)
}

// ClientGrantFilter picks client grants, by id; empty fields pick all.
type ClientGrantFilter struct {
	ClientID, Audience string
	After              string // the id of the last one of the page before
}

// AllClientGrants lists the client grants of all applications.
func (q Queries) AllClientGrants(ctx context.Context, f ClientGrantFilter) ([]ClientGrant, error) {
	where, args := `id > $1`, []any{f.After}
	for _, c := range [][2]string{{"client_id", f.ClientID}, {"audience", f.Audience}} {
		if c[1] != "" {
			args = append(args, c[1])
			where += fmt.Sprintf(` AND %s = $%d`, c[0], len(args))
		}
	}
	return many(ctx, q, scanClientGrant, `SELECT `+clientGrantColumns+` FROM client_grants
		WHERE `+where+` ORDER BY id`, args...)
}

// ClientGrants lists an application's grants.
func (q Queries) ClientGrants(ctx context.Context, clientID string) ([]ClientGrant, error) {
	return many(ctx, q, scanClientGrant, `SELECT `+clientGrantColumns+` FROM client_grants
		WHERE client_id = $1 ORDER BY audience`, clientID)
}

// SaveClientGrant makes or replaces the application's grant for an API.
func (tx *Tx) SaveClientGrant(ctx context.Context, g *ClientGrant) error {
	if g.ID == "" {
		g.ID = "cgr_" + RandomID(16)
	}
	g.CreatedAt = tx.Now()
	id, err := one(ctx, tx.Queries, scanString, `INSERT INTO client_grants (id, client_id, audience, scope, organization_usage,
			allow_any_organization, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (client_id, audience) DO UPDATE SET scope = EXCLUDED.scope,
			organization_usage = EXCLUDED.organization_usage, allow_any_organization = EXCLUDED.allow_any_organization RETURNING id`,
		g.ID, g.ClientID, g.Audience, g.Scope, null(g.OrganizationUsage), g.AllowAnyOrganization, ms(g.CreatedAt))
	g.ID = id
	return err
}

// DeleteClientGrant removes a client grant.
func (tx *Tx) DeleteClientGrant(ctx context.Context, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM client_grants WHERE id = $1`, id)
}
