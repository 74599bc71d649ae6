package api

import (
	"context"
	"time"
)

func (h *Handler) stats() []operation {
	return []operation{
		{"GET", "/stats/active-users", "Count active users", "", h.activeUsers},
		{"GET", "/stats/daily", "Get daily statistics", "", h.dailyStats},
	}
}

const (
	day = 24 * time.Hour
	// activeFor is how long ago an active user logged in at most.
	activeFor = 30 * day
	// mostDays bounds what one request counts.
	mostDays = 366
)

// activeUsers answers a bare number.
func (h *Handler) activeUsers(ctx context.Context, _ *call) (any, error) {
	n, err := h.DB.ActiveUsers(ctx, h.DB.Now().Add(-activeFor))
	return n, err
}

// dailyStats has a day for each on which somebody came. Leaked passwords are not looked for.
func (h *Handler) dailyStats(ctx context.Context, c *call) (any, error) {
	to, err := c.day("to", h.DB.Now())
	if err != nil {
		return nil, err
	}
	from, err := c.day("from", to.Add(-activeFor))
	if err != nil {
		return nil, err
	}
	if to.Before(from) || to.Sub(from) >= mostDays*day {
		return nil, queryError("The days from and to are not in order, or more than 366", "from")
	}
	days, err := h.DB.Days(ctx, from, to.Add(day))
	l := listing{}
	for _, d := range days {
		l.items = append(l.items, document{
			"date": stamp(d.Date), "logins": d.Logins, "signups": d.Signups, "leaked_passwords": 0,
			"created_at": stamp(d.First), "updated_at": stamp(d.Last),
		})
	}
	return l, err
}

// day is a query parameter in the form YYYYMMDD.
func (c *call) day(name string, absent time.Time) (time.Time, error) {
	text := c.query.Get(name)
	if text == "" {
		return absent.UTC().Truncate(day), nil
	}
	t, err := time.Parse("20060102", text)
	if err != nil {
		return t, queryError("Object didn't pass validation for format date YYYYMMDD: "+cut(text, 32), name)
	}
	return t, nil
}
