// Package problem is the one error value of the house.
//
// An error has two texts that never mix: Message may be shown to anybody, Cause is for the log and the event.
// Handlers return errors; the renderers (OAuth JSON or redirect, Management JSON, HTML) call [From] and so treat
// every error that is not an *Error as an internal one, whose cause is withheld.
package problem

import (
	"cmp"
	"errors"
	"net/http"
	"time"
)

// Error is a refusal with a public face and a private cause.
type Error struct {
	// Status is the HTTP status of the answer.
	Status int
	// Code is the machine's word: the OAuth error code (RFC 6749 section 5.2) or the Management API's errorCode.
	Code string
	// Message is the public sentence. Sentences that SDKs compare byte for byte leave Traced unset.
	Message string
	// Unsaid is Message without what the caller sent, where Message says that again: it is for the log and events, since
	// what was sent may be a secret in the wrong place.
	Unsaid string
	// Traced marks a sentence of our own, to which renderers append the transaction id.
	Traced bool
	// NoRedirect marks a refusal that must never be sent to a redirect_uri, because that URI was not verified.
	NoRedirect bool
	// Challenge is the WWW-Authenticate header of the answer, if any.
	Challenge string
	// RetryAfter is the Retry-After header of the answer, if positive.
	RetryAfter time.Duration
	// Cause is private: it goes to the log and to the event, never to the client.
	Cause error
}

// New makes an error whose message is fixed by the protocol: no id is appended to it.
func New(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Explain makes an error whose message is our own sentence: what was wrong and what to change.
func Explain(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message, Traced: true}
}

// Internal hides err behind the generic sentence.
func Internal(err error) *Error {
	return &Error{
		Status:  http.StatusInternalServerError,
		Code:    "server_error",
		Message: "An internal error occurred. The log of the server has the reason under this id.",
		Traced:  true,
		Cause:   err,
	}
}

// Because returns a copy of e with a private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// OnPage returns a copy of e that may not be sent to a redirect_uri.
func (e *Error) OnPage() *Error {
	c := *e
	c.NoRedirect = true
	return &c
}

// Public is the message as a client may see it, with the transaction id where the sentence is ours.
func (e *Error) Public(id string) string {
	if e.Traced && id != "" {
		return e.Message + " (" + id + ")"
	}
	return e.Message
}

// Kept is the message as the log and events may have it.
func (e *Error) Kept() string {
	return cmp.Or(e.Unsaid, e.Message)
}

func (e *Error) Error() string {
	s := e.Code + ": " + e.Kept()
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// From returns the *Error in err's chain, or hides err behind [Internal].
func From(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Internal(err)
}
