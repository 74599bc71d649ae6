package login

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Views renders pages. It is made once and is safe for concurrent use.
type Views struct {
	locales []Locale // en first
	base    *template.Template
	idle    map[string]chan *stage // by language
	assets  map[string]asset
	// templates are those of tenants.
	templates kept
}

// stage is a set of the templates for one render at a time: its functions read what is shown now. A new one costs
// milliseconds, so that they are kept for the next render.
type stage struct {
	set *template.Template
	now *showing
}

// idleStages is how many are kept for each language: rendering never waits, so more are not in use for long.
const idleStages = 16

// showing is what the functions of the templates know beside the page.
type showing struct {
	Locale
	Dress
	Nonce string
	// says are the values of the placeholders in the tenant's own texts, of those in its templates.
	says   map[string]string
	of     map[string]any
	faults []error // of its templates
}

// New parses the embedded templates and translations.
func New() (*Views, error) {
	locales, err := loadLocales()
	if err != nil {
		return nil, err
	}
	v := &Views{locales: locales, idle: make(map[string]chan *stage), assets: loadAssets()}
	v.base, err = template.New("").Option("missingkey=error").Funcs(v.funcs(&showing{})).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse login templates: %w", err)
	}
	for _, loc := range locales {
		v.idle[loc.tag] = make(chan *stage, idleStages)
	}
	return v, nil
}

// FaultError says that a page was written without what the tenant's templates would have made of it.
type FaultError struct{ error }

// Unwrap is the reason.
func (e *FaultError) Unwrap() error { return e.error }

// Render writes p in the language of loc (the zero Locale is English) and in the tenant's dress. Nothing is written when
// our template fails; when one of the tenant's does, the page is ours, and the error a [FaultError].
func (v *Views) Render(w io.Writer, loc Locale, d Dress, nonce string, p Page) error {
	if loc.tag == "" {
		loc = v.locales[0]
	}
	idle := v.idle[loc.tag]
	var s *stage
	select {
	case s = <-idle:
	default:
		set, err := v.base.Clone()
		if err != nil {
			return fmt.Errorf("clone login templates: %w", err)
		}
		s = &stage{now: &showing{}}
		s.set = set.Funcs(v.funcs(s.now))
	}
	*s.now = showing{Locale: loc, Dress: d, Nonce: nonce, says: placeholders(p)}
	if d.Wrap.Values != nil {
		s.now.of = s.now.values(p)
	}
	var buf bytes.Buffer
	if err := s.set.ExecuteTemplate(&buf, p.name()+".html", p); err != nil {
		return fmt.Errorf("render page %s: %w", p.name(), err)
	}
	page := buf.String()
	if d.Wrap.Page != "" {
		if whole, err := v.wrapped(s.now, page); err == nil {
			page = whole
		} else {
			s.now.faults = append(s.now.faults, fmt.Errorf("the page template: %w", err))
		}
	}
	faults := errors.Join(s.now.faults...)
	select {
	case idle <- s:
	default:
	}
	if _, err := io.WriteString(w, page); err != nil {
		return err
	}
	if faults != nil {
		return &FaultError{faults}
	}
	return nil
}

// says tells whether a kind of error page says the sentence already, in the reader's language.
func (v *Views) says(kind ErrorKind, sentence string) bool {
	return v.locales[0].messages["error."+string(kind)+".text"] == sentence
}

func (v *Views) funcs(now *showing) template.FuncMap {
	return template.FuncMap{
		"lang":    func() string { return now.tag },
		"dir":     func() string { return now.Dir() },
		"t":       func(key string, pairs ...any) (string, error) { return now.text(key, pairs...) },
		"th":      func(key string, pairs ...any) (template.HTML, error) { return now.markup(key, pairs...) },
		"custom":  func(key string) string { return now.custom(key) },
		"now":     func() *showing { return now },
		"style":   func() template.CSS { return template.CSS(now.Style) },
		"partial": func(place string) template.HTML { return v.partial(now, place) },
		"asset":   v.assetPath,
		"head":    head,
		"logo":    func(own string) template.URL { return now.logo(own) },
		"initial": initial,
		"link":    link,
	}
}

// logo is the address of the picture above the title, or empty: the tenant's, else the application's.
func (s *showing) logo(own string) template.URL {
	if s.NoLogo {
		return ""
	}
	return logo(orElse(s.LogoURL, own))
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
