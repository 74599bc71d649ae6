-- The id that an application gave its own request, to find it in the log by.
ALTER TABLE events ADD COLUMN correlation_id TEXT;
CREATE INDEX events_correlation ON events (correlation_id) WHERE correlation_id IS NOT NULL;
