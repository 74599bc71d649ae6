package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"regexp"
	"slices"

	"github.com/proofkey/proofkey/store"
)

var aclID = regexp.MustCompile(`^acl_[1-9A-HJ-NP-Za-km-z]{22}$`)

// networkACLs say who may reach what from where. No two have the same priority.
func (h *Handler) networkACLs() []operation {
	return collection{
		path: "/network-acls", one: "a network ACL", many: "network ACLs", stamped: true, once: true,
		newID: func(document) string { return newID("acl_", 22) }, farewell: document{"code": http.StatusNoContent, "object": ""},
		form: func(id string) error {
			if aclID.MatchString(id) {
				return nil
			}
			return pathRefusal("Network ACL id is not a valid ACL ID in the form 'acl_XXXXXXXXXXXXXXXXXXXXXX'")
		},
		kept: kept{
			entity: "network_acl", absent: "NetworkACL with this ID was not found",
			taken: "A Network ACL with this priority number has already been created.",
			name: func(body document) string {
				n, _ := body["priority"].(json.Number)
				return n.String()
			},
			check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
				return checkACL(d.Body)
			},
			view: func(c *call, _ store.Document, out document) {
				if c.method == http.MethodGet && len(c.vars) > 0 {
					out["tenant_id"], out["deleted_at"] = h.Tenant, nil
				}
			},
		},
	}.operations()
}

// checkACL refuses a rule that could not be followed: it does one thing, to those who match or to those who do not.
func checkACL(body document) error {
	rule, _ := body["rule"].(map[string]any)
	action, _ := rule["action"].(map[string]any)
	does := 0
	for _, name := range []string{"block", "allow", "log", "redirect"} {
		if action[name] == true {
			does++
		}
	}
	if does != 1 || (action["redirect"] == true) != (action["redirect_uri"] != nil) {
		return payloadError("None of the valid schemas were met", "rule.action")
	}
	if (rule["match"] == nil) == (rule["not_match"] == nil) {
		return payloadError("None of the valid schemas were met", "rule")
	}
	for _, side := range []string{"match", "not_match"} {
		of, _ := rule[side].(map[string]any)
		for _, name := range []string{"ipv4_cidrs", "ipv6_cidrs", "connecting_ipv4_cidrs", "connecting_ipv6_cidrs"} {
			v4 := slices.Contains([]string{"ipv4_cidrs", "connecting_ipv4_cidrs"}, name)
			for _, text := range texts(of, name) {
				p, err := netip.ParsePrefix(text)
				if a, alone := netip.ParseAddr(text); alone == nil {
					p, err = netip.PrefixFrom(a, a.BitLen()), nil
				}
				if err != nil || p.Addr().Is4() != v4 {
					return sentError("Object didn't pass validation for format cidr: ", text, "rule."+side+"."+name)
				}
			}
		}
	}
	return nil
}
