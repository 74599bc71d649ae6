package login

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// look reads what the Management API would have stored.
func look(t testing.TB, branding, theme string) (l store.Look) {
	t.Helper()
	if err := json.Unmarshal([]byte(branding), &l.Branding); err != nil {
		t.Fatal(err)
	}
	if theme != "" {
		if err := json.Unmarshal([]byte(theme), &l.Theme); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

const (
	brandTeal = `{"colors":{"primary":"#0f766e","page_background":"#042f2e"},"logo_url":"https://cdn.example/logo.png",
		"favicon_url":"https://cdn.example/icon.png","font":{"url":"https://fonts.example/f.woff2"}}`
	brandYellow    = `{"colors":{"primary":"#ffe14d","page_background":{"type":"linear-gradient","start":"#fff7cc","end":"#ff8a3d","angle_deg":35}}}`
	themeNight     = `{"borders":{"button_border_radius":3,"button_border_weight":1,"buttons_style":"pill","input_border_radius":3,"input_border_weight":1,"inputs_style":"pill","show_widget_shadow":true,"widget_border_weight":1,"widget_corner_radius":32},"colors":{"base_focus_color":"#f472b6","base_hover_color":"#f9a8d4","body_text":"#cbd5e1","error":"#fca5a5","header":"#f8fafc","icons":"#94a3b8","input_background":"#1e293b","input_border":"#475569","input_filled_text":"#f1f5f9","input_labels_placeholders":"#cbd5e1","links_focused_components":"#f472b6","primary_button":"#db2777","primary_button_label":"#ffffff","secondary_button_border":"#64748b","secondary_button_label":"#e2e8f0","success":"#4ade80","widget_background":"#0f172a","widget_border":"#334155","read_only_background":"#1e293b"},"fonts":{"body_text":{"bold":false,"size":87.5},"buttons_text":{"bold":true,"size":100},"font_url":"","input_labels":{"bold":false,"size":87.5},"links":{"bold":true,"size":87.5},"links_style":"normal","reference_text_size":16,"subtitle":{"bold":false,"size":87.5},"title":{"bold":true,"size":150}},"page_background":{"background_color":"#1e1b4b","background_image_url":"","page_layout":"left"},"widget":{"header_text_alignment":"center","logo_height":40,"logo_position":"center","logo_url":"","social_buttons_layout":"bottom"}}`
	themeUnlegible = `{"borders":{"buttons_style":"sharp","inputs_style":"sharp"},"colors":{"body_text":"#fff","error":"#fff","header":"#fff","icons":"#fff","input_background":"#fff","input_border":"#fff","input_filled_text":"#fff","input_labels_placeholders":"#fff","links_focused_components":"#fff","primary_button":"#fff","primary_button_label":"#fff","secondary_button_border":"#fff","secondary_button_label":"#fff","success":"#fff","widget_background":"#fff","widget_border":"#fff","base_hover_color":"#fff","base_focus_color":"#fff","read_only_background":"#000"},"fonts":{"reference_text_size":12,"links_style":"underlined"},"page_background":{"background_color":"#fff","page_layout":"right"},"widget":{"logo_height":1,"header_text_alignment":"right","logo_position":"none"}}`
)

// dressed are some of the pages as tenants would have them.
func dressed(all []scene) (more []scene) {
	t := new(testing.T)
	dresses := []struct {
		name string
		Dress
	}{
		{"teal", dress(look(t, strings.ReplaceAll(brandTeal, "https://fonts", "http://fonts"), ""))}, {"yellow", dress(look(t, brandYellow, ""))}, {"night", dress(look(t, `{}`, themeNight))},
		{"unlegible", dress(look(t, `{}`, themeUnlegible))},
	}
	for _, d := range dresses {
		d.LogoURL, d.FaviconURL = "", "" // the gallery reaches no other host
		for _, s := range all {
			if slices.Contains([]string{"login-hint", "login-wrong", "login-password", "signup-weak", "consent", "confirm", "select-account", "error-request"}, s.name) {
				more = append(more, scene{d.name + "-" + s.name, s.page, d.Dress})
			}
		}
	}
	l := look(t, brandTeal, "")
	l.Branding.Font.URL, l.Branding.LogoURL, l.Branding.FaviconURL, l.Template = "", "", "", galleryPage
	l.Partials = map[string]map[string]string{"login": {"form-content-end": "<p class=\"note\">By logging in you agree to the terms of {{ tenant.friendly_name }}.</p>"}}
	for _, s := range all {
		if slices.Contains([]string{"login-hint", "consent", "select-account"}, s.name) {
			d := dress(l)
			d.Wrap = wrap(s.page, l, store.TenantSettings{FriendlyName: "Northwind"})
			more = append(more, scene{"template-" + s.name, s.page, d})
		}
	}
	return more
}

// galleryPage is a page as tenants write them.
const galleryPage = `<!DOCTYPE html>
<html lang="{{ locale }}" dir="{{ dir }}">
<head>
{%- auth0:head -%}
<style>
body { display: grid; grid-template-columns: minmax(0, 1fr); min-height: 100vh; background: var(--page); }
.pitch { display: grid; place-content: center; gap: 1rem; padding: 3rem 2rem; color: #fff; font: 1.125rem/1.5 Georgia, serif; }
.pitch strong { font-size: 2rem; line-height: 1.2; }
.widget { display: grid; place-items: center; padding: 1rem; }
@media (min-width: 60rem) { body { grid-template-columns: 1fr 1fr; } }
</style>
</head>
<body>
<div class="pitch"><strong>{{ tenant.friendly_name }}</strong><span>Your notes, wherever you are.</span></div>
<div class="widget">{%- auth0:widget -%}</div>
</body>
</html>`

// Colors and numbers are written anew; addresses are of https and cannot leave their quotes; nothing else comes through.
func TestHostileDress(t *testing.T) {
	const evil = `#fff;}</style><script>alert(1)</script><style>*{background:url(//evil.example/`
	hostile, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	theme := regexp.MustCompile(`:"[^"]*"`).ReplaceAllString(themeNight, ":"+strings.ReplaceAll(string(hostile), "$", "$$"))
	branding := fmt.Sprintf(`{"colors":{"primary":%[1]s,"page_background":{"type":%[1]s,"start":%[1]s,"end":%[1]s}},"logo_url":%[1]s,"favicon_url":%[1]s,"font":{"url":%[1]s}}`, hostile)
	for name, l := range map[string]store.Look{"branding": look(t, branding, ""), "theme": look(t, branding, theme)} {
		d := dress(l)
		page := renderIn(t, d, Login{Frame: Frame{AppName: "App"}})
		for _, trace := range []string{"evil", "alert(1)", "</style><", "url("} {
			if strings.Contains(page, trace) {
				t.Errorf("%s: %q came through:\n%s", name, trace, page)
			}
		}
		if d.FontOrigin != "" {
			t.Errorf("%s: a font from %q", name, d.FontOrigin)
		}
	}

	for text, want := range map[string]string{
		"https://cdn.example/a b.png":                "https://cdn.example/a%20b.png",
		`https://cdn.example/a"),url(//evil).png`:    "https://cdn.example/a%22%29,url%28//evil%29.png",
		`https://cdn.example/?q=');x:url('#fragment`: "https://cdn.example/?q=%27%29;x:url%28%27",
		"https://cdn.example:8443/</style>":          "https://cdn.example:8443/%3C/style%3E",
		"https://münchen.example/":                   "", // an address is written in ASCII
		"https://user:secret@cdn.example/":           "",
		"https://cdn.example;script-src *;/":         "",
		"http://cdn.example/":                        "",
		"javascript:alert(1)":                        "",
		"//cdn.example/":                             "",
		"data:image/svg+xml,<svg onload=alert(1)>":   "",
		"https:///x": "",
		"":           "",
	} {
		if got := httpsURL(text); got != want {
			t.Errorf("httpsURL(%q) = %q, want %q", text, got, want)
		}
	}
}

// The tenant's texts are texts.
func TestHostileTexts(t *testing.T) {
	texts := map[string]string{}
	for _, c := range customTextRows() {
		texts[c.key] = `<script>alert("` + c.key + `")</script>${clientName}${nobody}{{.State}}`
	}
	for _, s := range scenes() {
		page := renderIn(t, Dress{Texts: texts}, s.page)
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "${") {
			t.Errorf("%s: a text came through as markup, or a placeholder stayed:\n%s", s.name, page)
		}
	}
	page := renderIn(t, Dress{Texts: map[string]string{"intro.app": "To ${clientName} of ${companyName}", "page.title": "${companyName} <b>"}},
		Login{Frame: Frame{AppName: "<i>", TenantName: "Acme"}})
	for _, want := range []string{`<p class="intro">To <bdi>&lt;i&gt;</bdi> of <bdi>Acme</bdi></p>`, "<title>Acme &lt;b&gt;</title>"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

// property reads the value of a custom property out of a style.
func property(t *testing.T, style, name string) color {
	t.Helper()
	m := regexp.MustCompile(`--` + name + `:(#[0-9a-f]{6});`).FindStringSubmatch(style)
	if m == nil {
		t.Fatalf("no color --%s in %s", name, style)
	}
	c, _ := parseColor(m[1], white)
	return c
}

// Whatever colors a tenant chooses, everything on its pages can be read (WCAG 2.2 AA).
func TestDressCanBeRead(t *testing.T) {
	colors := []string{"#fff", "#000", "#808080", "#777", "#ff0000", "#ffe14d", "#0f766e80", "#fff0", "#7f7f7f", "#00ff00", "#0000ff"}
	read := func(style string, pairs ...string) {
		t.Helper()
		for _, p := range pairs {
			f := strings.Fields(p)
			least := forText
			if len(f) == 3 {
				least = forShape
			}
			if ratio := contrast(property(t, style, f[0]), property(t, style, f[1])); ratio < least {
				t.Errorf("--%s on --%s is %.2f:1 in %.300s", f[0], f[1], ratio, style)
			}
		}
	}
	for _, primary := range colors {
		d := dress(look(t, fmt.Sprintf(`{"colors":{"primary":%q,"page_background":%q}}`, primary, primary), ""))
		light, dark, _ := strings.Cut(d.Style, "@media")
		read(light, "on-page page")
		for part, card := range map[string]color{light: lightCard, dark: darkCard} {
			part = "--card:" + card.String() + ";" + part
			read(part, "accent card", "accent-strong card", "on-accent accent", "on-button button", "on-button button-strong", "button-edge card shape")
		}
	}
	for _, a := range colors {
		for _, b := range colors {
			i := 0
			theme := regexp.MustCompile(`"#[^"]*"`).ReplaceAllStringFunc(themeNight, func(string) string {
				i++
				return `"` + []string{a, b}[i%2] + `"`
			})
			read(dress(look(t, `{}`, theme)).Style, "on-page page", "ink card", "muted card", "muted wash", "title card", "accent card", "accent-strong card",
				"on-accent accent", "on-read-only read-only", "bad card", "bad bad-wash", "on-bad bad-wash", "good card", "good good-wash", "on-field field",
				"label card", "on-second card", "on-button button", "on-button button-strong", "on-tint tint",
				"focus card shape", "icon field shape", "line card shape", "button-edge card shape", "second-line card shape")
		}
	}
}

// The colors that dress.go takes for those of the cards are those of the style sheet, and what it sets is read there.
func TestDressKnowsTheStyleSheet(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/login.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	for part, card := range map[string]color{light: lightCard, dark: darkCard} {
		if !strings.Contains(part, "--card: "+card.String()+";") {
			t.Errorf("the card is not %v", card)
		}
	}
	style := dress(look(t, brandYellow, "")).Style + dress(look(t, brandTeal, themeNight)).Style + dress(look(t, brandTeal, themeUnlegible)).Style
	for _, m := range regexp.MustCompile(`--([\w-]+):`).FindAllStringSubmatch(style, -1) {
		if !bytes.Contains(css, []byte("var(--"+m[1])) {
			t.Errorf("--%s is set, and the style sheet does not read it", m[1])
		}
	}
}

// Every row of the table names a message that the pages have, and a page that says it.
func TestCustomTextTable(t *testing.T) {
	messages := views(t).locales[0].messages
	for _, c := range customTextRows() {
		if messages[c.key] == "" && c.key != "page.title" && c.key != "brand.alt" {
			t.Errorf("there is no message %s", c.key)
		}
		said := false
		for _, s := range scenes() {
			if c.of(s.page) && strings.Contains(renderIn(t, Dress{Texts: map[string]string{c.key: "QED"}}, s.page), "QED") {
				said = true
			}
		}
		if !said {
			t.Errorf("no scene of the page %s says %s", c.page, c.key)
		}
	}
}

func TestManyRendersAtOnce(t *testing.T) {
	v := views(t)
	done := make(chan string)
	const n = 4 * idleStages
	for i := range n {
		go func() {
			var b bytes.Buffer
			d := Dress{Texts: map[string]string{"login.title": fmt.Sprintf("Title %d.", i)}}
			if err := v.Render(&b, v.locales[i%2], d, "n", Login{}); err != nil || !strings.Contains(b.String(), fmt.Sprintf("<h1>Title %d.</h1>", i)) {
				done <- fmt.Sprintf("%d: %v %s", i, err, b.String())
				return
			}
			done <- ""
		}()
	}
	for range n {
		if wrong := <-done; wrong != "" {
			t.Error(wrong)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	v, err := New()
	if err != nil {
		b.Fatal(err)
	}
	l := look(b, brandTeal, themeNight)
	for name, fn := range map[string]func() Dress{"plain": func() Dress { return Dress{} }, "dressed": func() Dress { return dress(l) }} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var out bytes.Buffer
				if err := v.Render(&out, Locale{}, fn(), "n", Login{Frame: Frame{AppName: "App"}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
