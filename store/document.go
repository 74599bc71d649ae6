package store

import (
	"context"
	"fmt"
	"time"
)

// Document is an entity of the Management API that is stored as it was said, or the part of one that its row has no
// column for; then it bears the id of the row and is written in the same transaction.
type Document struct {
	Kind      string
	ID        string
	Parent    string // the id of what it belongs to, or empty
	Name      string // unique among the documents of one kind and parent, unless empty
	Body      map[string]any
	Secret    string // opened; sealed at rest
	CreatedAt time.Time
	UpdatedAt time.Time
}

const documentColumns = `kind, id, parent, name, doc, secret, created_at, updated_at`

func (q Queries) scanDocument(r scanner) (d Document, err error) {
	var secret []byte
	if err := r.Scan(&d.Kind, &d.ID, &d.Parent, nullInto{&d.Name}, docInto{&d.Body}, &secret, msInto{&d.CreatedAt}, msInto{&d.UpdatedAt}); err != nil {
		return d, err
	}
	d.Secret, err = q.seal.openColumn("documents.secret", d.cell(), secret)
	return d, err
}

// cell binds the sealed secret to the row.
func (d Document) cell() string { return d.Kind + " " + d.ID }

// Document reads a document.
func (q Queries) Document(ctx context.Context, kind, id string) (Document, error) {
	return one(ctx, q, q.scanDocument, `SELECT `+documentColumns+` FROM documents WHERE kind = $1 AND id = $2`, kind, id)
}

// DocumentByName reads the document that has a name among its siblings.
func (q Queries) DocumentByName(ctx context.Context, kind, parent, name string) (Document, error) {
	return one(ctx, q, q.scanDocument, `SELECT `+documentColumns+` FROM documents
		WHERE kind = $1 AND parent = $2 AND name = $3 AND name IS NOT NULL`, kind, parent, name)
}

// DocumentFilter picks documents of a kind, the oldest first.
type DocumentFilter struct {
	Kind   string
	Parent string // empty: of any parent
	// AfterTime and AfterID are the place of the last document of the page before.
	AfterTime time.Time
	AfterID   string
	Offset    int
	Limit     int // 0: 1000
}

func (f DocumentFilter) where() (string, []any) {
	text, args := `kind = $1`, []any{f.Kind}
	if f.Parent != "" {
		text, args = text+` AND parent = $2`, append(args, f.Parent)
	}
	if f.AfterID != "" {
		n := len(args)
		text += fmt.Sprintf(` AND (created_at, id) > ($%d, $%d)`, n+1, n+2)
		args = append(args, f.AfterTime.UnixMilli(), f.AfterID)
	}
	return text, args
}

// Documents lists documents.
func (q Queries) Documents(ctx context.Context, f DocumentFilter) ([]Document, error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	where, args := f.where()
	args = append(args, f.Limit, f.Offset)
	return many(ctx, q, q.scanDocument, `SELECT `+documentColumns+` FROM documents WHERE `+where+
		fmt.Sprintf(` ORDER BY created_at, id LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
}

// CountDocuments counts the documents that a filter picks on all pages.
func (q Queries) CountDocuments(ctx context.Context, f DocumentFilter) (int, error) {
	where, args := DocumentFilter{Kind: f.Kind, Parent: f.Parent}.where()
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM documents WHERE `+where, args...)
	return int(n), err
}

// CreateDocument stores a document; ErrConflict when its id or its name is taken.
func (tx *Tx) CreateDocument(ctx context.Context, d *Document) error {
	d.CreatedAt, d.UpdatedAt = tx.Now(), tx.Now()
	return tx.exec1(ctx, ErrConflict, `INSERT INTO documents (`+documentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
		ON CONFLICT DO NOTHING`, d.Kind, d.ID, d.Parent, null(d.Name), doc(d.Body),
		tx.seal.sealColumn("documents.secret", d.cell(), d.Secret), ms(d.CreatedAt))
}

// SaveDocument replaces a document's name, body and secret; ErrConflict when a sibling has the name.
func (tx *Tx) SaveDocument(ctx context.Context, d *Document) error {
	if d.Name != "" {
		if other, err := tx.DocumentByName(ctx, d.Kind, d.Parent, d.Name); err == nil && other.ID != d.ID {
			return ErrConflict
		}
	}
	d.UpdatedAt = tx.Now()
	return tx.exec1(ctx, ErrNotFound, `UPDATE documents SET name = $3, doc = $4, secret = $5, updated_at = $6
		WHERE kind = $1 AND id = $2`, d.Kind, d.ID, null(d.Name), doc(d.Body),
		tx.seal.sealColumn("documents.secret", d.cell(), d.Secret), ms(d.UpdatedAt))
}

// PutDocument stores a document, whether or not there is one with its id.
func (tx *Tx) PutDocument(ctx context.Context, d *Document) error {
	old, err := one(ctx, tx.Queries, scanInt, `SELECT created_at FROM documents WHERE kind = $1 AND id = $2`, d.Kind, d.ID)
	if err != nil {
		return tx.CreateDocument(ctx, d)
	}
	d.CreatedAt = time.UnixMilli(old).UTC()
	return tx.SaveDocument(ctx, d)
}

// LockDocument reads a document that nobody else changes until this transaction ends.
func (tx *Tx) LockDocument(ctx context.Context, kind, id string) (Document, error) {
	return one(ctx, tx.Queries, tx.scanDocument, `UPDATE documents SET kind = kind WHERE kind = $1 AND id = $2
		RETURNING `+documentColumns, kind, id)
}

// DeleteDocument removes a document.
func (tx *Tx) DeleteDocument(ctx context.Context, kind, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM documents WHERE kind = $1 AND id = $2`, kind, id)
}

// DeleteDocuments removes all documents of a kind that belong to a parent.
func (tx *Tx) DeleteDocuments(ctx context.Context, kind, parent string) error {
	_, err := tx.exec(ctx, `DELETE FROM documents WHERE kind = $1 AND parent = $2`, kind, parent)
	return err
}
