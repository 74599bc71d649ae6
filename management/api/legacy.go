package api

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/web/problem"
)

// There are no rules and no hooks, as in a tenant of today: Actions took their place. Lists are empty, and making one is
// refused in the words that tools take for that.
func (h *Handler) legacy() []operation {
	none := func(context.Context, *call) (any, error) { return listing{}, nil }
	absent := func(code, message string) func(context.Context, *call) (any, error) {
		return func(context.Context, *call) (any, error) { return nil, notFound(code, message) }
	}
	refused := func(code string) func(context.Context, *call) (any, error) {
		return func(context.Context, *call) (any, error) {
			return nil, problem.New(http.StatusForbidden, code, "Insufficient privileges to use this deprecated feature.")
		}
	}
	noRule, noHook := absent("inexistent_rule", "The rule does not exist"), absent("HookDoesNotExist", "Error: Hook does not exist")
	gone := func(context.Context, *call) (any, error) { return nil, nil }
	return []operation{
		{"GET", "/rules", "List rules", "", none},
		{"POST", "/rules", "Create a rule", "", refused("rules_not_allowed")},
		{"GET", "/rules/{id}", "Get a rule", "", noRule},
		{"PATCH", "/rules/{id}", "Update a rule", "", noRule},
		{"DELETE", "/rules/{id}", "Delete a rule", "", gone},
		{"GET", "/rules-configs", "List configuration of rules", "", none},
		{"PUT", "/rules-configs/{key}", "Set configuration of rules", "", refused("rules_not_allowed")},
		{"DELETE", "/rules-configs/{key}", "Delete configuration of rules", "", gone},
		{"GET", "/hooks", "List hooks", "", none},
		{"POST", "/hooks", "Create a hook", "", refused("hooks_not_allowed")},
		{"GET", "/hooks/{id}", "Get a hook", "", noHook},
		{"PATCH", "/hooks/{id}", "Update a hook", "", noHook},
		{"DELETE", "/hooks/{id}", "Delete a hook", "", noHook},
	}
}
