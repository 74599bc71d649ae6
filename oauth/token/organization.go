package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// member reads the organization that a code or refresh token was issued in; id is empty for none. The user must be a member
// still, by a connection that it has still. refusal is the answer otherwise.
func (e *Endpoint) member(ctx context.Context, client store.Client, id string, user *store.User, refusal *problem.Error) (*store.Organization, error) {
	if id == "" {
		return nil, nil
	}
	if !client.Settings.AllowsOrganizations() {
		return nil, refusal.Because(errors.New("the application's organization_usage is deny"))
	}
	o, err := e.DB.Organization(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refusal.Because(errors.New("the organization was deleted"))
	}
	if err != nil {
		return nil, fmt.Errorf("read the organization: %w", err)
	}
	is, err := e.DB.IsMember(ctx, id, user.ID)
	if err != nil {
		return nil, fmt.Errorf("read the membership: %w", err)
	}
	if !is {
		return nil, refusal.Because(errors.New("the user is no longer a member of the organization"))
	}
	enabled, err := e.DB.EnabledConnections(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the organization's connections: %w", err)
	}
	if !slices.ContainsFunc(enabled, func(c store.OrganizationConnection) bool { return c.Name == user.Connection }) {
		return nil, refusal.Because(errors.New("the user's connection is not one of the organization's"))
	}
	return &o, nil
}

// inOrganization puts an organization into the tokens, with its name where the tenant lets it be used.
func (e *Endpoint) inOrganization(ctx context.Context, i *claims.Issuance, o *store.Organization) error {
	if o == nil {
		return nil
	}
	tenant, err := e.DB.Tenant(ctx)
	if err != nil {
		return fmt.Errorf("read the tenant: %w", err)
	}
	i.OrganizationID = o.ID
	if tenant.Settings.OrganizationNames {
		i.OrganizationName = o.Name
	}
	return nil
}

// idOf is empty where there is none.
func idOf(o *store.Organization) string {
	if o == nil {
		return ""
	}
	return o.ID
}

// organization is the one that an application asks for in its own name, or by its default, as its client grant allows.
func (g credentialsGrant) organization(ctx context.Context, caller clientauth.Caller, grant store.ClientGrant, p oauth.Params) (*store.Organization, error) {
	name := p.Get("organization")
	if byDefault := caller.Client.Settings.DefaultOrganization; name == "" && slices.Contains(byDefault.Flows, oauth.GrantClientCredentials) {
		name = byDefault.OrganizationID
	}
	usage := grant.OrganizationUsage
	switch {
	case name == "" && usage == store.OrganizationRequire:
		return nil, oauth.OrganizationRequired().Because(errors.New("the client grant's organization_usage is require"))
	case name == "":
		return nil, nil
	case usage != store.OrganizationAllow && usage != store.OrganizationRequire:
		return nil, problem.Explain(http.StatusForbidden, "access_denied",
			"The application's client grant for this API allows no organization: set its organization_usage to allow or require.")
	}
	tenant, err := g.DB.Tenant(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the tenant: %w", err)
	}
	o, err := g.DB.OrganizationNamed(ctx, name, tenant.Settings.OrganizationNames)
	if errors.Is(err, store.ErrNotFound) {
		return nil, oauth.OrganizationInvalid(name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the organization: %w", err)
	}
	linked := grant.AllowAnyOrganization
	if !linked {
		if linked, err = g.DB.OrganizationHasGrant(ctx, o.ID, grant.ID); err != nil {
			return nil, fmt.Errorf("read the organization's client grants: %w", err)
		}
	}
	if !linked {
		return nil, problem.Explain(http.StatusForbidden, "access_denied",
			"The application's client grant for this API is not associated with the organization: associate it, or allow any organization.")
	}
	return &o, nil
}
