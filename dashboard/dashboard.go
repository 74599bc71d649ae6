// Package dashboard is the administrators' console: a single-page app, and the server behind it that signs them in.
//
// The server is a client of the provider and of the Management API like any other, but for the session itself. What it keeps
// true:
//
//   - No token reaches the browser. The cookie holds a random value of which the database has the SHA-256; the tokens are
//     sealed beside it.
//   - A session is part of the login that it came from, and is over when that is: by its lifetimes, by a logout, by another
//     password, because the administrator was blocked. That is looked up at each request, and so is the role.
//   - A change needs, beside the cookie, a request of this very origin and the session's token against forgery, which only a
//     script of this origin can read. Origins on other ports share the cookies of a host, but have neither.
//   - Pages load from this origin alone, and the policy that says so lets them speak with the tenants' domains besides.
package dashboard

import (
	"net/http"
	"strings"

	"golang.org/x/sync/singleflight"

	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Console is the Dashboard on its domain.
type Console struct {
	Issuer   string    // of the administrators' tenant, with a slash: the console is at its root
	DB       *store.DB // theirs
	Sessions *session.Manager
	Audience string       // their own Management API, which a login is for
	Provider http.Handler // answers at the issuer
	Tenants  []Tenant
	// Page shows a refusal to a person, API to the single-page app.
	Page, API web.Renderer

	app      *app
	renewals singleflight.Group
}

// Tenant is what is administered here.
type Tenant struct {
	Name     string
	Domains  []store.Domain // the primary first
	Audience string         // of its Management API
	Site     http.Handler   // answers at the primary domain
	Own      bool           // it is the administrators' own
	// Preview answers a form with a login page under a branding that is not saved.
	Preview web.HandlerFunc
}

// Routes mounts the console, except for the app's own addresses: see [Console.App].
func (c *Console) Routes(mux *web.Mux) {
	c.app = newApp(files(), c.contentPolicy())
	guard := c.guard()
	for pattern, h := range map[string]web.HandlerFunc{
		"GET " + management.DashboardLogin:    c.login,
		"GET " + management.DashboardCallback: c.callback,
	} {
		mux.Handle(pattern, web.Browser, web.Handle(c.Page, h))
	}
	mux.Handle("GET /dashboard/session", web.Session, web.Handle(web.RenderOAuth, c.session))
	mux.Handle("POST /dashboard/logout", web.Session, guard.Handler(web.Handle(c.API, c.logout)))
	mux.Handle(ProxyPrefix, web.Session, guard.Handler(web.Handle(c.API, c.proxy)))
	mux.Handle("POST /dashboard/preview/{tenant}", web.Session, guard.Handler(web.Handle(c.API, c.preview)))
	mux.Handle("GET /assets/", web.Everyone, c.app)
	mux.Handle("GET /dashboard", web.Everyone, http.RedirectHandler("/", http.StatusFound))
}

// App answers the addresses of the single-page app, which are all that nobody else has.
func (c *Console) App() http.Handler { return c.app }

// guard lets only requests of this origin change anything.
func (c *Console) guard() *http.CrossOriginProtection {
	guard := http.NewCrossOriginProtection()
	// Behind a proxy that takes TLS off, the request's host is right but its scheme is not: the issuer is what we trust.
	if err := guard.AddTrustedOrigin(c.origin()); err != nil {
		panic("dashboard: issuer " + c.Issuer + ": " + err.Error()) // app has parsed it as an origin
	}
	guard.SetDenyHandler(web.Handle(c.API, func(http.ResponseWriter, *http.Request) error { return errForged }))
	return guard
}

var errForged = problem.New(http.StatusForbidden, "forged_request", "The request was not made by the Dashboard itself. Reload the page and try again.")

func (c *Console) origin() string { return strings.TrimSuffix(c.Issuer, "/") }

func (c *Console) secure() bool { return strings.HasPrefix(c.Issuer, "https://") }

// contentPolicy lets the pages load from this origin only. Mantine sets styles by attributes and by a style element.
func (c *Console) contentPolicy() string {
	connect := "'self'"
	for _, t := range c.Tenants {
		if t.Own {
			continue
		}
		for _, d := range t.Domains {
			connect += " " + d.Origin
		}
	}
	return strings.Join([]string{
		"default-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "connect-src " + connect,
		"object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
	}, "; ")
}
