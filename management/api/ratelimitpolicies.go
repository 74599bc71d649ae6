package api

import (
	"context"

	"github.com/proofkey/proofkey/store"
)

// rateLimitPolicies are kept; they limit nobody yet.
var rateLimitPolicies = collection{
	path: "/rate-limit-policies", one: "a rate limit policy", many: "rate limit policies", stamped: true,
	newID: func(document) string { return newID("rlp_", 21) },
	matches: func(c *call, shown document) bool {
		for _, name := range []string{"resource", "consumer", "consumer_selector"} {
			if c.query.Has(name) && c.query.Get(name) != shown[name] {
				return false
			}
		}
		return true
	},
	kept: kept{
		entity: "rate_limit_policy", absent: "Rate limit policy not found.",
		taken: "A rate limit policy with the same resource, consumer, and consumer_selector already exists.",
		name: func(body document) string {
			return text(body, "resource") + " " + text(body, "consumer") + " " + text(body, "consumer_selector")
		},
		check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
			configuration, _ := d.Body["configuration"].(map[string]any)
			return needs(configuration, "configuration", map[string][]string{
				"": {"action"}, "block": {"limit"}, "log": {"limit"}, "redirect": {"limit", "redirect_uri"},
			}[text(configuration, "action")])
		},
	},
}

var supplementalSignals = singleton{path: "/supplemental-signals", one: "supplemental signals", kept: kept{
	entity: "supplemental_signals", defaults: func() document { return document{"akamai_enabled": false} },
}}
