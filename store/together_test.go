package store_test

import (
	"errors"
	"testing"

	"github.com/proofkey/proofkey/store"
)

func TestTogether(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	role := func(on *store.DB, name string, after error) error {
		return on.Write(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.CreateRole(ctx, &store.Role{ID: "rol_" + name, Name: name}), after)
		})
	}
	names := func(on *store.DB) (all []string) {
		t.Helper()
		roles, err := on.Roles(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range roles {
			all = append(all, r.Name)
		}
		return all
	}
	failed := errors.New("failed")
	parts := func(in *store.DB) error {
		if err := role(in, "one", nil); err != nil {
			return err
		}
		if err := role(in, "two", failed); !errors.Is(err, failed) {
			t.Errorf("a part that fails says %v", err)
		}
		if err := role(in, "one", nil); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a part does not see what the one before it did: %v", err)
		}
		if err := role(in, "three", nil); err != nil {
			return err
		}
		if got := names(in); len(got) != 2 || got[0] != "one" || got[1] != "three" {
			t.Errorf("inside there are %q, want one and three: a part that failed is undone alone", got)
		}
		if got := names(db); len(got) != 0 {
			t.Errorf("outside there are %q before the end", got)
		}
		return in.Close()
	}
	err := db.Together(ctx, func(in *store.DB) error { return errors.Join(parts(in), failed) })
	if got := names(db); !errors.Is(err, failed) || len(got) != 0 {
		t.Errorf("after an error (%v) there are %q", err, got)
	}
	if err := db.Together(ctx, parts); err != nil {
		t.Fatal(err)
	}
	if got := names(db); len(got) != 2 {
		t.Errorf("afterwards there are %q, want one and three", got)
	}
}
