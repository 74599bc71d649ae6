// Package login is universal login: the pages a person sees between /authorize and the application's callback.
//
// A page is a struct with documented fields plus the template of the same name; [Views.Render] turns it into HTML in one of
// the embedded languages. Pages are plain forms that work without JavaScript; login.js only adds comfort. What holds for
// every page: the text is escaped by html/template, nothing inline needs 'unsafe-inline' (see policy), nothing is loaded
// from another host but logos, the tenant's background and its font, and no sentence tells whether an account exists.
//
// What a tenant says about its pages ([Dress]) is read when a page is shown, so that it is in force at the next one.
package login

import "github.com/proofkey/proofkey/store"

// Page is one screen. The set is closed: each page names its template.
type Page interface {
	name() string
	frame() Frame
}

// Frame is what surrounds every page.
type Frame struct {
	// AppName is the application that asked, AppID its id; empty where no application is known.
	AppName, AppID string
	// OrgName is the organization that is signed in to; empty where there is none. Branding is its own, or nil.
	OrgName  string
	Branding *store.OrganizationBranding
	// LogoURI is the application's logo: https, a path on this host, or a data:image URI. Anything else is not shown.
	LogoURI string
	// TenantName is the tenant's friendly name, or its domain.
	TenantName string
	// TransactionID is shown on error pages and lets login.js recognise its own handover (see [HandedOver]).
	TransactionID string
	// Handover says that the callback of this transaction leaves the browser (custom scheme), so the tab may stay behind.
	Handover bool
}

func (f Frame) frame() Frame { return f }

// Form is where a page's form goes and the sealed transaction that it carries.
type Form struct {
	// PostTo is the path of the form; empty means the URL the page was read from, which keeps reload and back working.
	PostTo string
	// State is the value of the hidden field `state`.
	State string
}

func (Form) postsHere() {}

// Problem is the reason why a form is shown again; the text is the locale's `problem.*`.
type Problem string

// The reasons. WrongCredentials, AccountBlocked and AddressBlocked must be answered alike for known and unknown accounts.
const (
	WrongCredentials Problem = "wrong_credentials"
	AccountBlocked   Problem = "account_blocked"
	AddressBlocked   Problem = "address_blocked"
	SessionExpired   Problem = "session_expired"
	SignupRefused    Problem = "signup_refused"
	EmailMissing     Problem = "email_missing"
	EmailInvalid     Problem = "email_invalid"
	PasswordMissing  Problem = "password_missing"
	PasswordWeak     Problem = "password_weak"

	OrganizationMissing Problem = "organization_missing"
	OrganizationUnknown Problem = "organization_unknown"
)

// Credentials is the form with an email address and a password.
type Credentials struct {
	Form
	// Username fills the field `username`: login_hint, or what was sent before. Passwords are never sent back.
	Username string
	// Fixed says that the username is not to be changed.
	Fixed bool
	// Problem concerns the form as a whole; the other two a field.
	Problem, UsernameProblem, PasswordProblem Problem
}

// Failed tells whether the page must open with its error summary.
func (c Credentials) Failed() bool {
	return c.Problem != "" || c.UsernameProblem != "" || c.PasswordProblem != ""
}

// UsernameInvalid and PasswordInvalid decide aria-invalid: wrong credentials put both fields in doubt, never one of them.
func (c Credentials) UsernameInvalid() bool {
	return c.UsernameProblem != "" || c.Problem == WrongCredentials
}

// PasswordInvalid: see UsernameInvalid.
func (c Credentials) PasswordInvalid() bool {
	return c.PasswordProblem != "" || c.Problem == WrongCredentials
}

// RuleCode is a rule of the password policy; the text is the locale's `rule.*`.
type RuleCode string

// The rules, named as in the API's PasswordStrengthError where it has the same one.
const (
	RuleLength      RuleCode = "lengthAtLeast"   // N characters
	RuleMaxLength   RuleCode = "lengthAtMost"    // N characters
	RuleSomeOf      RuleCode = "containsAtLeast" // N of the Items
	RuleAllOf       RuleCode = "shouldContain"   // all Items
	RuleLower       RuleCode = "lowerCase"
	RuleUpper       RuleCode = "upperCase"
	RuleNumber      RuleCode = "numbers"
	RuleSpecial     RuleCode = "specialCharacters"
	RuleIdentical   RuleCode = "identicalChars" // at most N in a row
	RuleNotCommon   RuleCode = "notCommon"
	RuleNotPersonal RuleCode = "notPersonal"
	RuleNotRecent   RuleCode = "notRecent" // not one of the last N
)

// RuleState is what is known about a rule: nothing before the first try.
type RuleState string

// The states of a rule.
const (
	RuleOpen   RuleState = ""
	RuleMet    RuleState = "met"
	RuleFailed RuleState = "failed"
)

// Rule is one line of the password policy.
type Rule struct {
	Code  RuleCode
	N     int
	Items []Rule
	State RuleState
}

// Account is the person a browser session belongs to.
type Account struct {
	// Name may be empty; Email identifies the account on the page.
	Name, Email string
}

// Login asks for email and password.
type Login struct {
	Frame
	Credentials
	// SignupURL leads to the signup page of this transaction; empty where signup is closed.
	SignupURL string
}

// LoginID asks for the email only; the password has a page of its own.
type LoginID struct {
	Frame
	Credentials
	// SignupURL leads to the signup page of this transaction; empty where signup is closed.
	SignupURL string
}

// LoginPassword asks for the password of the email that was given before.
type LoginPassword struct {
	Frame
	Credentials // Username is shown, and cannot be changed here
	// ChangeURL leads back to the page that asks for the email.
	ChangeURL string
}

// Signup makes an account.
type Signup struct {
	Frame
	Credentials
	Rules []Rule
	// LoginURL leads back to the login page of this transaction.
	LoginURL string
}

// Consent asks whether the application may have the scopes. Fields: action = accept | deny.
type Consent struct {
	Frame
	Form
	Account Account
	// Identity are the OIDC scopes asked for, explained in the page's language: openid, profile, email, address, phone, offline_access.
	Identity []string
	APIs     []ScopeGroup
}

// ScopeGroup is what is asked of one API.
type ScopeGroup struct {
	// Name is the API's name as the tenant wrote it.
	Name   string
	Scopes []Scope
}

// Scope is one permission in the words of the API, or several on one resource: "messages: read, write". Only one of its
// fields may be empty.
type Scope struct{ Value, Description string }

// Confirm asks before a signed-in browser is sent to a callback that cannot be verified (custom scheme, loopback).
// Fields: action = accept | deny | switch.
type Confirm struct {
	Frame
	Form
	Account Account
}

// SelectAccount answers prompt=select_account. Fields: action = accept | switch.
type SelectAccount struct {
	Frame
	Form
	Account Account
}

// Organization asks for the name of an organization. Field: organizationName.
type Organization struct {
	Frame
	Form
	Name    string
	Problem Problem
}

// Failed tells whether the page must open with its error summary.
func (o Organization) Failed() bool { return o.Problem != "" }

// OrganizationPicker lets the person choose one of their organizations. Field: organization, an id.
type OrganizationPicker struct {
	Frame
	Form
	Choices []Choice
}

// Choice is an organization to choose.
type Choice struct{ ID, Name, LogoURI string }

// LogoutConfirm asks before /oidc/logout ends a session that the request did not prove to know. Fields: action = accept | deny.
type LogoutConfirm struct {
	Frame
	Form
	Account Account
}

// SignedOut says that the session is over.
type SignedOut struct {
	Frame
	// ContinueURL leads back to the application, if it is known.
	ContinueURL string
}

// ErrorKind chooses title, text and advice of an [Error] page.
type ErrorKind string

// The kinds of error pages.
const (
	ErrorServer   ErrorKind = "server"    // our fault; the log has the reason under the id
	ErrorRequest  ErrorKind = "request"   // the application sent something that cannot be
	ErrorCallback ErrorKind = "callback"  // redirect_uri is not allowed
	ErrorExpired  ErrorKind = "expired"   // transaction lost, finished or too old
	ErrorDenied   ErrorKind = "denied"    // this person may not come in
	ErrorTooMany  ErrorKind = "too_many"  // limits
	ErrorNotFound ErrorKind = "not_found" // no such page
	ErrorLink     ErrorKind = "link"      // a single-use link that was used or is too old
)

// Error is a refusal that cannot be sent to the application.
type Error struct {
	Frame
	// Kind is ErrorServer when empty.
	Kind ErrorKind
	// Detail is the technical sentence, in English, for the developer of the application; may be empty.
	Detail string
	// ContinueURL leads to a place where the person can start anew; may be empty.
	ContinueURL string
}

// MobileCallback is what a browser shows at /mobile and at the apps' callback paths when the system did not hand them to the app.
type MobileCallback struct {
	Frame
	// OpenURL is the same answer on the application's own scheme, if one is registered.
	OpenURL string
}

// BootstrapAdmin makes the first administrator.
type BootstrapAdmin struct {
	Frame
	Credentials
	Rules []Rule
}

// ResetPassword is where a link to change a password leads.
type ResetPassword struct {
	Frame
	Credentials // Username is for password managers and cannot be changed
	Account     Account
	Rules       []Rule
	// Done says that the password was changed; there is no form any more.
	Done bool
	// ContinueURL leads back to the application when it is done, if it is known.
	ContinueURL string
}

// EmailVerification is where a link to verify an e-mail address leads.
type EmailVerification struct {
	Frame
	Form
	Account Account
	// Done says that the address was verified; there is no form any more.
	Done bool
	// ContinueURL leads back to the application when it is done, if it is known.
	ContinueURL string
}

// Index is the root page of a tenant.
type Index struct{ Frame }

// Param is one name and value of an authorization response.
type Param struct{ Name, Value string }

// FormPost answers response_mode=form_post: a form that sends itself.
type FormPost struct {
	Frame
	// RedirectURI has passed the redirect check; http and https only.
	RedirectURI string
	Params      []Param
}

// WebMessage answers response_mode=web_message.
type WebMessage struct {
	Frame
	// Origin is the registered web origin, the only one that may read the answer.
	Origin string
	// Response is code and state, or error, error_description and state.
	Response map[string]string
}

// person is whom the page is about.
func (p Consent) person() Account           { return p.Account }
func (p Confirm) person() Account           { return p.Account }
func (p LogoutConfirm) person() Account     { return p.Account }
func (p ResetPassword) person() Account     { return p.Account }
func (p EmailVerification) person() Account { return p.Account }
func (p LoginPassword) person() Account     { return Account{Email: p.Username} }

func (Login) name() string              { return "login" }
func (LoginID) name() string            { return "login_id" }
func (LoginPassword) name() string      { return "login_password" }
func (Signup) name() string             { return "signup" }
func (Consent) name() string            { return "consent" }
func (Confirm) name() string            { return "confirm" }
func (SelectAccount) name() string      { return "select_account" }
func (Organization) name() string       { return "organization" }
func (OrganizationPicker) name() string { return "organization_picker" }
func (LogoutConfirm) name() string      { return "logout_confirm" }
func (SignedOut) name() string          { return "signed_out" }
func (Error) name() string              { return "error" }
func (MobileCallback) name() string     { return "mobile_callback" }
func (BootstrapAdmin) name() string     { return "bootstrap_admin" }
func (ResetPassword) name() string      { return "reset_password" }
func (EmailVerification) name() string  { return "email_verification" }
func (Index) name() string              { return "index" }
func (FormPost) name() string           { return "form_post" }
func (WebMessage) name() string         { return "web_message" }
