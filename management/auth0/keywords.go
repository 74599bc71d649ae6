package auth0

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Keywords are the values that stand in an export as ##NAME##, literally, or as @@NAME@@, as JSON.
type Keywords map[string]any

var (
	marker      = regexp.MustCompile(`@@([\w.-]+)@@|##([\w.-]+)##`)
	wholeMarker = regexp.MustCompile(`^(##[A-Z0-9_]+##|@@[A-Z0-9_]+@@)$`)
	// innerMarker is what is left of a marker in a longer text. Upper case only: pages have @@password@@ of their own.
	innerMarker = regexp.MustCompile(`##[A-Z][A-Z0-9_]*##|@@[A-Z][A-Z0-9_]*@@`)
	// bareMarker is a marker that YAML would take for a comment, or for nothing it knows.
	bareMarker = regexp.MustCompile(`(?m)^([ \t]*(?:- +)?(?:[^\s#'"][^:#\n]*: +)?)(##[A-Z0-9_]+##|@@[A-Z0-9_]+@@)[ \t]*$`)
)

// mappingsKey holds the mappings in a configuration of the export tool.
const mappingsKey = "AUTH0_KEYWORD_REPLACE_MAPPINGS"

// ReadKeywords reads a JSON object of values by name, or the configuration of the export tool that holds one. They win over
// the environment, "NAME=value" each.
func ReadKeywords(file string, mappings []byte, environ []string) (Keywords, error) {
	k := Keywords{}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			k[name] = value
		}
	}
	if mappings == nil {
		return k, nil
	}
	s := source{name: file, text: string(mappings)}
	v, err := s.json()
	if err != nil {
		return nil, err
	}
	given, ok := v.(map[string]any)
	if inner, has := given[mappingsKey].(map[string]any); has {
		given = inner
	}
	if !ok {
		return nil, Faults{{Place{file, 1}, "the mappings are a JSON object of values by keyword, such as {\"ENV\": \"prod\"}"}}
	}
	for name, value := range given {
		k[name] = value
	}
	return k, nil
}

// fill puts the values into a text. What nobody gave a value stays.
func (k Keywords) fill(text string) string {
	var b strings.Builder
	for {
		m := marker.FindStringSubmatchIndex(text)
		if m == nil {
			b.WriteString(text)
			return b.String()
		}
		from, to := m[0], m[1]
		name, asJSON := "", m[2] >= 0
		if asJSON {
			name = text[m[2]:m[3]]
		} else {
			name = text[m[4]:m[5]]
		}
		value, known := k[name]
		if !known {
			b.WriteString(text[:from+2])
			text = text[from+2:]
			continue
		}
		// Quotes around a JSON value are part of the marker: people write it with and without.
		if asJSON && from > 0 && to < len(text) && text[from-1] == text[to] && (text[to] == '"' || text[to] == '\'') {
			from, to = from-1, to+1
		}
		b.WriteString(text[:from])
		b.WriteString(said(value, asJSON))
		text = text[to:]
	}
}

func said(value any, asJSON bool) string {
	if s, ok := value.(string); ok && !asJSON {
		return s
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(raw)
}
