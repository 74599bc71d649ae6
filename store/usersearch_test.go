package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/proofkey/proofkey/store"
)

func is(field, value string) *store.Condition {
	return &store.Condition{Op: store.Is, Field: field, Value: value}
}

func prefix(field, value string) *store.Condition {
	return &store.Condition{Op: store.Prefix, Field: field, Value: value}
}

func join(op store.Op, of ...*store.Condition) *store.Condition {
	w := &store.Condition{Op: op}
	for _, c := range of {
		w.Of = append(w.Of, *c)
	}
	return w
}

// narrowed are searches that indexes answer, and sorts that they have ready. Each page of them is read along an index. What
// nearly everybody has, such as the usual connection, PostgreSQL finds sooner among the users in their order.
var narrowed = []store.UserQuery{
	{}, {Descending: true}, {Sort: "created_at"}, {Sort: "user_id", Descending: true},
	{Sort: "email"}, {Sort: "name", Descending: true}, {Sort: "nickname"}, {Sort: "given_name"}, {Sort: "family_name", Descending: true},
	{Sort: "username"}, {Sort: "last_login", Descending: true},
	{Where: is("user_id", "auth0|7")}, {Where: is("email", "u7@example.com")}, {Where: is("username", "u7")},
	{Where: is("name", "Name 7")}, {Where: is("nickname", "nick7")}, {Where: is("given_name", "Given 7")}, {Where: is("family_name", "Family 7")},
	{Where: prefix("user_id", "auth0|77")}, {Where: prefix("email", "u77")}, {Where: prefix("username", "u77")}, {Where: prefix("name", "name 7")},
	{Where: prefix("nickname", "nick7")}, {Where: prefix("given_name", "given 7")}, {Where: prefix("family_name", "family 7")},
	{Where: &store.Condition{Op: store.Range, Field: "created_at", From: "1970-01-01T00:00:01", To: "1970-01-01T00:00:02"}},
	{Where: &store.Condition{Op: store.Range, Field: "last_login", To: "1970-01-01T00:00:02"}},
	{Where: is("created_at", "1970-01-01")},
	{Where: &store.Condition{Op: store.Range, Field: "name", From: "n", To: "o"}},
	{Where: is("identities.user_id", "7")}, {Where: is("identities.provider", "seldom")}, {Where: is("identities.connection", "rare")},
	{Where: join(store.And, is("blocked", "false"), is("given_name", "Given 7"), is("app_metadata.plan", "x"))},
	{Where: join(store.And, prefix("name", "name 7"), is("identities.connection", "users"))},
	{Where: join(store.Or, is("email", "u7@example.com"), is("username", "u8"))},
	{Where: join(store.And, is("identities.connection", "users"), join(store.Or, prefix("name", "name 7"), prefix("family_name", "family 7")))},
	{Where: is("", "u7")}, {Where: prefix("", "u7")},
}

// TestSearchesUseIndexes asks the engine how it reads each of them, and their counts: along an index, without sorting.
func TestSearchesUseIndexes(t *testing.T) {
	dsn := fresh(t)
	db := openAt(t, dsn, time.Now)
	explain := explainer(t, dsn)
	for _, s := range narrowed {
		statements := store.Statements(db)
		s.Limit = 20
		if _, err := db.SearchUsers(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		n := len(statements())
		total, err := db.CountUsers(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i, st := range statements() {
			if i >= n && total >= store.CountLimit { // it stops long before the end, wherever it looks
				continue
			}
			steps := explain(st)
			for _, step := range steps {
				listed := s.Where == nil && strings.Contains(step, "users_")
				byID := s.Sort == "user_id" && (strings.Contains(step, "autoindex_users") || strings.Contains(step, "users_pkey"))
				whole := !listed && !byID && wholeTable(step)
				if sorts := i < n && strings.Contains(step, "B-TREE FOR ORDER BY"); whole || sorts {
					t.Errorf("%+v %+v\n%s\n\tis read as:\n\t%s", s, s.Where, st.Text, strings.Join(steps, "\n\t"))
					break
				}
			}
		}
	}
}

// wholeTable says whether a step reads all rows of what grows with users.
func wholeTable(step string) bool {
	for _, table := range []string{"users", "i", "j", "identities"} {
		if strings.HasPrefix(step, "SCAN "+table+" ") || step == "SCAN "+table || strings.Contains(step, "Seq Scan on "+table) {
			return true
		}
	}
	return strings.HasPrefix(step, "Index") && !strings.Contains(step, "Index Cond")
}

// explainer returns the steps of a statement's plan. PostgreSQL chooses by what a table holds, so it gets many users.
func explainer(t *testing.T, dsn string) func(store.Statement) []string {
	t.Helper()
	if _, ok := postgres(t); !ok {
		db := rawSQLite(t, dsn)
		return func(s store.Statement) []string { return plan(t, db, s.Text) }
	}
	db := raw(t, "pgx", dsn)
	for _, text := range []string{
		`INSERT INTO users (id, connection, email, username, blocked, profile, logins_count, last_login, created_at, updated_at,
				name_key, nickname_key, given_name_key, family_name_key)
			SELECT 'auth0|' || n, 'users', 'u' || n || '@example.com', 'u' || n, FALSE, '{}', 0, n, n, n,
				'name ' || n, 'nick' || n % 1000, 'given ' || n % 100, 'family ' || n % 500 FROM generate_series(1, 40000) n`,
		`INSERT INTO identities (provider, subject, user_id, connection, profile, position)
			SELECT CASE n WHEN 7 THEN 'seldom' ELSE 'auth0' END, '' || n, 'auth0|' || n, CASE n WHEN 7 THEN 'rare' ELSE 'users' END, '{}', 0 FROM generate_series(1, 40000) n`,
		`ANALYZE users`, `ANALYZE identities`,
	} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return func(s store.Statement) (steps []string) {
		for _, row := range rows(t, db, "EXPLAIN (COSTS OFF) "+s.Text, append([]any{pgx.QueryExecModeSimpleProtocol}, s.Args...)...) {
			step := strings.TrimLeft(row[0], " ->")
			if n := len(steps); strings.HasPrefix(step, "Index Cond") && n > 0 {
				steps[n-1] += " " + step // they belong together
				continue
			}
			steps = append(steps, step)
		}
		return steps
	}
}

// TestSearchPages: however a search is read, its pages have each user that matches once, and it is counted so.
func TestSearchPages(t *testing.T) {
	db := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	var all []store.User
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for i := range 120 {
		u := store.User{ID: fmt.Sprintf("auth0|%d", i), Connection: "users", Email: fmt.Sprintf("u%d@example.com", i), Username: pick("", "", fmt.Sprintf("n%d", i))}
		u.Profile = store.Profile{Name: pick("", "u1", "Ada", "Bea"), Nickname: pick("", "ada", "u1"), GivenName: pick("", "Ada", "Cleo"), FamilyName: pick("", "Ada", "Doe"),
			EmailVerified: i%3 == 0}
		if i%40 == 0 {
			u.LastLogin = time.UnixMilli(int64(i + 1))
		}
		all = append(all, u)
	}
	var link store.User
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.InsertUsers(ctx, slices.Clone(all)); err != nil {
			return err
		}
		link = all[7]
		return tx.LinkUser(ctx, link, all[8].ID) // whose user has two accounts of one connection then
	})
	ids := func(s store.UserQuery, size int) (got []string) {
		t.Helper()
		for s.Limit = size; ; s.Offset += size {
			page, err := db.SearchUsers(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page {
				got = append(got, u.ID)
			}
			if len(page) < size {
				return got
			}
		}
	}
	for _, s := range append(slices.Clone(narrowed),
		store.UserQuery{Where: join(store.And, is("identities.connection", "users"), is("email_verified", "true"))},
		store.UserQuery{Where: join(store.And, prefix("name", "n"), is("identities.connection", "users"))},
		store.UserQuery{Where: is("", "ada")}, store.UserQuery{Where: prefix("", "u1")}, store.UserQuery{Where: is("", "nobody")},
		store.UserQuery{Where: join(store.And, is("", "ada"), is("email_verified", "true"))},
		store.UserQuery{Where: join(store.And, join(store.Or, is("name", "ada"), is("nickname", "ada")), join(store.Or, is("given_name", "ada"), is("family_name", "ada")))},
		store.UserQuery{Where: join(store.Not, is("", "ada"))}, store.UserQuery{Where: join(store.And, join(store.Not, is("name", "ada")), is("given_name", "ada"))},
		store.UserQuery{Where: &store.Condition{Op: store.Contains, Value: "da"}}, store.UserQuery{Where: is("identities.connection", "users"), Sort: "name"},
		store.UserQuery{Where: join(store.Or, join(store.And, is("name", "ada"), is("nickname", "ada")), is("family_name", "doe"), is("email_verified", "true"))},
	) {
		whole := s
		whole.Sort, whole.Descending = "created_at", false
		want, got := ids(whole, 500), ids(s, 7)
		if other := ids(s, 500); !slices.Equal(got, other) {
			t.Errorf("%+v %+v: pages of 7 are\n%v\nthe whole is\n%v", s, s.Where, got, other)
		}
		sorted := slices.Sorted(slices.Values(got))
		if slices.Sort(want); !slices.Equal(sorted, want) {
			t.Errorf("%+v %+v: pages have\n%v\nwant\n%v", s, s.Where, sorted, want)
		}
		if n, err := db.CountUsers(t.Context(), s); err != nil || int(n) != len(want) {
			t.Errorf("%+v %+v: %d are counted, %v; want %d", s, s.Where, n, err, len(want))
		}
		if slices.Contains(got, link.ID) {
			t.Errorf("%+v %+v lists an account that is linked", s, s.Where)
		}
	}
	for _, descending := range []bool{false, true} {
		users, err := db.SearchUsers(t.Context(), store.UserQuery{Sort: "last_login", Descending: descending, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		got := []int64{users[0].LastLogin.UnixMilli(), users[1].LastLogin.UnixMilli(), users[2].LastLogin.UnixMilli()}
		if want := []int64{1, 41, 81}; descending {
			slices.Reverse(got)
		} else if !slices.Equal(got, want) || !users[3].LastLogin.IsZero() {
			t.Errorf("descending %v: %v", descending, got)
		}
		if !slices.Equal(got, []int64{1, 41, 81}) || len(users) != 10 || !users[9].LastLogin.IsZero() {
			t.Errorf("by the last login, descending %v: %v, then %v", descending, got, users[3].LastLogin)
		}
	}
}

// TestUsersAreCounted: whatever is done to users, the total is what there are.
func TestUsersAreCounted(t *testing.T) {
	db := open(t)
	counted := func(what string, want int64) {
		t.Helper()
		n, err := db.CountUsers(t.Context(), store.UserQuery{})
		listed, lerr := db.SearchUsers(t.Context(), store.UserQuery{Limit: 1000})
		if err := errors.Join(err, lerr); err != nil || n != want || int64(len(listed)) != want {
			t.Errorf("after %s %d are counted and %d listed, want %d (%v)", what, n, len(listed), want, err)
		}
	}
	do := func(fn func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		write(t, db, fn)
	}
	user := func(id, connection string) store.User {
		return store.User{ID: id, Connection: connection, Email: id + "@example.com"}
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		a, conn := user("auth0|a", "one"), store.Connection{ID: "con_one", Name: "one", Strategy: "auth0"}
		linked := user("x|linked", "two")
		linked.LinkedTo = "auth0|b"
		_, err := tx.InsertUsers(ctx, []store.User{user("auth0|b", "one"), user("auth0|c", "two"), linked, user("auth0|d", "one")})
		return errors.Join(tx.CreateConnection(ctx, &conn), tx.CreateUser(ctx, &a), err)
	})
	counted("making them", 4)
	_ = db.Write(t.Context(), func(tx *store.Tx) error {
		u := user("auth0|e", "one")
		return errors.Join(tx.CreateUser(t.Context(), &u), errUndo)
	})
	counted("a transaction that was undone", 4)
	do(func(ctx context.Context, tx *store.Tx) error {
		return tx.LinkUser(ctx, user("auth0|c", "two"), "auth0|a")
	})
	counted("linking", 3)
	do(func(ctx context.Context, tx *store.Tx) error { return tx.UnlinkUser(ctx, "auth0|a", "auth0", "c") })
	counted("unlinking", 4)
	do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "auth0|d") })
	counted("deleting one", 3)
	if err := db.Together(t.Context(), func(db *store.DB) error {
		u := user("auth0|f", "two")
		return db.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateUser(t.Context(), &u) })
	}); err != nil {
		t.Fatal(err)
	}
	counted("a change of many parts", 4)
	do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteConnection(ctx, "con_one") })
	counted("deleting a connection", 2)
}

// TestPrefixesInOtherLanguages: a search for the beginning of a name finds it whatever language the database sorts in. In
// Czech ch is a letter between h and i, so chleb is not between c and d.
func TestPrefixesInOtherLanguages(t *testing.T) {
	dsn := fresh(t)
	if server, ok := postgres(t); ok {
		dsn = inLanguage(t, server, "cs")
	}
	db := openAt(t, dsn, time.Now)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.InsertUsers(ctx, []store.User{{ID: "auth0|1", Connection: "users", Email: "chleb@example.com", Username: "ja-ne"}})
		return err
	})
	for field, value := range map[string]string{"email": "c", "username": "ja"} {
		if found, err := db.SearchUsers(t.Context(), store.UserQuery{Where: prefix(field, value)}); err != nil || len(found) != 1 {
			t.Errorf("%s:%s* finds %d, %v", field, value, len(found), err)
		}
	}
}

// inLanguage makes a database that sorts in a language, and names a schema in it.
func inLanguage(t *testing.T, server *url.URL, language string) string {
	t.Helper()
	name := "store_" + strings.ToLower(store.RandomID(12))
	admin := raw(t, "pgx", server.String())
	if _, err := admin.ExecContext(t.Context(), `CREATE DATABASE `+name+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE '`+language+`'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.WithoutCancel(t.Context()), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	u := *server
	u.Path = "/" + name
	return freshSchema(&u).String()
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
