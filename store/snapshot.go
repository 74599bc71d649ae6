package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Snapshot is all that a database held at one moment, whatever is written to it meanwhile: on SQLite a read transaction,
// on PostgreSQL one at REPEATABLE READ. Values are nil, string (also documents), int64, bool or []byte on both engines.
type Snapshot struct {
	Engine string
	Tenant string   // its id
	Steps  []string // the migrations that were applied
	Tables []Table  // each one after those that it refers to

	conn conn
}

// Engines, as people call them.
const (
	SQLite     = "SQLite"
	PostgreSQL = "PostgreSQL"
)

// Table is a table of a snapshot. schema_version is none of them: Steps say the same.
type Table struct {
	Name    string   `json:"table"`
	Columns []Column `json:"columns"`
}

// Column is a column of one of the five types that both engines have.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

var errNoTenant = errors.New("store: the database has no tenant yet: start the server first")

// Read runs read on a snapshot of the database. It changes nothing there, not even an older schema; master is the key that
// the database was made with.
func Read(ctx context.Context, dsn string, master []byte, read func(*Snapshot) error) (err error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w (%w)", errNoTenant, err)
		}
	}
	e, _, err := dial(ctx, dsn, Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	if there, err := e.hasTable(ctx, "schema_version"); err != nil {
		return err
	} else if !there {
		return errNoTenant
	}
	var tx *sql.Tx
	s := &Snapshot{}
	var schema string
	switch e := e.(type) {
	case *sqliteEngine:
		s.Engine = SQLite
		tx, err = e.readers.BeginTx(ctx, nil)
	case *postgresEngine:
		s.Engine, schema = PostgreSQL, e.schema
		tx, err = e.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	}
	if err != nil {
		return fmt.Errorf("store: begin the snapshot: %w", err)
	}
	defer tx.Rollback()
	s.conn = sqlConn{tx}
	// From its first read on, the transaction sees one state.
	if err := s.open(ctx, schema, master); err != nil {
		return err
	}
	return read(s)
}

func (s *Snapshot) open(ctx context.Context, schema string, master []byte) (err error) {
	q := Queries{conn: s.conn}
	if s.Steps, err = many(ctx, q, scanString, `SELECT name FROM schema_version ORDER BY number`); err != nil {
		return err
	}
	if _, _, err := splitSteps(s.Steps); err != nil {
		return err
	}
	if s.Tenant, _, err = checkTenant(ctx, q, master); err != nil {
		return err
	}
	if s.Tables, err = readTables(ctx, q, s.Engine, schema); err != nil {
		return err
	}
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			if !slices.Contains(columnTypes, c.Type) {
				return fmt.Errorf("store: column %s.%s is of the type %s, which is none of ours", t.Name, c.Name, c.Type)
			}
		}
	}
	return nil
}

var (
	columnTypes = []string{"TEXT", "BIGINT", "BOOLEAN", "BYTEA", "JSONB"}
	tableMade   = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)
)

// ownTables are the tables that migrations make. A schema may have others, which are somebody else's.
func ownTables() (map[string]bool, error) {
	steps, err := migrations()
	own := map[string]bool{}
	for _, s := range steps {
		for _, m := range tableMade.FindAllStringSubmatch(s.text, -1) {
			own[m[1]] = true
		}
	}
	return own, err
}

// readTables lists our tables, each after those that it refers to, with their columns in the order of their declaration.
func readTables(ctx context.Context, q Queries, engine, schema string) ([]Table, error) {
	text, args := `SELECT m.name, c.name, upper(c.type) FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' ORDER BY m.name, c.cid`, []any(nil)
	if engine == PostgreSQL {
		text, args = `SELECT t.table_name, c.column_name, upper(c.data_type) FROM information_schema.tables t
			JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
			WHERE t.table_schema = $1 AND t.table_type = 'BASE TABLE' ORDER BY t.table_name, c.ordinal_position`, []any{schema}
	}
	cells, err := many(ctx, q, func(r scanner) (c [3]string, err error) {
		return c, r.Scan(&c[0], &c[1], &c[2])
	}, text, args...)
	if err != nil {
		return nil, err
	}
	own, err := ownTables()
	if err != nil {
		return nil, err
	}
	var tables []Table
	for _, c := range cells {
		if !own[c[0]] {
			continue
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != c[0] {
			tables = append(tables, Table{Name: c[0]})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, Column{Name: c[1], Type: c[2]})
	}
	above, err := readReferences(ctx, q, engine, schema)
	return inOrder(tables, above), err
}

// inOrder are the tables, each after those that it refers to.
func inOrder(tables []Table, above map[string][]string) (all []Table) {
	placed := map[string]bool{}
	var place func(t Table)
	place = func(t Table) {
		if placed[t.Name] {
			return
		}
		placed[t.Name] = true
		for _, other := range tables {
			if slices.Contains(above[t.Name], other.Name) {
				place(other)
			}
		}
		all = append(all, t)
	}
	for _, t := range tables {
		place(t)
	}
	return all
}

// readReferences maps each table to those that its rows refer to.
func readReferences(ctx context.Context, q Queries, engine, schema string) (map[string][]string, error) {
	above := map[string][]string{}
	text, args := `SELECT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`, []any(nil)
	if engine == PostgreSQL {
		text, args = `SELECT a.relname, b.relname FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid
			JOIN pg_class b ON b.oid = c.confrelid JOIN pg_namespace n ON n.oid = a.relnamespace
			WHERE c.contype = 'f' AND n.nspname = $1`, []any{schema}
	}
	pairs, err := many(ctx, q, func(r scanner) (p [2]string, err error) { return p, r.Scan(&p[0], &p[1]) }, text, args...)
	for _, p := range pairs {
		above[p[0]] = append(above[p[0]], p[1])
	}
	return above, err
}

// Rows calls row with each row of a table; the slice is its own only until it returns.
func (s *Snapshot) Rows(ctx context.Context, t Table, row func([]any) error) error {
	rows, err := s.conn.query(ctx, `SELECT `+t.columnList()+` FROM "`+t.Name+`"`)
	if err != nil {
		return fmt.Errorf("store: read %s: %w", t.Name, err)
	}
	defer rows.Close()
	cells, into, values := make([]cell, len(t.Columns)), make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range cells {
		cells[i].kind = t.Columns[i].Type
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("store: read %s: %w", t.Name, err)
		}
		for i := range cells {
			values[i] = cells[i].value
		}
		if err := row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: read %s: %w", t.Name, err)
	}
	return nil
}

// Count is how many rows a table has.
func (s *Snapshot) Count(ctx context.Context, t Table) (int64, error) {
	return one(ctx, Queries{conn: s.conn}, scanInt, `SELECT COUNT(*) FROM "`+t.Name+`"`)
}

func (t Table) columnList() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	return strings.Join(names, ", ")
}

// cell reads a value of a column as both engines mean it.
type cell struct {
	kind  string
	value any
}

func (c *cell) Scan(src any) error {
	c.value = nil
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		if c.kind == "BYTEA" {
			c.value = slices.Clone(v)
			return nil
		}
		if c.kind == "TEXT" || c.kind == "JSONB" {
			c.value = string(v)
			return nil
		}
	case string:
		if c.kind == "TEXT" || c.kind == "JSONB" {
			c.value = v
			return nil
		}
	case bool:
		if c.kind == "BOOLEAN" {
			c.value = v
			return nil
		}
	case int64:
		switch c.kind {
		case "BIGINT":
			c.value = v
			return nil
		case "BOOLEAN":
			c.value = v != 0
			return nil
		}
	}
	return fmt.Errorf("a column of the type %s holds %T", c.kind, src)
}
