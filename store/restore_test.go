package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

// list is what Load reads of rows that are at hand.
func list(rows ...[]any) func() ([]any, error) {
	return func() ([]any, error) {
		if len(rows) == 0 {
			return nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	}
}

// copied restores the snapshot of a database at another place.
func copied(t *testing.T, from, to string) {
	t.Helper()
	ctx := t.Context()
	err := store.Read(ctx, from, masterKey(), func(s *store.Snapshot) error {
		r, err := store.BeginRestore(ctx, to, s.Steps)
		if err != nil {
			return err
		}
		for _, table := range s.Tables {
			var rows [][]any
			err := s.Rows(ctx, table, func(row []any) error {
				rows = append(rows, slices.Clone(row))
				return nil
			})
			if err == nil {
				_, err = r.Load(ctx, table, list(rows...))
			}
			if err != nil {
				return errors.Join(err, r.Abort())
			}
		}
		if _, err := r.Finish(ctx, masterKey()); err != nil {
			return errors.Join(err, r.Abort())
		}
		return r.Commit(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestASnapshotOfAnOlderSchema is not brought up to date by being read, and is when it is restored.
func TestASnapshotOfAnOlderSchema(t *testing.T) {
	ctx, old, dsn := t.Context(), fresh(t), fresh(t)
	all, err := store.Pending(ctx, old)
	if err != nil || len(all) < 5 {
		t.Fatalf("the steps are %q, %v", all, err)
	}
	r, err := store.BeginRestore(ctx, old, all[:2])
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixMilli()
	for _, part := range []struct {
		table   string
		columns []string
		row     []any
	}{
		{"tenant", []string{"only_row BIGINT", "id TEXT", "settings JSONB", "key_check BYTEA", "created_at BIGINT", "updated_at BIGINT"},
			tenantRow(t)},
		{"users", []string{"id TEXT", "connection TEXT", "email TEXT", "blocked BOOLEAN", "profile JSONB", "logins_count BIGINT", "created_at BIGINT", "updated_at BIGINT"},
			[]any{"auth0|old", "c", "old@example.com", true, `{"name":"Old Hand"}`, int64(7), now, now}},
	} {
		table := store.Table{Name: part.table}
		for _, c := range part.columns {
			name, kind, _ := strings.Cut(c, " ")
			table.Columns = append(table.Columns, store.Column{Name: name, Type: kind})
		}
		if n, err := r.Load(ctx, table, list(part.row)); err != nil || n != 1 {
			t.Fatalf("%s: %d rows, %v", part.table, n, err)
		}
	}
	if err := r.Commit(ctx); err != nil { // without Finish it stays old
		t.Fatal(err)
	}
	copied(t, old, dsn)
	if pending, err := store.Pending(ctx, old); err != nil || len(pending) != len(all)-2 {
		t.Errorf("reading left %q pending, %v; want %d steps", pending, err, len(all)-2)
	}
	if pending, err := store.Pending(ctx, dsn); err != nil || len(pending) != 0 {
		t.Errorf("the restore left %q pending, %v", pending, err)
	}
	db := openAt(t, dsn, time.Now)
	u, err := db.User(ctx, "auth0|old")
	if err != nil || !u.Blocked || u.LoginsCount != 7 || u.Email != "old@example.com" || u.Profile.Name != "Old Hand" {
		t.Errorf("the user is %+v, %v", u, err)
	}
	// What later steps make of the rows is there too.
	if n, err := db.CountUsers(ctx, store.UserQuery{}); err != nil || n != 1 {
		t.Errorf("%d users are counted, %v", n, err)
	}
}

// tenantRow is the row of a tenant of ours.
func tenantRow(t *testing.T) (row []any) {
	t.Helper()
	dsn := file(t)
	db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: masterKey()})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	err = store.Read(t.Context(), dsn, masterKey(), func(s *store.Snapshot) error {
		i := slices.IndexFunc(s.Tables, func(t store.Table) bool { return t.Name == "tenant" })
		return s.Rows(t.Context(), s.Tables[i], func(r []any) error {
			row = slices.Clone(r)
			return nil
		})
	})
	if err != nil || row == nil {
		t.Fatalf("the tenant's row is %v, %v", row, err)
	}
	return row
}

// TestANewerSchemaIsRefused: rows that this version does not know would be lost.
func TestANewerSchemaIsRefused(t *testing.T) {
	dsn := fresh(t)
	_, err := store.BeginRestore(t.Context(), dsn, []string{"0001_initial.sql", "9999_later.sql"})
	if err == nil || !strings.Contains(err.Error(), "9999_later.sql is not known here: a newer version") {
		t.Errorf("a step of a later version: %v", err)
	}
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		if all, err := filepath.Glob(filepath.Dir(path) + "/*"); err != nil || len(all) != 0 {
			t.Errorf("left behind: %q, %v", all, err)
		}
	}
}

// TestReadMakesNothing where there is no tenant.
func TestReadMakesNothing(t *testing.T) {
	dsn := fresh(t)
	if err := store.Read(t.Context(), dsn, masterKey(), nil); err == nil {
		t.Error("a database that is not there was read")
	}
	if err := store.Empty(t.Context(), dsn); err != nil {
		t.Errorf("it was made: %v", err)
	}
}

// TestARowWithoutItsPartner: a snapshot that our own tables could not have is refused, and nothing is left.
func TestARowWithoutItsPartner(t *testing.T) {
	ctx, dsn := t.Context(), fresh(t)
	all, err := store.Pending(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.BeginRestore(ctx, dsn, all)
	if err != nil {
		t.Fatal(err)
	}
	table := store.Table{Name: "user_roles", Columns: []store.Column{{Name: "user_id", Type: "TEXT"}, {Name: "role_id", Type: "TEXT"}}}
	_, err = r.Load(ctx, table, list([]any{"nobody", "none"}))
	if err == nil {
		_, err = r.Finish(ctx, masterKey())
	}
	if err == nil || !strings.Contains(err.Error(), "user_roles") {
		t.Errorf("a role of nobody: %v", err)
	}
	if err := errors.Join(r.Abort(), store.Empty(ctx, dsn)); err != nil {
		t.Error(err)
	}
}

// unsealed are the columns of bytes that hold no secret of ours.
var unsealed = []string{
	"tenant.key_check", "signing_keys.certificate", "job_files.data",
	"refresh_tokens.token_hash", "refresh_tokens.previous_hash", "refresh_tokens.successor", // sealed by the token that was spent
	"sessions.secret_hash", "tickets.hash", "spent_assertions.hash", "dashboard_sessions.hash", "organization_invitations.ticket_hash",
}

// TestEverySealedColumnIsTried: after a restore each is opened, and what does not open is named. A new column of bytes is in
// one of the two lists.
func TestEverySealedColumnIsTried(t *testing.T) {
	ctx, dsn, target := t.Context(), fresh(t), fresh(t)
	db, err := store.Open(ctx, dsn, store.Options{MasterKey: masterKey()})
	if err != nil {
		t.Fatal(err)
	}
	sealEverything(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, broken := range []bool{false, true} {
		tables := map[string]int{}
		var names []string
		err = store.Read(ctx, dsn, masterKey(), func(s *store.Snapshot) error {
			r, err := store.BeginRestore(ctx, target, s.Steps)
			if err != nil {
				return err
			}
			defer r.Abort()
			for _, table := range s.Tables {
				for _, c := range table.Columns {
					if name := table.Name + "." + c.Name; c.Type == "BYTEA" && !slices.Contains(unsealed, name) {
						tables[name] = 0
					}
				}
				var rows [][]any
				if err := s.Rows(ctx, table, func(row []any) error {
					row = slices.Clone(row)
					for i, c := range table.Columns {
						name := table.Name + "." + c.Name
						if _, sealed := tables[name]; !sealed || row[i] == nil {
							continue
						}
						tables[name]++
						if broken {
							row[i] = bytes.Repeat([]byte{1}, 60)
						}
					}
					rows = append(rows, row)
					return nil
				}); err != nil {
					return err
				}
				if _, err := r.Load(ctx, table, list(rows...)); err != nil {
					return err
				}
			}
			sealed, err := r.Finish(ctx, masterKey())
			names = sealed.Broken
			want := 0
			for _, n := range tables {
				want += n
			}
			if sealed.Secrets != int64(want) {
				t.Errorf("%d secrets were tried, there are %d", sealed.Secrets, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			if tables[name] == 0 {
				t.Errorf("%s is neither sealed by this test nor in the list of those that hold no secret", name)
			}
			if found := slices.ContainsFunc(names, func(s string) bool { return strings.HasPrefix(s, name+" of ") }); found != broken {
				t.Errorf("%s is broken: %v, and named: %v", name, broken, found)
			}
		}
	}
}

// sealEverything makes a row with each kind of sealed secret.
func sealEverything(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		user := store.User{ID: "auth0|x", Connection: "c", Email: "x@example.com"}
		return errors.Join(
			tx.CreateClient(ctx, &store.Client{ID: "app", Name: "App", Secret: "secret"}, nil),
			tx.CreateAPI(ctx, &store.API{ID: "api", Identifier: "api", Name: "API", SigningSecret: "secret"}),
			tx.CreateDocument(ctx, &store.Document{Kind: "k", ID: "d", Body: map[string]any{}, Secret: "secret"}),
			tx.AddKey(ctx, store.SigningKey{Kid: "k", Alg: "RS256", State: store.KeyCurrent, PrivateKey: []byte("secret"), Certificate: []byte("public")}),
			tx.CreateUser(ctx, &user),
			tx.CreateSession(ctx, store.Session{ID: "s", SecretHash: []byte("h"), UserID: user.ID, AuthTime: now, CreatedAt: now, ActiveAt: now, ExpiresAt: now, IdleExpiresAt: now}),
			tx.CreateDashboardSession(ctx, &store.DashboardSession{Hash: []byte{0xAB, 0xCD}, SessionID: "s", Tokens: "secret"}),
			tx.CreateOrganization(ctx, &store.Organization{ID: "org", Name: "org"}),
			tx.CreateInvitation(ctx, &store.Invitation{ID: "inv", OrganizationID: "org", ClientID: "app", Email: "y@example.com", Ticket: "secret", ExpiresAt: now}),
		)
	})
}
