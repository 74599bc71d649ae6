package login

import (
	"errors"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// connection is the database connection that the transaction's login form is for, with sign-up as it is there.
func (h *Handlers) connection(r *http.Request, s *flow.Situation) (store.Connection, error) {
	name := connectionName(s)
	if name == "" {
		return store.Connection{}, errNoConnection
	}
	c, err := h.DB.Connection(r.Context(), name)
	c.Settings.DisableSignup = !s.SignupAllowed(c)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return c, errNoConnection.Because(err)
	case err == nil && c.Settings.Disabled:
		return c, errNoConnection.Because(errors.New("the connection is disabled"))
	}
	return c, err
}

// connectionName is the connection that /authorize was asked for, else the tenant's default, else the first of the
// organization or the application.
func connectionName(s *flow.Situation) string {
	app := s.Client.Settings
	if asked := s.Transaction.Connection; asked != "" {
		if !s.Allows(asked) { // not any more since /authorize
			return ""
		}
		return asked
	}
	if directory := s.Tenant.DefaultDirectory; directory != "" && s.Allows(directory) {
		return directory
	}
	if s.Organization != nil {
		for _, c := range s.Enabled {
			if c.Strategy == store.DatabaseStrategy && s.Allows(c.Name) {
				return c.Name
			}
		}
		return ""
	}
	if app.Connections == nil {
		return store.DefaultConnection
	}
	return append(app.Connections, "")[0]
}

var errNoConnection = problem.Explain(http.StatusForbidden, "access_denied", "No connection of this application can sign anybody in: enable one for it.").OnPage()

// passwordPath is the second of two pages, where the tenant asks for the identifier first.
const passwordPath = "/u/login/password"

func (h *Handlers) showLogin(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepLogin)
	if err != nil {
		return err
	}
	if r.URL.Path == passwordPath && s.Transaction.LoginHint == "" {
		http.Redirect(w, r, h.again(s, "/u/login"), http.StatusFound)
		return nil
	}
	if first, err := h.newHere(r, s); err != nil {
		return err
	} else if first {
		http.Redirect(w, r, h.again(s, "/u/signup"), http.StatusFound)
		return nil
	}
	return h.loginPage(w, r, s, http.StatusOK, Credentials{Username: s.Transaction.LoginHint})
}

// loginPage shows the form of the login: one page, or the one of two that the request is for.
func (h *Handlers) loginPage(w http.ResponseWriter, r *http.Request, s *flow.Situation, status int, c Credentials) error {
	conn, err := h.connection(r, s)
	if err != nil {
		return err
	}
	c = invited(s, c)
	sealed := h.Flow.Seal(s.Transaction, flow.StepLogin)
	if r.URL.Path == passwordPath {
		c.Form = Form{passwordPath, sealed}
		return h.show(w, r, status, s, LoginPassword{h.frame(s), c, h.again(s, "/u/login")})
	}
	c.Form = Form{"/u/login", sealed}
	signup := ""
	if !conn.Settings.DisableSignup && s.Invitation == nil { // who is invited is led to the page that is theirs
		signup = h.again(s, "/u/signup")
	}
	first, err := h.DB.IdentifierFirst(r.Context())
	if err != nil {
		return err
	}
	if first {
		return h.show(w, r, status, s, LoginID{h.frame(s), c, signup})
	}
	return h.show(w, r, status, s, Login{h.frame(s), c, signup})
}

// typed reads the two fields of the form.
func typed(form oauth.Params) (c Credentials, password string) {
	c.Username, password = web.Clip(strings.TrimSpace(form.Get("username")), 254), form.Get("password")
	if c.Username == "" {
		c.UsernameProblem = EmailMissing
	}
	if password == "" {
		c.PasswordProblem = PasswordMissing
	}
	return c, password
}

func (h *Handlers) login(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepLogin)
	if err != nil {
		return err
	}
	c, password := typed(form)
	c = invited(s, c)
	if !form.Has("password") && r.URL.Path != passwordPath && c.Username != "" {
		return h.askPassword(w, r, s, c.Username)
	}
	if c.Failed() {
		if !form.Has("password") { // that page has no field for it
			c.PasswordProblem = ""
		}
		return h.loginPage(w, r, s, http.StatusBadRequest, c)
	}
	conn, err := h.connection(r, s)
	if err != nil {
		return err
	}
	user, err := h.Users.Authenticate(r.Context(), conn, c.Username, password)
	if err != nil {
		return h.loginFailed(w, r, s, c, err)
	}
	return h.signIn(w, r, s, user)
}

// askPassword goes on to the second page. Nothing is looked up: the page is the same for every identifier.
func (h *Handlers) askPassword(w http.ResponseWriter, r *http.Request, s *flow.Situation, username string) error {
	s.Transaction.LoginHint = username
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, h.again(s, passwordPath), http.StatusSeeOther)
	return nil
}

// loginFailed shows the form again, or ends the transaction where another try is no use. The event is written.
func (h *Handlers) loginFailed(w http.ResponseWriter, r *http.Request, s *flow.Situation, c Credentials, err error) error {
	e := problem.From(err)
	switch e.Message {
	case oauth.WrongPassword().Message:
		c.Problem = WrongCredentials
		return h.loginPage(w, r, s, http.StatusBadRequest, c)
	case oauth.TooManyAttempts().Message:
		c.Problem = AccountBlocked
	case oauth.SuspiciousAddress().Message:
		c.Problem = AddressBlocked
	case oauth.UserBlocked().Message:
		return h.Flow.End(w, r, s.Transaction, e)
	default:
		return e.OnPage()
	}
	web.ErrorHeaders(w.Header(), e)
	return h.loginPage(w, r, s, http.StatusTooManyRequests, c)
}

// signIn begins the user's session and goes on. The session, the user's counters and the event are one write.
func (h *Handlers) signIn(w http.ResponseWriter, r *http.Request, s *flow.Situation, user store.User) error {
	var session store.Session
	var cookie string
	err := h.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if session, cookie, err = h.Sessions.Begin(r.Context(), tx, s.Session, user.ID, s.Tenant); err != nil {
			return err
		}
		if err := h.Users.Succeeded(r.Context(), tx, user); err != nil {
			return err
		}
		return tx.AddEvent(r.Context(), h.Flow.LoggedIn(r, s, user, session))
	})
	if err != nil {
		return err
	}
	h.Sessions.SetCookie(w, cookie, s.Tenant)
	s.Transaction.LoggedIn = session.ID
	return h.Flow.ContinueAs(w, r, s.Transaction, &session)
}

func (h *Handlers) showSignup(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepLogin)
	if err != nil {
		return err
	}
	return h.signupPage(w, r, s, http.StatusOK, Credentials{Username: s.Transaction.LoginHint}, nil)
}

func (h *Handlers) signupPage(w http.ResponseWriter, r *http.Request, s *flow.Situation, status int, c Credentials, report *identity.Report) error {
	conn, err := h.connection(r, s)
	if err != nil {
		return err
	}
	if conn.Settings.DisableSignup {
		return h.loginPage(w, r, s, http.StatusForbidden, Credentials{Username: c.Username, Problem: SignupRefused})
	}
	c = invited(s, c)
	c.Form = Form{"/u/signup", h.Flow.Seal(s.Transaction, flow.StepLogin)}
	p := Signup{Frame: h.frame(s), Credentials: c, Rules: rules(conn, report)}
	if s.Invitation == nil {
		p.LoginURL = h.again(s, "/u/login")
	}
	return h.show(w, r, status, s, p)
}

func (h *Handlers) signup(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepLogin)
	if err != nil {
		return err
	}
	c, password := typed(form)
	if c = invited(s, c); c.Failed() {
		return h.signupPage(w, r, s, http.StatusBadRequest, c, nil)
	}
	conn, err := h.connection(r, s)
	if err != nil {
		return err
	}
	user, err := h.Users.SignUp(r.Context(), conn, identity.SignUp{Email: c.Username, Password: password})
	if err != nil {
		return h.signupFailed(w, r, s, c, err)
	}
	return h.signIn(w, r, s, user)
}

// signupFailed shows the form again. A taken address is not told apart from other refusals.
func (h *Handlers) signupFailed(w http.ResponseWriter, r *http.Request, s *flow.Situation, c Credentials, err error) error {
	status := http.StatusBadRequest
	if e := problem.From(err); e.Status == http.StatusTooManyRequests {
		status = e.Status
		web.ErrorHeaders(w.Header(), e)
		c.Problem = AddressBlocked
		return h.signupPage(w, r, s, status, c, nil)
	}
	report := c.signupProblems(err)
	if !c.Failed() {
		return problem.From(err).OnPage()
	}
	return h.signupPage(w, r, s, status, c, report)
}

// signupProblems says at which field a refused sign-up is to be mended; it leaves c alone for what no form can mend.
func (c *Credentials) signupProblems(err error) *identity.Report {
	weak, isWeak := errors.AsType[*identity.WeakPassword](err)
	switch {
	case isWeak:
		c.PasswordProblem = PasswordWeak
		return &weak.Report
	case errors.Is(err, identity.ErrEmail):
		c.UsernameProblem = EmailInvalid
	case errors.Is(err, identity.ErrUserExists), errors.Is(err, identity.ErrSignupDisabled):
		c.Problem = SignupRefused
	}
	return nil
}

// rules are the connection's password policy; a report adds what the tried password did not meet.
func rules(conn store.Connection, report *identity.Report) []Rule {
	tried := report != nil
	if !tried {
		blank := identity.Check(conn.Settings, "", store.User{})
		report = &blank
	}
	all := pageRules(report.Rules, tried)
	add := func(code RuleCode, broken bool) {
		all = append(all, Rule{Code: code, State: state(tried, !broken)})
	}
	if on := conn.Settings.Dictionary; on == nil || *on {
		add(RuleNotCommon, report.Common)
	}
	if on := conn.Settings.NoPersonalInfo; on == nil || *on {
		add(RuleNotPersonal, report.Personal)
	}
	return all
}

func pageRules(from []identity.Rule, tried bool) (all []Rule) {
	for _, r := range from {
		p := Rule{Code: RuleCode(r.Code), State: state(tried, r.Verified), Items: pageRules(r.Items, tried)}
		if len(r.Format) > 0 {
			p.N, _ = r.Format[0].(int)
		}
		all = append(all, p)
	}
	return all
}

func state(tried, met bool) RuleState {
	switch {
	case !tried:
		return RuleOpen
	case met:
		return RuleMet
	}
	return RuleFailed
}
