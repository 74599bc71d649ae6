package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// Pragma reads a setting of the connection that writes to SQLite.
func Pragma(ctx context.Context, db *DB, name string) (value int64, err error) {
	err = db.Write(ctx, func(tx *Tx) (err error) {
		value, err = one(ctx, tx.Queries, scanInt, "PRAGMA "+name)
		return err
	})
	return value, err
}

// Migrate takes one more step.
func Migrate(ctx context.Context, db *DB, number int, text string) error {
	return db.engine.migrate(ctx, []migration{{number, fmt.Sprintf("%04d_test.sql", number), text}})
}

// Texts collects every SQL text that runs from now on.
func Texts(db *DB) func() []string {
	statements := Statements(db)
	return func() (texts []string) {
		for _, s := range statements() {
			texts = append(texts, s.Text)
		}
		return texts
	}
}

// Statement is a SQL text with the parameters that it had first.
type Statement struct {
	Text string
	Args []any
}

// Statements collects every statement that runs from now on, each text once.
func Statements(db *DB) func() []Statement {
	r := &recording{seen: map[string]bool{}}
	db.conn = recordingConn{r, db.conn}
	db.engine = recordingEngine{r, db.engine}
	return func() []Statement {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.all
	}
}

type recording struct {
	mu   sync.Mutex
	seen map[string]bool
	all  []Statement
}

func (r *recording) add(text string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.seen[text] {
		r.seen[text] = true
		r.all = append(r.all, Statement{text, args})
	}
}

type recordingEngine struct {
	r *recording
	engine
}

func (e recordingEngine) write(ctx context.Context, fn func(Queries) error) error {
	return e.engine.write(ctx, func(q Queries) error {
		q.conn = recordingConn{e.r, q.conn}
		return fn(q)
	})
}

type recordingConn struct {
	r *recording
	conn
}

func (c recordingConn) query(ctx context.Context, text string, args ...any) (rowset, error) {
	c.r.add(text, args)
	return c.conn.query(ctx, text, args...)
}

func (c recordingConn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	c.r.add(text, args)
	return c.conn.exec(ctx, text, args...)
}

// Nested reads the numbers from 0 to n in one query, and each in a query with a text of its own meanwhile.
func Nested(ctx context.Context, tx *Tx, n int) error {
	rows, err := tx.conn.query(ctx, `WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1) SELECT i FROM numbers`, n)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var i int64
		if err := rows.Scan(&i); err != nil {
			return err
		}
		if same, err := one(ctx, tx.Queries, scanInt, fmt.Sprintf("SELECT %d", i)); err != nil || same != i {
			return fmt.Errorf("read %d as %d: %w", i, same, err)
		}
	}
	return rows.Err()
}
