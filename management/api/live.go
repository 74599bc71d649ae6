package api

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
)

// liveTable says what the running system acts on. The rest of what may be sent is stored only, and described so: a field
// that nobody listed is not promised.
//
//go:embed live.tsv
var liveTable string

// storedOnly marks in the description, for programs, what is kept and shown and acted on by nothing.
const storedOnly = "x-proofkey-stored-only"

// storedNote says the same to people.
const storedNote = "Stored only: it is kept and shown, and nothing acts on it."

// liven reads the table into those of the entities.
func liven(all map[string]*schema) {
	for _, s := range all {
		s.stored = true
	}
	for row := range rowsOf(liveTable) {
		field, out := strings.CutPrefix(row[1], "!")
		s := all[row[0]]
		if s != nil && field == "*" {
			s.stored = false
		} else if s != nil {
			s = s.mark(field, out)
		}
		if s == nil || !s.create && !s.update {
			panic("api: live.tsv: " + row[0] + " " + row[1] + " is nothing that can be sent")
		}
		if len(row) > 2 {
			s.note = row[2]
		}
	}
}

// mark decides for the value at a path. What it is in is not stored only as a whole any more, but its other members are.
func (s *schema) mark(path string, stored bool) *schema {
	for name := range strings.SplitSeq(path, ".") {
		if s.stored {
			s.stored = false
			for _, f := range s.fields {
				f.stored = true
			}
		}
		if s = s.fields[name]; s == nil {
			return nil
		}
	}
	s.stored = stored
	return s
}

// describe adds to a description what is known of what the value does.
func (s *schema) describe(out document) {
	switch {
	case s.stored && (s.create || s.update):
		out[storedOnly], out["description"] = true, storedNote
	case s.note != "":
		out["description"] = s.note
	}
}

// storedFields are the paths of what may be sent and is stored only, of objects that are so as a whole the object.
func (s *schema) storedFields(m mode) (paths []string) {
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		f := s.fields[name]
		switch {
		case !f.in(m):
		case f.stored:
			paths = append(paths, name)
		default:
			for _, inner := range f.storedFields(m) {
				paths = append(paths, name+"."+inner)
			}
		}
	}
	return paths
}

// in says whether a body of a mode may have the value; without a mode, an answer.
func (s *schema) in(m mode) bool {
	switch m {
	case forCreate:
		return s.create
	case forUpdate, forReplace:
		return s.update
	}
	return s.read
}
