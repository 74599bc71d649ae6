package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How an application, or a client grant, uses organizations (organization_usage).
const (
	OrganizationDeny    = "deny" // also where nothing is said
	OrganizationAllow   = "allow"
	OrganizationRequire = "require"
)

// Organization is a customer of the tenant's: its members sign in to it, by the connections that it has.
type Organization struct {
	ID          string
	Name        string // lower case
	DisplayName string
	Settings    OrganizationSettings
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// OrganizationSettings are an organization's settings under their Management API names.
type OrganizationSettings struct {
	Branding *OrganizationBranding `json:"branding,omitempty"`
	Metadata map[string]any        `json:"metadata,omitzero"` // an empty one is not the same as none
	// TokenQuota is kept as it was said.
	TokenQuota             map[string]any `json:"token_quota,omitempty"`
	ThirdPartyClientAccess string         `json:"third_party_client_access,omitempty"` // block (default) or allow
	IsAppEntitlementActive bool           `json:"is_app_entitlement_active,omitempty"`
}

// OrganizationBranding is how the pages look for the members.
type OrganizationBranding struct {
	LogoURL string              `json:"logo_url,omitempty"`
	Colors  *OrganizationColors `json:"colors,omitempty"`
}

// OrganizationColors are #rrggbb.
type OrganizationColors struct {
	Primary        string `json:"primary,omitempty"`
	PageBackground string `json:"page_background,omitempty"`
}

// Title is what people know the organization by.
func (o Organization) Title() string {
	if o.DisplayName != "" {
		return o.DisplayName
	}
	return o.Name
}

const organizationColumns = `organizations.id, organizations.name, organizations.display_name, organizations.settings,
	organizations.created_at, organizations.updated_at`

func scanOrganization(r scanner) (o Organization, err error) {
	return o, r.Scan(&o.ID, &o.Name, &o.DisplayName, docInto{&o.Settings}, msInto{&o.CreatedAt}, msInto{&o.UpdatedAt})
}

// Organization reads an organization by id.
func (q Queries) Organization(ctx context.Context, id string) (Organization, error) {
	return one(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM organizations WHERE id = $1`, id)
}

// OrganizationByName reads an organization by name.
func (q Queries) OrganizationByName(ctx context.Context, name string) (Organization, error) {
	return one(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM organizations WHERE name = $1`, name)
}

// OrganizationNamed reads the organization that a request names: by id, or where names may be used by name in any case.
func (q Queries) OrganizationNamed(ctx context.Context, value string, names bool) (Organization, error) {
	o, err := q.Organization(ctx, value)
	if !names || !errors.Is(err, ErrNotFound) {
		return o, err
	}
	return q.OrganizationByName(ctx, strings.ToLower(value))
}

// OrganizationPage picks a part of all organizations.
type OrganizationPage struct {
	Sort       string // name or display_name; otherwise by when they were made
	Descending bool
	// After is the value sorted by and the id of the last one of the page before, as [OrganizationPage.Place] tells them.
	After         []string
	Offset, Limit int
}

// Place is where a page ends that ends with this organization.
func (p OrganizationPage) Place(o Organization) []string {
	switch p.Sort {
	case "name":
		return []string{o.Name, o.ID}
	case "display_name":
		return []string{o.DisplayName, o.ID}
	}
	return []string{strconv.FormatInt(o.CreatedAt.UnixMilli(), 10), o.ID}
}

// Organizations lists the organizations of a page; ErrNotFound when After is no place.
func (q Queries) Organizations(ctx context.Context, p OrganizationPage) ([]Organization, error) {
	column := "created_at"
	if p.Sort == "name" || p.Sort == "display_name" {
		column = p.Sort
	}
	compare, direction := ">", ""
	if p.Descending {
		compare, direction = "<", " DESC"
	}
	where, args := "", []any{}
	if len(p.After) == 2 {
		var value any = p.After[0]
		if column == "created_at" {
			n, err := strconv.ParseInt(p.After[0], 10, 64)
			if err != nil {
				return nil, ErrNotFound
			}
			value = n
		}
		where = fmt.Sprintf(` WHERE (%s, id) %s ($1, $2)`, column, compare)
		args = append(args, value, p.After[1])
	}
	args = append(args, p.Limit, p.Offset)
	return many(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM organizations`+where+
		fmt.Sprintf(` ORDER BY %s%s, id%s LIMIT $%d OFFSET $%d`, column, direction, direction, len(args)-1, len(args)), args...)
}

// CountOrganizations counts all organizations.
func (q Queries) CountOrganizations(ctx context.Context) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organizations`)
	return int(n), err
}

// CreateOrganization stores an organization; ErrConflict when another one has its name.
func (tx *Tx) CreateOrganization(ctx context.Context, o *Organization) error {
	if o.ID == "" {
		o.ID = "org_" + RandomID(16)
	}
	o.CreatedAt, o.UpdatedAt = tx.Now(), tx.Now()
	return tx.exec1(ctx, ErrConflict, `INSERT INTO organizations (id, name, display_name, settings, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING`, o.ID, o.Name, o.DisplayName, doc(o.Settings), ms(o.CreatedAt))
}

// SaveOrganization replaces an organization's name, display name and settings; ErrConflict when another one has the name.
func (tx *Tx) SaveOrganization(ctx context.Context, o *Organization) error {
	o.UpdatedAt = tx.Now()
	return tx.exec1(ctx, ErrConflict, `UPDATE organizations SET name = $2, display_name = $3, settings = $4, updated_at = $5
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.name = $2 AND o.id <> $1)`,
		o.ID, o.Name, o.DisplayName, doc(o.Settings), ms(o.UpdatedAt))
}

// DeleteOrganization removes an organization with its members, connections, invitations and own roles. Refresh tokens that
// were issued in it are refused from then on, because it is gone.
func (tx *Tx) DeleteOrganization(ctx context.Context, id string) error {
	if err := tx.exec1(ctx, ErrNotFound, `DELETE FROM organizations WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM roles WHERE owner_id = $1`, id)
	return err
}

// OrganizationConnection is a connection by which people sign in to an organization.
type OrganizationConnection struct {
	OrganizationID string
	ConnectionID   string
	Name, Strategy string // of the connection
	Settings       OrganizationConnectionSettings
	CreatedAt      time.Time
}

// OrganizationConnectionSettings are those of a connection in an organization, under their Management API names.
type OrganizationConnectionSettings struct {
	Name          string `json:"organization_connection_name,omitempty"`
	AssignOnLogin bool   `json:"assign_membership_on_login,omitempty"` // who signs in by it becomes a member
	SignupEnabled bool   `json:"is_signup_enabled,omitempty"`          // of database connections: strangers may sign up
	HideButton    bool   `json:"hide_button,omitempty"`                // show_as_button turned round, so that the zero value is usual
	Disabled      bool   `json:"disabled,omitempty"`                   // is_enabled turned round
	AccessLevel   string `json:"organization_access_level,omitempty"`  // none (also when empty), readonly, limited or full
}

const organizationConnectionColumns = `o.organization_id, o.connection_id, c.name, c.strategy, o.settings, o.created_at`

func scanOrganizationConnection(r scanner) (c OrganizationConnection, err error) {
	return c, r.Scan(&c.OrganizationID, &c.ConnectionID, &c.Name, &c.Strategy, docInto{&c.Settings}, msInto{&c.CreatedAt})
}

// OrganizationConnections lists the connections of an organization by their names.
func (q Queries) OrganizationConnections(ctx context.Context, organizationID string) ([]OrganizationConnection, error) {
	return many(ctx, q, scanOrganizationConnection, `SELECT `+organizationConnectionColumns+` FROM organization_connections o
		JOIN connections c ON c.id = o.connection_id WHERE o.organization_id = $1 ORDER BY c.name`, organizationID)
}

// EnabledConnections lists the connections by which people can sign in to an organization.
func (q Queries) EnabledConnections(ctx context.Context, organizationID string) ([]OrganizationConnection, error) {
	all, err := q.OrganizationConnections(ctx, organizationID)
	return slices.DeleteFunc(all, func(c OrganizationConnection) bool { return c.Settings.Disabled }), err
}

// OrganizationConnection reads one of an organization's connections.
func (q Queries) OrganizationConnection(ctx context.Context, organizationID, connectionID string) (OrganizationConnection, error) {
	return one(ctx, q, scanOrganizationConnection, `SELECT `+organizationConnectionColumns+` FROM organization_connections o
		JOIN connections c ON c.id = o.connection_id WHERE o.organization_id = $1 AND o.connection_id = $2`, organizationID, connectionID)
}

// AddOrganizationConnection gives an organization a connection; ErrConflict when it has it already.
func (tx *Tx) AddOrganizationConnection(ctx context.Context, c OrganizationConnection) error {
	return tx.exec1(ctx, ErrConflict, `INSERT INTO organization_connections (organization_id, connection_id, settings, created_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, c.OrganizationID, c.ConnectionID, doc(c.Settings), ms(tx.Now()))
}

// SaveOrganizationConnection replaces the settings of an organization's connection.
func (tx *Tx) SaveOrganizationConnection(ctx context.Context, c OrganizationConnection) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE organization_connections SET settings = $3
		WHERE organization_id = $1 AND connection_id = $2`, c.OrganizationID, c.ConnectionID, doc(c.Settings))
}

// RemoveOrganizationConnection takes a connection from an organization.
func (tx *Tx) RemoveOrganizationConnection(ctx context.Context, organizationID, connectionID string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM organization_connections WHERE organization_id = $1 AND connection_id = $2`,
		organizationID, connectionID)
}

// OrganizationGrants lists the client grants that an organization is linked to, by id.
func (q Queries) OrganizationGrants(ctx context.Context, organizationID string) ([]ClientGrant, error) {
	return many(ctx, q, scanClientGrant, `SELECT `+clientGrantColumns+` FROM organization_client_grants o
		JOIN client_grants ON client_grants.id = o.grant_id WHERE o.organization_id = $1 ORDER BY client_grants.id`, organizationID)
}

// GrantOrganizations lists the organizations that a client grant is linked to by id, after the given one.
func (q Queries) GrantOrganizations(ctx context.Context, grantID, after string, offset, limit int) ([]Organization, error) {
	return many(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM organization_client_grants g
		JOIN organizations ON organizations.id = g.organization_id
		WHERE g.grant_id = $1 AND g.organization_id > $2 ORDER BY g.organization_id LIMIT $3 OFFSET $4`, grantID, after, limit, offset)
}

// CountGrantOrganizations counts the organizations that a client grant is linked to.
func (q Queries) CountGrantOrganizations(ctx context.Context, grantID string) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_client_grants WHERE grant_id = $1`, grantID)
	return int(n), err
}

// OrganizationHasGrant says whether an organization is linked to a client grant.
func (q Queries) OrganizationHasGrant(ctx context.Context, organizationID, grantID string) (bool, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_client_grants WHERE organization_id = $1 AND grant_id = $2`,
		organizationID, grantID)
	return n > 0, err
}

// LinkGrant links an organization to a client grant; ErrConflict when it is linked already.
func (tx *Tx) LinkGrant(ctx context.Context, organizationID, grantID string) error {
	return tx.exec1(ctx, ErrConflict, `INSERT INTO organization_client_grants (organization_id, grant_id) VALUES ($1, $2)
		ON CONFLICT DO NOTHING`, organizationID, grantID)
}

// UnlinkGrant takes a client grant from an organization.
func (tx *Tx) UnlinkGrant(ctx context.Context, organizationID, grantID string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM organization_client_grants WHERE organization_id = $1 AND grant_id = $2`,
		organizationID, grantID)
}
