package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Restore fills an empty database with the rows of a snapshot. Nobody sees any of it before Commit; until then Abort leaves
// the place as it was. On SQLite it is a file of another name beside the place, on PostgreSQL one transaction.
type Restore struct {
	later   []migration // what the snapshot's version did not have yet
	db      *sql.DB
	conn    *sql.Conn
	queries Queries
	open    bool    // the transaction
	tables  []Table // those that the snapshot's version had

	file, place string // of SQLite
	schema      string // of PostgreSQL
}

// Empty says whether there is nothing that a restore could overwrite; its error says what there is. It makes nothing.
func Empty(ctx context.Context, dsn string) (err error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		for _, name := range []string{path, path + "-wal", path + "-journal"} {
			if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
				return errors.Join(fmt.Errorf("%s exists: a restore overwrites nothing, move it away first", name), err)
			}
		}
		_, err := os.Stat(filepath.Dir(path))
		return err
	}
	e, _, err := dial(ctx, dsn, Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	p := e.(*postgresEngine)
	return emptySchema(ctx, Queries{conn: sqlConn{p.db}}, p.schema)
}

func emptySchema(ctx context.Context, q Queries, schema string) error {
	n, err := one(ctx, q, scanInt, `SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`, schema)
	if err == nil && n > 0 {
		err = fmt.Errorf("the schema %s has %d tables: a restore overwrites nothing, choose another one or drop it first", schema, n)
	}
	return err
}

// splitSteps splits what migrations there are into those of a snapshot and those that came later.
func splitSteps(names []string) (taken, later []migration, err error) {
	steps, err := migrations()
	if err != nil {
		return nil, nil, err
	}
	for _, s := range steps {
		if slices.Contains(names, s.name) {
			taken = append(taken, s)
		} else {
			later = append(later, s)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(taken, func(s migration) bool { return s.name == name }) {
			return nil, nil, fmt.Errorf("the schema step %s is not known here: a newer version of proofkey took it, use that one", name)
		}
	}
	return taken, later, nil
}

// BeginRestore makes the schema that a snapshot had, by its steps, in an empty place.
func BeginRestore(ctx context.Context, dsn string, steps []string) (r *Restore, err error) {
	taken, later, err := splitSteps(steps)
	if err != nil {
		return nil, err
	}
	r = &Restore{later: later}
	defer func() {
		if err != nil {
			err, r = errors.Join(err, r.Abort()), nil
		}
	}()
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		err = r.beginSQLite(ctx, path)
	} else {
		err = r.beginPostgres(ctx, dsn)
	}
	if err == nil {
		err = r.migrate(ctx, taken)
	}
	if err == nil {
		err = r.empty(ctx)
	}
	return r, err
}

// empty removes the rows that steps make: the snapshot has what became of them.
func (r *Restore) empty(ctx context.Context) (err error) {
	engine := SQLite
	if r.schema != "" {
		engine = PostgreSQL
	}
	r.tables, err = readTables(ctx, r.queries, engine, r.schema)
	for _, t := range slices.Backward(r.tables) {
		if err != nil {
			return err
		}
		_, err = r.queries.exec(ctx, `DELETE FROM "`+t.Name+`"`)
	}
	return err
}

func (r *Restore) migrate(ctx context.Context, steps []migration) error {
	if err := applyMigrations(ctx, r.script, r.queries, steps); err != nil || r.schema == "" {
		return err
	}
	return compareBytes(ctx, r.queries)
}

func (r *Restore) connect(ctx context.Context) (err error) {
	if r.conn, err = r.db.Conn(ctx); err == nil {
		r.queries = Queries{conn: sqlConn{r.conn}, seal: &sealer{}}
		_, err = r.queries.exec(ctx, "BEGIN")
		r.open = err == nil
	}
	return err
}

// script runs a text of several statements.
func (r *Restore) script(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if r.schema != "" {
		args = append([]any{pgx.QueryExecModeSimpleProtocol}, args...)
	}
	return r.conn.ExecContext(ctx, text, args...)
}

// beginSQLite writes without a journal and without waiting for the disk: a file that is not whole never gets the name.
func (r *Restore) beginSQLite(ctx context.Context, path string) error {
	if err := Empty(ctx, "sqlite:"+path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".restore-*")
	if err != nil {
		return fmt.Errorf("store: make the database file: %w", err)
	}
	r.file, r.place = f.Name(), path
	if err := f.Close(); err != nil {
		return err
	}
	q := url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)", "locking_mode(EXCLUSIVE)", "foreign_keys(0)", "cache_size(-64000)", "temp_store(FILE)"}}
	r.db = sql.OpenDB(sqliteConnector("file:" + (&url.URL{Path: r.file}).EscapedPath() + "?" + q.Encode()))
	return r.connect(ctx)
}

func (r *Restore) beginPostgres(ctx context.Context, dsn string) error {
	e, _, err := dial(ctx, dsn, Options{MaxConns: 1})
	if err != nil {
		return err
	}
	p := e.(*postgresEngine)
	r.db, r.schema = p.db, p.schema
	if err := r.connect(ctx); err != nil {
		return err
	}
	if err := p.claimSchema(ctx, r.queries); err != nil {
		return err
	}
	return emptySchema(ctx, r.queries, r.schema)
}

// Load stores the rows of a table; next ends with io.EOF. The tables come in the order of the snapshot.
func (r *Restore) Load(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	if !slices.ContainsFunc(r.tables, func(own Table) bool { return own.Name == t.Name }) {
		return 0, fmt.Errorf("store: there is no table %q", t.Name)
	}
	if r.schema != "" {
		n, err = r.copyRows(ctx, t, next)
	} else {
		n, err = r.insertRows(ctx, t, next)
	}
	if err != nil {
		err = fmt.Errorf("store: fill %s: %w", t.Name, err)
	}
	return n, err
}

// copyRows is one statement, so rows may refer to later rows of their table.
func (r *Restore) copyRows(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return row, err
	})
	err = r.conn.Raw(func(c any) (err error) {
		n, err = c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{r.schema, t.Name}, names, rows)
		return err
	})
	return n, err
}

func (r *Restore) insertRows(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	places := make([]string, len(t.Columns))
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	s, err := r.conn.PrepareContext(ctx, `INSERT INTO "`+t.Name+`" (`+t.columnList()+`) VALUES (`+strings.Join(places, ", ")+`)`)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	for ; ; n++ {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err == nil {
			_, err = s.ExecContext(ctx, row...)
		}
		if err != nil {
			return n, err
		}
	}
}

// SignOut ends every session, refresh token and single-use link: what was ended or used after the snapshot was taken must not
// come back to life.
func (r *Restore) SignOut(ctx context.Context, now time.Time) error {
	for _, text := range []string{`DELETE FROM dashboard_sessions`, `DELETE FROM sessions`} {
		if _, err := r.queries.exec(ctx, text); err != nil {
			return err
		}
	}
	for _, text := range []string{
		`UPDATE refresh_tokens SET revoked_at = $1, revoked_why = 'restored' WHERE revoked_at IS NULL`,
		`UPDATE tickets SET used_at = $1 WHERE used_at IS NULL`,
	} {
		if _, err := r.queries.exec(ctx, text, ms(now)); err != nil {
			return err
		}
	}
	return nil
}

// Finish takes the steps that the snapshot did not have, checks what refers to what, and that master opens what is sealed.
func (r *Restore) Finish(ctx context.Context, master []byte) (sealed Sealed, err error) {
	if err := r.migrate(ctx, r.later); err != nil {
		return sealed, err
	}
	if r.schema == "" {
		loose, err := many(ctx, r.queries, scanString, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`)
		if err == nil && len(loose) > 0 {
			err = fmt.Errorf("store: a row of %s refers to one that is not there", loose[0])
		}
		if err != nil {
			return sealed, err
		}
	} else {
		for _, t := range r.tables {
			if _, err := r.queries.exec(ctx, `ANALYZE "`+r.schema+`"."`+t.Name+`"`); err != nil {
				return sealed, err
			}
		}
	}
	if _, r.queries.seal, err = checkTenant(ctx, r.queries, master); err != nil {
		return sealed, err
	}
	return r.queries.sealed(ctx)
}

// Commit makes the database be there, durably.
func (r *Restore) Commit(ctx context.Context) error {
	_, err := r.queries.exec(ctx, "COMMIT")
	if err == nil {
		r.open = false
		err = r.close()
	}
	if err == nil && r.file != "" {
		err = place(r.file, r.place)
	}
	if err != nil {
		err = fmt.Errorf("store: commit: %w", err)
	}
	return errors.Join(err, r.Abort())
}

// Abort leaves nothing behind of what was not committed. After Commit it does nothing.
func (r *Restore) Abort() error {
	if r.open && r.schema != "" {
		// An end of the connection would do too, but later.
		_, _ = r.conn.ExecContext(context.Background(), "ROLLBACK")
	}
	r.open = false
	err := r.close()
	if r.file != "" {
		if gone := os.Remove(r.file); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		r.file = ""
	}
	return err
}

func (r *Restore) close() (err error) {
	if r.conn != nil {
		err = r.conn.Close()
		r.conn = nil
	}
	if r.db != nil {
		err = errors.Join(err, r.db.Close())
		r.db = nil
	}
	return err
}

// place makes a file durable and gives it its name.
func place(file, name string) error {
	if err := syncFile(file); err != nil {
		return err
	}
	err := claim(file, name)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s was made by somebody else meanwhile: a restore overwrites nothing", name)
	}
	return err
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// claim gives the file its name only if the name is free. Where there are no hard links, the check and the renaming are two
// steps.
func claim(from, to string) error {
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return fs.ErrExist
		}
		err = os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	_ = d.Sync() // where folders cannot be synced (Windows), the name itself is all there is
	return d.Close()
}
