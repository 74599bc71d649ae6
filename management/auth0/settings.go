package auth0

import (
	"context"
	"math"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/management/api"
)

// tenant brings the tenant's own settings.
func (r *run) tenant(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	if s := text(body, "default_audience"); s != "" {
		body["default_audience"] = r.audience(s)
	}
	return r.bring(ctx, k, it, entity{
		func() (map[string]any, error) { return r.get(ctx, "tenants", "settings") },
		func(before map[string]any) error {
			changed := patch(before, r.trimmed(it, http.MethodPatch, "/tenants/settings", body))
			if len(changed) == 0 {
				return nil
			}
			for name, v := range changed {
				changed[name] = merged(before[name], v)
			}
			// Whole hours are all that hours may be; parts of them go in minutes.
			for _, name := range []string{"session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"} {
				if hours, ok := changed[name].(float64); ok && hours != math.Trunc(hours) {
					delete(changed, name)
					changed[name+"_in_minutes"] = math.Round(hours * 60)
				}
			}
			r.api.Trim(http.MethodPatch, "/tenants/settings", changed)
			_, err := r.ask(ctx, http.MethodPatch, "/tenants/settings", changed)
			return err
		},
	})
}

// protection brings the areas of attack protection that one item has.
func (r *run) protection(ctx context.Context, k kind, it *Item) error {
	paths := map[string]string{
		"botDetection": "bot-detection", "breachedPasswordDetection": "breached-password-detection",
		"bruteForceProtection": "brute-force-protection", "captcha": "captcha", "suspiciousIpThrottling": "suspicious-ip-throttling",
	}
	for _, name := range sorted(it.Body) {
		area := &Item{Kind: it.Kind, Name: name, At: it.At, line: func(path string) int { return it.line(below(name, path)) }}
		area.At.Line = it.line(name)
		if paths[name] == "" {
			r.unsupported(area, "", "Proofkey does not know this area of attack protection")
			continue
		}
		err := r.settings(ctx, k, area, http.MethodPatch, object(it.Body, name), "attack-protection", paths[name])
		if err := r.orRefuse(k, area, err); err != nil {
			return err
		}
		if name != "bruteForceProtection" && name != "suspiciousIpThrottling" {
			r.unsupported(area, "", "kept, but not in force: nothing acts on it yet")
		}
	}
	return nil
}

// risk brings the settings of risk assessment, which are in two places.
func (r *run) risk(ctx context.Context, k kind, it *Item) error {
	for _, part := range []struct {
		member string
		path   []string
	}{
		{"settings", []string{"risk-assessments", "settings"}},
		{"new_device", []string{"risk-assessments", "settings", "new-device"}},
	} {
		body := object(it.Body, part.member)
		if body == nil {
			continue
		}
		of := &Item{Kind: it.Kind, Name: part.member, At: it.At, line: func(path string) int { return it.line(below(part.member, path)) }}
		if err := r.orRefuse(k, of, r.settings(ctx, k, of, http.MethodPatch, body, part.path...)); err != nil {
			return err
		}
	}
	return nil
}

// factor turns a second factor on or off.
func (r *run) factor(ctx context.Context, k kind, it *Item) error {
	read := func() (map[string]any, error) {
		all, err := r.list(ctx, nil, "guardian", "factors")
		i := slices.IndexFunc(all, func(f map[string]any) bool { return text(f, "name") == it.Name })
		if err != nil || i < 0 {
			return nil, err
		}
		return all[i], nil
	}
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) error {
		if before["enabled"] == it.Body["enabled"] {
			return nil
		}
		_, err := r.ask(ctx, http.MethodPut, api.Path("guardian", "factors", it.Name), map[string]any{"enabled": it.Body["enabled"]})
		return err
	}})
}

func (r *run) factorProvider(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	provider := text(body, "provider")
	delete(body, "name")
	delete(body, "provider")
	return r.settings(ctx, k, it, http.MethodPut, body, "guardian", "factors", it.Name, "providers", provider)
}

func (r *run) factorTemplate(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	delete(body, "name")
	return r.settings(ctx, k, it, http.MethodPut, body, "guardian", "factors", it.Name, "templates")
}

// policies are a list, which no body of settings is.
func (r *run) policies(ctx context.Context, k kind, it *Item) error {
	read := func() (map[string]any, error) {
		v, err := r.ask(ctx, http.MethodGet, "/guardian/policies", nil)
		return map[string]any{"policies": v}, err
	}
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) error {
		if covers(before["policies"], it.Body["policies"]) {
			return nil
		}
		_, err := r.ask(ctx, http.MethodPut, "/guardian/policies", it.Body["policies"])
		return err
	}})
}

// emailProvider brings who sends the tenant's mail.
func (r *run) emailProvider(ctx context.Context, k kind, it *Item) error {
	return r.bring(ctx, k, it, entity{
		func() (map[string]any, error) { return r.get(ctx, "emails", "provider") },
		func(before map[string]any) error {
			if before == nil {
				_, err := r.create(ctx, it, "/emails/provider", "", it.Body)
				return err
			}
			return r.update(ctx, it, "/emails/provider", before, it.Body, nil)
		},
	})
}

func (r *run) emailTemplate(ctx context.Context, k kind, it *Item) error {
	path := api.Path("email-templates", it.Name)
	return r.bring(ctx, k, it, entity{
		func() (map[string]any, error) { return r.get(ctx, "email-templates", it.Name) },
		func(before map[string]any) error {
			if before == nil {
				_, err := r.create(ctx, it, "/email-templates", "", it.Body)
				return err
			}
			return r.update(ctx, it, path, before, it.Body, []string{"template"})
		},
	})
}

func (r *run) logStream(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	if body["status"] == "suspended" { // what the service says of a stream that fails is not a setting
		delete(body, "status")
	}
	return r.element(ctx, k, it, listed{path: []string{"log-streams"}, key: "name", id: text(body, "id"), body: body, fixed: []string{"type"}})
}

// customDomain brings a domain of the tenant's own. Its id is custom_domain_id.
func (r *run) customDomain(ctx context.Context, k kind, it *Item) error {
	body := deepCopy(it.Body).(map[string]any)
	id := ""
	read := func() (map[string]any, error) {
		all, err := r.list(ctx, nil, "custom-domains")
		i := slices.IndexFunc(all, func(d map[string]any) bool { return text(d, "domain") == text(body, "domain") })
		if err != nil || i < 0 {
			return nil, err
		}
		id = text(all[i], "custom_domain_id")
		return r.get(ctx, "custom-domains", id)
	}
	return r.bring(ctx, k, it, entity{read, func(before map[string]any) (err error) {
		if before == nil {
			id, err = r.create(ctx, it, "/custom-domains", text(body, "custom_domain_id"), body)
		} else {
			err = r.update(ctx, it, api.Path("custom-domains", id), before, body, []string{"type"})
		}
		if err != nil || body["is_default"] != true || before["is_default"] == true {
			return err
		}
		_, err = r.ask(ctx, http.MethodPatch, "/custom-domains/default", map[string]any{"domain": body["domain"]})
		return err
	}})
}
