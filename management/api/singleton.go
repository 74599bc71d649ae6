package api

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/store"
)

// singleton is a kept entity of which there is one: in the tenant, or in what its path names. It has the operations that
// endpoints.tsv has at its path. If absent is not said, there is always one, which shows its defaults until it is changed.
type singleton struct {
	kept
	path, one string // "the captcha settings"
	// in is the id of what it belongs to.
	in func(ctx context.Context, q store.Queries, c *call) (string, error)
}

func (k singleton) operations() []operation {
	return inTable([]operation{
		{http.MethodGet, k.path, "Get " + k.one, "", k.get},
		{http.MethodPost, k.path, "Create " + k.one, k.entity, k.create},
		{http.MethodPatch, k.path, "Update " + k.one, k.entity, k.update},
		{http.MethodPut, k.path, "Set " + k.one, k.entity, k.update},
		{http.MethodDelete, k.path, "Delete " + k.one, "", k.delete},
	})
}

// id is that of the document.
func (k singleton) id(ctx context.Context, q store.Queries, c *call) (string, error) {
	if k.in == nil {
		return k.entity, nil
	}
	return k.in(ctx, q, c)
}

// here reads the document that a request is about.
func (k singleton) here(ctx context.Context, q store.Queries, c *call) (store.Document, error) {
	id, err := k.id(ctx, q, c)
	if err != nil {
		return store.Document{}, err
	}
	return k.find(ctx, q, id)
}

func (k singleton) shown(c *call, d store.Document) document {
	if k.defaults != nil {
		d.Body = merge(d.Body, nil)
		complete(d.Body, k.defaults())
	}
	return k.show(c, d)
}

func (k singleton) get(ctx context.Context, c *call) (any, error) {
	d, err := k.here(ctx, c.h.DB.Queries, c)
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

func (k singleton) create(ctx context.Context, c *call) (any, error) {
	var made store.Document
	err := c.change(ctx, func(tx *store.Tx) error {
		id, err := k.id(ctx, tx.Queries, c)
		if err != nil {
			return err
		}
		made = store.Document{Kind: k.entity, ID: id}
		return k.save(ctx, tx, c, &made, tx.CreateDocument)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, made), nil
}

func (k singleton) update(ctx context.Context, c *call) (any, error) {
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = k.here(ctx, tx.Queries, c); err != nil {
			return err
		}
		return k.save(ctx, tx, c, &d, tx.PutDocument)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

func (k singleton) delete(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		d, err := k.here(ctx, tx.Queries, c)
		if err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, k.entity, d.ID)
	}))
}
