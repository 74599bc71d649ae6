package login

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

const tenantPage = `<!DOCTYPE html>{% assign resolved = dir | default: "auto" %}
<html lang="{{ locale }}" dir="{{ resolved }}">
  <head>
    {%- auth0:head -%}
    <style>.aside-by { color: {{ branding.colors.primary }} }</style>
  </head>
  <body class="_widget-auto-layout {{ prompt.screen.name }}">
    <header><p>{{ application.name }} by {{ tenant.friendly_name }} for {{ user.email }}</p></header>
    {%- auth0:widget -%}
    <nav>{% for l in tenant.enabled_locales %}<i>{{ l }}</i>{% endfor %} {{ prompt.screen.texts.title }}</nav>
  </body>
</html>`

// inTemplate renders a page in the tenant's own.
func inTemplate(t *testing.T, p Page, l store.Look) (string, error) {
	t.Helper()
	v, err := sharedViews()
	if err != nil {
		t.Fatal(err)
	}
	d := dress(l)
	d.Wrap = wrap(p, l, store.TenantSettings{FriendlyName: `Acme <script>alert(1)</script>`, EnabledLocales: []string{"en", "de"}})
	var b bytes.Buffer
	err = v.Render(&b, v.locales[0], d, "bm9uY2U", p)
	return b.String(), err
}

// Each page of universal login stands whole in the tenant's, which keeps to the rules of all pages; no other page does.
func TestPageTemplate(t *testing.T) {
	l := look(t, brandTeal, "")
	l.Template = tenantPage
	for _, s := range scenes() {
		page, err := inTemplate(t, s.page, l)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		own := renderIn(t, dress(l), s.page)
		screen, known := screens[s.page.name()]
		if !known {
			if page != own {
				t.Errorf("%s is wrapped:\n%s", s.name, page)
			}
			continue
		}
		inspect(t, views(t).locales[0], page)
		_, widget, _ := strings.Cut(own, "<main")
		widget, _, _ = strings.Cut(widget, "</main>")
		for _, want := range []string{"<main" + widget + "</main>", `class="_widget-auto-layout ` + screen[1] + `"`, "<header><p>", "<i>en</i><i>de</i>",
			`<style nonce="bm9uY2U">.aside-by { color: #0f766e }</style>`, `<style nonce="bm9uY2U">@font-face`, "Acme &lt;script&gt;"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q in\n%s", s.name, want, page)
			}
		}
		if strings.Count(page, "<script") != 1 && !strings.Contains(own, "bottom-static") && strings.Contains(own, "<script") || strings.Contains(page, `class="below"`) {
			t.Errorf("%s: scripts, or our foot:\n%s", s.name, page)
		}
	}
}

// A template that cannot be filled in, for which every login would wait, leaves the page as we have it.
func TestBrokenTemplates(t *testing.T) {
	p := Login{Frame: Frame{AppName: "App"}}
	for _, source := range []string{
		"{%- auth0:head -%}{%- auth0:widget -%}{{ 1 | divided_by: 0 }}", "{%- auth0:head -%}{%- auth0:widget -%}{% if %}",
		"{%- auth0:head -%}{%- auth0:widget -%}{% for i in (1..1000) %}{% for j in (1..1000) %}{{ i }}{% endfor %}{% endfor %}",
	} {
		l := store.Look{Template: source, Partials: map[string]map[string]string{"login": {"form-content-end": source}}}
		page, err := inTemplate(t, p, l)
		if _, fault := errors.AsType[*FaultError](err); !fault || !strings.Contains(err.Error(), "the page template: ") ||
			!strings.Contains(err.Error(), "the partial form-content-end: ") {
			t.Errorf("%s: %v", source, err)
		}
		if page != render(t, p) {
			t.Errorf("%s:\n%s", source, page)
		}
	}
}

func TestPartials(t *testing.T) {
	l := store.Look{Partials: map[string]map[string]string{"signup": {
		"form-content-start": "<p>1 {{ application.name }}</p>", "form-content-end": `<label for="ulp-terms">Terms</label><input type="checkbox" id="ulp-terms" name="ulp-terms">`,
		"form-footer-start": "<style>p{}</style>3", "form-footer-end": "4", "secondary-actions-start": "5", "secondary-actions-end": "6",
	}}}
	page, err := inTemplate(t, Signup{Frame: Frame{AppName: "<b>"}, LoginURL: "/u/login"}, l)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range []string{"<p>1 &lt;b&gt;</p>", `id="username"`, `id="password"`, `name="ulp-terms"`, `<button type="submit"`, `<style nonce="bm9uY2U">p{}</style>3`, "4", "</form>", "5", `class="aside"`, "6", "</main>"} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("no %q after byte %d of\n%s", want, at, page)
		}
		at += i
	}
	if page, err := inTemplate(t, Login{}, l); err != nil || page != render(t, Login{}) {
		t.Errorf("the partials of another screen: %v\n%s", err, page)
	}
}
