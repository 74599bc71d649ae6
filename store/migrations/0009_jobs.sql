-- Work that outlives its request. Who works on a job holds its lease: each step and the job's progress are one transaction
-- that the lease guards, so a step counts once however often nodes stop. place is how far the work is: the bytes that were
-- read of an import's file, the rows that were written of an export; mark is the last user that was exported.
CREATE TABLE jobs (
	id          TEXT PRIMARY KEY,
	type        TEXT NOT NULL,
	status      TEXT NOT NULL,
	queued      BOOLEAN NOT NULL,
	doc         JSONB NOT NULL,
	size        BIGINT NOT NULL,
	place       BIGINT NOT NULL,
	mark        TEXT NOT NULL,
	total       BIGINT NOT NULL,
	inserted    BIGINT NOT NULL,
	updated     BIGINT NOT NULL,
	failed      BIGINT NOT NULL,
	lease       TEXT NOT NULL,
	lease_until BIGINT NOT NULL,
	attempts    BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	started_at  BIGINT,
	expires_at  BIGINT NOT NULL
);
CREATE INDEX jobs_open ON jobs (created_at, id) WHERE status IN ('receiving', 'pending', 'processing');
CREATE INDEX jobs_expiry ON jobs (expires_at);

-- The file that was sent for an import until it is read, and the one that an export made.
CREATE TABLE job_files (
	job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	position BIGINT NOT NULL,
	data     BYTEA NOT NULL,
	PRIMARY KEY (job_id, position)
);

CREATE TABLE job_errors (
	job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	position BIGINT NOT NULL,
	doc      JSONB NOT NULL,
	PRIMARY KEY (job_id, position)
);

-- The users that an import with upsert has made or changed: another entry for one of them is a mistake in the file.
CREATE TABLE job_users (
	job_id  TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
	user_id TEXT NOT NULL,
	PRIMARY KEY (job_id, user_id)
);
-- The users of a connection are listed a batch at a time.
DROP INDEX identities_connection;
CREATE INDEX identities_connection_user ON identities (connection, user_id);
