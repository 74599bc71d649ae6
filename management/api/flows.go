package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/store"
)

// Flows, the connections that they use, and forms are kept; none runs yet.
func (h *Handler) flows() []operation {
	return slices.Concat(keptFlows.operations(), h.vaultConnections().operations(), keptForms.operations())
}

var keptFlows = collection{
	path: "/flows", one: "a flow", many: "flows", stamped: true, once: true,
	newID: func(document) string { return newID("af_", 22) },
	kept:  kept{entity: "flow", absent: "Flow not found", view: withoutInLists("actions", "triggers", "security")},
}

var keptForms = collection{
	path: "/forms", one: "a form", many: "forms", stamped: true, once: true,
	newID: func(document) string { return newID("ap_", 22) },
	kept: kept{
		entity: "form", absent: "Form not found",
		view: withoutInLists("messages", "languages", "translations", "nodes", "start", "ending", "style", "social", "tags"),
	},
}

// withoutInLists leaves the large properties out of a list.
func withoutInLists(large ...string) func(*call, store.Document, document) {
	return func(c *call, _ store.Document, out document) {
		if c.method == http.MethodGet && len(c.vars) == 0 {
			for _, name := range large {
				delete(out, name)
			}
		}
	}
}

// vaultConnections hold what flows authenticate with elsewhere. It is never shown; a connection without it is not ready.
func (h *Handler) vaultConnections() collection {
	return collection{
		path: "/flows/vault/connections", one: "a vault connection", many: "vault connections", stamped: true, once: true,
		newID: func(document) string { return newID("ac_", 22) },
		kept: kept{
			entity: "flow_vault_connection", absent: "Connection not found",
			view: func(_ *call, d store.Document, out document) {
				out["ready"] = d.Body["setup"] != nil
				out["fingerprint"] = fingerprint(h.DB.Queries, d)
			},
		},
	}
}

// fingerprint tells whether what a connection holds is still the same, and nothing else of it.
func fingerprint(q store.Queries, d store.Document) string {
	raw, err := json.Marshal(d.Body["setup"])
	if err != nil {
		return ""
	}
	mac := hmac.New(sha256.New, q.Key("vault connection fingerprint"))
	mac.Write([]byte(d.ID + "\x00" + string(raw)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
