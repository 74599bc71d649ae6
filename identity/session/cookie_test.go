package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/store"
)

// FuzzCookie: only the value that a browser was given proves a session, whatever else stands in the header.
func FuzzCookie(f *testing.F) {
	db, err := store.Open(f.Context(), "sqlite::memory:", store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	m := &session.Manager{DB: db}
	var value string
	err = db.Write(f.Context(), func(tx *store.Tx) error {
		u := store.User{ID: jane, Connection: store.DefaultConnection, Email: "jane@example.com"}
		if err := tx.CreateConnection(f.Context(), &store.Connection{Name: store.DefaultConnection, Strategy: "auth0"}); err != nil {
			return err
		}
		if err := tx.CreateUser(f.Context(), &u); err != nil {
			return err
		}
		var err error
		_, value, err = m.Begin(f.Context(), tx, nil, u.ID, store.TenantSettings{})
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	id, secret, _ := strings.Cut(value, ".")
	for _, header := range []string{
		"auth0=" + value, "auth0=x; auth0=" + value, "auth0_compat=" + value, `auth0="` + value + `"`, "auth0=" + id + "." + strings.Repeat("A", len(secret)),
		"auth0=" + strings.ToUpper(value), "auth0=" + value + "=", "auth0=.", "auth0", "=", ";;;", "auth0=\xff; auth0=\x00", strings.Repeat("auth0=a.b; ", 50) + "auth0=" + value,
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/authorize", nil)
		r.Header["Cookie"] = []string{header}
		s, err := m.Current(r)
		if err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		if s != nil && !strings.Contains(header, value) {
			t.Errorf("%q proves the session %s", header, s.ID)
		}
	})
}
