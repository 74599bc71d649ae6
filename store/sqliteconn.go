package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"modernc.org/sqlite"
)

// sqliteConn is a connection of the driver with its statements prepared once. One goroutine at a time has it, so it does
// without database/sql, whose locks, conversions and copies cost about as much as a read by key.
type sqliteConn struct {
	conn  driverConn
	stmts map[string]driverStmt
	open  int // rowsets that are being read
}

type driverConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
}

type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmtLimit bounds the statements that a connection keeps prepared: searches have as many texts as forms.
const stmtLimit = 512

func openSQLiteConn(dsn string) (*sqliteConn, error) {
	c, err := new(sqlite.Driver).Open(dsn)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(driverConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: a %T lacks what is used of a driver", c), c.Close())
	}
	return &sqliteConn{conn: conn, stmts: map[string]driverStmt{}}, nil
}

func (c *sqliteConn) stmt(text string) (driverStmt, error) {
	if s, ok := c.stmts[text]; ok {
		return s, nil
	}
	if len(c.stmts) >= stmtLimit && c.open == 0 { // what is being read must not lose its statement
		c.forget()
	}
	prepared, err := c.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	s, ok := prepared.(driverStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: a %T lacks what is used of a driver", prepared), prepared.Close())
	}
	c.stmts[text] = s
	return s, nil
}

func (c *sqliteConn) forget() {
	for _, s := range c.stmts {
		s.Close()
	}
	clear(c.stmts)
}

func (c *sqliteConn) close() error {
	c.forget()
	return c.conn.Close()
}

// query runs to its end even if the request is given up: a read takes microseconds, and to watch for the end of a context
// would cost more than that. An interrupted write would roll back its neighbours too.
func (c *sqliteConn) query(_ context.Context, text string, args ...any) (rowset, error) {
	return c.rows(text, args)
}

func (c *sqliteConn) rows(text string, args []any) (*sqliteRows, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	named, err := numbered(args)
	if err != nil {
		return nil, err
	}
	found, err := s.QueryContext(context.Background(), named)
	if err != nil {
		return nil, err
	}
	c.open++
	return &sqliteRows{c: c, found: found, values: make([]driver.Value, len(found.Columns()))}, nil
}

func (c *sqliteConn) exec(_ context.Context, text string, args ...any) (sql.Result, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	named, err := numbered(args)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), named)
}

// script runs a text of several statements.
func (c *sqliteConn) script(_ context.Context, text string, _ ...any) (sql.Result, error) {
	return c.conn.ExecContext(context.Background(), text, nil)
}

// numbered are the arguments as a driver takes them.
func numbered(args []any) ([]driver.NamedValue, error) {
	if len(args) == 0 {
		return nil, nil
	}
	all := make([]driver.NamedValue, len(args))
	for i, a := range args {
		all[i].Ordinal = i + 1
		switch v := a.(type) {
		case nil, string, int64, bool, []byte:
			all[i].Value = v
		default:
			value, err := driver.DefaultParameterConverter.ConvertValue(a)
			if err != nil {
				return nil, fmt.Errorf("store: argument $%d: %w", i+1, err)
			}
			all[i].Value = value
		}
	}
	return all, nil
}

// sqliteRows are the rows of a query. Until they are closed nobody else has their connection.
type sqliteRows struct {
	c      *sqliteConn
	pool   *sqlitePool // where c goes back to; nil for the writer's
	found  driver.Rows
	values []driver.Value
	err    error
	closed bool
}

func (r *sqliteRows) Next() bool {
	if r.closed {
		return false
	}
	err := r.found.Next(r.values)
	if err == nil {
		return true
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	r.err = errors.Join(err, r.Close())
	return false
}

func (r *sqliteRows) Err() error { return r.err }

func (r *sqliteRows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.found.Close()
	r.c.open--
	if r.pool != nil {
		r.pool.give(r.c)
	}
	return err
}

func (r *sqliteRows) Scan(dest ...any) error { return assignAll(dest, r.values) }

// sqlitePool are connections that read. The one given back last is taken first: its pages are warm.
type sqlitePool struct {
	dsn   string
	slots chan struct{} // one for each connection in use

	mu     sync.Mutex
	idle   []*sqliteConn
	closed bool
}

func newSQLitePool(dsn string, conns int) *sqlitePool {
	return &sqlitePool{dsn: dsn, slots: make(chan struct{}, conns)}
}

func (p *sqlitePool) take() (*sqliteConn, error) {
	p.slots <- struct{}{}
	p.mu.Lock()
	closed, n := p.closed, len(p.idle)
	if !closed && n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	err := errClosed
	if !closed {
		var c *sqliteConn
		if c, err = openSQLiteConn(p.dsn); err == nil {
			return c, nil
		}
	}
	<-p.slots
	return nil, err
}

func (p *sqlitePool) give(c *sqliteConn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.slots
}

func (p *sqlitePool) query(_ context.Context, text string, args ...any) (rowset, error) {
	c, err := p.take()
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(text, args)
	if err != nil {
		p.give(c)
		return nil, err
	}
	rows.pool = p
	return rows, nil
}

func (p *sqlitePool) exec(context.Context, string, ...any) (sql.Result, error) {
	return nil, errOutside
}

// close waits for those who read.
func (p *sqlitePool) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.close())
	}
	p.idle = nil
	for range cap(p.slots) {
		<-p.slots
	}
	return errors.Join(errs...)
}
