package auth0

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management/api"
)

// audience is the identifier of an API as it is here: those that the service has in every tenant follow the domain.
func (r *run) audience(identifier string) string {
	if slices.ContainsFunc(r.export.of("resourceServers"), func(it *Item) bool {
		return text(it.Body, "identifier") == identifier && it.Body["is_system"] != true
	}) {
		return identifier
	}
	u, err := url.Parse(identifier)
	if err != nil || u.Scheme != "https" {
		return identifier
	}
	switch u.Path {
	case "/api/v2/":
		return r.issuer + "api/v2/"
	case "/me/", "/userinfo":
		if strings.HasSuffix(u.Host, ".auth0.com") {
			return r.issuer + strings.TrimPrefix(u.Path, "/")
		}
	}
	return identifier
}

// resourceServer brings an API. The service's own are made as the server makes them, and never changed.
func (r *run) resourceServer(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	identifier, id := text(body, "identifier"), text(body, "id")
	system := body["is_system"] == true
	if here := r.audience(identifier); here != identifier {
		identifier, id, system = here, "", true
		body = map[string]any{"identifier": here}
	}
	if identifier == r.issuer+"api/v2/" {
		r.unsupported(it, "", "the Management API is the server's own")
		return nil
	}
	return r.bring(ctx, k, it, entity{
		func() (map[string]any, error) { return r.get(ctx, "resource-servers", identifier) },
		func(before map[string]any) error {
			switch {
			case before == nil:
				_, err := r.create(ctx, it, "/resource-servers", id, body)
				return err
			case system:
				return nil
			}
			return r.update(ctx, it, api.Path("resource-servers", text(before, "id")), before, body, nil)
		},
	})
}

// clientGrant brings what an application may ask of an API in its own name.
func (r *run) clientGrant(ctx context.Context, k kind, it *Item) error {
	if it.Body["is_system"] == true {
		return nil
	}
	body := deepCopy(it.Body).(map[string]any)
	if name := text(body, "client_id"); name != "" {
		id, err := r.clientID(ctx, "client_id", name)
		if err != nil {
			return err
		}
		body["client_id"] = id
	}
	body["audience"] = r.audience(text(body, "audience"))
	query := url.Values{"client_id": {text(body, "client_id")}, "audience": {text(body, "audience")}}
	return r.element(ctx, k, it, listed{
		path: []string{"client-grants"}, key: "audience", id: text(body, "id"), body: body, query: query, fixed: []string{"subject_type"},
	})
}

// role brings a role with its permissions.
func (r *run) role(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	wants, said := body["permissions"]
	delete(body, "permissions")
	permissions := func(id string) (list []any, err error) {
		all, err := r.list(ctx, nil, "roles", id, "permissions")
		for _, p := range all {
			list = append(list, map[string]any{
				"resource_server_identifier": p["resource_server_identifier"], "permission_name": p["permission_name"],
			})
		}
		slices.SortFunc(list, comparePermissions)
		return list, err
	}
	return r.element(ctx, k, it, listed{
		path: []string{"roles"}, key: "name", id: text(body, "id"), body: body,
		extend: func(state map[string]any) (err error) {
			state["permissions"], err = permissions(text(state, "id"))
			return err
		},
		also: func(id string, _ map[string]any) error {
			if !said {
				return nil
			}
			has, err := permissions(id)
			if err != nil {
				return err
			}
			var list []any
			for _, p := range objects(wants) {
				list = append(list, map[string]any{
					"resource_server_identifier": r.audience(text(p, "resource_server_identifier")), "permission_name": p["permission_name"],
				})
			}
			path := api.Path("roles", id, "permissions")
			for _, step := range []struct {
				method      string
				from, other []any
			}{{http.MethodPost, list, has}, {http.MethodDelete, has, list}} {
				some := slices.DeleteFunc(slices.Clone(step.from), func(p any) bool {
					return slices.ContainsFunc(step.other, func(o any) bool { return comparePermissions(p, o) == 0 })
				})
				if len(some) == 0 {
					continue
				}
				if _, err := r.ask(ctx, step.method, path, map[string]any{"permissions": some}); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

func comparePermissions(a, b any) int {
	p, _ := a.(map[string]any)
	q, _ := b.(map[string]any)
	return cmp.Or(
		strings.Compare(text(p, "resource_server_identifier"), text(q, "resource_server_identifier")),
		strings.Compare(text(p, "permission_name"), text(q, "permission_name")),
	)
}
