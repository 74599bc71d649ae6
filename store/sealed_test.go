package store_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

func TestAnotherMasterKeyIsRefused(t *testing.T) {
	dsn := fresh(t)
	openAt(t, dsn, time.Now)
	for name, key := range map[string][]byte{"another": bytes.Repeat([]byte{2}, 32), "short": make([]byte, 31), "none": nil} {
		db, err := store.Open(t.Context(), dsn, store.Options{MasterKey: key})
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "the master key") {
			t.Errorf("%s key: %v, want a sentence about the master key", name, err)
		}
	}
	openAt(t, dsn, time.Now) // the right one still opens it
}

// TestASealedValueOpensInOnePlace: not for another purpose, context or tenant, and not when a bit was changed.
func TestASealedValueOpensInOnePlace(t *testing.T) {
	db, other := open(t), open(t)
	sealed := db.Box("purpose").Seal([]byte("value"), "context")
	if plain, err := db.Box("purpose").Open(sealed, "context"); err != nil || string(plain) != "value" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return db.Box("other").Open(sealed, "context") },
		"another context": func() ([]byte, error) { return db.Box("purpose").Open(sealed, "other") },
		"another tenant":  func() ([]byte, error) { return other.Box("purpose").Open(sealed, "context") },
		"a changed value": func() ([]byte, error) { return db.Box("purpose").Open(changed, "context") },
		"a cut value":     func() ([]byte, error) { return db.Box("purpose").Open(sealed[:10], "context") },
		"nothing":         func() ([]byte, error) { return db.Box("purpose").Open(nil, "context") },
		"a text of it":    func() ([]byte, error) { return db.Box("purpose").OpenText(string(sealed), "context") },
	} {
		if plain, err := open(); !errors.Is(err, store.ErrSealed) || plain != nil {
			t.Errorf("%s: opened %q, %v; want ErrSealed", name, plain, err)
		}
	}
	if bytes.Equal(db.Key("purpose"), other.Key("purpose")) || bytes.Equal(db.Key("a"), db.Key("b")) {
		t.Error("two tenants or two purposes share a key")
	}
}

// TestSealedColumnsStayInTheirRow: who can write to the database cannot move a secret to where they know its owner.
func TestSealedColumnsStayInTheirRow(t *testing.T) {
	dsn := fresh(t)
	db := openAt(t, dsn, time.Now)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(
			tx.CreateClient(ctx, &store.Client{ID: "rich", Name: "n", Secret: "the canary secret"}, nil),
			tx.CreateClient(ctx, &store.Client{ID: "poor", Name: "n", Secret: "known"}, nil),
			tx.CreateAPI(ctx, &store.API{ID: "rich", Identifier: "api", Name: "n", SigningSecret: "known"}))
	})
	if c, err := db.Client(t.Context(), "rich"); err != nil || c.Secret != "the canary secret" {
		t.Fatalf("the secret came back as %q, %v", c.Secret, err)
	}
	tamper := rawSQLite(t, dsn)
	if _, ok := postgres(t); ok {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		tamper = raw(t, "pgx", u.String())
	}
	if n := rows(t, tamper, `SELECT CAST(COUNT(*) AS TEXT) FROM clients WHERE secret = CAST('the canary secret' AS BYTEA)`); n[0][0] != "0" {
		t.Error("the secret is in the database as it is")
	}
	for _, move := range []string{
		`UPDATE clients SET secret = (SELECT secret FROM clients WHERE id = 'rich') WHERE id = 'poor'`,
		`UPDATE resource_servers SET signing_secret = (SELECT secret FROM clients WHERE id = 'rich')`,
	} {
		if _, err := tamper.ExecContext(t.Context(), move); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := db.Client(t.Context(), "poor"); !errors.Is(err, store.ErrSealed) || c.Secret != "" {
		t.Errorf("another row opened the secret: %q, %v", c.Secret, err)
	}
	if a, err := db.API(t.Context(), "api"); !errors.Is(err, store.ErrSealed) || a.SigningSecret != "" {
		t.Errorf("another column opened the secret: %q, %v", a.SigningSecret, err)
	}
	if c, err := db.Client(t.Context(), "rich"); err != nil || c.Secret != "the canary secret" {
		t.Errorf("its own row: %q, %v", c.Secret, err)
	}
}
