package login

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// BootstrapPath is the page of the first administrator, BootstrapTicket the kind of its single-use link.
const (
	BootstrapPath   = "/dashboard/bootstrap"
	BootstrapTicket = "bootstrap"
)

// Bootstrap makes the first administrator, on the domain and in the database of the administrators.
type Bootstrap struct {
	Pages *Handlers
	// Next is where the new administrator goes, signed in.
	Next string
	// Promote makes a user the first administrator in the transaction of its making, or fails with ErrPromoted.
	Promote func(ctx context.Context, tx *store.Tx, userID string) error
}

// ErrPromoted refuses to make a first administrator where there is one.
var ErrPromoted = errors.New("there is an administrator already")

// Routes mounts the page.
func (b *Bootstrap) Routes(mux *web.Mux) {
	guard := b.Pages.guard()
	mux.Handle("GET "+BootstrapPath, web.Form, guard.Handler(b.Pages.page(b.show)))
	mux.Handle("POST "+BootstrapPath, web.Form, guard.Handler(b.Pages.page(b.create)))
}

var errTicket = problem.Explain(http.StatusForbidden, "invalid_request", "This link was used before or has expired. Make another with: proofkey admin bootstrap")

func (b *Bootstrap) show(w http.ResponseWriter, r *http.Request) error {
	return b.page(w, r, http.StatusOK, r.URL.Query().Get("ticket"), Credentials{}, nil)
}

func (b *Bootstrap) page(w http.ResponseWriter, r *http.Request, status int, ticket string, c Credentials, report *identity.Report) error {
	if _, err := b.Pages.DB.Ticket(r.Context(), BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	conn, err := b.Pages.DB.Connection(r.Context(), store.DefaultConnection)
	if err != nil {
		return err
	}
	c.Form = Form{BootstrapPath, ticket}
	return b.Pages.Show(w, r, status, "", "", BootstrapAdmin{Frame: b.Pages.Frame(r.Context()), Credentials: c, Rules: rules(conn, report)})
}

// create uses the ticket in the transaction that makes the administrator and signs them in: a refused password leaves it
// usable.
func (b *Bootstrap) create(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ctx, ticket := r.Context(), form.Get("state")
	c := Credentials{Username: web.Clip(strings.TrimSpace(form.Get("username")), 254)}
	if _, err := b.Pages.DB.Ticket(ctx, BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	conn, err := b.Pages.DB.Connection(ctx, store.DefaultConnection)
	if err != nil {
		return err
	}
	tenant, err := b.Pages.DB.Tenant(ctx)
	if err != nil {
		return err
	}
	current, err := b.Pages.Sessions.Current(r)
	if err != nil {
		return err
	}
	cookie := ""
	_, err = b.Pages.Users.Create(ctx, conn, identity.SignUp{Email: c.Username, Password: form.Get("password")},
		func(tx *store.Tx, user store.User) error {
			if err := b.first(ctx, tx, ticket, user); err != nil {
				return err
			}
			_, value, err := b.Pages.Sessions.Begin(ctx, tx, current, user.ID, tenant.Settings)
			cookie = value
			return err
		})
	if err != nil {
		report := c.signupProblems(err)
		if !c.Failed() {
			return err
		}
		return b.page(w, r, http.StatusBadRequest, ticket, c, report)
	}
	b.Pages.Sessions.SetCookie(w, cookie, tenant.Settings)
	http.Redirect(w, r, b.Next, http.StatusSeeOther)
	return nil
}

// first uses the link and every other one: of links that are used at the same time one makes the administrator.
func (b *Bootstrap) first(ctx context.Context, tx *store.Tx, ticket string, user store.User) error {
	if _, err := tx.UseTicket(ctx, BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	if err := tx.UseTickets(ctx, BootstrapTicket); err != nil {
		return err
	}
	err := b.Promote(ctx, tx, user.ID)
	if errors.Is(err, ErrPromoted) {
		return errTicket.Because(err)
	}
	if err != nil {
		return err
	}
	e := events.Of(ctx, events.SignupSucceeded)
	e.UserID, e.UserName, e.Connection = user.ID, user.Email, user.Connection
	return tx.AddEvent(ctx, e)
}
