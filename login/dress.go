package login

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// Dress is what a tenant changes about its pages; the zero value changes nothing. Nothing in it is taken from the tenant's
// settings as text: colors, numbers and addresses are parsed and written anew, so that a value cannot leave its place.
type Dress struct {
	// LogoURL stands above the title in the place of the application's logo.
	LogoURL string
	// NoLogo leaves it out.
	NoLogo bool
	// FaviconURL stands in the browser's tab.
	FaviconURL string
	// Style is the text of the page's style element, or empty.
	Style string
	// FontOrigin is where Style loads a font from, or empty.
	FontOrigin string
	// Texts are said in the place of the messages with these keys.
	Texts map[string]string
	Wrap  Wrap
	// Still leaves out the script and the focus: nobody acts on the page.
	Still bool
}

// dress makes the dress of pages from what the tenant said.
func dress(l store.Look) Dress {
	d := Dress{LogoURL: httpsURL(l.Branding.LogoURL), FaviconURL: httpsURL(l.Branding.FaviconURL)}
	s := &sheet{}
	font := l.Branding.Font.URL
	if l.Theme == nil {
		s.brand(l.Branding)
	} else {
		s.theme(*l.Theme)
		d.NoLogo = l.Theme.Widget.LogoPosition == "none"
		if own := httpsURL(l.Theme.Widget.LogoURL); own != "" {
			d.LogoURL = own
		}
		if l.Theme.Fonts.URL != "" {
			font = l.Theme.Fonts.URL
		}
	}
	if font = httpsURL(font); font != "" {
		u, _ := url.Parse(font) // httpsURL made it
		d.FontOrigin = u.Scheme + "://" + u.Host
		s.face = fmt.Sprintf("@font-face{font-family:tenant;font-display:swap;src:url(%q)}", font)
		s.set("font", "tenant, system-ui, sans-serif")
	}
	d.Style = s.String()
	return d
}

var plainHost = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$`)

// httpsURL writes an https address so that it can stand in an attribute and between the quotes of CSS; others are empty.
func httpsURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || !plainHost.MatchString(u.Host) {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c > '~' || strings.IndexByte(`"'()<>\^{|}`+"`", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// sheet collects custom properties of login.css.
type sheet struct {
	face        string
	light, dark strings.Builder // light holds in the dark too, unless dark has it otherwise
}

func (s *sheet) set(name string, value any) { fmt.Fprintf(&s.light, "--%s:%v;", name, value) }

func (s *sheet) inDark(name string, value any) { fmt.Fprintf(&s.dark, "--%s:%v;", name, value) }

func (s *sheet) String() string {
	text := s.face
	if s.light.Len() > 0 {
		text += ":root{" + s.light.String() + "}"
	}
	if s.dark.Len() > 0 {
		text += "@media (prefers-color-scheme:dark){:root{" + s.dark.String() + "}}"
	}
	return text
}

// The cards of login.css, which TestDressKnowsTheCards holds to it.
var (
	lightCard = color{255, 255, 255}
	darkCard  = color{0x17, 0x1a, 0x22}
)

// brand gives our own pages the tenant's color, in the light and in the dark.
func (s *sheet) brand(b store.Branding) {
	if primary, ok := parseColor(b.Colors.Primary, white); ok {
		accent(primary, lightCard, s.set)
		accent(primary, darkCard, s.inDark)
	}
	background := b.Colors.PageBackground
	start, ok := parseColor(background.Start, white)
	end, both := parseColor(background.End, white)
	switch canvas, one := parseColor(background.Color, white); {
	case one:
		s.page(canvas)
	case ok && both:
		s.patterned(fmt.Sprintf("linear-gradient(%ddeg,%v,%v)", min(max(background.Angle, 0), 360), start, end))
	}
}

// page is a ground of one color.
func (s *sheet) page(ground color) {
	s.set("page", ground)
	s.set("on-page", ground.opposite().mix(ground, .25).on(ground, forText))
}

// patterned is a ground that has no one color; what is written on it gets a ground of its own.
func (s *sheet) patterned(ground string) {
	s.set("page", ground)
	s.set("on-page", "var(--muted)")
	s.set("footnote", "var(--card)")
}

// accent is a color on a card: as itself where it is a surface, as far as it can be read where it is a text.
func accent(primary, card color, set func(string, any)) {
	text := primary.on(card, forText)
	away := card.opposite()
	set("accent", text)
	set("accent-strong", text.mix(away, .25))
	set("on-accent", text.opposite())
	set("tint", card.mix(primary, .12))
	button(primary, primary.opposite(), card, set)
}

// button colors the button that goes on. Where it can hardly be told from the card, its edge can.
func button(face, label, card color, set func(string, any)) {
	label = label.on(face, forText)
	set("button", face)
	set("on-button", label)
	set("button-strong", face.mix(label.opposite(), .15))
	edge := face
	if contrast(face, card) < forShape {
		edge = face.on(card, forShape)
	}
	set("button-edge", edge)
}
