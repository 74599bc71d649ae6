package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/proofkey/proofkey/web/problem"
)

// The limit is of a tenant's domain on one node, in fixed windows. It is far above what tools do: it is there so that one
// that runs wild is told to slow down in the way that all of them understand.
const (
	windowLength = 10 * time.Second
	windowLimit  = 20000
)

// limit counts the requests of the window.
type limit struct {
	mu    sync.Mutex
	ends  time.Time
	count int
}

// headers sets what every answer carries.
func (l *limit) headers(h http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.ends) {
		l.ends, l.count = now.Truncate(windowLength).Add(windowLength), 0
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(windowLimit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, windowLimit-l.count)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(l.ends.Unix(), 10))
}

// take counts a request of somebody who is known; those of others must not use up the window.
func (l *limit) take(h http.Header, now time.Time) error {
	l.mu.Lock()
	l.count++
	over, wait := l.count > windowLimit, l.ends.Sub(now)
	l.mu.Unlock()
	l.headers(h, now)
	if !over {
		return nil
	}
	e := problem.New(http.StatusTooManyRequests, "too_many_requests", "Global limit has been reached")
	e.RetryAfter = wait
	return e
}
