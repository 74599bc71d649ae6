package login

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed locales/*.json
var localeFiles embed.FS

// Bounds of what is read from a request, before it is parsed.
const (
	maxUILocales      = 256
	maxAcceptLanguage = 512
)

// Locale is one language of the pages.
type Locale struct {
	tag      string
	lang     language.Tag
	messages map[string]string
}

// Tag is the BCP 47 tag, as in the html element's lang.
func (l Locale) Tag() string { return l.tag }

// Dir is the direction of the script: ltr or rtl.
func (l Locale) Dir() string {
	script, _ := l.lang.Script()
	if slices.Contains([]string{"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"}, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// covers says whether a language is this one, or a regional form of it.
func (l Locale) covers(tag language.Tag) bool {
	own, _ := l.lang.Base()
	base, _ := tag.Base()
	return own == base
}

// text is the message with {name} placeholders filled from name, value pairs.
func (l Locale) text(key string, pairs ...any) (string, error) {
	msg, err := l.message(key)
	return fill(msg, pairs, func(v string) string { return v }), err
}

// markup is like text, as HTML in which each value is isolated from the direction of the sentence around it.
func (l Locale) markup(key string, pairs ...any) (template.HTML, error) {
	msg, err := l.message(key)
	return template.HTML(fill(template.HTMLEscapeString(msg), pairs, isolate)), err
}

func isolate(v string) string { return "<bdi>" + template.HTMLEscapeString(v) + "</bdi>" }

func (l Locale) message(key string) (string, error) {
	msg, ok := l.messages[key]
	if !ok {
		return "", fmt.Errorf("locale %s has no message %q", l.tag, key)
	}
	return msg, nil
}

// fill replaces in one pass, so that a value holding "{app}" stays as it is.
func fill(msg string, pairs []any, show func(string) string) string {
	args := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		args = append(args, "{"+fmt.Sprint(pairs[i])+"}", show(fmt.Sprint(pairs[i+1])))
	}
	return strings.NewReplacer(args...).Replace(msg)
}

// loadLocales reads the embedded translations, English first.
func loadLocales() ([]Locale, error) {
	entries, err := localeFiles.ReadDir("locales")
	if err != nil {
		return nil, fmt.Errorf("read locales: %w", err)
	}
	var all []Locale
	for _, e := range entries {
		body, err := localeFiles.ReadFile("locales/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read locale: %w", err)
		}
		l := Locale{tag: strings.TrimSuffix(e.Name(), ".json")}
		if l.lang, err = language.Parse(l.tag); err != nil {
			return nil, fmt.Errorf("locale %s: %w", e.Name(), err)
		}
		if err := json.Unmarshal(body, &l.messages); err != nil {
			return nil, fmt.Errorf("locale %s: %w", e.Name(), err)
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b Locale) int {
		switch {
		case a.tag == "en":
			return -1
		case b.tag == "en":
			return 1
		}
		return 0
	})
	return all, nil
}

// Tags lists the languages the pages exist in, English first.
func (v *Views) Tags() []string {
	tags := make([]string, len(v.locales))
	for i, l := range v.locales {
		tags[i] = l.tag
	}
	return tags
}

// Negotiate chooses the language of a page: the first of ui_locales (OpenID Connect Core 3.1.2.1) that the tenant has
// enabled, else the best for Accept-Language, else the first enabled one. No enabled languages means all.
func (v *Views) Negotiate(enabled []string, uiLocales, acceptLanguage string) Locale {
	offer := v.offer(enabled)
	tags := make([]language.Tag, len(offer))
	for i, l := range offer {
		tags[i] = l.lang
	}
	matcher := language.NewMatcher(tags)
	for _, want := range strings.Fields(uiLocales[:min(len(uiLocales), maxUILocales)]) {
		tag, err := language.Parse(want)
		if err != nil {
			continue
		}
		if _, i, sure := matcher.Match(tag); sure >= language.High {
			return offer[i]
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(clipList(acceptLanguage, maxAcceptLanguage))
	if err != nil {
		return offer[0]
	}
	if _, i, sure := matcher.Match(wanted...); sure > language.No {
		return offer[i]
	}
	return offer[0]
}

func (v *Views) offer(enabled []string) []Locale {
	var offer []Locale
	for _, name := range enabled {
		tag, err := language.Parse(name)
		if err != nil {
			continue
		}
		for _, l := range v.locales {
			if l.covers(tag) && !slices.ContainsFunc(offer, func(o Locale) bool { return o.tag == l.tag }) {
				offer = append(offer, l)
			}
		}
	}
	if len(offer) == 0 {
		return v.locales
	}
	return offer
}

// clipList cuts a comma-separated list at the last whole element within max bytes.
func clipList(list string, max int) string {
	if len(list) <= max {
		return list
	}
	return list[:1+strings.LastIndex(list[:max], ",")]
}
