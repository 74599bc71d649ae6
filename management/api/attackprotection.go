package api

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) attackProtection() []operation {
	of := func(p protection) []operation {
		return []operation{
			{"GET", "/attack-protection/" + p.name, "Get " + p.title, "", func(ctx context.Context, _ *call) (any, error) {
				_, body, err := p.find(ctx, h.DB.Queries)
				return p.show(body), err
			}},
			{"PATCH", "/attack-protection/" + p.name, "Update " + p.title, p.entity, func(ctx context.Context, c *call) (any, error) {
				return p.update(ctx, c)
			}},
		}
	}
	return append(of(bruteForce), of(suspiciousIP)...)
}

// protection is one of the areas whose settings are the tenant's.
type protection struct {
	name, title, entity string
	defaults            func() document
	// apply puts what a document says into the row; wire is what the row has of it.
	apply func(s *store.TenantSettings, body document) error
	wire  func(s store.TenantSettings) document
}

const attackProtectionKind = "attack_protection"

var bruteForce = protection{
	name: "brute-force-protection", title: "brute-force settings", entity: "attack_protection_brute_force",
	defaults: func() document {
		return document{"enabled": true, "shields": []any{"block", "user_notification"}, "mode": "count_per_identifier_and_ip",
			"allowlist": []any{}, "max_attempts": 10}
	},
	apply: func(s *store.TenantSettings, body document) error {
		var w store.BruteForce
		err := through(body, &w)
		w.Enabled = blocking(body)
		s.BruteForce = w
		return err
	},
	wire: func(s store.TenantSettings) document {
		b := s.BruteForce
		d := document{"enabled": orOn(b.Enabled)}
		put(d, "mode", b.Mode, b.Mode != "")
		put(d, "max_attempts", b.MaxAttempts, b.MaxAttempts > 0)
		put(d, "allowlist", b.Allowlist, len(b.Allowlist) > 0)
		return d
	},
}

var suspiciousIP = protection{
	name: "suspicious-ip-throttling", title: "suspicious IP throttling settings", entity: "attack_protection_suspicious_ip",
	defaults: func() document {
		return document{"enabled": true, "shields": []any{"admin_notification", "block"}, "allowlist": []any{}, "stage": document{
			"pre-login":                 document{"max_attempts": 100, "rate": 864000},
			"pre-user-registration":     document{"max_attempts": 50, "rate": 1200},
			"pre-custom-token-exchange": document{"max_attempts": 10, "rate": 600000},
		}}
	},
	apply: func(s *store.TenantSettings, body document) error {
		var w struct {
			Allowlist []string `json:"allowlist"`
			Stage     struct {
				Login  stage `json:"pre-login"`
				Signup stage `json:"pre-user-registration"`
			} `json:"stage"`
		}
		err := through(body, &w)
		s.SuspiciousIP = store.SuspiciousIP{
			Enabled: blocking(body), Allowlist: w.Allowlist,
			LoginMaxAttempts: w.Stage.Login.MaxAttempts, LoginRate: w.Stage.Login.Rate,
			SignupMaxAttempts: w.Stage.Signup.MaxAttempts, SignupRate: w.Stage.Signup.Rate,
		}
		return err
	},
	wire: func(s store.TenantSettings) document {
		ip := s.SuspiciousIP
		d := document{"enabled": orOn(ip.Enabled), "stage": document{
			"pre-login":             stage{ip.LoginMaxAttempts, ip.LoginRate}.wire(),
			"pre-user-registration": stage{ip.SignupMaxAttempts, ip.SignupRate}.wire(),
		}}
		put(d, "allowlist", ip.Allowlist, len(ip.Allowlist) > 0)
		return d
	},
}

// stage is a limit: so many attempts, and one earned back every so many milliseconds.
type stage struct {
	MaxAttempts int   `json:"max_attempts"`
	Rate        int64 `json:"rate"`
}

func (s stage) wire() document {
	d := document{}
	put(d, "max_attempts", s.MaxAttempts, s.MaxAttempts > 0)
	put(d, "rate", s.Rate, s.Rate > 0)
	return d
}

func put(d document, name string, v any, there bool) {
	if there {
		d[name] = v
	}
}

// blocking says whether anything is stopped: without the shield block a protection only tells.
func blocking(body document) *bool {
	on, said := body["enabled"].(bool)
	shields, listed := body["shields"].([]any)
	if !said && !listed {
		return nil
	}
	blocks := (on || !said) && (!listed || slices.Contains(shields, any("block")))
	return &blocks
}

func (p protection) find(ctx context.Context, q store.Queries) (store.TenantSettings, document, error) {
	t, err := q.Tenant(ctx)
	if err != nil {
		return t.Settings, nil, err
	}
	d, err := q.Document(ctx, attackProtectionKind, p.name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return t.Settings, nil, err
	}
	var then store.TenantSettings
	if err := p.apply(&then, d.Body); err != nil {
		return t.Settings, nil, err
	}
	return t.Settings, said(d.Body, p.wire(t.Settings), p.wire(then)), nil
}

func (p protection) show(body document) document {
	out := merge(body, document{})
	defaults := p.defaults()
	if stages, ok := defaults["stage"].(map[string]any); ok {
		shown := document{}
		for name, limit := range stages {
			said, _ := at(out, "stage", name).(map[string]any)
			shown[name] = merge(limit.(document), said)
		}
		out["stage"] = shown
	}
	fill(out, defaults)
	return out
}

func (p protection) update(ctx context.Context, c *call) (any, error) {
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		settings, body, err := p.find(ctx, tx.Queries)
		if err != nil {
			return err
		}
		body = mergeStages(body, c.object())
		if err := p.apply(&settings, body); err != nil {
			return badBody("The settings cannot be read.").Because(err)
		}
		if err := checkTenant(ctx, tx, settings); err != nil {
			return err
		}
		if err := tx.SaveTenantSettings(ctx, settings); err != nil {
			return err
		}
		shown = p.show(body)
		return tx.PutDocument(ctx, &store.Document{Kind: attackProtectionKind, ID: p.name, Body: body})
	})
	return shown, err
}

// mergeStages merges as everywhere, and within stage once more: a stage keeps the member that is not sent.
func mergeStages(old, patch document) document {
	out := merge(old, patch, "stage")
	stages, _ := out["stage"].(map[string]any)
	if stages == nil {
		return out
	}
	stages = maps.Clone(stages)
	for name := range stages {
		before, _ := at(old, "stage", name).(map[string]any)
		sent, _ := at(patch, "stage", name).(map[string]any)
		stages[name] = merge(before, sent)
	}
	out["stage"] = stages
	return out
}
