package auth0

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management/api"
)

// belonging is what an organization has in a list of its own below it.
type belonging struct {
	member string // of the export and of the state
	path   string // below the organization
	key    string // what tells one from another
	id     string // what its path ends with
	create func(map[string]any) map[string]any
	update bool // one can be changed
}

// organization brings an organization with its connections, client grants, applications and domains; its members come with
// the users.
func (r *run) organization(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	parts, err := r.organizationParts(ctx, it, body)
	if err != nil {
		return err
	}
	lists := r.belongings()
	return r.element(ctx, k, it, listed{
		path: []string{"organizations"}, key: "name", id: text(body, "id"), body: body,
		extend: func(state map[string]any) error {
			for _, b := range lists {
				if err := r.extend(ctx, state, b); err != nil {
					return err
				}
			}
			return nil
		},
		also: func(id string, before map[string]any) error {
			for _, b := range lists {
				if wants, said := parts[b.member]; said {
					if err := r.belong(ctx, it, id, b, before, wants); err != nil {
						return err
					}
				}
			}
			return nil
		},
	})
}

func (r *run) belongings() (all []belonging) {
	for _, b := range []belonging{
		{member: "connections", path: "connections", key: "connection_id", id: "connection_id", update: true},
		{member: "client_grants", path: "client-grants", key: "id", id: "id",
			create: func(d map[string]any) map[string]any { return map[string]any{"grant_id": d["id"]} }},
		{member: "discovery_domains", path: "discovery-domains", key: "domain", id: "id", update: true},
		{member: "clients", path: "clients", key: "client_id", id: "client_id", update: true},
	} {
		if r.api.Built(http.MethodPost, api.Path("organizations", "x", b.path)) {
			all = append(all, b)
		}
	}
	return all
}

// organizationParts takes the lists out of the body of an organization and puts ids in the place of names.
func (r *run) organizationParts(ctx context.Context, it *Item, body map[string]any) (map[string][]map[string]any, error) {
	parts := map[string][]map[string]any{}
	for _, member := range []string{"connections", "client_grants", "discovery_domains", "clients"} {
		list, said := body[member]
		delete(body, member)
		if !said {
			continue
		}
		parts[member] = []map[string]any{}
		granted := map[string]int{}
		if !slices.ContainsFunc(r.belongings(), func(b belonging) bool { return b.member == member }) {
			r.unsupported(it, member, "this version of Proofkey does not keep it")
			continue
		}
		for _, d := range objects(list) {
			d = deepCopy(d).(map[string]any)
			delete(d, "id")
			name := text(d, "client_id")
			if err := r.resolve(ctx, member, d, granted[name]); err != nil {
				return nil, err
			}
			granted[name]++
			parts[member] = append(parts[member], d)
		}
	}
	return parts, nil
}

// resolve puts ids in the place of the names that an export has. Of a client grant it has no more than the name of the
// application: before is how many of the same name came before.
func (r *run) resolve(ctx context.Context, member string, d map[string]any, before int) (err error) {
	switch member {
	case "connections":
		name := text(d, "name")
		delete(d, "name")
		known, err := r.known(ctx, listed{path: []string{"connections"}, key: "name"})
		if err != nil {
			return err
		}
		if known[name] == "" {
			return refused{member, "there is no connection " + name + ", neither in the export nor here"}
		}
		d["connection_id"] = known[name]
	case "clients":
		d["client_id"], err = r.clientID(ctx, member, text(d, "client_id"))
	case "client_grants":
		id, err := r.clientID(ctx, member, text(d, "client_id"))
		if err != nil {
			return err
		}
		grants, err := r.list(ctx, url.Values{"client_id": {id}}, "client-grants")
		if err != nil {
			return err
		}
		grants = slices.DeleteFunc(grants, func(g map[string]any) bool {
			return text(g, "organization_usage") != "allow" && text(g, "organization_usage") != "require"
		})
		if before >= len(grants) {
			return refused{member, fmt.Sprintf("the application %s has %d client grants that allow organizations, and the organization has more", text(d, "client_id"), len(grants))}
		}
		d["id"] = grants[before]["id"]
	}
	return err
}

// extend reads what belongs to an organization into its state.
func (r *run) extend(ctx context.Context, state map[string]any, b belonging) error {
	found, err := r.list(ctx, nil, "organizations", text(state, "id"), b.path)
	if err != nil {
		return err
	}
	list := []any{}
	for _, d := range found {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, c any) int {
		return strings.Compare(text(a.(map[string]any), b.key), text(c.(map[string]any), b.key))
	})
	state[b.member] = list
	return nil
}

// belong makes what belongs to an organization as it is wanted. Nothing is taken away: the tenant may have more.
func (r *run) belong(ctx context.Context, it *Item, org string, b belonging, before map[string]any, wants []map[string]any) error {
	for _, want := range wants {
		var has map[string]any
		for _, d := range objects(before[b.member]) {
			if text(d, b.key) == text(want, b.key) {
				has = d
			}
		}
		path := api.Path("organizations", org, b.path)
		if has == nil {
			body := want
			if b.create != nil {
				body = b.create(want)
			}
			if _, err := r.create(ctx, it, path, "", body); err != nil {
				return err
			}
			continue
		}
		if b.update {
			if err := r.update(ctx, it, path+api.Path(text(has, b.id)), has, want, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
