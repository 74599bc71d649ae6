package auth0

import (
	"context"
	"net/http"
	"net/url"

	"github.com/proofkey/proofkey/management/api"
)

// page brings a page of its own. The login page belongs to the application that stands for all, the others to the tenant.
func (r *run) page(ctx context.Context, k kind, it *Item) error {
	if text(it.Body, "html") != "" {
		r.unsupported(it, "html", "kept, but not shown: Proofkey shows its own pages, in the colours and words of branding, theme and prompts")
	}
	if it.Name == "login" {
		all, err := r.list(ctx, url.Values{"is_global": {"true"}, "fields": {"client_id"}}, "clients")
		if err != nil || len(all) == 0 {
			return err
		}
		body := map[string]any{"custom_login_page_on": it.Body["enabled"]}
		if html := text(it.Body, "html"); html != "" {
			body["custom_login_page"] = html
		}
		return r.settings(ctx, k, it, http.MethodPatch, body, "clients", text(all[0], "client_id"))
	}
	member := map[string]string{
		"password_reset": "change_password", "guardian_multifactor": "guardian_mfa_page", "error_page": "error_page",
	}[it.Name]
	if member == "" {
		r.unsupported(it, "", "there is no page of that name")
		return nil
	}
	body := deepCopy(it.Body).(map[string]any)
	delete(body, "name")
	return r.settings(ctx, k, it, http.MethodPatch, map[string]any{member: body}, "tenants", "settings")
}

// branding brings the colours and logos, and the template of the pages.
func (r *run) branding(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	templates := objects(body["templates"])
	delete(body, "templates")
	if len(body) > 0 {
		it.Name = "colours and logos"
		if err := r.settings(ctx, k, it, http.MethodPatch, body, "branding"); err != nil {
			return err
		}
	}
	for _, t := range templates {
		of := *it
		of.Name = "template " + text(t, "template")
		if text(t, "template") != "universal_login" {
			r.unsupported(&of, "", "there is no template of that name")
			continue
		}
		path := []string{"branding", "templates", "universal-login"}
		if !r.api.Built(http.MethodPut, api.Path(path...)) {
			r.unsupported(&of, "", "this version of Proofkey has no page template")
			continue
		}
		err := r.bring(ctx, k, &of, entity{
			func() (map[string]any, error) { return r.get(ctx, path...) },
			func(before map[string]any) error {
				if text(before, "body") == text(t, "body") {
					return nil
				}
				_, err := r.ask(ctx, http.MethodPut, api.Path(path...), map[string]any{"template": t["body"]})
				return err
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// theme brings the theme, of which a tenant has one.
func (r *run) theme(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	id := text(body, "themeId")
	delete(body, "themeId")
	return r.bring(ctx, k, it, entity{
		func() (map[string]any, error) { return r.get(ctx, "branding", "themes", "default") },
		func(before map[string]any) error {
			if before == nil {
				_, err := r.create(ctx, it, "/branding/themes", id, body)
				return err
			}
			return r.update(ctx, it, api.Path("branding", "themes", text(before, "themeId")), before, body, nil)
		},
	})
}

// prompts brings the settings of the pages and the texts and parts of them that are the tenant's own.
func (r *run) prompts(ctx context.Context, k kind, it *Item) error {
	settings := deepCopy(it.Body).(map[string]any)
	for _, name := range []string{"customText", "partials", "screenRenderers"} {
		delete(settings, name)
	}
	of := func(name string) *Item { return &Item{Kind: it.Kind, Name: name, At: it.At, line: it.line} }
	if len(settings) > 0 {
		if err := r.settings(ctx, k, of("settings"), http.MethodPatch, settings, "prompts"); err != nil {
			return err
		}
	}
	texts := object(it.Body, "customText")
	for _, language := range sorted(texts) {
		byPrompt := object(texts, language)
		for _, prompt := range sorted(byPrompt) {
			one := kind{title: "text of " + prompt + " in " + language, key: k.key}
			if err := r.part(ctx, one, of(prompt), object(byPrompt, prompt), "prompts", prompt, "custom-text", language); err != nil {
				return err
			}
		}
	}
	partials := object(it.Body, "partials")
	for _, prompt := range sorted(partials) {
		if err := r.part(ctx, kind{title: "partials", key: k.key}, of(prompt), object(partials, prompt), "prompts", prompt, "partials"); err != nil {
			return err
		}
	}
	for _, screen := range objects(it.Body["screenRenderers"]) {
		body := deepCopy(screen).(map[string]any)
		prompt, name := text(body, "prompt"), text(body, "screen")
		for _, gone := range []string{"prompt", "screen", "tenant"} {
			delete(body, gone)
		}
		err := r.settings(ctx, kind{title: "rendering", key: k.key}, of(prompt+" "+name), http.MethodPatch, body, "prompts", prompt, "screen", name, "rendering")
		if err := r.orRefuse(k, of(prompt+" "+name), err); err != nil {
			return err
		}
		if text(screen, "rendering_mode") == "advanced" {
			r.unsupported(of(prompt+" "+name), "", "kept, but not in force: Proofkey shows its own screen, not the tenant's code")
		}
	}
	return nil
}

// part brings texts that are replaced as a whole.
func (r *run) part(ctx context.Context, k kind, it *Item, body map[string]any, segments ...string) error {
	if len(body) == 0 {
		return nil
	}
	return r.orRefuse(k, it, r.settings(ctx, k, it, http.MethodPut, body, segments...))
}

// orRefuse takes the refusal of a part for an entry of its own, so that its neighbours are looked at too.
func (r *run) orRefuse(k kind, it *Item, err error) error {
	reason, field, ok := refusal(err)
	if ok {
		r.refuse(k, it, field, reason)
		return nil
	}
	return err
}
