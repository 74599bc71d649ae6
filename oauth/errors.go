package oauth

import (
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/proofkey/proofkey/web/problem"
)

// The sentences below are wire: SDKs compare status, code and text. They are changed only together with the golden tests.

// InvalidCode refuses a code that is unknown, spent, expired, of another application or for another redirect_uri.
func InvalidCode() *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_grant", "Invalid authorization code")
}

// VerifierFailed refuses a code_verifier that is missing or does not belong to the challenge.
func VerifierFailed() *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_grant", "Failed to verify code verifier")
}

// Unauthorized refuses an application that did not prove itself. Mobile SDKs look for this very word.
func Unauthorized() *problem.Error {
	return problem.New(http.StatusUnauthorized, "access_denied", "Unauthorized")
}

// InvalidRefreshToken refuses a refresh token that is unknown, revoked, expired or spent.
func InvalidRefreshToken() *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_grant", "Unknown or invalid refresh token.")
}

// UserGone refuses a refresh for a user that was deleted.
func UserGone() *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_grant", "The refresh_token was generated for a user who doesn't exist anymore.")
}

// UserBlocked refuses a user whom an administrator blocked.
func UserBlocked() *problem.Error {
	return problem.New(http.StatusUnauthorized, "unauthorized", "user is blocked")
}

// WrongPassword is the same for a user that does not exist.
func WrongPassword() *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_grant", "Wrong email or password.")
}

// PasswordLeaked refuses a password that is on a list of leaked ones.
func PasswordLeaked() *problem.Error {
	return problem.New(http.StatusUnauthorized, "password_leaked", "This login attempt has been blocked because the password you're using was previously disclosed through a data breach (not in this application). Please check your email for more information.")
}

// TooManyAttempts refuses a login to an account under attack.
func TooManyAttempts() *problem.Error {
	return problem.New(http.StatusTooManyRequests, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it.")
}

// SuspiciousAddress refuses a login from an address that failed too often.
func SuspiciousAddress() *problem.Error {
	return problem.New(http.StatusTooManyRequests, "too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.")
}

// TooManyRequests is the rate limit; the answer says when to come back.
func TooManyRequests(after time.Duration) *problem.Error {
	e := problem.New(http.StatusTooManyRequests, "too_many_requests", "Too many requests")
	e.RetryAfter = after
	return e
}

// GrantNotAllowed refuses a grant type that the application's list does not have.
func GrantNotAllowed(grant string) *problem.Error {
	return problem.New(http.StatusForbidden, "unauthorized_client", fmt.Sprintf("Grant type '%s' not allowed for the client.", shown(grant)))
}

// UnsupportedGrant refuses a grant type that the server does not know.
func UnsupportedGrant(grant string) *problem.Error {
	return problem.New(http.StatusForbidden, "unsupported_grant_type", "Unsupported grant type: "+shown(grant))
}

// UnsupportedResponseType refuses a response_type that the server does not know.
func UnsupportedResponseType(responseType string) *problem.Error {
	return problem.New(http.StatusNotImplemented, "unsupported_response_type", "Unsupported response type: "+shown(responseType))
}

// MissingParameter refuses a request that lacks a parameter.
func MissingParameter(name string) *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "Missing required parameter: "+name)
}

// DuplicateParameter refuses a parameter that was sent twice (RFC 6749 section 3.1).
func DuplicateParameter(name string) *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "Duplicate parameter: "+shown(name))
}

// ScopeNotText refuses a scope of another JSON type.
func ScopeNotText() *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_scope", "Scope must be an array or a string")
}

// OnlineAndOffline refuses a request for both kinds of refresh token.
func OnlineAndOffline() *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "Cannot request both online_access and offline_access scopes")
}

// ServiceNotEnabled refuses an unknown API at the token endpoint.
func ServiceNotEnabled(audience string) *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", "Service not enabled within domain: "+shown(audience))
}

// ServiceNotFound refuses an unknown API at /authorize.
func ServiceNotFound(audience string) *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", "Service not found: "+shown(audience))
}

// NoClientGrant refuses client_credentials for an API that the application has no client grant for.
func NoClientGrant(audience string) *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", fmt.Sprintf(
		`Client is not authorized to access "%s". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants`,
		shown(audience)))
}

// NotAuthorizedFor refuses an application at /authorize that may not ask for the API.
func NotAuthorizedFor(clientID, audience string) *problem.Error {
	return problem.New(http.StatusForbidden, "unauthorized_client", fmt.Sprintf(
		`Client "%s" is not authorized to access resource server "%s".`, shown(clientID), shown(audience)))
}

// LoginRequired answers prompt=none without a usable session.
func LoginRequired() *problem.Error {
	return problem.New(http.StatusForbidden, "login_required", "Login required")
}

// FactorRequired answers prompt=none when a second factor is owed; the single-page SDK steps up on this text.
func FactorRequired() *problem.Error {
	return problem.New(http.StatusForbidden, "login_required", "Multifactor authentication required")
}

// ConsentRequired answers prompt=none when the user has not agreed yet.
func ConsentRequired() *problem.Error {
	return problem.New(http.StatusForbidden, "consent_required", "Consent required")
}

// InteractionRequired answers prompt=none when a page would have to be shown for another reason.
func InteractionRequired() *problem.Error {
	return problem.New(http.StatusForbidden, "interaction_required", "Interaction required")
}

// OrganizationInvalid refuses an organization that does not exist, or that the application may not ask for.
func OrganizationInvalid(organization string) *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "parameter organization is invalid: "+shown(organization))
}

// OrganizationRequired refuses a request that names no organization where the application needs one.
func OrganizationRequired() *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "parameter organization is required for this client")
}

// NotMember refuses a user who is no member of the organization that they were to sign in to.
func NotMember(userID, organization string) *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", fmt.Sprintf("user %s is not part of the %s organization", userID, organization))
}

// NoOrganization refuses a user without any organization where the application needs one.
func NoOrganization() *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", "client requires organization membership, but user does not belong to any organization")
}

// InvitationGone refuses an invitation that was accepted or taken back, is too old or never was, or is to something else.
func InvitationGone() *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", "invitation not found or already used")
}

// InvitationOfAnother refuses who signed in with another e-mail address than the invited one.
func InvitationOfAnother() *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", "the invitation is for another email address")
}

// ConsentDeclined is the user's no.
func ConsentDeclined() *problem.Error {
	return problem.New(http.StatusForbidden, "access_denied", "User did not authorize the request")
}

// UnknownClient is shown on a page: there is no callback to trust.
func UnknownClient(clientID string) *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_request", "Unknown client: "+shown(clientID)).OnPage()
}

// CallbackMismatch is shown on a page; the log has the URI.
func CallbackMismatch(uri string) *problem.Error {
	return problem.New(http.StatusForbidden, "invalid_request", "The provided redirect_uri is not in the list of allowed callback URLs.").
		OnPage().Because(fmt.Errorf("%s is not in the list of allowed callback URLs", shown(uri)))
}

// LogoutMismatch is shown on a page.
func LogoutMismatch(returnTo string) *problem.Error {
	return problem.New(http.StatusBadRequest, "invalid_request", fmt.Sprintf(
		`The "returnTo" querystring parameter "%s" is not defined as a valid URL in "Allowed Logout URLs"`, shown(returnTo))).OnPage()
}

// Strict turns an error into what RFC 6749 section 5.2 prescribes, for applications with a compliance level: 400 in place
// of 403, and invalid_client where the application did not prove itself.
func Strict(e *problem.Error) *problem.Error {
	strict := *e
	switch {
	case e.Code == "access_denied" && e.Status == http.StatusUnauthorized:
		strict.Code = "invalid_client"
		strict.Message = "Client authentication failed"
	case e.Code == "unauthorized":
		strict.Status, strict.Code = http.StatusBadRequest, "invalid_grant"
	case e.Status == http.StatusForbidden, e.Code == "unsupported_response_type":
		strict.Status = http.StatusBadRequest
	}
	return &strict
}

// shown bounds what is echoed back to the sender.
func shown(s string) string {
	const most = 256
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// PKCENotForType refuses a code exchange by PKCE alone for an application type that the tenant does not list.
func PKCENotForType(appType string) *problem.Error {
	if appType == "" {
		appType = "unset"
	}
	return problem.Explain(http.StatusForbidden, "unauthorized_client", fmt.Sprintf(
		"PKCE without client authentication is for applications of the types in the tenant setting pkce_app_types, and this one's type is %s: make the application Native, add its type to pkce_app_types, or authenticate it with a secret.", shown(appType)))
}
