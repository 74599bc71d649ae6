package login

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"strings"
	"sync"

	"github.com/proofkey/proofkey/liquid"
	"github.com/proofkey/proofkey/store"
)

// Wrap is the page that a tenant puts around ours, and what it puts into ours. It is trusted with the look of the page;
// the policy lets it load pictures, styles and fonts, and run nothing.
type Wrap struct {
	// Page is a template with the tags auth0:head and auth0:widget, or empty.
	Page string
	// Partials are templates by the place of our page that they go to.
	Partials map[string]string
	// Values are what both may name, beside what the page itself knows.
	Values map[string]any
}

// screens are the names by which templates know our pages: a prompt and one of its screens. Pages that are not here stand
// outside of universal login, and are not wrapped.
var screens = map[string][2]string{
	"login": {"login", "login"}, "login_id": {"login-id", "login-id"}, "login_password": {"login-password", "login-password"},
	"signup": {"signup", "signup"}, "consent": {"consent", "consent"}, "confirm": {"confirmation", "confirmation"},
	"organization": {"organizations", "organization-selection"}, "organization_picker": {"organizations", "organization-picker"},
	"select_account": {"account-selection", "account-selection"}, "reset_password": {"reset-password", "reset-password"},
	"email_verification": {"email-verification", "email-verification-result"}, "logout_confirm": {"logout", "logout"},
	"signed_out": {"logout", "logout-complete"},
}

// wrap is what the tenant puts around a page and into it.
func wrap(p Page, l store.Look, t store.TenantSettings) Wrap {
	screen, known := screens[p.name()]
	if !known || l.Template == "" && len(l.Partials) == 0 {
		return Wrap{}
	}
	locales := []any{}
	for _, name := range t.EnabledLocales {
		locales = append(locales, name)
	}
	return Wrap{Page: l.Template, Partials: l.Partials[screen[1]], Values: map[string]any{
		"tenant": map[string]any{
			"friendly_name": t.FriendlyName, "support_email": t.SupportEmail, "support_url": t.SupportURL, "picture_url": t.PictureURL,
			"enabled_locales": locales,
		},
		"branding": map[string]any{
			"logo_url": httpsURL(l.Branding.LogoURL),
			"colors":   map[string]any{"primary": l.Branding.Colors.Primary, "page_background": l.Branding.Colors.PageBackground.Color},
		},
		"prompt": map[string]any{"name": screen[0], "screen": map[string]any{"name": screen[1], "texts": texts(l.Texts[screen[1]])}},
	}}
}

func texts(of map[string]string) map[string]any {
	all := map[string]any{}
	for name, text := range of {
		all[name] = text
	}
	return all
}

// values are what a template may name on a page.
func (s *showing) values(p Page) map[string]any {
	f := p.frame()
	all := map[string]any{
		"locale": s.tag, "dir": s.Dir(),
		"organization": map[string]any{"display_name": f.OrgName},
		"application":  map[string]any{"id": f.AppID, "name": f.AppName, "logo_url": string(logo(f.LogoURI))},
	}
	if p, ok := p.(interface{ person() Account }); ok {
		all["user"] = map[string]any{"email": p.person().Email, "name": p.person().Name}
	}
	maps.Copy(all, s.Wrap.Values)
	if tenant, ok := all["tenant"].(map[string]any); ok {
		tenant = maps.Clone(tenant)
		tenant["name"] = f.TenantName
		all["tenant"] = tenant
	}
	return all
}

const (
	headTag   = "auth0:head"
	widgetTag = "auth0:widget"
	nonceTag  = "own:nonce"
)

// styleTag is the begin of a style element of the template; those of values are escaped.
var styleTag = regexp.MustCompile(`(?i)<style([\s>])`)

// parseTemplate reads a template of a page, or of a part of one.
func parseTemplate(source string) (*liquid.Template, error) {
	return liquid.Parse(styleTag.ReplaceAllString(source, `<style nonce="{% `+nonceTag+` %}"$1`), headTag, widgetTag, nonceTag)
}

// kept are the templates that were parsed lately. What a text parses to never changes.
type kept struct {
	mu  sync.Mutex
	all map[string]*liquid.Template
}

const maxKept = 64

func (k *kept) parse(source string) (*liquid.Template, error) {
	k.mu.Lock()
	t := k.all[source]
	k.mu.Unlock()
	if t != nil {
		return t, nil
	}
	t, err := parseTemplate(source)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) >= maxKept || k.all == nil {
		k.all = map[string]*liquid.Template{}
	}
	k.all[source] = t
	return t, nil
}

// partial is what the tenant puts into a place of the page.
func (v *Views) partial(s *showing, place string) template.HTML {
	source := s.Wrap.Partials[place]
	if source == "" {
		return ""
	}
	t, err := v.templates.parse(source)
	if err == nil {
		var text string
		if text, err = t.Render(s.of, map[string]liquid.Markup{nonceTag: liquid.Markup(s.Nonce)}); err == nil {
			return template.HTML(text)
		}
	}
	s.faults = append(s.faults, fmt.Errorf("the partial %s: %w", place, err))
	return ""
}

// apart takes our own page apart into what is in its head and its widget. Values are escaped, so that the marks are ours.
func apart(page string) (head, widget string, err error) {
	_, rest, ok := strings.Cut(page, "<head>\n")
	head, rest, inHead := strings.Cut(rest, "</head>\n")
	_, rest, inBody := strings.Cut(rest, `<body class="`+autoLayout+`">`+"\n")
	before, rest, footed := strings.Cut(rest, `<footer class="below">`)
	_, rest, ended := strings.Cut(rest, "</footer>\n")
	after, _, closed := strings.Cut(rest, "</body>")
	if !ok || !inHead || !inBody || !footed || !ended || !closed {
		return "", "", errors.New("our page cannot be taken apart")
	}
	return head, before + after, nil
}

// autoLayout is the class of a body that places the widget as we do.
const autoLayout = "_widget-auto-layout"

// wrapped is a page within the tenant's.
func (v *Views) wrapped(s *showing, page string) (string, error) {
	t, err := v.templates.parse(s.Wrap.Page)
	if err != nil {
		return "", err
	}
	head, widget, err := apart(page)
	if err != nil {
		return "", err
	}
	return t.Render(s.of, map[string]liquid.Markup{
		headTag: liquid.Markup(head), widgetTag: liquid.Markup(widget), nonceTag: liquid.Markup(s.Nonce),
	})
}
