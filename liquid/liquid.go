// Package liquid renders the templates that tenants bring: text with Liquid in it.
//
// Who may write a template is trusted with the tenant, and not with the server that other tenants share. So a render has a
// budget of work and of output, counted and not timed, and reaches no file. Whoever opens a page is not trusted with the
// tenant: every value is escaped for HTML where it is put out, whatever filters it went through.
//
// The language is that of the library, with these differences: there is no include and no tablerow, escape changes nothing,
// and a filter refuses what is long.
package liquid

import (
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/filters"
	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/tags"
)

// Template is a parsed template. It is safe for concurrent use.
type Template struct {
	root   render.Node
	config render.Config
}

// Markup is a value that is HTML already.
type Markup string

// Parse reads a template. tags are names that stand for markup, as {% auth0:head %}.
func Parse(source string, tags ...string) (t *Template, err error) {
	defer guard(&err)
	config := grammar()
	for _, name := range tags {
		name = inner(name)
		config.AddTag(name, func(string) (func(io.Writer, render.Context) error, error) {
			return func(w io.Writer, ctx render.Context) error {
				text, _ := ctx.Get(hidden + name).(Markup)
				_, err := io.WriteString(w, string(text))
				return err
			}, nil
		})
	}
	source, err = prepared(source)
	if err != nil {
		return nil, err
	}
	root, problem := config.Compile(source, parser.SourceLoc{LineNo: 1})
	if problem != nil {
		return nil, cause(problem)
	}
	return &Template{root, config}, nil
}

// Render fills the template in with values, which are texts, numbers, truths, lists and maps of such, and with the markup
// of its tags.
func (t *Template) Render(values map[string]any, markup map[string]Markup) (text string, err error) {
	defer guard(&err)
	b := &budget{left: work}
	config := t.config
	config.Config.Config = expressions.NewConfig()
	filters.AddStandardFilters(guarded{&config, b})
	ownFilters(&config, b)
	bindings := map[string]any{hidden + "budget": b}
	for name, value := range values {
		bindings[name] = value
	}
	for name, value := range markup {
		bindings[hidden+inner(name)] = value
	}
	out := &output{budget: b}
	if problem := render.Render(t.root, out, bindings, config); problem != nil {
		return "", cause(problem)
	}
	return out.String(), nil
}

// hidden begins the names of bindings that no template can say.
const hidden = " "

// inner is the name of a tag as the library can read it.
func inner(name string) string { return strings.ReplaceAll(name, ":", "__") }

// guard turns a panic into an error: the library panics where a filter is used in a way that it did not foresee.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = cause(fmt.Errorf("the template cannot be read: %v", p))
	}
}

// cause is a complaint of the library in one line. A budget that is spent is told as such.
func cause(err error) error {
	for _, own := range []error{errWork, errOutput, errLong} {
		if strings.Contains(err.Error(), own.Error()) {
			return own
		}
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	text = place.ReplaceAllString(text, "line $1: ")
	text = strings.NewReplacer("Liquid error: ", "", " | own_escape", "", "own_", "", "__", ":").Replace(text)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return errors.New(text)
}

var place = regexp.MustCompile(`^Liquid error \(line (\d+)\): `)

// The blocks of the library that do not count their work, and those that stand in for them.
var renamed = map[string]string{"for": "own_for", "endfor": "endown_for", "capture": "own_capture", "endcapture": "endown_capture"}

func grammar() render.Config {
	config := render.NewConfig()
	tags.AddStandardTags(config)
	config.AddBlock("own_for").Clause("else").Compiler(loop)
	config.AddBlock("own_capture").Compiler(capture)
	return config
}

var (
	foreignTag = regexp.MustCompile(`\{%(-?)\s*([a-z0-9_]+):([a-z0-9_]+)\s*(-?)%\}`)
	refused    = []string{"include", "tablerow", "endtablerow", "cycle", "own_for", "own_capture"}
)

// prepared is the source in the words of the grammar, with every output escaped.
func prepared(source string) (string, error) {
	var b strings.Builder
	verbatim := "" // the tag that ends what is taken as it is
	for _, t := range parser.Scan(foreignTag.ReplaceAllString(source, "{%$1 ${2}__$3 $4%}"), parser.SourceLoc{LineNo: 1}, nil) {
		if name := unknownFilter(t.Args); name != "" && verbatim == "" {
			return "", fmt.Errorf("line %d: there is no filter %s", t.SourceLoc.LineNo, name)
		}
		switch {
		case t.Type == parser.TagTokenType && verbatim == "":
			if slices.Contains(refused, t.Name) {
				return "", fmt.Errorf("line %d: the tag %s is not supported", t.SourceLoc.LineNo, t.Name)
			}
			if t.Name == "raw" || t.Name == "comment" {
				verbatim = "end" + t.Name
			}
			if own, ok := renamed[t.Name]; ok {
				b.WriteString(strings.Replace(t.Source, t.Name, own, 1))
				continue
			}
		case t.Type == parser.TagTokenType && t.Name == verbatim:
			verbatim = ""
		case t.Type == parser.ObjTokenType && verbatim == "":
			left, right := "{{", "}}"
			if strings.HasPrefix(t.Source, "{{-") {
				left = "{{-"
			}
			if strings.HasSuffix(t.Source, "-}}") {
				right = "-}}"
			}
			b.WriteString(left + " " + t.Args + " | own_escape " + right)
			continue
		}
		b.WriteString(t.Source)
	}
	return b.String(), nil
}

var (
	literal = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	filter  = regexp.MustCompile(`\|\s*(\w+)`)
)

// names collects the names of the library's filters.
type names map[string]bool

// AddFilter implements filters.FilterDictionary.
func (n names) AddFilter(name string, _ any) { n[name] = true }

var knownFilters = sync.OnceValue(func() names {
	all := names{"h": true}
	filters.AddStandardFilters(all)
	return all
})

// unknownFilter is a filter that an expression names and nobody has, or empty.
func unknownFilter(expression string) string {
	for _, m := range filter.FindAllStringSubmatch(literal.ReplaceAllString(expression, `""`), -1) {
		if !knownFilters()[m[1]] {
			return m[1]
		}
	}
	return ""
}

// escaped is a value as it is put out.
func escaped(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case Markup:
		return string(v), nil
	case string:
		return html.EscapeString(v), nil
	case []any:
		var b strings.Builder
		for _, e := range v {
			text, err := escaped(e)
			if err != nil {
				return nil, err
			}
			b.WriteString(text.(string))
		}
		return b.String(), nil
	case map[string]any:
		return "", nil
	}
	return html.EscapeString(fmt.Sprint(v)), nil
}
