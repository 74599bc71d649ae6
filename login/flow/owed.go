package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Situation is everything that decides what a transaction owes.
type Situation struct {
	Transaction *Transaction
	Tenant      store.TenantSettings
	Client      store.Client
	API         *store.API       // nil without an audience
	Session     *store.Session   // nil when nobody is signed in in this browser
	User        *store.User      // the session's user
	Connection  store.Connection // the user's
	// Organization is the one that is signed in to, or nil, with the connections by which that can be. Member says whether
	// the user is one; Invitation is what makes them one.
	Organization *store.Organization
	Enabled      []store.OrganizationConnection
	Member       bool
	Invitation   *store.Invitation
	Scope        oauth.Scope // what the application asked for and the user may grant
	Agreed       bool        // the user agreed before, for this application and audience
	Granted      oauth.Scope // to this
	Now          time.Time
}

// requirement is one reason to show a page: the step that mends it, and what prompt=none answers instead.
type requirement struct {
	step   Step
	reason string
	silent func() *problem.Error
	owed   func(s *Situation) bool
}

// Requirements are asked in order; the first that is owed is the next page. The reason goes to the log. When the proofs of
// who somebody is are there, they are admitted to the organization; then comes what they have to agree to.
var proofs = []requirement{
	{StepOrganization, "the application needs an organization", oauth.InteractionRequired, (*Situation).nameOwed},
	{StepSelect, "the application asked to choose the account", oauth.InteractionRequired, (*Situation).accountToSelect},
	{StepLogin, "nobody is signed in", oauth.LoginRequired, func(s *Situation) bool { return s.Session == nil }},
	{StepLogin, "the application asked for a login", oauth.LoginRequired, func(s *Situation) bool {
		return s.Transaction.Asked(oauth.PromptLogin) && !s.loggedIn()
	}},
	{StepLogin, "the login is older than max_age", oauth.LoginRequired, (*Situation).loginTooOld},
	{StepLogin, "the user's connection no longer signs anybody in", oauth.LoginRequired, (*Situation).connectionGone},
	{StepLogin, "the user's connection is not one of the application's and the organization's", oauth.LoginRequired, (*Situation).otherConnection},
	{StepLogin, "an invitation is accepted by a login", oauth.LoginRequired, func(s *Situation) bool { return s.Invitation != nil && !s.loggedIn() }},
	{StepLogin, "who is signed in is no member of the organization", oauth.LoginRequired, (*Situation).stranger},
	{StepPick, "the application needs an organization", oauth.InteractionRequired, (*Situation).choiceOwed},
}

var agreements = []requirement{
	{StepConsent, "the user has not agreed to the scopes", oauth.ConsentRequired, (*Situation).consentMissing},
	{StepConfirm, "the callback cannot be verified and no page was shown", oauth.InteractionRequired, (*Situation).unconfirmed},
}

// owes returns the first requirement that is not met, or nil.
func (s *Situation) owes(of []requirement) *requirement {
	for i := range of {
		if of[i].owed(s) {
			return &of[i]
		}
	}
	return nil
}

// loggedIn says whether the person proved who they are within this transaction.
func (s *Situation) loggedIn() bool {
	return s.Session != nil && s.Transaction.LoggedIn == s.Session.ID
}

func (s *Situation) accountToSelect() bool {
	t := s.Transaction
	return s.Session != nil && t.Asked(oauth.PromptSelectAccount) && t.Selected != s.Session.ID && !s.loggedIn()
}

func (s *Situation) loginTooOld() bool {
	t := s.Transaction
	if t.MaxAge == nil || s.loggedIn() {
		return false
	}
	return s.Now.Sub(s.Session.AuthTime) > time.Duration(*t.MaxAge)*time.Second || *t.MaxAge == 0
}

func (s *Situation) connectionGone() bool {
	return s.Connection.ID == "" || s.Connection.Settings.Disabled
}

func (s *Situation) otherConnection() bool {
	asked := s.Transaction.Connection
	return !s.Allows(s.User.Connection) || asked != "" && asked != s.User.Connection
}

// consentMissing follows spec section 28: an application of the tenant's own needs consent only for an API that does not
// skip it; a third party always.
func (s *Situation) consentMissing() bool {
	t := s.Transaction
	if t.Consented == s.Session.ID {
		return false
	}
	if t.Asked(oauth.PromptConsent) {
		return true
	}
	if !s.Client.Settings.ThirdParty && (s.API == nil || s.API.Settings.SkipConsent) {
		return false
	}
	return !s.Agreed || !s.Granted.Covers(s.Scope)
}

// unconfirmed follows spec section 29: single sign-on into a callback that any app can claim needs a gesture, which any
// page that this session answered is.
func (s *Situation) unconfirmed() bool {
	t := s.Transaction
	if oauth.Verifiable(t.RedirectURI) || s.loggedIn() || slices.Contains([]string{t.Selected, t.Consented, t.Confirmed}, s.Session.ID) {
		return false
	}
	if skip := s.Client.Settings.SkipConfirmation; skip != nil {
		return !*skip
	}
	skip := s.Tenant.SkipConfirmation
	return skip == nil || !*skip
}

// Known are the rows that /authorize has read when it hands over a transaction.
type Known struct {
	Tenant store.TenantSettings
	Client store.Client
	API    *store.API
}

// situation reads everything that decides, now: a setting changed since the last page is in force.
func (f *Flow) situation(ctx context.Context, t *Transaction, session *store.Session) (*Situation, error) {
	tenant, err := f.DB.Tenant(ctx)
	if err != nil {
		return nil, err
	}
	k := Known{Tenant: tenant.Settings}
	if k.Client, err = f.DB.Client(ctx, t.ClientID); err != nil {
		return nil, gone(err, oauth.UnknownClient(t.ClientID))
	}
	if k.Client.Settings.Disabled {
		return nil, oauth.UnknownClient(t.ClientID).Because(errors.New("the application is disabled"))
	}
	if t.Audience != "" {
		api, err := f.DB.API(ctx, t.Audience)
		if err != nil {
			return nil, gone(err, oauth.ServiceNotFound(t.Audience))
		}
		k.API = &api
	}
	return f.person(ctx, t, k, session)
}

// person adds to the known rows who is signed in, and what they agreed to.
func (f *Flow) person(ctx context.Context, t *Transaction, k Known, session *store.Session) (*Situation, error) {
	s := &Situation{Transaction: t, Tenant: k.Tenant, Client: k.Client, API: k.API, Session: session, Scope: t.Scope, Now: f.DB.Now()}
	if err := f.enter(ctx, s); err != nil || session == nil {
		return s, err
	}
	user, err := f.DB.User(ctx, session.UserID)
	if errors.Is(err, store.ErrNotFound) {
		s.Session = nil
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.User = &user
	if s.Organization != nil {
		if s.Member, err = f.DB.IsMember(ctx, t.Organization, user.ID); err != nil {
			return nil, err
		}
	}
	if s.API != nil && s.API.Settings.EnforcePolicies {
		permissions, err := f.DB.PermissionsFor(ctx, user.ID, t.Organization, s.API.ID)
		if err != nil {
			return nil, err
		}
		s.Scope = t.Scope.Permitted(permissions)
	}
	if s.Connection, err = f.DB.Connection(ctx, user.Connection); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	grant, err := f.DB.Grant(ctx, user.ID, t.ClientID, t.Audience)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	s.Agreed = err == nil
	s.Granted, err = oauth.ParseScope(grant.Scope)
	return s, err
}

// gone turns "not found" into the refusal that says so.
func gone(err error, refusal *problem.Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return refusal
	}
	return err
}
