package store

import (
	"context"
	"strconv"
	"strings"
)

// IsMember says whether a user is a member of an organization.
func (q Queries) IsMember(ctx context.Context, organizationID, userID string) (bool, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_members WHERE organization_id = $1 AND user_id = $2`,
		organizationID, userID)
	return n > 0, err
}

// Members lists the members of an organization by id, after the given one.
func (q Queries) Members(ctx context.Context, organizationID, after string, offset, limit int) ([]User, error) {
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM organization_members m JOIN users ON users.id = m.user_id
		WHERE m.organization_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3 OFFSET $4`, organizationID, after, limit, offset)
}

// CountMembers counts the members of an organization.
func (q Queries) CountMembers(ctx context.Context, organizationID string) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_members WHERE organization_id = $1`, organizationID)
	return int(n), err
}

// OrganizationsOf lists the organizations of a user by id, after the given one.
func (q Queries) OrganizationsOf(ctx context.Context, userID, after string, offset, limit int) ([]Organization, error) {
	return many(ctx, q, scanOrganization, `SELECT `+organizationColumns+` FROM organization_members m
		JOIN organizations ON organizations.id = m.organization_id
		WHERE m.user_id = $1 AND m.organization_id > $2 ORDER BY m.organization_id LIMIT $3 OFFSET $4`, userID, after, limit, offset)
}

// CountOrganizationsOf counts the organizations of a user.
func (q Queries) CountOrganizationsOf(ctx context.Context, userID string) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_members WHERE user_id = $1`, userID)
	return int(n), err
}

// AddMember makes a user a member, unless they are one; added says whether they were not.
func (tx *Tx) AddMember(ctx context.Context, organizationID, userID string) (added bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO organization_members (organization_id, user_id, created_at) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, organizationID, userID, ms(tx.Now()))
	return n == 1, err
}

// RemoveMember ends a membership with its roles, if there is one. The refresh tokens of the user that were issued in the
// organization are revoked.
func (tx *Tx) RemoveMember(ctx context.Context, organizationID, userID string) error {
	if _, err := tx.exec(ctx, `DELETE FROM organization_members WHERE organization_id = $1 AND user_id = $2`, organizationID, userID); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE refresh_tokens SET revoked_at = $3, revoked_why = 'no longer a member of the organization'
		WHERE user_id = $2 AND organization_id = $1 AND revoked_at IS NULL`, organizationID, userID, ms(tx.Now()))
	return err
}

// MemberRoles lists the roles of a member in an organization by name.
func (q Queries) MemberRoles(ctx context.Context, organizationID, userID string) ([]Role, error) {
	return many(ctx, q, scanRole, `SELECT `+roleColumns+` FROM organization_member_roles m JOIN roles ON roles.id = m.role_id
		WHERE m.organization_id = $1 AND m.user_id = $2 ORDER BY roles.name, roles.id`, organizationID, userID)
}

// RolesOfMembers lists the roles of several members in an organization, by the id of the user.
func (q Queries) RolesOfMembers(ctx context.Context, organizationID string, userIDs ...string) (map[string][]Role, error) {
	found := map[string][]Role{}
	if len(userIDs) == 0 {
		return found, nil
	}
	args := []any{organizationID}
	var places []string
	for _, id := range userIDs {
		args = append(args, id)
		places = append(places, "$"+strconv.Itoa(len(args)))
	}
	_, err := many(ctx, q, func(r scanner) (none struct{}, err error) {
		var user string
		var o Role
		err = r.Scan(&user, &o.ID, &o.Name, nullInto{&o.Description})
		found[user] = append(found[user], o)
		return none, err
	}, `SELECT m.user_id, roles.id, roles.name, roles.description FROM organization_member_roles m JOIN roles ON roles.id = m.role_id
		WHERE m.organization_id = $1 AND m.user_id IN (`+strings.Join(places, ", ")+`) ORDER BY m.user_id, roles.name, roles.id`, args...)
	return found, err
}

// AssignMemberRole gives a member a role in an organization; they may have it already. Who is no member gets ErrNotFound.
func (tx *Tx) AssignMemberRole(ctx context.Context, organizationID, userID, roleID string) error {
	if member, err := tx.IsMember(ctx, organizationID, userID); err != nil {
		return err
	} else if !member {
		return ErrNotFound
	}
	_, err := tx.exec(ctx, `INSERT INTO organization_member_roles (organization_id, user_id, role_id)
		SELECT organization_id, user_id, $3 FROM organization_members WHERE organization_id = $1 AND user_id = $2
		ON CONFLICT DO NOTHING`, organizationID, userID, roleID)
	return err
}

// RemoveMemberRole takes a role in an organization from a member, if they have it.
func (tx *Tx) RemoveMemberRole(ctx context.Context, organizationID, userID, roleID string) error {
	_, err := tx.exec(ctx, `DELETE FROM organization_member_roles WHERE organization_id = $1 AND user_id = $2 AND role_id = $3`,
		organizationID, userID, roleID)
	return err
}
