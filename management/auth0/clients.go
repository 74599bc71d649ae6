package auth0

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// loadClients notes which applications there are: exports name them.
func (r *run) loadClients(ctx context.Context) error {
	r.clients = map[string][]string{}
	all, err := r.list(ctx, url.Values{"is_global": {"false"}, "fields": {"client_id,name"}}, "clients")
	for _, c := range all {
		r.clients[text(c, "name")] = append(r.clients[text(c, "name")], text(c, "client_id"))
	}
	return err
}

// clientID is the id of an application that is named as exports do: by name, or by its id where the name says nothing.
func (r *run) clientID(ctx context.Context, field, name string) (string, error) {
	// The name of the export wins: an application of the tenant may bear it too.
	for _, it := range r.export.of("clients") {
		if id := text(it.Body, "client_id"); id != "" && it.Name == name {
			return id, nil
		}
	}
	switch ids := r.clients[name]; len(ids) {
	case 0:
	case 1:
		return ids[0], nil
	default:
		return "", refused{field, fmt.Sprintf("%d applications have the name %q: export again with AUTH0_EXPORT_IDENTIFIERS=true", len(ids), name)}
	}
	c, err := r.get(ctx, "clients", name)
	if err == nil && c == nil {
		return "", refused{field, fmt.Sprintf("there is no application %q, neither in the export nor here", name)}
	}
	return name, err
}

// client brings an application with its client_id and, where somebody gave it, its secret.
func (r *run) client(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	id, err := r.idOfClient(it)
	if err != nil {
		return err
	}
	secret := r.secretOf(it)
	for _, name := range []string{"client_secret", "client_id"} {
		delete(body, name)
	}
	if old, ok := body["cross_origin_auth"]; ok && body["cross_origin_authentication"] == nil {
		body["cross_origin_authentication"] = old
	}
	delete(body, "cross_origin_auth") // the same under its former name
	for name, reason := range map[string]string{
		"client_authentication_methods": "the export holds no keys: add the public key of the application's credential here",
		"token_vault_privileged_access": "the export holds no keys of it: set it here",
	} {
		if body[name] != nil {
			r.unsupported(it, name, reason)
			delete(body, name)
		}
	}
	read := func() (map[string]any, error) {
		if id == "" {
			return nil, nil
		}
		return r.get(ctx, "clients", id)
	}
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) (err error) {
		defer func() { r.brought[id] = err == nil }()
		if before != nil {
			if secret != "" {
				body["client_secret"] = secret
			}
			return r.update(ctx, it, api.Path("clients", id), before, body, nil)
		}
		if id, err = r.create(ctx, it, "/clients", id, body); err != nil {
			return err
		}
		r.clients[it.Name] = append(r.clients[it.Name], id)
		if secret != "" {
			_, err = r.ask(ctx, http.MethodPatch, api.Path("clients", id), map[string]any{"client_secret": secret})
			return err
		}
		if text(body, "token_endpoint_auth_method") != oauth.AuthNone {
			r.report.Secrets = append(r.report.Secrets, Secret{id, it.Name})
		}
		return nil
	}})
}

// idOfClient is the id of an application of the export, or empty where it gets a new one.
func (r *run) idOfClient(it *Item) (string, error) {
	id := text(it.Body, "client_id")
	if id != "" {
		return id, nil
	}
	switch ids := r.clients[it.Name]; {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", refused{"name", fmt.Sprintf("%d applications have this name here: export again with AUTH0_EXPORT_IDENTIFIERS=true, so that it says which", len(ids))}
	case r.options.NewClientIDs:
		return "", nil
	}
	return "", refused{"", "the export has no client_id, and under a new one the application stops working: export again with AUTH0_EXPORT_IDENTIFIERS=true, or give --new-client-ids"}
}

// UnknownClient is one of the names under which secrets are given that no application of the export has, or empty.
func (e *Export) UnknownClient(secrets map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if !slices.ContainsFunc(e.of("clients"), func(it *Item) bool { return it.Name == name || text(it.Body, "client_id") == name }) {
			return name
		}
	}
	return ""
}

// secretOf is the secret that was given for an application, or that the export has.
func (r *run) secretOf(it *Item) string {
	for _, name := range []string{text(it.Body, "client_id"), it.Name} {
		if s := r.options.Secrets[name]; s != "" && name != "" {
			return s
		}
	}
	return text(it.Body, "client_secret")
}

// allowPKCE adds to pkce_app_types the types of the applications that exchanged a code with PKCE alone: the service lets
// every public application, a fresh tenant only native ones.
func (r *run) allowPKCE(ctx context.Context) error {
	state, err := r.get(ctx, "tenants", "settings")
	if err != nil {
		return err
	}
	allowed, _ := state["pkce_app_types"].([]any)
	if allowed == nil {
		allowed = []any{store.AppNative}
	}
	var needs []string
	for _, it := range r.export.of("clients") {
		appType := text(it.Body, "app_type")
		grants, said := it.Body["grant_types"].([]any)
		if text(it.Body, "token_endpoint_auth_method") != oauth.AuthNone || said && !slices.Contains(grants, any(oauth.GrantAuthorizationCode)) ||
			appType == "" || slices.Contains(allowed, any(appType)) {
			continue
		}
		allowed, needs = append(allowed, appType), append(needs, it.Name)
	}
	if needs == nil {
		return nil
	}
	it := &Item{Kind: "tenant", Name: "PKCE alone, for " + strings.Join(needs, ", "), line: func(string) int { return 0 }}
	k := kind{title: "tenant"}
	return r.settings(ctx, k, it, http.MethodPatch, map[string]any{"pkce_app_types": allowed}, "tenants", "settings")
}
