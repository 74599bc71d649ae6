-- A connection that is deleted takes its users along, and an application's grants are listed.
CREATE INDEX users_connection ON users (connection, id);
CREATE INDEX identities_connection ON identities (connection);
CREATE INDEX grants_client ON grants (client_id, id);
