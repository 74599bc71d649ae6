-- Client assertions that were used, until they would have expired anyway.
CREATE TABLE spent_assertions (
	hash       BYTEA PRIMARY KEY,
	expires_at BIGINT NOT NULL
);
CREATE INDEX spent_assertions_expiry ON spent_assertions (expires_at);
