package management

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/store"
)

// CreateUser stores a user whose password was hashed elsewhere, or who has none.
func (a *Admin) CreateUser(ctx context.Context, u *store.User) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CreateUser(ctx, u); err != nil {
			return refuse(err, store.ErrConflict, "there is a user %s in %s already", u.Email, u.Connection)
		}
		return a.RecordUser(ctx, tx, "Create a user", *u)
	})
}

// UpdateUser changes a user, named by id or e-mail address, by patch and returns what became of them.
func (a *Admin) UpdateUser(ctx context.Context, ref, what string, patch func(*store.User) error) (store.User, error) {
	return a.changeUser(ctx, ref, what, func(_ *store.Tx, u *store.User) error { return patch(u) })
}

// BlockUser lets a user sign in no more.
func (a *Admin) BlockUser(ctx context.Context, ref string) (store.User, error) {
	return a.UpdateUser(ctx, ref, "Block a user", func(u *store.User) error {
		u.Blocked = true
		return nil
	})
}

// UnblockUser lets a user sign in again, also where failed logins keep them out.
func (a *Admin) UnblockUser(ctx context.Context, ref string) (store.User, error) {
	return a.changeUser(ctx, ref, "Unblock a user", func(tx *store.Tx, u *store.User) error {
		u.Blocked = false
		return limits.Release(ctx, tx, u.Email, u.Username)
	})
}

// SetPassword replaces a user's password by a new one's hash; see [identity.ReplacePassword] for what ends with the old one.
func (a *Admin) SetPassword(ctx context.Context, ref, hash string) (store.User, error) {
	return a.changeUser(ctx, ref, "Set a user's password", func(tx *store.Tx, u *store.User) error {
		return identity.ReplacePassword(ctx, tx, u, hash)
	})
}

func (a *Admin) changeUser(ctx context.Context, ref, what string, patch func(*store.Tx, *store.User) error) (u store.User, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		if u, err = FindUser(ctx, tx.Queries, ref); err != nil {
			return err
		}
		if err := tx.HoldUser(ctx, u.ID); err != nil {
			return err
		}
		if u, err = tx.User(ctx, u.ID); err != nil {
			return err
		}
		if err := patch(tx, &u); err != nil {
			return err
		}
		if u.Email != "" {
			other, err := tx.UserByIdentifier(ctx, u.Connection, u.Email)
			if err == nil && other.ID != u.ID {
				return &refusal{fmt.Sprintf("the e-mail address %s belongs to the user %s", u.Email, other.ID), store.ErrConflict}
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if err := tx.SaveUser(ctx, &u); err != nil {
			return err
		}
		return a.RecordUser(ctx, tx, what, u)
	})
	return u, err
}

// SignOut ends a user's sessions and refresh tokens everywhere, and says how many there were.
func (a *Admin) SignOut(ctx context.Context, ref string) (sessions, tokens int64, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		u, err := FindUser(ctx, tx.Queries, ref)
		if err != nil {
			return err
		}
		if sessions, tokens, err = signOut(ctx, tx, u.ID, "revoked by an administrator"); err != nil {
			return err
		}
		return a.RecordUser(ctx, tx, "Revoke a user's sessions and refresh tokens", u)
	})
	return sessions, tokens, err
}

func signOut(ctx context.Context, tx *store.Tx, id, why string) (sessions, tokens int64, err error) {
	if sessions, err = tx.EndSessionsOf(ctx, id); err != nil {
		return 0, 0, err
	}
	tokens, err = tx.RevokeRefreshOf(ctx, id, "", why)
	return sessions, tokens, err
}

// DeleteUser removes a user; their sessions and grants go with them.
func (a *Admin) DeleteUser(ctx context.Context, ref string) error {
	return a.DB.Write(ctx, func(tx *store.Tx) error {
		u, err := FindUser(ctx, tx.Queries, ref)
		if err != nil {
			return err
		}
		if err := tx.DeleteUser(ctx, u.ID); err != nil {
			return err
		}
		return a.RecordUser(ctx, tx, "Delete a user", u)
	})
}

// FindUser reads a user by id, or by e-mail address or user name where only one connection knows it.
func FindUser(ctx context.Context, q store.Queries, ref string) (store.User, error) {
	if strings.Contains(ref, "|") {
		u, err := q.User(ctx, ref)
		return u, refuse(err, store.ErrNotFound, "there is no user %q", ref)
	}
	connections, err := q.Connections(ctx)
	if err != nil {
		return store.User{}, err
	}
	var found []store.User
	for _, c := range connections {
		u, err := q.UserByIdentifier(ctx, c.Name, ref)
		if err == nil {
			found = append(found, u)
		} else if !errors.Is(err, store.ErrNotFound) {
			return store.User{}, err
		}
	}
	switch len(found) {
	case 0:
		return store.User{}, &refusal{fmt.Sprintf("there is no user %q", ref), store.ErrNotFound}
	case 1:
		return found[0], nil
	}
	return store.User{}, fmt.Errorf("%d connections have a user %q: name the one you mean by its user_id, such as %s", len(found), ref, found[0].ID)
}

// RecordUser writes the event of a change to a user into its transaction.
func (a *Admin) RecordUser(ctx context.Context, tx *store.Tx, what string, u store.User) error {
	return a.Record(ctx, tx, store.Event{Description: what, UserID: u.ID, UserName: u.Email, Connection: u.Connection})
}
