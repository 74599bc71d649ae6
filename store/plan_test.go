package store_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// growing are the tables that grow with what people do, or that every request reads. The others are configuration.
var growing = []string{"users", "identities", "grants", "refresh_tokens", "spent_codes", "sessions", "events", "attempts", "client_origins", "clients",
	"user_roles", "user_permissions", "job_files", "job_errors", "job_users", "organizations", "organization_members", "organization_member_roles"}

// readWhole are the queries on them that may read a whole table or index.
var readWhole = []string{
	"SCAN users USING INDEX users_created",                   // lists them, a page at a time
	"SELECT count(*) FROM users",                             // the total of such a list
	"FROM attempts WHERE substr(",                            // an administrator releases one account; no request does
	"FROM clients ORDER BY id",                               // lists all of them
	"SELECT count(*) FROM clients",                           // of an index, for a page that asks for totals
	"SCAN organizations USING INDEX organizations_",          // lists them, a page at a time
	"SELECT count(*) FROM organizations",                     // of an index, for a page that asks for totals
	"SCAN client_origins USING INDEX client_origins_pattern", // which holds the patterns only
}

// TestQueriesUseIndexes runs every query there is and asks SQLite how it reads: nothing that grows with users, sessions,
// tokens or events is read as a whole.
func TestQueriesUseIndexes(t *testing.T) {
	dsn := file(t)
	db := openAt(t, dsn, time.Now)
	everyRow(t, db)
	texts := store.Texts(db)
	everyQuery(t, db)
	plans := rawSQLite(t, dsn)
	for _, text := range texts() {
		for _, step := range plan(t, plans, text) {
			small := slices.ContainsFunc(readWhole, func(part string) bool { return strings.Contains(text+step, part) })
			words := strings.Fields(step)
			if !small && words[0] == "SCAN" && slices.Contains(growing, words[1]) {
				t.Errorf("%s\n\tis read as: %s", strings.Join(strings.Fields(text), " "), step)
			}
		}
	}
	if n := len(texts()); n < 80 {
		t.Errorf("only %d queries ran", n)
	}
}

var param = regexp.MustCompile(`\$(\d+)`)

// plan asks for the steps of a query; the values of its parameters do not matter.
func plan(t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	count := 0
	for _, m := range param.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		count = max(count, n)
	}
	for _, row := range rows(t, db, "EXPLAIN QUERY PLAN "+text, make([]any, count)...) {
		steps = append(steps, row[3])
	}
	return steps
}

// everyRow makes one row of what other rows need, with the id x.
func everyRow(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(
			tx.CreateUser(ctx, &store.User{ID: "x", Connection: "x", Email: "x"}),
			tx.CreateClient(ctx, &store.Client{ID: "x", Name: "x"}, []string{"https://*.example.com"}),
			tx.CreateAPI(ctx, &store.API{ID: "x", Identifier: "x", Name: "x", Scopes: []store.APIScope{{Value: "x"}}}),
			tx.CreateRefreshFamily(ctx, &store.RefreshFamily{ID: "x", TokenHash: hash(1)}),
			tx.SpendCode(ctx, store.Code{ID: "x"}, "x"),
			tx.AddKey(ctx, store.SigningKey{Kid: "c", Alg: "", State: store.KeyCurrent, Certificate: hash(1)}),
			tx.AddKey(ctx, store.SigningKey{Kid: "n", Alg: "", State: store.KeyNext, Certificate: hash(1)}))
	})
}

var errUndo = errors.New("undo")

// everyQuery calls every method of a transaction, each in one that is undone. What they answer does not matter.
func everyQuery(t *testing.T, db *store.DB) {
	t.Helper()
	typ := reflect.TypeFor[*store.Tx]()
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			args := []reflect.Value{reflect.ValueOf(tx)}
			for i := 1; i < m.Type.NumIn(); i++ {
				args = append(args, argument(t, m.Type.In(i)))
			}
			if m.Type.IsVariadic() {
				m.Func.CallSlice(args)
			} else {
				m.Func.Call(args)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
	// What a method does only when it found a row, and the filters.
	_ = db.Write(t.Context(), func(tx *store.Tx) error {
		id, err := tx.WidenGrant(t.Context(), store.Grant{UserID: "x", ClientID: "x"}, "")
		return errors.Join(err, tx.RevokeGrant(t.Context(), id, "x"), errUndo)
	})
	for _, f := range []store.EventFilter{{UserID: "x"}, {TransactionID: "x"}, {Type: "x"}, {UserID: "x", Type: "x"}} {
		if _, err := db.Events(t.Context(), f); err != nil {
			t.Error(err)
		}
	}
	for _, f := range []store.GrantFilter{{UserID: "x"}, {ClientID: "x"}, {UserID: "x", ClientID: "x", Audience: new(string)}} {
		if _, err := db.ListGrants(t.Context(), f); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []store.OrganizationPage{
		{}, {Sort: "name", After: []string{"x", "x"}}, {Sort: "display_name", After: []string{"x", "x"}, Descending: true}, {After: []string{"1", "x"}},
	} {
		if _, err := db.Organizations(t.Context(), p); err != nil {
			t.Error(err)
		}
	}
	for _, field := range []string{"user_id", "type", "log_id", "client_id"} {
		if _, err := db.SearchEvents(t.Context(), store.EventQuery{Where: &store.Condition{Op: store.Is, Field: field, Value: "x"}}); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"x", "x@example.com"} {
		if _, err := db.UserByIdentifier(t.Context(), "x", name); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	}
}

// argument is a plausible value of a type.
func argument(t *testing.T, typ reflect.Type) reflect.Value {
	switch v := reflect.New(typ).Elem(); {
	case typ == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(t.Context())
	case typ == reflect.TypeFor[[]string]():
		return reflect.ValueOf([]string{"https://example.com"})
	case typ == reflect.TypeFor[func(string, string) bool]():
		return reflect.ValueOf(func(string, string) bool { return false })
	case typ.Kind() == reflect.String:
		return reflect.ValueOf("x").Convert(typ)
	case v.CanInt():
		v.SetInt(int64(time.Minute))
		return v
	case typ.Kind() == reflect.Pointer:
		return reflect.New(typ.Elem())
	case typ == reflect.TypeFor[store.Code]():
		return reflect.ValueOf(store.Code{ID: "y"})
	default:
		return v
	}
}
