package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/proofkey/proofkey/store"
)

// trigger is a place at which actions can be attached.
type trigger struct {
	id, version string
	current     bool
	entityBound bool // what uses an action names it, and there are no bindings
	runtimes    []string
	absent      string // the runtime where none is said; the tools read it, and actions get newestRuntime all the same
}

const newestRuntime = "node22"

// runtimes are those that an action may name; the old ones are in tenants that are brought here.
var runtimes = []string{"node12", "node16", "node18", "node18-actions", newestRuntime}

// triggers are the catalogue of the service.
func triggers() []trigger {
	old, both := []string{"node22"}, []string{"node18-actions", "node22"}
	return []trigger{
		{"post-login", "v3", true, false, both, newestRuntime},
		{"post-login", "v2", false, false, []string{"node18", "node22"}, "node16"},
		{"post-login", "v1", false, false, old, "node12"},
		{"credentials-exchange", "v2", true, false, both, newestRuntime},
		{"credentials-exchange", "v1", false, false, old, "node12"},
		{"pre-user-registration", "v2", true, false, both, newestRuntime},
		{"pre-user-registration", "v1", false, false, old, "node12"},
		{"post-user-registration", "v2", true, false, both, newestRuntime},
		{"post-user-registration", "v1", false, false, old, "node12"},
		{"post-change-password", "v2", true, false, both, newestRuntime},
		{"post-change-password", "v1", false, false, old, "node12"},
		{"send-phone-message", "v2", true, false, both, newestRuntime},
		{"send-phone-message", "v1", false, false, old, "node12"},
		{"password-reset-post-challenge", "v1", true, false, both, newestRuntime},
		{"custom-phone-provider", "v1", true, false, both, newestRuntime},
		{"custom-email-provider", "v1", true, false, both, newestRuntime},
		{"custom-token-exchange", "v1", true, true, []string{"node18", "node22"}, newestRuntime},
		{"event-stream", "v1", true, true, old, newestRuntime},
		{"password-hash-migration", "v1", true, true, old, newestRuntime},
		{"mcp-tool", "v1", true, true, old, newestRuntime},
	}
}

// findTrigger finds the version of a trigger, or the current one.
func findTrigger(id, version string) (trigger, bool) {
	all := triggers()
	i := slices.IndexFunc(all, func(t trigger) bool { return t.id == id && (t.version == version || version == "" && t.current) })
	if i < 0 {
		return trigger{}, false
	}
	return all[i], true
}

// readTrigger reads supported_triggers, which has one.
func readTrigger(list []any) (trigger, error) {
	if len(list) != 1 {
		return trigger{}, payloadError(fmt.Sprintf("Array is too long (%d), maximum 1", len(list)), "supported_triggers")
	}
	sent, _ := list[0].(map[string]any)
	id, version := text(sent, "id"), text(sent, "version")
	if id == "" {
		return trigger{}, payloadError("Missing required property: id", "supported_triggers[0]")
	}
	t, known := findTrigger(id, version)
	if !known {
		return t, badBody("The trigger %s does not exist.", strings.TrimSpace(id+" "+cut(version, 16)))
	}
	return t, nil
}

func (h *Handler) listTriggers(context.Context, *call) (any, error) {
	l := listing{}
	for _, t := range triggers() {
		d := document{
			"id": t.id, "version": t.version, "status": "DEPRECATED", "runtimes": t.runtimes, "default_runtime": t.absent,
			"binding_policy": "trigger-bound", "compatible_triggers": []document{},
		}
		if t.current {
			d["status"] = "CURRENT"
		}
		if t.entityBound {
			d["binding_policy"] = "entity-bound"
		}
		if t.id == "post-login" && t.current {
			d["compatible_triggers"] = []document{{"id": "post-login", "version": "v2"}}
		}
		l.items = append(l.items, d)
	}
	return l, nil
}

// bindings names the entity and the kind of the documents, of which each trigger has one with the whole ordered list.
// Nothing reads it but this API: a bound action is not run.
const bindings = "action_bindings"

var actionBound = conflict("Unable to delete an action bound to a trigger.")

// bound is the list of a trigger's document.
func bound(d store.Document) []any {
	list, _ := d.Body["bindings"].([]any)
	return list
}

// unbind takes an action out of the bindings of its trigger, or refuses where it is in them. The action is locked, and who
// binds one locks it too, so none is bound meanwhile.
func unbind(ctx context.Context, tx *store.Tx, d store.Document, force bool) error {
	all, err := tx.LockDocument(ctx, bindings, d.Parent)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(bound(all)), func(item any) bool {
		b, _ := item.(map[string]any)
		return b["action_id"] == d.ID
	})
	switch {
	case len(left) == len(bound(all)):
		return nil
	case !force:
		return actionBound
	}
	all.Body["bindings"] = left
	return tx.SaveDocument(ctx, &all)
}

func (c *call) trigger() (trigger, error) {
	t, known := findTrigger(c.vars["triggerId"], "")
	if !known {
		return t, notFound("", "That trigger does not exist.")
	}
	return t, nil
}

func findBindings(ctx context.Context, q store.Queries, id string) (store.Document, error) {
	d, err := q.Document(ctx, bindings, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Document{Kind: bindings, ID: id}, nil
	}
	return d, err
}

// showBinding shows a binding with its action.
func showBinding(triggerID string, b document, d store.Document) document {
	return merge(b, document{"action_id": nil, "trigger_id": triggerID, "action": withVersions(d, actionBase(d))})
}

func (h *Handler) listBindings(ctx context.Context, c *call) (any, error) {
	t, err := c.trigger()
	if err != nil {
		return nil, err
	}
	d, err := findBindings(ctx, h.DB.Queries, t.id)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, item := range bound(d) {
		b, _ := item.(map[string]any)
		all = append(all, b)
	}
	l := numbered(c.page, all)
	for i, b := range l.items {
		act, err := findAction(ctx, h.DB.Queries, text(b, "action_id"))
		if err != nil {
			return nil, err
		}
		l.items[i] = showBinding(t.id, b, act)
	}
	return l, nil
}

// updateBindings replaces the list; an entry that refers to a binding keeps it.
func (h *Handler) updateBindings(ctx context.Context, c *call) (any, error) {
	t, err := c.trigger()
	if err != nil {
		return nil, err
	}
	if t.entityBound {
		return nil, badBody("The trigger %s is entity-bound: what uses an action names it, and there are no bindings to change.", t.id)
	}
	sent, said := c.object()["bindings"].([]any)
	if !said {
		return nil, payloadError("Missing required property: bindings", "")
	}
	var shown []document
	err = c.change(ctx, func(tx *store.Tx) error {
		shown = []document{}
		all, err := findBindings(ctx, tx.Queries, t.id)
		if err != nil {
			return err
		}
		list := []any{}
		for i, item := range sent {
			entry, _ := item.(map[string]any)
			b, act, err := readBinding(ctx, tx, t.id, bound(all), entry, fmt.Sprintf("bindings[%d]", i))
			if err != nil {
				return err
			}
			list = append(list, b)
			shown = append(shown, showBinding(t.id, b, act))
		}
		all.Body = document{"bindings": list}
		if err := tx.PutDocument(ctx, &all); errors.Is(err, store.ErrConflict) {
			return conflict("Somebody else changed the bindings of this trigger at the same moment.")
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return document{"bindings": shown}, nil
}

// readBinding finds the action that an entry refers to, and locks it. old are the bindings that there are.
func readBinding(ctx context.Context, tx *store.Tx, triggerID string, old []any, entry document, place string) (document, store.Document, error) {
	var act store.Document
	ref, _ := entry["ref"].(map[string]any)
	value := text(ref, "value")
	if value == "" {
		return nil, act, payloadError("Missing required property: value", below(place, "ref"))
	}
	now := nanos(tx.Now())
	b, id := document{"id": uuid.NewString(), "created_at": now}, value
	switch text(ref, "type") {
	case "action_id":
	case "action_name":
		found, err := tx.DocumentByName(ctx, action, triggerID, value)
		if id = found.ID; err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, act, err
		}
	case "binding_id":
		id = ""
		for _, item := range old {
			if o, _ := item.(map[string]any); o["id"] == value {
				b, id = document{"id": value, "created_at": o["created_at"], "display_name": o["display_name"]}, text(o, "action_id")
			}
		}
	default:
		return nil, act, payloadError("Missing required property: type", below(place, "ref"))
	}
	act, err := tx.LockDocument(ctx, action, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, act, badBody("No action is found by the %s %s.", text(ref, "type"), cut(value, 128))
	case err != nil:
		return nil, act, err
	case act.Parent != triggerID:
		return nil, act, badBody("The action %s supports the trigger %s and not %s.", cut(act.Name, 128), act.Parent, triggerID)
	case deployed(act) == nil:
		return nil, act, badBody("Trying to create a binding for an action that has not been deployed yet")
	}
	if name := text(entry, "display_name"); name != "" {
		b["display_name"] = name
	}
	fill(b, document{"display_name": act.Name})
	b["action_id"], b["updated_at"] = act.ID, now
	return b, act, nil
}
