// Package store holds rows, SQL and transactions; a tenant is one database, so no query can cross tenants.
//
// One SQL text serves SQLite and PostgreSQL. Reads go through [DB] itself; every change goes through [DB.Write], whose
// function sees a [Tx]. What must be decided once (a code spent, a refresh token rotated, a ticket used) is one guarded
// statement, so the database decides it and not the caller. When Write returns nil the change is on disk: SQLite runs WAL
// with synchronous=FULL behind one writer that commits waiting writes together, PostgreSQL commits each.
//
// Inside Write nothing may sign, hash a password, run JavaScript or touch the network: the function may run again after a
// serialization failure, and on SQLite everybody waits for it.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrNotFound is returned when the asked-for row does not exist.
var ErrNotFound = errors.New("store: not found")

// ErrConflict is returned when a row with the same unique value exists.
var ErrConflict = errors.New("store: already exists")

// Options are what Open needs beside the data source name.
type Options struct {
	// MasterKey (32 bytes) seals secrets at rest and derives the keys of sealed blobs. All nodes of a tenant share it.
	MasterKey []byte
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// MaxConns bounds the readers (SQLite) or the pool (PostgreSQL); 0 picks a default.
	MaxConns int
}

// DB is one tenant's database: its methods read, Write changes.
type DB struct {
	Queries
	engine engine
	part   int // of user_counts
}

// engine is what differs between the two databases: how writes commit, and how the schema is locked while it migrates.
type engine interface {
	write(ctx context.Context, fn func(Queries) error) error
	migrate(ctx context.Context, steps []migration) error
	// hasTable says whether the schema has a table.
	hasTable(ctx context.Context, name string) (bool, error)
	ping(ctx context.Context) error
	// counts says how many writes were made durable, and by how many commits.
	counts() (writes, commits int64)
	close() error
}

// Tx is a write transaction: the reads of DB plus the changes.
type Tx struct {
	Queries
	users int64 // how many more there are in the end
}

// Open opens the tenant's database, brings its schema up to date and makes the tenant's row on first use.
//
// dsn is "sqlite:PATH", "sqlite::memory:" (a scratch database that goes with Close) or a postgres:// URL, whose parameter
// search_path names the tenant's schema (default: proofkey).
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if len(o.MasterKey) != 32 {
		return nil, fmt.Errorf("store: the master key has %d bytes, it needs 32", len(o.MasterKey))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	e, conn, err := dial(ctx, dsn, o)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, Queries: Queries{conn: conn, Now: o.Now, seal: &sealer{}}, part: mathrand.IntN(userParts)}
	steps, err := migrations()
	if err == nil {
		err = e.migrate(ctx, steps)
	}
	if err == nil {
		err = db.openTenant(ctx, o.MasterKey)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return db, nil
}

// dial connects to the database without touching its schema.
func dial(ctx context.Context, dsn string, o Options) (engine, conn, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"), o)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn, o)
	}
	return nil, nil, errors.New("store: a database is named sqlite:PATH or postgres://…")
}

// Write runs fn in a transaction and returns when its changes are durable, or when none of them happened.
// fn may run more than once; it must only talk to tx.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return db.engine.write(ctx, func(q Queries) error {
		tx := &Tx{Queries: db.queries(q.conn)}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.countUsers(ctx, db.part)
	})
}

// queries are the reads of db on another connection of its database.
func (db *DB) queries(c conn) Queries { return Queries{conn: c, Now: db.Now, seal: db.seal} }

// Together runs fn with a DB that lives inside one transaction: what is read and written through it is in force as a whole
// when fn returns nil, and nothing of it when fn returns an error. A Write inside that fails undoes itself alone. It is for
// a change of very many parts; on SQLite all other writers wait for its end.
func (db *DB) Together(ctx context.Context, fn func(db *DB) error) error {
	return db.engine.write(ctx, func(q Queries) error {
		return fn(&DB{Queries: db.queries(q.conn), engine: within{db.engine, q.conn}, part: db.part})
	})
}

// Inside is a DB that lives inside the transaction: for readers that ask a DB.
func (tx *Tx) Inside() *DB { return &DB{Queries: tx.Queries, engine: within{conn: tx.conn}} }

// within is the engine of a DB inside a transaction.
type within struct {
	engine
	conn conn
}

func (w within) write(ctx context.Context, fn func(Queries) error) error {
	if _, err := w.conn.exec(ctx, "SAVEPOINT part"); err != nil {
		return fmt.Errorf("store: savepoint: %w", err)
	}
	err := fn(Queries{conn: w.conn})
	if err != nil {
		if _, undo := w.conn.exec(ctx, "ROLLBACK TO SAVEPOINT part"); undo != nil {
			return errors.Join(err, undo)
		}
	}
	if _, release := w.conn.exec(ctx, "RELEASE SAVEPOINT part"); release != nil {
		return errors.Join(err, fmt.Errorf("store: release: %w", release))
	}
	return err
}

func (w within) close() error { return nil }

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.engine.ping(ctx) }

// Counts says how many writes were made durable since Open, and by how many commits: on SQLite those that wait share one.
func (db *DB) Counts() (writes, commits int64) { return db.engine.counts() }

// Close finishes the writes that were accepted and closes the database.
func (db *DB) Close() error { return db.engine.close() }

// conn runs one statement; it is a pool, a transaction or the writer's connection.
type conn interface {
	query(ctx context.Context, text string, args ...any) (rowset, error)
	exec(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// Queries are the reads, bound to a pool or to a transaction.
type Queries struct {
	conn conn
	// Now is the store's clock.
	Now  func() time.Time
	seal *sealer
}

// scanner is one row.
type scanner interface{ Scan(dest ...any) error }

// rowset is what a query answers with.
type rowset interface {
	scanner
	Next() bool
	Err() error
	Close() error
}

// one reads exactly one row, or ErrNotFound.
func one[T any](ctx context.Context, q Queries, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	var zero T
	if !holdable(args) {
		return zero, ErrNotFound
	}
	rows, err := q.conn.query(ctx, text, args...)
	if err != nil {
		return zero, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return zero, err
		}
		return zero, ErrNotFound
	}
	v, err := scan(rows)
	if err != nil {
		return zero, err
	}
	return v, rows.Close()
}

// many reads all rows.
func many[T any](ctx context.Context, q Queries, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	if !holdable(args) {
		return nil, nil
	}
	rows, err := q.conn.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// holdable says whether rows can have such texts. PostgreSQL takes neither NUL nor what is not UTF-8 and would fail; so on
// both engines no row has them, and who asks for one is told just that.
func holdable(args []any) bool {
	for _, a := range args {
		if s, ok := a.(string); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			return false
		}
	}
	return true
}

var errNotHoldable = errors.New("store: a text has NUL or is not UTF-8")

// exec runs a statement and returns how many rows it changed.
func (q Queries) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if !holdable(args) {
		return 0, errNotHoldable
	}
	r, err := q.conn.exec(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// exec1 runs a statement that must change a row; none is missing.
func (q Queries) exec1(ctx context.Context, missing error, text string, args ...any) error {
	n, err := q.exec(ctx, text, args...)
	if err == nil && n == 0 {
		return missing
	}
	return err
}

func scanString(r scanner) (s string, err error) { return s, r.Scan(&s) }
func scanInt(r scanner) (n int64, err error)     { return n, r.Scan(&n) }

// randomHex returns n random bytes in hex.
func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return fmt.Sprintf("%x", b)
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// RandomID returns n random letters and digits, the form of Auth0's client ids and secrets.
func RandomID(n int) string {
	out := make([]byte, 0, n)
	for buf := make([]byte, 2*n); len(out) < n; {
		rand.Read(buf)
		for _, b := range buf {
			// 248 is the largest multiple of 62 in a byte: above it the choice would be biased.
			if b < 248 && len(out) < n {
				out = append(out, alphanumeric[b%62])
			}
		}
	}
	return string(out)
}
