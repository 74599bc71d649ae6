package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// The kinds of single-use links that are sent to a user.
const (
	PasswordTicket = "password change"
	EmailTicket    = "email verification"
)

// Where the links lead; the secret is the parameter ticket.
const (
	ResetPath  = "/u/reset-password"
	VerifyPath = "/u/email-verification"
)

// Ticket is what a single-use link is for. It is bound to the user as they are when it is made: once their e-mail address
// or password has changed, whoever can read the mail of before has nothing in hand.
type Ticket struct {
	UserID        string `json:"user_id"`
	Email         string `json:"email,omitempty"`
	PasswordSetAt int64  `json:"password_set_at,omitempty"` // of a [PasswordTicket]

	ClientID          string `json:"client_id,omitempty"`       // whose name the page shows
	OrganizationID    string `json:"organization_id,omitempty"` // that the user goes on to sign in to
	ResultURL         string `json:"result_url,omitempty"`      // where the browser goes in the end
	EmailInRedirect   bool   `json:"email_in_redirect,omitempty"`
	MarkEmailVerified bool   `json:"mark_email_verified,omitempty"`
}

// ErrTicket is in the chain of the refusal of a link that was used, is too old, or that never was.
var ErrTicket = errors.New("identity: the link is not valid")

func deadTicket() error {
	return problem.Explain(http.StatusForbidden, "invalid_request", "This link was used before or has expired. Ask for a new one.").Because(ErrTicket)
}

// IssueTicket stores a link for the user and returns its secret, which is kept nowhere.
func IssueTicket(ctx context.Context, tx *store.Tx, kind string, t Ticket, u store.User, life time.Duration) (secret string, err error) {
	t.UserID, t.Email, t.PasswordSetAt = u.ID, u.Email, passwordMark(kind, u)
	subject, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	secret = store.RandomID(32)
	return secret, tx.CreateTicket(ctx, kind, secret, string(subject), life)
}

func passwordMark(kind string, u store.User) int64 {
	if kind != PasswordTicket || u.PasswordSetAt.IsZero() {
		return 0
	}
	return u.PasswordSetAt.UnixMilli()
}

// OpenTicket reads a link that can still be used, and its user. It does not use it: whoever only looks changes nothing. The
// user is there too where the refusal is of a link that was theirs.
func OpenTicket(ctx context.Context, q store.Queries, kind, secret string) (Ticket, store.User, error) {
	subject, err := q.Ticket(ctx, kind, secret)
	dead := errors.Is(err, store.ErrNotFound)
	if dead {
		subject, err = q.DeadTicket(ctx, kind, secret)
	}
	t, u, err := ticketUser(ctx, q, kind, subject, err)
	if err == nil && dead {
		err = deadTicket()
	}
	return t, u, err
}

func ticketUser(ctx context.Context, q store.Queries, kind, subject string, err error) (t Ticket, u store.User, _ error) {
	if err == nil {
		err = json.Unmarshal([]byte(subject), &t)
	}
	if err == nil {
		u, err = q.User(ctx, t.UserID)
	}
	if errors.Is(err, store.ErrNotFound) {
		return t, u, deadTicket()
	}
	if err == nil && (u.Email != t.Email || passwordMark(kind, u) != t.PasswordSetAt) {
		err = deadTicket()
	}
	return t, u, err
}

// ResetPassword sets the password of a link's user. A password that the policy refuses leaves the link usable. Whoever knew
// the old one is signed out, sessions and refresh tokens, and the failed logins with it are forgotten.
func (u *Users) ResetPassword(ctx context.Context, secret, password string) (Ticket, error) {
	failed := outcome{typ: events.PasswordChangeFailed}
	t, user, err := OpenTicket(ctx, u.DB.Queries, PasswordTicket, secret)
	failed.user = user
	if err != nil && user.ID == "" { // a guess is nobody's failure
		return t, err
	}
	if err != nil {
		return t, u.refuse(ctx, failed, err)
	}
	conn, err := u.DB.Connection(ctx, user.Connection)
	if err != nil {
		return t, err
	}
	failed.conn = conn
	if report := Check(conn.Settings, password, user); !report.OK() {
		return t, u.refuse(ctx, failed, &WeakPassword{report, weak(report)})
	}
	hash, err := u.Hasher.Hash(ctx, password)
	if err != nil {
		return t, u.refuse(ctx, failed, err)
	}
	return t, u.useTicket(ctx, PasswordTicket, secret, failed, events.PasswordChanged, func(tx *store.Tx, user *store.User) error {
		user.Profile.EmailVerified = user.Profile.EmailVerified || t.MarkEmailVerified
		return ReplacePassword(ctx, tx, user, hash)
	})
}

// VerifyEmail notes that the link's user reads what is sent to their e-mail address.
func (u *Users) VerifyEmail(ctx context.Context, secret string) (Ticket, error) {
	failed := outcome{typ: events.EmailVerifyFailed}
	t, user, err := OpenTicket(ctx, u.DB.Queries, EmailTicket, secret)
	failed.user = user
	if err != nil && user.ID == "" { // a guess is nobody's failure
		return t, err
	}
	if err != nil {
		return t, u.refuse(ctx, failed, err)
	}
	if failed.conn, err = u.DB.Connection(ctx, user.Connection); err != nil {
		return t, err
	}
	return t, u.useTicket(ctx, EmailTicket, secret, failed, events.EmailVerified, func(_ *store.Tx, user *store.User) error {
		user.Profile.EmailVerified = true
		return nil
	})
}

// useTicket changes the link's user, with the event, in the transaction that uses the link.
func (u *Users) useTicket(ctx context.Context, kind, secret string, failed outcome, typ string, change func(*store.Tx, *store.User) error) error {
	err := u.DB.Write(ctx, func(tx *store.Tx) error {
		subject, err := tx.UseTicket(ctx, kind, secret)
		_, user, err := ticketUser(ctx, tx.Queries, kind, subject, err)
		if err != nil {
			return err
		}
		if err := tx.HoldUser(ctx, user.ID); err != nil {
			return err
		}
		if _, user, err = ticketUser(ctx, tx.Queries, kind, subject, nil); err != nil {
			return err
		}
		if err := change(tx, &user); err != nil {
			return err
		}
		if err := tx.SaveUser(ctx, &user); err != nil {
			return err
		}
		e := events.Of(ctx, typ)
		e.UserID, e.UserName, e.Connection, e.Strategy = user.ID, user.Email, failed.conn.Name, failed.conn.Strategy
		return tx.AddEvent(ctx, e)
	})
	if err != nil {
		return u.refuse(ctx, failed, err)
	}
	return nil
}
