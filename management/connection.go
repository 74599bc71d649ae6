package management

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
)

var passwordPolicies = []string{"none", "low", "fair", "good", "excellent"}

// maxMinLength is the longest least length of a password.
const maxMinLength = 128

// CheckConnection names everything that is wrong with a connection.
func CheckConnection(c store.Connection) error {
	var m mistakes
	if p := c.Settings.PasswordPolicy; p != "" && !slices.Contains(passwordPolicies, p) {
		m.addf("the password policy %q is none of %s", p, strings.Join(passwordPolicies, ", "))
	}
	if n := c.Settings.MinLength; n < 0 || n > maxMinLength {
		m.addf("a least password length of %d is not between 0 (the policy's) and %d", n, maxMinLength)
	}
	if c.Strategy != store.DatabaseStrategy && !c.Settings.Disabled {
		m.addf("nobody can sign in by the strategy %s: the connection stays disabled", c.Strategy)
	}
	return m.err()
}

// UpdateConnection changes a connection by patch and returns what became of it.
func (a *Admin) UpdateConnection(ctx context.Context, name string, patch func(*store.Connection) error) (c store.Connection, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.HoldTenant(ctx); err != nil {
			return err
		}
		if c, err = FindConnection(ctx, tx.Queries, name); err != nil {
			return err
		}
		if err := patch(&c); err != nil {
			return err
		}
		if err := CheckConnection(c); err != nil {
			return err
		}
		if err := tx.SaveConnection(ctx, &c); err != nil {
			return err
		}
		return a.Record(ctx, tx, store.Event{Description: "Update a connection", Connection: c.Name, Strategy: c.Strategy})
	})
	return c, err
}

// FindConnection reads a connection by name.
func FindConnection(ctx context.Context, q store.Queries, name string) (store.Connection, error) {
	c, err := q.Connection(ctx, name)
	return c, refuse(err, store.ErrNotFound, "there is no connection %q", name)
}

// Prepare gives a tenant that has no connection the database connection of a fresh one.
func Prepare(ctx context.Context, db *store.DB) error {
	connections, err := db.Connections(ctx)
	if err != nil || len(connections) > 0 {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		err := tx.CreateConnection(ctx, &store.Connection{Name: store.DefaultConnection, Strategy: "auth0"})
		if errors.Is(err, store.ErrConflict) { // another process was quicker
			return nil
		}
		if err != nil {
			return fmt.Errorf("make the connection %s: %w", store.DefaultConnection, err)
		}
		return nil
	})
}
