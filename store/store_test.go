package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// TestMain lets a test run this program again as another process: one that is killed, or that finds its disk full.
func TestMain(m *testing.M) {
	if role := os.Getenv("PROOFKEY_STORE_CHILD"); role != "" {
		child(role, os.Getenv("PROOFKEY_STORE_DATABASE"))
		return
	}
	os.Exit(m.Run())
}

// masterKey is the key of all databases of these tests.
func masterKey() []byte { return bytes.Repeat([]byte{1}, 32) }

// postgres is the server under test; ok is false when the engine under test is SQLite.
func postgres(t testing.TB) (server *url.URL, ok bool) {
	t.Helper()
	text := os.Getenv("PROOFKEY_TEST_POSTGRES")
	if text == "" {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("PROOFKEY_TEST_POSTGRES is not a URL")
	}
	return u, true
}

// withParam returns a copy of a URL with one more parameter.
func withParam(u *url.URL, name, value string) *url.URL {
	c, q := *u, u.Query()
	q.Set(name, value)
	c.RawQuery = q.Encode()
	return &c
}

// freshSchema is the URL of a schema that nobody uses yet.
func freshSchema(server *url.URL) *url.URL {
	return withParam(server, "search_path", "store_"+strings.ToLower(store.RandomID(16)))
}

// fresh names a database that nobody uses yet, of the engine under test: a file of SQLite, or a schema of PostgreSQL.
func fresh(t testing.TB) string {
	t.Helper()
	if server, ok := postgres(t); ok {
		return freshSchema(server).String()
	}
	return file(t)
}

// file names a database file of SQLite that does not exist yet.
func file(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "tenant.db") }

// open opens a fresh database, in memory where the engine can.
func open(t testing.TB) *store.DB {
	t.Helper()
	if _, ok := postgres(t); ok {
		return openAt(t, fresh(t), time.Now)
	}
	return openAt(t, "sqlite::memory:", time.Now)
}

// openAt opens a database until the test ends.
func openAt(t testing.TB, dsn string, now func() time.Time) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: masterKey(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// write is a change that must succeed.
func write(t testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// race runs fn n times at once and returns what each run returned.
func race[T any](n int, fn func(i int) T) []T {
	all := make([]T, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			all[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return all
}

// verdicts counts outcomes by their error, nil being "won".
func verdicts(errs []error) map[string]int {
	count := map[string]int{}
	for _, err := range errs {
		if err == nil {
			count["won"]++
			continue
		}
		count[err.Error()]++
	}
	return count
}

func TestAFailedWriteLeavesItsNeighbours(t *testing.T) {
	db := open(t)
	refused := errors.New("refused")
	errs := race(48, func(i int) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return db.Write(context.Background(), func(tx *store.Tx) error {
			c := store.Client{ID: fmt.Sprint("client", i), Name: "n", Secret: "s"}
			if err := tx.CreateClient(t.Context(), &c, []string{"https://app.example.com"}); err != nil {
				return err
			}
			switch i % 3 {
			case 1:
				return refused
			case 2:
				panic("at the worst moment")
			}
			return nil
		})
	})
	if got := verdicts(errs); got["won"] != 16 || got["refused"] != 16 || got["panic: at the worst moment"] != 16 {
		t.Errorf("outcomes %v, want 16 of each kind", got)
	}
	clients, err := db.Clients(t.Context())
	if err != nil || len(clients) != 16 {
		t.Fatalf("%d clients, %v; want the 16 of the writes that succeeded", len(clients), err)
	}
	if clients[0].Secret != "s" {
		t.Errorf("the secret came back as %q", clients[0].Secret)
	}
}

// TestAnErrorCannotBeKeptQuiet: on both engines a transaction in which a statement failed changes nothing, even if the
// function goes on.
func TestAnErrorCannotBeKeptQuiet(t *testing.T) {
	db := open(t)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateClient(t.Context(), &store.Client{ID: "before", Name: "n"}, nil); err != nil {
			return err
		}
		// A session needs its user: the foreign key fails.
		if err := tx.CreateSession(t.Context(), store.Session{ID: "s", SecretHash: []byte{1}, UserID: "nobody"}); err == nil {
			t.Error("a session without a user was stored")
		}
		if err := tx.CreateClient(t.Context(), &store.Client{ID: "after", Name: "n"}, nil); err == nil {
			t.Error("a statement ran in a transaction that had failed")
		}
		return nil
	})
	clients, readErr := db.Clients(t.Context())
	if err == nil || readErr != nil || len(clients) != 0 {
		t.Errorf("the write answered %v and left %d clients, %v; want an error and none", err, len(clients), readErr)
	}
}

func TestWritesAfterCloseAreRefused(t *testing.T) {
	db, err := store.Open(t.Context(), fresh(t), store.Options{MasterKey: masterKey()})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 { // some of these come before the end and some after it; none may hang or be lost
		wg.Go(func() {
			_ = db.Write(context.Background(), func(tx *store.Tx) error {
				_, err := tx.CountAttempt(context.Background(), "k", 0, time.Hour)
				return err
			})
		})
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	err = db.Write(t.Context(), func(*store.Tx) error { t.Error("the function ran"); return nil })
	if err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a write after Close answered %v, want that the database is closed", err)
	}
}

func TestACancelledWriteDoesNotRun(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := db.Write(ctx, func(*store.Tx) error { t.Error("the function ran"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the write answered %v, want context canceled", err)
	}
}

// TestATextThatNoRowCanHave is not found and not stored, on both engines alike.
func TestATextThatNoRowCanHave(t *testing.T) {
	db := open(t)
	for _, text := range []string{"\xff", "a\x00b", "\xed\xa0\x80"} {
		if _, err := db.Client(t.Context(), text); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an application called %q: %v, want that there is none", text, err)
		}
		if all, err := db.ClientGrants(t.Context(), text); err != nil || len(all) > 0 {
			t.Errorf("the grants of %q: %v, %v; want none", text, all, err)
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return tx.CreateClient(t.Context(), &store.Client{ID: text, Name: "n"}, nil)
		})
		if err == nil {
			t.Errorf("an application called %q was stored", text)
		}
	}
}
