package app

import (
	"net/http"

	"github.com/proofkey/proofkey/dashboard"
	"github.com/proofkey/proofkey/identity/session"
	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// console mounts the Dashboard on the administrators' domain. The sites of the tenants are there already.
func (a *App) console(mux *web.Mux, issuer string, sessions *session.Manager, pages *login.Handlers) *dashboard.Console {
	own := a.System.Domains[0]
	c := &dashboard.Console{
		Issuer: issuer, DB: a.System.DB, Sessions: sessions, Audience: api.Audience(own), Provider: mux,
		Page: pages.RenderError, API: api.Render,
		Tenants: []dashboard.Tenant{{Name: systemName, Domains: a.System.Domains, Audience: api.Audience(own), Site: mux, Own: true,
			Preview: pages.Preview}},
	}
	for _, t := range a.Tenants {
		c.Tenants = append(c.Tenants, dashboard.Tenant{
			Name: t.Name, Domains: t.Domains, Audience: api.Audience(t.Domains[0]), Site: a.hosts[hostKey(t.Domains[0].Host)],
			Preview: (&login.Handlers{Issuer: t.Domains[0].Issuer(), Views: pages.Views, DB: t.DB}).Preview,
		})
	}
	c.Routes(mux)
	(&login.Bootstrap{Pages: pages, Next: management.DashboardLogin, Promote: promote}).Routes(mux)
	return c
}

// administrators are who may call a tenant's Management API beside its own applications. known has the ids of the tenants'
// APIs among theirs; their own has no name there.
func (a *App) administrators(t *Tenant, known map[string]string) *api.Administrators {
	if len(a.System.Domains) == 0 {
		return nil
	}
	name := t.Name
	if t == a.System {
		name = ""
	}
	return &api.Administrators{Issuer: a.System.Domains[0].Issuer(), DB: a.System.DB, Keys: a.System.Keys, API: known[name]}
}

// toDashboard leads from a tenant's domain to the Dashboard.
func (a *App) toDashboard(pages *login.Handlers) http.Handler {
	if len(a.System.Domains) > 0 {
		return http.RedirectHandler(a.System.Domains[0].Issuer(), http.StatusFound)
	}
	return web.Handle(pages.RenderError, func(http.ResponseWriter, *http.Request) error {
		return problem.Explain(http.StatusNotFound, "not_found",
			"This server has no Dashboard: dashboard.domain is not set in its configuration. Set the tenant up with: proofkey admin --help")
	})
}
