package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) actionModules() []operation {
	return []operation{
		{"GET", "/actions/modules", "List action modules", "", h.listModules},
		{"POST", "/actions/modules", "Create an action module", actionModule, h.createModule},
		{"GET", "/actions/modules/{id}", "Get an action module", "", h.getModule},
		{"PATCH", "/actions/modules/{id}", "Update an action module", actionModule, h.updateModule},
		{"DELETE", "/actions/modules/{id}", "Delete an action module", "", h.deleteModule},
		{"GET", "/actions/modules/{id}/actions", "List the actions that use an action module", "", h.listModuleActions},
		{"POST", "/actions/modules/{id}/rollback", "Roll an action module back", "action_module_rollback", h.rollbackModule},
		{"GET", "/actions/modules/{id}/versions", "List an action module's versions", "", h.listModuleVersions},
		{"POST", "/actions/modules/{id}/versions", "Publish an action module", "", h.publishModule},
		{"GET", "/actions/modules/{id}/versions/{versionId}", "Get an action module's version", "", h.getModuleVersion},
	}
}

// Modules are code that actions share. A version belongs to its module and its name is its number; a use belongs to its
// module and says which version a deployed action has.
const (
	actionModule        = "action_module"
	actionModuleVersion = "action_module_version"
	actionModuleUse     = "action_module_use"
)

var (
	noModule        = notFound("", "That action module does not exist.")
	noModuleVersion = notFound("", "That action module version does not exist.")
	moduleExists    = conflict("An action module with the same name already exists.")
)

// micros is a time as the API of action modules writes it.
func micros(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func findModule(ctx context.Context, q store.Queries, id string) (store.Document, error) {
	d, err := q.Document(ctx, actionModule, id)
	if errors.Is(err, store.ErrNotFound) {
		return d, noModule
	}
	return d, err
}

func lockModule(ctx context.Context, tx *store.Tx, id string) (store.Document, error) {
	d, err := tx.LockDocument(ctx, actionModule, id)
	if errors.Is(err, store.ErrNotFound) {
		return d, noModule
	}
	return d, err
}

// moduleContent is what a version is made of.
func moduleContent(d document) document {
	return document{"code": d["code"], "dependencies": d["dependencies"], "secrets": d["secrets"]}
}

// published is the last version of a module, or nil.
func published(d store.Document) document {
	v, _ := d.Body["latest_version"].(map[string]any)
	return v
}

func allPublished(d store.Document) bool {
	return published(d) != nil && reflect.DeepEqual(moduleContent(d.Body), moduleContent(published(d)))
}

// showModule is a module with the count of the deployed actions that use it.
func showModule(ctx context.Context, q store.Queries, d store.Document) (document, error) {
	uses, err := q.CountDocuments(ctx, store.DocumentFilter{Kind: actionModuleUse, Parent: d.ID})
	return merge(d.Body, document{
		"id": d.ID, "name": d.Name, "all_changes_published": allPublished(d), "actions_using_module_total": uses,
		"created_at": micros(d.CreatedAt), "updated_at": micros(d.UpdatedAt),
	}), err
}

func showModuleVersion(v store.Document) document {
	number, _ := strconv.Atoi(v.Name)
	return merge(v.Body, document{"id": v.ID, "module_id": v.Parent, "version_number": number, "created_at": micros(v.CreatedAt)})
}

func (h *Handler) listModules(ctx context.Context, c *call) (any, error) {
	rows, n, err := documentsPage(ctx, h.DB.Queries, store.DocumentFilter{Kind: actionModule}, c.page)
	l := listing{total: n}
	for _, d := range rows {
		m, err := showModule(ctx, h.DB.Queries, d)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, merge(m, document{"latest_version": nil, "latest_version_number": published(d)["version_number"]}))
	}
	return l, err
}

func (h *Handler) getModule(ctx context.Context, c *call) (any, error) {
	d, err := findModule(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	shown, err := showModule(ctx, h.DB.Queries, d)
	if err != nil {
		return nil, err
	}
	return c.withSecrets(d, shown)
}

// changeModule puts what was sent into the draft of a module.
func changeModule(tx *store.Tx, d *store.Document, sent document) (err error) {
	change := document{}
	for _, name := range []string{"code", "dependencies"} {
		if v, said := sent[name]; said {
			change[name] = v
		}
	}
	if v, said := sent["secrets"]; said {
		if change["secrets"], err = setSecrets(d, v, micros(tx.Now())); err != nil {
			return err
		}
	}
	d.Body = merge(d.Body, change)
	fill(d.Body, document{"dependencies": []any{}, "secrets": []any{}})
	return nil
}

// publish makes a version of the draft of a module that the caller has locked.
func publish(ctx context.Context, tx *store.Tx, d *store.Document) (store.Document, error) {
	number := 1
	if last := published(*d); last != nil {
		n, _ := last["version_number"].(float64)
		number = int(n) + 1
	}
	v := store.Document{
		Kind: actionModuleVersion, ID: uuid.NewString(), Parent: d.ID, Name: strconv.Itoa(number),
		Body: moduleContent(d.Body), Secret: d.Secret,
	}
	if err := tx.CreateDocument(ctx, &v); err != nil {
		return v, err
	}
	d.Body = merge(d.Body, document{"latest_version": merge(v.Body, document{"id": v.ID, "version_number": number})})
	return v, tx.SaveDocument(ctx, d)
}

func (h *Handler) createModule(ctx context.Context, c *call) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		d := store.Document{Kind: actionModule, ID: cmp.Or(c.stated, uuid.NewString()), Name: text(c.object(), "name")}
		if d.Name == "" {
			return payloadError("String is too short (0 chars), minimum 1", "name")
		}
		if err := changeModule(tx, &d, c.object()); err != nil {
			return err
		}
		if err := tx.CreateDocument(ctx, &d); errors.Is(err, store.ErrConflict) {
			return moduleExists
		} else if err != nil {
			return err
		}
		if now, _ := c.object()["publish"].(bool); now {
			if _, err := publish(ctx, tx, &d); err != nil {
				return err
			}
		}
		c.target = d.ID
		var err error
		shown, err = showModule(ctx, tx.Queries, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return shown, nil
}

// changeDraft changes the draft of the module that the path names, and answers the module.
func (c *call) changeDraft(ctx context.Context, change func(tx *store.Tx, d *store.Document) error) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		d, err := lockModule(ctx, tx, c.vars["id"])
		if err != nil {
			return err
		}
		if err := change(tx, &d); err != nil {
			return err
		}
		if err := tx.SaveDocument(ctx, &d); err != nil {
			return err
		}
		shown, err = showModule(ctx, tx.Queries, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return shown, nil
}

func (h *Handler) updateModule(ctx context.Context, c *call) (any, error) {
	return c.changeDraft(ctx, func(tx *store.Tx, d *store.Document) error { return changeModule(tx, d, c.object()) })
}

// rollbackModule makes a version the draft again; publishing it gives it a new number.
func (h *Handler) rollbackModule(ctx context.Context, c *call) (any, error) {
	return c.changeDraft(ctx, func(tx *store.Tx, d *store.Document) error {
		v, err := moduleVersion(ctx, tx.Queries, d.ID, text(c.object(), "module_version_id"))
		if err == nil {
			d.Body, d.Secret = merge(d.Body, moduleContent(v.Body)), v.Secret
		}
		return err
	})
}

func moduleVersion(ctx context.Context, q store.Queries, module, id string) (store.Document, error) {
	v, err := q.Document(ctx, actionModuleVersion, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.Parent != module {
		return v, noModuleVersion
	}
	return v, err
}

func (h *Handler) deleteModule(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		d, err := lockModule(ctx, tx, c.vars["id"])
		if err != nil {
			return err
		}
		uses, err := tx.CountDocuments(ctx, store.DocumentFilter{Kind: actionModuleUse, Parent: d.ID})
		if err != nil {
			return err
		}
		if uses > 0 {
			return problem.New(http.StatusPreconditionFailed, "", "The action module is used by deployed actions and cannot be deleted.")
		}
		if err := tx.DeleteDocuments(ctx, actionModuleVersion, d.ID); err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, actionModule, d.ID)
	})
}

func (h *Handler) publishModule(ctx context.Context, c *call) (any, error) {
	var v store.Document
	err := c.change(ctx, func(tx *store.Tx) error {
		d, err := lockModule(ctx, tx, c.vars["id"])
		if err != nil {
			return err
		}
		if allPublished(d) {
			return conflict("No draft version is available to publish.")
		}
		v, err = publish(ctx, tx, &d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return showModuleVersion(v), nil
}

func (h *Handler) listModuleVersions(ctx context.Context, c *call) (any, error) {
	d, err := findModule(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	rows, n, err := newestFirst(ctx, h.DB.Queries, actionModuleVersion, d.ID, c.page)
	l := listing{total: n}
	for _, v := range rows {
		l.items = append(l.items, showModuleVersion(v))
	}
	return l, err
}

func (h *Handler) getModuleVersion(ctx context.Context, c *call) (any, error) {
	v, err := moduleVersion(ctx, h.DB.Queries, c.vars["id"], c.vars["versionId"])
	if err != nil {
		return nil, err
	}
	return showModuleVersion(v), nil
}

func (h *Handler) listModuleActions(ctx context.Context, c *call) (any, error) {
	d, err := findModule(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	uses, n, err := documentsPage(ctx, h.DB.Queries, store.DocumentFilter{Kind: actionModuleUse, Parent: d.ID}, c.page)
	if err != nil {
		return nil, err
	}
	l := listing{total: n}
	for _, u := range uses {
		act, err := findAction(ctx, h.DB.Queries, text(u.Body, "action_id"))
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, merge(u.Body, document{"action_name": act.Name}))
	}
	return l, nil
}

// readModules reads which versions of modules an action uses; each is named by its ids, or by its name and number.
func readModules(ctx context.Context, q store.Queries, sent any) (any, error) {
	list, _ := sent.([]any)
	var used []any
	for _, item := range list {
		ref, _ := item.(map[string]any)
		m, err := q.Document(ctx, actionModule, text(ref, "module_id"))
		if text(ref, "module_id") == "" {
			m, err = q.DocumentByName(ctx, actionModule, "", text(ref, "module_name"))
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil, badBody("The action module %s does not exist.", cut(text(ref, "module_id")+text(ref, "module_name"), 128))
		} else if err != nil {
			return nil, err
		}
		number, _ := ref["module_version_number"].(json.Number)
		v, err := q.DocumentByName(ctx, actionModuleVersion, m.ID, number.String())
		if id := text(ref, "module_version_id"); id != "" {
			v, err = q.Document(ctx, actionModuleVersion, id)
		}
		if errors.Is(err, store.ErrNotFound) || err == nil && v.Parent != m.ID {
			return nil, badBody("The action module %s has no such version.", cut(m.Name, 128))
		} else if err != nil {
			return nil, err
		}
		ordinal, _ := strconv.Atoi(v.Name)
		used = append(used, document{
			"module_id": m.ID, "module_name": m.Name, "module_version_id": v.ID, "module_version_number": ordinal,
		})
	}
	if used == nil { // which is the same as not to have the property
		return nil, nil
	}
	return used, nil
}

// useModules says which modules the deployed version of an action uses, in place of those of the version before. A module is
// locked, so that it is not deleted meanwhile.
func useModules(ctx context.Context, tx *store.Tx, d store.Document, now any) error {
	before, _ := deployed(d)["modules"].([]any)
	for _, item := range before {
		ref, _ := item.(map[string]any)
		if err := tx.DeleteDocument(ctx, actionModuleUse, text(ref, "module_id")+" "+d.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	list, _ := now.([]any)
	for _, item := range list {
		ref, _ := item.(map[string]any)
		id := text(ref, "module_id")
		if _, err := tx.LockDocument(ctx, actionModule, id); errors.Is(err, store.ErrNotFound) {
			return badBody("The action module %s does not exist any more.", cut(text(ref, "module_name"), 128))
		} else if err != nil {
			return err
		}
		err := tx.PutDocument(ctx, &store.Document{Kind: actionModuleUse, ID: id + " " + d.ID, Parent: id, Body: document{
			"action_id": d.ID, "module_version_id": ref["module_version_id"], "module_version_number": ref["module_version_number"],
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
