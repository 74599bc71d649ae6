package login

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// resetVerifyPath is the other name of [identity.ResetPath].
const resetVerifyPath = "/u/reset-verify"

// What applications read in the redirect to result_url.
const (
	resetMessage  = "You can now login to the application with the new password."
	verifyMessage = "Your email was verified. You can continue using the application."
)

// link opens a link for its page. It does not use it, for programs that scan mails follow links too.
func (h *Handlers) link(ctx context.Context, kind, secret string) (identity.Ticket, store.User, Frame, error) {
	t, u, err := identity.OpenTicket(ctx, h.DB.Queries, kind, secret)
	if err != nil {
		return t, u, Frame{}, err
	}
	frame := h.Frame(ctx)
	client, err := h.DB.Client(ctx, t.ClientID)
	switch {
	case err == nil:
		frame.AppName, frame.AppID, frame.LogoURI = client.Name, client.ID, client.Settings.LogoURI
		web.MetaOf(ctx).ClientID = client.ID
	case errors.Is(err, store.ErrNotFound): // none was named, or it was deleted since
		err = nil
	}
	return t, u, frame, err
}

// used sends the browser where the link's maker wants it, or shows the page.
func (h *Handlers) used(w http.ResponseWriter, r *http.Request, t identity.Ticket, message string, done Page) error {
	if t.ResultURL == "" {
		return h.Show(w, r, http.StatusOK, "", "", done)
	}
	said := []string{"success", "true", "code", "success", "message", message}
	if t.EmailInRedirect {
		said = append([]string{"email", t.Email}, said...)
	}
	target := oauth.WithQuery(t.ResultURL, said...)
	if _, fragment, found := strings.Cut(t.ResultURL, "#"); found {
		target += "#" + fragment
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// goOn is where the person signs in when a link has done its work, to the organization that it is for if there is one.
func (h *Handlers) goOn(ctx context.Context, t identity.Ticket) string {
	o, err := h.DB.Organization(ctx, t.OrganizationID)
	if err != nil {
		return h.startAnew(ctx, t.ClientID)
	}
	return h.startAnew(ctx, t.ClientID, "organization", o.ID, "organization_name", o.Name)
}

func (h *Handlers) showReset(w http.ResponseWriter, r *http.Request) error {
	return h.resetPage(w, r, http.StatusOK, r.URL.Query().Get("ticket"), "", nil)
}

func (h *Handlers) resetPage(w http.ResponseWriter, r *http.Request, status int, secret string, wrong Problem, report *identity.Report) error {
	t, u, frame, err := h.link(r.Context(), identity.PasswordTicket, secret)
	if err != nil {
		return err
	}
	conn, err := h.DB.Connection(r.Context(), u.Connection)
	if err != nil {
		return err
	}
	return h.Show(w, r, status, "", t.ResultURL, ResetPassword{
		Frame:       frame,
		Credentials: Credentials{Form: Form{identity.ResetPath, secret}, Username: orElse(u.Email, u.Username), PasswordProblem: wrong},
		Account:     Account{Name: u.Profile.Name, Email: orElse(u.Email, u.Username)},
		Rules:       rules(conn, report),
	})
}

func (h *Handlers) reset(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	secret, password := form.Get("state"), form.Get("password")
	if password == "" {
		return h.resetPage(w, r, http.StatusBadRequest, secret, PasswordMissing, nil)
	}
	_, _, frame, err := h.link(r.Context(), identity.PasswordTicket, secret)
	if err != nil && !errors.Is(err, identity.ErrTicket) { // that one is told, and recorded, below
		return err
	}
	t, err := h.Users.ResetPassword(r.Context(), secret, password)
	if weak, is := errors.AsType[*identity.WeakPassword](err); is {
		return h.resetPage(w, r, http.StatusBadRequest, secret, PasswordWeak, &weak.Report)
	}
	if err != nil {
		return err
	}
	return h.used(w, r, t, resetMessage, ResetPassword{Frame: frame, Done: true, ContinueURL: h.goOn(r.Context(), t)})
}

func (h *Handlers) showVerify(w http.ResponseWriter, r *http.Request) error {
	secret := r.URL.Query().Get("ticket")
	t, u, frame, err := h.link(r.Context(), identity.EmailTicket, secret)
	if err != nil {
		return err
	}
	return h.Show(w, r, http.StatusOK, "", t.ResultURL, EmailVerification{
		Frame: frame, Form: Form{identity.VerifyPath, secret}, Account: Account{Name: u.Profile.Name, Email: u.Email},
	})
}

func (h *Handlers) verify(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	secret := form.Get("state")
	_, _, frame, err := h.link(r.Context(), identity.EmailTicket, secret)
	if err != nil && !errors.Is(err, identity.ErrTicket) {
		return err
	}
	t, err := h.Users.VerifyEmail(r.Context(), secret)
	if err != nil {
		return err
	}
	return h.used(w, r, t, verifyMessage, EmailVerification{Frame: frame, Done: true, ContinueURL: h.goOn(r.Context(), t)})
}

func orElse(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}
