package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/jobs"
	"github.com/proofkey/proofkey/store"
)

// open opens a fresh database: SQLite, or PostgreSQL where PROOFKEY_TEST_POSTGRES names a server.
func open(t *testing.T) *store.DB {
	t.Helper()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "tenant.db")
	if server := os.Getenv("PROOFKEY_TEST_POSTGRES"); server != "" {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", "jobs_"+strings.ToLower(store.RandomID(16)))
		u.RawQuery = q.Encode()
		dsn = u.String()
	}
	db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: bytes.Repeat([]byte{7}, 32)})
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

// happened records as many events of a time.
func happened(t *testing.T, db *store.DB, n int, at time.Time) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for range n {
			if err := tx.AddEvent(t.Context(), store.Event{ID: store.NewEventID(at), Date: at, Type: "s", UserID: "auth0|u"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func left(t *testing.T, db *store.DB) int {
	t.Helper()
	all, err := db.Events(t.Context(), store.EventFilter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestEventsEndWithTheirRetention: a clean-up takes all that is older, over several batches, and nothing that is younger.
func TestEventsEndWithTheirRetention(t *testing.T) {
	db, now := open(t), time.Now()
	happened(t, db, 1050, now.Add(-8*24*time.Hour))
	happened(t, db, 7, now.Add(-6*24*time.Hour))
	happened(t, db, 3, now)
	if n, err := jobs.CleanUp(t.Context(), db, jobs.Retention); n != 0 || err != nil {
		t.Errorf("before their time %d events went, %v", n, err)
	}
	if n, err := jobs.CleanUp(t.Context(), db, 7*24*time.Hour); n != 1050 || err != nil {
		t.Errorf("%d events went, %v; want 1050", n, err)
	}
	if n := left(t, db); n != 10 {
		t.Errorf("%d events are left, want 10", n)
	}
}

// TestACleanUpEndsWithItsServer, between two batches; the next one goes on.
func TestACleanUpEndsWithItsServer(t *testing.T) {
	db, now := open(t), time.Now()
	happened(t, db, 450, now.Add(-8*24*time.Hour))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if n, err := jobs.CleanUp(ctx, db, time.Hour); !errors.Is(err, context.Canceled) || n > 200 {
		t.Errorf("%d events went, %v", n, err)
	}
	if n := left(t, db); n < 250 {
		t.Errorf("%d events are left", n)
	}
	if _, err := jobs.CleanUp(t.Context(), db, time.Hour); err != nil || left(t, db) != 0 {
		t.Errorf("%d events are left, %v", left(t, db), err)
	}
}
