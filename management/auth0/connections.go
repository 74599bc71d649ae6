package auth0

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// connection brings a connection with the applications that it is enabled for.
func (r *run) connection(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	name, id := text(body, "name"), text(body, "id")
	if body["strategy"] == nil && it.Kind == "databases" {
		body["strategy"] = store.DatabaseStrategy
	}
	if err := r.enabledClients(ctx, it, body); err != nil {
		return err
	}
	if err := r.initiated(ctx, body); err != nil {
		return err
	}
	r.inert(it, body)
	read := func() (map[string]any, error) { return r.connectionNamed(ctx, name) }
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) error {
		r.keepEnabled(before, body)
		if before == nil {
			_, err := r.create(ctx, it, "/connections", id, body)
			return err
		}
		if id != "" && text(before, "id") != id {
			renewed, err := r.renew(ctx, it, before, body)
			if renewed || err != nil {
				return err
			}
		}
		return r.update(ctx, it, api.Path("connections", text(before, "id")), before, body, []string{"strategy"})
	}})
}

// connectionNamed is a connection with the ids of its applications in their order.
func (r *run) connectionNamed(ctx context.Context, name string) (map[string]any, error) {
	all, err := r.list(ctx, url.Values{"name": {name}}, "connections")
	if err != nil || len(all) == 0 {
		return nil, err
	}
	sortTexts(all[0]["enabled_clients"])
	return all[0], nil
}

func sortTexts(v any) {
	list, _ := v.([]any)
	slices.SortFunc(list, func(a, b any) int {
		s, _ := a.(string)
		t, _ := b.(string)
		return strings.Compare(s, t)
	})
}

// enabledClients puts ids in the place of the names of applications. One that is not there is left out with a notice: the
// export may leave applications out.
func (r *run) enabledClients(ctx context.Context, it *Item, body map[string]any) error {
	list, said := body["enabled_clients"].([]any)
	if !said {
		delete(body, "enabled_clients") // a marker, or nothing
		return nil
	}
	ids := []any{}
	for i, v := range list {
		name, _ := v.(string)
		id, err := r.clientID(ctx, "", name)
		if own, is := errors.AsType[refused](err); is {
			r.unsupported(it, fmt.Sprintf("enabled_clients[%d]", i), own.reason)
			continue
		}
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	sortTexts(ids)
	body["enabled_clients"] = slices.Compact(ids)
	return nil
}

// keepEnabled leaves a connection enabled for the applications that the export does not have.
func (r *run) keepEnabled(before, body map[string]any) {
	list, said := body["enabled_clients"].([]any)
	if !said {
		return
	}
	for _, id := range texts(before["enabled_clients"]) {
		if !r.brought[id] {
			list = append(list, id)
		}
	}
	sortTexts(list)
	body["enabled_clients"] = slices.Compact(list)
}

// initiated puts the id of the application in that signs users in who come from a SAML identity provider.
func (r *run) initiated(ctx context.Context, body map[string]any) error {
	at := object(object(body, "options"), "idpinitiated")
	name := text(at, "client_id")
	if name == "" {
		return nil
	}
	id, err := r.clientID(ctx, "options.idpinitiated.client_id", name)
	at["client_id"] = id
	return err
}

// inert says of a connection what does not act.
func (r *run) inert(it *Item, body map[string]any) {
	strategy := text(body, "strategy")
	if err := management.CheckConnection(store.Connection{Name: text(body, "name"), Strategy: strategy}); err != nil && strategy != "" {
		r.unsupported(it, "", "kept with its options, but not in force: "+err.Error())
	}
	if object(body, "options")["enabledDatabaseCustomization"] == true {
		r.unsupported(it, "options.enabledDatabaseCustomization", "the scripts are kept and not run: import the users of that database")
	}
}

// renew gives a connection that has no users the id that it had: a fresh tenant has its own database under the same name.
func (r *run) renew(ctx context.Context, it *Item, before, body map[string]any) (bool, error) {
	name, id := text(before, "name"), text(body, "id")
	users, err := r.api.Do(ctx, api.Request{Method: http.MethodGet, Path: "/users", Query: url.Values{"connection": {name}, "per_page": {"1"}}})
	if err != nil {
		return false, err
	}
	if before["strategy"] != body["strategy"] || len(objects(users)) > 0 || object(before, "options")["configuration"] != nil {
		r.unsupported(it, "id", "the connection keeps its id "+text(before, "id")+", because it has users or secrets here")
		return false, nil
	}
	all := merged(before, body).(map[string]any)
	if _, err := r.ask(ctx, http.MethodDelete, api.Path("connections", text(before, "id")), nil); err != nil {
		return false, err
	}
	_, err = r.create(ctx, it, "/connections", id, all)
	return true, err
}
