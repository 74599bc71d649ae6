package oauth

// Grant types, as in the grant_type parameter and in an application's grant_types.
const (
	GrantAuthorizationCode = "authorization_code"
	GrantRefreshToken      = "refresh_token"
	GrantClientCredentials = "client_credentials"
	GrantImplicit          = "implicit"
	GrantPassword          = "password"
	GrantPasswordRealm     = "http://auth0.com/oauth/grant-type/password-realm"
	GrantPasswordlessOTP   = "http://auth0.com/oauth/grant-type/passwordless/otp"
	GrantDeviceCode        = "urn:ietf:params:oauth:grant-type:device_code"
	GrantTokenExchange     = "urn:ietf:params:oauth:grant-type:token-exchange"
)

// Response types of /authorize.
const (
	ResponseTypeCode    = "code"
	ResponseTypeToken   = "token"
	ResponseTypeIDToken = "id_token"
)

// Response modes of /authorize.
const (
	ResponseModeQuery      = "query"
	ResponseModeFragment   = "fragment"
	ResponseModeFormPost   = "form_post"
	ResponseModeWebMessage = "web_message"
)

// Prompts of OpenID Connect Core section 3.1.2.1.
const (
	PromptNone          = "none"
	PromptLogin         = "login"
	PromptConsent       = "consent"
	PromptSelectAccount = "select_account"
)

// ScreenHintSignup asks for the sign-up page in place of the login page.
const ScreenHintSignup = "signup"

// MethodS256 is the only code_challenge_method accepted.
const MethodS256 = "S256"

// Scopes with a meaning of their own.
const (
	ScopeOpenID        = "openid"
	ScopeProfile       = "profile"
	ScopeEmail         = "email"
	ScopeAddress       = "address"
	ScopePhone         = "phone"
	ScopeOfflineAccess = "offline_access"
)

// Ways in which an application proves itself (token_endpoint_auth_method).
const (
	AuthNone          = "none"
	AuthSecretPost    = "client_secret_post"
	AuthSecretBasic   = "client_secret_basic"
	AuthPrivateKeyJWT = "private_key_jwt"
)

// Application types (app_type).
const (
	AppNative         = "native"
	AppSPA            = "spa"
	AppRegularWeb     = "regular_web"
	AppNonInteractive = "non_interactive"
)

// TokenTypeBearer is the token_type of every answer that is not bound to a key.
const TokenTypeBearer = "Bearer"
