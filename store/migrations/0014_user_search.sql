-- How many users there are. Each node counts in a part of its own, so that nobody waits for another to sign somebody up.
CREATE TABLE user_counts (
	part  BIGINT PRIMARY KEY,
	users BIGINT NOT NULL
);
INSERT INTO user_counts (part, users) SELECT 0, count(*) FROM users WHERE linked_to IS NULL;
INSERT INTO user_counts (part, users) VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 0),
	(12, 0), (13, 0), (14, 0), (15, 0);

-- Searches read along one of these, in the order of the field and then of the id, and stop where the page is full. Accounts
-- that are linked are in none of them: they are not listed.
DROP INDEX users_name;
DROP INDEX users_by_email;
DROP INDEX users_by_username;
DROP INDEX users_created;
CREATE INDEX users_created ON users (created_at, id) WHERE linked_to IS NULL;
CREATE INDEX users_by_email ON users (email, id) WHERE linked_to IS NULL;
CREATE INDEX users_by_username ON users (username, id) WHERE linked_to IS NULL;
CREATE INDEX users_name ON users (name_key, id) WHERE linked_to IS NULL;
CREATE INDEX users_nickname ON users (nickname_key, id) WHERE linked_to IS NULL;
CREATE INDEX users_given_name ON users (given_name_key, id) WHERE linked_to IS NULL;
CREATE INDEX users_family_name ON users (family_name_key, id) WHERE linked_to IS NULL;
CREATE INDEX users_last_login ON users (last_login, id) WHERE linked_to IS NULL;
CREATE INDEX identities_provider_user ON identities (provider, user_id);
CREATE INDEX identities_subject_user ON identities (subject, user_id);
