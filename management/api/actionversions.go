package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/proofkey/proofkey/store"
)

// actionVersion is the kind of the documents of versions. One belongs to its action, its name is its number, and it is
// never changed; the one with the greatest number is deployed.
const actionVersion = "action_version"

var noActionVersion = notFound("", "That action version does not exist.")

// deploy makes a version of the content of an action or of another version, and puts it into force. The caller has locked
// the action, so that no two get the same number.
func deploy(ctx context.Context, tx *store.Tx, d *store.Document, content store.Document) (store.Document, error) {
	number := 1
	if last := deployed(*d); last != nil {
		n, _ := last["number"].(float64)
		number = int(n) + 1
	}
	v := store.Document{
		Kind: actionVersion, ID: uuid.NewString(), Parent: d.ID, Name: strconv.Itoa(number),
		Body: actionContent(content.Body), Secret: content.Secret,
	}
	if err := useModules(ctx, tx, *d, v.Body["modules"]); err != nil {
		return v, err
	}
	if err := tx.CreateDocument(ctx, &v); err != nil {
		return v, err
	}
	d.Body = merge(d.Body, document{"deployed_version": showVersion(v, v.ID)})
	return v, tx.SaveDocument(ctx, d)
}

// showVersion is a version; current is the id of the one that is deployed.
func showVersion(v store.Document, current any) document {
	number, _ := strconv.Atoi(v.Name)
	at := nanos(v.CreatedAt)
	return merge(v.Body, document{
		"id": v.ID, "number": number, "deployed": v.ID == current, "status": "built", "built_at": at, "created_at": at, "updated_at": at,
	})
}

func (h *Handler) deployAction(ctx context.Context, c *call) (any, error) {
	return c.deploy(ctx, c.vars["id"], func(_ *store.Tx, d *store.Document) (store.Document, error) { return *d, nil })
}

func (h *Handler) deployActionVersion(ctx context.Context, c *call) (any, error) {
	if c.body != nil { // which all of the tools leave out
		if err := c.validate("action_version_deploy", c.body, ""); err != nil {
			return nil, err
		}
	}
	return c.deploy(ctx, c.vars["actionId"], func(tx *store.Tx, d *store.Document) (store.Document, error) {
		v, err := c.actionVersion(ctx, tx.Queries)
		if draft, _ := c.object()["update_draft"].(bool); draft && err == nil {
			d.Body, d.Secret = merge(merge(d.Body, document{"modules": nil}), actionContent(v.Body)), v.Secret
		}
		return v, err
	})
}

// deploy answers as the service does, before the version is in force.
func (c *call) deploy(ctx context.Context, id string, content func(*store.Tx, *store.Document) (store.Document, error)) (any, error) {
	var answer document
	err := c.change(ctx, func(tx *store.Tx) error {
		d, err := lockAction(ctx, tx, id)
		if err != nil {
			return err
		}
		base := actionBase(d)
		from, err := content(tx, &d)
		if err != nil {
			return err
		}
		v, err := deploy(ctx, tx, &d, from)
		answer = merge(showVersion(v, nil), document{"action": base, "built_at": nil})
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// actionVersion reads the version that the path names.
func (c *call) actionVersion(ctx context.Context, q store.Queries) (store.Document, error) {
	v, err := q.Document(ctx, actionVersion, c.vars["id"])
	if errors.Is(err, store.ErrNotFound) || err == nil && v.Parent != c.vars["actionId"] {
		return v, noActionVersion
	}
	return v, err
}

// newestFirst reads a page of versions, which are numbered without gaps, from the last one back.
func newestFirst(ctx context.Context, q store.Queries, kind, parent string, p page) ([]store.Document, int, error) {
	total, err := q.CountDocuments(ctx, store.DocumentFilter{Kind: kind, Parent: parent})
	if err != nil {
		return nil, 0, err
	}
	var all []store.Document
	for n := total - p.offset; n > 0 && len(all) < p.limit; n-- {
		v, err := q.DocumentByName(ctx, kind, parent, strconv.Itoa(n))
		if err != nil {
			return nil, 0, fmt.Errorf("%s %d of %s: %w", kind, n, parent, err)
		}
		all = append(all, v)
	}
	return all, total, nil
}

func (h *Handler) listActionVersions(ctx context.Context, c *call) (any, error) {
	d, err := findAction(ctx, h.DB.Queries, c.vars["actionId"])
	if err != nil {
		return nil, err
	}
	rows, n, err := newestFirst(ctx, h.DB.Queries, actionVersion, d.ID, c.page)
	l := listing{total: n}
	for _, v := range rows {
		l.items = append(l.items, versionOf(d, v))
	}
	return l, err
}

func (h *Handler) getActionVersion(ctx context.Context, c *call) (any, error) {
	d, err := findAction(ctx, h.DB.Queries, c.vars["actionId"])
	if err != nil {
		return nil, err
	}
	v, err := c.actionVersion(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	return versionOf(d, v), nil
}

func versionOf(d, v store.Document) document {
	return merge(showVersion(v, deployed(d)["id"]), document{"action": actionBase(d), "action_id": d.ID})
}
