package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/events/explain"
	"github.com/proofkey/proofkey/store"
)

func TestWhy(t *testing.T) {
	a := newAdminTest(t)
	db := a.open()
	event := store.Event{
		ID: store.NewEventID(time.Now()), Date: time.Now(), Type: events.LoginFailed, TransactionID: "tx_1",
		Details: map[string]any{"error": "invalid_request", "error_description": "Unknown client: \x1b[31mabc"},
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.AddEvent(t.Context(), event) }); err != nil {
		t.Fatal(err)
	}
	why := func(args ...string) (int, string, string) {
		var out, errs strings.Builder
		code := run(t.Context(), append([]string{"why", "--config", a.config}, args...), nil, &out, &errs)
		return code, out.String(), errs.String()
	}
	code, out, errs := why("tx_1")
	if code != 0 || errs != "" || !strings.Contains(out, "mend   Copy the Client ID") || !strings.Contains(out, "NO  the application exists") || strings.Contains(out, "\x1b") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	var x explain.Explanation
	if code, out, _ := why("--json", event.ID); code != 0 || json.Unmarshal([]byte(out), &x) != nil || x.Findings[0].Rule != "unknown_client" {
		t.Errorf("%d %s", code, out)
	}
	if code, _, errs := why("tx_2"); code != 1 || !strings.Contains(errs, "nothing under tx_2") {
		t.Errorf("%d %q", code, errs)
	}
	if code, _, errs := why(); code != 2 || !strings.Contains(errs, "one ID is needed") {
		t.Errorf("%d %q", code, errs)
	}
}
