// Package authorize is the endpoint /authorize: it turns a request into a login transaction, or refuses it.
//
// The checks are one ordered list (checks.go). The first ones establish the application and its redirect_uri; what fails
// there is shown on a page and never redirected (RFC 6749 section 4.1.2.1, RFC 9700 section 4.11). What fails later is told
// to the application in its response mode. Nothing here asks who the user is: that is the flow's part.
package authorize

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Endpoint is /authorize of one domain.
type Endpoint struct {
	Issuer string
	DB     *store.DB
	Events *events.Log
	Flow   *flow.Flow
	Render web.Renderer // shows a refusal as a page
}

// Routes mounts the endpoint. POST is OpenID Connect Core section 3.1.2.1.
func (e *Endpoint) Routes(mux *web.Mux) {
	mux.Handle("GET /authorize", web.Browser, web.Handle(e.Render, e.authorize))
	mux.Handle("POST /authorize", web.Browser, web.Handle(e.Render, e.authorize))
}

// request is what the checks read and fill.
type request struct {
	endpoint *Endpoint
	params   oauth.Params
	tenant   store.TenantSettings
	client   store.Client
	api      *store.API
	t        *flow.Transaction
}

func (e *Endpoint) authorize(w http.ResponseWriter, r *http.Request) error {
	params, err := readParams(r)
	if err != nil {
		return e.refuseOnPage(r, "", err)
	}
	q := &request{endpoint: e, params: params, t: &flow.Transaction{
		ID:        web.MetaOf(r.Context()).ID,
		Issuer:    e.Issuer,
		StartedAt: e.DB.Now().UnixMilli(),
	}}
	for _, check := range pageChecks {
		if err := check(r.Context(), q); err != nil {
			return e.refuseOnPage(r, q.t.ClientID, err)
		}
	}
	for _, check := range redirectChecks {
		if err := check(r.Context(), q); err != nil {
			return e.Flow.Refuse(w, r, q.t, err)
		}
	}
	return e.Flow.Begin(w, r, q.t, flow.Known{Tenant: q.tenant, Client: q.client, API: q.api})
}

func readParams(r *http.Request) (oauth.Params, error) {
	if r.Method != http.MethodPost {
		return oauth.ParseQuery(r.URL.RawQuery)
	}
	body, err := web.ReadBody(r)
	if err != nil {
		return oauth.Params{}, err
	}
	return oauth.ParseBody(r.Header.Get("Content-Type"), body)
}

// refuseOnPage records a refusal that no application can be told about. clientID is empty unless it is a known one.
func (e *Endpoint) refuseOnPage(r *http.Request, clientID string, err error) error {
	p := problem.From(err).OnPage()
	web.MetaOf(r.Context()).ClientID = clientID
	event := events.Of(r.Context(), events.LoginFailed)
	event.Details = map[string]any{"error": p.Code, "error_description": web.Clip(p.Message, 512)}
	if p.Cause != nil {
		event.Details["reason"] = web.Clip(p.Cause.Error(), 512)
	}
	e.Events.Record(r.Context(), event)
	return p
}

// check is one rule; it reads the request and fills the transaction.
type check func(ctx context.Context, q *request) error
