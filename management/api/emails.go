package api

import (
	"context"
	"net/http"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) emails() []operation {
	return append(emailProvider.operations(), emailTemplates.operations()...)
}

// emailProvider replaces the credentials whole: were a password kept that is not sent, whoever may change the host could have
// it sent there.
var emailProvider = singleton{path: "/emails/provider", one: "the email provider", kept: kept{
	entity: "email_provider", absent: "There is not a configured email provider", absentCode: "inexistent_email_provider",
	taken: "An email provider is already configured", takenCode: "email_provider_conflict",
	defaults: func() document { return document{"enabled": true} },
	check: func(_ context.Context, _ *store.Tx, _ *call, old document, d *store.Document) error {
		name := text(d.Body, "name")
		if name == text(old, "name") {
			return nil
		}
		if name == "custom" {
			return conflict("No deployed action was found.")
		}
		credentials, _ := d.Body["credentials"].(map[string]any)
		return needs(credentials, "credentials", credentialsOf[name])
	},
	view: func(c *call, _ store.Document, out document) {
		if c.method == http.MethodGet && !c.query.Has("fields") {
			for _, name := range []string{"credentials", "default_from_address", "settings"} {
				delete(out, name)
			}
		}
	},
}}

// credentialsOf are the credentials without which a provider sends nothing.
var credentialsOf = map[string][]string{
	"mailgun": {"api_key", "domain"}, "mandrill": {"api_key"}, "sendgrid": {"api_key"}, "resend": {"api_key"},
	"ses": {"accessKeyId", "secretAccessKey", "region"}, "sparkpost": {"api_key"}, "smtp": {"smtp_host"},
	"azure_cs": {"connectionString"}, "ms365": {"tenantId", "clientId", "clientSecret"},
}

// emailTemplates are known by their names; there are none until somebody makes one.
var emailTemplates = collection{
	path: "/email-templates", single: "/email-templates/{templateName}", one: "an email template", many: "email templates",
	idIn: "template", newID: func(body document) string { return text(body, "template") },
	kept: kept{
		entity: "email_template", absent: "The template does not exist.", absentCode: "inexistent_email_template",
		taken: "Template {name} already exists.",
		check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
			if text(d.Body, "template") != d.ID {
				return payloadError("Invalid value \""+cut(text(d.Body, "template"), 64)+"\"", "template")
			}
			return nil
		},
	},
}
