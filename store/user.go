package store

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Connection is where users come from.
type Connection struct {
	ID        string
	Name      string
	Strategy  string // auth0 is the database strategy
	Settings  ConnectionSettings
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ConnectionSettings are a connection's options under their Management API names.
type ConnectionSettings struct {
	DisableSignup  bool   `json:"disable_signup,omitempty"`
	PasswordPolicy string `json:"passwordPolicy,omitempty"` // none, low, fair, good (default), excellent
	MinLength      int    `json:"min_length,omitempty"`     // password_complexity_options.min_length; 0: the policy's
	Dictionary     *bool  `json:"password_dictionary,omitempty"`
	NoPersonalInfo *bool  `json:"password_no_personal_info,omitempty"`
	BruteForce     *bool  `json:"brute_force_protection,omitempty"` // nil: as the tenant has it; false: off for its users
	Disabled       bool   `json:"disabled,omitempty"`               // nobody signs in by it
}

// DefaultConnection is the database connection of a fresh tenant.
const DefaultConnection = "Username-Password-Authentication"

const connectionColumns = `id, name, strategy, settings, created_at, updated_at`

func scanConnection(r scanner) (c Connection, err error) {
	return c, r.Scan(&c.ID, &c.Name, &c.Strategy, docInto{&c.Settings}, msInto{&c.CreatedAt}, msInto{&c.UpdatedAt})
}

// Connection reads a connection by name.
func (q Queries) Connection(ctx context.Context, name string) (Connection, error) {
	return one(ctx, q, scanConnection, `SELECT `+connectionColumns+` FROM connections WHERE name = $1`, name)
}

// Connections lists the connections.
func (q Queries) Connections(ctx context.Context) ([]Connection, error) {
	return many(ctx, q, scanConnection, `SELECT `+connectionColumns+` FROM connections ORDER BY created_at, id`)
}

// CreateConnection stores a connection; an empty ID is filled.
func (tx *Tx) CreateConnection(ctx context.Context, c *Connection) error {
	if c.ID == "" {
		c.ID = "con_" + RandomID(16)
	}
	c.CreatedAt, c.UpdatedAt = tx.Now(), tx.Now()
	return tx.exec1(ctx, ErrConflict, `INSERT INTO connections (`+connectionColumns+`) VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT DO NOTHING`, c.ID, c.Name, c.Strategy, doc(c.Settings), ms(c.CreatedAt))
}

// SaveConnection replaces a connection's settings.
func (tx *Tx) SaveConnection(ctx context.Context, c *Connection) error {
	c.UpdatedAt = tx.Now()
	return tx.exec1(ctx, ErrNotFound, `UPDATE connections SET settings = $2, updated_at = $3 WHERE id = $1`,
		c.ID, doc(c.Settings), ms(c.UpdatedAt))
}

// User is a person. ID is the sub of their tokens.
type User struct {
	ID           string // auth0|<24 hex> for database users
	Connection   string
	Email        string // lower case
	Username     string // lower case
	Blocked      bool
	PasswordHash string // as identity reads it: argon2id, or what was imported; empty when the user has no password
	Profile      Profile
	LoginsCount  int64
	LastLogin    time.Time
	LastIP       string
	// PasswordSetAt is when the password was last replaced; zero: it is the first one.
	PasswordSetAt time.Time
	// LinkedTo is the user who signs in when this account does. Such an account is nobody of their own: only
	// [Queries.UserByIdentifier] finds it.
	LinkedTo  string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Profile is what a user's tokens and /userinfo can say, under the names of the OpenID standard claims.
type Profile struct {
	Name          string         `json:"name,omitempty"`
	Nickname      string         `json:"nickname,omitempty"`
	GivenName     string         `json:"given_name,omitempty"`
	FamilyName    string         `json:"family_name,omitempty"`
	MiddleName    string         `json:"middle_name,omitempty"`
	Picture       string         `json:"picture,omitempty"`
	EmailVerified bool           `json:"email_verified,omitempty"`
	PhoneNumber   string         `json:"phone_number,omitempty"`
	PhoneVerified bool           `json:"phone_verified,omitempty"`
	UserMetadata  map[string]any `json:"user_metadata,omitzero"` // an empty one is not the same as none
	AppMetadata   map[string]any `json:"app_metadata,omitempty"`
}

// NewUserID makes the id of a database user.
func NewUserID() string { return "auth0|" + randomHex(12) }

const userColumns = `users.id, users.connection, users.email, users.username, users.blocked, users.password_hash, users.profile,
	users.logins_count, users.last_login, users.last_ip, users.password_set_at, users.linked_to, users.created_at, users.updated_at`

func scanUser(r scanner) (u User, err error) {
	return u, r.Scan(&u.ID, &u.Connection, nullInto{&u.Email}, nullInto{&u.Username}, &u.Blocked, nullInto{&u.PasswordHash},
		docInto{&u.Profile}, &u.LoginsCount, msInto{&u.LastLogin}, nullInto{&u.LastIP}, msInto{&u.PasswordSetAt},
		nullInto{&u.LinkedTo}, msInto{&u.CreatedAt}, msInto{&u.UpdatedAt})
}

// User reads a user by id.
func (q Queries) User(ctx context.Context, id string) (User, error) {
	return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1 AND linked_to IS NULL`, id)
}

// UserByIdentifier reads an account of a connection by e-mail address or user name, in any case.
func (q Queries) UserByIdentifier(ctx context.Context, connection, identifier string) (User, error) {
	identifier = strings.ToLower(identifier)
	if strings.Contains(identifier, "@") {
		return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE connection = $1 AND email = $2`, connection, identifier)
	}
	return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE connection = $1 AND username = $2`, connection, identifier)
}

// Users lists users by id after the given one.
func (q Queries) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id > $1 AND linked_to IS NULL ORDER BY id LIMIT $2`, after, limit)
}

// UsersAfter lists users by id after the given one; with a connection only those who have an account there.
func (q Queries) UsersAfter(ctx context.Context, connection, after string, limit int) ([]User, error) {
	if connection == "" {
		return q.Users(ctx, after, limit)
	}
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id IN (SELECT DISTINCT user_id FROM identities
		WHERE connection = $1 AND user_id > $2 ORDER BY user_id LIMIT $3) ORDER BY id`, connection, after, limit)
}

// CountUsersOf counts the users who have an account of a connection, or all.
func (q Queries) CountUsersOf(ctx context.Context, connection string) (int64, error) {
	if connection == "" {
		return q.countAllUsers(ctx)
	}
	return one(ctx, q, scanInt, `SELECT count(DISTINCT user_id) FROM identities WHERE connection = $1`, connection)
}

// CreateUser stores a user with their first identity; ErrConflict when the id, e-mail address or user name is taken.
func (tx *Tx) CreateUser(ctx context.Context, u *User) error {
	if u.ID == "" {
		u.ID = NewUserID()
	}
	u.Email, u.Username = strings.ToLower(u.Email), strings.ToLower(u.Username)
	u.CreatedAt, u.UpdatedAt = tx.Now(), tx.Now()
	name, nickname, given, family := u.Profile.keys()
	if err := tx.exec1(ctx, ErrConflict, `INSERT INTO users (id, connection, email, username, blocked, password_hash, profile,
			logins_count, last_login, last_ip, password_set_at, created_at, updated_at, name_key, nickname_key, given_name_key, family_name_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING`,
		u.ID, u.Connection, null(u.Email), null(u.Username), u.Blocked, null(u.PasswordHash), doc(u.Profile),
		u.LoginsCount, ms(u.LastLogin), null(u.LastIP), ms(u.PasswordSetAt), ms(u.CreatedAt), name, nickname, given, family); err != nil {
		return err
	}
	tx.users++
	provider, subject, _ := strings.Cut(u.ID, "|")
	return tx.exec1(ctx, ErrConflict, `INSERT INTO identities (provider, subject, user_id, connection, profile, position)
		VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING`, provider, subject, u.ID, u.Connection, "{}")
}

// SaveUser replaces what can change in a user, except the counters of RecordLogin.
func (tx *Tx) SaveUser(ctx context.Context, u *User) error {
	u.UpdatedAt = tx.Now()
	name, nickname, given, family := u.Profile.keys()
	return tx.exec1(ctx, ErrNotFound, `UPDATE users SET email = $2, username = $3, blocked = $4, password_hash = $5, profile = $6,
		updated_at = $7, password_set_at = $8, name_key = $9, nickname_key = $10, given_name_key = $11, family_name_key = $12
		WHERE id = $1`, u.ID, null(strings.ToLower(u.Email)), null(strings.ToLower(u.Username)), u.Blocked,
		null(u.PasswordHash), doc(u.Profile), ms(u.UpdatedAt), ms(u.PasswordSetAt), name, nickname, given, family)
}

// keys are the names as searches compare them.
func (p Profile) keys() (name, nickname, given, family any) {
	key := func(s string) any { return null(strings.ToLower(s)) }
	return key(p.Name), key(p.Nickname), key(p.GivenName), key(p.FamilyName)
}

// UsersByEmail lists the users with an e-mail address, in any case, the oldest first.
func (q Queries) UsersByEmail(ctx context.Context, email string) ([]User, error) {
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE email = $1 AND linked_to IS NULL ORDER BY created_at, id`,
		strings.ToLower(email))
}

// RecordLogin counts a login; it counts as an update of the user, as Auth0 has it.
func (tx *Tx) RecordLogin(ctx context.Context, userID, ip string) error {
	return tx.exec1(ctx, ErrNotFound, `UPDATE users SET logins_count = logins_count + 1, last_login = $2, last_ip = $3, updated_at = $2
		WHERE id = $1`, userID, ms(tx.Now()), null(ip))
}

// UpgradePassword replaces a hash by a better one of the same password. It does nothing when the password was changed since.
func (tx *Tx) UpgradePassword(ctx context.Context, userID, before, after string) error {
	_, err := tx.exec(ctx, `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, userID, before, after)
	return err
}

// DeleteUser removes a user with identities, sessions and grants. Refresh tokens stay behind only to be refused by name.
func (tx *Tx) DeleteUser(ctx context.Context, id string) error {
	linkedTo, err := one(ctx, tx.Queries, scanString, `DELETE FROM users WHERE id = $1 RETURNING COALESCE(linked_to, '')`, id)
	if err == nil && linkedTo == "" {
		tx.users--
	}
	return err
}

// Identity is one account of a user at a provider.
type Identity struct {
	Provider   string // auth0, google-oauth2, ...
	Subject    string // the part of the id behind the provider
	Connection string
	Profile    map[string]any // of an account that was linked, under the names of [Profile]
}

// Identities lists a user's identities, the primary first.
func (q Queries) Identities(ctx context.Context, userID string) ([]Identity, error) {
	return many(ctx, q, func(r scanner) (i Identity, err error) {
		return i, r.Scan(&i.Provider, &i.Subject, &i.Connection, docInto{&i.Profile})
	}, `SELECT provider, subject, connection, profile FROM identities WHERE user_id = $1 ORDER BY position`, userID)
}

// IdentitiesOf lists the identities of several users, by the id of the user and each one's primary first.
func (q Queries) IdentitiesOf(ctx context.Context, userIDs ...string) (map[string][]Identity, error) {
	found := map[string][]Identity{}
	if len(userIDs) == 0 {
		return found, nil
	}
	var places []string
	var args []any
	for _, id := range userIDs {
		args = append(args, id)
		places = append(places, "$"+strconv.Itoa(len(args)))
	}
	_, err := many(ctx, q, func(r scanner) (none struct{}, err error) {
		var i Identity
		var user string
		err = r.Scan(&user, &i.Provider, &i.Subject, &i.Connection, docInto{&i.Profile})
		found[user] = append(found[user], i)
		return none, err
	}, `SELECT user_id, provider, subject, connection, profile FROM identities WHERE user_id IN (`+strings.Join(places, ", ")+
		`) ORDER BY user_id, position`, args...)
	return found, err
}

// linkedProfile is what of an account stays with its identity when it is linked.
type linkedProfile struct {
	Profile
	Email    string `json:"email,omitempty"`
	Username string `json:"username,omitempty"`
}

func (u User) linkedProfile() linkedProfile {
	p := linkedProfile{u.Profile, u.Email, u.Username}
	p.UserMetadata, p.AppMetadata = nil, nil
	return p
}

// LinkUser makes a user's accounts those of another: whoever signs in with them is that one. What was the linked user's
// own goes: metadata, roles, permissions, memberships, sessions, grants. The profile stays with the identity.
func (tx *Tx) LinkUser(ctx context.Context, secondary User, primaryID string) error {
	shown := secondary.linkedProfile()
	next, err := one(ctx, tx.Queries, scanInt, `SELECT COALESCE(MAX(position), 0) + 1 FROM identities WHERE user_id = $1`, primaryID)
	if err != nil {
		return err
	}
	provider, subject, _ := strings.Cut(secondary.ID, "|")
	for _, step := range []struct {
		text string
		args []any
	}{
		{`UPDATE identities SET profile = $3 WHERE provider = $1 AND subject = $2`, []any{provider, subject, doc(shown)}},
		{`UPDATE identities SET user_id = $2, position = position + $3 WHERE user_id = $1`, []any{secondary.ID, primaryID, next}},
		{`UPDATE users SET linked_to = $2 WHERE linked_to = $1`, []any{secondary.ID, primaryID}},
		{`UPDATE users SET linked_to = $2, profile = $3 WHERE id = $1`, []any{secondary.ID, primaryID, doc(shown.Profile)}},
		{`DELETE FROM user_roles WHERE user_id = $1`, []any{secondary.ID}},
		{`DELETE FROM user_permissions WHERE user_id = $1`, []any{secondary.ID}},
		{`DELETE FROM organization_members WHERE user_id = $1`, []any{secondary.ID}},
		{`DELETE FROM sessions WHERE user_id = $1`, []any{secondary.ID}},
		{`DELETE FROM grants WHERE user_id = $1`, []any{secondary.ID}},
	} {
		if _, err := tx.exec(ctx, step.text, step.args...); err != nil {
			return err
		}
	}
	tx.users--
	_, err = tx.RevokeRefreshOf(ctx, secondary.ID, "", "linked to another user")
	return err
}

// UnlinkUser makes a linked account a user of its own again; ErrNotFound when the user has no such linked account.
func (tx *Tx) UnlinkUser(ctx context.Context, primaryID, provider, subject string) error {
	id := provider + "|" + subject
	if err := tx.exec1(ctx, ErrNotFound, `UPDATE users SET linked_to = NULL WHERE id = $1 AND linked_to = $2`, id, primaryID); err != nil {
		return err
	}
	tx.users++
	return tx.exec1(ctx, ErrNotFound, `UPDATE identities SET user_id = $3, position = 0, profile = $4
		WHERE provider = $1 AND subject = $2`, provider, subject, id, "{}")
}
