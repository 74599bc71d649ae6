package flow

import (
	"errors"
	"net/http"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Flow dispatches the transactions of one domain.
type Flow struct {
	Issuer   string
	DB       *store.DB
	Events   *events.Log
	Sessions *session.Manager
	Answers  Answers
}

// Begin is Continue for a transaction that /authorize has just made, with the rows that it read for its checks.
func (f *Flow) Begin(w http.ResponseWriter, r *http.Request, t *Transaction, k Known) error {
	current, err := f.Sessions.Current(r)
	if err != nil {
		return err
	}
	s, err := f.person(r.Context(), t, k, current)
	if err != nil {
		return f.Refuse(w, r, t, err)
	}
	return f.advance(w, r, s)
}

// Continue leads the person to the next page that the transaction owes, or back to the application with a code.
func (f *Flow) Continue(w http.ResponseWriter, r *http.Request, t *Transaction) error {
	current, err := f.Sessions.Current(r)
	if err != nil {
		return err
	}
	return f.ContinueAs(w, r, t, current)
}

// ContinueAs is Continue for a session that was begun by this very request, whose cookie the browser does not have yet.
func (f *Flow) ContinueAs(w http.ResponseWriter, r *http.Request, t *Transaction, current *store.Session) error {
	s, err := f.situation(r.Context(), t, current)
	if err != nil {
		return f.Refuse(w, r, t, err)
	}
	return f.advance(w, r, s)
}

// advance is the dispatcher.
func (f *Flow) advance(w http.ResponseWriter, r *http.Request, s *Situation) error {
	t := s.Transaction
	note(r, s)
	if s.User != nil && s.User.Blocked {
		return f.Refuse(w, r, t, oauth.UserBlocked())
	}
	owed := s.owes(proofs)
	if owed == nil && !s.admitted() {
		if err := f.admit(r, s); err != nil {
			return f.Refuse(w, r, t, err)
		}
		return f.ContinueAs(w, r, t, s.Session) // what they may do has changed
	}
	if owed == nil {
		owed = s.owes(agreements)
	}
	if owed == nil {
		return f.finish(w, r, s)
	}
	if owed.step == StepPick {
		if done, err := f.choose(w, r, s); done || err != nil {
			return err
		}
	}
	if t.Silent() {
		return f.Refuse(w, r, t, owed.silent().Because(errors.New(owed.reason)))
	}
	t.SessionID = ""
	if s.Session != nil {
		t.SessionID = s.Session.ID
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, f.URL(t, owed.step, f.path(t, owed.step)), http.StatusFound)
	return nil
}

// path is where a step's page is. screen_hint=signup opens the other page of the login step.
func (f *Flow) path(t *Transaction, step Step) string {
	if step == StepLogin && t.ScreenHint == oauth.ScreenHintSignup && t.LoggedIn == "" {
		return "/u/signup"
	}
	return "/u/" + string(step)
}

// note fills the request's log line.
func note(r *http.Request, s *Situation) {
	m := web.MetaOf(r.Context())
	m.ID, m.ClientID = s.Transaction.ID, s.Client.ID
	if s.User != nil {
		m.UserID = s.User.ID
	}
}

// Page is what a step's page needs: the transaction, the situation and the session that the page is shown to.
func (f *Flow) Page(r *http.Request, sealed string, step Step) (*Situation, error) {
	t, err := f.Open(sealed, step)
	if t != nil {
		m := web.MetaOf(r.Context())
		m.ID, m.ClientID = t.ID, t.ClientID
	}
	if err != nil {
		return nil, err
	}
	current, err := f.Sessions.Current(r)
	if err != nil {
		return nil, err
	}
	s, err := f.situation(r.Context(), t, current)
	if err != nil {
		e := problem.From(err).OnPage()
		f.recordRefusal(r, t, e)
		return nil, e
	}
	note(r, s)
	return s, nil
}

// SameSession says whether the page is answered by the session that it was shown to.
func (s *Situation) SameSession() bool {
	return s.Session != nil && s.Session.ID == s.Transaction.SessionID
}

// finish issues the code. Nothing is written durably here: redeeming the code is the one durable write of a login.
func (f *Flow) finish(w http.ResponseWriter, r *http.Request, s *Situation) error {
	t := s.Transaction
	if err := mayAnswer(t, s.Client); err != nil {
		return f.Refuse(w, r, t, err)
	}
	if err := f.Sessions.Touch(r.Context(), s.Session, s.Tenant); err != nil {
		return err
	}
	if !s.loggedIn() {
		kind := events.LoginSucceeded
		if t.Silent() {
			kind = events.SilentAuthSucceeded
		}
		f.Events.Record(r.Context(), f.event(r, kind, t, s))
	}
	code := f.DB.SealCode(store.Code{
		TransactionID: t.ID,
		Issuer:        t.Issuer,
		ClientID:      t.ClientID,
		RedirectURI:   t.RedirectURI,
		Challenge:     t.Challenge,
		UserID:        s.User.ID,
		Connection:    s.User.Connection,
		SessionID:     s.Session.ID,
		Organization:  t.Organization,
		Audience:      t.Audience,
		Scope:         s.Scope,
		Nonce:         t.Nonce,
		AuthTime:      s.Session.AuthTime.Unix(),
		WantAuthTime:  t.MaxAge != nil || t.Asked(oauth.PromptLogin),
	})
	return f.respond(w, r, t, s.Client, "code", code, "state", t.State)
}

// Refuse writes the event of a refusal and ends the transaction with it.
func (f *Flow) Refuse(w http.ResponseWriter, r *http.Request, t *Transaction, cause error) error {
	e := problem.From(cause)
	f.recordRefusal(r, t, e)
	return f.End(w, r, t, e)
}

func (f *Flow) recordRefusal(r *http.Request, t *Transaction, e *problem.Error) {
	kind := events.LoginFailed
	switch {
	case t.Invitation != "":
		kind = events.InvitationFailed
	case t.Silent():
		kind = events.SilentAuthFailed
	}
	event := f.event(r, kind, t, nil)
	event.Details["error"], event.Details["error_description"] = e.Code, e.Message
	if e.Cause != nil {
		event.Details["reason"] = e.Cause.Error()
	}
	f.Events.Record(r.Context(), event)
}

// End ends the transaction with an error whose event is written: at the application where it may be told, otherwise on a
// page (by returning the error).
func (f *Flow) End(w http.ResponseWriter, r *http.Request, t *Transaction, e *problem.Error) error {
	m := web.MetaOf(r.Context())
	m.ID, m.ClientID = t.ID, t.ClientID
	client, err := f.DB.Client(r.Context(), t.ClientID)
	if e.NoRedirect || err != nil || mayAnswer(t, client) != nil {
		return e
	}
	m.Err = e
	return f.respond(w, r, t, client, "error", e.Code, "error_description", e.Public(t.ID), "state", t.State)
}

// event is stamped with the transaction; s may be nil.
func (f *Flow) event(r *http.Request, kind string, t *Transaction, s *Situation) store.Event {
	e := events.Of(r.Context(), kind)
	e.TransactionID, e.ClientID, e.Audience, e.Scope = t.ID, t.ClientID, t.Audience, t.Scope.String()
	if t.CorrelationID != "" {
		e.CorrelationID = t.CorrelationID
	}
	e.Details = map[string]any{}
	if len(t.Dropped) > 0 {
		e.Details["dropped_scope"] = t.Dropped.String()
	}
	if s != nil {
		e.ClientName = s.Client.Name
		if s.Organization != nil {
			e.OrganizationID, e.OrganizationName = s.Organization.ID, s.Organization.Name
		}
		if s.User != nil {
			e.UserID, e.UserName, e.Connection = s.User.ID, s.User.Email, s.User.Connection
		}
		if s.Session != nil {
			e.Details["session_id"] = s.Session.ID
		}
	}
	return e
}

// LoggedIn is the event of a login by credentials, for the transaction that begins its session.
func (f *Flow) LoggedIn(r *http.Request, s *Situation, user store.User, session store.Session) store.Event {
	e := f.event(r, events.LoginSucceeded, s.Transaction, s)
	e.UserID, e.UserName, e.Connection = user.ID, user.Email, user.Connection
	e.Details["session_id"] = session.ID
	return e
}
