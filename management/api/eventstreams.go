package api

import (
	"context"

	"github.com/proofkey/proofkey/store"
)

// eventStreams are kept; nothing is delivered to them yet. What a webhook authenticates with is never shown.
var eventStreams = collection{
	path: "/event-streams", one: "an event stream", many: "event streams", stamped: true,
	newID: func(document) string { return newID("est_", 22) },
	kept: kept{
		entity: "event_stream", absent: "The requested stream does not exist.",
		taken:    "Event stream name already in use.",
		name:     func(body document) string { return text(body, "name") },
		defaults: func() document { return document{"status": "enabled"} },
		check: func(_ context.Context, _ *store.Tx, _ *call, _ document, d *store.Document) error {
			return checkDestination(d.Body)
		},
	},
}

// destinations are what each type must know.
var destinations = map[string][]string{
	"webhook": {"webhook_endpoint", "webhook_authorization"}, "eventbridge": {"aws_account_id", "aws_region"}, "action": {"action_id"},
}

// webhookSecrets are what each method of authorization needs.
var webhookSecrets = map[string][]string{
	"basic": {"username", "password"}, "bearer": {"token"}, "custom_header": {"header_key", "header_value"},
}

func checkDestination(body document) error {
	const place = "destination.configuration"
	typ, _ := at(body, "destination", "type").(string)
	configuration, _ := at(body, "destination", "configuration").(map[string]any)
	if err := needs(configuration, place, destinations[typ]); err != nil || typ != "webhook" {
		return err
	}
	authorization, _ := configuration["webhook_authorization"].(map[string]any)
	return needs(authorization, place+".webhook_authorization", append([]string{"method"}, webhookSecrets[text(authorization, "method")]...))
}

// needs refuses an object that lacks one of the properties.
func needs(d document, place string, names []string) error {
	for _, name := range names {
		if d[name] == nil {
			return payloadError("Missing required property: "+name, place)
		}
	}
	return nil
}
