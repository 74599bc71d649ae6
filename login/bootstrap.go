package login

import (
	"context"
	"errors"
	"net/http"
	"strings"

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

// Bootstrap makes the first administrator, in the administrators' own database.
type Bootstrap struct {
	Pages  *Handlers
	System *identity.Users
}

// Routes mounts the page, and an honest answer at the address of the console that does not exist yet.
func (b *Bootstrap) Routes(mux *http.ServeMux) {
	guard := b.Pages.guard()
	mux.Handle("GET "+BootstrapPath, guard.Handler(b.Pages.page(b.show)))
	mux.Handle("POST "+BootstrapPath, guard.Handler(b.Pages.page(b.create)))
	mux.Handle("GET /dashboard", b.Pages.page(func(http.ResponseWriter, *http.Request) error {
		return problem.Explain(http.StatusNotFound, "not_found", "The Dashboard is not part of this version. Set the tenant up with: proofkey admin --help")
	}))
}

var errTicket = problem.Explain(http.StatusForbidden, "invalid_request", "This link was used before or has expired. Make another with: proofkey admin bootstrap")

func (b *Bootstrap) show(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("done") {
		return b.Pages.Show(w, r, http.StatusOK, "", "", BootstrapAdmin{Frame: b.Pages.Frame(r.Context()), Done: true})
	}
	return b.page(w, r, http.StatusOK, r.URL.Query().Get("ticket"), Credentials{}, nil)
}

func (b *Bootstrap) page(w http.ResponseWriter, r *http.Request, status int, ticket string, c Credentials, report *identity.Report) error {
	if _, err := b.System.DB.Ticket(r.Context(), BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	conn, err := b.System.DB.Connection(r.Context(), store.DefaultConnection)
	if err != nil {
		return err
	}
	c.Form = Form{BootstrapPath, ticket}
	return b.Pages.Show(w, r, status, "", "", BootstrapAdmin{Frame: b.Pages.Frame(r.Context()), Credentials: c, Rules: rules(conn, report)})
}

// create uses the ticket in the transaction that makes the administrator: a refused password leaves it usable.
func (b *Bootstrap) create(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	ticket := form.Get("state")
	c := Credentials{Username: web.Clip(strings.TrimSpace(form.Get("username")), 254)}
	if _, err := b.System.DB.Ticket(r.Context(), BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	conn, err := b.System.DB.Connection(r.Context(), store.DefaultConnection)
	if err != nil {
		return err
	}
	_, err = b.System.Create(r.Context(), conn, identity.SignUp{Email: c.Username, Password: form.Get("password")},
		func(tx *store.Tx, _ store.User) error {
			return first(r.Context(), tx, ticket)
		})
	if err != nil {
		report := c.signupProblems(err)
		if !c.Failed() {
			return err
		}
		return b.page(w, r, http.StatusBadRequest, ticket, c, report)
	}
	http.Redirect(w, r, BootstrapPath+"?done", http.StatusSeeOther)
	return nil
}

// first uses the link, and refuses one that was made before another link was used: this page makes one administrator.
func first(ctx context.Context, tx *store.Tx, ticket string) error {
	if _, err := tx.UseTicket(ctx, BootstrapTicket, ticket); err != nil {
		return errTicket.Because(err)
	}
	users, err := tx.Users(ctx, "", 2)
	if err == nil && len(users) > 1 {
		return errTicket.Because(errors.New("there is an administrator already"))
	}
	return err
}
