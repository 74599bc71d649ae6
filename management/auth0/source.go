package auth0

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// source is a text of the export with its markers filled in.
type source struct {
	name string
	text string

	tree ast.Node // of YAML
}

func (s *source) fault(line int, format string, args ...any) error {
	return Faults{{Place{s.name, line}, fmt.Sprintf(format, args...)}}
}

func (s *source) lineAt(offset int64) int {
	return 1 + strings.Count(s.text[:min(int(offset), len(s.text))], "\n")
}

// json reads the text as one JSON value.
func (s *source) json() (v any, err error) {
	d := json.NewDecoder(strings.NewReader(s.text))
	err = d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); errors.Is(more, io.EOF) {
			return v, nil
		}
		return nil, s.fault(s.lineAt(d.InputOffset()), "after the JSON value there is more: take it out")
	}
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, s.fault(s.lineAt(bad.Offset-1), "this is not JSON: %v: %s", err, s.advice(int(bad.Offset)-1))
	}
	if strings.TrimSpace(s.text) == "" {
		return nil, s.fault(0, "the file is empty: it holds a JSON object, or does not exist")
	}
	return nil, s.fault(s.lineAt(int64(len(s.text))), "the JSON ends too early: close what is open, or export it again")
}

// advice is what to change where JSON breaks off.
func (s *source) advice(at int) string {
	at = min(at, len(s.text)-1)
	before := strings.TrimSpace(s.text[:at])
	switch found := s.text[at]; {
	case strings.HasSuffix(before, ",") && (found == '}' || found == ']'):
		return "take out the comma before it"
	case found == '"' && before != "" && strings.ContainsAny(before[len(before)-1:], `"}]0123456789el`):
		return "put a comma before it"
	case found == '\'':
		return "texts stand in double quotes"
	case found == '#' || found == '@':
		return "give the keyword a value, with --mapping or in the environment, or put it into double quotes"
	}
	return "mend it, or export it again"
}

// yaml reads the text as one YAML document.
func (s *source) yaml() (v any, err error) {
	s.text = bareMarker.ReplaceAllString(s.text, `$1"$2"`)
	doc, err := parser.ParseBytes([]byte(s.text), 0)
	if err != nil {
		return nil, s.yamlFault(err)
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		return nil, s.fault(0, "the file is not one YAML document with the kinds of the export at its top, such as clients:")
	}
	s.tree = doc.Docs[0].Body
	var raw any
	if err := yaml.NodeToValue(s.tree, &raw); err != nil {
		return nil, s.yamlFault(err)
	}
	// What YAML has more kinds of numbers and keys for becomes what JSON has.
	plain, err := json.Marshal(raw)
	if err != nil {
		return nil, s.fault(0, "the YAML holds what JSON has no word for: %v", err)
	}
	return v, json.Unmarshal(plain, &v)
}

var yamlPosition = regexp.MustCompile(`^\[(\d+):\d+\] `)

// yamlFault says where, without the excerpt of the source: a line of it may be a secret.
func (s *source) yamlFault(err error) error {
	text, line := strings.TrimSpace(yaml.FormatError(err, false, false)), 0
	if m := yamlPosition.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits
		text = text[len(m[0]):]
	}
	return s.fault(line, "this is not YAML: %s: mend the indentation or the quotes there, or export it again", text)
}

// line is where a path begins, such as clients[3].callbacks[0]; of what is not there, it is where the nearest part of it is.
func (s *source) line(path string) int {
	steps := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	if s.tree != nil {
		return yamlLine(s.tree, steps, s.tree.GetToken().Position.Line)
	}
	at := jsonOffset(json.NewDecoder(strings.NewReader(s.text)), steps, 0)
	rest := s.text[min(int(at), len(s.text)):]
	return s.lineAt(at + int64(len(rest)-len(strings.TrimLeft(rest, ", \t\r\n"))))
}

func yamlLine(n ast.Node, steps []string, line int) int {
	switch n := n.(type) {
	case *ast.AnchorNode:
		return yamlLine(n.Value, steps, line)
	case *ast.TagNode:
		return yamlLine(n.Value, steps, line)
	case *ast.MappingValueNode:
		return yamlLine(&ast.MappingNode{Values: []*ast.MappingValueNode{n}}, steps, line)
	case *ast.MappingNode:
		if len(steps) == 0 {
			return line
		}
		for _, pair := range n.Values {
			if key := pair.Key.GetToken(); key.Value == steps[0] {
				return yamlLine(pair.Value, steps[1:], key.Position.Line)
			}
		}
	case *ast.SequenceNode:
		if len(steps) == 0 {
			return line
		}
		if i, err := strconv.Atoi(steps[0]); err == nil && i < len(n.Values) {
			return yamlLine(n.Values[i], steps[1:], n.Values[i].GetToken().Position.Line)
		}
	}
	return line
}

// jsonOffset is the offset of a path in a text that is known to be JSON.
func jsonOffset(d *json.Decoder, steps []string, at int64) int64 {
	open, err := d.Token()
	if len(steps) == 0 || err != nil {
		return at
	}
	for i := 0; d.More(); i++ {
		name := strconv.Itoa(i)
		if open == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return at
			}
			name, _ = key.(string)
		}
		if name == steps[0] {
			return jsonOffset(d, steps[1:], d.InputOffset())
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return at
		}
	}
	return at
}
