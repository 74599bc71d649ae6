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
	"time"

	"modernc.org/sqlite"
)

// sqliteEngine has many readers and one writer. The writer is a goroutine that collects the writes that wait, runs each
// under a savepoint, commits once and then answers all of them: one fsync serves the whole group.
type sqliteEngine struct {
	readers *sql.DB
	writer  *sql.DB
	scratch string // a folder that goes with Close

	queue   chan *pendingWrite
	mu      sync.RWMutex // closing excludes sends to queue
	closed  bool
	stopped chan struct{}
}

type pendingWrite struct {
	ctx    context.Context
	fn     func(Queries) error
	err    error
	panics any
	done   chan struct{}
}

// groupLimit bounds how many writes share one commit, so that the first of them does not wait long.
const groupLimit = 256

var (
	errClosed  = errors.New("store: the database is closed")
	errOutside = errors.New("store: a change outside Write")
)

func openSQLite(ctx context.Context, path string, o Options) (engine, conn, error) {
	e := &sqliteEngine{queue: make(chan *pendingWrite, groupLimit), stopped: make(chan struct{})}
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
	e.writer = sql.OpenDB(sqliteConnector(dsn))
	e.writer.SetMaxOpenConns(1)
	e.readers = sql.OpenDB(sqliteConnector(dsn + "&_pragma=query_only(1)"))
	e.readers.SetMaxOpenConns(o.MaxConns)
	e.readers.SetMaxIdleConns(o.MaxConns)
	c, err := connectWriter(ctx, e.writer)
	if err != nil {
		close(e.stopped) // there is nobody to wait for
		return nil, nil, errors.Join(fmt.Errorf("store: open %s: %w", path, err), e.close())
	}
	go e.run(&preparedConn{conn: c, stmts: map[string]*sql.Stmt{}})
	return e, &preparedPool{db: e.readers}, nil
}

// connectWriter opens the writer's connection. Of processes that switch a new file to WAL at the same time SQLite refuses
// some without waiting for its busy timeout, so it is waited for here.
func connectWriter(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	const busy, patience = 5, 10 * time.Second // SQLITE_BUSY
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		c, err := db.Conn(ctx)
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
	w := &pendingWrite{ctx: ctx, fn: fn, done: make(chan struct{})}
	e.mu.RLock()
	if e.closed {
		e.mu.RUnlock()
		return errClosed
	}
	e.queue <- w
	e.mu.RUnlock()
	// The outcome is awaited even when ctx ends: a write that was begun is answered by what became of it.
	<-w.done
	if w.panics != nil {
		panic(w.panics)
	}
	return w.err
}

func (e *sqliteEngine) run(c *preparedConn) {
	defer close(e.stopped)
	for first := range e.queue {
		group := []*pendingWrite{first}
		err := e.runGroup(c, &group)
		for _, w := range group {
			if w.err == nil {
				w.err = err
			}
			close(w.done)
		}
	}
	c.close()
}

// runGroup runs the first write and all that wait behind it in one transaction. Its error concerns all of them.
func (e *sqliteEngine) runGroup(c *preparedConn, group *[]*pendingWrite) error {
	ctx := context.Background() // a statement must not be interrupted: that would roll back the neighbours too
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	changed := false
	for i := 0; i < len(*group); i++ {
		ok, err := runOne(ctx, c, (*group)[i])
		if err != nil {
			c.rollback()
			return err
		}
		changed = changed || ok
		if len(*group) == groupLimit {
			continue
		}
		select {
		case w, open := <-e.queue:
			if open {
				*group = append(*group, w)
			}
		default:
		}
	}
	end := "COMMIT"
	if !changed {
		end = "ROLLBACK"
	}
	if _, err := c.exec(ctx, end); err != nil {
		c.rollback()
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// runOne runs one write under its savepoint and says whether it is to be kept. An error means that the transaction itself
// is gone (a full disk ends it), and with it the neighbours.
func runOne(ctx context.Context, c *preparedConn, w *pendingWrite) (keep bool, err error) {
	if w.err = w.ctx.Err(); w.err != nil {
		return false, nil
	}
	if _, err := c.exec(ctx, "SAVEPOINT one"); err != nil {
		return false, fmt.Errorf("store: savepoint: %w", err)
	}
	view := &groupConn{c: c}
	func() {
		defer func() { w.panics = recover() }()
		w.err = w.fn(Queries{conn: view})
	}()
	if w.err == nil && w.panics == nil {
		w.err = view.failed // an error that fn kept to itself
	}
	if w.err != nil || w.panics != nil {
		if _, err := c.exec(ctx, "ROLLBACK TO one"); err != nil {
			return false, errors.Join(w.err, err)
		}
	}
	if _, err := c.exec(ctx, "RELEASE one"); err != nil {
		return false, fmt.Errorf("store: release: %w", err)
	}
	return w.err == nil && w.panics == nil, nil
}

// groupConn is what one write of a group sees. It drops the caller's cancellation, and after a statement that failed it
// refuses all others, as PostgreSQL does: a full disk ends SQLite's transaction, and what came after it would be on its own.
type groupConn struct {
	c      *preparedConn
	failed error
}

func (g *groupConn) query(_ context.Context, text string, args ...any) (rows *sql.Rows, err error) {
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
		return applyMigrations(ctx, q.conn.(*groupConn).c.conn.ExecContext, q, steps)
	})
}

func (e *sqliteEngine) hasTable(ctx context.Context, name string) (bool, error) {
	n, err := one(ctx, Queries{conn: sqlConn{e.readers}}, scanInt, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`, name)
	return n > 0, err
}

func (e *sqliteEngine) ping(ctx context.Context) error {
	var one int
	return e.readers.QueryRowContext(ctx, "SELECT 1 FROM tenant").Scan(&one)
}

func (e *sqliteEngine) close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.queue)
	}
	e.mu.Unlock()
	<-e.stopped
	err := errors.Join(e.readers.Close(), e.writer.Close())
	if e.scratch != "" {
		err = errors.Join(err, os.RemoveAll(e.scratch))
	}
	return err
}

// preparedConn is the writer's connection with its statements prepared once.
type preparedConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (p *preparedConn) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.stmts[text]; ok {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	p.stmts[text] = s
	return s, nil
}

func (p *preparedConn) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p *preparedConn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	s, err := p.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// rollback ends the transaction, which SQLite may have done itself: a full disk does.
func (p *preparedConn) rollback() { _, _ = p.exec(context.Background(), "ROLLBACK") }

func (p *preparedConn) close() {
	for _, s := range p.stmts {
		s.Close()
	}
	p.conn.Close()
}

// preparedPool is a pool with its statements prepared once a connection. Every text is a constant of this package, so the
// map is bounded.
type preparedPool struct {
	db    *sql.DB
	stmts sync.Map // text -> *sql.Stmt
}

func (p *preparedPool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.stmts.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	if kept, loaded := p.stmts.LoadOrStore(text, s); loaded {
		s.Close()
		return kept.(*sql.Stmt), nil
	}
	return s, nil
}

// query runs to its end even if the request is given up: a read takes microseconds, and watching for the end of its context
// would cost twice as much as the read.
func (p *preparedPool) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	s, err := p.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (p *preparedPool) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return nil, errOutside
}
