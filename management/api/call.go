package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// call is one request that may run.
type call struct {
	h *Handler
	r *http.Request
	*route
	actor actor
	vars  map[string]string // of the path, decoded
	query url.Values
	page  page
	// Status is that of the table; an operation with several replaces it.
	Status int
	// target is the id of what is changed, for the event; the last variable of the path if it is not set.
	target string
	// direct is the door of a caller in the process, and stated the id that it wants a new entity to have.
	direct *Direct
	stated string

	// ifMatch is the header of that name; etag is the tag of what came of the change, where one was sent.
	ifMatch, etag string

	body   any // as it was sent; object() where it is one
	fields selection
	// control prolongs the time of a request whose body is long; nil where nobody waits.
	control *http.ResponseController
}

// patience gives a long body time for its next piece.
func (c *call) patience() {
	if c.control != nil {
		_ = c.control.SetReadDeadline(time.Now().Add(pieceTime))
		_ = c.control.SetWriteDeadline(time.Now().Add(2 * pieceTime))
	}
}

// object is the body of an operation that has an entity in the table.
func (c *call) object() document {
	d, ok := c.body.(map[string]any)
	if !ok {
		return document{}
	}
	return d
}

// lastVar is the last variable of the path, which is the id of what it names.
func (c *call) lastVar() string {
	names := variables(c.path)
	return c.vars[names[len(names)-1]]
}

func (c *call) run(ctx context.Context) (any, error) {
	if err := c.allowed(); err != nil {
		return nil, err
	}
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return nil, queryError("Invalid query", "")
	}
	if err := checkQuery(c.endpoint, c.query); err != nil {
		return nil, err
	}
	if c.page, err = readPage(c.endpoint, c.query); err != nil {
		return nil, err
	}
	_, selects := c.endpoint.query["fields"]
	if _, includes := c.endpoint.query["include_fields"]; selects || includes {
		if c.fields, err = readSelection(c.query, nil); err != nil {
			return nil, err
		}
	}
	if err := c.conditional(); err != nil {
		return nil, err
	}
	if err := c.readBody(); err != nil {
		return nil, err
	}
	return c.op.do(ctx, c)
}

// allowed checks the scopes; without an operation none is enough.
func (c *call) allowed() error {
	if c.method != http.MethodGet && c.actor.onlyReads() {
		return problem.New(http.StatusForbidden, insufficientScope, "Your role only reads.")
	}
	for _, scope := range c.scopes {
		if c.op != nil && c.actor.holds(scope) {
			return c.ownOnly(scope)
		}
	}
	return problem.New(http.StatusForbidden, insufficientScope,
		"Insufficient scope, expected any of: "+strings.ReplaceAll(strings.Join(c.scopes, ", "), "&", "+"))
}

// ownOnly holds a scope of the kind current_user to the token's own subject.
func (c *call) ownOnly(scope string) error {
	if !strings.Contains(scope, currentUser) {
		return nil
	}
	if id := c.vars[variables(c.path)[0]]; id != c.actor.userID {
		return problem.New(http.StatusForbidden, "", "User to be acted on does not match subject in bearer token.")
	}
	return nil
}

const maxDepth = 24

func (c *call) readBody() error {
	if c.op.body == "" || c.op.body == rawBody {
		return nil
	}
	raw, err := web.ReadBody(c.r)
	if err != nil {
		return err
	}
	if c.body, err = decode(raw); err != nil {
		return badBody("Invalid request payload JSON format").Because(err)
	}
	if c.op.body == anyBody {
		return nil
	}
	if c.body == nil && c.method == http.MethodPut {
		// The Go SDK puts back settings that it read as empty by the body null.
		c.body = document{}
	}
	return c.validate(c.op.body, c.body, "")
}

// validate checks a value against an entity of the table; at is its place in the body.
func (c *call) validate(entity string, value any, at string) error {
	m := modeOf(c.method)
	if err := schemaOf(entity).check(value, m, at); err != nil {
		return err
	}
	return nil
}

// decode reads one JSON value. Numbers stay as they were written; integers lose a fraction of zeros.
func decode(raw []byte) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return normal(v, 0)
}

// normal refuses what no entity needs and the database cannot hold, and writes 60.0 as 60.
func normal(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch v := v.(type) {
	case string:
		return v, holdable(v)
	case json.Number:
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), nil
		}
	case []any:
		for i, e := range v {
			n, err := normal(e, depth+1)
			if err != nil {
				return nil, err
			}
			v[i] = n
		}
	case map[string]any:
		for k, e := range v {
			n, err := normal(e, depth+1)
			if err := errors.Join(holdable(k), err); err != nil {
				return nil, err
			}
			v[k] = n
		}
	}
	return v, nil
}

func holdable(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errors.New("a text has NUL")
	}
	return nil
}

// change runs a transaction with the event of the operation in it.
func (c *call) change(ctx context.Context, fn func(tx *store.Tx) error) error {
	return c.h.DB.Write(ctx, func(tx *store.Tx) error {
		for _, step := range []func(context.Context, *store.Tx) error{
			c.alone, c.unchanged, func(_ context.Context, tx *store.Tx) error { return fn(tx) }, c.kept, c.renewed,
		} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return c.note(ctx)(tx)
	})
}

// note adds the event of the operation to a transaction that somebody else runs.
func (c *call) note(ctx context.Context) func(tx *store.Tx) error {
	return func(tx *store.Tx) error { return tx.AddEvent(ctx, c.event(ctx, events.ManagementSucceeded, c.Status)) }
}

// event says who asked for what; what was sent is not in it.
func (c *call) event(ctx context.Context, typ string, status int) store.Event {
	e := events.Of(ctx, typ)
	e.Description = c.op.summary
	e.ClientID, e.UserID, e.ClientName = c.actor.clientID, c.actor.userID, c.actor.clientName
	request := map[string]any{"method": c.method, "path": web.Clip(c.r.URL.EscapedPath(), 512)}
	if a := c.actor.administrator; a != nil {
		e.UserID, e.UserName = a.id, cmp.Or(a.email, a.name)
		request["auth"] = map[string]any{"strategy": "jwt", "user": map[string]any{"user_id": a.id, "name": a.name, "email": a.email}}
	}
	target := c.target
	if target == "" && len(c.vars) > 0 {
		target = c.lastVar()
	}
	e.Details = map[string]any{
		"channel":  c.channel(),
		"request":  request,
		"response": map[string]any{"statusCode": status},
	}
	if target != "" {
		e.Details["id"] = web.Clip(target, 256)
	}
	return e
}

// recordFailure notes that a change was refused; refused reads change nothing.
func (c *call) recordFailure(ctx context.Context, err error) {
	p := problem.From(err)
	if c.method == http.MethodGet || c.op == nil || p.Status >= http.StatusInternalServerError {
		return
	}
	e := c.event(ctx, events.ManagementFailed, p.Status)
	e.Description = p.Kept()
	e.Details["error"] = map[string]any{"code": p.Code, "message": p.Kept()}
	c.h.Events.Record(ctx, e)
}

func (c *call) channel() string {
	if c.direct != nil {
		return c.direct.channel
	}
	return "management api"
}

func (c *call) write(w http.ResponseWriter, answer any) error {
	if err := c.tagged(w.Header(), answer); err != nil {
		return err
	}
	if answer == nil && (c.Status == http.StatusNoContent || c.Status == http.StatusAccepted) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(c.Status)
		return nil
	}
	if s, long := answer.(stream); long {
		return s.write(w, c.Status)
	}
	return web.JSON(w, c.Status, c.shaped(answer))
}

// shaped is an answer in the form and with the properties that were asked for.
func (c *call) shaped(answer any) any {
	switch v := answer.(type) {
	case nil:
		return document{}
	case listing:
		for i, d := range v.items {
			v.items[i] = c.fields.of(d, alwaysShown()...)
		}
		return v.shape(c.endpoint, c.page)
	case document:
		return c.fields.of(v, alwaysShown()...)
	}
	return answer
}

// alwaysShown are the fields that the service answers whichever are asked for.
func alwaysShown() []string { return []string{"tenant", "is_domain_connection"} }

// flag is a query parameter that is true or false, and whether it was sent.
func (c *call) flag(name string) (value, sent bool, err error) {
	value, err = boolean(c.query, name, false)
	return value, c.query.Has(name), err
}
