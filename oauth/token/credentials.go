package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// credentialsGrant is RFC 6749 section 4.4: an application asks in its own name.
type credentialsGrant struct{ *Endpoint }

func (g credentialsGrant) redeem(ctx context.Context, caller clientauth.Caller, p oauth.Params) (authorization, error) {
	if !caller.Proven {
		return authorization{}, problem.Explain(http.StatusForbidden, "unauthorized_client",
			"client_credentials is for applications that authenticate: this one's token_endpoint_auth_method is none.")
	}
	requested, err := oauth.ParseScope(p.Get("scope"))
	if err != nil {
		return authorization{}, err
	}
	audience, err := g.audience(ctx, p)
	if err != nil {
		return authorization{}, err
	}
	api, err := g.api(ctx, audience)
	if err != nil {
		return authorization{}, err
	}
	if api == nil {
		return authorization{}, oauth.ServiceNotEnabled(audience).Because(errors.New("/userinfo is about users"))
	}
	grant, err := g.grant(ctx, caller.Client, api.Identifier)
	if err != nil {
		return authorization{}, err
	}
	organization, err := g.organization(ctx, caller, grant, p)
	if err != nil {
		return authorization{}, err
	}
	scope := defined(storedScope(grant.Scope), api)
	if len(requested) > 0 {
		scope = scope.Intersect(requested)
	}
	jti := rand.Text()
	return authorization{
		Issuance:     claims.Issuance{API: api, Scope: scope, Permissions: scope, TokenID: jti},
		organization: organization,
		plainScope:   len(requested) == 0,
		// Nothing changed, so nothing has to be on disk before the answer: the event goes with the next batch.
		save: func(ctx context.Context) (string, error) {
			ev := success(ctx, events.CredentialsExchanged, caller.Client, nil, organization, audience, scope)
			ev.Details = map[string]any{"access_token_jti": jti}
			g.Events.Record(ctx, ev)
			return "", nil
		},
	}, nil
}

func (g credentialsGrant) audience(ctx context.Context, p oauth.Params) (string, error) {
	if audience := p.Get("audience"); audience != "" {
		return audience, nil
	}
	tenant, err := g.DB.Tenant(ctx)
	if err != nil {
		return "", fmt.Errorf("read the tenant: %w", err)
	}
	if tenant.Settings.DefaultAudience == "" {
		return "", oauth.MissingParameter("audience")
	}
	return tenant.Settings.DefaultAudience, nil
}

// grant is the application's client grant for the API.
func (g credentialsGrant) grant(ctx context.Context, client store.Client, audience string) (store.ClientGrant, error) {
	held, err := g.DB.ClientGrant(ctx, client.ID, audience)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return held, oauth.NoClientGrant(audience)
	case err != nil:
		return held, fmt.Errorf("read the client grant: %w", err)
	}
	return held, nil
}

// defined are the scopes that the API has: a grant may name others, of before or of later.
func defined(scope oauth.Scope, api *store.API) oauth.Scope {
	known := make(map[string]bool, len(api.Scopes))
	for _, s := range api.Scopes {
		known[s.Value] = true
	}
	return slices.DeleteFunc(scope, func(s string) bool { return !known[s] })
}
