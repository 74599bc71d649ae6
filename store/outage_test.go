package store_test

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/proofkey/proofkey/store"
)

// link is a network between the store and its PostgreSQL server that can be cut.
type link struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	down     bool
	open     map[net.Conn]bool
}

// newLink returns a link, and the server's URL as seen through it.
func newLink(t *testing.T, server *url.URL) (*link, *url.URL) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, to: server.Host, open: map[net.Conn]bool{}}
	go l.accept()
	t.Cleanup(func() { listener.Close(); l.set(true) })
	through := *server
	through.Host = listener.Addr().String()
	return l, &through
}

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.to)
		if err != nil {
			near.Close()
			continue
		}
		l.mu.Lock()
		if l.down {
			near.Close()
			far.Close()
		}
		l.open[near], l.open[far] = true, true
		l.mu.Unlock()
		go pipe(near, far)
		go pipe(far, near)
	}
}

func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
}

// set cuts the link with all connections on it, or mends it.
func (l *link) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	if down {
		for c := range l.open {
			c.Close()
		}
		clear(l.open)
	}
}

// storm uses as many connections of the pool as there are and returns the errors.
func storm(db *store.DB) (errs []error) {
	for _, err := range race(24, func(i int) error {
		if i%2 == 0 {
			_, err := db.Tenant(context.Background())
			return err
		}
		return db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.CountAttempt(context.Background(), "storm", 0, time.Hour)
			return err
		})
	}) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// TestTheServerRestarts: all connections die at once, as in a restart or a failover. Nobody who asks afterwards is told.
func TestTheServerRestarts(t *testing.T) {
	server, ok := postgres(t)
	if !ok {
		return // SQLite has no server
	}
	l, through := newLink(t, freshSchema(server))
	db := openAt(t, through.String(), time.Now)
	for round := range 5 {
		if errs := storm(db); len(errs) > 0 {
			t.Fatalf("round %d: %d of 24 requests after the restart failed, such as %v", round, len(errs), errs[0])
		}
		l.set(true)
		l.set(false)
	}
}

// TestTheServerIsGone: without a server requests fail soon and say so, and the first one after it is back succeeds.
func TestTheServerIsGone(t *testing.T) {
	server, ok := postgres(t)
	if !ok {
		return // SQLite has no server
	}
	l, through := newLink(t, freshSchema(server))
	db := openAt(t, through.String(), time.Now)
	for range 2 {
		if errs := storm(db); len(errs) > 0 {
			t.Fatalf("%d of 24 requests failed with the server there, such as %v", len(errs), errs[0])
		}
		l.set(true)
		began := time.Now()
		if errs := storm(db); len(errs) != 24 {
			t.Errorf("%d of 24 requests failed without a server, want all", len(errs))
		}
		if err := db.Ping(t.Context()); err == nil {
			t.Error("Ping says that the database answers")
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("the requests took %v to fail", d)
		}
		l.set(false)
		if err := db.Ping(t.Context()); err != nil {
			t.Errorf("Ping after the server is back: %v", err)
		}
	}
}

// TestAWriteThatLostItsConnection runs again on another one, and happens once.
func TestAWriteThatLostItsConnection(t *testing.T) {
	server, ok := postgres(t)
	if !ok {
		return // SQLite has no server
	}
	named := withParam(freshSchema(server), "application_name", "victim_"+store.RandomID(8))
	db := openAt(t, named.String(), time.Now)
	runs := 0
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		runs++
		if _, err := tx.CountAttempt(ctx, "k", 0, time.Hour); err != nil {
			return err
		}
		if runs == 1 {
			terminate(t, server, named.Query().Get("application_name"))
		}
		_, err := tx.CountAttempt(ctx, "k", 0, time.Hour)
		return err
	})
	n, _, err := db.Attempts(t.Context(), "k", 0)
	if runs != 2 || n != 2 || err != nil {
		t.Errorf("the function ran %d times and counted %d, %v; want 2 runs of which one was kept: 2", runs, n, err)
	}
}

// terminate ends the connections of an application, as an administrator can.
func terminate(t *testing.T, server *url.URL, application string) {
	t.Helper()
	db, err := sql.Open("pgx", server.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, application); err != nil {
		t.Fatal(err)
	}
}

// TestAMigrationUnderLoad: a step that locks tables which a request to the former version has, while that waits for what the
// migration has, is taken in the end, and the request succeeds.
func TestAMigrationUnderLoad(t *testing.T) {
	server, ok := postgres(t)
	if !ok {
		return // of SQLite's writers only one is at work
	}
	schema := freshSchema(server)
	db := openAt(t, schema.String(), time.Now)
	other, err := sql.Open("pgx", schema.String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `UPDATE users SET blocked = false`); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() {
		migrated <- store.Migrate(t.Context(), db, 9000, `ALTER TABLE refresh_tokens ADD COLUMN extra TEXT; ALTER TABLE users ADD COLUMN extra TEXT`)
	}()
	for waiting := 0; waiting == 0; time.Sleep(5 * time.Millisecond) {
		if err := other.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.ExecContext(t.Context(), `UPDATE refresh_tokens SET rotating = true`); err != nil {
		t.Fatalf("the request: %v", err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Errorf("the migration: %v", err)
	}
}
