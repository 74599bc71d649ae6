package api_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func TestBranding(t *testing.T) {
	s := open(t)
	s.says(s.want(200, "GET", "/branding", nil), `{}`)
	whole := `{"colors":{"primary":"#ea5323","page_background":{"type":"linear-gradient","start":"#000000","end":"#ffffff","angle_deg":35}},
		"favicon_url":"https://cdn.test/favicon.ico","logo_url":"https://cdn.test/logo.png","font":{"url":"https://cdn.test/font.otf"}}`
	s.says(s.want(200, "PATCH", "/branding", whole), whole)
	s.says(s.want(200, "GET", "/branding", nil), whole)

	// What is not sent stays, null removes, an object is replaced.
	s.want(200, "PATCH", "/branding", `{"font":null,"logo_url":null,"favicon_url":null}`)
	s.want(200, "PATCH", "/branding", `{}`)
	s.says(s.want(200, "PATCH", "/branding", `{"colors":{"page_background":"#fff"}}`), `{"colors":{"page_background":"#fff"}}`)
	s.says(s.want(200, "PATCH", "/branding", `{"colors":null}`), `{}`)

	for body, message := range map[string]string{
		`{"colors":{"primary":"red"}}`:                        "'Object didn't pass validation for format html-color-or-null: red' on property colors.primary.",
		`{"colors":{"primary":7}}`:                            "'Expected type string but found type integer' on property colors.primary.",
		`{"colors":{"secondary":"#fff"}}`:                     "'Additional properties not allowed: secondary' on property colors.",
		`{"colors":{"page_background":1}}`:                    "'Expected type string,object but found type integer' on property colors.page_background.",
		`{"colors":{"page_background":"url(x)"}}`:             "'Object didn't pass validation for format html-color: url(x)' on property colors.page_background.",
		`{"colors":{"page_background":{"start":"#fff;x:y"}}}`: "'Object didn't pass validation for format html-color: #fff;x:y' on property colors.page_background.start.",
		`{"colors":{"page_background":{"angle_deg":361}}}`:    "'Value 361 is greater than maximum 360' on property colors.page_background.angle_deg.",
		`{"logo_url":"http://cdn.test/a.png"}`:                "'Object didn't pass validation for format strict-https-uri-or-null: http://cdn.test/a.png' on property logo_url.",
		`{"logo_url":"javascript:alert(1)"}`:                  "'Object didn't pass validation for format strict-https-uri-or-null: javascript:alert(1)' on property logo_url.",
		`{"logo_url":"https://cdn.test/a\">.png"}`:            `'Object didn't pass validation for format strict-https-uri-or-null: https://cdn.test/a">.png' on property logo_url.`,
		`{"favicon_url":"https://cdn.test/a b"}`:              "'Object didn't pass validation for format strict-https-uri-or-null: https://cdn.test/a b' on property favicon_url.",
		`{"font":{"url":"https:///x"}}`:                       "'Object didn't pass validation for format strict-https-uri-or-null: https:///x' on property font.url.",
		`{"font":"https://cdn.test/x"}`:                       "'Expected type object but found type string' on property font.",
		`{"nope":1}`:                                          "'Additional properties not allowed: nope'.",
		`{"logo_url":"` + strings.Repeat("a", 2049) + `"}`:    "'String is too long (2049 chars), maximum 2048' on property logo_url.",
	} {
		s.refused(s.call("PATCH", "/branding", body), 400, "invalid_body", "Payload validation error: "+message)
	}
	s.says(s.want(200, "GET", "/branding", nil), `{}`)
}

// aTheme is a theme that says everything that must be said.
func aTheme() map[string]any {
	text := map[string]any{"bold": true, "size": 100}
	colors := map[string]any{}
	for _, name := range strings.Fields("body_text error header icons input_background input_border input_filled_text input_labels_placeholders " +
		"links_focused_components primary_button primary_button_label secondary_button_border secondary_button_label success widget_background widget_border") {
		colors[name] = "#00FF00"
	}
	return map[string]any{
		"borders": map[string]any{"button_border_radius": 2, "button_border_weight": 2, "buttons_style": "pill", "input_border_radius": 2,
			"input_border_weight": 2, "inputs_style": "pill", "show_widget_shadow": true, "widget_border_weight": 2, "widget_corner_radius": 2},
		"colors": colors,
		"fonts": map[string]any{"body_text": text, "buttons_text": text, "font_url": "https://cdn.test/font.woff", "input_labels": text, "links": text,
			"links_style": "normal", "reference_text_size": 12, "subtitle": text, "title": text},
		"page_background": map[string]any{"background_color": "#000000", "background_image_url": "", "page_layout": "center"},
		"widget": map[string]any{"header_text_alignment": "center", "logo_height": 55, "logo_position": "center",
			"logo_url": "https://cdn.test/logo.png", "social_buttons_layout": "top"},
	}
}

func TestTheme(t *testing.T) {
	s := open(t)
	const invalid = " branding settings: invalid theme ID"
	for method, doing := range map[string]string{"GET": "retrieving", "DELETE": "deleting", "PATCH": "updating"} {
		s.refused(s.call(method, "/branding/themes/"+strings.Repeat("a", 32), `{}`), 404, "theme_not_found", "There was an error "+doing+invalid)
	}
	s.refused(s.call("GET", "/branding/themes/default", nil), 404, "theme_not_found", "There was an error retrieving"+invalid)

	made := s.want(200, "POST", "/branding/themes", aTheme())
	id, _ := made.at("themeId").(string)
	if len(id) != 32 || made.at("colors.error") != "#00FF00" || made.at("displayName") != nil || made.at("identifiers") != nil {
		t.Errorf("made %s", made.text)
	}
	s.refused(s.call("POST", "/branding/themes", aTheme()), 409, "", "There was an error updating branding settings: The theme already exists")
	one := "/branding/themes/" + id
	for _, path := range []string{one, "/branding/themes/default"} {
		if a := s.want(200, "GET", path, nil); !reflect.DeepEqual(a.body, made.body) {
			t.Errorf("%s: %s, want %s", path, a.text, made.text)
		}
	}

	changed := s.want(200, "PATCH", one, `{"displayName":"Night","identifiers":{"login_display":"unified","otp_autocomplete":true,
		"phone_display":{"formatting":"international","masking":"mask_digits"}}}`)
	if changed.at("displayName") != "Night" || changed.at("identifiers.phone_display.masking") != "mask_digits" || changed.at("colors.error") != "#00FF00" {
		t.Errorf("changed %s", changed.text)
	}
	// A part that is sent is a whole.
	s.refused(s.call("PATCH", one, `{"page_background":{"page_layout":"left"}}`), 400, "invalid_body",
		"Payload validation error: 'Missing required property: background_color' on property page_background.")
	s.refused(s.call("PATCH", one, `{"widget":null}`), 400, "invalid_body",
		"Payload validation error: 'Expected type object but found type null' on property widget.")
	s.refused(s.call("PATCH", one, `{"themeId":"x"}`), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: themeId'.")
	if a := s.want(200, "PATCH", one, `{"displayName":null}`); a.at("displayName") != nil {
		t.Errorf("the name is still there: %s", a.text)
	}
	s.want(204, "DELETE", one, nil)
	s.refused(s.call("DELETE", one, nil), 404, "theme_not_found", "There was an error deleting"+invalid)

	for _, c := range []struct {
		part, name string
		v          any
		message    string
	}{
		{"borders", "buttons_style", "round", "'No enum match for: round' on property borders.buttons_style."},
		{"borders", "button_border_radius", 0, "'Value 0 is less than minimum 1' on property borders.button_border_radius."},
		{"borders", "widget_corner_radius", 51, "'Value 51 is greater than maximum 50' on property borders.widget_corner_radius."},
		{"borders", "show_widget_shadow", "yes", "'Expected type boolean but found type string' on property borders.show_widget_shadow."},
		{"colors", "error", "red", "'String does not match pattern ^#(([0-9a-fA-F]{3}){1,2}|([0-9a-fA-F]{4}){1,2})$' on property colors.error."},
		{"colors", "error", "#fff}", "'String does not match pattern ^#(([0-9a-fA-F]{3}){1,2}|([0-9a-fA-F]{4}){1,2})$' on property colors.error."},
		{"fonts", "font_url", "http://cdn.test/f", "'Object didn't pass validation for format absolute-https-uri-or-empty: http://cdn.test/f' on property fonts.font_url."},
		{"fonts", "title", map[string]any{"bold": true, "size": 74}, "'Value 74 is less than minimum 75' on property fonts.title.size."},
		{"widget", "logo_height", nil, "'Expected type number but found type null' on property widget.logo_height."},
		{"widget", "shade", 1, "'Additional properties not allowed: shade' on property widget."},
	} {
		body := aTheme()
		part := maps.Clone(body[c.part].(map[string]any))
		part[c.name] = c.v
		body[c.part] = part
		s.refused(s.call("POST", "/branding/themes", body), 400, "invalid_body", "Payload validation error: "+c.message)
	}
	body := aTheme()
	delete(body, "fonts")
	s.refused(s.call("POST", "/branding/themes", body), 400, "invalid_body", "Payload validation error: 'Missing required property: fonts'.")
	body = aTheme()
	body["displayName"] = strings.Repeat("a", 2049)
	s.refused(s.call("POST", "/branding/themes", body), 400, "invalid_body",
		"Payload validation error: 'String is too long (2049 chars), maximum 2048' on property displayName.")
}

// A tenant has one theme, whoever is first.
func TestOneTheme(t *testing.T) {
	s := open(t)
	var made, refused int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			a := s.call("POST", "/branding/themes", aTheme())
			mu.Lock()
			defer mu.Unlock()
			switch a.status {
			case 200:
				made++
			case 409:
				refused++
			}
		})
	}
	all.Wait()
	if made != 1 || refused != 7 {
		t.Errorf("%d made, %d refused, want 1 and 7", made, refused)
	}
}

func TestPageTemplate(t *testing.T) {
	s := open(t)
	const path = "/branding/templates/universal-login"
	const page = "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
	s.refused(s.call("GET", path, nil), 404, "inexistent_templates_universal_login", "Template does not exist.")
	s.want(204, "DELETE", path, nil)
	if a := s.want(201, "PUT", path, fmt.Sprintf("%q", page)); a.text != "{}\n" && a.text != "{}" {
		t.Errorf("made %q", a.text)
	}
	if a := s.want(200, "GET", path, nil); a.at("body") != page || len(a.object()) != 1 {
		t.Errorf("it is %s", a.text)
	}
	s.want(204, "PUT", path, map[string]string{"template": page + "<!-- 2 -->"})
	if a := s.want(200, "GET", path, nil); a.at("body") != page+"<!-- 2 -->" {
		t.Errorf("it is %s", a.text)
	}
	for body, message := range map[string]string{
		`"<html>{%- auth0:head -%}</html>"`:     "The template must contain the tag {%- auth0:widget -%}.",
		`"<html>{%- auth0:widget -%}</html>"`:   "The template must contain the tag {%- auth0:head -%}.",
		`7`:                                     "Payload validation error: 'Expected type string,object but found type integer'.",
		`{}`:                                    "Payload validation error: 'Missing required property: template'.",
		`{"template":7}`:                        "Payload validation error: 'Missing required property: template'.",
		`{"template":"x","body":1}`:             "Payload validation error: 'Additional properties not allowed: body'.",
		`"` + strings.Repeat("a", 102401) + `"`: "The template is too long (102401 bytes), maximum 102400.",
	} {
		s.refused(s.call("PUT", path, body), 400, "invalid_body", message)
	}
	s.want(204, "DELETE", path, nil)
	s.refused(s.call("GET", path, nil), 404, "inexistent_templates_universal_login", "Template does not exist.")
}
