package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// merge is a document after an update: a property that is sent replaces the stored one, null removes it. The objects in
// merged keep the members that are not sent; null removes a member.
func merge(old, patch document, merged ...string) document {
	out := maps.Clone(old)
	if out == nil {
		out = document{}
	}
	for name, v := range patch {
		before, had := out[name].(map[string]any)
		after, object := v.(map[string]any)
		switch {
		case v == nil:
			delete(out, name)
		case had && object && slices.Contains(merged, name):
			out[name] = merge(before, after)
		case object && slices.Contains(merged, name):
			out[name] = merge(nil, after)
		default:
			out[name] = v
		}
	}
	return out
}

// meld merges objects and what lies in them: every member that is not sent stays, null removes one.
func meld(old, patch document) document {
	out := merge(old, patch)
	for name, v := range patch {
		before, had := old[name].(map[string]any)
		after, object := v.(map[string]any)
		if had && object {
			out[name] = meld(before, after)
		}
	}
	return out
}

// said shows a row under the words of its document. now and then are the same settings as the row has them and as the
// document says them: where they differ, somebody changed the row by another door, and the row is shown.
func said(doc, now, then document) document {
	out := maps.Clone(doc)
	if out == nil {
		out = document{}
	}
	for name := range then {
		if _, still := now[name]; !still {
			delete(out, name)
		}
	}
	for name, v := range now {
		if reflect.DeepEqual(v, then[name]) {
			continue
		}
		inner, a := v.(map[string]any)
		before, b := out[name].(map[string]any)
		if a && b {
			former, _ := then[name].(map[string]any)
			out[name] = said(before, inner, former)
			continue
		}
		out[name] = v
	}
	return out
}

// toDocument turns a value into its JSON document.
func toDocument(v any) (document, error) {
	d := document{}
	return d, through(v, &d)
}

// through writes a value as JSON and reads it into another.
func through(from, into any) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// text is a property that is a text, or empty.
func text(d document, name string) string {
	s, _ := d[name].(string)
	return s
}

// texts is a property that is a list of texts.
func texts(d document, name string) []string {
	list, _ := d[name].([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// fill sets the properties that are missing.
func fill(d, defaults document) {
	for name, v := range defaults {
		if _, ok := d[name]; !ok {
			d[name] = v
		}
	}
}

// complete fills in what is missing, in objects too.
func complete(d, defaults document) {
	fill(d, defaults)
	for name, v := range defaults {
		inner, ok := d[name].(map[string]any)
		missing, object := v.(map[string]any)
		if ok && object {
			inner = maps.Clone(inner)
			complete(inner, missing)
			d[name] = inner
		}
	}
}

// stamp is a time as the API writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
