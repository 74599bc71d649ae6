package explain

import (
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
)

// rule is one way in which a set-up goes wrong. Its first three fields say which event it is about: all that are set must
// fit. {words} in sentences are filled in from the event and from the rows that it names.
type rule struct {
	name    string
	types   string // of events, separated by spaces; empty: any
	says    string // the beginning of the public sentence
	reason  string // in the private reason
	when    func(*scene) bool
	check   string // the name of the check that failed
	cause   string
	mend    string
	setting string // resource and field, where a setting mends it
	// succeeds marks a transaction that ended well, but not as the application may expect.
	succeeds bool
}

func (r *rule) names(s *scene) bool {
	if r.succeeds != (s.code == "" && s.message == "") {
		return false
	}
	if r.types != "" && !contains(r.types, s.event.Type) {
		return false
	}
	return strings.HasPrefix(s.message, r.says) && strings.Contains(s.reason, r.reason) && (r.when == nil || r.when(s))
}

func contains(words, word string) bool { return strings.Contains(" "+words+" ", " "+word+" ") }

// The endpoints' lists of checks, in the order in which the server asks. A rule names the one that fails.
var (
	authorizeChecks = []string{
		checkApplication, checkCallback, checkMode, checkResponse, checkGrant, checkChallenge, checkType, checkAPI, checkParameters,
		checkConnection, checkOrganization, checkLogin, checkUser, checkConsent, checkConfirm,
	}
	passwordChecks    = []string{checkEnabled, checkAttack, checkIdentifier, checkPassword, checkUser}
	signupChecks      = []string{checkAttack, checkSignup, checkPolicy, checkUnique}
	codeChecks        = []string{checkBody, checkClientAuth, checkOrigin, checkGrant, checkType, checkCode, checkVerifier, checkOnce, checkUser, checkAPI, checkOrganization}
	refreshChecks     = []string{checkBody, checkClientAuth, checkOrigin, checkGrant, checkToken, checkRotation, checkLifetime, checkUser, checkAPI, checkOffline, checkAgreed, checkOrganization}
	credentialsChecks = []string{checkBody, checkClientAuth, checkGrant, checkAPI, checkClientGrant, checkOrganization}
	logoutChecks      = []string{checkApplication, checkLogoutURL}
)

const (
	checkApplication  = "the application exists and is enabled"
	checkCallback     = "redirect_uri is one of the application's Allowed Callback URLs"
	checkMode         = "response_mode fits the callback"
	checkResponse     = "response_type is code"
	checkGrant        = "the application has the grant type"
	checkChallenge    = "the PKCE challenge is S256 and there where it must be"
	checkType         = "the application's type may use PKCE without a secret"
	checkAPI          = "the audience is an API of the tenant"
	checkParameters   = "scope, prompt and max_age can be read"
	checkConnection   = "the connection serves the application"
	checkOrganization = "the organization lets them in"
	checkLogin        = "somebody is signed in, recently enough"
	checkUser         = "the user exists and is not blocked"
	checkConsent      = "the user agreed to the scopes"
	checkConfirm      = "a callback that any app could claim was confirmed"

	checkEnabled    = "the connection is enabled"
	checkAttack     = "neither the account nor the address failed too often"
	checkIdentifier = "there is a user of this name in the connection"
	checkPassword   = "the password is right"
	checkSignup     = "the connection allows sign-up"
	checkPolicy     = "the password satisfies the connection's policy"
	checkUnique     = "the address is not taken"

	checkBody        = "the body can be read"
	checkClientAuth  = "the application authenticates as it is set up to"
	checkOrigin      = "a page that asks is of an allowed origin"
	checkCode        = "the code was issued here, to this application, for this redirect_uri, and is in time"
	checkVerifier    = "the code_verifier is that of the code_challenge"
	checkOnce        = "the code was not used before"
	checkToken       = "the refresh token was issued here, to this application, and is not revoked"
	checkRotation    = "the refresh token is its family's newest, or its retry"
	checkLifetime    = "the refresh token is within its lifetimes"
	checkOffline     = "the API allows offline access"
	checkAgreed      = "the user's grant is still there"
	checkClientGrant = "the application has a client grant for the API"
	checkLogoutURL   = "the address to return to is one of the Allowed Logout URLs"
)

// passedBy is what an outcome of a type has passed.
func passedBy(typ string) []string {
	switch typ {
	case events.LoginSucceeded, events.SilentAuthSucceeded:
		return authorizeChecks
	case events.CodeExchanged:
		return codeChecks
	case events.RefreshExchanged:
		return refreshChecks
	case events.CredentialsExchanged:
		return credentialsChecks
	case events.SignupSucceeded:
		return signupChecks
	case events.LogoutSucceeded:
		return logoutChecks
	}
	return nil
}

// list is the list of checks that the event's endpoint asks; a failure before the grant type was known has the first of it.
func (r *rule) list(s *scene) []string {
	switch s.event.Type {
	case events.CodeExchangeFailed, events.CrossOriginRefused:
		return codeChecks
	case events.RefreshExchangeFailed, events.RefreshReused:
		return refreshChecks
	case events.CredentialsExchangeFailed:
		return credentialsChecks
	case events.SignupFailed:
		return signupChecks
	case events.LogoutFailed:
		return logoutChecks
	case events.LoginWrongPassword, events.LoginUnknownUser:
		return passwordChecks
	}
	for _, list := range [][]string{authorizeChecks, passwordChecks, codeChecks} {
		for _, name := range list {
			if name == r.check {
				return list
			}
		}
	}
	return nil
}

const (
	exchangesFailed = events.CodeExchangeFailed + " " + events.RefreshExchangeFailed + " " + events.CredentialsExchangeFailed
	loginsFailed    = events.LoginFailed + " " + events.SilentAuthFailed
)

// droppedOffline says that the application asked for a refresh token and will not get one.
func droppedOffline(s *scene) bool {
	dropped, _ := s.event.Details["dropped_scope"].(string)
	return contains(dropped, oauth.ScopeOfflineAccess)
}
