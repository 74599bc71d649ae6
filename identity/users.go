// Package identity knows who somebody is: users, their passwords, and what a password must be like.
//
// To somebody outside, a user who does not exist, one without a password and a wrong password are the same: the sentence,
// the counters of failures and the cost of the answer. Only the tenant's log tells them apart. Passwords are kept as
// argon2id hashes (RFC 9106) of the bytes as typed; hashes of other kinds that were imported are replaced at the next login.
package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Users are the people of one tenant.
type Users struct {
	DB     *store.DB
	Hasher *Hasher
	Limits *limits.Limits
	Events *events.Log
}

// NewUsers builds the users of a tenant's database.
func NewUsers(db *store.DB, h *Hasher, e *events.Log) *Users {
	return &Users{DB: db, Hasher: h, Limits: &limits.Limits{DB: db}, Events: e}
}

// Authenticate proves a user of the connection by password. Its refusals are *problem.Error with the sentences of spec 4.3,
// and each has written its event. A login that succeeds is not recorded here: that is for the caller's transaction, which
// begins the session, writes the event s and calls [Users.Succeeded].
func (u *Users) Authenticate(ctx context.Context, conn store.Connection, identifier, password string) (store.User, error) {
	tenant, err := u.DB.Tenant(ctx)
	if err != nil {
		return store.User{}, err
	}
	if on := conn.Settings.BruteForce; on != nil && !*on {
		tenant.Settings.BruteForce.Enabled = on
	}
	try := limits.For(ctx, tenant.Settings, identifier)
	failed := outcome{events.LoginFailed, conn, store.User{}, identifier}
	if conn.Settings.Disabled {
		return store.User{}, u.refuse(ctx, failed, problem.Explain(http.StatusForbidden, "access_denied", "The connection is disabled."))
	}
	if err := u.Limits.CheckLogin(ctx, try); err != nil {
		return store.User{}, u.refuse(ctx, failed, err)
	}
	user, err := u.DB.UserByIdentifier(ctx, conn.Name, limits.Normal(identifier))
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return store.User{}, err
	}
	failed.user = user
	right, err := u.Hasher.Verify(ctx, user.PasswordHash, password)
	if err != nil && !errors.Is(err, ErrHash) {
		return store.User{}, u.refuse(ctx, failed, err)
	}
	if !right {
		if err := u.Limits.Failed(ctx, try); err != nil {
			return store.User{}, err
		}
		return store.User{}, u.refuse(ctx, failed.asWrong(unknown, err), oauth.WrongPassword().Because(err))
	}
	// Guesses made side by side were all checked before the first of them was counted.
	if err := u.Limits.CheckLogin(ctx, try); err != nil {
		return store.User{}, u.refuse(ctx, failed, err)
	}
	if user.Blocked {
		return store.User{}, u.refuse(ctx, failed, oauth.UserBlocked())
	}
	if err := u.upgrade(ctx, &user, password); err != nil || user.LinkedTo == "" {
		return user, err
	}
	return u.owner(ctx, failed, user.LinkedTo)
}

// owner is the user that an account is linked to: it is they who signed in.
func (u *Users) owner(ctx context.Context, failed outcome, id string) (store.User, error) {
	user, err := u.DB.User(ctx, id)
	if err == nil && user.Blocked {
		return store.User{}, u.refuse(ctx, failed, oauth.UserBlocked())
	}
	return user, err
}

// Succeeded records a login in the transaction that begins its session: the user's counters, and the failures before it
// are forgotten.
func (u *Users) Succeeded(ctx context.Context, tx *store.Tx, user store.User) error {
	if err := tx.RecordLogin(ctx, user.ID, web.MetaOf(ctx).IP); err != nil {
		return err
	}
	return u.Limits.Forget(ctx, tx, user.Email, user.Username)
}

// upgrade hashes the password anew where the stored hash is not what new ones are. It is not part of the login: it stays
// even if that is refused later.
func (u *Users) upgrade(ctx context.Context, user *store.User, password string) error {
	if !u.Hasher.Stale(user.PasswordHash) {
		return nil
	}
	better, err := u.Hasher.Hash(ctx, password)
	if err != nil {
		if problem.From(err).Status == http.StatusTooManyRequests { // there will be another login
			return nil
		}
		return err
	}
	return u.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.UpgradePassword(ctx, user.ID, user.PasswordHash, better)
	})
}

// outcome is what the event of a refusal tells.
type outcome struct {
	typ        string
	conn       store.Connection
	user       store.User
	identifier string
}

// asWrong names the reason that only the log tells apart; broken is the error of a hash that cannot be read.
func (o outcome) asWrong(unknown bool, broken error) outcome {
	switch {
	case broken != nil:
		o.typ = events.LoginFailed
	case unknown:
		o.typ = events.LoginUnknownUser
	default:
		o.typ = events.LoginWrongPassword
	}
	return o
}

// refuse writes the event of a refusal and returns it.
func (u *Users) refuse(ctx context.Context, o outcome, why error) error {
	if errors.Is(why, context.Canceled) {
		return why
	}
	e := events.Of(ctx, o.typ)
	e.Connection, e.Strategy = o.conn.Name, o.conn.Strategy
	e.UserID, e.UserName = o.user.ID, o.user.Email
	if o.user.ID == "" && strings.Contains(o.identifier, "@") { // else it may be a password in the wrong field
		e.UserName = limits.Normal(o.identifier)
	}
	p := problem.From(why)
	details := map[string]any{"message": p.Message, "code": p.Code}
	if p.Cause != nil {
		details["reason"] = p.Cause.Error()
	}
	e.Details = map[string]any{"error": details}
	u.Events.Record(ctx, e)
	if p.Status >= http.StatusInternalServerError {
		return fmt.Errorf("authenticate: %w", why)
	}
	return why
}

// ReplacePassword sets a user's password, which the caller saves. Whoever knew the old one is signed out, sessions and refresh
// tokens, and the failed logins with it are forgotten.
func ReplacePassword(ctx context.Context, tx *store.Tx, u *store.User, hash string) error {
	u.PasswordHash, u.PasswordSetAt = hash, tx.Now()
	if err := limits.Release(ctx, tx, u.Email, u.Username); err != nil {
		return err
	}
	if _, err := tx.EndSessionsOf(ctx, u.ID); err != nil {
		return err
	}
	_, err := tx.RevokeRefreshOf(ctx, u.ID, "", "password changed")
	return err
}
