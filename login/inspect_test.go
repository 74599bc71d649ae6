package login

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// inspect holds a rendered page to the rules that every page keeps.
func inspect(t *testing.T, loc Locale, page string) {
	t.Helper()
	for _, trace := range []string{"{{", "<no value>", "%!", "ZgotmplZ", "<nil>"} {
		if strings.Contains(page, trace) && !strings.Contains(page, "{{.State}}&lt;script&gt;") {
			t.Errorf("the page shows %q: a template or a message was not filled in", trace)
		}
	}
	balanced(t, page)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	p := read(root)
	if got := p.one(t, "html")["lang"]; got != loc.Tag() {
		t.Errorf("html lang = %q, want %q", got, loc.Tag())
	}
	if strings.TrimSpace(p.text["title"]) == "" {
		t.Error("the title is empty")
	}
	p.one(t, "h1")
	p.one(t, "main")
	p.inlineCode(t)
	p.references(t)
	p.forms(t)
}

// balanced fails on a tag that is closed in the wrong place; the parser would mend it silently.
func balanced(t *testing.T, page string) {
	t.Helper()
	void := []string{"meta", "link", "input", "img", "br", "hr"}
	var open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("never closed: %v", open)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes nothing; open are %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

type element struct {
	tag   string
	attr  map[string]string
	label string // text inside
}

type document struct {
	elements []element
	ids      map[string]int
	text     map[string]string // of the last element of each tag
}

func read(n *html.Node) *document {
	d := &document{ids: map[string]int{}, text: map[string]string{}}
	d.walk(n)
	return d
}

func (d *document) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		e := element{tag: n.Data, attr: map[string]string{}, label: textOf(n)}
		for _, a := range n.Attr {
			e.attr[a.Key] = a.Val
		}
		if id, ok := e.attr["id"]; ok {
			d.ids[id]++
		}
		d.elements = append(d.elements, e)
		d.text[n.Data] = e.label
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		d.walk(c)
	}
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

func (d *document) all(tag string) []element {
	var found []element
	for _, e := range d.elements {
		if e.tag == tag {
			found = append(found, e)
		}
	}
	return found
}

func (d *document) one(t *testing.T, tag string) map[string]string {
	t.Helper()
	found := d.all(tag)
	if len(found) != 1 {
		t.Fatalf("%d <%s>, want exactly one", len(found), tag)
	}
	if tag != "html" && strings.TrimSpace(found[0].label) == "" {
		t.Errorf("<%s> is empty", tag)
	}
	return found[0].attr
}

// inlineCode refuses what the Content-Security-Policy would stop, and scripts that an input brought in.
func (d *document) inlineCode(t *testing.T) {
	t.Helper()
	for _, e := range d.elements {
		for key, val := range e.attr {
			if strings.HasPrefix(key, "on") || key == "style" {
				t.Errorf("<%s> has the inline attribute %s", e.tag, key)
			}
			if (key == "href" || key == "src" || key == "action") && strings.HasPrefix(strings.ToLower(val), "javascript:") {
				t.Errorf("<%s> %s runs a script", e.tag, key)
			}
		}
		if (e.tag == "style" || e.tag == "script" && e.attr["src"] == "") && e.attr["nonce"] == "" {
			t.Errorf("inline <%s> without a nonce", e.tag)
		}
	}
}

// references: ids are unique and everything that points at one finds it.
func (d *document) references(t *testing.T) {
	t.Helper()
	for id, n := range d.ids {
		if n != 1 || id == "" {
			t.Errorf("id %q occurs %d times", id, n)
		}
	}
	for _, e := range d.elements {
		for _, key := range []string{"for", "aria-describedby", "aria-controls", "aria-labelledby"} {
			for id := range strings.FieldsSeq(e.attr[key]) {
				if d.ids[id] == 0 {
					t.Errorf("<%s> %s points at %q, which is not there", e.tag, key, id)
				}
			}
		}
		if target, ok := strings.CutPrefix(e.attr["href"], "#"); ok && d.ids[target] == 0 {
			t.Errorf("link to #%s, which is not there", target)
		}
	}
}

// forms: every field is labelled and keeps the names scripts rely on; one element at most takes the focus.
func (d *document) forms(t *testing.T) {
	t.Helper()
	labels := map[string]bool{}
	for _, e := range d.all("label") {
		labels[e.attr["for"]] = strings.TrimSpace(e.label) != ""
	}
	for _, e := range d.all("input") {
		if e.attr["type"] == "hidden" {
			continue
		}
		if !labels[e.attr["id"]] {
			t.Errorf("input %q has no label", e.attr["name"])
		}
		if e.attr["id"] != e.attr["name"] || e.attr["autocomplete"] == "" {
			t.Errorf("input %q: id and name differ, or autocomplete is not named", e.attr["name"])
		}
	}
	for _, e := range d.all("button") {
		if strings.TrimSpace(e.label) == "" && e.attr["aria-label"] == "" {
			t.Error("a button has no name")
		}
		if e.attr["type"] == "" {
			t.Error("a button has no type")
		}
	}
	focus := 0
	for _, e := range d.elements {
		if _, ok := e.attr["autofocus"]; ok {
			focus++
		}
		if e.tag == "img" {
			if _, ok := e.attr["alt"]; !ok {
				t.Error("img without alt")
			}
		}
	}
	if focus > 1 {
		t.Errorf("%d elements ask for the focus", focus)
	}
}
