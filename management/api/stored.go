package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// kept is what administrators describe and the tenant keeps in a document of its own. The table of its entity decides what
// may be sent and what is shown: a property that answers never have is a secret and lies sealed.
type kept struct {
	entity string // of fields.tsv; also the kind of the documents
	// absent is the refusal where there is none, with its errorCode; {id} in it is the id that was asked for.
	absent, absentCode string
	// taken is the refusal of a second one, with its errorCode; {name} in it is what may not be there twice.
	taken, takenCode string
	name             func(body document) string // what no two have in common; without, the id
	defaults         func() document            // filled in when one is made, and shown of a singleton
	merged           []string                   // objects of which an update keeps what it does not send
	sealed           []string                   // properties that lie sealed although they are shown
	// load shows a document under what the running system has; check refuses what it could not do, or puts it into force.
	load  func(ctx context.Context, q store.Queries, d *store.Document) error
	check func(ctx context.Context, tx *store.Tx, c *call, old document, d *store.Document) error
	// view is what is shown beside what was said, or without.
	view func(c *call, d store.Document, out document)
}

// find reads a document with its secrets.
func (k kept) find(ctx context.Context, q store.Queries, id string) (store.Document, error) {
	d, err := q.Document(ctx, k.entity, id)
	if errors.Is(err, store.ErrNotFound) {
		d.Kind, d.ID = k.entity, id
		if k.absent != "" {
			return d, notFound(k.absentCode, strings.ReplaceAll(k.absent, "{id}", cut(id, 128)))
		}
	} else if err != nil {
		return d, err
	}
	return d, k.open(ctx, q, &d)
}

// open puts the sealed properties back.
func (k kept) open(ctx context.Context, q store.Queries, d *store.Document) error {
	if d.Secret != "" {
		secrets := document{}
		if err := json.Unmarshal([]byte(d.Secret), &secrets); err != nil {
			return fmt.Errorf("secrets of %s %s: %w", d.Kind, d.ID, err)
		}
		d.Body, d.Secret = merge(d.Body, secrets), ""
	}
	if k.load != nil {
		return k.load(ctx, q, d)
	}
	return nil
}

// close is the document as it is stored.
func (k kept) close(d store.Document) (*store.Document, error) {
	open, secrets := document{}, document{}
	for name, v := range d.Body {
		if f := schemaOf(k.entity).fields[name]; slices.Contains(k.sealed, name) || f != nil && f.hides() {
			secrets[name] = v
			continue
		}
		open[name] = v
	}
	d.Body = open
	if len(secrets) > 0 {
		raw, err := json.Marshal(secrets)
		if err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		d.Secret = string(raw)
	}
	return &d, nil
}

// after is what an update makes of what was said before; PUT and POST replace it.
func (k kept) after(c *call, old document) document {
	sent := c.object()
	switch c.method {
	case http.MethodPost:
		out := merge(nil, sent)
		if k.defaults != nil {
			complete(out, k.defaults())
		}
		return out
	case http.MethodPut:
		return merge(nil, sent)
	}
	out := merge(old, sent)
	for _, name := range k.merged {
		before, had := old[name].(map[string]any)
		after, object := sent[name].(map[string]any)
		if had && object {
			out[name] = meld(before, after)
		}
	}
	return out
}

// save checks and stores what a document has become.
func (k kept) save(ctx context.Context, tx *store.Tx, c *call, d *store.Document, put func(context.Context, *store.Document) error) error {
	old := d.Body
	d.Body = k.after(c, old)
	if k.check != nil {
		if err := k.check(ctx, tx, c, old, d); err != nil {
			return err
		}
	}
	if k.name != nil {
		d.Name = k.name(d.Body)
	}
	stored, err := k.close(*d)
	if err != nil {
		return err
	}
	if err := put(ctx, stored); errors.Is(err, store.ErrConflict) && k.taken != "" {
		return problem.New(http.StatusConflict, k.takenCode, strings.ReplaceAll(k.taken, "{name}", cut(cmp.Or(d.Name, d.ID), 128)))
	} else if err != nil {
		return err
	}
	d.CreatedAt, d.UpdatedAt = stored.CreatedAt, stored.UpdatedAt
	return nil
}

// show is what an answer has of a document.
func (k kept) show(c *call, d store.Document) document {
	out, _ := schemaOf(k.entity).visible(d.Body).(document)
	if k.view != nil {
		k.view(c, d, out)
	}
	if c.direct != nil { // it may see what is hidden
		maps.Copy(out, d.Body)
	}
	return out
}
