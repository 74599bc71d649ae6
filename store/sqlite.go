package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
)

// sqliteEngine has many readers and one writer. Of the writes that wait the first one leads: its goroutine runs all of them,
// commits once and answers the others, so that one fsync serves the whole group. Then the longest waiting of those that came
// meanwhile leads. A write that finds nobody before it waits for no other goroutine.
type sqliteEngine struct {
	reads   *sqlitePool
	readers *sql.DB // the same, for what is rare
	writer  *sqliteConn
	scratch string // a folder that goes with Close

	mu      sync.Mutex
	led     bool // somebody has the writer
	idle    sync.Cond
	waiting []*pendingWrite
	closed  bool

	kept, commits atomic.Int64 // writes, and the commits that made them durable
}

type pendingWrite struct {
	ctx    context.Context
	fn     func(Queries) error
	err    error
	panics any
	turn   chan bool // true: lead; false: it was done
}

// groupLimit bounds how many writes share one commit, so that the first of them does not wait long.
const groupLimit = 256

var (
	errClosed  = errors.New("store: the database is closed")
	errOutside = errors.New("store: a change outside Write")
	// errInterrupted is of a group whose leader was torn out of it.
	errInterrupted = errors.New("store: the write was interrupted")
)

func openSQLite(ctx context.Context, path string, o Options) (engine, conn, error) {
	e := &sqliteEngine{}
	e.idle.L = &e.mu
	sync := "FULL"
	if path == ":memory:" {
		dir, err := os.MkdirTemp(scratchParent(), "proofkey-")
		if err != nil {
			return nil, nil, fmt.Errorf("store: make a scratch folder: %w", err)
		}
		e.scratch, path, sync = dir, filepath.Join(dir, "tenant.db"), "OFF"
	}
	if o.MaxConns == 0 {
		o.MaxConns = 8
	}
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + sync + ")",
		"foreign_keys(1)", "cache_size(-4000)", "temp_store(MEMORY)",
	}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	// The writer opens first: it makes the file, private to its owner, and switches it to WAL.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("store: open the database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, nil, err
	}
	if e.writer, err = openWriter(dsn); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("store: open %s: %w", path, err), e.removeScratch())
	}
	dsn += "&_pragma=query_only(1)"
	e.reads = newSQLitePool(dsn, o.MaxConns)
	e.readers = sql.OpenDB(sqliteConnector(dsn))
	return e, e.reads, nil
}

// openWriter opens the writer's connection. Of processes that switch a new file to WAL at the same time SQLite refuses
// some without waiting for its busy timeout, so it is waited for here.
func openWriter(dsn string) (*sqliteConn, error) {
	const busy, patience = 5, 10 * time.Second // SQLITE_BUSY
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		c, err := openSQLiteConn(dsn)
		e, ok := errors.AsType[*sqlite.Error](err)
		if !ok || e.Code()&0xff != busy || time.Now().After(end) {
			return c, err
		}
	}
}

// scratchParent is memory where the system has a memory file system, otherwise the default folder for temporary files.
func scratchParent() string {
	if i, err := os.Stat("/dev/shm"); err == nil && i.IsDir() {
		return "/dev/shm"
	}
	return ""
}

type sqliteConnector string

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return new(sqlite.Driver).Open(string(c))
}
func (c sqliteConnector) Driver() driver.Driver { return new(sqlite.Driver) }

func (e *sqliteEngine) write(ctx context.Context, fn func(Queries) error) error {
	w := &pendingWrite{ctx: ctx, fn: fn}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return errClosed
	}
	lead := !e.led
	if lead {
		e.led = true
	} else {
		w.turn = make(chan bool, 1)
		e.waiting = append(e.waiting, w)
	}
	e.mu.Unlock()
	// The outcome is awaited even when ctx ends: a write that was begun is answered by what became of it.
	if lead || <-w.turn {
		e.lead(w)
	}
	if w.panics != nil {
		panic(w.panics)
	}
	return w.err
}

// next is the write that waits longest, or nil.
func (e *sqliteEngine) next() (w *pendingWrite) {
	if len(e.waiting) > 0 {
		w = e.waiting[0]
		e.waiting[0] = nil
		e.waiting = e.waiting[1:]
	}
	return w
}

// lead runs a group that begins with first, answers it and hands the writer on.
func (e *sqliteEngine) lead(first *pendingWrite) {
	group, err := []*pendingWrite{first}, errInterrupted
	defer func() {
		if errors.Is(err, errInterrupted) {
			e.writer.rollback()
		}
		for i, w := range group {
			if w.err == nil {
				w.err = err
			}
			if i > 0 {
				w.turn <- false
			}
		}
		e.mu.Lock()
		w := e.next()
		if e.led = w != nil; !e.led {
			e.idle.Broadcast()
		}
		e.mu.Unlock()
		if w != nil {
			w.turn <- true
		}
	}()
	err = e.runGroup(&group)
}

// runGroup runs the first write and all that wait behind it in one transaction. Its error concerns all of them.
func (e *sqliteEngine) runGroup(group *[]*pendingWrite) error {
	c := e.writer
	ctx := context.Background()
	begun, kept, began := false, 0, time.Now()
	for i := 0; i < len(*group); i++ {
		if !begun {
			if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
				return fmt.Errorf("store: begin: %w", err)
			}
			begun = true
		}
		keep, err := runOne(c, (*group)[i], kept > 0)
		reach("within a group")
		switch {
		case err != nil:
			c.rollback()
			return err
		case keep:
			kept++
		case kept == 0:
			c.rollback()
			begun = false
		}
		if len(*group) == groupLimit {
			continue
		}
		e.mu.Lock()
		if w := e.next(); w != nil {
			*group = append(*group, w)
		}
		e.mu.Unlock()
	}
	if kept == 0 {
		return nil
	}
	reach("before commit")
	if _, err := c.exec(ctx, "COMMIT"); err != nil {
		c.rollback()
		return fmt.Errorf("store: commit: %w", err)
	}
	e.kept.Add(int64(kept))
	e.commits.Add(1)
	stall(began)
	reach("after commit")
	return nil
}

// runOne runs one write and says whether it is to be kept. With others before it that are kept, it runs under a savepoint;
// otherwise the transaction is its own. An error means that the transaction itself is gone (a full disk ends it), and with it
// the neighbours.
func runOne(c *sqliteConn, w *pendingWrite, others bool) (keep bool, err error) {
	if w.err = w.ctx.Err(); w.err != nil {
		return false, nil
	}
	ctx := context.Background()
	if others {
		if _, err := c.exec(ctx, "SAVEPOINT one"); err != nil {
			return false, fmt.Errorf("store: savepoint: %w", err)
		}
	}
	view := &groupConn{c: c}
	func() {
		defer func() { w.panics = recover() }()
		w.err = w.fn(Queries{conn: view})
	}()
	if w.err == nil && w.panics == nil {
		w.err = view.failed // an error that fn kept to itself
	}
	keep = w.err == nil && w.panics == nil
	if !others {
		return keep, nil
	}
	if !keep {
		if _, err := c.exec(ctx, "ROLLBACK TO one"); err != nil {
			return false, errors.Join(w.err, err)
		}
	}
	if _, err := c.exec(ctx, "RELEASE one"); err != nil {
		return false, fmt.Errorf("store: release: %w", err)
	}
	return keep, nil
}

// groupConn is what one write of a group sees. It drops the caller's cancellation, and after a statement that failed it
// refuses all others, as PostgreSQL does: a full disk ends SQLite's transaction, and what came after it would be on its own.
type groupConn struct {
	c      *sqliteConn
	failed error
}

func (g *groupConn) query(_ context.Context, text string, args ...any) (rows rowset, err error) {
	if g.failed == nil {
		rows, g.failed = g.c.query(context.Background(), text, args...)
	}
	return rows, g.failed
}

func (g *groupConn) exec(_ context.Context, text string, args ...any) (r sql.Result, err error) {
	if g.failed == nil {
		r, g.failed = g.c.exec(context.Background(), text, args...)
	}
	return r, g.failed
}

// migrate runs on the writer; BEGIN IMMEDIATE excludes other processes.
func (e *sqliteEngine) migrate(ctx context.Context, steps []migration) error {
	return e.write(ctx, func(q Queries) error {
		return applyMigrations(ctx, q.conn.(*groupConn).c.script, q, steps)
	})
}

func (e *sqliteEngine) hasTable(ctx context.Context, name string) (bool, error) {
	n, err := one(ctx, Queries{conn: sqlConn{e.readers}}, scanInt, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`, name)
	return n > 0, err
}

func (e *sqliteEngine) counts() (writes, commits int64) { return e.kept.Load(), e.commits.Load() }

func (e *sqliteEngine) ping(ctx context.Context) error {
	_, err := one(ctx, Queries{conn: e.reads}, scanInt, "SELECT 1 FROM tenant")
	return err
}

func (e *sqliteEngine) close() error {
	e.mu.Lock()
	e.closed = true
	for e.led {
		e.idle.Wait()
	}
	e.mu.Unlock()
	return errors.Join(e.reads.close(), e.readers.Close(), e.writer.close(), e.removeScratch())
}

func (e *sqliteEngine) removeScratch() error {
	if e.scratch == "" {
		return nil
	}
	return os.RemoveAll(e.scratch)
}

// rollback ends the transaction, which SQLite may have done itself: a full disk does.
func (c *sqliteConn) rollback() { _, _ = c.exec(context.Background(), "ROLLBACK") }
