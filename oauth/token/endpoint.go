package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Endpoint is the token endpoint of one domain, with its neighbours.
type Endpoint struct {
	Issuer  string // with a trailing slash
	DB      *store.DB
	Keys    *keys.Ring
	Events  *events.Log
	Clients *clientauth.Authenticator
}

// Routes mounts the endpoints with their preflights.
func (e *Endpoint) Routes(mux *web.Mux) {
	for _, route := range []struct {
		path    string
		methods []string
		access  web.Access
		handler web.HandlerFunc
	}{
		{"/oauth/token", []string{http.MethodPost}, web.Client, e.token},
		{"/oauth/revoke", []string{http.MethodPost}, web.Client, e.revoke},
		{"/userinfo", []string{http.MethodGet, http.MethodPost}, web.Bearer, e.userinfo},
	} {
		for _, method := range route.methods {
			mux.Handle(method+" "+route.path, route.access, web.Handle(render, e.shared(route.handler)))
		}
		mux.Handle("OPTIONS "+route.path, web.Preflight, web.Handle(render, e.preflight(strings.Join(route.methods, ", "))))
	}
}

// grant is what differs between the grant types: who may have which tokens.
type grant interface {
	redeem(ctx context.Context, caller clientauth.Caller, p oauth.Params) (authorization, error)
}

// authorization is a grant's verdict.
type authorization struct {
	claims.Issuance
	// organization is the one that the tokens are for; nil for none.
	organization *store.Organization
	// plainScope leaves the scope out of the answer, because it is the default one.
	plainScope bool
	// save makes the outcome durable and returns the refresh token of the answer, or none. It runs once the tokens are
	// signed, and when it fails they are dropped.
	save func(ctx context.Context) (refreshToken string, err error)
}

// served is a grant type with the event of its failures.
type served struct {
	grantType string
	grant     grant
	failed    string
}

func (e *Endpoint) served() []served {
	return []served{
		{oauth.GrantAuthorizationCode, codeGrant{e}, events.CodeExchangeFailed},
		{oauth.GrantRefreshToken, refreshGrant{e}, events.RefreshExchangeFailed},
		{oauth.GrantClientCredentials, credentialsGrant{e}, events.CredentialsExchangeFailed},
	}
}

// exchange is one request to /oauth/token as it passes the phases.
type exchange struct {
	params        oauth.Params
	served        served
	caller        clientauth.Caller
	authorization authorization
	answer        answer
}

// answer is the body of RFC 6749 section 5.1.
type answer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

// token runs the phases.
func (e *Endpoint) token(w http.ResponseWriter, r *http.Request) error {
	x := &exchange{served: served{failed: events.LoginFailed}}
	for _, phase := range []func(*http.Request, *exchange) error{
		e.parse, e.authenticate, e.origin, e.allowed, e.redeem, e.sign, e.save,
	} {
		if err := phase(r, x); err != nil {
			return e.refuse(r.Context(), x.served.failed, x.caller.Client, err)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	return web.JSON(w, http.StatusOK, x.answer)
}

// parse reads the body and picks the grant. The query of the URL is never looked at: what is in a URL is in logs.
func (e *Endpoint) parse(r *http.Request, x *exchange) (err error) {
	if x.params, err = readBody(r); err != nil {
		return err
	}
	all := e.served()
	grantType := x.params.Get("grant_type")
	if grantType == "" {
		return oauth.MissingParameter("grant_type")
	}
	i := slices.IndexFunc(all, func(s served) bool { return s.grantType == grantType })
	if i < 0 {
		names := make([]string, len(all))
		for i, s := range all {
			names[i] = s.grantType
		}
		return problem.Explain(http.StatusBadRequest, "unsupported_grant_type",
			fmt.Sprintf("The grant_type is none of those served here: %s.", strings.Join(names, ", "))).
			Because(fmt.Errorf("grant_type %q", web.Clip(grantType, 100)))
	}
	x.served = all[i]
	return nil
}

func readBody(r *http.Request) (oauth.Params, error) {
	body, err := web.ReadBody(r)
	if err != nil {
		return oauth.Params{}, err
	}
	return oauth.ParseBody(r.Header.Get("Content-Type"), body)
}

func (e *Endpoint) authenticate(r *http.Request, x *exchange) (err error) {
	x.caller, err = e.Clients.Authenticate(r.Context(), r, x.params)
	return err
}

func (e *Endpoint) origin(r *http.Request, x *exchange) error { return e.checkOrigin(r, x.caller) }

func (e *Endpoint) allowed(_ *http.Request, x *exchange) error {
	if !x.caller.Client.Settings.AllowsGrant(x.served.grantType) {
		return oauth.GrantNotAllowed(x.served.grantType)
	}
	return nil
}

func (e *Endpoint) redeem(r *http.Request, x *exchange) (err error) {
	if x.authorization, err = x.served.grant.redeem(r.Context(), x.caller, x.params); err != nil {
		return err
	}
	i := &x.authorization.Issuance
	i.Issuer, i.Client, i.GrantType, i.Now = e.Issuer, x.caller.Client, x.served.grantType, e.DB.Now()
	return e.inOrganization(r.Context(), i, x.authorization.organization)
}

// sign makes the access token and, when a user was asked for, the ID token.
func (e *Endpoint) sign(r *http.Request, x *exchange) (err error) {
	i, signer := x.authorization.Issuance, e.Keys.Signer()
	var life time.Duration
	if x.answer.AccessToken, life, err = e.accessToken(r.Context(), signer, i); err != nil {
		return err
	}
	x.answer.ExpiresIn, x.answer.TokenType = int64(life/time.Second), oauth.TokenTypeBearer
	if !x.authorization.plainScope {
		x.answer.Scope = i.Scope.String()
	}
	if i.User != nil && i.Scope.Has(oauth.ScopeOpenID) {
		x.answer.IDToken, err = e.idToken(r.Context(), signer, i, x.answer.AccessToken)
	}
	return err
}

// accessToken is opaque when it is for no API: only /userinfo reads it then.
func (e *Endpoint) accessToken(ctx context.Context, signer *keys.Signer, i claims.Issuance) (string, time.Duration, error) {
	alg, typ, content, life := claims.AccessToken(i)
	var text string
	var err error
	switch alg {
	case claims.AlgOpaque:
		text, err = e.Keys.SealOpaque(i.Issuer, content)
	case algHS256:
		text, err = e.Keys.SignHMAC(i.API.SigningSecret, typ, content)
	default:
		text, err = signer.Sign(ctx, alg, typ, content)
	}
	if err != nil {
		return "", 0, fmt.Errorf("sign the access token: %w", err)
	}
	return text, life, nil
}

const algHS256 = "HS256"

func (e *Endpoint) idToken(ctx context.Context, signer *keys.Signer, i claims.Issuance, accessToken string) (text string, err error) {
	content := claims.IDToken(i, accessToken)
	if alg := claims.IDTokenAlg(i.Client); alg == algHS256 {
		text, err = e.Keys.SignHMAC(i.Client.Secret, claims.TypJWT, content)
	} else {
		text, err = signer.Sign(ctx, alg, claims.TypJWT, content)
	}
	if err != nil {
		return "", fmt.Errorf("sign the ID token: %w", err)
	}
	return text, nil
}

func (e *Endpoint) save(r *http.Request, x *exchange) (err error) {
	x.answer.RefreshToken, err = x.authorization.save(r.Context())
	return err
}

// recorded marks an error whose event was written in a transaction of its own.
type recorded struct{ refusal *problem.Error }

func (r recorded) Error() string { return r.refusal.Error() }
func (r recorded) Unwrap() error { return r.refusal }

// refuse writes the event of a failure and gives the error the form that the application asked for.
func (e *Endpoint) refuse(ctx context.Context, failed string, client store.Client, err error) error {
	p := problem.From(err)
	if p.Code == codeOrigin {
		failed = events.CrossOriginRefused
	}
	if _, done := errors.AsType[recorded](err); !done {
		e.Events.Record(ctx, failure(ctx, failed, client, p))
	}
	if client.Settings.ComplianceLevel != "" {
		return oauth.Strict(p)
	}
	return p
}

// failure is the event of a refusal, with the reason that the application is not told.
func failure(ctx context.Context, typ string, client store.Client, p *problem.Error) store.Event {
	ev := events.Of(ctx, typ)
	ev.ClientName = client.Name
	ev.UserID = web.MetaOf(ctx).UserID
	ev.Description = p.Message
	ev.Details = map[string]any{"error": p.Code}
	if p.Cause != nil {
		ev.Details["reason"] = web.Clip(p.Cause.Error(), 512)
	}
	return ev
}

// success is the event of an exchange for a user.
func success(ctx context.Context, typ string, client store.Client, user *store.User, o *store.Organization, audience string, scope oauth.Scope) store.Event {
	ev := events.Of(ctx, typ)
	ev.ClientID, ev.ClientName = client.ID, client.Name
	if user != nil {
		ev.UserID, ev.UserName, ev.Connection = user.ID, user.Email, user.Connection
	}
	if o != nil {
		ev.OrganizationID, ev.OrganizationName = o.ID, o.Name
	}
	ev.Audience, ev.Scope = audience, scope.String()
	return ev
}

// api reads the API of an audience: nil for none, which is also what the audience of /userinfo means.
func (e *Endpoint) api(ctx context.Context, audience string) (*store.API, error) {
	if audience == "" || audience == e.userinfoAudience() {
		return nil, nil
	}
	a, err := e.DB.API(ctx, audience)
	if errors.Is(err, store.ErrNotFound) && audience == e.Issuer+"api/v2/" {
		// The Management API bears the name of the primary domain, and is asked for by that of any.
		a, err = e.DB.APIByID(ctx, store.ManagementAPI)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, oauth.ServiceNotEnabled(audience).Because(errors.New("there is no such API"))
	case err != nil:
		return nil, fmt.Errorf("read the API: %w", err)
	}
	return enabled(&a, audience)
}

func (e *Endpoint) userinfoAudience() string { return e.Issuer + "userinfo" }

func enabled(a *store.API, audience string) (*store.API, error) {
	if a.Settings.Disabled {
		return nil, oauth.ServiceNotEnabled(audience).Because(errors.New("the API is disabled"))
	}
	return a, nil
}

// held is the user and the API that a code or refresh token is still good for: the user must still be able to sign in to the
// application. gone is the answer when there is no such user any more, unusable when their connection no longer serves the
// application.
func (e *Endpoint) held(ctx context.Context, client store.Client, userID, audience string, h store.Holding, gone, unusable *problem.Error) (*store.User, *store.API, error) {
	web.MetaOf(ctx).UserID = userID
	u := h.User
	switch {
	case u == nil:
		return nil, nil, gone.Because(errors.New("the user was deleted"))
	case u.Blocked:
		return nil, nil, oauth.UserBlocked()
	case !client.Settings.AllowsConnection(u.Connection):
		return nil, nil, unusable.Because(errors.New("the user's connection is not one of the application's"))
	case h.Connection == nil:
		return nil, nil, unusable.Because(errors.New("the user's connection was deleted"))
	case h.Connection.Disabled:
		return nil, nil, unusable.Because(errors.New("the user's connection is disabled"))
	}
	if h.API == nil || audience == e.userinfoAudience() {
		api, err := e.api(ctx, audience) // none, or the Management API under the name of another domain
		return u, api, err
	}
	api, err := enabled(h.API, audience)
	return u, api, err
}

// permitted is what is left of a scope where the API enforces policies: what names claims, and what the user may do now.
// The permissions are all that the user has, asked for or not, in the organization if there is one.
func (e *Endpoint) permitted(ctx context.Context, user *store.User, o *store.Organization, api *store.API, scope oauth.Scope) (oauth.Scope, []string, error) {
	if api == nil || !api.Settings.EnforcePolicies {
		return scope, nil, nil
	}
	held, err := e.DB.PermissionsFor(ctx, user.ID, idOf(o), api.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read the user's permissions: %w", err)
	}
	return scope.Permitted(held), held, nil
}

// refreshable says whether a refresh token may be issued for the scope: the user's grant, the API's switch and the
// application's list must all agree (spec section 23.1).
func refreshable(scope oauth.Scope, client store.Client, api *store.API) bool {
	return scope.Has(oauth.ScopeOfflineAccess) && client.Settings.AllowsGrant(oauth.GrantRefreshToken) &&
		(api == nil || api.Settings.AllowOfflineAccess)
}

// storedScope reads a scope of the database. Unlike one that is sent it was checked before, and may be longer: the client
// grant for the Management API has more scopes than a request may ask for.
func storedScope(s string) oauth.Scope { return strings.Fields(s) }
