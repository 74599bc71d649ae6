package auth0

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/management/api"
)

// hiddenSecret is what exports have in the place of the secrets of Actions.
const hiddenSecret = "_VALUE_NOT_SHOWN_"

// sendable are the secrets of an export as they can be sent: those whose value it hides, by name only, which keeps the value
// that is there.
func (r *run) sendable(it *Item, list any) []any {
	secrets := []any{}
	for _, s := range objects(list) {
		name, value := text(s, "name"), text(s, "value")
		if value == "" || value == hiddenSecret {
			at := Place{it.At.File, it.line("secrets")}
			r.report.Missing = append(r.report.Missing, Missing{Kind: it.Kind, Name: it.Name, Field: "secrets." + name, At: at})
			secrets = append(secrets, map[string]any{"name": name})
			continue
		}
		secrets = append(secrets, map[string]any{"name": name, "value": value})
	}
	return secrets
}

// module brings code that Actions share, and publishes it where it was published.
func (r *run) module(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	publish := body["all_changes_published"] != false
	if body["secrets"] != nil {
		body["secrets"] = r.sendable(it, body["secrets"])
	}
	return r.element(ctx, k, it, listed{
		path: []string{"actions", "modules"}, key: "name", id: text(body, "id"), body: body,
		extend: without("latest_version", "latest_version_number", "actions_using_module_total"),
		also: func(id string, _ map[string]any) error {
			state, err := r.get(ctx, "actions", "modules", id)
			if err != nil || !publish || state["all_changes_published"] == true {
				return err
			}
			_, err = r.ask(ctx, http.MethodPost, api.Path("actions", "modules", id, "versions"), nil)
			return err
		},
	})
}

// without takes out of a state what follows from the rest of it.
func without(names ...string) func(map[string]any) error {
	return func(state map[string]any) error {
		for _, name := range names {
			delete(state, name)
		}
		return nil
	}
}

// action brings an Action and deploys it where it was deployed.
func (r *run) action(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	deploy := body["deployed"] == true
	for _, name := range []string{"deployed", "status", "installed_integration_id"} {
		delete(body, name)
	}
	if body["secrets"] != nil {
		body["secrets"] = r.sendable(it, body["secrets"])
	}
	if err := r.usedModules(ctx, body); err != nil {
		return err
	}
	return r.element(ctx, k, it, listed{
		path: []string{"actions", "actions"}, key: "name", id: text(body, "id"), body: body,
		extend: without("current_version", "deployed_version", "status"),
		also: func(id string, _ map[string]any) error {
			state, err := r.get(ctx, "actions", "actions", id)
			if err != nil || !deploy || state["all_changes_deployed"] == true {
				return err
			}
			_, err = r.ask(ctx, http.MethodPost, api.Path("actions", "actions", id, "deploy"), nil)
			return err
		},
	})
}

// usedModules puts ids in the place of the names of modules. The number of a version is another here: it is the latest.
func (r *run) usedModules(ctx context.Context, body map[string]any) error {
	list := objects(body["modules"])
	delete(body, "modules")
	used := []any{}
	for _, m := range list {
		name := text(m, "module_name")
		known, err := r.known(ctx, listed{path: []string{"actions", "modules"}, key: "name"})
		if err != nil {
			return err
		}
		var state map[string]any
		if id := known[name]; id != "" {
			if state, err = r.get(ctx, "actions", "modules", id); err != nil {
				return err
			}
		}
		latest := text(object(state, "latest_version"), "id")
		if latest == "" {
			return refused{"modules", "there is no published module " + name + ", neither in the export nor here"}
		}
		used = append(used, map[string]any{"module_id": known[name], "module_version_id": latest})
	}
	if len(used) > 0 {
		body["modules"] = used
	}
	return nil
}

// trigger brings the order in which the Actions of each trigger run.
func (r *run) trigger(ctx context.Context, k kind, it *Item) error {
	for _, name := range sorted(it.Body) {
		of := &Item{Kind: it.Kind, Name: name, At: Place{it.At.File, it.line(name)}, line: func(string) int { return it.line(name) }}
		if err := r.orRefuse(k, of, r.bindings(ctx, k, of, objects(it.Body[name]))); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) bindings(ctx context.Context, k kind, it *Item, list []map[string]any) error {
	path := api.Path("actions", "triggers", it.Name, "bindings")
	read := func() (map[string]any, error) {
		found, err := r.list(ctx, nil, "actions", "triggers", it.Name, "bindings")
		all := []any{}
		for _, b := range found {
			all = append(all, map[string]any{"action_name": object(b, "action")["name"], "display_name": b["display_name"]})
		}
		return map[string]any{"bindings": all}, err
	}
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) error {
		wants := []any{}
		same := len(list) == len(objects(before["bindings"]))
		for i, b := range list {
			wants = append(wants, map[string]any{
				"ref": map[string]any{"type": "action_name", "value": b["action_name"]}, "display_name": b["display_name"],
			})
			same = same && covers(objects(before["bindings"])[i], b)
		}
		if same {
			return nil
		}
		_, err := r.ask(ctx, http.MethodPatch, path, map[string]any{"bindings": wants})
		return err
	}})
}
