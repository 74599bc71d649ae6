package login

import (
	_ "embed"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// customTextTable says which message of a page each text of a screen replaces. The texts are named as Auth0 names them.
//
//go:embed customtext.tsv
var customTextTable string

type customText struct{ page, prompt, screen, name, key string }

var customTextRows = sync.OnceValue(func() (all []customText) {
	for line := range strings.Lines(customTextTable) {
		if row := strings.Split(strings.TrimSpace(line), "\t"); !strings.HasPrefix(line, "#") {
			all = append(all, customText{row[0], row[1], row[2], row[3], row[4]})
		}
	}
	return all
})

func (c customText) of(p Page) bool { return c.page == p.name() || c.page == "*" }

// promptsOf are the prompts whose texts a page says.
func promptsOf(p Page) (names []string) {
	for _, c := range customTextRows() {
		if c.of(p) && !slices.Contains(names, c.prompt) {
			names = append(names, c.prompt)
		}
	}
	return names
}

// customTexts are the tenant's texts of a page by the messages that they replace. What is said of the page itself wins over
// what is said of all.
func customTexts(p Page, screens map[string]map[string]string) map[string]string {
	texts := map[string]string{}
	for _, c := range customTextRows() {
		if own := screens[c.screen][c.name]; own != "" && c.of(p) && texts[c.key] == "" {
			texts[c.key] = own
		}
	}
	return texts
}

// variants are the languages whose texts a page in this language says: its own and its regional forms that the tenant has.
func (l Locale) variants(enabled []string) []string {
	all := []string{l.tag}
	for _, name := range enabled {
		tag, err := language.Parse(name)
		if err == nil && l.covers(tag) && !slices.Contains(all, tag.String()) {
			all = append(all, tag.String())
		}
	}
	return all
}

// placeholders are the values that the tenant's own texts may name, as ${name}.
func placeholders(p Page) map[string]string {
	f := p.frame()
	says := map[string]string{
		"clientName": f.AppName, "applicationName": f.AppName, "companyName": f.TenantName, "tenantName": f.TenantName,
		"organizationName": f.OrgName,
	}
	if p, ok := p.(interface{ person() Account }); ok {
		a := p.person()
		says["email"], says["userName"], says["userEmail"] = a.Email, orElse(a.Name, a.Email), a.Email
	}
	return says
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// custom is what the tenant says in the place of a message, or empty.
func (s *showing) custom(key string) string {
	return s.filled(s.Texts[key], func(v string) string { return v })
}

// filled puts values in the places of a text; a name that nobody knows leaves nothing behind.
func (s *showing) filled(text string, show func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		return show(s.says[placeholder.FindStringSubmatch(found)[1]])
	})
}

// text is the tenant's own text, or the message of the locale.
func (s *showing) text(key string, pairs ...any) (string, error) {
	if own := s.custom(key); own != "" {
		return own, nil
	}
	return s.Locale.text(key, pairs...)
}

// markup is like text, with values isolated as in [Locale.markup]. The tenant's text is text: its markup is shown.
func (s *showing) markup(key string, pairs ...any) (template.HTML, error) {
	if own := s.Texts[key]; own != "" {
		return template.HTML(s.filled(template.HTMLEscapeString(own), isolate)), nil
	}
	return s.Locale.markup(key, pairs...)
}
