-- display_name is empty where there is none, so that lists can be sorted by it.
CREATE TABLE organizations (
	id           TEXT PRIMARY KEY,
	name         TEXT NOT NULL UNIQUE,
	display_name TEXT NOT NULL,
	settings     JSONB NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL
);
CREATE INDEX organizations_display_name ON organizations (display_name, id);
CREATE INDEX organizations_created ON organizations (created_at, id);

CREATE TABLE organization_members (
	organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_user ON organization_members (user_id, organization_id);

-- Whoever is no member any more has no role there.
CREATE TABLE organization_member_roles (
	organization_id TEXT NOT NULL,
	user_id         TEXT NOT NULL,
	role_id         TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
	PRIMARY KEY (organization_id, user_id, role_id),
	FOREIGN KEY (organization_id, user_id) REFERENCES organization_members (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX organization_member_roles_role ON organization_member_roles (role_id);

CREATE TABLE organization_connections (
	organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	connection_id   TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
	settings        JSONB NOT NULL,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (organization_id, connection_id)
);
CREATE INDEX organization_connections_connection ON organization_connections (connection_id);

-- The row is the invitation: whoever accepts it deletes it. The ticket is shown to administrators, so it is sealed beside
-- the hash that finds it.
CREATE TABLE organization_invitations (
	id              TEXT PRIMARY KEY,
	organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	client_id       TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
	connection_id   TEXT REFERENCES connections (id) ON DELETE CASCADE,
	email           TEXT NOT NULL,
	ticket_hash     BYTEA NOT NULL UNIQUE,
	ticket          BYTEA NOT NULL,
	settings        JSONB NOT NULL,
	created_at      BIGINT NOT NULL,
	expires_at      BIGINT NOT NULL
);
CREATE INDEX organization_invitations_list ON organization_invitations (organization_id, created_at, id);
CREATE INDEX organization_invitations_client ON organization_invitations (client_id);
CREATE INDEX organization_invitations_connection ON organization_invitations (connection_id);

CREATE TABLE organization_client_grants (
	organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	grant_id        TEXT NOT NULL REFERENCES client_grants (id) ON DELETE CASCADE,
	PRIMARY KEY (organization_id, grant_id)
);
CREATE INDEX organization_client_grants_grant ON organization_client_grants (grant_id, organization_id);

-- The organization that a refresh token was issued in; its tokens stay in it.
ALTER TABLE refresh_tokens ADD COLUMN organization_id TEXT;

-- How an application may use a grant for organizations (organization_usage; NULL is deny), formerly in its document only.
ALTER TABLE client_grants ADD COLUMN organization_usage TEXT;
ALTER TABLE client_grants ADD COLUMN allow_any_organization BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE client_grants SET
	organization_usage = (SELECT doc ->> 'organization_usage' FROM documents WHERE kind = 'client_grant' AND documents.id = client_grants.id),
	allow_any_organization = COALESCE((SELECT CAST(doc -> 'allow_any_organization' AS TEXT) = 'true' FROM documents
		WHERE kind = 'client_grant' AND documents.id = client_grants.id), FALSE);
