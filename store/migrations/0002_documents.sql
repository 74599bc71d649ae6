-- What the Management API stores and the running system does not query: one document an entity. parent is the entity it
-- belongs to, or empty; name is unique among siblings where it is set; secret is sealed.
CREATE TABLE documents (
	kind       TEXT NOT NULL,
	id         TEXT NOT NULL,
	parent     TEXT NOT NULL,
	name       TEXT,
	doc        JSONB NOT NULL,
	secret     BYTEA,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (kind, id)
);
CREATE UNIQUE INDEX documents_name ON documents (kind, parent, name) WHERE name IS NOT NULL;
CREATE INDEX documents_kind ON documents (kind, created_at, id);
CREATE INDEX documents_parent ON documents (kind, parent, created_at, id);
CREATE INDEX client_grants_audience ON client_grants (audience);
