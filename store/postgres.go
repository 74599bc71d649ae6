package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresEngine is one pool; every node is stateless. READ COMMITTED is enough because each gate is one statement.
type postgresEngine struct {
	db     *sql.DB
	schema string
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
	e := &postgresEngine{db, schema}
	if err := db.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("store: connect to PostgreSQL: %w", err), db.Close())
	}
	return e, sqlConn{db}, nil
}

// sqlConn adapts *sql.DB and *sql.Tx; pgx prepares and caches the statements itself.
type sqlConn struct {
	c interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}
}

func (s sqlConn) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.c.QueryContext(ctx, text, args...)
}

func (s sqlConn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return s.c.ExecContext(ctx, text, args...)
}

func (e *postgresEngine) write(ctx context.Context, fn func(Queries) error) error {
	for attempt := 1; ; attempt++ {
		err := e.writeOnce(ctx, fn)
		if !retryable(err) || attempt == 8 {
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

func (e *postgresEngine) writeOnce(ctx context.Context, fn func(Queries) error) error {
	tx, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer tx.Rollback()
	if err := fn(Queries{conn: sqlConn{tx}}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

// retryable says whether the database asked for the transaction to be run again: 40001 serialization failure, 40P01 deadlock.
func retryable(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}

// migrate holds an advisory lock of the schema, so that nodes that start together migrate once.
func (e *postgresEngine) migrate(ctx context.Context, steps []migration) error {
	h := fnv.New64a()
	h.Write([]byte("proofkey migrate " + e.schema))
	return e.writeOnce(ctx, func(q Queries) error {
		// The lock goes with the transaction; CREATE SCHEMA comes after it because it is not safe to race.
		if _, err := q.exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(h.Sum64())); err != nil {
			return err
		}
		if _, err := q.exec(ctx, `CREATE SCHEMA IF NOT EXISTS "`+e.schema+`"`); err != nil {
			return fmt.Errorf("store: create schema: %w", err)
		}
		tx := q.conn.(sqlConn).c.(*sql.Tx)
		script := func(ctx context.Context, text string, args ...any) (sql.Result, error) {
			return tx.ExecContext(ctx, text, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
		}
		return applyMigrations(ctx, script, q, steps)
	})
}

func (e *postgresEngine) ping(ctx context.Context) error { return e.db.PingContext(ctx) }
func (e *postgresEngine) close() error                   { return e.db.Close() }
