package backup_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/backup"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// TestNothingIsOverwritten: of several places one that is not empty stops all, also when somebody comes while the restore runs.
func TestNothingIsOverwritten(t *testing.T) {
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			r, keys := start(t, engine), newKeyPair(t)
			second := place(t, engine, "second")
			seed(t, second)
			file := keys.saved(t, r.place, second)
			taken, free := place(t, engine, "second"), place(t, engine, "test")
			seed(t, taken)
			_, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{free, taken}})
			if err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
				t.Errorf("a place that is taken: %v", err)
			}
			if all := leftovers(t, free); len(all) > 0 {
				t.Errorf("left behind: %v", all)
			}
			if _, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{{Name: "third", Database: free.Database}}}); err == nil ||
				!strings.Contains(err.Error(), `no tenant "third": it has test, second`) {
				t.Errorf("a tenant that there is not: %v", err)
			}
			report, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: []backup.Place{{Name: "second", Database: free.Database}}})
			if err != nil || len(report.Tenants) != 1 || report.Tenants[0].Name != "second" {
				t.Errorf("one tenant of two: %+v, %v", report, err)
			}

			late := place(t, engine, "test")
			a, err := backup.Open(t.Context(), &interrupted{Reader: bytes.NewReader(file), then: func() { seed(t, late) }}, keys.private, master)
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Restore(t.Context(), backup.RestoreOptions{Places: []backup.Place{late}, Now: time.Now})
			if err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
				t.Errorf("a server that came meanwhile: %v", err)
			}
			db, err := store.Open(t.Context(), late.Database, store.Options{MasterKey: master})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.UserByIdentifier(t.Context(), store.DefaultConnection, email); err == nil {
				t.Error("the users of the backup are in the database of somebody else")
			}
		})
	}
}

// TestAnInterruptedRestore leaves nothing, at whatever row it ends, and can be given again.
func TestAnInterruptedRestore(t *testing.T) {
	for _, engine := range engines() {
		t.Run(engine, func(t *testing.T) {
			r, keys := start(t, engine), newKeyPair(t)
			r.tokens(t, r.browser)
			for _, name := range []string{"a@example.com", "b@example.com"} { // so that the file is read in many parts
				r.User(name, password, func(u *store.User) { u.Profile.UserMetadata = map[string]any{"text": store.RandomID(200_000)} })
			}
			second := place(t, engine, "second")
			seed(t, second)
			file := keys.saved(t, r.place, second)
			targets := []backup.Place{place(t, engine, "test"), place(t, engine, "second")}
			for _, at := range []float64{0, 0.5, 0.9, 1} {
				ctx, stop := context.WithCancel(t.Context())
				a, err := backup.Open(ctx, &interrupted{Reader: bytes.NewReader(file), at: int(at * float64(len(file))), then: stop}, keys.private, master)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := a.Restore(ctx, backup.RestoreOptions{Places: targets, Now: time.Now}); !errors.Is(err, context.Canceled) {
					t.Errorf("at %v of the file: %v", at, err)
				}
				for _, p := range targets {
					if all := leftovers(t, p); len(all) > 0 {
						t.Errorf("at %v of the file, left behind: %v", at, all)
					}
				}
			}
			if report, err := keys.restore(t.Context(), file, backup.RestoreOptions{Places: targets}); err != nil || len(report.Tenants) != 2 {
				t.Errorf("once more: %+v, %v", report, err)
			}
		})
	}
}

// TestAnotherBackupInItsPlace: what is restored is what was checked.
func TestAnotherBackupInItsPlace(t *testing.T) {
	r, keys := start(t, store.SQLite), newKeyPair(t)
	other := bytes.NewReader(keys.saved(t, r.place))
	swapped := &interrupted{Reader: bytes.NewReader(keys.saved(t, r.place))}
	swapped.then = func() { swapped.Reader = other }
	a, err := backup.Open(t.Context(), swapped, keys.private, master)
	if err != nil {
		t.Fatal(err)
	}
	target := place(t, store.SQLite, "test")
	_, err = a.Restore(t.Context(), backup.RestoreOptions{Places: []backup.Place{target}, Now: time.Now})
	if all := leftovers(t, target); err == nil || !strings.Contains(err.Error(), "another backup has come") || len(all) > 0 {
		t.Errorf("%v, left behind: %v", err, all)
	}
}

// interrupted calls then when its second reading comes to a place.
type interrupted struct {
	*bytes.Reader
	seeks, at int
	then      func()
}

func (i *interrupted) Seek(offset int64, whence int) (int64, error) {
	if i.seeks++; i.seeks == 2 && i.at == 0 {
		i.then()
	}
	return i.Reader.Seek(offset, whence)
}

func (i *interrupted) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if done := int(i.Size()) - i.Len(); i.seeks == 2 && i.at > 0 && done >= i.at {
		i.then()
	}
	return n, err
}

// seed makes a tenant.
func seed(t *testing.T, p backup.Place) {
	t.Helper()
	db, err := store.Open(t.Context(), p.Database, store.Options{MasterKey: master})
	if err != nil {
		t.Fatal(err)
	}
	if err := management.Prepare(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
