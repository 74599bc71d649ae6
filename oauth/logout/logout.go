// Package logout ends browser sessions: /v2/logout, and RP-initiated logout at /oidc/logout (OpenID Connect RP-Initiated
// Logout 1.0; spec section 11).
//
// Native SDKs take any return to their URL as success and hang on a page, so whoever names a registered address is sent
// there, whether or not there was a session to end. An address that is not registered ends nothing and is shown on an error
// page. Applications keep their refresh tokens: a logout ends the single sign-on of this browser.
//
// /v2/logout asks nobody, as Auth0 has it: a foreign site can log a person out by it, but learns and gains nothing.
// /oidc/logout ends without asking only for who proves to know the session, by an ID token with its sid or by that sid.
package logout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Pages renders what people see; package app fills it in from the pages of universal login.
type Pages interface {
	// Confirm asks whether to end the session. Its form posts State as `state`, and `action` as accept or deny.
	Confirm(w http.ResponseWriter, r *http.Request, p ConfirmPage) error
	// SignedOut says that nobody is signed in; there is no address to return to.
	SignedOut(w http.ResponseWriter, r *http.Request) error
}

// ConfirmPage is what the confirmation shows and carries.
type ConfirmPage struct {
	PostTo, State string
	// Client is the application that asked; its zero value when none is known.
	Client store.Client
	User   store.User
	// ReturnTo is where the form leads in the end, for the page's form-action; may be empty.
	ReturnTo  string
	UILocales string
}

// Logout answers for one domain.
type Logout struct {
	Issuer   string
	DB       *store.DB
	Keys     *keys.Ring
	Sessions *session.Manager
	Events   *events.Log
	Pages    Pages
	// RenderError shows refusals as pages.
	RenderError web.Renderer
}

const confirmPath = "/oidc/logout/confirm"

// Routes mounts the endpoints. Only the confirmation is closed to other sites: an application may send /oidc/logout as a
// form from its own.
func (l *Logout) Routes(mux *web.Mux) {
	guard := http.NewCrossOriginProtection()
	// Behind a TLS proxy the browser's Origin is https while the request looks like http: the issuer is what we trust.
	if err := guard.AddTrustedOrigin(strings.TrimSuffix(l.Issuer, "/")); err != nil {
		panic("logout: issuer " + l.Issuer + ": " + err.Error()) // app has parsed it as an origin
	}
	guard.SetDenyHandler(web.Handle(l.RenderError, func(http.ResponseWriter, *http.Request) error { return errCrossOrigin }))
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /v2/logout":    l.v2,
		"GET /logout":       l.v2,
		"GET /oidc/logout":  l.oidc,
		"POST /oidc/logout": l.oidc,
	} {
		mux.Handle(pattern, web.Browser, web.Handle(l.RenderError, h))
	}
	mux.Handle("POST "+confirmPath, web.Form, guard.Handler(web.Handle(l.RenderError, l.confirmed)))
}

var errCrossOrigin = problem.Explain(http.StatusForbidden, "invalid_request", "The form was sent by another site. Start the logout again in your application.").OnPage()

// ending is one logout that may be carried out.
type ending struct {
	protocol  string // for the event
	client    store.Client
	target    string // where to return to, state included; empty: nowhere
	allowed   string // target as it was registered or sent, without state
	federated bool
}

// v2 is /v2/logout and its former name /logout.
func (l *Logout) v2(w http.ResponseWriter, r *http.Request) error {
	p, err := oauth.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	e := ending{protocol: "v2", federated: p.Has("federated")}
	allowed, err := l.allowed(r.Context(), p.Get("client_id"), &e.client)
	if err != nil {
		return err
	}
	if e.target = p.Get("returnTo"); e.target == "" {
		e.target = first(allowed, e.client)
	} else if !oauth.MatchLogout(allowed, e.target, false) {
		return l.refuse(r, e, e.target, oauth.LogoutMismatch(e.target))
	}
	e.allowed = e.target
	current, err := l.Sessions.Current(r)
	if err != nil {
		return err
	}
	return l.end(w, r, current, e)
}

// allowed lists the addresses to return to: the application's when one is named, otherwise the tenant's.
func (l *Logout) allowed(ctx context.Context, clientID string, into *store.Client) ([]string, error) {
	if clientID == "" {
		t, err := l.DB.Tenant(ctx)
		return t.Settings.AllowedLogoutURLs, err
	}
	c, err := l.DB.Client(ctx, clientID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, oauth.UnknownClient(clientID)
	}
	*into = c
	web.MetaOf(ctx).ClientID = c.ID
	return c.Settings.AllowedLogoutURLs, err
}

// first is the application's first address, where nobody said which. A pattern is not an address.
func first(allowed []string, c store.Client) string {
	if c.ID == "" || len(allowed) == 0 || strings.Contains(allowed[0], "*") || !oauth.MatchLogout(allowed[:1], allowed[0], true) {
		return ""
	}
	return allowed[0]
}

// end ends the session, if there is one, and sends the person on.
func (l *Logout) end(w http.ResponseWriter, r *http.Request, current *store.Session, e ending) error {
	ctx := r.Context()
	if current != nil {
		record := event(ctx, events.LogoutSucceeded, e)
		record.UserID = current.UserID
		record.Details["session_id"] = current.ID
		err := l.DB.Write(ctx, func(tx *store.Tx) error {
			ended, err := l.Sessions.End(ctx, tx, current)
			if err != nil || !ended {
				return err
			}
			return tx.AddEvent(ctx, record)
		})
		if err != nil {
			return fmt.Errorf("end the session: %w", err)
		}
		web.MetaOf(ctx).UserID = current.UserID
	}
	l.Sessions.ClearCookie(w)
	return l.leave(w, r, e.target)
}

// leave sends the person to an address that was checked, byte for byte as it was registered or sent.
func (l *Logout) leave(w http.ResponseWriter, r *http.Request, target string) error {
	if target == "" {
		return l.Pages.SignedOut(w, r)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
	return nil
}

// refuse writes the event of a logout that ended nothing.
func (l *Logout) refuse(r *http.Request, e ending, presented string, why *problem.Error) error {
	e.allowed = presented
	record := event(r.Context(), events.LogoutFailed, e)
	record.Details["error"] = map[string]any{"message": why.Message, "code": why.Code}
	l.Events.Record(r.Context(), record)
	return why
}

func event(ctx context.Context, typ string, e ending) store.Event {
	record := events.Of(ctx, typ)
	record.ClientID, record.ClientName = e.client.ID, e.client.Name
	record.Details = map[string]any{"return_to": e.allowed, "initiated_by": "rp-logout", "protocol": e.protocol}
	if e.federated {
		record.Details["federated"] = true
	}
	return record
}
