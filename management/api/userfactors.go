package api

import (
	"context"

	"github.com/proofkey/proofkey/store"
)

// There is no second factor yet, and no account elsewhere is connected to a user's: so no user has any and no browser is
// remembered for one. These say just that, and take away what is not there; making one is not built.
func (h *Handler) userFactors() []operation {
	return []operation{
		{"GET", "/users/{id}/enrollments", "List a user's enrolments", "", h.noneOfUser},
		{"GET", "/users/{id}/authentication-methods", "List a user's authentication methods", "", h.noneOfUser},
		{"DELETE", "/users/{id}/authentication-methods", "Delete a user's authentication methods", "", h.forgetFactors},
		{"GET", "/users/{id}/connected-accounts", "List a user's connected accounts", "", h.noneOfUser},
		{"GET", "/users/{id}/federated-connections-tokensets", "List a user's tokens of other providers", "", h.noneOfUser},
		{"DELETE", "/users/{id}/authenticators", "Delete a user's authenticators", "", h.forgetFactors},
		{"DELETE", "/users/{id}/multifactor/{provider}", "Delete a user's factor of a provider", "", h.forgetFactors},
		{"POST", "/users/{id}/multifactor/actions/invalidate-remember-browser", "Forget a user's remembered browsers", "", h.forgetFactors},
	}
}

func (h *Handler) noneOfUser(ctx context.Context, c *call) (any, error) {
	_, err := findUser(ctx, h.DB.Queries, c.vars["id"])
	return listing{}, err
}

// forgetFactors finds nothing to forget.
func (h *Handler) forgetFactors(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		_, err := findUser(ctx, tx.Queries, c.vars["id"])
		return err
	})
}
