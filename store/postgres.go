package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresEngine is one pool; every node is stateless. READ COMMITTED is enough because each gate is one statement.
type postgresEngine struct {
	db     *sql.DB
	schema string
	conns  int          // bound of the pool
	kept   atomic.Int64 // writes
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func openPostgres(ctx context.Context, dsn string, o Options) (engine, conn, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, nil, errors.New("store: the PostgreSQL URL cannot be parsed") // err would show the password
	}
	q := u.Query()
	schema := q.Get("search_path")
	if schema == "" {
		schema = "proofkey"
	}
	if !schemaName.MatchString(schema) {
		return nil, nil, fmt.Errorf("store: schema %q: lower-case letters, digits and _ only", schema)
	}
	q.Del("search_path")
	u.RawQuery = q.Encode()
	c, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, nil, errors.New("store: the PostgreSQL URL cannot be parsed")
	}
	c.RuntimeParams["search_path"] = schema
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(o.MaxConns)
	db.SetMaxIdleConns(o.MaxConns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	e := &postgresEngine{db: db, schema: schema, conns: o.MaxConns}
	if err := db.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("store: connect to PostgreSQL: %w", err), db.Close())
	}
	return e, postgresReads{e}, nil
}

// sqlConn adapts *sql.DB and *sql.Tx; pgx prepares and caches the statements itself.
type sqlConn struct {
	c interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}
}

func (s sqlConn) query(ctx context.Context, text string, args ...any) (rowset, error) {
	return s.c.QueryContext(ctx, text, args...)
}

func (s sqlConn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return s.c.ExecContext(ctx, text, args...)
}

// attempts bounds how often a transaction runs that the database keeps asking to run again, lostAttempts how often one
// runs whose connection was lost.
const (
	attempts     = 8
	lostAttempts = 3
)

func (e *postgresEngine) write(ctx context.Context, fn func(Queries) error) error {
	for attempt, losses := 1, 0; ; attempt++ {
		committing, err := e.writeOnce(ctx, fn)
		switch {
		case err == nil:
			return nil
		case !committing && lost(err): // before the commit: nothing has happened
			e.dropIdle()
			losses++
		case !conflicting(err):
			return err
		}
		if attempt == attempts || losses == lostAttempts {
			return err
		}
		pause := time.Duration(rand.IntN(1<<attempt)) * time.Millisecond
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// writeOnce also says whether an error came from the commit itself, so that nobody knows what became of it.
func (e *postgresEngine) writeOnce(ctx context.Context, fn func(Queries) error) (committing bool, err error) {
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("store: begin: %w", err)
	}
	began := time.Now()
	defer tx.Rollback()
	if err := fn(Queries{conn: sqlConn{tx}}); err != nil {
		return false, err
	}
	stall(began)
	reach("before commit")
	if err := tx.Commit(); err != nil {
		return true, fmt.Errorf("store: commit: %w", err)
	}
	e.kept.Add(1)
	reach("after commit")
	return false, nil
}

// conflicting says whether the database asked for the transaction to be run again: 40001 serialization failure, 40P01 deadlock.
func conflicting(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}

// lost says whether a connection broke: the server stopped (class 57P, 08) or went away. A server that does not answer is not
// that, but one that hangs up in the middle of the greeting is: the pool may have begun to connect before a restart.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "08")
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err)
}

// dropIdle closes the connections that wait in the pool: when one of them is dead, so are probably all.
func (e *postgresEngine) dropIdle() {
	e.db.SetMaxIdleConns(-1)
	e.db.SetMaxIdleConns(e.conns)
}

// postgresReads reads on any connection of the pool, and again on another when that one was lost.
type postgresReads struct{ e *postgresEngine }

func (p postgresReads) query(ctx context.Context, text string, args ...any) (rowset, error) {
	for attempt := 1; ; attempt++ {
		rows, err := p.e.db.QueryContext(ctx, text, args...)
		if err == nil || attempt == lostAttempts || !lost(err) {
			return rows, err
		}
		p.e.dropIdle()
	}
}

func (p postgresReads) exec(context.Context, string, ...any) (sql.Result, error) {
	return nil, errOutside
}

// claimSchema holds an advisory lock of the schema until the transaction ends, and makes the schema where there is none. Of
// nodes that start together one migrates, and no restore comes between.
func (e *postgresEngine) claimSchema(ctx context.Context, q Queries) error {
	h := fnv.New64a()
	h.Write([]byte("proofkey migrate " + e.schema))
	if _, err := q.exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(h.Sum64())); err != nil {
		return err
	}
	// It comes after the lock because it is not safe to race.
	if _, err := q.exec(ctx, `CREATE SCHEMA IF NOT EXISTS "`+e.schema+`"`); err != nil {
		return fmt.Errorf("store: create schema: %w", err)
	}
	return nil
}

func (e *postgresEngine) migrate(ctx context.Context, steps []migration) error {
	// It runs again after a deadlock with requests to nodes of the former version.
	return e.write(ctx, func(q Queries) error {
		if err := e.claimSchema(ctx, q); err != nil {
			return err
		}
		tx := q.conn.(sqlConn).c.(*sql.Tx)
		script := func(ctx context.Context, text string, args ...any) (sql.Result, error) {
			return tx.ExecContext(ctx, text, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
		}
		if err := applyMigrations(ctx, script, q, steps); err != nil {
			return err
		}
		return compareBytes(ctx, q)
	})
}

// compareBytes makes columns of text compare by bytes, as SQLite does, where the database sorts in a language: there what
// begins with a text does not stand together, and no index finds it.
func compareBytes(ctx context.Context, q Queries) error {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM (VALUES ('a', 'B'), ('ch', 'd'), ('a-b', 'aa'), ('b', 'b' || chr(1114111))) AS t(x, y)
		WHERE (x < y) <> (CAST(x AS BYTEA) < CAST(y AS BYTEA))`)
	if err != nil || n == 0 {
		return err
	}
	tables, err := many(ctx, q, scanString, `SELECT format('ALTER TABLE %I.%I ', n.nspname, r.relname) ||
			string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', a.attname), ', ')
		FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
			JOIN pg_collation c ON c.oid = a.attcollation
		WHERE n.nspname = current_schema() AND r.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
			AND a.atttypid = CAST('text' AS REGTYPE) AND c.collname <> 'C' GROUP BY n.nspname, r.relname ORDER BY r.relname`)
	for _, text := range tables {
		if _, err := q.exec(ctx, text); err != nil {
			return fmt.Errorf("store: compare by bytes: %w", err)
		}
	}
	return err
}

func (e *postgresEngine) hasTable(ctx context.Context, name string) (bool, error) {
	n, err := one(ctx, Queries{conn: sqlConn{e.db}}, scanInt, `SELECT COUNT(*) FROM information_schema.tables
		WHERE table_schema = $1 AND table_name = $2`, e.schema, name)
	return n > 0, err
}

func (e *postgresEngine) counts() (writes, commits int64) { n := e.kept.Load(); return n, n }

func (e *postgresEngine) ping(ctx context.Context) error { return e.db.PingContext(ctx) }
func (e *postgresEngine) close() error                   { return e.db.Close() }
