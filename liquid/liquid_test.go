package liquid

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var sample = map[string]any{
	"name": `<b>"A" & 'B'</b>`, "number": 7, "yes": true, "empty": "", "long": strings.Repeat("x", 4096),
	"list": []any{"one", "two", "<three>"}, "branding": map[string]any{"colors": map[string]any{"primary": "#fff"}},
}

func filled(t testing.TB, source string) (string, error) {
	t.Helper()
	template, err := Parse(source, "auth0:head", "auth0:widget")
	if err != nil {
		return "", err
	}
	return template.Render(sample, map[string]Markup{"auth0:head": "<meta>", "auth0:widget": "<main></main>"})
}

func TestRender(t *testing.T) {
	for source, want := range map[string]string{
		"plain":        "plain",
		"{{ number }}": "7", "{{number}}": "7", "a {{- number -}} b": "a7b", "{{ nobody }}": "", "{{ branding.colors.primary }}": "#fff",
		"<head> {%- auth0:head -%} </head>{% auth0:widget %}":                                                                  "<head><meta></head><main></main>",
		"{% if yes %}a{% elsif number %}b{% else %}c{% endif %}{% unless yes %}d{% endunless %}":                               "a",
		"{% case number %}{% when 6, 7 %}a{% else %}b{% endcase %}":                                                            "a",
		"{% assign x = number | plus: 1 %}{{ x }}":                                                                             "8",
		"{% for i in list %}{{ forloop.index }}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}":                   "1one,2two,3&lt;three&gt;",
		"{% for i in list reversed limit:2 offset:1 %}{{ i }} {% endfor %}":                                                    "&lt;three&gt; two ",
		"{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% endfor %}": "124",
		"{% for i in nobody %}a{% else %}none{% endfor %}":                                                                     "none",
		"{% for p in branding.colors %}{{ p[0] }}={{ p[1] }}{% endfor %}":                                                      "primary=#fff",
		"{% raw %}{{ name }}{% if %}{% endraw %}{% comment %}{{ x | nofilter }}{% endcomment %}":                               "{{ name }}{% if %}",
		`{{ empty | default: "d" }}{{ "ab" | upcase | append: "c" }}{{ list | join: "-" | size }}`:                             "dABc15",
		`{{ "a,b" | split: "," | first }}`:                                                                                     "a",
	} {
		if got, err := filled(t, source); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", source, got, err, want)
		}
	}
}

// A value is escaped once, whatever way it takes to the page.
func TestValuesAreEscaped(t *testing.T) {
	const escaped = "&lt;b&gt;&#34;A&#34; &amp; &#39;B&#39;&lt;/b&gt;"
	for _, source := range []string{
		"{{ name }}", "{{- name -}}", "{{ name | escape }}", "{{ name | escape_once }}", "{{ name | upcase | downcase | replace: 'a', 'A' | replace: \"'b'\", \"'B'\" }}",
		"{% assign x = name %}{{ x }}", "{% capture x %}{{ name }}{% endcapture %}{{ x }}", "{{ name | split: 'nowhere' | join: '' }}", "{{ name | url_encode | url_decode }}",
		"{% for i in list limit:1 %}{{ name }}{% endfor %}", "{{ nobody | default: name }}", "{{ name | strip | prepend: '' }}", "{{ name | newline_to_br }}",
	} {
		if got, err := filled(t, source); err != nil || got != escaped && !strings.Contains(source, "downcase") || strings.ContainsAny(got, `<>"'`) {
			t.Errorf("%s: %q %v", source, got, err)
		}
	}
	for _, source := range []string{"{{ name | json }}", "{{ list | json }}", "{{ list }}", "{{ branding | json }}", "{{ name | inspect }}", "{{ list | sort | reverse }}", "{{ list[2] }}", "{{ list | last }}"} {
		if got, err := filled(t, source); err != nil || strings.ContainsAny(got, `<>`) {
			t.Errorf("%s: %q %v", source, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for source, want := range map[string]string{
		"{% if yes %}":                              `unterminated "if" block`,
		"{% endif %}":                               "endif not inside",
		"{% nosuch %}":                              `undefined tag "nosuch"`,
		"{% auth0:foot %}":                          "undefined tag",
		"\n{% include 'x' %}":                       "line 2: the tag include is not supported",
		"{% include '/etc/passwd' %}":               "the tag include is not supported",
		"{% tablerow i in list %}{% endtablerow %}": "the tag tablerow is not supported",
		"{{ name | nosuch }}":                       "line 1: there is no filter nosuch",
		"\n\n{% assign x = '|a' | nosuch: '| b' %}": "line 3: there is no filter nosuch",
		"{{ name | own_escape }}":                   "there is no filter own_escape",
		"{{ name | | }}":                            "syntax error",
		"{{ 1 | divided_by: 0 }}":                   "division by zero",
		"{% for i in list %}":                       `line 1: unterminated "for" block`,
		"{% capture ' budget' %}x{% endcapture %}":  "which is no name",
	} {
		got, err := filled(t, source)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q, %v, want %q", source, got, err, want)
		}
	}
}

// Nothing that a template can say takes long or much.
func TestBounded(t *testing.T) {
	double := "{% assign a = 'x' %}" + strings.Repeat("{% assign a = a | append: a %}", 60) + "{{ a }}"
	many := "{% assign a = 'x' %}" + strings.Repeat("{% assign a = a | append: a %}", 13)
	for i := range 3000 {
		many += fmt.Sprintf("{%% assign b%d = a | append: 'x' %%}", i)
	}
	hostile := map[string]string{
		"a long loop":           "{% for i in (1..1000000000) %}{% endfor %}",
		"nested loops":          strings.Repeat("{% for i in (1..1000) %}", 6) + strings.Repeat("{% endfor %}", 6),
		"a loop that writes":    "{% for i in (1..1000) %}{% for j in (1..1000) %}{{ long }}{% endfor %}{% endfor %}",
		"a loop that captures":  "{% capture x %}{% for i in (1..1000) %}{% for j in (1..1000) %}{{ long }}{% endfor %}{% endfor %}{% endcapture %}",
		"doubling":              double,
		"many long values":      many,
		"replace":               "{% assign a = long | replace: 'x', long %}{{ a }}",
		"join":                  "{{ long | split: '' | join: long }}",
		"a range in a filter":   "{{ (1..1000000000) | size }}",
		"a range, joined":       "{{ (1..1000000000) | join: ',' }}",
		"a range, reversed":     "{% assign a = (1..1000000000) | reverse %}",
		"a wide date":           "{{ 'now' | date: '%999999Y' }}",
		"a wide date, flagged":  "{{ 'now' | date: '%-999999Y%^999999B' }}",
		"truncate":              "{{ long | truncate: 100000000 }}",
		"truncatewords":         "{{ long | truncatewords: 100000000 }}",
		"slice":                 "{{ long | slice: -5, 900000000 }}{{ long | slice: 5, -900 }}",
		"a spoiled loop":        "{% for i in list %}{% assign forloop = 1 %}{% continue %}{% endfor %}",
		"lists that double":     "{% assign a = long | split: '' %}" + strings.Repeat("{% assign a = a | concat: a %}", 40),
		"deep nesting":          strings.Repeat("{% if yes %}", 5000) + strings.Repeat("{% endif %}", 5000),
		"a deep path":           "{{ " + strings.Repeat("a.", 20000) + "b }}",
		"a long chain":          "{{ name " + strings.Repeat("| upcase ", 9000) + "}}",
		"conditions in a loop":  "{% for i in (1..1000) %}" + strings.Repeat("{% if long contains 'y' %}{% endif %}", 2000) + "{% endfor %}",
		"a huge number":         "{{ 99999999999999999999999999999 }}{{ 1 | times: 99999999999999999999 }}",
		"capture of the budget": "{% capture ' budget' %}x{% endcapture %}{% for i in list %}{{ i }}{% endfor %}",
		"capture of the widget": "{% capture ' auth0__widget' %}x{% endcapture %}{% auth0:widget %}",
		"unclosed":              "{{ {{ {% {%- -%} }} %}",
	}
	for name, source := range hostile {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		text, err := filled(t, source)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 3*time.Second || grown > 256 || len(text) > maxOutput {
			t.Errorf("%s: %s, %d MiB, %d bytes, %v", name, took, grown, len(text), err)
		} else {
			t.Logf("%s: %s, %d MiB, %d bytes, %.80v", name, took, grown, len(text), err)
		}
	}
	for _, source := range []string{hostile["nested loops"], hostile["a loop that captures"], hostile["many long values"]} {
		if _, err := filled(t, source); !errors.Is(err, errWork) && !errors.Is(err, errOutput) {
			t.Errorf("%.60s: %v", source, err)
		}
	}
}

func TestConcurrentRenders(t *testing.T) {
	template, err := Parse("{% for i in (1..100) %}{{ n }}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if got, err := template.Render(map[string]any{"n": n}, nil); err != nil || got != strings.Repeat(fmt.Sprint(n), 100) {
				t.Errorf("%d: %q %v", n, got, err)
			}
		})
	}
	all.Wait()
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"{{ name | append: 'x' }}", "{% for i in list %}{{ i }}{% endfor %}", "{% raw %}{{{% endraw %}", "{%- auth0:head -%}", "{% capture a %}{% endcapture %}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 {
			return
		}
		text, err := filled(t, source)
		if err == nil && !strings.Contains(source, "<") && strings.Contains(text, "<b>") {
			t.Errorf("%q puts out %q", source, text)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	page := "<html><head>{%- auth0:head -%}<title>{{ prompt.name }}</title><style>body{color:{{ branding.colors.primary }}}</style></head><body>" +
		strings.Repeat("{% if branding.logo_url %}<img src='{{ branding.logo_url }}'>{% endif %}", 20) + "{%- auth0:widget -%}</body></html>"
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(page, "auth0:head", "auth0:widget"); err != nil {
				b.Fatal(err)
			}
		}
	})
	template, err := Parse(page, "auth0:head", "auth0:widget")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("render", func(b *testing.B) {
		for b.Loop() {
			if _, err := template.Render(sample, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
