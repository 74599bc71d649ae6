-- Logins and sign-ups by time, so that counting some days reads those days and nothing else.
CREATE INDEX events_logins ON events (id, type, user_id) WHERE type IN ('s', 'ss');
