package api

import (
	"context"
	"errors"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) guardian() []operation {
	all := []operation{
		{"GET", "/guardian/factors", "List factors", "", h.listFactors},
		{"GET", "/guardian/policies", "Get the policies of factors", "", h.getPolicies},
		{"PUT", "/guardian/policies", "Set the policies of factors", anyBody, h.setPolicies},
		{"GET", "/guardian/enrollments/{id}", "Get an enrolment", "", h.noEnrollment},
		{"DELETE", "/guardian/enrollments/{id}", "Delete an enrolment", "", h.noEnrollment},
	}
	for _, s := range guardianSettings {
		all = append(all, s.operations()...)
	}
	return all
}

// factors are all there are, in the order in which they are listed. None can be enrolled yet.
var factors = []string{"sms", "push-notification", "otp", "email", "duo", "webauthn-roaming", "webauthn-platform", "recovery-code"}

var guardianFactor = singleton{path: "/guardian/factors/{name}", one: "a factor", kept: kept{entity: "guardian_factor"},
	in: func(_ context.Context, _ store.Queries, c *call) (string, error) {
		if !slices.Contains(factors, c.vars["name"]) {
			return "", pathError("No enum match for: "+cut(c.vars["name"], 64), "name")
		}
		return c.vars["name"], nil
	},
}

// guardianSettings are those of factors. Of sms and phone there is one set, which has two paths.
var guardianSettings = []singleton{
	guardianFactor,
	{path: "/guardian/factors/phone/message-types", one: "the kinds of phone messages", kept: kept{
		entity: "guardian_phone_message_types", defaults: func() document { return document{"message_types": []any{}} },
	}},
	{path: "/guardian/factors/phone/selected-provider", one: "the phone provider", kept: phoneProvider},
	{path: "/guardian/factors/sms/selected-provider", one: "the SMS provider", kept: phoneProvider},
	{path: "/guardian/factors/phone/templates", one: "phone templates", kept: kept{entity: "guardian_phone_templates"}},
	{path: "/guardian/factors/sms/templates", one: "SMS templates", kept: kept{entity: "guardian_phone_templates"}},
	{path: "/guardian/factors/phone/providers/twilio", one: "Twilio for phone messages", kept: twilio},
	{path: "/guardian/factors/sms/providers/twilio", one: "Twilio for SMS", kept: twilio},
	{path: "/guardian/factors/push-notification/selected-provider", one: "the push provider", kept: kept{
		entity: "guardian_push_provider", defaults: func() document { return document{"provider": "guardian"} },
	}},
	{path: "/guardian/factors/push-notification/providers/sns", one: "SNS for push messages", kept: kept{
		entity: "guardian_sns",
		view:   nullsOf("aws_access_key_id", "aws_region", "sns_apns_platform_application_arn", "sns_gcm_platform_application_arn"),
	}},
	{path: "/guardian/factors/push-notification/providers/apns", one: "APNs for push messages", kept: kept{
		entity: "guardian_apns", defaults: func() document { return document{"sandbox": false} },
		view: func(_ *call, d store.Document, out document) { out["enabled"] = d.Body["p12"] != nil },
	}},
	{path: "/guardian/factors/push-notification/providers/fcm", one: "FCM for push messages", kept: kept{entity: "guardian_fcm"}},
	{path: "/guardian/factors/push-notification/providers/fcmv1", one: "FCM v1 for push messages", kept: kept{entity: "guardian_fcmv1"}},
	{path: "/guardian/factors/duo/settings", one: "Duo settings", kept: kept{entity: "guardian_duo", sealed: []string{"skey"}}},
	{path: "/guardian/factors/webauthn-roaming/settings", one: "settings of security keys", kept: kept{
		entity:   "guardian_webauthn_roaming",
		defaults: func() document { return document{"userVerification": "discouraged", "overrideRelyingParty": false} },
	}},
	{path: "/guardian/factors/webauthn-platform/settings", one: "settings of device biometrics", kept: kept{
		entity: "guardian_webauthn_platform", defaults: func() document { return document{"overrideRelyingParty": false} },
	}},
}

var phoneProvider = kept{
	entity: "guardian_phone_provider", defaults: func() document { return document{"provider": "auth0"} },
}

// twilio shows its token, as the service does: Terraform compares it with what it wants.
var twilio = kept{
	entity: "guardian_twilio", sealed: []string{"auth_token"}, view: nullsOf("from", "messaging_service_sid", "auth_token", "sid"),
}

// nullsOf shows what is missing as null where anything is said; deploy-cli takes an empty object for nothing.
func nullsOf(names ...string) func(*call, store.Document, document) {
	return func(_ *call, d store.Document, out document) {
		for _, name := range names {
			if _, said := out[name]; !said && len(d.Body) > 0 {
				out[name] = nil
			}
		}
	}
}

func (h *Handler) listFactors(ctx context.Context, c *call) (any, error) {
	rows, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: guardianFactor.entity})
	if err != nil {
		return nil, err
	}
	l := listing{}
	for _, name := range factors {
		i := slices.IndexFunc(rows, func(d store.Document) bool { return d.ID == name })
		l.items = append(l.items, document{"name": name, "enabled": i >= 0 && rows[i].Body["enabled"] == true, "trial_expired": false})
	}
	return l, nil
}

// guardianPolicies names the entity, and the kind and the id of its one document. On the wire it is a bare list.
const guardianPolicies = "guardian_policies"

func (h *Handler) getPolicies(ctx context.Context, _ *call) (any, error) {
	d, err := h.DB.Document(ctx, guardianPolicies, guardianPolicies)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return texts(d.Body, "policies"), nil
}

func (h *Handler) setPolicies(ctx context.Context, c *call) (any, error) {
	if err := schemaOf(guardianPolicies).fields["policies"].check(c.body, forReplace, ""); err != nil {
		return nil, err
	}
	return c.body, c.change(ctx, func(tx *store.Tx) error {
		return tx.PutDocument(ctx, &store.Document{Kind: guardianPolicies, ID: guardianPolicies, Body: document{"policies": c.body}})
	})
}

// noEnrollment is the truth as long as no factor can be enrolled.
func (h *Handler) noEnrollment(context.Context, *call) (any, error) {
	return nil, notFound("enrollment_not_found", "Enrollment not found")
}
