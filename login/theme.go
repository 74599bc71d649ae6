package login

import (
	"fmt"
	"math"

	"github.com/proofkey/proofkey/store"
)

// theme sets everything that a theme says. It says all colors, so the page looks the same in the light and in the dark;
// texts are moved as far from their ground as they need to be read.
func (s *sheet) theme(t store.Theme) {
	page := known(t.Background.Color, white, white)
	card := known(t.Colors.Widget, page, lightCard)
	fmt.Fprintf(&s.light, "color-scheme:%s;", map[bool]string{true: "light", false: "dark"}[card.opposite() == black])
	if image := httpsURL(t.Background.Image); image != "" {
		s.patterned(fmt.Sprintf("%v url(%q) center/cover no-repeat fixed", page, image))
	} else {
		s.page(page)
	}
	s.themeTexts(t, card)
	s.themeFields(t, card)
	s.themeButtons(t, card)
	s.themeShapes(t)
	s.themeFonts(t)
}

// known is a color, or another if it cannot be read.
func known(text string, ground, absent color) color {
	if c, ok := parseColor(text, ground); ok {
		return c
	}
	return absent
}

func (s *sheet) themeTexts(t store.Theme, card color) {
	ink := known(t.Colors.Body, card, card.opposite()).on(card, forText)
	links := known(t.Colors.Links, card, ink).on(card, forText)
	s.set("card", card)
	s.set("ink", ink)
	wash := card.wash(ink, .05)
	s.set("wash", wash)
	s.set("muted", ink.mix(card, .2).on(wash, forText).on(card, forText))
	s.set("title", known(t.Colors.Header, card, ink).on(card, forText))
	s.set("hair", card.mix(ink, .15))
	readOnly := known(t.Colors.ReadOnly, card, wash)
	s.set("read-only", readOnly)
	s.set("on-read-only", ink.on(readOnly, forText))
	s.set("accent", links)
	s.set("accent-strong", known(t.Colors.Hover, card, links).on(card, forText))
	s.set("on-accent", links.opposite())
	tint := card.wash(links, .12)
	s.set("tint", tint)
	s.set("on-tint", ink.on(tint, forText))
	s.set("focus", known(t.Colors.Focus, card, links).on(card, forShape))
	bad := known(t.Colors.Error, card, ink)
	badWash := card.wash(bad, .08)
	s.set("bad", bad.on(badWash, forText).on(card, forText))
	s.set("bad-wash", badWash)
	s.set("on-bad", ink.on(badWash, forText))
	s.set("bad-hair", card.mix(bad, .3))
	good := known(t.Colors.Success, card, ink)
	goodWash := card.wash(good, .1)
	s.set("good", good.on(goodWash, forText).on(card, forText))
	s.set("good-wash", goodWash)
}

func (s *sheet) themeFields(t store.Theme, card color) {
	field := known(t.Colors.InputBackground, card, card)
	edge := bounded(t.Borders.InputWeight, 0, 3)
	if contrast(field, card) < forShape { // without a line nobody would find it
		edge = max(edge, 1)
	}
	s.set("edge-field", pixels(edge, 3))
	ink := known(t.Colors.InputText, field, field.opposite()).on(field, forText)
	s.set("field", field)
	s.set("on-field", ink)
	s.set("label", known(t.Colors.InputLabels, card, card.opposite()).on(card, forText))
	s.set("icon", known(t.Colors.Icons, field, ink).on(field, forShape))
	s.set("line", known(t.Colors.InputBorder, card, ink).on(card, forShape))
}

func (s *sheet) themeButtons(t store.Theme, card color) {
	face := known(t.Colors.PrimaryButton, card, card.opposite())
	button(face, known(t.Colors.PrimaryButtonLabel, face, face.opposite()), card, s.set)
	s.set("second-line", known(t.Colors.SecondaryButtonLine, card, card.opposite()).on(card, forShape))
	s.set("on-second", known(t.Colors.SecondaryButtonLabel, card, card.opposite()).on(card, forText))
}

func (s *sheet) themeShapes(t store.Theme) {
	b := t.Borders
	s.set("radius-button", radius(b.ButtonsStyle, b.ButtonRadius))
	s.set("radius-field", radius(b.InputsStyle, b.InputRadius))
	s.set("edge-button", pixels(max(b.ButtonWeight, 1), 10)) // the second button is nothing but its line
	s.set("radius-card", pixels(b.WidgetRadius, 50))
	s.set("edge-card", pixels(b.WidgetWeight, 10))
	s.set("card-line", known(t.Colors.WidgetBorder, lightCard, lightCard))
	if !b.Shadow {
		s.set("shadow", "none")
	}
	switch t.Background.Layout {
	case "left":
		s.set("place", "clamp(2rem, 8vw, 10rem) auto")
	case "right":
		s.set("place", "auto clamp(2rem, 8vw, 10rem)")
	}
	align := side(t.Widget.Align)
	s.set("align", align)
	s.set("logo-height", pixels(t.Widget.LogoHeight, 100))
	s.set("logo-place", side(t.Widget.LogoPosition))
}

// side is left or right as the reader's script has them, or center.
func side(s string) string {
	switch s {
	case "left":
		return "start"
	case "right":
		return "end"
	}
	return "center"
}

func radius(style string, rounded float64) string {
	switch style {
	case "pill":
		return "2rem"
	case "sharp":
		return "0"
	}
	return pixels(rounded, 10)
}

func pixels(n, most float64) string { return fmt.Sprintf("%gpx", bounded(n, 0, most)) }

func bounded(n, least, most float64) float64 {
	if math.IsNaN(n) {
		return least
	}
	return math.Round(min(max(n, least), most)*100) / 100
}

// smallest is the size in pixels below which no text goes.
const smallest = 12

func (s *sheet) themeFonts(t store.Theme) {
	f := t.Fonts
	s.set("reference", fmt.Sprintf("%g%%", bounded(f.Reference, 12, 24)/16*100))
	for name, font := range map[string]store.Font{
		"title": f.Title, "intro": f.Subtitle, "text": f.Body, "button": f.Buttons, "label": f.Labels, "link": f.Link,
	} {
		s.set("size-"+name, fmt.Sprintf("max(%grem, %dpx)", bounded(font.Size, 0, 150)/100, smallest))
		s.set("weight-"+name, map[bool]int{true: 700, false: 400}[font.Bold])
	}
	if f.Links == "normal" {
		s.set("link-line", "none")
	}
}
