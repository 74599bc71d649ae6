package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// What is read alone bears an ETag, and a change that names it by If-Match is made only to just that: whoever edits what
// somebody else has changed meanwhile is told (RFC 9110 section 13.1.1). The tag is of the content, whichever door it was
// changed by; the comparison is in the transaction of the change, and changes of one thing wait for one another.

var (
	errChanged = problem.New(http.StatusPreconditionFailed, "precondition_failed",
		"This was changed since you read it. Read it again, and make your change to what is there now.")
	errUnconditional = problem.New(http.StatusBadRequest, "invalid_headers",
		"If-Match is of no use here: what this operation changes cannot be read alone at the same address.")
)

// passing are the members that come and go without anybody editing anything.
var passing = []string{"updated_at", "last_login", "last_ip", "logins_count"}

// etag is the tag of an entity, whichever of its properties are asked for.
func etag(d document) (string, error) {
	content := maps.Clone(d)
	for _, name := range passing {
		delete(content, name)
	}
	text, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`, nil
}

// tagged sets the tag of what was read, or of what came of a change.
func (c *call) tagged(h http.Header, answer any) error {
	d, alone := answer.(document)
	switch {
	case c.etag != "":
		h.Set("ETag", c.etag)
	case c.method == http.MethodGet && alone:
		tag, err := etag(d)
		h.Set("ETag", tag)
		return err
	}
	return nil
}

// reading is the operation that shows what is at the path, with the variables of the path; nil where there is none.
func (c *call) reading() (*route, []string) {
	read, values := c.h.tree.find(http.MethodGet, strings.TrimPrefix(c.r.URL.EscapedPath(), strings.TrimSuffix(Base, "/")))
	// A word such as rotate stands where another path has an id.
	if read == nil || read.op == nil || len(values) != len(variables(c.path)) {
		return nil, nil
	}
	return read, values
}

// conditional refuses If-Match where nothing could be compared with it.
func (c *call) conditional() error {
	if c.ifMatch == "" || c.method == http.MethodGet {
		return nil
	}
	if read, _ := c.reading(); read == nil {
		return errUnconditional
	}
	return nil
}

// current is the tag of what is at the path now, as the transaction sees it.
func (c *call) current(ctx context.Context, tx *store.Tx) (string, error) {
	read, values := c.reading()
	inside := *c.h
	inside.DB = tx.Inside()
	all := inside.operations()
	i := slices.IndexFunc(all, func(o operation) bool { return o.method == read.method && o.path == read.path })
	looking := &call{h: &inside, r: c.r, route: read, actor: c.actor, vars: map[string]string{}}
	for n, name := range variables(read.path) {
		looking.vars[name] = values[n]
	}
	answer, err := all[i].do(ctx, looking)
	if err != nil {
		return "", err
	}
	d, alone := answer.(document)
	if !alone {
		return "", errUnconditional
	}
	return etag(d)
}

// unchanged holds the change to its If-Match.
func (c *call) unchanged(ctx context.Context, tx *store.Tx) error {
	if c.ifMatch == "" {
		return nil
	}
	tag, err := c.current(ctx, tx)
	if err != nil {
		return err
	}
	for sent := range strings.SplitSeq(c.ifMatch, ",") {
		// A proxy that compresses makes tags weak; the content that they name is the same.
		if sent = strings.TrimPrefix(strings.TrimSpace(sent), "W/"); sent == tag || sent == "*" {
			return nil
		}
	}
	return errChanged
}

// kept asks whether what the change has come to may be.
func (c *call) kept(ctx context.Context, tx *store.Tx) error {
	if c.h.Keep == nil {
		return nil
	}
	return c.h.Keep(ctx, tx)
}

// renewed notes the tag of what came of a change, for who sent one: they can go on from it.
func (c *call) renewed(ctx context.Context, tx *store.Tx) (err error) {
	if c.ifMatch != "" && c.method != http.MethodDelete {
		c.etag, err = c.current(ctx, tx)
	}
	return err
}

// unlocked are the resources whose parts many requests change at the same time, each its own.
var unlocked = []string{"users", "sessions", "refresh-tokens", "grants", "device-credentials", "user-blocks", "anomaly", "jobs", "tickets", "blacklists", "logs"}

// alone makes the changes of one thing wait for one another: those of a user for that user, those of the tenant's
// configuration for all of it.
func (c *call) alone(ctx context.Context, tx *store.Tx) error {
	kind, _, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	named := len(variables(c.path)) > 0
	switch {
	case c.h.Keep != nil: // it looks at more than what is changed
		return tx.HoldTenant(ctx)
	case c.ifMatch == "" && c.method == http.MethodPost && !named:
		return nil // it makes something
	case kind == "users" && named:
		return tx.HoldUser(ctx, c.vars[variables(c.path)[0]])
	case c.ifMatch == "" && slices.Contains(unlocked, kind):
		return nil
	}
	return tx.HoldTenant(ctx)
}
