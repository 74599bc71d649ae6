package app

import (
	"net/http"

	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/authorize"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/oauth/discovery"
	"github.com/proofkey/proofkey/oauth/logout"
	"github.com/proofkey/proofkey/oauth/token"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// mounted is what discovery says of the routes below. A method that is not here is not advertised.
var mounted = discovery.Mounted{
	Authorize:     "authorize",
	Token:         "oauth/token",
	UserInfo:      "userinfo",
	Revoke:        "oauth/revoke",
	EndSession:    "oidc/logout",
	GrantTypes:    []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
	ResponseModes: []string{oauth.ResponseModeQuery, oauth.ResponseModeFragment, oauth.ResponseModeFormPost},
	Prompts:       []string{oauth.PromptNone, oauth.PromptLogin, oauth.PromptConsent, oauth.PromptSelectAccount},
	Scopes:        append(claims.Scopes(), oauth.ScopeOfflineAccess),
	Claims:        claims.Supported(),
}

// issuersOf are the issuers that a tenant has; an assertion of an application may be for any.
func issuersOf(domains []store.Domain) (all []string) {
	for _, d := range domains {
		all = append(all, d.Issuer())
	}
	return all
}

// site builds every room for one domain of a tenant and mounts its routes. This is the list of all there is. known are the
// ids of the tenants' Management APIs among the administrators' APIs.
func (a *App) site(t *Tenant, d store.Domain, views *login.Views, known map[string]string) http.Handler {
	issuer := d.Issuer()
	sessions := &session.Manager{DB: t.DB, Secure: d.Secure()}
	if t == a.System {
		sessions.Cookie = "administrator"
	}
	steps := &flow.Flow{Issuer: issuer, DB: t.DB, Events: t.Events, Sessions: sessions}
	pages := &login.Handlers{
		Issuer: issuer, Views: views, DB: t.DB, Flow: steps, Users: t.users, Sessions: sessions, Events: t.Events,
	}
	steps.Answers = pages

	mux := &web.Mux{}
	(&authorize.Endpoint{Issuer: issuer, DB: t.DB, Events: t.Events, Flow: steps, Render: pages.RenderError}).Routes(mux)
	(&token.Endpoint{
		Issuer: issuer, DB: t.DB, Keys: t.Keys, Events: t.Events, Clients: &clientauth.Authenticator{DB: t.DB, Issuers: issuersOf(t.Domains)},
	}).Routes(mux)
	(&logout.Logout{
		Issuer: issuer, DB: t.DB, Keys: t.Keys, Events: t.Events, Sessions: sessions,
		Pages: logoutPages{pages}, RenderError: pages.RenderError,
	}).Routes(mux)
	(&discovery.Discovery{DB: t.DB, Keys: t.Keys, Issuer: issuer, Mounted: mounted}).Routes(mux)
	managed := &api.Handler{
		Issuer: issuer, Tenant: t.Name, Domains: t.Domains, DB: t.DB, Keys: t.Keys, Events: t.Events, Hasher: t.users.Hasher,
		MaxImport: a.maxImport, Administrators: a.administrators(t, known),
	}
	if t == a.System {
		managed.Keep = keepAdmin
	}
	managed.Routes(mux)
	pages.Routes(mux)
	if t == a.System {
		console := a.console(mux, issuer, sessions, pages)
		mux.Handle(everything, web.Everyone, unserved(mux, pages, console.App()))
	} else {
		mux.Handle("GET /{$}", web.Everyone, pages.Index())
		mux.Handle("GET /dashboard", web.Everyone, a.toDashboard(pages))
		mux.Handle(everything, web.Everyone, unserved(mux, pages, nil))
	}
	a.routes[hostKey(d.Host)] = mux
	if a.metrics != nil {
		return a.metrics.Wrap(mux)
	}
	return mux
}
