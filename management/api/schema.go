package api

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed fields.tsv
var fieldTable string

// schema is what is known of a value: a row of fields.tsv with the rows below it.
type schema struct {
	kinds    []string // of JSON, any of them; empty: every one
	item     *schema  // of arrays
	fields   map[string]*schema
	create   bool
	required bool // on create
	update   bool
	read     bool
	nullable bool

	pattern            *regexp.Regexp
	format             string
	enum               []string
	minLen, maxLen     int // of texts, in characters; maxLen 0: unbounded
	minItems, maxItems int
	maxProps           int
	least, most        *float64
	unique             bool

	stored bool   // kept and shown only: see live.tsv
	note   string // of what it does, for those who read about it
}

// schemas are the tables of fields by entity.
var schemas = sync.OnceValue(func() map[string]*schema {
	all := map[string]*schema{}
	for row := range rowsOf(fieldTable) {
		if all[row[0]] == nil {
			all[row[0]] = &schema{kinds: []string{"object"}, fields: map[string]*schema{}, create: true, update: true}
		}
		s, err := readField(row)
		if err != nil {
			panic("api: fields.tsv: " + row[0] + " " + row[1] + ": " + err.Error())
		}
		all[row[0]].place(strings.Split(row[1], "."), s)
	}
	liven(all)
	return all
})

// schemaOf is the table of an entity that the code names.
func schemaOf(entity string) *schema {
	s := schemas()[entity]
	if s == nil {
		panic("api: fields.tsv has no " + entity)
	}
	return s
}

// place puts a row where its path leads; rows of parents stand before those of their children.
func (s *schema) place(path []string, row *schema) {
	name, list := strings.CutSuffix(path[0], "[]")
	if s.fields == nil {
		s.fields = map[string]*schema{}
	}
	next := s.fields[name]
	if next == nil {
		next = &schema{create: true, update: true, read: true}
		s.fields[name] = next
	}
	if len(path) == 1 {
		children, items := next.fields, next.item
		*next = *row
		if next.fields == nil {
			next.fields = children
		}
		if next.item == nil {
			next.item = items
		}
		return
	}
	if list {
		if next.item == nil {
			next.item = &schema{kinds: []string{"object"}}
		}
		next = next.item
	}
	next.place(path[1:], row)
}

// readField reads a row: resource, field, type, create, update, read, null, constraints.
func readField(row []string) (*schema, error) {
	s := &schema{
		create: row[3] != "", required: row[3] == "required", update: row[4] != "", read: row[5] != "", nullable: row[6] != "",
	}
	for kind := range strings.SplitSeq(row[2], "|") {
		switch element, list := strings.CutPrefix(kind, "["); {
		case list:
			s.kinds = append(s.kinds, "array")
			s.item = &schema{create: true, update: true}
			if element = strings.TrimSuffix(element, "]"); element != "any" {
				s.item.kinds = []string{element}
			}
		case kind == "null":
			s.nullable = true
		case kind == "any":
			s.kinds = nil
			return s, s.constrain(row[7])
		default:
			s.kinds = append(s.kinds, kind)
		}
	}
	return s, s.constrain(row[7])
}

// constrain reads the constraints. Those of texts are of the elements where the value is a list.
func (s *schema) constrain(text string) (err error) {
	of := s
	if s.item != nil && !slices.Contains(s.kinds, "object") {
		of = s.item
	}
	if before, pattern, ok := strings.Cut(text, "pattern:"); ok {
		pattern, item, _ := strings.Cut(pattern, " item ")
		if of.pattern, err = regexp.Compile(pattern); err != nil {
			return err
		}
		text = before + " item " + item
	}
	for word := range strings.FieldsSeq(text) {
		if err := s.constraint(of, word); err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) constraint(of *schema, word string) (err error) {
	name, value, _ := strings.Cut(word, ":")
	switch name {
	case "item": // its length follows
		return nil
	case "enum":
		of.enum = slices.DeleteFunc(strings.Split(value, "/"), func(v string) bool { return v == "null" })
		return nil
	case "format":
		of.format = value
		return nil
	case "unique":
		s.unique = true
		return nil
	}
	for prefix, into := range map[string]*int{
		"len>=": &of.minLen, "len<=": &of.maxLen, "items>=": &s.minItems, "items<=": &s.maxItems, "props<=": &s.maxProps,
	} {
		if n, ok := strings.CutPrefix(word, prefix); ok {
			*into, err = strconv.Atoi(n)
			return err
		}
	}
	for prefix, into := range map[string]**float64{">=": &s.least, "<=": &s.most} {
		if text, ok := strings.CutPrefix(word, prefix); ok {
			n, err := strconv.ParseFloat(text, 64)
			*into = &n
			return err
		}
	}
	return fmt.Errorf("unknown constraint %q", word)
}

// field is the row of a property; that of * is for names which the table does not know.
func (s *schema) field(name string) *schema {
	if f := s.fields[name]; f != nil || name == "*" {
		return f
	}
	return s.fields["*"]
}

// knows says whether answers may have the property; a dotted name is a path.
func (s *schema) knows(name string) bool {
	first, rest, deeper := strings.Cut(name, ".")
	f := s.field(first)
	return f != nil && f.read && (!deeper || f.fields == nil || f.knows(rest))
}

// names are the properties that answers may have.
func (s *schema) names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.fields)), func(name string) bool { return !s.fields[name].read })
}

// hides says whether a value, or something in it, is never shown.
func (s *schema) hides() bool {
	return !s.read || s.holdsHidden() || s.item != nil && s.item.holdsHidden()
}

func (s *schema) holdsHidden() bool {
	for _, f := range s.fields {
		if f.hides() {
			return true
		}
	}
	return false
}

// visible is a value without what answers never have.
func (s *schema) visible(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := document{}
		for name, member := range v {
			switch f := s.field(name); {
			case f == nil:
				out[name] = member
			case f.read:
				out[name] = f.visible(member)
			}
		}
		return out
	case []any:
		if s.item == nil {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = s.item.visible(e)
		}
		return out
	}
	return v
}
