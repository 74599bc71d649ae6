package api

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/proofkey/proofkey/store"
)

// logStreams are where the tenant's log goes. What their sinks authenticate with is shown, as the service does, but for one
// password.
func (h *Handler) logStreams() []operation {
	return collection{
		kept: kept{
			entity: "log_stream", absent: "The log stream does not exist.", merged: []string{"pii_config"}, sealed: []string{"sink"},
			defaults: func() document { return document{"status": "active", "isPriority": false} },
			check: func(_ context.Context, _ *store.Tx, _ *call, old document, d *store.Document) error {
				if sink, ok := d.Body["sink"].(map[string]any); ok && sink[sinkPassword] == hiddenPassword {
					d.Body["sink"] = merge(sink, document{sinkPassword: at(old, "sink", sinkPassword)})
				}
				return checkSink(d.Body)
			},
			view: func(_ *call, _ store.Document, out document) {
				if sink, ok := out["sink"].(map[string]any); ok && sink[sinkPassword] != nil {
					out["sink"] = merge(sink, document{sinkPassword: hiddenPassword})
				}
			},
		},
		path: "/log-streams", one: "a log stream", many: "log streams",
		newID: func(document) string { return logStreamID(h.DB.Now()) },
	}.operations()
}

const sinkPassword, hiddenPassword = "mixpanelServiceAccountPassword", "********"

// logStreamID is 16 digits that rise with time.
func logStreamID(now time.Time) string {
	return fmt.Sprintf("lst_%010d%06d", now.Unix(), rand.IntN(1e6))
}

// sinks are what each type must know of its sink, whose properties all begin with the same word.
var sinks = map[string][]string{
	"http":        {"httpEndpoint"},
	"eventbridge": {"awsAccountId", "awsRegion"},
	"eventgrid":   {"azureSubscriptionId", "azureRegion", "azureResourceGroup"},
	"datadog":     {"datadogApiKey", "datadogRegion"},
	"splunk":      {"splunkDomain", "splunkPort", "splunkToken"},
	"sumo":        {"sumoSourceAddress"},
	"segment":     {"segmentWriteKey"},
	"mixpanel":    {"mixpanelRegion", "mixpanelProjectId", "mixpanelServiceAccountUsername", sinkPassword},
}

// checkSink holds a sink to the type of its stream.
func checkSink(body document) error {
	needed := sinks[text(body, "type")]
	sink, _ := body["sink"].(map[string]any)
	if err := needs(sink, "sink", needed); err != nil {
		return err
	}
	word := needed[0][:strings.IndexFunc(needed[0], unicode.IsUpper)]
	for _, name := range slices.Sorted(maps.Keys(sink)) {
		if !strings.HasPrefix(name, word) {
			return payloadError("Additional properties not allowed: "+name, "sink")
		}
	}
	return nil
}
