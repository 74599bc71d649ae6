package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// open opens a fresh database of the engine under test: SQLite, or PostgreSQL where PROOFKEY_TEST_POSTGRES names a server.
func open(t *testing.T) *store.DB {
	t.Helper()
	dsn := "sqlite::memory:"
	if server := os.Getenv("PROOFKEY_TEST_POSTGRES"); server != "" {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", fmt.Sprintf("store_%x", store.RandomID(8)))
		u.RawQuery = q.Encode()
		dsn = u.String()
	}
	db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: make([]byte, 32)})
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

func TestACodeIsSpentOnce(t *testing.T) {
	db := open(t)
	for range 20 {
		code, err := db.OpenCode(db.SealCode(store.Code{ClientID: "c"}))
		if err != nil {
			t.Fatal(err)
		}
		var won, spent int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				err := db.Write(context.Background(), func(tx *store.Tx) error { return tx.SpendCode(t.Context(), code, "") })
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errors.Is(err, store.ErrSpent):
					spent++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 || spent != 9 {
			t.Fatalf("ten redemptions of one code: %d won and %d were refused, want 1 and 9", won, spent)
		}
	}
}

func TestAFailedWriteLeavesItsNeighbours(t *testing.T) {
	db := open(t)
	refused := errors.New("refused")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := db.Write(context.Background(), func(tx *store.Tx) error {
				c := store.Client{ID: fmt.Sprint("client", i), Name: "n", Secret: "s"}
				if err := tx.CreateClient(t.Context(), &c, []string{"https://app.example.com"}); err != nil {
					return err
				}
				if i%2 == 1 {
					return refused
				}
				return nil
			})
			if (i%2 == 1) != errors.Is(err, refused) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	clients, err := db.Clients(t.Context())
	if err != nil || len(clients) != 25 {
		t.Fatalf("%d clients, %v; want the 25 of the writes that succeeded", len(clients), err)
	}
	if clients[0].Secret != "s" {
		t.Errorf("the secret came back as %q", clients[0].Secret)
	}
}
