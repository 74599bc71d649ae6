package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tenant is the one row that says who this database is.
type Tenant struct {
	ID        string
	Settings  TenantSettings
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TenantSettings are the tenant's switches under their Management API names; the zero value is a fresh tenant.
type TenantSettings struct {
	FriendlyName      string   `json:"friendly_name,omitempty"`
	PictureURL        string   `json:"picture_url,omitempty"`
	SupportEmail      string   `json:"support_email,omitempty"`
	SupportURL        string   `json:"support_url,omitempty"`
	AllowedLogoutURLs []string `json:"allowed_logout_urls,omitempty"`
	// DefaultAudience is used when /authorize names none.
	DefaultAudience       string `json:"default_audience,omitempty"`
	DefaultDirectory      string `json:"default_directory,omitempty"`
	DefaultRedirectionURI string `json:"default_redirection_uri,omitempty"`
	// SessionLifetime and IdleSessionLifetime are hours, possibly fractions; 0 means the defaults 168 and 72.
	SessionLifetime     float64       `json:"session_lifetime,omitempty"`
	IdleSessionLifetime float64       `json:"idle_session_lifetime,omitempty"`
	SessionCookie       SessionCookie `json:"session_cookie,omitzero"`
	EnabledLocales      []string      `json:"enabled_locales,omitempty"`
	ACRValuesSupported  []string      `json:"acr_values_supported,omitempty"`
	// PKCEAppTypes lists the application types that may exchange a code with PKCE alone (Proofkey's own setting); nil
	// means native only, an empty list no type at all.
	PKCEAppTypes []string `json:"pkce_app_types,omitzero"`
	// SkipConfirmation is skip_non_verifiable_callback_uri_confirmation_prompt; nil means that the prompt is shown.
	SkipConfirmation *bool `json:"skip_non_verifiable_callback_uri_confirmation_prompt,omitempty"`
	// OrganizationNames lets applications name organizations by name, and tokens say it.
	OrganizationNames bool         `json:"allow_organization_name_in_authentication_api,omitempty"`
	OIDCLogout        OIDCLogout   `json:"oidc_logout,omitzero"`
	Flags             TenantFlags  `json:"flags,omitzero"`
	BruteForce        BruteForce   `json:"brute_force_protection,omitzero"`
	SuspiciousIP      SuspiciousIP `json:"suspicious_ip_throttling,omitzero"`
}

// SessionCookie says whether the session survives the browser's end: persistent (default) or non-persistent.
type SessionCookie struct {
	Mode string `json:"mode,omitempty"`
}

// OIDCLogout are the tenant's switches of RP-initiated logout; nil means on.
type OIDCLogout struct {
	EndSessionEndpointDiscovery *bool `json:"rp_logout_end_session_endpoint_discovery,omitempty"`
	EndUserConfirmation         *bool `json:"rp_logout_end_user_confirmation,omitempty"`
}

// TenantFlags are the flags that the running system reads.
type TenantFlags struct {
	RevokeRefreshTokenGrant        bool `json:"revoke_refresh_token_grant,omitempty"`
	UseScopeDescriptionsForConsent bool `json:"use_scope_descriptions_for_consent,omitempty"`
}

// BruteForce blocks an identifier (from an address) after failed logins.
type BruteForce struct {
	Enabled     *bool    `json:"enabled,omitempty"`      // nil: on
	MaxAttempts int      `json:"max_attempts,omitempty"` // 0: 10
	Mode        string   `json:"mode,omitempty"`         // count_per_identifier_and_ip (default) or count_per_identifier
	Allowlist   []string `json:"allowlist,omitempty"`    // addresses and CIDR ranges
}

// SuspiciousIP throttles an address.
type SuspiciousIP struct {
	Enabled   *bool    `json:"enabled,omitempty"` // nil: on
	Allowlist []string `json:"allowlist,omitempty"`
	// LoginMaxAttempts failed logins a day and LoginRate milliseconds to earn one back; 0 means 100 and 864000.
	LoginMaxAttempts int   `json:"login_max_attempts,omitempty"`
	LoginRate        int64 `json:"login_rate,omitempty"`
	// SignupMaxAttempts sign-ups a minute and SignupRate milliseconds to earn one back; 0 means 50 and 1200.
	SignupMaxAttempts int   `json:"signup_max_attempts,omitempty"`
	SignupRate        int64 `json:"signup_rate,omitempty"`
}

// PKCETypes are the application types that may exchange a code with PKCE alone.
func (s TenantSettings) PKCETypes() []string {
	if s.PKCEAppTypes == nil {
		return []string{AppNative}
	}
	return s.PKCEAppTypes
}

// PKCEAlone says whether an application of this type may exchange a code with PKCE and no client authentication.
func (s TenantSettings) PKCEAlone(appType string) bool {
	return slices.Contains(s.PKCETypes(), appType)
}

// SessionLife is the absolute lifetime of a browser session.
func (s TenantSettings) SessionLife() time.Duration { return hours(s.SessionLifetime, 168) }

// SessionIdle is how long a browser session lives without activity.
func (s TenantSettings) SessionIdle() time.Duration { return hours(s.IdleSessionLifetime, 72) }

func hours(h, absent float64) time.Duration {
	if h <= 0 {
		h = absent
	}
	return time.Duration(h * float64(time.Hour))
}

// Tenant reads the tenant's row.
func (q Queries) Tenant(ctx context.Context) (Tenant, error) {
	return one(ctx, q, func(r scanner) (t Tenant, err error) {
		return t, r.Scan(&t.ID, docInto{&t.Settings}, msInto{&t.CreatedAt}, msInto{&t.UpdatedAt})
	}, `SELECT id, settings, created_at, updated_at FROM tenant`)
}

// SaveTenantSettings replaces the tenant's settings.
func (tx *Tx) SaveTenantSettings(ctx context.Context, s TenantSettings) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE tenant SET settings = $1, updated_at = $2`, doc(s), ms(tx.Now()))
}

// HoldTenant makes the transactions that call it wait for one another, each until the one before has ended, and see what it
// did: changes of the tenant's configuration, which read what they change, must not overwrite one another. SQLite has one
// writer anyway.
func (tx *Tx) HoldTenant(ctx context.Context) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE tenant SET updated_at = updated_at`)
}

// HoldUser is HoldTenant for the changes of one user; a user who does not exist holds nobody.
func (tx *Tx) HoldUser(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `UPDATE users SET updated_at = updated_at WHERE id = $1`, id)
	return err
}

// Domain is one origin that the tenant answers on; each is an issuer of its own.
type Domain struct {
	Origin    string // https://login.example.com, or with a port
	Host      string // login.example.com, as in the Host header
	CreatedAt time.Time
}

// Issuer is the iss of the tokens issued on this domain.
func (d Domain) Issuer() string { return d.Origin + "/" }

// Secure says whether the domain is reached by TLS.
func (d Domain) Secure() bool { return strings.HasPrefix(d.Origin, "https://") }

// Domains lists the tenant's domains, the primary first.
func (q Queries) Domains(ctx context.Context) ([]Domain, error) {
	return many(ctx, q, func(r scanner) (d Domain, err error) {
		return d, r.Scan(&d.Origin, &d.Host, msInto{&d.CreatedAt})
	}, `SELECT origin, host, created_at FROM domains ORDER BY position`)
}

// SetDomains replaces the tenant's domains by these origins, the first being the primary.
func (tx *Tx) SetDomains(ctx context.Context, origins []string) error {
	if _, err := tx.exec(ctx, `DELETE FROM domains`); err != nil {
		return err
	}
	for i, o := range origins {
		_, host, ok := strings.Cut(o, "://")
		if !ok {
			return fmt.Errorf("store: domain %q is not an origin such as https://login.example.com", o)
		}
		if _, err := tx.exec(ctx, `INSERT INTO domains (origin, host, position, created_at) VALUES ($1, $2, $3, $4)`,
			o, host, i, ms(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}
