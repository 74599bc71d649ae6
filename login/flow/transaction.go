// Package flow is the interactive transaction: one trip through /authorize until the redirect to the application.
//
// A transaction is not stored. It travels as a sealed blob in the parameter state of each page, so it survives a reload, the
// back button, a second tab and a restart of the server, and any node can continue it. Two things keep that safe. A blob is
// sealed for one named step and opens for no other. And a blob never says who the user is: that is always the browser's
// session cookie, and a step that the user agreed to counts only in the session that was shown the page.
//
// Steps never call each other. Each ends in [Flow.Continue], the only dispatcher, which asks the ordered list of
// requirements (owed.go) what is still owed, and either leads to that page or finishes with a code.
package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/web/problem"
)

// Life is how long a person may take between /authorize and the last page (spec section 27).
const Life = time.Hour

const purpose = "login transaction"

// Transaction is what /authorize was asked, checked, and what the person has answered since.
type Transaction struct {
	ID           string      `json:"i"`
	Issuer       string      `json:"o"`
	StartedAt    int64       `json:"t"` // milliseconds
	ClientID     string      `json:"c"`
	RedirectURI  string      `json:"r"`
	ResponseMode string      `json:"m"`
	State        string      `json:"s,omitempty"`
	Nonce        string      `json:"n,omitempty"`
	Challenge    string      `json:"p,omitempty"`
	Audience     string      `json:"a,omitempty"`
	Scope        oauth.Scope `json:"x,omitempty"`
	Prompt       []string    `json:"q,omitempty"`
	MaxAge       *int64      `json:"g,omitempty"` // seconds
	LoginHint    string      `json:"h,omitempty"`
	UILocales    string      `json:"l,omitempty"`
	ScreenHint   string      `json:"k,omitempty"`
	Connection   string      `json:"d,omitempty"`
	Organization string      `json:"u,omitempty"` // an id; it may be chosen on a page
	Invitation   string      `json:"v,omitempty"` // a ticket, until it is accepted
	// Dropped are scopes that were asked for and cannot be had, for the log.
	Dropped       oauth.Scope `json:"z,omitempty"`
	CorrelationID string      `json:"y,omitempty"` // the application's own

	// SessionID is the session that the current page was shown to; an answer from another session does not count.
	SessionID string `json:"I,omitempty"`
	// LoggedIn, Selected, Consented and Confirmed are the sessions in which those steps were done. They name sessions
	// because a blob can be handed to somebody else: what one person answered must not count for another.
	LoggedIn  string `json:"L,omitempty"`
	Selected  string `json:"A,omitempty"`
	Consented string `json:"C,omitempty"`
	Confirmed string `json:"F,omitempty"`
}

// Asked says whether the application asked for a prompt.
func (t *Transaction) Asked(prompt string) bool { return slices.Contains(t.Prompt, prompt) }

// Silent says whether no page may be shown.
func (t *Transaction) Silent() bool { return t.Asked(oauth.PromptNone) }

// Step is a page that a transaction can owe.
type Step string

// The steps. Signing up is another way through StepLogin, so both pages open the same blob.
const (
	StepLogin   Step = "login"
	StepSelect  Step = "select"
	StepConsent Step = "consent"
	StepConfirm Step = "confirm"
	// Which organization: by name before the login, one of the user's own after it.
	StepOrganization Step = "organization"
	StepPick         Step = "organization-picker"
)

// Seal makes the value of state for a step's page.
func (f *Flow) Seal(t *Transaction, step Step) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a state full of & would grow to six times its size, and all of it travels in a URL
	if err := e.Encode(t); err != nil {
		panic("flow: " + err.Error()) // a struct of texts and numbers
	}
	return f.DB.Box(purpose).SealText(b.Bytes(), string(step))
}

// maxSealed leaves room below the 16 KiB that a URL may have, for the path and for what later steps add.
const maxSealed = 15 << 10

// Fits says whether the transaction can travel in a URL.
func (f *Flow) Fits(t *Transaction) bool { return len(f.Seal(t, StepLogin)) <= maxSealed }

// URL is the address of a page of the transaction.
func (f *Flow) URL(t *Transaction, step Step, path string) string {
	return path + "?state=" + url.QueryEscape(f.Seal(t, step))
}

var (
	errLost    = problem.Explain(http.StatusBadRequest, "invalid_request", "This page does not belong to a sign-in that is under way. Start again from the application.").OnPage()
	errExpired = problem.Explain(http.StatusBadRequest, "invalid_request", "This sign-in took too long and has expired. Start again from the application.").OnPage()
)

// Open reads the blob of a step. The error is for a page. A transaction that has expired comes with its error, to say
// whose it was.
func (f *Flow) Open(sealed string, step Step) (*Transaction, error) {
	b, err := f.DB.Box(purpose).OpenText(sealed, string(step))
	if err != nil {
		return nil, errLost.Because(err)
	}
	t := new(Transaction)
	if err := json.Unmarshal(b, t); err != nil {
		return nil, errLost.Because(err)
	}
	if t.Issuer != f.Issuer {
		return nil, errLost.Because(errors.New("the transaction was begun at " + t.Issuer))
	}
	age := f.DB.Now().Sub(time.UnixMilli(t.StartedAt))
	if age > Life {
		return t, errExpired.Because(errors.New("begun " + age.Round(time.Second).String() + " ago"))
	}
	return t, nil
}

// IsExpired says whether an error of Open means that the person was too slow, or lost the page, rather than a fault.
func IsExpired(err error) bool {
	e := problem.From(err)
	return e.Message == errLost.Message || e.Message == errExpired.Message
}
