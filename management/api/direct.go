package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Direct asks the operations from within the process, for a program that has the database in its hands anyway. Everything
// is checked and recorded as for a caller with all scopes. Beyond HTTP it states the ids of what it makes, and sees values
// that answers hide, so that it can tell whether they are the ones it has.
type Direct struct {
	h       *Handler
	channel string // in the events
}

// Direct is a door to the operations of h for a program that is called so in the events.
func (h *Handler) Direct(channel string) *Direct {
	h.build()
	return &Direct{h, channel}
}

// Request is what is asked of a Direct.
type Request struct {
	Method string
	Path   string // below Base: see Path
	Query  url.Values
	Body   any    // encoded as JSON
	ID     string // of what is made; empty: a fresh one
}

// Path joins segments, such as ids that hold slashes.
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// Do runs an operation and returns its answer as JSON decodes it. A refusal is a *problem.Error, as over HTTP.
func (d *Direct) Do(ctx context.Context, q Request) (any, error) {
	body, err := json.Marshal(q.Body)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if q.Body == nil {
		body = nil
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, strings.TrimSuffix(Base, "/")+q.Path+"?"+q.Query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	found, values := d.h.tree.find(q.Method, q.Path)
	if found == nil {
		return nil, notFound("", "Not Found")
	}
	c := &call{h: d.h, r: r, route: found, Status: found.status, vars: map[string]string{}, direct: d, stated: q.ID}
	c.actor = actor{scope: oauth.Scope(Scopes())}
	for i, name := range variables(found.path) {
		c.vars[name] = values[i]
	}
	answer, err := c.run(ctx)
	if err != nil || answer == nil {
		return nil, err
	}
	var plain any
	return plain, through(c.shaped(answer), &plain)
}

// Built says whether an endpoint is served.
func (d *Direct) Built(method, path string) bool {
	found, _ := d.h.tree.find(method, path)
	return found != nil && found.op != nil
}

// withSecrets puts the sealed values of secrets by name into what is shown to a caller in the process.
func (c *call) withSecrets(d store.Document, shown document) (document, error) {
	if c.direct == nil || d.Secret == "" {
		return shown, nil
	}
	values := map[string]string{}
	if err := json.Unmarshal([]byte(d.Secret), &values); err != nil {
		return nil, fmt.Errorf("secrets of %s %s: %w", d.Kind, d.ID, err)
	}
	var all []any
	list, _ := shown["secrets"].([]any)
	for _, v := range list {
		s, _ := v.(map[string]any)
		all = append(all, merge(s, document{"value": values[text(s, "name")]}))
	}
	return merge(shown, document{"secrets": all}), nil
}

// Refusal is the sentence and the status of an error that is a refusal.
func Refusal(err error) (text string, status int, ok bool) {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Status >= http.StatusInternalServerError || p.Status == 0 {
		return "", 0, false
	}
	return p.Message, p.Status, true
}

// Trim takes out of a body what the operation does not take, and returns the paths of what it does not know at all; what
// is only shown goes without a word. A body of no entity stays as it is.
func (d *Direct) Trim(method, path string, body map[string]any) (unknown []string) {
	found, _ := d.h.tree.find(method, path)
	if found == nil || found.op == nil || schemas()[found.op.body] == nil {
		return nil
	}
	m := modeOf(method)
	if options := schemas()["connection.options["+text(body, "strategy")+"]"]; options != nil && found.op.body == connectionKind {
		unknown = options.trim(body["options"], m, "options")
	}
	unknown = append(unknown, schemaOf(found.op.body).trim(body, m, "")...)
	slices.Sort(unknown)
	return unknown
}

func (s *schema) trim(v any, m mode, at string) (unknown []string) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			if s.item != nil {
				unknown = append(unknown, s.item.trim(e, m, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
	case map[string]any:
		if s.fields == nil {
			return nil
		}
		for name, e := range v {
			f := s.field(name)
			switch {
			case f == nil:
				unknown = append(unknown, below(at, name))
				delete(v, name)
			case m == forCreate && !f.create || m != forCreate && !f.update:
				delete(v, name)
			default:
				unknown = append(unknown, f.trim(e, m, below(at, name))...)
			}
		}
	}
	return unknown
}
