package oauth_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/web/problem"
)

// TestSentences is a second copy on purpose: these are compared byte for byte by SDKs.
func TestSentences(t *testing.T) {
	tests := []struct {
		e      *problem.Error
		status int
		code   string
		text   string
		strict int
		word   string // the code that a strict application gets
	}{
		{oauth.InvalidCode(), 403, "invalid_grant", "Invalid authorization code", 400, "invalid_grant"},
		{oauth.VerifierFailed(), 403, "invalid_grant", "Failed to verify code verifier", 400, "invalid_grant"},
		{oauth.Unauthorized(), 401, "access_denied", "Unauthorized", 401, "invalid_client"},
		{oauth.InvalidRefreshToken(), 403, "invalid_grant", "Unknown or invalid refresh token.", 400, "invalid_grant"},
		{oauth.UserGone(), 403, "invalid_grant", "The refresh_token was generated for a user who doesn't exist anymore.", 400, "invalid_grant"},
		{oauth.UserBlocked(), 401, "unauthorized", "user is blocked", 400, "invalid_grant"},
		{oauth.WrongPassword(), 403, "invalid_grant", "Wrong email or password.", 400, "invalid_grant"},
		{oauth.GrantNotAllowed("password"), 403, "unauthorized_client", "Grant type 'password' not allowed for the client.", 400, "unauthorized_client"},
		{oauth.UnsupportedGrant("x"), 403, "unsupported_grant_type", "Unsupported grant type: x", 400, "unsupported_grant_type"},
		{oauth.MissingParameter("code"), 400, "invalid_request", "Missing required parameter: code", 400, "invalid_request"},
		{oauth.DuplicateParameter("code"), 400, "invalid_request", "Duplicate parameter: code", 400, "invalid_request"},
		{oauth.ScopeNotText(), 400, "invalid_scope", "Scope must be an array or a string", 400, "invalid_scope"},
		{oauth.ServiceNotEnabled("https://a/"), 403, "access_denied", "Service not enabled within domain: https://a/", 400, "access_denied"},
		{oauth.NotAuthorizedFor("c", "https://a/"), 403, "unauthorized_client", `Client "c" is not authorized to access resource server "https://a/".`, 400, "unauthorized_client"},
		{oauth.LoginRequired(), 403, "login_required", "Login required", 400, "login_required"},
		{oauth.FactorRequired(), 403, "login_required", "Multifactor authentication required", 400, "login_required"},
		{oauth.TooManyAttempts(), 429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it.", 429, "too_many_attempts"},
		{oauth.SuspiciousAddress(), 429, "too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.", 429, "too_many_attempts"},
		{oauth.PasswordLeaked(), 401, "password_leaked", "This login attempt has been blocked because the password you're using was previously disclosed through a data breach (not in this application). Please check your email for more information.", 401, "password_leaked"},
		{oauth.OnlineAndOffline(), 400, "invalid_request", "Cannot request both online_access and offline_access scopes", 400, "invalid_request"},
	}
	for _, tt := range tests {
		if tt.e.Status != tt.status || tt.e.Code != tt.code || tt.e.Public("tx_1") != tt.text {
			t.Errorf("got %d %s %q, want %d %s %q", tt.e.Status, tt.e.Code, tt.e.Public("tx_1"), tt.status, tt.code, tt.text)
		}
		if s := oauth.Strict(tt.e); s.Status != tt.strict || s.Code != tt.word {
			t.Errorf("strictly %q is %d %s, want %d %s", tt.text, s.Status, s.Code, tt.strict, tt.word)
		}
		if tt.e.Status != tt.status || tt.e.Code != tt.code {
			t.Errorf("Strict changed its argument to %d %s", tt.e.Status, tt.e.Code)
		}
	}
}

func TestPageErrors(t *testing.T) {
	for _, e := range []*problem.Error{oauth.UnknownClient("x"), oauth.CallbackMismatch("https://evil.com/"), oauth.LogoutMismatch("https://evil.com/")} {
		if !e.NoRedirect {
			t.Errorf("%q may be sent to a callback", e.Message)
		}
	}
	if e := oauth.CallbackMismatch("https://evil.com/"); strings.Contains(e.Message, "evil") || !strings.Contains(e.Error(), "evil") {
		t.Errorf("the URI belongs into the log only: %q, %q", e.Message, e.Error())
	}
}

func TestEchoesAreBounded(t *testing.T) {
	huge := strings.Repeat("é", 30_000)
	for _, e := range []*problem.Error{
		oauth.GrantNotAllowed(huge), oauth.UnsupportedGrant(huge), oauth.ServiceNotEnabled(huge), oauth.ServiceNotFound(huge), oauth.NoClientGrant(huge),
		oauth.NotAuthorizedFor(huge, huge), oauth.UnknownClient(huge), oauth.CallbackMismatch(huge), oauth.LogoutMismatch(huge), oauth.DuplicateParameter(huge),
	} {
		if len(e.Error()) > 1000 || !utf8.ValidString(e.Error()) {
			t.Errorf("%s echoes %d bytes", e.Code, len(e.Error()))
		}
	}
}
