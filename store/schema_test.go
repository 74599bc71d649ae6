package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// rows reads a query whose columns are all texts.
func rows(t *testing.T, db *sql.DB, text string, args ...any) (all [][]string) {
	t.Helper()
	r, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for r.Next() {
		row, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := r.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func raw(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func rawSQLite(t *testing.T, dsn string) *sql.DB {
	return raw(t, "sqlite", strings.TrimPrefix(dsn, "sqlite:"))
}

// schema lists columns (type, NOT NULL), keys and indexes of a database, in the words of both engines.
func sqliteSchema(t *testing.T, dsn string) (all []string) {
	db := rawSQLite(t, dsn)
	for _, table := range rows(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		for _, c := range rows(t, db, `SELECT name, upper(type), "notnull" OR pk > 0 FROM pragma_table_info(?)`, table[0]) {
			all = append(all, fmt.Sprintf("column %s.%s %s required=%s", table[0], c[0], c[1], c[2]))
		}
		for _, i := range rows(t, db, `SELECT name, "unique", partial FROM pragma_index_list(?)`, table[0]) {
			var columns []string
			for _, c := range rows(t, db, `SELECT name FROM pragma_index_info(?) ORDER BY seqno`, i[0]) {
				columns = append(columns, c[0])
			}
			all = append(all, fmt.Sprintf("index %s (%s) unique=%s partial=%s", table[0], strings.Join(columns, " "), i[1], i[2]))
		}
		// A key of one BIGINT column is the table itself in SQLite's eyes only if it is an INTEGER: so it has an index too.
		for _, f := range rows(t, db, `SELECT "table", "from", "to", upper(on_delete) FROM pragma_foreign_key_list(?)`, table[0]) {
			all = append(all, fmt.Sprintf("reference %s.%s to %s.%s on delete %s", table[0], f[1], f[0], f[2], f[3]))
		}
	}
	slices.Sort(all)
	return all
}

func postgresSchema(t *testing.T, dsn *url.URL) (all []string) {
	db := raw(t, "pgx", dsn.String())
	types := map[string]string{"bigint": "BIGINT", "text": "TEXT", "boolean": "BOOLEAN", "bytea": "BYTEA", "jsonb": "JSONB"}
	for _, c := range rows(t, db, `SELECT table_name, column_name, data_type, CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END
		FROM information_schema.columns WHERE table_schema = current_schema()`) {
		all = append(all, fmt.Sprintf("column %s.%s %s required=%s", c[0], c[1], types[c[2]], c[3]))
	}
	for _, i := range rows(t, db, `SELECT r.relname, string_agg(a.attname, ' ' ORDER BY k.n), CAST(CAST(x.indisunique AS INT) AS TEXT),
			CASE WHEN x.indpred IS NULL THEN '0' ELSE '1' END
		FROM pg_index x JOIN pg_class r ON r.oid = x.indrelid JOIN pg_namespace s ON s.oid = r.relnamespace,
			unnest(x.indkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attnum = k.attnum
		WHERE s.nspname = current_schema() AND a.attrelid = x.indrelid GROUP BY x.indexrelid, r.relname, x.indisunique, x.indpred`) {
		all = append(all, fmt.Sprintf("index %s (%s) unique=%s partial=%s", i[0], i[1], i[2], i[3]))
	}
	for _, f := range rows(t, db, `SELECT r.relname, a.attname, f.relname, b.attname, CASE c.confdeltype WHEN 'c' THEN 'CASCADE' ELSE 'NO ACTION' END
		FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid,
			unnest(c.conkey, c.confkey) k(ours, theirs), pg_attribute a, pg_attribute b
		WHERE c.contype = 'f' AND r.relnamespace = CAST(current_schema() AS REGNAMESPACE)
			AND a.attrelid = r.oid AND a.attnum = k.ours AND b.attrelid = f.oid AND b.attnum = k.theirs`) {
		all = append(all, fmt.Sprintf("reference %s.%s to %s.%s on delete %s", f[0], f[1], f[2], f[3], f[4]))
	}
	slices.Sort(all)
	return all
}

// TestBothEnginesHaveOneSchema reads the schema back from each engine and compares.
func TestBothEnginesHaveOneSchema(t *testing.T) {
	small := file(t)
	openAt(t, small, time.Now)
	ours := sqliteSchema(t, small)
	if len(ours) < 100 {
		t.Fatalf("the schema of SQLite has %d parts:\n%s", len(ours), strings.Join(ours, "\n"))
	}
	server, ok := postgres(t)
	if !ok {
		return // the comparison runs where there is a server
	}
	large := freshSchema(server)
	openAt(t, large.String(), time.Now)
	theirs := postgresSchema(t, large)
	for _, part := range ours {
		if !slices.Contains(theirs, part) {
			t.Errorf("only SQLite has: %s", part)
		}
	}
	for _, part := range theirs {
		if !slices.Contains(ours, part) {
			t.Errorf("only PostgreSQL has: %s", part)
		}
	}
}

// TestManyNodesStartAtOnce: the schema is made once and there is one tenant, whoever comes first.
func TestManyNodesStartAtOnce(t *testing.T) {
	dsn := fresh(t)
	tenants := make([]string, 8)
	errs := race(len(tenants), func(i int) error {
		db, err := store.Open(context.Background(), dsn, store.Options{MasterKey: masterKey(), MaxConns: 2})
		if err != nil {
			return err
		}
		tenant, err := db.Tenant(context.Background())
		tenants[i] = tenant.ID
		return errors.Join(err, db.Close())
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(tenants); tenants[0] == "" || tenants[0] != tenants[7] {
		t.Errorf("the nodes see the tenants %v, want one", tenants)
	}
}

func TestOpeningAgainKeepsEverything(t *testing.T) {
	dsn := fresh(t)
	first, err := store.Open(t.Context(), dsn, store.Options{MasterKey: masterKey()})
	if err != nil {
		t.Fatal(err)
	}
	write(t, first, func(ctx context.Context, tx *store.Tx) error {
		return tx.CreateClient(ctx, &store.Client{ID: "app", Name: "App", Secret: "secret"}, nil)
	})
	code := first.SealCode(store.Code{ClientID: "app"})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := openAt(t, dsn, time.Now)
	if c, err := second.Client(t.Context(), "app"); err != nil || c.Secret != "secret" {
		t.Errorf("the application has the secret %q, %v", c.Secret, err)
	}
	if c, err := second.OpenCode(code); err != nil || c.ClientID != "app" {
		t.Errorf("the code of before the restart is of %q, %v", c.ClientID, err)
	}
}
