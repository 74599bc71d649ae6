-- What the cookie of an administrator's browser stands for; only the administrators' database has rows. One lives no longer
-- than the login that it came from. tokens is sealed: no token ever leaves the server.
CREATE TABLE dashboard_sessions (
	hash       BYTEA PRIMARY KEY,
	session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	tokens     BYTEA NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX dashboard_sessions_session ON dashboard_sessions (session_id);
