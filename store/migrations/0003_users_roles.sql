-- What searches compare is a column of its own, in the case in which it is compared (the *_key ones in lower case): so both
-- engines compare alike and can use an index. linked_to is the user that signs in when this account does.
ALTER TABLE users ADD COLUMN name_key TEXT;
ALTER TABLE users ADD COLUMN nickname_key TEXT;
ALTER TABLE users ADD COLUMN given_name_key TEXT;
ALTER TABLE users ADD COLUMN family_name_key TEXT;
ALTER TABLE users ADD COLUMN password_set_at BIGINT;
ALTER TABLE users ADD COLUMN linked_to TEXT REFERENCES users (id) ON DELETE CASCADE;
UPDATE users SET name_key = lower(profile ->> 'name'), nickname_key = lower(profile ->> 'nickname'),
	given_name_key = lower(profile ->> 'given_name'), family_name_key = lower(profile ->> 'family_name');
CREATE INDEX users_name ON users (name_key);
CREATE INDEX users_by_username ON users (username);
CREATE INDEX users_created ON users (created_at, id);
CREATE INDEX users_linked ON users (linked_to) WHERE linked_to IS NOT NULL;

-- owner_id is empty for the tenant's roles.
CREATE TABLE roles (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL,
	description TEXT,
	owner_id    TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	updated_at  BIGINT NOT NULL,
	UNIQUE (owner_id, name)
);

CREATE TABLE role_permissions (
	role_id            TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
	resource_server_id TEXT NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
	value              TEXT NOT NULL,
	PRIMARY KEY (role_id, resource_server_id, value)
);
CREATE INDEX role_permissions_api ON role_permissions (resource_server_id, value);

CREATE TABLE user_roles (
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_roles_role ON user_roles (role_id, user_id);

CREATE TABLE user_permissions (
	user_id            TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	resource_server_id TEXT NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
	value              TEXT NOT NULL,
	PRIMARY KEY (user_id, resource_server_id, value)
);
CREATE INDEX user_permissions_api ON user_permissions (resource_server_id, value);
