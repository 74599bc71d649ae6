package api

import (
	"context"

	"github.com/proofkey/proofkey/store"
)

// There is no second factor yet, so no user has one enrolled and no browser is remembered for it: these say just that.
func (h *Handler) userFactors() []operation {
	return []operation{
		{"GET", "/users/{id}/enrollments", "List a user's enrolments", "", h.listEnrollments},
		{"POST", "/users/{id}/multifactor/actions/invalidate-remember-browser", "Forget a user's remembered browsers", "", h.forgetBrowsers},
	}
}

func (h *Handler) listEnrollments(ctx context.Context, c *call) (any, error) {
	_, err := findUser(ctx, h.DB.Queries, c.vars["id"])
	return listing{}, err
}

func (h *Handler) forgetBrowsers(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		_, err := findUser(ctx, tx.Queries, c.vars["id"])
		return err
	})
}
