//go:build torture

package store

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// plan is what the environment tells this process to suffer.
type plan struct {
	point string       // where it dies
	left  atomic.Int64 // and after how many times
	slow  int          // writes take so many times as long
	next  bool         // it is of the next version, with one more migration
}

var suffering = sync.OnceValue(func() *plan {
	p := &plan{point: os.Getenv("TORTURE_POINT"), next: os.Getenv("TORTURE_NEXT") != ""}
	hits, _ := strconv.Atoi(os.Getenv("TORTURE_HITS"))
	p.left.Store(int64(max(hits, 1)))
	p.slow, _ = strconv.Atoi(os.Getenv("TORTURE_SLOW"))
	return p
})

func reach(point string) {
	p := suffering()
	if p.point != point || p.left.Add(-1) > 0 {
		return
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // nothing happens behind the point
}

// longestStall is that of a write which waited for others: the waits of each would add up.
const longestStall = 100 * time.Millisecond

func stall(began time.Time) {
	if p := suffering(); p.slow > 1 {
		time.Sleep(min(time.Duration(p.slow-1)*time.Since(began), longestStall))
	}
}

// withTorture: the next version has new columns in the busiest tables, an index and a table of its own.
func withTorture(steps []migration) []migration {
	if !suffering().next {
		return steps
	}
	return append(steps, migration{9999, "9999_torture.sql", `
ALTER TABLE refresh_tokens ADD COLUMN torture TEXT;
ALTER TABLE users ADD COLUMN torture BIGINT NOT NULL DEFAULT 7;
CREATE INDEX users_torture ON users (torture, id);
ALTER TABLE clients ADD COLUMN torture TEXT;
CREATE TABLE torture (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);`})
}
