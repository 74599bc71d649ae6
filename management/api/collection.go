package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// collection is a list of kept entities: below its path it has the operations that endpoints.tsv has there.
type collection struct {
	kept
	path      string
	single    string // the path of one; path/{id} if it is not said
	one, many string // "a log stream", "log streams"
	newID     func(body document) string
	form      func(id string) error // refuses ids that none can have
	idIn      string                // the property that is the id; id if it is not said
	stamped   bool                  // one shows when it was made and when it was changed
	// matches is what the query of a list picks.
	matches func(c *call, shown document) bool
	// forget takes what belongs to one away with it; once says that deleting what is not there is refused.
	forget   func(ctx context.Context, tx *store.Tx, d store.Document) error
	once     bool
	farewell any // the answer to DELETE where it has one
}

// mostKept bounds a collection, so that it can be listed without pages.
const mostKept = 1000

func (k collection) operations() []operation {
	single := k.path + "/{id}"
	if k.single != "" {
		single = k.single
	}
	return inTable([]operation{
		{http.MethodGet, k.path, "List " + k.many, "", k.list},
		{http.MethodPost, k.path, "Create " + k.one, k.entity, k.create},
		{http.MethodGet, single, "Get " + k.one, "", k.get},
		{http.MethodPatch, single, "Update " + k.one, k.entity, k.update},
		{http.MethodPut, single, "Replace " + k.one, k.entity, k.update},
		{http.MethodDelete, single, "Delete " + k.one, "", k.delete},
	})
}

// inTable are the operations that endpoints.tsv knows.
func inTable(all []operation) (known []operation) {
	for _, o := range all {
		if _, ok := endpoints()[o.method+" "+o.path]; ok {
			known = append(known, o)
		}
	}
	return known
}

func (k collection) idName() string {
	if k.idIn == "" {
		return "id"
	}
	return k.idIn
}

func (k collection) shown(c *call, d store.Document) document {
	out := k.show(c, d)
	out[k.idName()] = d.ID
	if k.stamped {
		out["created_at"], out["updated_at"] = stamp(d.CreatedAt), stamp(d.UpdatedAt)
	}
	return out
}

func (k collection) list(ctx context.Context, c *call) (any, error) {
	if k.matches != nil {
		return k.listMatching(ctx, c)
	}
	f, l := store.DocumentFilter{Kind: k.entity, Offset: c.page.offset, Limit: c.page.limit}, listing{}
	if c.page.checkpoint {
		f.Limit++ // one more than is asked for tells whether there is another page
		if err := resume(&f, c.page.after); err != nil {
			return nil, err
		}
	}
	var err error
	if c.page.totals {
		if l.total, err = c.h.DB.CountDocuments(ctx, f); err != nil {
			return nil, err
		}
	}
	if c.page.limit == 0 { // only the total is asked for
		return l, nil
	}
	rows, err := c.h.DB.Documents(ctx, f)
	if err != nil {
		return nil, err
	}
	if c.page.checkpoint && len(rows) == f.Limit {
		rows = rows[:c.page.limit]
		last := rows[len(rows)-1]
		l.next = []string{strconv.FormatInt(last.CreatedAt.UnixMilli(), 10), last.ID}
	}
	for _, d := range rows {
		if err := k.open(ctx, c.h.DB.Queries, &d); err != nil {
			return nil, err
		}
		l.items = append(l.items, k.shown(c, d))
	}
	return l, nil
}

// resume continues a list behind the last document of the page before.
func resume(f *store.DocumentFilter, after []string) error {
	if len(after) == 0 {
		return nil
	}
	made, err := strconv.ParseInt(after[0], 10, 64)
	if err != nil || len(after) != 2 {
		return queryError("Invalid value \""+cut(after[0], 64)+"\"", "from")
	}
	f.AfterTime, f.AfterID = time.UnixMilli(made), after[1]
	return nil
}

// all reads the whole collection, which mostKept bounds.
func (k collection) all(ctx context.Context, c *call) (all []document, err error) {
	rows, err := c.h.DB.Documents(ctx, store.DocumentFilter{Kind: k.entity, Limit: mostKept})
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		if err := k.open(ctx, c.h.DB.Queries, &d); err != nil {
			return nil, err
		}
		all = append(all, k.shown(c, d))
	}
	return all, nil
}

func (k collection) listMatching(ctx context.Context, c *call) (any, error) {
	all, err := k.all(ctx, c)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d document) bool { return !k.matches(c, d) })
	id := func(d document) string { return text(d, k.idName()) }
	slices.SortFunc(all, func(a, b document) int { return strings.Compare(id(a), id(b)) })
	return pageOf(c.page, all, id), nil
}

// named reads the one that the path names.
func (k collection) named(ctx context.Context, q store.Queries, c *call) (store.Document, error) {
	if k.form != nil {
		if err := k.form(c.lastVar()); err != nil {
			return store.Document{}, err
		}
	}
	return k.find(ctx, q, c.lastVar())
}

func (k collection) get(ctx context.Context, c *call) (any, error) {
	d, err := k.named(ctx, c.h.DB.Queries, c)
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

func (k collection) create(ctx context.Context, c *call) (any, error) {
	var made store.Document
	err := c.change(ctx, func(tx *store.Tx) error {
		if err := roomFor(ctx, tx, k.entity); err != nil {
			return err
		}
		made = store.Document{Kind: k.entity, ID: cmp.Or(c.stated, k.newID(c.object()))}
		c.target = made.ID
		return k.save(ctx, tx, c, &made, tx.CreateDocument)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, made), nil
}

// roomFor refuses more of a kind than lists without pages can answer.
func roomFor(ctx context.Context, tx *store.Tx, kind string) error {
	n, err := tx.CountDocuments(ctx, store.DocumentFilter{Kind: kind})
	if err == nil && n >= mostKept {
		err = problem.New(http.StatusForbidden, "", "You reached the limit of entities of this type for this tenant")
	}
	return err
}

func (k collection) update(ctx context.Context, c *call) (any, error) {
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = k.named(ctx, tx.Queries, c); err != nil {
			return err
		}
		return k.save(ctx, tx, c, &d, tx.SaveDocument)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}

func (k collection) delete(ctx context.Context, c *call) (any, error) {
	err := c.change(ctx, func(tx *store.Tx) error {
		d, err := k.named(ctx, tx.Queries, c)
		if err != nil {
			return err
		}
		if k.forget != nil {
			if err := k.forget(ctx, tx, d); err != nil {
				return err
			}
		}
		return tx.DeleteDocument(ctx, k.entity, d.ID)
	})
	if !k.once {
		err = gone(err)
	}
	return k.farewell, err
}

// newID makes an id of letters and digits that are not taken for one another.
func newID(prefix string, n int) string {
	id := []byte(prefix)
	for len(id) < len(prefix)+n {
		for _, b := range []byte(store.RandomID(2 * n)) {
			if len(id) < len(prefix)+n && !strings.ContainsRune("0OIl", rune(b)) {
				id = append(id, b)
			}
		}
	}
	return string(id)
}
