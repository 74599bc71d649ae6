package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Application types (app_type).
const (
	AppNative         = "native"
	AppSPA            = "spa"
	AppRegularWeb     = "regular_web"
	AppNonInteractive = "non_interactive"
)

// Client is an application.
type Client struct {
	ID        string
	Name      string
	Secret    string // opened; sealed at rest
	Settings  ClientSettings
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ClientSettings are an application's settings under their Management API names.
type ClientSettings struct {
	Description       string   `json:"description,omitempty"`
	LogoURI           string   `json:"logo_uri,omitempty"`
	AppType           string   `json:"app_type,omitempty"`
	ThirdParty        bool     `json:"third_party,omitempty"` // is_first_party turned round, so that the zero value is usual
	Disabled          bool     `json:"disabled,omitempty"`    // Proofkey's own: the application gets no answer but a refusal
	Callbacks         []string `json:"callbacks,omitempty"`
	AllowedLogoutURLs []string `json:"allowed_logout_urls,omitempty"`
	WebOrigins        []string `json:"web_origins,omitempty"`
	AllowedOrigins    []string `json:"allowed_origins,omitempty"`
	InitiateLoginURI  string   `json:"initiate_login_uri,omitempty"`
	GrantTypes        []string `json:"grant_types,omitempty"`
	// TokenEndpointAuthMethod is none, client_secret_post or client_secret_basic; empty accepts post and basic.
	TokenEndpointAuthMethod string `json:"token_endpoint_auth_method,omitempty"`
	// AssertionKeys are the ids of the credentials that private_key_jwt takes.
	AssertionKeys []string         `json:"assertion_keys,omitempty"`
	JWT           JWTConfiguration `json:"jwt_configuration,omitzero"`
	RefreshToken  RefreshSettings  `json:"refresh_token,omitzero"`
	Mobile        Mobile           `json:"mobile,omitzero"`
	// ComplianceLevel, when set, asks for RFC 6749 statuses and invalid_client.
	ComplianceLevel string `json:"compliance_level,omitempty"`
	// SkipConfirmation is skip_non_verifiable_callback_uri_confirmation_prompt; nil leaves it to the tenant.
	SkipConfirmation *bool `json:"skip_non_verifiable_callback_uri_confirmation_prompt,omitempty"`
	// OrganizationUsage says whether people sign in to the application as members of an organization: deny (also when
	// empty), allow or require. OrganizationRequireBehavior is what happens where one is required and none was named:
	// no_prompt (also when empty), pre_login_prompt or post_login_prompt.
	OrganizationUsage           string `json:"organization_usage,omitempty"`
	OrganizationRequireBehavior string `json:"organization_require_behavior,omitempty"`
	// DefaultOrganization is the one that the application asks for in its own name where it names none.
	DefaultOrganization DefaultOrganization `json:"default_organization,omitzero"`
	// Connections are the names of the connections whose users may sign in; nil means all, an empty list none.
	Connections []string `json:"connections,omitzero"`
}

// DefaultOrganization is an organization with the flows that it is for; client_credentials is the only one.
type DefaultOrganization struct {
	OrganizationID string   `json:"organization_id,omitempty"`
	Flows          []string `json:"flows,omitempty"`
}

// JWTConfiguration is about the ID token.
type JWTConfiguration struct {
	LifetimeInSeconds int64  `json:"lifetime_in_seconds,omitempty"` // 0: 36000
	Alg               string `json:"alg,omitempty"`                 // RS256 (default) or HS256
}

// RefreshSettings are an application's rules for refresh tokens (Auth0: refresh_token).
type RefreshSettings struct {
	RotationType   string `json:"rotation_type,omitempty"`   // rotating, or non-rotating (default)
	ExpirationType string `json:"expiration_type,omitempty"` // expiring, or non-expiring (default)
	// Leeway is the number of seconds in which the spent token may be retried; nil: 60.
	Leeway                *int64 `json:"leeway,omitempty"`
	TokenLifetime         int64  `json:"token_lifetime,omitempty"`      // seconds; 0: 2592000
	IdleTokenLifetime     int64  `json:"idle_token_lifetime,omitempty"` // seconds; 0: 1296000
	InfiniteTokenLifetime bool   `json:"infinite_token_lifetime,omitempty"`
	InfiniteIdleLifetime  bool   `json:"infinite_idle_token_lifetime,omitempty"`
	// Policies are the other APIs for which the token may be exchanged.
	Policies []RefreshPolicy `json:"policies,omitempty"`
}

// RefreshPolicy lets a refresh token be exchanged for access tokens of another API than the one it was granted for.
type RefreshPolicy struct {
	Audience string   `json:"audience"`
	Scope    []string `json:"scope,omitempty"`
}

// Mobile is what the phone systems' association files are made from.
type Mobile struct {
	Android struct {
		AppPackageName         string   `json:"app_package_name,omitempty"`
		SHA256CertFingerprints []string `json:"sha256_cert_fingerprints,omitempty"`
	} `json:"android,omitzero"`
	IOS struct {
		TeamID              string `json:"team_id,omitempty"`
		AppBundleIdentifier string `json:"app_bundle_identifier,omitempty"`
	} `json:"ios,omitzero"`
}

// AllowsGrant says whether the grant type is in the application's list.
func (s ClientSettings) AllowsGrant(grantType string) bool {
	return slices.Contains(s.GrantTypes, grantType)
}

// AllowsOrganizations says whether people may sign in to the application as members of an organization.
func (s ClientSettings) AllowsOrganizations() bool {
	return s.OrganizationUsage == OrganizationAllow || s.OrganizationUsage == OrganizationRequire
}

// AllowsConnection says whether users of the connection may sign in to the application.
func (s ClientSettings) AllowsConnection(name string) bool {
	return s.Connections == nil || slices.Contains(s.Connections, name)
}

// IDTokenLife is the lifetime of the application's ID tokens.
func (s ClientSettings) IDTokenLife() time.Duration {
	if s.JWT.LifetimeInSeconds <= 0 {
		return 36000 * time.Second
	}
	return time.Duration(s.JWT.LifetimeInSeconds) * time.Second
}

// Rotating says whether each exchange of a refresh token returns a new one.
func (r RefreshSettings) Rotating() bool { return r.RotationType == "rotating" }

// RetryWindow is how long a spent token may be retried while its successor was not used.
func (r RefreshSettings) RetryWindow() time.Duration {
	if r.Leeway == nil {
		return 60 * time.Second
	}
	return time.Duration(*r.Leeway) * time.Second
}

// Absolute is the lifetime of a family from its first token; 0 means no end.
func (r RefreshSettings) Absolute() time.Duration {
	return lifetime(r.ExpirationType, r.InfiniteTokenLifetime, r.TokenLifetime, 2592000)
}

// Idle is how long a family lives without an exchange; 0 means no end.
func (r RefreshSettings) Idle() time.Duration {
	return lifetime(r.ExpirationType, r.InfiniteIdleLifetime, r.IdleTokenLifetime, 1296000)
}

func lifetime(expiration string, infinite bool, seconds, absent int64) time.Duration {
	if expiration != "expiring" || infinite {
		return 0
	}
	if seconds <= 0 {
		seconds = absent
	}
	return time.Duration(seconds) * time.Second
}

const clientColumns = `id, name, secret, settings, created_at, updated_at`

func (q Queries) scanClient(r scanner) (c Client, err error) {
	var secret []byte
	if err := r.Scan(&c.ID, &c.Name, &secret, docInto{&c.Settings}, msInto{&c.CreatedAt}, msInto{&c.UpdatedAt}); err != nil {
		return c, err
	}
	c.Secret, err = q.seal.openColumn("clients.secret", c.ID, secret)
	return c, err
}

// Client reads an application by its client_id.
func (q Queries) Client(ctx context.Context, id string) (Client, error) {
	return one(ctx, q, q.scanClient, `SELECT `+clientColumns+` FROM clients WHERE id = $1`, id)
}

// Clients lists the applications by id.
func (q Queries) Clients(ctx context.Context) ([]Client, error) {
	return many(ctx, q, q.scanClient, `SELECT `+clientColumns+` FROM clients ORDER BY id`)
}

// ClientPage picks applications by id: those behind After, but for Without, from Offset on.
type ClientPage struct {
	After, Without string
	Offset, Limit  int
}

// ClientsOn lists the applications of a page.
func (q Queries) ClientsOn(ctx context.Context, p ClientPage) ([]Client, error) {
	return many(ctx, q, q.scanClient, `SELECT `+clientColumns+` FROM clients WHERE id > $1 AND id <> $2
		ORDER BY id LIMIT $3 OFFSET $4`, p.After, p.Without, p.Limit, p.Offset)
}

// CountClients counts all applications.
func (q Queries) CountClients(ctx context.Context) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM clients`)
	return int(n), err
}

// CreateClient stores an application; an empty ID is filled with 32 letters and digits.
func (tx *Tx) CreateClient(ctx context.Context, c *Client, origins []string) error {
	if c.ID == "" {
		c.ID = RandomID(32)
	}
	c.CreatedAt, c.UpdatedAt = tx.Now(), tx.Now()
	if err := tx.exec1(ctx, ErrConflict, `INSERT INTO clients (`+clientColumns+`) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (id) DO NOTHING`,
		c.ID, c.Name, tx.seal.sealColumn("clients.secret", c.ID, c.Secret), doc(c.Settings), ms(c.CreatedAt)); err != nil {
		return err
	}
	return tx.setOrigins(ctx, c.ID, origins)
}

// SaveClient replaces an application's name, secret and settings. origins are those of its callbacks, web origins and
// allowed origins (see ClientByOrigin).
func (tx *Tx) SaveClient(ctx context.Context, c *Client, origins []string) error {
	c.UpdatedAt = tx.Now()
	if err := tx.exec1(ctx, ErrNotFound, `UPDATE clients SET name = $2, secret = $3, settings = $4, updated_at = $5 WHERE id = $1`,
		c.ID, c.Name, tx.seal.sealColumn("clients.secret", c.ID, c.Secret), doc(c.Settings), ms(c.UpdatedAt)); err != nil {
		return err
	}
	return tx.setOrigins(ctx, c.ID, origins)
}

// DeleteClient removes an application with its grants; its refresh tokens die with it, because their application is gone.
func (tx *Tx) DeleteClient(ctx context.Context, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM clients WHERE id = $1`, id)
}

func (tx *Tx) setOrigins(ctx context.Context, id string, origins []string) error {
	if _, err := tx.exec(ctx, `DELETE FROM client_origins WHERE client_id = $1`, id); err != nil {
		return err
	}
	for _, o := range origins {
		if _, err := tx.exec(ctx, `INSERT INTO client_origins (client_id, origin, pattern) VALUES ($1, $2, $3)
			ON CONFLICT (client_id, origin) DO NOTHING`, id, o, strings.Contains(o, "*")); err != nil {
			return err
		}
	}
	return nil
}

// KnownOrigin says whether any application lists the origin; match decides for patterns.
func (q Queries) KnownOrigin(ctx context.Context, origin string, match func(pattern, origin string) bool) (bool, error) {
	_, err := one(ctx, q, scanString, `SELECT client_id FROM client_origins WHERE origin = $1 LIMIT 1`, origin)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return err == nil, err
	}
	patterns, err := many(ctx, q, scanString, `SELECT DISTINCT origin FROM client_origins WHERE pattern`)
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, origin) }), err
}
