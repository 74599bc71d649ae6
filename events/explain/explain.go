// Package explain says in words why a sign-in or an exchange ended as it did: what was checked, what was decided, and for a
// failure the cause, the mend and the setting that changes it.
//
// It reads what everybody may read of the log and nothing else: the events of one transaction and, to show a difference,
// the rows as they are now. It never sees a secret, because events hold none. The shell (proofkey why) and the Dashboard
// show the same explanation.
package explain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// Explanation is the decision path of one transaction.
type Explanation struct {
	ID            string    `json:"id"` // that was asked for
	TransactionID string    `json:"transaction_id"`
	Succeeded     bool      `json:"succeeded"`
	Summary       string    `json:"summary"` // one sentence
	Findings      []Finding `json:"findings"`
	Steps         []Step    `json:"steps"`
}

// Finding is something that an administrator can mend.
type Finding struct {
	Rule    string   `json:"rule"` // its name, which never changes
	Cause   string   `json:"cause"`
	Mend    string   `json:"mend"`
	Setting *Setting `json:"setting,omitempty"`
}

// Setting is where the mend is made: a property of an entity of the Management API.
type Setting struct {
	Resource string `json:"resource"` // as in its path: clients, resource-servers, users, connections, tenants
	ID       string `json:"id,omitempty"`
	Field    string `json:"field"`
}

// Step is one outcome on the way.
type Step struct {
	EventID  string    `json:"log_id"`
	Date     time.Time `json:"date"`
	Type     string    `json:"type"`
	Title    string    `json:"title"`
	Failed   bool      `json:"failed"`
	Checks   []Check   `json:"checks"`
	Decision string    `json:"decision"`
}

// Check is one rule that was asked, in the order in which the server asks.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
}

// most bounds the events of one transaction that are told; a transaction of an honest person has a handful.
const most = 200

// Explain finds the transaction that an id names: the id of an event, of a transaction or a correlation id.
// store.ErrNotFound: no event bears it.
func Explain(ctx context.Context, q store.Queries, id string) (Explanation, error) {
	out := Explanation{ID: id, TransactionID: id, Findings: []Finding{}}
	first, err := q.EventByID(ctx, id)
	switch {
	case err == nil:
		out.TransactionID = first.TransactionID
	case !errors.Is(err, store.ErrNotFound):
		return out, err
	}
	var all []store.Event
	if out.TransactionID != "" {
		all, err = q.Events(ctx, store.EventFilter{TransactionID: out.TransactionID, Limit: most})
	}
	if err == nil && len(all) == 0 {
		all, err = q.Events(ctx, store.EventFilter{CorrelationID: id, Limit: most})
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	if len(all) == 0 && first.ID == "" {
		return out, store.ErrNotFound
	}
	if len(all) == 0 {
		all = []store.Event{first}
	}
	slices.Reverse(all)
	out.TransactionID = all[len(all)-1].TransactionID
	return out, out.tell(ctx, q, all)
}

// tell fills in the steps and, from the last of them, the summary.
func (x *Explanation) tell(ctx context.Context, q store.Queries, all []store.Event) error {
	for i, e := range all {
		s, err := readScene(ctx, q, e)
		if err != nil {
			return err
		}
		step, found := s.step()
		x.Steps = append(x.Steps, step)
		last := i == len(all)-1
		if step.Failed && last {
			x.Summary = step.Decision
		}
		if found != nil && (last || !slices.ContainsFunc(x.Findings, func(f Finding) bool { return f.Rule == found.Rule })) {
			x.Findings = append(x.Findings, *found)
		}
		x.Succeeded = !step.Failed
	}
	// What ended the transaction is told first.
	slices.Reverse(x.Findings)
	if x.Succeeded {
		x.Summary = x.Steps[len(x.Steps)-1].Decision
	}
	return nil
}

// scene is an event with the rows that it names, as they are now.
type scene struct {
	event                 store.Event
	code, message, reason string
	client                store.Client
	api                   store.API
	user                  store.User
	tenant                store.TenantSettings
}

func readScene(ctx context.Context, q store.Queries, e store.Event) (*scene, error) {
	s := &scene{event: e}
	s.code, s.message, s.reason = events.Failure(e)
	t, err := q.Tenant(ctx)
	s.tenant = t.Settings
	for _, read := range []struct {
		key  string
		into func() error
	}{
		{e.ClientID, func() (err error) { s.client, err = q.Client(ctx, e.ClientID); return err }},
		{e.UserID, func() (err error) { s.user, err = q.User(ctx, e.UserID); return err }},
		{e.Audience, func() (err error) { s.api, err = q.API(ctx, e.Audience); return err }},
	} {
		if err != nil {
			return nil, err
		}
		if read.key == "" {
			continue
		}
		if err = read.into(); errors.Is(err, store.ErrNotFound) { // it may be gone since
			err = nil
		}
	}
	return s, err
}

// step tells the event; the finding is nil where there is nothing to mend.
func (s *scene) step() (Step, *Finding) {
	e := s.event
	out := Step{EventID: e.ID, Date: e.Date, Type: e.Type, Title: events.Describe(e.Type), Checks: []Check{}}
	if out.Title == "" {
		out.Title = e.Description
	}
	for i := range rules {
		r := &rules[i]
		if !r.names(s) {
			continue
		}
		f := s.finding(r)
		out.Failed, out.Decision = !r.succeeds, f.Cause
		out.Checks = checksOf(r.list(s), r.check)
		if r.succeeds {
			out.Checks, out.Decision = checksOf(passedBy(e.Type), ""), s.decided()
		}
		return out, &f
	}
	if s.code != "" || s.message != "" {
		out.Failed, out.Decision = true, s.plain()
		return out, nil
	}
	out.Checks, out.Decision = checksOf(passedBy(e.Type), ""), s.decided()
	return out, nil
}

// plain is a failure that no rule knows.
func (s *scene) plain() string {
	text := "Refused: " + s.message
	if s.reason != "" {
		text += " (" + s.reason + ")"
	}
	return text
}

// checksOf are the checks of a list up to the one that failed; all passed where none did.
func checksOf(list []string, failed string) []Check {
	out := []Check{}
	for _, name := range list {
		out = append(out, Check{name, name != failed})
		if name == failed {
			break
		}
	}
	return out
}

func (s *scene) finding(r *rule) Finding {
	f := Finding{Rule: r.name, Cause: s.fill(r.cause), Mend: s.fill(r.mend)}
	if resource, field, ok := strings.Cut(r.setting, " "); ok {
		f.Setting = &Setting{Resource: resource, Field: field}
		switch resource {
		case "clients":
			f.Setting.ID = s.event.ClientID
		case "resource-servers":
			f.Setting.ID = s.api.ID
		case "users":
			f.Setting.ID = s.event.UserID
		case "connections":
			f.Setting.ID = s.event.Connection
		}
	}
	return f
}

// decided is what a success came to.
func (s *scene) decided() string {
	e := s.event
	switch e.Type {
	case events.LoginSucceeded, events.SilentAuthSucceeded:
		return s.fill("{user} signed in to {client}; the browser was sent to the application's callback with a code for: {scope}.")
	case events.CodeExchanged:
		if _, refreshes := e.Details["familyId"]; refreshes {
			return s.fill("The code was exchanged for tokens, with a refresh token, for: {scope}.")
		}
		return s.fill("The code was exchanged for tokens, without a refresh token, for: {scope}.")
	case events.RefreshExchanged:
		return s.fill("The refresh token was exchanged for new tokens for: {scope}.")
	case events.CredentialsExchanged:
		return s.fill("{client} got an access token for {audience} with: {scope}.")
	}
	if e.Description != "" {
		return e.Description + "."
	}
	return events.Describe(e.Type) + "."
}

// fill puts what the event knows into the places of a sentence.
func (s *scene) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	e := s.event
	client := or(e.ClientName, s.client.Name)
	switch {
	case client != "":
		client = "the application " + client
	case e.ClientID != "":
		client = "the application " + e.ClientID
	default:
		client = "the application"
	}
	api := or(s.api.Name, or(e.Audience, s.after(": ")))
	values := strings.NewReplacer(
		"{client}", client, "{type}", or(s.client.Settings.AppType, "unset"), "{message}", s.message, "{reason}", s.reason,
		"{user}", or(e.UserName, or(s.user.Email, or(e.UserID, "the user"))), "{scope}", or(e.Scope, "no scope"),
		"{audience}", or(e.Audience, "no API"), "{api}", or(api, "the API"), "{ip}", or(e.IP, "an unknown address"),
		"{connection}", or(e.Connection, "the connection"), "{value}", s.after(": "), "{difference}", s.difference(),
		"{origin}", s.origin(), "{offline}", s.offline(), "{types}", strings.Join(s.tenant.PKCETypes(), ", "),
		"{method}", or(s.client.Settings.TokenEndpointAuthMethod, "client_secret_post"),
	)
	filled := values.Replace(text)
	if strings.HasPrefix(filled, "the ") {
		filled = "T" + filled[1:]
	}
	return filled
}

// after is what follows a mark in the message: sentences end in the value that they are about.
func (s *scene) after(mark string) string {
	_, value, _ := strings.Cut(s.message, mark)
	return value
}

// origin is the one that a refusal of CORS names.
func (s *scene) origin() string {
	value, _, _ := strings.Cut(strings.TrimPrefix(s.message, "Origin "), " ")
	return value
}

// offline names the sides that a refresh token waits for; all three must agree.
func (s *scene) offline() string {
	var lacking []string
	if !s.client.Settings.AllowsGrant(oauth.GrantRefreshToken) {
		lacking = append(lacking, "the application lacks the grant type Refresh Token")
	}
	if s.api.ID != "" && !s.api.Settings.AllowOfflineAccess {
		lacking = append(lacking, "the API "+or(s.api.Name, s.api.Identifier)+" does not have Allow Offline Access")
	}
	if len(lacking) == 0 {
		return "the settings allow it now, so they were changed since"
	}
	return strings.Join(lacking, " and ")
}

func or(text, absent string) string {
	if text == "" {
		return absent
	}
	return text
}
