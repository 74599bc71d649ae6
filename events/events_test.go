package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func all(t *testing.T, db *store.DB) []store.Event {
	t.Helper()
	list, err := db.Events(t.Context(), store.EventFilter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnEventDescribesItsRequest(t *testing.T) {
	m := &web.Meta{ID: "tx_1", Host: "login.example.com", IP: "192.0.2.1", UserAgent: "agent", ClientID: "app", UserID: "auth0|1", Auth0Client: `{"name":"x"}`}
	e := events.Of(web.WithMeta(t.Context(), m), events.LoginWrongPassword)
	want := store.Event{ID: e.ID, Date: e.Date, Type: "fp", Description: "Failed Login (Incorrect Password)", TransactionID: "tx_1",
		ClientID: "app", UserID: "auth0|1", IP: "192.0.2.1", UserAgent: "agent", Hostname: "login.example.com", Auth0Client: `{"name":"x"}`}
	if fmt.Sprint(e) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", e, want)
	}
	if m.Event != "fp" {
		t.Errorf("the log line of the request would name the event %q, want fp", m.Event)
	}
	if time.Since(e.Date) > time.Minute || e.ID == "" {
		t.Errorf("id %q, date %v", e.ID, e.Date)
	}
}

// The codes that an authentication produces, as spec 34.1 lists them.
const codes = `s fp fu f ss fs ssa fsa seacft feacft sertft fertft ferrt seccft feccft sepft fepft seotpft seoobft sercft sepkotpft
	sepkoobft sepkrcft feotpft feoobft fercft fepotpft sede fede fdeaz fdeac fdecc sens fens secte
	success_on_behalf_of_token_exchange seta idjag_exchange_succeeded ciba_start_succeeded ciba_exchange_succeeded fecte
	failed_on_behalf_of_token_exchange feta idjag_exchange_failed ciba_start_failed ciba_exchange_failed srrt fpar slo flo
	federated_logout_failed cls cs fn scoa fcoa fco scpr scp fcpr fcp svr sv fvr fv limit_wc limit_mu limit_sul ublkdu pwd_leak
	signup_pwd_leak reset_pwd_leak gd_start_auth gd_auth_succeed gd_send_sms gd_enrollment_complete mfar gd_auth_failed
	gd_auth_rejected gd_otp_rate_limit_exceed gd_recovery_failed api_limit api_limit_warning depnote passkey_challenge_started
	my_account_authentication_method_succeeded passkey_challenge_failed my_account_authentication_method_failed
	oidc_backchannel_logout_succeeded oidc_backchannel_logout_failed`

func TestTheCatalogueHasEveryCode(t *testing.T) {
	for code := range strings.FieldsSeq(codes) {
		if events.Describe(code) == "" {
			t.Errorf("%s has no description", code)
		}
	}
	if got := events.Describe("nothing"); got != "" {
		t.Errorf("an unknown code is described as %q", got)
	}
}

func TestCloseWritesWhatWasAccepted(t *testing.T) {
	db := open(t)
	l := events.New(db, slog.New(slog.DiscardHandler))
	for i := range 1000 {
		e := events.Of(t.Context(), events.LoginUnknownUser)
		e.Details = map[string]any{"n": i}
		l.Record(t.Context(), e)
	}
	l.Close()
	l.Close()
	if got := len(all(t, db)); got != 1000 || l.Dropped() != 0 {
		t.Errorf("%d events are written and %d were dropped, want 1000 and 0", got, l.Dropped())
	}
	l.Record(t.Context(), events.Of(t.Context(), events.LoginFailed))
	if l.Dropped() != 1 {
		t.Errorf("after Close %d events count as dropped, want 1", l.Dropped())
	}
}

func TestAFloodIsDroppedAndSaidOnce(t *testing.T) {
	db := open(t)
	var text bytes.Buffer
	l := events.New(db, slog.New(slog.NewTextHandler(&text, nil)))
	stop, held := make(chan struct{}), make(chan error)
	started := make(chan struct{})
	if os.Getenv("PROOFKEY_TEST_POSTGRES") == "" { // hold the one writer
		go func() {
			held <- db.Write(context.Background(), func(*store.Tx) error { close(started); <-stop; return nil })
		}()
		<-started
	} else {
		close(held)
	}
	const flood = 20000
	begun := time.Now()
	for range flood {
		l.Record(t.Context(), store.Event{Type: events.LoginUnknownUser})
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("recording %d events took %v: it waits", flood, took)
	}
	close(stop)
	<-held
	l.Close()
	written := int64(len(all(t, db)))
	if written+l.Dropped() != flood {
		t.Errorf("%d written and %d dropped are not the %d recorded", written, l.Dropped(), flood)
	}
	if os.Getenv("PROOFKEY_TEST_POSTGRES") == "" && l.Dropped() < flood-4096-2*256 {
		t.Errorf("only %d of %d were dropped while nothing could be written", l.Dropped(), flood)
	}
	if lines := strings.Count(text.String(), "\n"); l.Dropped() > 0 && (lines < 1 || lines > 10) {
		t.Errorf("%d drops made %d lines, want about one a second", l.Dropped(), lines)
	}
}

// Secrets that must not come out of the log, whatever way they went in.
var canaries = map[string]string{
	"password":      "canary-Passw0rd",
	"client secret": strings.Repeat("Canary9_", 8),
	"access token":  "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ",
	"opaque token":  "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..Y2FuYXJ5LWl2.Y2FuYXJ5.Y2FuYXJ5",
	"refresh token": "v1." + strings.Repeat("canary-", 12),
	"code":          strings.Repeat("canarycode", 20),
	"basic":         "Basic Y2xpZW50OmNhbmFyeS1zZWNyZXQ=",
	"bcrypt":        "$2b$10$canarycanarycanarycanarycanarycanarycanarycanarycanary",
	"argon2":        "$argon2id$v=19$m=19456,t=2,p=1$Y2FuYXJ5c2FsdA$Y2FuYXJ5dGFnY2FuYXJ5dGFnY2FuYXJ5",
}

func TestNoSecretIsKept(t *testing.T) {
	db := open(t)
	l := events.New(db, slog.New(slog.DiscardHandler))
	record := func(details map[string]any, change func(*store.Event)) {
		e := events.Of(t.Context(), events.LoginFailed)
		e.Details = details
		if change != nil {
			change(&e)
		}
		l.Record(t.Context(), e)
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			e.ID = store.NewEventID(time.Now())
			return tx.AddEvent(t.Context(), e)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for name, secret := range canaries {
		record(map[string]any{"uri": "https://app.example.com/cb?code=" + url.QueryEscape(secret) + "&state=" + url.QueryEscape(secret) + "#access_token=" + url.QueryEscape(secret)}, nil)
		for _, key := range []string{"password", "client_secret", "code", "code_verifier", "Authorization", "refresh_token", "access_token", "id_token_hint", "state"} {
			record(map[string]any{key: secret, "nested": map[string]any{key: secret, "list": []any{map[string]any{key: secret}}}, "typed": map[string]string{key: secret}}, nil)
		}
		if name == "password" { // nothing about a password in a sentence gives it away
			continue
		}
		record(map[string]any{"reason": "it said " + secret + " to us", "list": []string{secret}}, nil)
		record(nil, func(e *store.Event) { e.UserName, e.Audience, e.Scope, e.ClientName = secret, secret, secret, secret })
	}
	l.Close()
	for _, e := range all(t, db) {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if low := strings.ToLower(string(text)); strings.Contains(low, "canary") || strings.Contains(low, "y2fuyxj5") || strings.Contains(low, "y2xpzw50") {
			t.Errorf("a secret is in the log: %s", text)
		}
	}
}

func TestDetailsAreBoundedAndKeepWhatIsPublic(t *testing.T) {
	db := open(t)
	deep := map[string]any{}
	for at, i := deep, 0; i < 10; i++ {
		next := map[string]any{}
		at["deeper"] = next
		at = next
	}
	many := map[string]any{}
	for i := range 1000 {
		many[fmt.Sprint(i)] = i
	}
	e := events.Of(t.Context(), events.LogoutSucceeded)
	e.UserName, e.UserAgent = "a\x00b\xff", strings.Repeat("é", 1000)
	e.Details = map[string]any{
		"long": strings.Repeat("word ", 1000), "deep": deep, "many": many, "channel": make(chan int),
		"return_to":  "https://app.example.com/signed-out/with/a/path/that/is/rather/long/but/no/secret/at/all/you/see?lang=en",
		"error":      map[string]any{"code": "invalid_grant", "message": "Wrong email or password."},
		"session_id": "Zm9yLXRlc3RzLW9ubHktc2Vzc2lvbi1p", "access_token_jti": "0123456789abcdef0123456789abcdef", "count": int64(3),
	}
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.AddEvent(t.Context(), e) }); err != nil {
		t.Fatal(err)
	}
	got := all(t, db)[0]
	text, err := json.Marshal(got)
	if err != nil || len(text) > 8000 {
		t.Errorf("%d bytes, %v; want a bounded record", len(text), err)
	}
	if got.UserName != "ab?" || got.UserAgent != strings.Repeat("é", 256) {
		t.Errorf("texts came back as %q and %d bytes", got.UserName, len(got.UserAgent))
	}
	for name, want := range map[string]any{
		"return_to":  "https://app.example.com/signed-out/with/a/path/that/is/rather/long/but/no/secret/at/all/you/see?lang=en",
		"error":      map[string]any{"code": "invalid_grant", "message": "Wrong email or password."},
		"session_id": "Zm9yLXRlc3RzLW9ubHktc2Vzc2lvbi1p", "access_token_jti": "0123456789abcdef0123456789abcdef", "count": 3.0, "channel": "***",
	} {
		if fmt.Sprint(got.Details[name]) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", name, got.Details[name], want)
		}
	}
	if e.Details["long"] != strings.Repeat("word ", 1000) {
		t.Error("the caller's details were changed")
	}
}

func BenchmarkOf(b *testing.B) {
	ctx := web.WithMeta(b.Context(), &web.Meta{ID: "tx_1", IP: "192.0.2.1"})
	for b.Loop() {
		events.Of(ctx, events.CodeExchanged)
	}
}
