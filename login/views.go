package login

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Views renders pages. It is made once and is safe for concurrent use.
type Views struct {
	locales []Locale                                      // en first
	sets    map[string]func() (*template.Template, error) // made when first asked for: most servers speak few languages
	assets  map[string]asset
}

// New parses the embedded templates and translations.
func New() (*Views, error) {
	locales, err := loadLocales()
	if err != nil {
		return nil, err
	}
	v := &Views{locales: locales, sets: make(map[string]func() (*template.Template, error)), assets: loadAssets()}
	base, err := template.New("").Option("missingkey=error").Funcs(v.funcs(locales[0])).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse login templates: %w", err)
	}
	for _, loc := range locales {
		v.sets[loc.tag] = sync.OnceValues(func() (*template.Template, error) {
			set, err := base.Clone()
			if err != nil {
				return nil, fmt.Errorf("clone login templates: %w", err)
			}
			return set.Funcs(v.funcs(loc)), nil
		})
	}
	return v, nil
}

// Render writes p in the language of loc (the zero Locale is English). Nothing is written when the template fails.
func (v *Views) Render(w io.Writer, loc Locale, p Page) error {
	if loc.tag == "" {
		loc = v.locales[0]
	}
	set, err := v.sets[loc.tag]()
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := set.ExecuteTemplate(&buf, p.name()+".html", p); err != nil {
		return fmt.Errorf("render page %s: %w", p.name(), err)
	}
	_, err = w.Write(buf.Bytes())
	return err
}

// says tells whether a kind of error page says the sentence already, in the reader's language.
func (v *Views) says(kind ErrorKind, sentence string) bool {
	return v.locales[0].messages["error."+string(kind)+".text"] == sentence
}

func (v *Views) funcs(loc Locale) template.FuncMap {
	return template.FuncMap{
		"lang":    func() string { return loc.tag },
		"dir":     func() string { return loc.Dir() },
		"t":       loc.text,
		"th":      loc.markup,
		"asset":   v.assetPath,
		"head":    head,
		"logo":    logo,
		"initial": initial,
		"link":    link,
	}
}

// header is the data of the templates top and bottom.
type header struct {
	Frame
	Title  string
	Failed bool
}

func head(p Page, title string) header {
	f, ok := p.(interface{ Failed() bool })
	return header{Frame: p.frame(), Title: title, Failed: ok && f.Failed()}
}

var imageData = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp|svg\+xml)[;,]`)

// logo returns the address of the logo when it is one that may be shown, else "".
func logo(uri string) template.URL {
	if ownPath(uri) || strings.HasPrefix(uri, "https://") || imageData.MatchString(uri) {
		return template.URL(uri)
	}
	return ""
}

// link lets an application's own scheme through, which html/template would blank, and stops those that run or read in the page.
func link(uri string) template.URL {
	if ownPath(uri) {
		return template.URL(uri)
	}
	switch schemeOf(uri) {
	case "", "javascript", "vbscript", "data", "blob", "about", "file", "filesystem", "view-source":
		return ""
	}
	return template.URL(uri)
}

func ownPath(uri string) bool {
	return strings.HasPrefix(uri, "/") && !strings.HasPrefix(uri, "//") && !strings.HasPrefix(uri, `/\`)
}

// initial is the letter of the mark shown where there is no picture.
func initial(names ...string) string {
	for _, n := range names {
		n = strings.TrimSpace(n)
		if r, _ := utf8.DecodeRuneInString(n); n != "" && r != utf8.RuneError {
			return strings.ToUpper(string(r))
		}
	}
	return ""
}
