package api

import (
	"context"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) attackProtection() (all []operation) {
	for _, p := range []protection{bruteForce, suspiciousIP} {
		all = append(all, p.settings().operations()...)
	}
	return all
}

// protection is an area whose settings are in the tenant's row.
type protection struct {
	name, title, entity string
	defaults            func() document
	// apply puts what a document says into the row; wire is what the row has of it.
	apply func(s *store.TenantSettings, body document) error
	wire  func(s store.TenantSettings) document
}

func (p protection) settings() singleton {
	return singleton{path: "/attack-protection/" + p.name, one: p.title, kept: kept{
		entity: p.entity, merged: []string{"stage"}, defaults: p.defaults,
		load: func(ctx context.Context, q store.Queries, body document) (document, error) {
			t, err := q.Tenant(ctx)
			if err != nil {
				return nil, err
			}
			var then store.TenantSettings
			if err := p.apply(&then, body); err != nil {
				return nil, err
			}
			return said(body, p.wire(t.Settings), p.wire(then)), nil
		},
		check: func(ctx context.Context, tx *store.Tx, _ *call, _ document, d *store.Document) error {
			t, err := tx.Tenant(ctx)
			if err != nil {
				return err
			}
			if err := p.apply(&t.Settings, d.Body); err != nil {
				return badBody("The settings cannot be read.").Because(err)
			}
			if err := checkTenant(ctx, tx, t.Settings); err != nil {
				return err
			}
			return tx.SaveTenantSettings(ctx, t.Settings)
		},
	}}
}

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
