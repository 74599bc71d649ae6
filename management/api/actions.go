package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) actions() []operation {
	return []operation{
		{"GET", "/actions/actions", "List actions", "", h.listActions},
		{"POST", "/actions/actions", "Create an action", action, h.createAction},
		{"GET", "/actions/actions/{id}", "Get an action", "", h.getAction},
		{"PATCH", "/actions/actions/{id}", "Update an action", action, h.updateAction},
		{"DELETE", "/actions/actions/{id}", "Delete an action", "", h.deleteAction},
		{"POST", "/actions/actions/{id}/deploy", "Deploy an action", "", h.deployAction},
		{"POST", "/actions/actions/{id}/test", "Test an action", anyBody, h.testAction},
		{"GET", "/actions/actions/{actionId}/versions", "List an action's versions", "", h.listActionVersions},
		{"GET", "/actions/actions/{actionId}/versions/{id}", "Get an action's version", "", h.getActionVersion},
		{"POST", "/actions/actions/{actionId}/versions/{id}/deploy", "Deploy an action's version", anyBody, h.deployActionVersion},
		{"GET", "/actions/executions/{id}", "Get an execution of actions", "", h.getExecution},
		{"GET", "/actions/triggers", "List triggers", "", h.listTriggers},
		{"GET", "/actions/triggers/{triggerId}/bindings", "List a trigger's bindings", "", h.listBindings},
		{"PATCH", "/actions/triggers/{triggerId}/bindings", "Update a trigger's bindings", bindings, h.updateBindings},
	}
}

// action names both the entity and the kind of its documents. The parent of one is its trigger, so its name is unique there;
// the sealed part are the values of its secrets.
const action = "action"

// maxActions bounds what a list has to look through.
const maxActions = 1000

var noAction = notFound("", "That action does not exist.")

// nanos is a time as the API of actions writes it.
func nanos(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func lockAction(ctx context.Context, tx *store.Tx, id string) (store.Document, error) {
	d, err := tx.LockDocument(ctx, action, id)
	if errors.Is(err, store.ErrNotFound) {
		return d, noAction
	}
	return d, err
}

func findAction(ctx context.Context, q store.Queries, id string) (store.Document, error) {
	d, err := q.Document(ctx, action, id)
	if errors.Is(err, store.ErrNotFound) {
		return d, noAction
	}
	return d, err
}

// actionContent is what a version is made of.
func actionContent(d document) document {
	out := document{}
	for _, name := range []string{"code", "dependencies", "runtime", "secrets", "supported_triggers", "modules"} {
		if v, ok := d[name]; ok {
			out[name] = v
		}
	}
	return out
}

// deployed is the version of an action that is deployed, or nil.
func deployed(d store.Document) document {
	v, _ := d.Body["deployed_version"].(map[string]any)
	return v
}

// actionBase is an action where it is named beside something else.
func actionBase(d store.Document) document {
	return document{
		"id": d.ID, "name": d.Name, "supported_triggers": d.Body["supported_triggers"],
		"created_at": nanos(d.CreatedAt), "updated_at": nanos(d.UpdatedAt),
		"all_changes_deployed": reflect.DeepEqual(actionContent(d.Body), actionContent(deployed(d))),
	}
}

func withVersions(d store.Document, out document) document {
	if v := deployed(d); v != nil {
		out["deployed_version"] = v
		out["current_version"] = document{
			"id": v["id"], "code": v["code"], "runtime": v["runtime"], "status": "BUILT", "number": v["number"],
			"build_time": v["built_at"], "created_at": v["created_at"], "updated_at": v["updated_at"],
		}
	}
	return out
}

func showAction(d store.Document) document {
	out := withVersions(d, actionBase(d))
	maps.Copy(out, actionContent(d.Body))
	out["status"] = "built"
	return out
}

// pending is the answer to a change: nothing is compiled here, but clients ask until an action is built and deploy it then.
func pending(d store.Document) document { return merge(showAction(d), document{"status": "pending"}) }

// documentsPage reads a page of documents and counts all of them.
func documentsPage(ctx context.Context, q store.Queries, f store.DocumentFilter, p page) ([]store.Document, int, error) {
	n, err := q.CountDocuments(ctx, f)
	if err != nil || p.limit == 0 {
		return nil, n, err
	}
	f.Offset, f.Limit = p.offset, p.limit
	all, err := q.Documents(ctx, f)
	return all, n, err
}

func (h *Handler) listActions(ctx context.Context, c *call) (any, error) {
	only, filtered, err := c.flag("deployed")
	if err != nil {
		return nil, err
	}
	installed, _, err := c.flag("installed")
	if err != nil {
		return nil, err
	}
	if installed { // from the marketplace: there is none here
		return listing{}, nil
	}
	f, name := store.DocumentFilter{Kind: action, Parent: c.query.Get("triggerId")}, c.query.Get("actionName")
	if name == "" && !filtered {
		rows, n, err := documentsPage(ctx, h.DB.Queries, f, c.page)
		l := listing{total: n}
		for _, d := range rows {
			l.items = append(l.items, showAction(d))
		}
		return l, err
	}
	f.Limit = maxActions
	rows, err := h.DB.Documents(ctx, f)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, d := range rows {
		if (name == "" || d.Name == name) && (!filtered || only == (deployed(d) != nil)) {
			all = append(all, showAction(d))
		}
	}
	return numbered(c.page, all), nil
}

func (h *Handler) getAction(ctx context.Context, c *call) (any, error) {
	d, err := findAction(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return c.withSecrets(d, showAction(d))
}

// changeAction puts what was sent into the draft of an action.
func changeAction(ctx context.Context, tx *store.Tx, d *store.Document, sent document) (err error) {
	if name, said := sent["name"].(string); said {
		if d.Name = name; strings.TrimSpace(name) == "" {
			return payloadError("String is too short (0 chars), minimum 1", "name")
		}
	}
	change := actionContent(sent)
	if list, said := sent["supported_triggers"].([]any); said {
		t, err := readTrigger(list)
		switch {
		case err != nil:
			return err
		case d.Parent != "" && d.Parent != t.id:
			return badBody("can't upgrade to this trigger.")
		}
		d.Parent = t.id
		change["supported_triggers"] = []any{document{"id": t.id, "version": t.version}}
	}
	if v, said := sent["modules"]; said {
		if change["modules"], err = readModules(ctx, tx.Queries, v); err != nil {
			return err
		}
	}
	if v, said := sent["secrets"]; said {
		if change["secrets"], err = setSecrets(d, v, nanos(tx.Now())); err != nil {
			return err
		}
	}
	d.Body = merge(d.Body, change)
	fill(d.Body, document{"code": "", "dependencies": []any{}, "runtime": newestRuntime, "secrets": []any{}})
	if r := text(d.Body, "runtime"); !slices.Contains(runtimes, r) {
		return badBody("The runtime %s is none of %s.", cut(r, 64), strings.Join(runtimes, ", "))
	}
	return nil
}

// setSecrets seals the values of the secrets that were sent and answers what of them is shown. One that is sent without a
// value keeps the value that it has.
func setSecrets(d *store.Document, sent any, now string) (shown []any, err error) {
	before := map[string]string{}
	if d.Secret != "" {
		if err := json.Unmarshal([]byte(d.Secret), &before); err != nil {
			return nil, fmt.Errorf("secrets of %s %s: %w", d.Kind, d.ID, err)
		}
	}
	since := map[string]any{}
	former, _ := d.Body["secrets"].([]any)
	for _, item := range former {
		s, _ := item.(map[string]any)
		since[text(s, "name")] = s["updated_at"]
	}
	values, list := map[string]string{}, []any{}
	items, _ := sent.([]any)
	for i, item := range items {
		s, _ := item.(map[string]any)
		name, place := text(s, "name"), fmt.Sprintf("secrets[%d]", i)
		if name == "" {
			return nil, payloadError("Missing required property: name", place)
		}
		if _, twice := values[name]; twice {
			return nil, badBody("The secret %s is there twice.", cut(name, 128))
		}
		value, valued := s["value"].(string)
		at, had := since[name]
		if valued || !had {
			at = now
		} else {
			value = before[name]
		}
		values[name] = value
		list = append(list, document{"name": name, "updated_at": at})
	}
	if d.Secret = ""; len(values) > 0 {
		raw, err := json.Marshal(values)
		if err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		d.Secret = string(raw)
	}
	return list, nil
}

var actionExists = conflict("An action with the same name already exists for this trigger.")

func (h *Handler) createAction(ctx context.Context, c *call) (any, error) {
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) error {
		n, err := tx.CountDocuments(ctx, store.DocumentFilter{Kind: action})
		if err != nil {
			return err
		}
		if n >= maxActions {
			return problem.New(http.StatusForbidden, "", fmt.Sprintf("This tenant has %d actions, which is the most there can be.", n))
		}
		d = store.Document{Kind: action, ID: cmp.Or(c.stated, uuid.NewString())}
		if err := changeAction(ctx, tx, &d, c.object()); err != nil {
			return err
		}
		if err := tx.CreateDocument(ctx, &d); errors.Is(err, store.ErrConflict) {
			return actionExists
		} else if err != nil {
			return err
		}
		c.target = d.ID
		if now, _ := c.object()["deploy"].(bool); !now {
			return nil
		}
		_, err = deploy(ctx, tx, &d, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pending(d), nil
}

func (h *Handler) updateAction(ctx context.Context, c *call) (any, error) {
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = lockAction(ctx, tx, c.vars["id"]); err != nil {
			return err
		}
		if err := changeAction(ctx, tx, &d, c.object()); err != nil {
			return err
		}
		if err := tx.SaveDocument(ctx, &d); errors.Is(err, store.ErrConflict) {
			return actionExists
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return pending(d), nil
}

func (h *Handler) deleteAction(ctx context.Context, c *call) (any, error) {
	force, _, err := c.flag("force")
	if err != nil {
		return nil, err
	}
	return nil, c.change(ctx, func(tx *store.Tx) error {
		d, err := lockAction(ctx, tx, c.vars["id"])
		if err != nil {
			return err
		}
		if err := unbind(ctx, tx, d, force); err != nil {
			return err
		}
		if err := useModules(ctx, tx, d, nil); err != nil {
			return err
		}
		if err := tx.DeleteDocuments(ctx, actionVersion, d.ID); err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, action, d.ID)
	})
}

func (h *Handler) testAction(ctx context.Context, c *call) (any, error) {
	if _, err := findAction(ctx, h.DB.Queries, c.vars["id"]); err != nil {
		return nil, err
	}
	return nil, problem.New(http.StatusForbidden, "feature_not_enabled", "Actions are stored and not run by this server: there is nothing to test.")
}

// getExecution finds none: nothing is run.
func (h *Handler) getExecution(context.Context, *call) (any, error) {
	return nil, notFound("", "That execution does not exist.")
}
