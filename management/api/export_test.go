package api

import (
	"maps"
	"slices"
	"strings"
)

// Known is an endpoint of the table.
type Known struct {
	Method, Path, Body string
	Scopes, Lists      []string
	Query              []string
	Built              bool
}

// Endpoints are all rows of the table, by path and method.
func Endpoints() []Known {
	h := &Handler{}
	built := map[string]operation{}
	for _, o := range h.operations() {
		built[o.method+" "+o.path] = o
	}
	var all []Known
	for key, e := range endpoints() {
		o, ok := built[key]
		all = append(all, Known{e.method, e.path, o.body, e.scopes, e.lists, slices.Sorted(maps.Keys(e.query)), ok})
	}
	slices.SortFunc(all, func(a, b Known) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return all
}

// Field is a row of the table of an entity, without those of its members.
type Field struct {
	Name                             string
	Kinds                            []string
	Create, Update, Required, Nulled bool
	MaxLen                           int
	Enum                             []string
}

// Fields are the properties of an entity.
func Fields(entity string) []Field {
	var all []Field
	fields := schemaOf(entity).fields
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f := fields[name]
		all = append(all, Field{name, f.kinds, f.create, f.update, f.required, f.nullable, f.maxLen, f.enum})
	}
	return all
}

// Entities are the names of the tables.
func Entities() []string { return slices.Sorted(maps.Keys(schemas())) }

// StoredOnly says whether the description marks a field, or something that it is in; known is whether it may be sent.
func StoredOnly(entity, path string) (stored, known bool) {
	s := schemaOf(entity)
	stored = s.stored
	for name := range strings.SplitSeq(path, ".") {
		if s = s.fields[name]; s == nil {
			return false, false
		}
		stored = stored || s.stored
	}
	return stored, s.create || s.update
}

// LiveFields are the rows of live.tsv of an entity.
func LiveFields(entity string) (fields []string) {
	for row := range rowsOf(liveTable) {
		if row[0] == entity {
			fields = append(fields, row[1])
		}
	}
	return fields
}

// Texts are the places in a body of an entity where a text may be sent, as the names that lead there; [] is the first of a
// list, and * any name of a map.
func Texts(entity string) (all [][]string) {
	var walk func(s *schema, at []string)
	walk = func(s *schema, at []string) {
		if s == nil || len(at) > 8 {
			return
		}
		if len(at) > 0 && (len(s.kinds) == 0 || slices.Contains(s.kinds, "string")) {
			all = append(all, slices.Clone(at))
		}
		if s.item != nil {
			walk(s.item, append(at, "[]"))
		}
		for _, name := range slices.Sorted(maps.Keys(s.fields)) {
			if f := s.fields[name]; f.create || f.update {
				walk(f, append(at, name))
			}
		}
	}
	walk(schemaOf(entity), nil)
	return all
}
