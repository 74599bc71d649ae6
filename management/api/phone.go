package api

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/store"
)

// Phone messages have one provider and a template for each of their types. They are kept; nothing is sent by them yet.
func (h *Handler) phone() []operation {
	return append(append(h.phoneProviders().operations(), h.phoneTemplates().operations()...),
		operation{"PATCH", "/branding/phone/templates/{id}/reset", "Reset a phone template", "", h.resetPhoneTemplate})
}

const noPhoneResource = "Notification Resource not found"

// matchesDisabled picks by the query parameter disabled.
func matchesDisabled(c *call, shown document) bool {
	wanted := c.query.Get("disabled")
	return wanted == "" || (wanted == "true") == (shown["disabled"] == true)
}

func (h *Handler) phoneProviders() collection {
	return collection{
		path: "/branding/phone/providers", one: "a phone provider", many: "phone providers", stamped: true, once: true,
		newID: func(document) string { return newID("pro_", 22) }, matches: matchesDisabled,
		kept: kept{
			entity: "branding_phone_provider", absent: noPhoneResource, taken: "Custom phone provider conflict.",
			name:     func(document) string { return "phone" }, // there is one
			defaults: func() document { return document{"disabled": false} },
			check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
				configuration, _ := d.Body["configuration"].(map[string]any)
				credentials, _ := d.Body["credentials"].(map[string]any)
				if err := needs(configuration, "configuration", []string{"delivery_methods"}); err != nil || d.Body["name"] != "twilio" {
					return err
				}
				if err := needs(configuration, "configuration", []string{"sid"}); err != nil {
					return err
				}
				return needs(credentials, "credentials", []string{"auth_token"})
			},
			view: func(c *call, _ store.Document, out document) {
				out["tenant"], out["channel"] = h.Tenant, "phone"
				if c.method == http.MethodGet && len(c.vars) == 0 {
					out["credentials"] = nil
				}
			},
		},
	}
}

func (h *Handler) phoneTemplates() collection {
	return collection{
		path: "/branding/phone/templates", one: "a phone template", many: "phone templates", stamped: true, once: true,
		newID: func(document) string { return newID("tem_", 22) }, matches: matchesDisabled,
		kept: kept{
			entity: "branding_phone_template", absent: noPhoneResource, taken: "Phone template already configured for tenant",
			merged:   []string{"content"},
			name:     func(body document) string { return text(body, "type") },
			defaults: func() document { return document{"disabled": false} },
			check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
				complete(d.Body, document{"content": phoneContent(text(d.Body, "type"))})
				return nil
			},
			view: func(_ *call, _ store.Document, out document) { out["tenant"], out["channel"] = h.Tenant, "phone" },
		},
	}
}

// phoneTexts are what a message of each type says, in writing and aloud, unless somebody changes it.
var phoneTexts = map[string][2]string{
	"otp_verify": {
		"{{ code | escape }} is your verification code for {{ friendly_name | escape }}",
		"Hello. Your verification code for {{ friendly_name | escape }} is {{ pause }} {{ code | escape }}. Again, it is {{ pause }} {{ code | escape }}.",
	},
	"otp_enroll": {
		"{{ code | escape }} is your verification code for {{ friendly_name | escape }}. Enter it to finish your enrolment.",
		"Hello. To finish your enrolment at {{ friendly_name | escape }}, enter the code {{ pause }} {{ code | escape }}. Again, it is {{ pause }} {{ code | escape }}.",
	},
	"change_password": {
		"{{ code | escape }} is your code to change your password for {{ friendly_name | escape }}",
		"Hello. Your code to change your password for {{ friendly_name | escape }} is {{ pause }} {{ code | escape }}. Again, it is {{ pause }} {{ code | escape }}.",
	},
	"blocked_account": {
		"We blocked suspicious attempts to log in to your account at {{ friendly_name | escape }}. If they were yours: {{ url | escape }}",
		"Hello. We blocked suspicious attempts to log in to your account at {{ friendly_name | escape }}.",
	},
	"password_breach": {
		"Your password for {{ friendly_name | escape }} became known elsewhere. Please change it.",
		"Hello. Your password for {{ friendly_name | escape }} became known elsewhere. Please change it.",
	},
}

func phoneContent(typ string) document {
	t := phoneTexts[typ]
	return document{"syntax": "liquid", "body": document{"text": t[0], "voice": t[1]}}
}

// resetPhoneTemplate puts the texts back, and leaves who sends them.
func (h *Handler) resetPhoneTemplate(ctx context.Context, c *call) (any, error) {
	k := h.phoneTemplates()
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = k.find(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		content, _ := d.Body["content"].(map[string]any)
		d.Body["content"] = merge(content, phoneContent(text(d.Body, "type")))
		return tx.SaveDocument(ctx, &d)
	})
	if err != nil {
		return nil, err
	}
	return k.shown(c, d), nil
}
