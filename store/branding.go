package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Kinds of the documents that say how the login pages look and speak. Of some there is one, whose id is the kind.
const (
	BrandingKind     = "branding"                 // one
	ThemeKind        = "branding_theme"           // one
	PageTemplateKind = "universal_login_template" // one
	PromptsKind      = "prompt_settings"          // one
	CustomTextKind   = "custom_text"              // for each prompt in a language: see CustomTextID
	PartialsKind     = "partials"                 // for each prompt, whose name is the id
	RenderingKind    = "prompt_rendering"         // for each screen of a prompt
)

// CustomTextID is the id of a prompt's texts in a language.
func CustomTextID(language, prompt string) string { return language + "/" + prompt }

// Look is how the tenant wants a login page to look and to speak, under the names of the Management API.
type Look struct {
	Branding Branding
	Theme    *Theme
	Template string // of the page, or empty
	// Texts are by screen and name. Partials are by screen and insertion point.
	Texts, Partials map[string]map[string]string
}

// Branding is the tenant's branding; everything is optional.
type Branding struct {
	Colors struct {
		Primary        string     `json:"primary"`
		PageBackground Background `json:"page_background"`
	} `json:"colors"`
	FaviconURL string `json:"favicon_url"`
	LogoURL    string `json:"logo_url"`
	Font       struct {
		URL string `json:"url"`
	} `json:"font"`
}

// Background is a color or a gradient between two.
type Background struct {
	Color string `json:"-"`
	Type  string `json:"type"`
	Start string `json:"start"`
	End   string `json:"end"`
	Angle int    `json:"angle_deg"`
}

// UnmarshalJSON reads either form.
func (b *Background) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), `"`) {
		return json.Unmarshal(raw, &b.Color)
	}
	type plain Background
	return json.Unmarshal(raw, (*plain)(b))
}

// Theme is the whole of the colors, shapes and fonts of a page.
type Theme struct {
	Borders struct {
		ButtonRadius float64 `json:"button_border_radius"`
		ButtonWeight float64 `json:"button_border_weight"`
		ButtonsStyle string  `json:"buttons_style"` // pill, rounded or sharp
		InputRadius  float64 `json:"input_border_radius"`
		InputWeight  float64 `json:"input_border_weight"`
		InputsStyle  string  `json:"inputs_style"`
		Shadow       bool    `json:"show_widget_shadow"`
		WidgetWeight float64 `json:"widget_border_weight"`
		WidgetRadius float64 `json:"widget_corner_radius"`
	} `json:"borders"`
	Colors struct {
		Focus                string `json:"base_focus_color"`
		Hover                string `json:"base_hover_color"`
		Body                 string `json:"body_text"`
		Error                string `json:"error"`
		Header               string `json:"header"`
		Icons                string `json:"icons"`
		InputBackground      string `json:"input_background"`
		InputBorder          string `json:"input_border"`
		InputText            string `json:"input_filled_text"`
		InputLabels          string `json:"input_labels_placeholders"`
		Links                string `json:"links_focused_components"`
		PrimaryButton        string `json:"primary_button"`
		PrimaryButtonLabel   string `json:"primary_button_label"`
		ReadOnly             string `json:"read_only_background"`
		SecondaryButtonLine  string `json:"secondary_button_border"`
		SecondaryButtonLabel string `json:"secondary_button_label"`
		Success              string `json:"success"`
		Widget               string `json:"widget_background"`
		WidgetBorder         string `json:"widget_border"`
	} `json:"colors"`
	Fonts struct {
		URL       string  `json:"font_url"`
		Reference float64 `json:"reference_text_size"`
		Links     string  `json:"links_style"` // normal or underlined
		Body      Font    `json:"body_text"`
		Buttons   Font    `json:"buttons_text"`
		Labels    Font    `json:"input_labels"`
		Link      Font    `json:"links"`
		Subtitle  Font    `json:"subtitle"`
		Title     Font    `json:"title"`
	} `json:"fonts"`
	Background struct {
		Color  string `json:"background_color"`
		Image  string `json:"background_image_url"`
		Layout string `json:"page_layout"` // center, left or right
	} `json:"page_background"`
	Widget struct {
		Align        string  `json:"header_text_alignment"` // center, left or right
		LogoHeight   float64 `json:"logo_height"`
		LogoPosition string  `json:"logo_position"` // center, left, right or none
		LogoURL      string  `json:"logo_url"`
	} `json:"widget"`
}

// Font is the size of a text, in percent of the reference, and its weight.
type Font struct {
	Bold bool    `json:"bold"`
	Size float64 `json:"size"`
}

// Look reads what the tenant said about the pages of some prompts in some languages; a later language wins.
func (q Queries) Look(ctx context.Context, prompts, languages []string) (Look, error) {
	keys := []string{BrandingKind, BrandingKind, ThemeKind, ThemeKind, PageTemplateKind, PageTemplateKind}
	for _, prompt := range prompts {
		keys = append(keys, PartialsKind, prompt)
		for _, language := range languages {
			keys = append(keys, CustomTextKind, CustomTextID(language, prompt))
		}
	}
	var at []string
	var args []any
	for i := 0; i < len(keys); i += 2 {
		at = append(at, fmt.Sprintf("(kind = $%d AND id = $%d)", i+1, i+2))
		args = append(args, keys[i], keys[i+1])
	}
	type said struct {
		kind, id string
		doc      json.RawMessage
	}
	all, err := many(ctx, q, func(r scanner) (d said, err error) {
		return d, r.Scan(&d.kind, &d.id, docInto{&d.doc})
	}, `SELECT kind, id, doc FROM documents WHERE `+strings.Join(at, " OR "), args...)
	if err != nil {
		return Look{}, err
	}
	found := map[string]json.RawMessage{}
	for _, d := range all {
		found[d.kind+" "+d.id] = d.doc
	}
	look := Look{Texts: map[string]map[string]string{}, Partials: map[string]map[string]string{}}
	var page struct {
		Body string `json:"body"`
	}
	into := map[string]any{BrandingKind: &look.Branding, ThemeKind: &look.Theme, PageTemplateKind: &page, PartialsKind: &look.Partials}
	for i := 0; i < len(keys); i += 2 {
		raw, ok := found[keys[i]+" "+keys[i+1]]
		switch {
		case !ok:
		case keys[i] == CustomTextKind:
			err = look.speak(raw)
		default:
			err = json.Unmarshal(raw, into[keys[i]])
		}
		if err != nil {
			return Look{}, fmt.Errorf("store: the document %s %s: %w", keys[i], keys[i+1], err)
		}
	}
	look.Template = page.Body
	return look, nil
}

// speak adds texts to those that are there.
func (l *Look) speak(raw []byte) error {
	var texts map[string]map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return err
	}
	for screen, named := range texts {
		if l.Texts[screen] == nil {
			l.Texts[screen] = map[string]string{}
		}
		maps.Copy(l.Texts[screen], named)
	}
	return nil
}

// IdentifierFirst says whether the login page asks for the identifier before it asks for anything else.
func (q Queries) IdentifierFirst(ctx context.Context) (bool, error) {
	d, err := q.Document(ctx, PromptsKind, PromptsKind)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	first, _ := d.Body["identifier_first"].(bool)
	return first, err
}
