package api

import (
	"context"
	"slices"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) attackProtection() (all []operation) {
	for _, p := range []protection{bruteForce, suspiciousIP} {
		all = append(all, p.settings().operations()...)
	}
	for _, s := range []singleton{botDetection, breachedPasswords, captcha, riskAssessments, newDevices} {
		all = append(all, s.operations()...)
	}
	return all
}

var botDetection = singleton{path: "/attack-protection/bot-detection", one: "bot detection settings", kept: kept{
	entity: "attack_protection_bot_detection",
	defaults: func() document {
		return document{
			"challenge_password_policy": "never", "challenge_passwordless_policy": "never", "challenge_password_reset_policy": "never",
			"allowlist": []any{}, "bot_detection_level": "medium", "monitoring_mode_enabled": false,
		}
	},
	check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
		for _, entry := range texts(d.Body, "allowlist") {
			if !management.IsAddressOrRange(entry) {
				return badBody("%q is neither an address nor a range such as 192.0.2.0/24", entry)
			}
		}
		return nil
	},
}}

var breachedPasswords = singleton{path: "/attack-protection/breached-password-detection", one: "breached password settings", kept: kept{
	entity: "attack_protection_breached_password", merged: []string{"stage"},
	defaults: func() document {
		return document{
			"enabled": false, "shields": []any{}, "admin_notification_frequency": []any{}, "method": "standard", "stage": document{
				"pre-user-registration": document{"shields": []any{}}, "pre-change-password": document{"shields": []any{}},
			},
		}
	},
}}

// captcha keeps a provider's secret when only other members of it are sent, since nobody can read it to send it again.
var captcha = singleton{path: "/attack-protection/captcha", one: "captcha settings", kept: kept{
	entity: "attack_protection_captcha",
	merged: []string{"arkose", "auth_challenge", "friendly_captcha", "hcaptcha", "recaptcha_enterprise", "recaptcha_v2"},
	defaults: func() document {
		return document{
			"active_provider_id": "auth_challenge", "simple_captcha": document{}, "auth_challenge": document{"fail_open": false},
			"recaptcha_v2": document{"site_key": ""}, "recaptcha_enterprise": document{"site_key": "", "project_id": ""},
			"hcaptcha": document{"site_key": ""}, "friendly_captcha": document{"site_key": ""},
			"arkose": document{"site_key": "", "client_subdomain": "client-api", "verify_subdomain": "verify-api", "fail_open": false},
		}
	},
}}

var riskAssessments = singleton{path: "/risk-assessments/settings", one: "risk assessment settings", kept: kept{
	entity: "risk_assessment_settings", defaults: func() document { return document{"enabled": false} },
}}

var newDevices = singleton{path: "/risk-assessments/settings/new-device", one: "new device settings", kept: kept{
	entity: "risk_assessment_new_device", defaults: func() document { return document{"remember_for": 30} },
}}

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
		load: func(ctx context.Context, q store.Queries, d *store.Document) error {
			t, err := q.Tenant(ctx)
			if err != nil {
				return err
			}
			var then store.TenantSettings
			if err := p.apply(&then, d.Body); err != nil {
				return err
			}
			d.Body = said(d.Body, p.wire(t.Settings), p.wire(then))
			return nil
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
