package store

import (
	"context"
	"errors"
	"time"
)

// Role is a set of permissions that users can be given. OwnerID is empty for the tenant's own.
type Role struct {
	ID          string
	Name        string
	Description string
	OwnerID     string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Permission is a scope of an API, as a role or a user holds it.
type Permission struct {
	APIID       string
	Identifier  string // of the API
	APIName     string
	Value       string
	Description string
	// RoleID and RoleName say from where a user has it; empty: given directly.
	RoleID, RoleName string
}

const roleColumns = `roles.id, roles.name, roles.description, roles.owner_id, roles.created_at, roles.updated_at`

func scanRole(r scanner) (o Role, err error) {
	return o, r.Scan(&o.ID, &o.Name, nullInto{&o.Description}, &o.OwnerID, msInto{&o.CreatedAt}, msInto{&o.UpdatedAt})
}

// Role reads a role by id.
func (q Queries) Role(ctx context.Context, id string) (Role, error) {
	return one(ctx, q, scanRole, `SELECT `+roleColumns+` FROM roles WHERE id = $1`, id)
}

// Roles lists all roles by name.
func (q Queries) Roles(ctx context.Context) ([]Role, error) {
	return many(ctx, q, scanRole, `SELECT `+roleColumns+` FROM roles ORDER BY name, id`)
}

// CreateRole stores a role; ErrConflict when its owner has one of that name.
func (tx *Tx) CreateRole(ctx context.Context, r *Role) error {
	if r.ID == "" {
		r.ID = "rol_" + RandomID(16)
	}
	r.CreatedAt, r.UpdatedAt = tx.Now(), tx.Now()
	return tx.exec1(ctx, ErrConflict, `INSERT INTO roles (id, name, description, owner_id, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING`, r.ID, r.Name, null(r.Description), r.OwnerID, ms(r.CreatedAt))
}

// SaveRole replaces a role's name and description; ErrConflict when its owner has another one of that name.
func (tx *Tx) SaveRole(ctx context.Context, r *Role) error {
	r.UpdatedAt = tx.Now()
	return tx.exec1(ctx, ErrConflict, `UPDATE roles SET name = $2, description = $3, updated_at = $4 WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM roles o WHERE o.owner_id = $5 AND o.name = $2 AND o.id <> $1)`,
		r.ID, r.Name, null(r.Description), ms(r.UpdatedAt), r.OwnerID)
}

// DeleteRole removes a role from everybody who has it.
func (tx *Tx) DeleteRole(ctx context.Context, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM roles WHERE id = $1`, id)
}

// RolesOf lists the roles of a user by name.
func (q Queries) RolesOf(ctx context.Context, userID string) ([]Role, error) {
	return many(ctx, q, scanRole, `SELECT `+roleColumns+` FROM user_roles JOIN roles ON roles.id = user_roles.role_id
		WHERE user_roles.user_id = $1 ORDER BY roles.name, roles.id`, userID)
}

// AssignRole gives a user a role; they may have it already.
func (tx *Tx) AssignRole(ctx context.Context, userID, roleID string) error {
	_, err := tx.exec(ctx, `INSERT INTO user_roles (user_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, userID, roleID)
	return err
}

// RemoveRole takes a role from a user, if they have it.
func (tx *Tx) RemoveRole(ctx context.Context, userID, roleID string) error {
	_, err := tx.exec(ctx, `DELETE FROM user_roles WHERE user_id = $1 AND role_id = $2`, userID, roleID)
	return err
}

// RoleMembers lists the users who have a role by id, after the given one.
func (q Queries) RoleMembers(ctx context.Context, roleID, after string, offset, limit int) ([]User, error) {
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM user_roles JOIN users ON users.id = user_roles.user_id
		WHERE user_roles.role_id = $1 AND user_roles.user_id > $2 ORDER BY user_roles.user_id LIMIT $3 OFFSET $4`,
		roleID, after, limit, offset)
}

// CountRoleMembers counts the users who have a role.
func (q Queries) CountRoleMembers(ctx context.Context, roleID string) (int64, error) {
	return one(ctx, q, scanInt, `SELECT count(*) FROM user_roles WHERE role_id = $1`, roleID)
}

// HasActiveMember says whether somebody who is not blocked has a role.
func (q Queries) HasActiveMember(ctx context.Context, roleID string) (bool, error) {
	_, err := one(ctx, q, scanString, `SELECT users.id FROM user_roles JOIN users ON users.id = user_roles.user_id
		WHERE user_roles.role_id = $1 AND NOT users.blocked AND users.linked_to IS NULL LIMIT 1`, roleID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func scanPermission(r scanner) (p Permission, err error) {
	return p, r.Scan(&p.APIID, &p.Identifier, &p.APIName, &p.Value, &p.Description, &p.RoleID, &p.RoleName)
}

// RolePermissions lists the permissions of a role.
func (q Queries) RolePermissions(ctx context.Context, roleID string) ([]Permission, error) {
	return many(ctx, q, scanPermission, `SELECT a.id, a.identifier, a.name, p.value, s.description, '', ''
		FROM role_permissions p JOIN resource_servers a ON a.id = p.resource_server_id
			JOIN resource_server_scopes s ON s.resource_server_id = a.id AND s.value = p.value
		WHERE p.role_id = $1 ORDER BY a.identifier, s.position`, roleID)
}

// UserPermissions lists the permissions of a user, once for each source: given directly first, then by roles.
func (q Queries) UserPermissions(ctx context.Context, userID string) ([]Permission, error) {
	direct, err := many(ctx, q, scanPermission, `SELECT a.id, a.identifier, a.name, p.value, s.description, '', ''
		FROM user_permissions p JOIN resource_servers a ON a.id = p.resource_server_id
			JOIN resource_server_scopes s ON s.resource_server_id = a.id AND s.value = p.value
		WHERE p.user_id = $1 ORDER BY a.identifier, s.position`, userID)
	if err != nil {
		return nil, err
	}
	byRole, err := many(ctx, q, scanPermission, `SELECT a.id, a.identifier, a.name, p.value, s.description, r.id, r.name
		FROM user_roles u JOIN roles r ON r.id = u.role_id JOIN role_permissions p ON p.role_id = r.id
			JOIN resource_servers a ON a.id = p.resource_server_id
			JOIN resource_server_scopes s ON s.resource_server_id = a.id AND s.value = p.value
		WHERE u.user_id = $1 ORDER BY a.identifier, s.position, r.name, r.id`, userID)
	return append(direct, byRole...), err
}

// PermissionsFor are the permissions of an API that a user has from any source, by name; those by the roles of a member only
// in that organization.
func (q Queries) PermissionsFor(ctx context.Context, userID, organizationID, apiID string) ([]string, error) {
	return many(ctx, q, scanString, `SELECT value FROM user_permissions WHERE user_id = $1 AND resource_server_id = $2
		UNION SELECT p.value FROM user_roles u JOIN role_permissions p ON p.role_id = u.role_id
		WHERE u.user_id = $1 AND p.resource_server_id = $2
		UNION SELECT p.value FROM organization_member_roles m JOIN role_permissions p ON p.role_id = m.role_id
		WHERE m.organization_id = $3 AND m.user_id = $1 AND p.resource_server_id = $2 ORDER BY value`, userID, apiID, organizationID)
}

// AddRolePermission gives a role a permission; ErrNotFound when the API has no such scope.
func (tx *Tx) AddRolePermission(ctx context.Context, roleID, apiID, value string) error {
	return tx.addPermission(ctx, `INSERT INTO role_permissions (role_id, resource_server_id, value) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, roleID, apiID, value)
}

// AddRolePermissions gives a role permissions of an API, which must have such scopes.
func (tx *Tx) AddRolePermissions(ctx context.Context, roleID, apiID string, values []string) error {
	rows := make([][]any, len(values))
	for i, v := range values {
		rows[i] = []any{roleID, apiID, v}
	}
	_, err := tx.insertCount(ctx, `INSERT INTO role_permissions (role_id, resource_server_id, value) VALUES `, ` ON CONFLICT DO NOTHING`, rows)
	return err
}

// AddUserPermission gives a user a permission directly; ErrNotFound when the API has no such scope.
func (tx *Tx) AddUserPermission(ctx context.Context, userID, apiID, value string) error {
	return tx.addPermission(ctx, `INSERT INTO user_permissions (user_id, resource_server_id, value) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, userID, apiID, value)
}

func (tx *Tx) addPermission(ctx context.Context, text, holder, apiID, value string) error {
	if _, err := one(ctx, tx.Queries, scanString, `SELECT value FROM resource_server_scopes
		WHERE resource_server_id = $1 AND value = $2`, apiID, value); err != nil {
		return err
	}
	_, err := tx.exec(ctx, text, holder, apiID, value)
	return err
}

// RemoveRolePermission takes a permission from a role, if it has it.
func (tx *Tx) RemoveRolePermission(ctx context.Context, roleID, apiID, value string) error {
	_, err := tx.exec(ctx, `DELETE FROM role_permissions WHERE role_id = $1 AND resource_server_id = $2 AND value = $3`,
		roleID, apiID, value)
	return err
}

// RemoveUserPermission takes a permission from a user who has it directly.
func (tx *Tx) RemoveUserPermission(ctx context.Context, userID, apiID, value string) error {
	_, err := tx.exec(ctx, `DELETE FROM user_permissions WHERE user_id = $1 AND resource_server_id = $2 AND value = $3`,
		userID, apiID, value)
	return err
}

// dropPermissions takes away the permissions whose scope an API no longer has: given the scope again, nobody has it.
func (tx *Tx) dropPermissions(ctx context.Context, apiID string) error {
	for _, text := range []string{
		`DELETE FROM role_permissions WHERE resource_server_id = $1 AND value NOT IN (
			SELECT value FROM resource_server_scopes WHERE resource_server_id = $1)`,
		`DELETE FROM user_permissions WHERE resource_server_id = $1 AND value NOT IN (
			SELECT value FROM resource_server_scopes WHERE resource_server_id = $1)`,
	} {
		if _, err := tx.exec(ctx, text, apiID); err != nil {
			return err
		}
	}
	return nil
}
