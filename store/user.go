package store

import (
	"context"
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
	Disabled       bool   `json:"disabled,omitempty"`
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
	PasswordHash string // PHC string (argon2id) or bcrypt; empty when the user has no password
	Profile      Profile
	LoginsCount  int64
	LastLogin    time.Time
	LastIP       string
	CreatedAt    time.Time
	UpdatedAt    time.Time
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
	UserMetadata  map[string]any `json:"user_metadata,omitempty"`
	AppMetadata   map[string]any `json:"app_metadata,omitempty"`
}

// NewUserID makes the id of a database user.
func NewUserID() string { return "auth0|" + randomHex(12) }

const userColumns = `id, connection, email, username, blocked, password_hash, profile, logins_count, last_login, last_ip, created_at, updated_at`

func scanUser(r scanner) (u User, err error) {
	return u, r.Scan(&u.ID, &u.Connection, nullInto{&u.Email}, nullInto{&u.Username}, &u.Blocked, nullInto{&u.PasswordHash},
		docInto{&u.Profile}, &u.LoginsCount, msInto{&u.LastLogin}, nullInto{&u.LastIP}, msInto{&u.CreatedAt}, msInto{&u.UpdatedAt})
}

// User reads a user by id.
func (q Queries) User(ctx context.Context, id string) (User, error) {
	return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

// UserByIdentifier reads a user of a connection by e-mail address or user name, in any case.
func (q Queries) UserByIdentifier(ctx context.Context, connection, identifier string) (User, error) {
	identifier = strings.ToLower(identifier)
	if strings.Contains(identifier, "@") {
		return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE connection = $1 AND email = $2`, connection, identifier)
	}
	return one(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE connection = $1 AND username = $2`, connection, identifier)
}

// Users lists users by id after the given one.
func (q Queries) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return many(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// CreateUser stores a user with their first identity; ErrConflict when the id, e-mail address or user name is taken.
func (tx *Tx) CreateUser(ctx context.Context, u *User) error {
	if u.ID == "" {
		u.ID = NewUserID()
	}
	u.Email, u.Username = strings.ToLower(u.Email), strings.ToLower(u.Username)
	u.CreatedAt, u.UpdatedAt = tx.Now(), tx.Now()
	if err := tx.exec1(ctx, ErrConflict, `INSERT INTO users (`+userColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT DO NOTHING`,
		u.ID, u.Connection, null(u.Email), null(u.Username), u.Blocked, null(u.PasswordHash), doc(u.Profile),
		u.LoginsCount, ms(u.LastLogin), null(u.LastIP), ms(u.CreatedAt)); err != nil {
		return err
	}
	provider, subject, _ := strings.Cut(u.ID, "|")
	return tx.exec1(ctx, ErrConflict, `INSERT INTO identities (provider, subject, user_id, connection, profile, position)
		VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING`, provider, subject, u.ID, u.Connection, "{}")
}

// SaveUser replaces what can change in a user, except the counters of RecordLogin.
func (tx *Tx) SaveUser(ctx context.Context, u *User) error {
	u.UpdatedAt = tx.Now()
	return tx.exec1(ctx, ErrNotFound, `UPDATE users SET email = $2, username = $3, blocked = $4, password_hash = $5, profile = $6,
		updated_at = $7 WHERE id = $1`, u.ID, null(strings.ToLower(u.Email)), null(strings.ToLower(u.Username)), u.Blocked,
		null(u.PasswordHash), doc(u.Profile), ms(u.UpdatedAt))
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
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM users WHERE id = $1`, id)
}

// Identity is one account of a user at a provider.
type Identity struct {
	Provider   string // auth0, google-oauth2, ...
	Subject    string // the part of the id behind the provider
	Connection string
	Profile    Profile
}

// Identities lists a user's identities, the primary first.
func (q Queries) Identities(ctx context.Context, userID string) ([]Identity, error) {
	return many(ctx, q, func(r scanner) (i Identity, err error) {
		return i, r.Scan(&i.Provider, &i.Subject, &i.Connection, docInto{&i.Profile})
	}, `SELECT provider, subject, connection, profile FROM identities WHERE user_id = $1 ORDER BY position`, userID)
}
