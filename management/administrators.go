package management

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// The roles of administrators; docs/decisions/0009-dashboard.md argues what each may do.
const (
	RoleAdmin  = "Admin"  // everything
	RoleEditor = "Editor" // what a tenant is made of, but not what its security rests on
	RoleViewer = "Viewer" // reads, but no secret
)

// administratorRoles are the roles from the strongest on. Their ids are the same in every installation.
var administratorRoles = [...]store.Role{
	{ID: "rol_DashboardAdmin00", Name: RoleAdmin, Description: "Does everything, and decides who else may."},
	{ID: "rol_DashboardEditor0", Name: RoleEditor, Description: "Sets up applications, APIs, users and what surrounds them; not the tenant's security, its keys and its administrators."},
	{ID: "rol_DashboardViewer0", Name: RoleViewer, Description: "Sees the set-up and the log, but no secret, and changes nothing."},
}

// DashboardClient is the client_id of the Dashboard among the administrators' applications.
const DashboardClient = "Dashboard00000000000000000000001"

// Where the Dashboard begins and ends a login, on its own domain.
const (
	DashboardLogin    = "/dashboard/login"
	DashboardCallback = "/dashboard/callback"
)

// ManagedAPI is the Management API of a tenant, as the administrators' tenant knows it: an API that their roles are for.
type ManagedAPI struct {
	ID         string // filled in; of the administrators' own it is store.ManagementAPI
	Tenant     string // its name; empty for the administrators' own
	Identifier string
	Scopes     []store.APIScope
}

// PrepareAdministrators makes what the Dashboard stands on in the administrators' tenant, or brings it up to date: an API for
// each Management API, the three roles with their permissions, and the application that the Dashboard is. Whoever was an
// administrator before there were roles could do everything, and becomes an Admin.
func PrepareAdministrators(ctx context.Context, db *store.DB, origin string, apis []ManagedAPI) error {
	for i := range apis {
		if err := prepareManagedAPI(ctx, db, &apis[i]); err != nil {
			return fmt.Errorf("the Management API of %s: %w", apis[i].Tenant, err)
		}
	}
	if err := prepareRoles(ctx, db, apis); err != nil {
		return err
	}
	return prepareDashboardClient(ctx, db, origin, apis)
}

// managedSettings: the permissions of a role decide, nobody is asked for consent, and the Dashboard can stay signed in.
var managedSettings = store.APISettings{AllowOfflineAccess: true, SkipConsent: true, EnforcePolicies: true, TokenLifetime: 3600}

func prepareManagedAPI(ctx context.Context, db *store.DB, m *ManagedAPI) error {
	if m.ID == "" {
		sum := sha256.Sum256([]byte("tenant " + m.Tenant))
		m.ID = hex.EncodeToString(sum[:12])
	}
	found, err := findManagedAPI(ctx, db.Queries, *m)
	if err == nil && found.Identifier == m.Identifier && found.Settings == managedSettings && slices.Equal(found.Scopes, m.Scopes) {
		m.ID = found.ID
		return nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		found, err := findManagedAPI(ctx, tx.Queries, *m)
		if errors.Is(err, store.ErrNotFound) {
			err := tx.CreateAPI(ctx, &store.API{
				ID: m.ID, Identifier: m.Identifier, Name: "Management API of " + m.Tenant, Scopes: m.Scopes, Settings: managedSettings,
			})
			if errors.Is(err, store.ErrConflict) { // another node was quicker
				return nil
			}
			return err
		}
		if err != nil {
			return err
		}
		m.ID = found.ID
		found.Settings, found.Scopes = managedSettings, m.Scopes
		if err := tx.SaveAPI(ctx, &found); err != nil || found.Identifier == m.Identifier {
			return err
		}
		// The tenant got another primary domain. An API that bears its name is of a tenant that went.
		if other, err := tx.API(ctx, m.Identifier); err == nil {
			if err := tx.DeleteAPI(ctx, other.ID); err != nil {
				return err
			}
		}
		return tx.RenameAPI(ctx, found.ID, m.Identifier)
	})
}

// findManagedAPI finds the API by the name of its tenant, or by its identifier where the tenant was given another name.
func findManagedAPI(ctx context.Context, q store.Queries, m ManagedAPI) (store.API, error) {
	found, err := q.APIByID(ctx, m.ID)
	if errors.Is(err, store.ErrNotFound) {
		found, err = q.API(ctx, m.Identifier)
	}
	return found, err
}

func prepareRoles(ctx context.Context, db *store.DB, apis []ManagedAPI) error {
	for _, r := range administratorRoles {
		wanted := permissionsOf(r.Name, apis)
		_, err := db.Role(ctx, r.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		made := err != nil
		held, err := db.RolePermissions(ctx, r.ID)
		if err != nil {
			return err
		}
		have := map[permission]bool{}
		for _, p := range held {
			have[permission{p.APIID, p.Value}] = true
		}
		if !made && reflect.DeepEqual(have, wanted) {
			continue
		}
		err = db.Write(ctx, func(tx *store.Tx) error {
			if made {
				if err := createRole(ctx, tx, r); err != nil {
					return err
				}
			}
			return setPermissions(ctx, tx, r.ID, have, wanted)
		})
		if err != nil {
			return fmt.Errorf("the role %s: %w", r.Name, err)
		}
	}
	return nil
}

func createRole(ctx context.Context, tx *store.Tx, r store.Role) error {
	err := tx.CreateRole(ctx, &r)
	if errors.Is(err, store.ErrConflict) {
		if _, err := tx.Role(ctx, r.ID); err == nil { // another node was quicker
			return nil
		}
		return fmt.Errorf("the administrators have another role of that name: rename it first: %w", err)
	}
	if err != nil || r.Name != RoleAdmin {
		return err
	}
	former, err := tx.Users(ctx, "", 1000)
	for _, u := range former {
		err = errors.Join(err, tx.AssignRole(ctx, u.ID, r.ID))
	}
	return err
}

// permission is a scope of an API.
type permission struct{ api, value string }

func setPermissions(ctx context.Context, tx *store.Tx, roleID string, have, wanted map[permission]bool) error {
	added := map[string][]string{}
	for p := range wanted {
		if !have[p] {
			added[p.api] = append(added[p.api], p.value)
		}
	}
	for api, values := range added {
		if err := tx.AddRolePermissions(ctx, roleID, api, values); err != nil {
			return err
		}
	}
	for p := range have {
		if wanted[p] {
			continue
		}
		if err := tx.RemoveRolePermission(ctx, roleID, p.api, p.value); err != nil {
			return err
		}
	}
	return nil
}

func permissionsOf(role string, apis []ManagedAPI) map[permission]bool {
	all := map[permission]bool{}
	for _, a := range apis {
		for _, s := range a.Scopes {
			if a.Tenant != "" && permitted(role, s.Value) || a.Tenant == "" && role == RoleAdmin && permittedOverAdministrators(s.Value) {
				all[permission{a.ID, s.Value}] = true
			}
		}
	}
	return all
}

// secrets are readings that a Viewer must not make: with what they show one could act as somebody else.
var secrets = []string{
	"client_keys", "client_credentials", "connections_keys", "user_idp_tokens", "federated_connections_tokens", "scim_token",
	"flows_vault", "flows_vault_connections", "log_streams", "event_streams",
}

// security is what a tenant's security rests on, and where its data goes: an Editor reads it only.
var security = []string{
	"tenant_settings", "signing_keys", "custom_signing_keys", "encryption_keys", "custom_domains", "attack_protection",
	"guardian_factors", "mfa_policies", "network_acls", "network_acl_keys", "rate_limit_policies", "limits", "shields",
	"log_streams", "event_streams", "event_deliveries", "email_provider", "phone_providers", "token_exchange_profiles",
}

// permitted says what a role may do to a tenant.
func permitted(role, scope string) bool {
	verb, thing, _ := strings.Cut(scope, ":")
	switch role {
	case RoleAdmin:
		return true
	case RoleEditor:
		return verb == "read" || !slices.Contains(security, thing)
	}
	return verb == "read" && !slices.Contains(secrets, thing)
}

// administration is what an Admin may change in the administrators' own tenant: who they are and how they sign in. Its
// applications, APIs, roles and connections are the server's own.
var administration = []string{
	"users", "users_app_metadata", "user_tickets", "user_custom_blocks", "role_members", "sessions", "refresh_tokens", "grants",
	"device_credentials", "authentication_methods", "guardian_enrollments", "guardian_enrollment_tickets", "guardian_factors",
	"mfa_policies", "attack_protection", "anomaly_blocks", "tenant_settings", "signing_keys", "branding", "prompts",
	"email_provider", "email_templates", "log_streams",
}

func permittedOverAdministrators(scope string) bool {
	verb, thing, _ := strings.Cut(scope, ":")
	return verb == "read" && !slices.Contains(secrets, thing) || verb != "read" && slices.Contains(administration, thing)
}

// prepareDashboardClient makes the application that the Dashboard is. Everything but its secret is the server's to say.
func prepareDashboardClient(ctx context.Context, db *store.DB, origin string, apis []ManagedAPI) error {
	skip := true
	wanted := store.ClientSettings{
		AppType: store.AppRegularWeb, TokenEndpointAuthMethod: oauth.AuthSecretPost,
		GrantTypes:        []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken},
		Callbacks:         []string{origin + DashboardCallback},
		AllowedLogoutURLs: []string{origin + "/"},
		InitiateLoginURI:  origin + DashboardLogin,
		SkipConfirmation:  &skip,
		// It does not rotate: the token never leaves the server, and nodes that renew at the same time must not sign anybody out.
		RefreshToken: store.RefreshSettings{RotationType: NonRotating, ExpirationType: Expiring},
	}
	for _, a := range apis {
		if a.Tenant != "" {
			wanted.RefreshToken.Policies = append(wanted.RefreshToken.Policies, store.RefreshPolicy{Audience: a.Identifier})
		}
	}
	c, err := db.Client(ctx, DashboardClient)
	absent := errors.Is(err, store.ErrNotFound)
	if err != nil && !absent {
		return err
	}
	if !absent && reflect.DeepEqual(c.Settings, wanted) {
		return nil
	}
	if absent {
		c = store.Client{ID: DashboardClient, Name: "Dashboard", Secret: store.RandomID(64)}
	}
	c.Settings = wanted
	if err := CheckClient(c); err != nil {
		return fmt.Errorf("the application Dashboard: %w", err)
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		if !absent {
			return tx.SaveClient(ctx, &c, nil)
		}
		if err := prepareLogin(ctx, tx); err != nil {
			return err
		}
		err := tx.CreateClient(ctx, &c, nil)
		if errors.Is(err, store.ErrConflict) { // another node was quicker
			return nil
		}
		return err
	})
}

// Hours that an administrator stays signed in, until an Admin sets others.
const (
	administratorSession = 12
	administratorIdle    = 1
)

// prepareLogin gives administrators shorter sessions than users have. Nobody makes themselves an administrator.
func prepareLogin(ctx context.Context, tx *store.Tx) error {
	t, err := tx.Tenant(ctx)
	if err != nil {
		return err
	}
	if t.Settings.SessionLifetime == 0 && t.Settings.IdleSessionLifetime == 0 {
		t.Settings.SessionLifetime, t.Settings.IdleSessionLifetime = administratorSession, administratorIdle
	}
	if t.Settings.FriendlyName == "" {
		t.Settings.FriendlyName = "Proofkey Dashboard"
	}
	if err := tx.SaveTenantSettings(ctx, t.Settings); err != nil {
		return err
	}
	all, err := tx.Connections(ctx)
	for _, c := range all {
		if c.Settings.DisableSignup {
			continue
		}
		c.Settings.DisableSignup = true
		err = errors.Join(err, tx.SaveConnection(ctx, &c))
	}
	return err
}

// RoleOf is the strongest role of an administrator, empty where they have none of the three.
func RoleOf(ctx context.Context, q store.Queries, userID string) (string, error) {
	held, err := q.RolesOf(ctx, userID)
	for _, r := range administratorRoles {
		if slices.ContainsFunc(held, func(h store.Role) bool { return h.ID == r.ID }) {
			return r.Name, err
		}
	}
	return "", err
}

// HasAdmin says whether somebody can sign in who has the role Admin.
func HasAdmin(ctx context.Context, q store.Queries) (bool, error) {
	return q.HasActiveMember(ctx, administratorRoles[0].ID)
}

// Appoint gives a user one of the three roles.
func Appoint(ctx context.Context, tx *store.Tx, userID, role string) error {
	for _, r := range administratorRoles {
		if r.Name == role {
			return tx.AssignRole(ctx, userID, r.ID)
		}
	}
	return fmt.Errorf("%q is no role of administrators", role)
}
