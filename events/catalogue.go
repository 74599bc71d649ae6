package events

// The types of events, named after what happened; the values are Auth0's codes.
const (
	LoginSucceeded      = "s"
	LoginFailed         = "f"
	LoginWrongPassword  = "fp"
	LoginUnknownUser    = "fu"
	SignupSucceeded     = "ss"
	SignupFailed        = "fs"
	SilentAuthSucceeded = "ssa"
	SilentAuthFailed    = "fsa"
	LogoutSucceeded     = "slo"
	LogoutFailed        = "flo"

	FederatedLogoutFailed = "federated_logout_failed"

	CodeExchanged             = "seacft"
	CodeExchangeFailed        = "feacft"
	RefreshExchanged          = "sertft"
	RefreshExchangeFailed     = "fertft"
	RefreshReused             = "ferrt"
	CredentialsExchanged      = "seccft"
	CredentialsExchangeFailed = "feccft"
	PasswordExchanged         = "sepft"
	PasswordExchangeFailed    = "fepft"
	OTPExchanged              = "seotpft"
	OTPExchangeFailed         = "feotpft"
	OOBExchanged              = "seoobft"
	OOBExchangeFailed         = "feoobft"
	RecoveryExchanged         = "sercft"
	RecoveryExchangeFailed    = "fercft"
	PasskeyOTPExchanged       = "sepkotpft"
	PasskeyOOBExchanged       = "sepkoobft"
	PasskeyRecoveryExchanged  = "sepkrcft"
	PasswordlessFailed        = "fepotpft"
	DeviceExchanged           = "sede"
	DeviceExchangeFailed      = "fede"
	DeviceActivationFailed    = "fdeaz"
	DeviceCancelled           = "fdeac"
	DeviceConfirmationFailed  = "fdecc"
	NativeSocialExchanged     = "sens"
	NativeSocialFailed        = "fens"
	CustomExchanged           = "secte"
	CustomExchangeFailed      = "fecte"
	OnBehalfOfExchanged       = "success_on_behalf_of_token_exchange"
	OnBehalfOfFailed          = "failed_on_behalf_of_token_exchange"
	VaultExchanged            = "seta"
	VaultExchangeFailed       = "feta"
	AssertionExchanged        = "idjag_exchange_succeeded"
	AssertionExchangeFailed   = "idjag_exchange_failed"
	BackchannelStarted        = "ciba_start_succeeded"
	BackchannelStartFailed    = "ciba_start_failed"
	BackchannelExchanged      = "ciba_exchange_succeeded"
	BackchannelExchangeFailed = "ciba_exchange_failed"
	TokenRevoked              = "srrt"
	PushedRequestFailed       = "fpar"

	BackchannelLogoutSucceeded = "oidc_backchannel_logout_succeeded"
	BackchannelLogoutFailed    = "oidc_backchannel_logout_failed"

	PasswordlessLinkSent    = "cls"
	PasswordlessCodeSent    = "cs"
	NotificationFailed      = "fn"
	CrossOriginSucceeded    = "scoa"
	CrossOriginFailed       = "fcoa"
	CrossOriginRefused      = "fco"
	PasswordChangeRequested = "scpr"
	PasswordChanged         = "scp"
	PasswordRequestFailed   = "fcpr"
	PasswordChangeFailed    = "fcp"
	VerificationSent        = "svr"
	EmailVerified           = "sv"
	VerificationSendFailed  = "fvr"
	EmailVerifyFailed       = "fv"

	AccountBlocked   = "limit_wc"
	AddressBlocked   = "limit_mu"
	LoginsTooQuick   = "limit_sul"
	AccountUnblocked = "ublkdu"
	PasswordLeaked   = "pwd_leak"
	SignupLeaked     = "signup_pwd_leak"
	ResetLeaked      = "reset_pwd_leak"

	FactorStarted        = "gd_start_auth"
	FactorSucceeded      = "gd_auth_succeed"
	FactorFailed         = "gd_auth_failed"
	FactorRejected       = "gd_auth_rejected"
	FactorSMSSent        = "gd_send_sms"
	FactorEnrolled       = "gd_enrollment_complete"
	FactorTooMany        = "gd_otp_rate_limit_exceed"
	FactorRecoveryFailed = "gd_recovery_failed"
	FactorRequired       = "mfar"

	RateLimited        = "api_limit"
	RateLimitNear      = "api_limit_warning"
	DeprecatedUsed     = "depnote"
	PasskeyStarted     = "passkey_challenge_started"
	PasskeyStartFailed = "passkey_challenge_failed"
	InvitationAccepted = "si"
	InvitationFailed   = "fi"
	OwnFactorSucceeded = "my_account_authentication_method_succeeded"
	OwnFactorFailed    = "my_account_authentication_method_failed"

	ManagementSucceeded = "sapi"
	ManagementFailed    = "fapi"
)

// catalogue describes each type; it is only read.
var catalogue = map[string]string{
	InvitationAccepted:         "Success Invite Accept",
	InvitationFailed:           "Failed Invite Accept",
	LoginSucceeded:             "Success Login",
	LoginFailed:                "Failed Login",
	LoginWrongPassword:         "Failed Login (Incorrect Password)",
	LoginUnknownUser:           "Failed Login (Invalid Email/Username)",
	SignupSucceeded:            "Success Signup",
	SignupFailed:               "Failed Signup",
	SilentAuthSucceeded:        "Success Silent Auth",
	SilentAuthFailed:           "Failed Silent Auth",
	LogoutSucceeded:            "Success Logout",
	LogoutFailed:               "Failed Logout",
	FederatedLogoutFailed:      "Failed Federated Logout",
	CodeExchanged:              "Success Exchange: Authorization Code for Access Token",
	CodeExchangeFailed:         "Failed Exchange: Authorization Code for Access Token",
	RefreshExchanged:           "Success Exchange: Refresh Token for Access Token",
	RefreshExchangeFailed:      "Failed Exchange: Refresh Token for Access Token",
	RefreshReused:              "Failed Exchange: Rotating Refresh Token Reused",
	CredentialsExchanged:       "Success Exchange: Client Credentials for Access Token",
	CredentialsExchangeFailed:  "Failed Exchange: Client Credentials for Access Token",
	PasswordExchanged:          "Success Exchange: Password for Access Token",
	PasswordExchangeFailed:     "Failed Exchange: Password for Access Token",
	OTPExchanged:               "Success Exchange: Password and OTP Challenge for Access Token",
	OTPExchangeFailed:          "Failed Exchange: Password and OTP Challenge for Access Token",
	OOBExchanged:               "Success Exchange: Password and OOB Challenge for Access Token",
	OOBExchangeFailed:          "Failed Exchange: Password and OOB Challenge for Access Token",
	RecoveryExchanged:          "Success Exchange: Password and MFA Recovery Code for Access Token",
	RecoveryExchangeFailed:     "Failed Exchange: Password and MFA Recovery Code for Access Token",
	PasskeyOTPExchanged:        "Success Exchange: Passkey and OTP Challenge for Access Token",
	PasskeyOOBExchanged:        "Success Exchange: Passkey and OOB Challenge for Access Token",
	PasskeyRecoveryExchanged:   "Success Exchange: Passkey and MFA Recovery Code for Access Token",
	PasswordlessFailed:         "Failed Exchange: Passwordless OTP for Access Token",
	DeviceExchanged:            "Success Exchange: Device Code for Access Token",
	DeviceExchangeFailed:       "Failed Exchange: Device Code for Access Token",
	DeviceActivationFailed:     "Failed Device Authorization Request",
	DeviceCancelled:            "User Canceled the Device Confirmation",
	DeviceConfirmationFailed:   "Failed Device Activation",
	NativeSocialExchanged:      "Success Exchange: Native Social Login",
	NativeSocialFailed:         "Failed Exchange: Native Social Login",
	CustomExchanged:            "Success Exchange: Custom Token Exchange",
	CustomExchangeFailed:       "Failed Exchange: Custom Token Exchange",
	OnBehalfOfExchanged:        "Success Exchange: On-Behalf-Of Token Exchange",
	OnBehalfOfFailed:           "Failed Exchange: On-Behalf-Of Token Exchange",
	VaultExchanged:             "Success Exchange: Token Vault",
	VaultExchangeFailed:        "Failed Exchange: Token Vault",
	AssertionExchanged:         "Success Exchange: Identity Assertion Grant",
	AssertionExchangeFailed:    "Failed Exchange: Identity Assertion Grant",
	BackchannelStarted:         "Client-Initiated Backchannel Authentication Started",
	BackchannelStartFailed:     "Client-Initiated Backchannel Authentication Not Started",
	BackchannelExchanged:       "Success Exchange: Client-Initiated Backchannel Authentication",
	BackchannelExchangeFailed:  "Failed Exchange: Client-Initiated Backchannel Authentication",
	TokenRevoked:               "Success Revocation: Refresh Token",
	PushedRequestFailed:        "Failed Pushed Authorization Request",
	BackchannelLogoutSucceeded: "Success OIDC Back-Channel Logout",
	BackchannelLogoutFailed:    "Failed OIDC Back-Channel Logout",
	PasswordlessLinkSent:       "Passwordless Login Link Sent",
	PasswordlessCodeSent:       "Passwordless Login Code Sent",
	NotificationFailed:         "Failed Sending Notification",
	CrossOriginSucceeded:       "Success Cross-Origin Authentication",
	CrossOriginFailed:          "Failed Cross-Origin Authentication",
	CrossOriginRefused:         "Origin Is Not in the Application's Allowed Origins",
	PasswordChangeRequested:    "Success Change Password Request",
	PasswordChanged:            "Success Change Password",
	PasswordRequestFailed:      "Failed Change Password Request",
	PasswordChangeFailed:       "Failed Change Password",
	VerificationSent:           "Success Verification Email Request",
	EmailVerified:              "Success Verification Email",
	VerificationSendFailed:     "Failed Verification Email Request",
	EmailVerifyFailed:          "Failed Verification Email",
	AccountBlocked:             "Blocked Account",
	AddressBlocked:             "Blocked IP Address",
	LoginsTooQuick:             "Too Many Logins of One User",
	AccountUnblocked:           "Released Account",
	PasswordLeaked:             "Breached Password on Login",
	SignupLeaked:               "Breached Password on Signup",
	ResetLeaked:                "Breached Password on Password Reset",
	FactorStarted:              "Second Factor Started",
	FactorSucceeded:            "Second Factor Succeeded",
	FactorFailed:               "Second Factor Failed",
	FactorRejected:             "Second Factor Rejected",
	FactorSMSSent:              "Second Factor SMS Sent",
	FactorEnrolled:             "Second Factor Enrolled",
	FactorTooMany:              "Too Many Second Factor Failures",
	FactorRecoveryFailed:       "Second Factor Recovery Failed",
	FactorRequired:             "Second Factor Required",
	RateLimited:                "Rate Limit Exceeded",
	RateLimitNear:              "Rate Limit Nearly Exceeded",
	DeprecatedUsed:             "Deprecated Feature Used",
	PasskeyStarted:             "Passkey Challenge Started",
	PasskeyStartFailed:         "Passkey Challenge Failed",
	OwnFactorSucceeded:         "Success My Account Authentication Method",
	OwnFactorFailed:            "Failed My Account Authentication Method",
	ManagementSucceeded:        "Success API Operation",
	ManagementFailed:           "Failed API Operation",
}

// Describe is the short text of a type, or empty when the catalogue does not have it.
func Describe(typ string) string { return catalogue[typ] }
