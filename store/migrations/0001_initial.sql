-- Times are UTC milliseconds. Settings are one document per entity; only what is queried is a column.

CREATE TABLE tenant (
	only_row   BIGINT PRIMARY KEY CHECK (only_row = 1),
	id         TEXT NOT NULL,
	settings   JSONB NOT NULL,
	key_check  BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE TABLE domains (
	origin     TEXT PRIMARY KEY,
	host       TEXT NOT NULL UNIQUE,
	position   BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE clients (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	secret     BYTEA,
	settings   JSONB NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

-- The origins that a browser may call from, by exact value or by pattern (https://*.example.com).
CREATE TABLE client_origins (
	client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	origin    TEXT NOT NULL,
	pattern   BOOLEAN NOT NULL,
	PRIMARY KEY (client_id, origin)
);
CREATE INDEX client_origins_origin ON client_origins (origin);
CREATE INDEX client_origins_pattern ON client_origins (origin) WHERE pattern;

CREATE TABLE resource_servers (
	id             TEXT PRIMARY KEY,
	identifier     TEXT NOT NULL UNIQUE,
	name           TEXT NOT NULL,
	signing_secret BYTEA,
	settings       JSONB NOT NULL,
	created_at     BIGINT NOT NULL,
	updated_at     BIGINT NOT NULL
);

CREATE TABLE resource_server_scopes (
	resource_server_id TEXT NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
	value              TEXT NOT NULL,
	description        TEXT NOT NULL,
	position           BIGINT NOT NULL,
	PRIMARY KEY (resource_server_id, value)
);

CREATE TABLE client_grants (
	id         TEXT PRIMARY KEY,
	client_id  TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	audience   TEXT NOT NULL,
	scope      TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (client_id, audience)
);

CREATE TABLE connections (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL UNIQUE,
	strategy   TEXT NOT NULL,
	settings   JSONB NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

CREATE TABLE users (
	id            TEXT PRIMARY KEY,
	connection    TEXT NOT NULL,
	email         TEXT,
	username      TEXT,
	blocked       BOOLEAN NOT NULL,
	password_hash TEXT,
	profile       JSONB NOT NULL,
	logins_count  BIGINT NOT NULL,
	last_login    BIGINT,
	last_ip       TEXT,
	created_at    BIGINT NOT NULL,
	updated_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (connection, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX users_username ON users (connection, username) WHERE username IS NOT NULL;
CREATE INDEX users_by_email ON users (email);

CREATE TABLE identities (
	provider   TEXT NOT NULL,
	subject    TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	connection TEXT NOT NULL,
	profile    JSONB NOT NULL,
	position   BIGINT NOT NULL,
	PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE grants (
	id         TEXT PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	client_id  TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	audience   TEXT NOT NULL,
	scope      TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (user_id, client_id, audience)
);

-- One row a family: a refresh token and all its successors. The row outlives its user, so that the refusal can say so.
CREATE TABLE refresh_tokens (
	id            TEXT PRIMARY KEY,
	user_id       TEXT NOT NULL,
	client_id     TEXT NOT NULL,
	grant_id      TEXT NOT NULL,
	audience      TEXT NOT NULL,
	scope         TEXT NOT NULL,
	session_id    TEXT,
	auth_time     BIGINT,
	rotating      BOOLEAN NOT NULL,
	counter       BIGINT NOT NULL,
	token_hash    BYTEA NOT NULL,
	previous_hash BYTEA,
	successor     BYTEA,
	rotated_at    BIGINT,
	created_at    BIGINT NOT NULL,
	exchanged_at  BIGINT NOT NULL,
	expires_at    BIGINT,
	revoked_at    BIGINT,
	revoked_why   TEXT,
	device        JSONB NOT NULL
);
CREATE INDEX refresh_tokens_holder ON refresh_tokens (user_id, client_id, created_at);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX refresh_tokens_revoked ON refresh_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

-- A code is sealed, not stored: only its being spent is. replayed_at kills what the first use issued.
CREATE TABLE spent_codes (
	id          TEXT PRIMARY KEY,
	family_id   TEXT,
	expires_at  BIGINT NOT NULL,
	replayed_at BIGINT
);
CREATE INDEX spent_codes_expiry ON spent_codes (expires_at);

CREATE TABLE sessions (
	id              TEXT PRIMARY KEY,
	secret_hash     BYTEA NOT NULL,
	user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	auth_time       BIGINT NOT NULL,
	created_at      BIGINT NOT NULL,
	active_at       BIGINT NOT NULL,
	expires_at      BIGINT NOT NULL,
	idle_expires_at BIGINT NOT NULL,
	device          JSONB NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE signing_keys (
	kid         TEXT PRIMARY KEY,
	alg         TEXT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN ('next', 'current', 'previous', 'revoked')),
	private_key BYTEA,
	certificate BYTEA NOT NULL,
	created_at  BIGINT NOT NULL,
	changed_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX signing_keys_one ON signing_keys (alg, state) WHERE state IN ('next', 'current');

CREATE TABLE events (
	id             TEXT PRIMARY KEY,
	date           BIGINT NOT NULL,
	type           TEXT NOT NULL,
	transaction_id TEXT,
	client_id      TEXT,
	user_id        TEXT,
	record         JSONB NOT NULL
);
CREATE INDEX events_user ON events (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX events_transaction ON events (transaction_id) WHERE transaction_id IS NOT NULL;

-- Attack counters: a key is an identifier with an address, or an address alone.
CREATE TABLE attempts (
	key        TEXT PRIMARY KEY,
	count      BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);
CREATE INDEX attempts_expiry ON attempts (expires_at);

-- Single-use links: the first administrator's, and later password resets and e-mail verifications.
CREATE TABLE tickets (
	hash       BYTEA PRIMARY KEY,
	kind       TEXT NOT NULL,
	subject    TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT
);
CREATE INDEX tickets_expiry ON tickets (expires_at);
