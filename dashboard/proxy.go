package dashboard

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// ProxyPrefix is where the tenants' Management APIs are, by their names.
const ProxyPrefix = "/dashboard/api/"

const (
	apiPrefix = "/api/v2/"

	// ownName is the administrators' own tenant in paths; config takes the name for no other.
	ownName = "system"
)

// passed are the headers that the Management API is told; cookies are not among them.
var passed = []string{"Accept", "Accept-Language", "Content-Type", "User-Agent", "If-Match", "If-None-Match", "Auth0-Custom-Domain"}

// proxy answers /dashboard/api/{tenant}/… by the tenant's /api/v2/…, in the administrator's name.
func (c *Console) proxy(w http.ResponseWriter, r *http.Request) error {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), ProxyPrefix), "/")
	v, err := c.acting(r)
	if err != nil {
		return err
	}
	tenant, known := c.tenant(name)
	if !known {
		return errNoTenant
	}
	path, err := url.PathUnescape(rest)
	if err != nil {
		return problem.New(http.StatusBadRequest, "invalid_uri", "The path cannot be read.").Because(err)
	}
	token, err := c.tokenFor(r, v, tenant.Audience)
	if err != nil {
		return err
	}
	outer := web.MetaOf(r.Context())
	inner := *outer
	inner.Host = tenant.Domains[0].Host
	q := r.WithContext(web.WithMeta(r.Context(), &inner))
	q.Host = inner.Host
	q.URL = &url.URL{Path: apiPrefix + path, RawPath: apiPrefix + rest, RawQuery: r.URL.RawQuery}
	q.Header = http.Header{"Authorization": {"Bearer " + token}}
	for _, name := range passed {
		if values := r.Header.Values(name); len(values) > 0 {
			q.Header[name] = values
		}
	}
	relay := &relay{ResponseWriter: w}
	tenant.Site.ServeHTTP(relay, q)
	outer.ClientID, outer.UserID, outer.Event, outer.Err = inner.ClientID, inner.UserID, inner.Event, inner.Err
	if !relay.refused {
		return nil
	}
	// Its signing key was revoked, or the administrator is gone: a login gets other tokens, or says so.
	if err := gone(c.change(r.Context(), v, func(t *tokens) { t.Access = map[string]access{} })); err != nil {
		return err
	}
	return errLogin.Because(inner.Err)
}

// preview shows a login page of a tenant as it is being designed. A form in the page asks, whose answer is framed, so there is no
// header against forgery; nothing is changed, and the guard lets no other site ask.
func (c *Console) preview(w http.ResponseWriter, r *http.Request) error {
	v, err := c.visit(r)
	if err != nil {
		return err
	}
	if v == nil {
		return errLogin
	}
	tenant, known := c.tenant(r.PathValue("tenant"))
	if !known {
		return errNoTenant
	}
	return tenant.Preview(w, r)
}

var errNoTenant = problem.New(http.StatusNotFound, "inexistent_tenant", "There is no such tenant.")

func (c *Console) tenant(name string) (Tenant, bool) {
	for _, t := range c.Tenants {
		if t.Name == name && !t.Own || name == ownName && t.Own {
			return t, true
		}
	}
	return Tenant{}, false
}

// relay passes the API's answer on, but for the refusal of the token itself, which is the console's to explain.
type relay struct {
	http.ResponseWriter
	begun, refused bool
}

func (a *relay) WriteHeader(status int) {
	if a.begun || a.refused {
		return
	}
	h := a.Header()
	h.Del("Set-Cookie")
	if status == http.StatusUnauthorized {
		a.refused = true
		for _, name := range []string{"WWW-Authenticate", "Content-Type", "Content-Length", "Cache-Control"} {
			h.Del(name)
		}
		return
	}
	a.begun = status >= http.StatusOK
	a.ResponseWriter.WriteHeader(status)
}

func (a *relay) Write(b []byte) (int, error) {
	if !a.begun && !a.refused {
		a.WriteHeader(http.StatusOK)
	}
	if a.refused {
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *relay) Unwrap() http.ResponseWriter { return a.ResponseWriter }
