package authorize

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// pageChecks come before the redirect_uri may be trusted: their refusals are pages.
var pageChecks = []check{
	tenant,
	knownClient,
	allowedCallback,
	responseMode,
}

// redirectChecks come after: their refusals are told to the application.
var redirectChecks = []check{
	opaqueValues,
	responseType,
	noRequestObject,
	codeGrant,
	challenge,
	challengeAlone,
	audience,
	scope,
	offlineAccess,
	prompt,
	maxAge,
	connection,
	acrValues,
	organization,
	fits,
}

func tenant(ctx context.Context, q *request) error {
	t, err := q.endpoint.DB.Tenant(ctx)
	q.tenant = t.Settings
	return err
}

func knownClient(ctx context.Context, q *request) error {
	id := q.params.Get("client_id")
	if id == "" {
		return oauth.MissingParameter("client_id")
	}
	client, err := q.endpoint.DB.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return oauth.UnknownClient(id)
	}
	if err == nil && client.Settings.Disabled {
		return oauth.UnknownClient(id).Because(errors.New("the application is disabled"))
	}
	q.client, q.t.ClientID = client, client.ID
	return err
}

func allowedCallback(_ context.Context, q *request) error {
	uri := q.params.Get("redirect_uri")
	if uri == "" {
		return oauth.MissingParameter("redirect_uri")
	}
	// Auth0 drops a fragment before it compares (spec section 25.1); RFC 6749 section 3.1.2 forbids one. It is refused.
	if !oauth.MatchCallback(q.client.Settings.Callbacks, uri) {
		return oauth.CallbackMismatch(uri)
	}
	q.t.RedirectURI = uri
	return nil
}

func responseMode(_ context.Context, q *request) error {
	mode := q.params.Get("response_mode")
	switch mode {
	case "":
		mode = defaultMode(q.params.Get("response_type"))
	case oauth.ResponseModeQuery, oauth.ResponseModeFragment:
	case oauth.ResponseModeFormPost:
		if oauth.CustomScheme(q.t.RedirectURI) {
			return refuse("response_mode=form_post needs an http or https redirect_uri: use query for custom schemes.")
		}
	case oauth.ResponseModeWebMessage:
		origin, ok := oauth.Origin(q.t.RedirectURI)
		if !ok || !oauth.MatchOrigin(q.client.Settings.WebOrigins, origin) {
			return problem.Explain(http.StatusForbidden, "invalid_request", "response_mode=web_message answers only origins in the application's Allowed Web Origins: add the origin of the redirect_uri there.")
		}
	default:
		return refuse("response_mode must be query, fragment, form_post or web_message.")
	}
	q.t.ResponseMode = mode
	return nil
}

// defaultMode is how an application that asked for a token in the front channel awaits the refusal (OAuth 2.0 Multiple
// Response Type Encoding Practices section 5).
func defaultMode(responseType string) string {
	for word := range strings.FieldsSeq(responseType) {
		if word == oauth.ResponseTypeToken || word == oauth.ResponseTypeIDToken {
			return oauth.ResponseModeFragment
		}
	}
	return oauth.ResponseModeQuery
}

// opaqueValues bounds what is carried through the transaction unread, since all of it travels in a URL.
func opaqueValues(_ context.Context, q *request) error {
	if q.t.State = q.params.Get("state"); len(q.t.State) > 2048 {
		q.t.State = ""
		return refuse("The parameter state is over 2048 bytes.")
	}
	for _, name := range []string{"nonce", "audience", "resource"} {
		if len(q.params.Get(name)) > 600 {
			return refuse("The parameter " + name + " is over 600 bytes.")
		}
	}
	if len(q.params.Get("scope")) > 2048 {
		return refuse("The parameter scope is over 2048 bytes.")
	}
	q.t.Nonce = q.params.Get("nonce")
	q.t.CorrelationID = web.Correlation(q.params.Get("correlation_id"))
	for name, into := range map[string]*string{
		"login_hint": &q.t.LoginHint, "ui_locales": &q.t.UILocales, "screen_hint": &q.t.ScreenHint,
	} {
		if v := q.params.Get(name); len(v) <= 256 { // a hint that is too long is no help, and no reason to refuse
			*into = v
		}
	}
	return nil
}

func responseType(_ context.Context, q *request) error {
	switch v := q.params.Get("response_type"); v {
	case oauth.ResponseTypeCode:
		return nil
	case "":
		return oauth.MissingParameter("response_type")
	default:
		return oauth.UnsupportedResponseType(v)
	}
}

// noRequestObject: OpenID Connect Core section 3.1.2.6 wants these two refused by name, not ignored.
func noRequestObject(_ context.Context, q *request) error {
	for _, name := range []string{"request", "request_uri"} {
		if q.params.Has(name) {
			return problem.Explain(http.StatusBadRequest, name+"_not_supported", "The parameter "+name+" is not supported: send the parameters themselves.")
		}
	}
	return nil
}

func codeGrant(_ context.Context, q *request) error {
	if !q.client.Settings.AllowsGrant(oauth.GrantAuthorizationCode) {
		return oauth.GrantNotAllowed(oauth.GrantAuthorizationCode)
	}
	return nil
}

func challenge(_ context.Context, q *request) error {
	q.t.Challenge = q.params.Get("code_challenge")
	return oauth.CheckChallenge(q.t.Challenge, q.params.Get("code_challenge_method"))
}

// challengeAlone is the seed's rule: without client authentication a code is protected by PKCE, and only for the
// application types that the tenant lists. It is refused here already, before anybody types a password.
func challengeAlone(_ context.Context, q *request) error {
	s := q.client.Settings
	if s.TokenEndpointAuthMethod != oauth.AuthNone {
		return nil
	}
	if q.t.Challenge == "" {
		return refuse("This application has no client authentication, so it must use PKCE: send code_challenge and code_challenge_method=S256.")
	}
	if !q.tenant.PKCEAlone(s.AppType) {
		return oauth.PKCENotForType(s.AppType)
	}
	return nil
}

func audience(ctx context.Context, q *request) error {
	identifier := q.params.Get("audience")
	if identifier == "" {
		identifier = q.params.Get("resource")
	}
	if identifier == "" {
		identifier = q.tenant.DefaultAudience
	}
	if identifier == "" || identifier == q.endpoint.Issuer+"userinfo" {
		return nil
	}
	api, err := q.endpoint.DB.API(ctx, identifier)
	if errors.Is(err, store.ErrNotFound) {
		return oauth.ServiceNotFound(identifier)
	}
	if err == nil && api.Settings.Disabled {
		return oauth.ServiceNotFound(identifier).Because(errors.New("the API is disabled"))
	}
	q.api, q.t.Audience = &api, identifier
	return err
}

// scope drops in silence what neither OpenID nor the API knows (spec section 22.2).
func scope(_ context.Context, q *request) error {
	asked, err := oauth.ParseScope(q.params.Get("scope"))
	if err != nil {
		return err
	}
	ofIdentity := oauth.IdentityScopes()
	for _, s := range asked {
		ofAPI := q.api != nil && slices.ContainsFunc(q.api.Scopes, func(a store.APIScope) bool { return a.Value == s })
		if ofAPI || ofIdentity.Has(s) {
			q.t.Scope = append(q.t.Scope, s)
		}
	}
	return nil
}

// offlineAccess is dropped in silence where no refresh token can come of it (spec section 23.1), so that consent does not
// ask for it and the answer's scope is true.
func offlineAccess(_ context.Context, q *request) error {
	if asked, err := oauth.ParseScope(q.params.Get("scope")); err == nil && asked.Has("online_access") && asked.Has(oauth.ScopeOfflineAccess) {
		return oauth.OnlineAndOffline()
	}
	possible := q.client.Settings.AllowsGrant(oauth.GrantRefreshToken) && (q.api == nil || q.api.Settings.AllowOfflineAccess)
	if !possible && q.t.Scope.Has(oauth.ScopeOfflineAccess) {
		q.t.Dropped = oauth.Scope{oauth.ScopeOfflineAccess}
		q.t.Scope = q.t.Scope.Without(oauth.ScopeOfflineAccess)
	}
	return nil
}

func prompt(_ context.Context, q *request) error {
	known := []string{oauth.PromptNone, oauth.PromptLogin, oauth.PromptConsent, oauth.PromptSelectAccount}
	for p := range strings.FieldsSeq(q.params.Get("prompt")) {
		if !slices.Contains(known, p) {
			return refuse("prompt must be none, login, consent or select_account.")
		}
		if !q.t.Asked(p) {
			q.t.Prompt = append(q.t.Prompt, p)
		}
	}
	if q.t.Silent() && len(q.t.Prompt) > 1 {
		return refuse("prompt=none cannot be combined with another prompt.")
	}
	return nil
}

func maxAge(_ context.Context, q *request) error {
	v := q.params.Get("max_age")
	if v == "" {
		return nil
	}
	seconds, err := strconv.ParseInt(v, 10, 32)
	if err != nil || seconds < 0 {
		return refuse("max_age must be a number of seconds, 0 or more.")
	}
	q.t.MaxAge = &seconds
	return nil
}

func connection(ctx context.Context, q *request) error {
	name := q.params.Get("connection")
	if name == "" {
		return nil
	}
	c, err := q.endpoint.DB.Connection(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || c.Settings.Disabled || !q.client.Settings.AllowsConnection(name) {
		return problem.Explain(http.StatusBadRequest, "invalid_request", "the connection was not found")
	}
	q.t.Connection = name
	return nil
}

func acrValues(_ context.Context, q *request) error {
	for _, v := range strings.Fields(q.params.Get("acr_values")) {
		if allowed := q.tenant.ACRValuesSupported; len(allowed) > 0 && !slices.Contains(allowed, v) {
			return refuse("acr_values has a value that the tenant does not allow.")
		}
	}
	return nil
}

// organization finds the one that is asked for, by id or by name where the tenant lets names be used; whether the
// application may ask for it is the flow's to say. An invitation is to an organization.
func organization(ctx context.Context, q *request) error {
	named, invitation := q.params.Get("organization"), q.params.Get("invitation")
	if named == "" && invitation != "" {
		return refuse("The parameter invitation must come with organization.")
	}
	if named == "" {
		return nil
	}
	o, err := q.endpoint.DB.OrganizationNamed(ctx, named, q.tenant.OrganizationNames)
	if errors.Is(err, store.ErrNotFound) {
		return oauth.OrganizationInvalid(named)
	}
	if len(invitation) > 64 {
		return oauth.InvitationGone()
	}
	q.t.Organization, q.t.Invitation = o.ID, invitation
	return err
}

// fits: each value is bounded above, but control characters and quotation marks grow when they are sealed.
func fits(_ context.Context, q *request) error {
	if q.endpoint.Flow.Fits(q.t) {
		return nil
	}
	return refuse("The parameters are too long together, or have too many control characters: shorten state.")
}

func refuse(sentence string) *problem.Error {
	return problem.Explain(http.StatusBadRequest, "invalid_request", sentence)
}
