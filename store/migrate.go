package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered step forward. Steps only expand what the former version of the program still uses, so
// versions N and N+1 run on one schema.
type migration struct {
	number int
	name   string
	text   string
}

func migrations() ([]migration, error) {
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var steps []migration
	for _, e := range entries {
		number, err := strconv.Atoi(strings.SplitN(e.Name(), "_", 2)[0])
		if err != nil {
			return nil, fmt.Errorf("store: migration %s has no number", e.Name())
		}
		text, err := migrationFiles.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{number, e.Name(), string(text)})
	}
	slices.SortFunc(steps, func(a, b migration) int { return cmp.Compare(a.number, b.number) })
	return withTorture(steps), nil
}

// Pending names the migrations that Open would apply to a database, without touching it: all of them where there is none.
func Pending(ctx context.Context, dsn string) (names []string, err error) {
	steps, err := migrations()
	if err != nil {
		return nil, err
	}
	taken, err := takenMigrations(ctx, dsn)
	for _, s := range steps {
		if err == nil && !slices.Contains(taken, int64(s.number)) {
			names = append(names, s.name)
		}
	}
	return names, err
}

func takenMigrations(ctx context.Context, dsn string) (taken []int64, err error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	e, conn, err := dial(ctx, dsn, Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	if there, err := e.hasTable(ctx, "schema_version"); err != nil || !there {
		return nil, err
	}
	return many(ctx, Queries{conn: conn}, scanInt, selectTaken)
}

const selectTaken = `SELECT number FROM schema_version`

// createVersions makes the table that says which steps were taken.
const createVersions = `CREATE TABLE IF NOT EXISTS schema_version (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)`

// applyMigrations takes the steps that were not taken yet; script runs a text of several statements.
func applyMigrations(ctx context.Context, script func(context.Context, string, ...any) (sql.Result, error), q Queries, steps []migration) error {
	if _, err := script(ctx, createVersions); err != nil {
		return fmt.Errorf("store: schema_version: %w", err)
	}
	taken, err := many(ctx, q, scanInt, selectTaken)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if slices.Contains(taken, int64(s.number)) {
			continue
		}
		if _, err := script(ctx, s.text); err != nil {
			return fmt.Errorf("store: migration %s: %w", s.name, err)
		}
		reach("within a migration")
		if _, err := q.exec(ctx, `INSERT INTO schema_version (number, name, applied_at) VALUES ($1, $2, $3)`,
			s.number, s.name, time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}
