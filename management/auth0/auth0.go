// Package auth0 takes a tenant over from the hosted service: it reads what auth0-deploy-cli exports, as a folder or as one
// YAML file, and what a users export holds, and brings it into a tenant under the ids that it had there.
//
// What it promises:
//
//   - The configuration is one transaction through the operations of the Management API: it is in force as a whole, or
//     nothing of it. A dry run is the same transaction, given up at its end, so it says exactly what an import does.
//   - What the tenant has already as the export says is left alone, so a second import changes nothing. Nothing of the
//     tenant is deleted because the export does not name it.
//   - Whatever is not taken over is named with the reason. No secret is in a report or an error.
package auth0

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where something of an export is said.
type Place struct {
	File string // relative to the folder of the export
	Line int    // 0: the file as a whole
}

func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Fault is something that is wrong with a file, with what to change.
type Fault struct {
	Place
	Text string
}

// Faults are all that is wrong with an export: nothing of it is looked at before they are mended.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Place.String() + ": " + f.Text
	}
	return strings.Join(lines, "\n")
}

// Item is one thing of an export, such as an application.
type Item struct {
	Kind string // its key in the YAML form, such as clients
	Name string // for people
	Body map[string]any
	At   Place

	line func(path string) int // of a property of Body, or that of the item
}

// Missing is a property without a value: an export stands markers such as ##SMTP_PASS## for secrets, and nobody gave it.
type Missing struct {
	Kind, Name, Field string
	Keyword           string
	At                Place
}

// Export is what was read.
type Export struct {
	Items   []Item
	Missing []Missing
	// Strange are files and folders that the format does not have.
	Strange []Place
}

// of lists the items of a kind.
func (e *Export) of(kind string) (all []*Item) {
	for i := range e.Items {
		if e.Items[i].Kind == kind {
			all = append(all, &e.Items[i])
		}
	}
	return all
}

// add takes up an item; what bears a marker is left out of it and noted.
func (e *Export) add(it Item) {
	for _, m := range unset(it.Body, "") {
		m.Kind, m.Name = it.Kind, it.Name
		m.At = Place{it.At.File, it.line(m.Field)}
		e.Missing = append(e.Missing, m)
	}
	e.Items = append(e.Items, it)
}

// unset takes out of v the members that are nothing but a marker.
func unset(v any, at string) (all []Missing) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			all = append(all, unset(e, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		for name, e := range v {
			if s, ok := e.(string); ok && wholeMarker.MatchString(s) {
				all = append(all, Missing{Field: below(at, name), Keyword: strings.Trim(s, "#@")})
				delete(v, name)
				continue
			}
			all = append(all, unset(e, below(at, name))...)
		}
	}
	slices.SortFunc(all, func(a, b Missing) int { return cmp.Compare(a.Field, b.Field) })
	return all
}

func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// Words of a body.

func text(d map[string]any, name string) string {
	s, _ := d[name].(string)
	return s
}

func object(d map[string]any, name string) map[string]any {
	o, _ := d[name].(map[string]any)
	return o
}

// objects are the members of a list that are objects.
func objects(v any) (all []map[string]any) {
	list, _ := v.([]any)
	for _, e := range list {
		if o, ok := e.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}
