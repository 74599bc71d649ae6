package store

import (
	"context"
	"time"
)

// Day counts who came on a day (UTC).
type Day struct {
	Date            time.Time
	Logins, Signups int64
	First, Last     time.Time // of them
}

// eventTime is the form of the time in an event's id, and eventEpoch what stands before it.
const eventTime, eventEpoch = "20060102150405.000000", "9002"

// eventsFrom is the least id that an event of a time or later has.
func eventsFrom(at time.Time) string { return eventEpoch + at.UTC().Format("20060102150405") }

// Days counts the logins and sign-ups of each day from a time until before another; days without are left out. It reads an
// index, of that window only.
func (q Queries) Days(ctx context.Context, from, until time.Time) ([]Day, error) {
	return many(ctx, q, func(r scanner) (d Day, err error) {
		var first, last string
		if err := r.Scan(&d.Logins, &d.Signups, &first, &last); err != nil {
			return d, err
		}
		if d.First, err = timeOfEvent(first); err != nil {
			return d, err
		}
		d.Last, err = timeOfEvent(last)
		d.Date = d.First.Truncate(24 * time.Hour)
		return d, err
	}, `SELECT count(*) FILTER (WHERE type = 's'), count(*) FILTER (WHERE type = 'ss'), min(id), max(id) FROM events
		WHERE id >= $1 AND id < $2 AND type IN ('s', 'ss') GROUP BY substr(id, 5, 8) ORDER BY min(id)`, eventsFrom(from), eventsFrom(until))
}

// timeOfEvent reads the time out of an event's id.
func timeOfEvent(id string) (time.Time, error) {
	const digits = len("20060102150405000000")
	t := id[len(eventEpoch):][:digits]
	return time.Parse(eventTime, t[:14]+"."+t[14:])
}

// ActiveUsers counts the users who logged in or signed up since a time.
func (q Queries) ActiveUsers(ctx context.Context, since time.Time) (int64, error) {
	return one(ctx, q, scanInt, `SELECT count(DISTINCT user_id) FROM events WHERE id >= $1 AND type IN ('s', 'ss')`, eventsFrom(since))
}
