// Package api is the Management API v2: what Auth0's own tools speak to set a tenant up, below /api/v2/.
//
// Every operation runs through one adapter, so that what holds for one holds for all:
//
//   - It is routed by the encoded path, since ids hold slashes and colons. Two tables say what the service knows:
//     endpoints.tsv (scopes, status, form of lists, query) and fields.tsv (which property may be sent when, and its bounds).
//     What the first lists and nobody built is refused as a scope that the token lacks, which every tool survives.
//   - The bearer token is one of this tenant, for one of its domains' api/v2/. An application holds what its client grant
//     holds now, not what it held when the token was issued; a user's token reaches only what is that user's own. Beside them
//     it may be one that the administrators' tenant issued for this API, to somebody whose roles there say what they may do.
//   - A body or query with an unknown or wrong property is refused in the words of the service before the operation runs.
//   - A change and its event (sapi) are one transaction; a refused one leaves an event of its own (fapi). Neither holds
//     what was sent.
//
// What the running system reads is in its own rows; the rest of what was said is kept in documents beside them and shown
// again. The row decides where the two differ, because the shell changes rows too.
package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// maxPathValue bounds an id in a path; the longest are the identifiers of APIs.
const maxPathValue = 1024

// Base is the path below which everything is.
const Base = "/api/v2/"

// Handler answers for one domain of a tenant.
type Handler struct {
	Issuer  string
	Tenant  string         // its name
	Domains []store.Domain // of the tenant, the primary first
	DB      *store.DB
	Keys    *keys.Ring
	Events  *events.Log
	Hasher  *identity.Hasher
	// MaxImport bounds the body of a users import; 0: as the service does.
	MaxImport int64
	// Administrators may call too; nil without a Dashboard.
	Administrators *Administrators
	// Keep may refuse what a change has come to, at its end; nil: nothing is kept.
	Keep func(ctx context.Context, tx *store.Tx) error

	limit *limit
	tree  *node
}

// operation is what serves an endpoint.
type operation struct {
	method, path string
	summary      string // in the imperative, as the events have it
	// body is the entity of fields.tsv that the body is checked against; anyBody is checked by the operation itself, empty
	// means that a body is ignored.
	body string
	do   func(ctx context.Context, c *call) (any, error)
}

// Bodies that are no entity of the table.
const (
	anyBody = "any" // JSON of any kind
	rawBody = "raw" // not read: the operation does
)

// operations are all there are; each resource has its file.
func (h *Handler) operations() []operation {
	var all []operation
	for _, of := range []func() []operation{
		h.clients,
		h.resourceServers,
		h.clientGrants,
		h.credentials,
		h.users,
		h.roles,
		h.userRoles,
		h.userBlocks,
		h.sessions,
		h.userFactors,
		h.connections,
		h.jobs,
		h.logs,
		h.grants,
		h.attackProtection,
		h.logStreams,
		h.emails,
		h.guardian,
		h.signingKeys,
		h.customDomains,
		h.stats,
		h.anomaly,
		h.blacklist,
		h.encryptionKeys,
		h.networkACLs,
		h.profiles,
		eventStreams.operations,
		rateLimitPolicies.operations,
		supplementalSignals.operations,
		h.flows,
		h.phone,
		h.provisioning,
		h.legacy,
		h.tenants,
		h.tickets,
		h.actions,
		h.actionModules,
		h.branding,
		h.prompts,
		h.renderings,
		h.organizations,
		h.organizationConnections,
		h.organizationMembers,
		h.organizationInvitations,
		h.organizationGrants,
		h.organizationDomains,
	} {
		all = append(all, of()...)
	}
	return all
}

// Routes mounts the API.
func (h *Handler) Routes(mux *web.Mux) {
	h.build()
	h.describe(mux)
	mux.Handle("GET "+Base+"jobs/{id}/file/{name}", web.Link, web.Handle(Render, h.download))
	mux.Handle(Base, web.Bearer, web.Handle(Render, h.serve))
}

// build joins the operations with their rows. A row without an operation stays in the tree: it is refused by its scopes.
func (h *Handler) build() {
	built := map[string]*operation{}
	for _, o := range h.operations() {
		key := o.method + " " + o.path
		if _, known := endpoints()[key]; !known || built[key] != nil {
			panic("api: " + key + " is not in endpoints.tsv, or is there twice")
		}
		if o.body != "" && o.body != anyBody && o.body != rawBody {
			schemaOf(o.body)
		}
		built[key] = &o
	}
	h.tree, h.limit = &node{}, &limit{}
	for key, e := range endpoints() {
		h.tree.add(&route{e, built[key]})
	}
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) error {
	h.limit.headers(w.Header(), h.DB.Now())
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), strings.TrimSuffix(Base, "/"))
	found, values := h.tree.find(method, path)
	if found == nil {
		return notFound("", "Not Found")
	}
	who, err := h.authenticate(r)
	if err != nil {
		return err
	}
	if err := h.limit.take(w.Header(), h.DB.Now()); err != nil {
		return err
	}
	c := &call{h: h, r: r, route: found, actor: who, Status: found.status, vars: map[string]string{}, control: http.NewResponseController(w), ifMatch: strings.Join(r.Header.Values("If-Match"), ",")}
	for i, name := range variables(found.path) {
		if len(values[i]) > maxPathValue || !utf8.ValidString(values[i]) || strings.IndexByte(values[i], 0) >= 0 {
			return pathError("Invalid value", name)
		}
		c.vars[name] = values[i]
	}
	answer, err := c.run(r.Context())
	if err != nil {
		c.recordFailure(r.Context(), err)
		return err
	}
	return c.write(w, answer)
}
