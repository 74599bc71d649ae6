package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// TestSearchesUseIndexes: a search for one of these fields finds its place, it does not read through the users.
func TestSearchesUseIndexes(t *testing.T) {
	dsn := file(t)
	db := openAt(t, dsn, time.Now)
	is := func(field, value string) store.Condition {
		return store.Condition{Op: store.Is, Field: field, Value: value}
	}
	for _, where := range []store.Condition{
		is("user_id", "auth0|x"), is("email", "a@example.com"), is("username", "a"), is("name", "A B"),
		{Op: store.Prefix, Field: "email", Value: "a"}, {Op: store.Prefix, Field: "name", Value: "a"},
		{Op: store.Or, Of: []store.Condition{is("email", "a@example.com"), is("username", "a")}},
		{Op: store.And, Of: []store.Condition{is("email", "a@example.com"), is("blocked", "true"), is("app_metadata.plan", "x")}},
	} {
		texts := store.Texts(db)
		if _, err := db.SearchUsers(t.Context(), store.UserQuery{Where: &where}); err != nil {
			t.Fatal(err)
		}
		plans := rawSQLite(t, dsn)
		for _, text := range texts() {
			for _, step := range plan(t, plans, text) {
				if strings.HasPrefix(step, "SCAN users") || strings.Contains(step, "users_created") {
					t.Errorf("%+v is read as: %s", where, step)
				}
			}
		}
	}
}

// FuzzSearchUsers: whatever is searched for, the text of the query is a good one.
func FuzzSearchUsers(f *testing.F) {
	for _, field := range []string{"", "email", "email.domain", "created_at", "logins_count", "blocked", "user_metadata.a.b", "app_metadata.a", "identities.provider", "x"} {
		f.Add(field, "2026-01-01", "")
		f.Add(field, "7", "a'b")
		f.Add(field, `"$.[*]\`, "\xff")
	}
	db, err := store.Open(f.Context(), "sqlite::memory:", store.Options{MasterKey: masterKey()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, field, value, other string) {
		for op := store.Is; op <= store.Range; op++ {
			where := store.Condition{Op: op, Field: field, Value: value, From: value, To: other}
			q := store.UserQuery{Where: &store.Condition{Op: store.Not, Of: []store.Condition{where}}, Sort: field}
			for _, q := range []store.UserQuery{q, {Where: &where}} {
				if _, err := db.SearchUsers(t.Context(), q); err != nil && !errors.Is(err, store.ErrField) {
					t.Errorf("%d %q %q %q: %v", op, field, value, other, err)
				}
			}
		}
	})
}
