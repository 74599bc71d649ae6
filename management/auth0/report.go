package auth0

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Report says what an import does, or would do.
type Report struct {
	Applied bool
	Entries []Entry
	// Unsupported is what is not taken over, or taken over without acting yet.
	Unsupported []Notice
	Missing     []Missing
	// Secrets are the applications whose secret was made here, because the export has none.
	Secrets []Secret
}

// Actions of entries.
const (
	Create = "create"
	Change = "change"
	Leave  = "leave"
	Refuse = "refuse"
)

// Entry is what becomes of one thing of the export.
type Entry struct {
	Kind   string // such as application
	Name   string
	ID     string
	Action string
	Fields []Field // of a change
	Reason string  // of a refusal, with what to change
	At     Place
}

// Field is a property that changes. Values are JSON, cut; those of secrets are not shown.
type Field struct{ Name, From, To string }

// Notice is a part of the export that is not taken over, or not in force.
type Notice struct {
	Kind, Name string
	Field      string // empty: the whole
	Reason     string
	At         Place
}

// Secret is an application that has another secret than before.
type Secret struct{ ClientID, Name string }

// Count counts the entries with an action.
func (r *Report) Count(action string) (n int) {
	for _, e := range r.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// Refused says whether anything stands against applying the import.
func (r *Report) Refused() bool { return r.Count(Refuse) > 0 }

// differences lists the properties in which two states differ, in their order.
func differences(from, to any, at string) (all []Field) {
	if reflect.DeepEqual(from, to) {
		return nil
	}
	if fields := elements(from, to, at); fields != nil {
		return fields
	}
	a, isObject := from.(map[string]any)
	b, becomesObject := to.(map[string]any)
	if !isObject || !becomesObject {
		return []Field{{at, shown(at, from), shown(at, to)}}
	}
	names := map[string]any{}
	for name := range a {
		names[name] = nil
	}
	for name := range b {
		names[name] = nil
	}
	for _, name := range sorted(names) {
		before, had := a[name]
		after, has := b[name]
		switch {
		case had && has:
			all = append(all, differences(before, after, below(at, name))...)
		case had:
			all = append(all, Field{below(at, name), shown(below(at, name), before), ""})
		default:
			all = append(all, Field{below(at, name), "", shown(below(at, name), after)})
		}
	}
	return all
}

// elements are the texts by which two lists differ, each on its own; nil where they are not lists of texts, or are in
// another order only.
func elements(from, to any, at string) (all []Field) {
	had, has := texts(from), texts(to)
	if had == nil || has == nil {
		return nil
	}
	for _, s := range had {
		if !slices.Contains(has, s) {
			all = append(all, Field{at, shown(at, s), ""})
		}
	}
	for _, s := range has {
		if !slices.Contains(had, s) {
			all = append(all, Field{at, "", shown(at, s)})
		}
	}
	return all
}

// texts are the elements of a list of nothing else, or nil.
func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	all := make([]string, len(list))
	for i, e := range list {
		if all[i], ok = e.(string); !ok {
			return nil
		}
	}
	return all
}

// secretName finds the properties below which no text may be shown in a terminal or a log, and publicName those that only
// sound so.
var (
	secretName = regexp.MustCompile(`(?i)^(.*(secret|secrets|password|pass|_token|authtoken|authorization|key|connectionstring|credentials)|token|configuration|accesskeyid)$`)
	publicName = regexp.MustCompile(`(?i)^(refresh_token|change_password|idp_?.*|encryption_key|public_key|.*site_key)$`)
)

const longest = 120

// shown is a value as a report may have it.
func shown(at string, v any) string {
	secret := false
	for name := range strings.SplitSeq(at, ".") {
		secret = secret || isSecret(name)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(hide(v, secret)); err != nil {
		return fmt.Sprint(v)
	}
	s := strings.TrimSuffix(b.String(), "\n")
	if len(s) <= longest {
		return s
	}
	n := longest
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + fmt.Sprintf("… (%d bytes)", len(s))
}

func isSecret(name string) bool {
	name, _, _ = strings.Cut(name, "[")
	return secretName.MatchString(name) && !publicName.MatchString(name)
}

func hide(v any, secret bool) any {
	switch v := v.(type) {
	case string:
		if secret && v != "" {
			return "(not shown)"
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = hide(e, secret)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = hide(e, secret || isSecret(name))
		}
		return out
	}
	return v
}
