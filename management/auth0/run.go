package auth0

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
)

// Tenant is where an export is brought.
type Tenant struct {
	Name    string
	DB      *store.DB
	Domains []store.Domain // the primary first
	Keys    *keys.Ring
}

// Options are what the export does not say.
type Options struct {
	Apply bool // otherwise it is a dry run
	// Secrets are those of applications, by client id or name.
	Secrets map[string]string
	// NewClientIDs lets applications that have no client_id in the export be made under new ones.
	NewClientIDs bool
}

// Import brings the configuration into the tenant. An error is of the database or of the caller's; what the export is
// refused for is in the report, and then nothing was applied.
func (e *Export) Import(ctx context.Context, t Tenant, o Options) (*Report, error) {
	// The server does so at its start; an import may come before the first one.
	if err := t.Keys.Ensure(ctx); err != nil {
		return nil, err
	}
	var r *run
	undone := errors.New("undone")
	err := t.DB.Together(ctx, func(db *store.DB) error {
		if err := api.Prepare(ctx, db, t.Domains[0]); err != nil {
			return err
		}
		h := &api.Handler{Issuer: t.Domains[0].Issuer(), Tenant: t.Name, Domains: t.Domains, DB: db, Keys: t.Keys}
		r = &run{export: e, options: o, db: db, api: h.Direct("import"), issuer: t.Domains[0].Issuer(), report: &Report{}, ids: map[string]map[string]string{}, brought: map[string]bool{}}
		if err := r.all(ctx); err != nil {
			return err
		}
		if !o.Apply || r.report.Refused() {
			return undone
		}
		return nil
	})
	if err != nil && !errors.Is(err, undone) {
		return nil, err
	}
	r.report.Applied = err == nil
	return r.report, nil
}

// run is one import, within its transaction.
type run struct {
	export  *Export
	options Options
	db      *store.DB
	api     *api.Direct
	issuer  string
	report  *Report

	clients map[string][]string          // the ids of the applications by name
	brought map[string]bool              // the ids of those of the export
	ids     map[string]map[string]string // of the lists that were read, by path
}

func (r *run) all(ctx context.Context) error {
	if err := r.loadClients(ctx); err != nil {
		return err
	}
	for _, k := range kinds {
		for _, it := range r.export.of(k.key) {
			// An end from outside must not leave the first half in force.
			if err := ctx.Err(); err != nil {
				return err
			}
			if k.reason != "" {
				r.unsupported(it, "", k.reason)
				continue
			}
			if method, path, _ := strings.Cut(k.needs, " "); !r.api.Built(method, path) {
				r.unsupported(it, "", "this version of Proofkey has no "+k.title+" settings")
				continue
			}
			if err := r.item(ctx, k, it); err != nil {
				return err
			}
			if k.inert != "" {
				r.unsupported(it, "", "kept, but not in force: "+k.inert)
			}
		}
	}
	if err := r.allowPKCE(ctx); err != nil {
		return err
	}
	for i, it := range r.export.Items {
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.key == it.Kind }) {
			r.unsupported(&r.export.Items[i], "", "Proofkey does not know "+it.Kind)
		}
	}
	for _, at := range r.export.Strange {
		r.report.Unsupported = append(r.report.Unsupported, Notice{Kind: "file", Name: at.File, Reason: "an export has no such file or folder: it was not read", At: at})
	}
	return nil
}

// item brings one thing; a refusal of it becomes an entry.
func (r *run) item(ctx context.Context, k kind, it *Item) error {
	for _, m := range r.export.Missing {
		if m.Kind == it.Kind && m.Name == it.Name && m.At.File == it.At.File {
			r.report.Missing = append(r.report.Missing, m)
		}
	}
	if field, m := unfilled(it.Body, ""); m != "" {
		r.refuse(k, it, field, "the keyword "+m+" has no value: give it with --mapping or in the environment")
		return nil
	}
	err := k.bring(r, ctx, k, it)
	if reason, field, ok := refusal(err); ok {
		r.refuse(k, it, field, reason)
		return nil
	}
	return err
}

// unfilled finds the first text that is an address or a name with a marker in it; other texts, such as pages and code, may
// say ## as they like.
func unfilled(v any, at string) (field, m string) {
	switch v := v.(type) {
	case string:
		if !strings.ContainsAny(v, "<\n") {
			m = innerMarker.FindString(v)
		}
		return at, m
	case []any:
		for i, e := range v {
			if field, m = unfilled(e, fmt.Sprintf("%s[%d]", at, i)); m != "" {
				return field, m
			}
		}
	case map[string]any:
		for _, name := range sorted(v) {
			if field, m = unfilled(v[name], below(at, name)); m != "" {
				return field, m
			}
		}
	}
	return "", ""
}

func (r *run) unsupported(it *Item, field, reason string) {
	at := it.At
	if field != "" {
		at.Line = it.line(field)
	}
	r.report.Unsupported = append(r.report.Unsupported, Notice{Kind: it.Kind, Name: it.Name, Field: field, Reason: reason, At: at})
}

func (r *run) refuse(k kind, it *Item, field, reason string) {
	at := it.At
	if field != "" {
		at.Line = it.line(field)
	}
	r.report.Entries = append(r.report.Entries, Entry{Kind: k.title, Name: it.Name, Action: Refuse, Reason: reason, At: at})
}

// refused is a refusal of this package's own.
type refused struct{ field, reason string }

func (e refused) Error() string { return e.reason }

var onProperty = regexp.MustCompile(` on property (\S+?)\.?$`)

// refusal reads what the export is refused for out of an error, and the property that it is about.
func refusal(err error) (reason, field string, ok bool) {
	if own, is := errors.AsType[refused](err); is {
		return own.reason, own.field, true
	}
	reason, _, ok = api.Refusal(err)
	if m := onProperty.FindStringSubmatch(reason); m != nil {
		field = m[1]
	}
	return reason, field, ok
}

// entity is a thing of the tenant as the export has it.
type entity struct {
	// read is its state now, nil where there is none.
	read func() (map[string]any, error)
	// write makes it as the export says; before is its state.
	write func(before map[string]any) error
}

// errSame undoes a write that changed nothing.
var errSame = errors.New("nothing changed")

// bring makes an entity as the export says and reports what became of it by comparing its states: a write after which it
// is what it was is undone, with its event.
func (r *run) bring(ctx context.Context, k kind, it *Item, e entity) error {
	before, err := e.read()
	if err != nil {
		return err
	}
	entry := Entry{Kind: k.title, Name: it.Name, Action: Leave, At: it.At}
	var after map[string]any
	err = r.db.Together(ctx, func(*store.DB) error {
		if err := e.write(before); err != nil {
			return err
		}
		after, err = e.read()
		switch {
		case err != nil:
			return err
		case after == nil:
			return fmt.Errorf("the %s %s was made, but is not there", k.title, it.Name)
		case reflect.DeepEqual(before, after):
			return errSame
		}
		return nil
	})
	switch {
	case errors.Is(err, errSame):
	case err != nil:
		return err
	case before == nil:
		entry.Action = Create
	default:
		entry.Action, entry.Fields = Change, differences(before, after, "")
	}
	if entry.ID = idOf(after); after == nil {
		entry.ID = idOf(before)
	}
	r.report.Entries = append(r.report.Entries, entry)
	return nil
}

func idOf(state map[string]any) string {
	for _, name := range []string{"id", "client_id", "themeId", "custom_domain_id"} {
		if id := text(state, name); id != "" {
			return id
		}
	}
	return ""
}

// ask runs an operation.
func (r *run) ask(ctx context.Context, method, path string, body any) (any, error) {
	return r.api.Do(ctx, api.Request{Method: method, Path: path, Body: body})
}

// get reads an object without what every change changes; nil where there is none.
func (r *run) get(ctx context.Context, segments ...string) (map[string]any, error) {
	v, err := r.ask(ctx, http.MethodGet, api.Path(segments...), nil)
	if _, status, ok := api.Refusal(err); ok && status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("GET %s answers no object", api.Path(segments...))
	}
	for _, name := range []string{"updated_at", "created_at"} {
		delete(d, name)
	}
	return d, nil
}

// list reads all pages of a list.
func (r *run) list(ctx context.Context, query url.Values, segments ...string) (all []map[string]any, err error) {
	const most = 100
	q := url.Values{"per_page": {strconv.Itoa(most)}}
	maps.Copy(q, query)
	for page := 0; ; page++ {
		q.Set("page", strconv.Itoa(page))
		v, err := r.api.Do(ctx, api.Request{Method: http.MethodGet, Path: api.Path(segments...), Query: q})
		if err != nil {
			return nil, err
		}
		found, next := objects(v), ""
		if d, ok := v.(map[string]any); ok {
			next = text(d, "next")
			for _, inner := range d {
				if _, isList := inner.([]any); isList {
					found = objects(inner)
				}
			}
		}
		if len(all) > 0 && len(found) > 0 && reflect.DeepEqual(found[0], all[0]) {
			return all, nil // a list without pages answers all that it has each time
		}
		all = append(all, found...)
		if q.Set("from", next); next == "" {
			q.Del("from")
		}
		if len(found) < most && next == "" {
			return all, nil
		}
	}
}

// covers says whether a state has all that is wanted: of objects, the members that are named.
func covers(has, wants any) bool {
	switch w := wants.(type) {
	case nil:
		return has == nil
	case map[string]any:
		h, ok := has.(map[string]any)
		if !ok {
			return false
		}
		for name, v := range w {
			if !covers(h[name], v) {
				return false
			}
		}
		return true
	case []any:
		h, ok := has.([]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !covers(h[i], w[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(has, wants)
}

// patch is what of a body differs from the state.
func patch(has, wants map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range wants {
		if !covers(has[name], v) {
			out[name] = v
		}
	}
	return out
}

// trimmed is a body as an operation takes it. What the operation does not know is reported.
func (r *run) trimmed(it *Item, method, path string, body map[string]any) map[string]any {
	fits := deepCopy(body).(map[string]any)
	for _, field := range r.api.Trim(method, path, fits) {
		r.unsupported(it, field, "Proofkey does not know this property")
	}
	return fits
}

func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = deepCopy(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = deepCopy(e)
		}
		return out
	}
	return v
}
