package api

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// Words of errorCode.
const (
	invalidBody       = "invalid_body"
	invalidQuery      = "invalid_query_string"
	invalidPath       = "invalid_uri"
	insufficientScope = "insufficient_scope"
)

// refusal is the body of every refusal.
type refusal struct {
	StatusCode int               `json:"statusCode"`
	Error      string            `json:"error"`
	Message    string            `json:"message"`
	Attributes map[string]string `json:"attributes,omitempty"`
	ErrorCode  string            `json:"errorCode,omitempty"`
}

// Render writes an error in the shape of the Management API.
func Render(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	web.ErrorHeaders(w.Header(), e)
	status := e.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	body := refusal{StatusCode: status, Error: http.StatusText(status), Message: e.Public(web.MetaOf(r.Context()).ID), ErrorCode: e.Code}
	if status == http.StatusUnauthorized && e.Challenge != "" {
		body.Attributes = map[string]string{"error": e.Message}
	}
	// Such a body always encodes.
	_ = web.JSON(w, status, body)
}

func notFound(code, message string) *problem.Error {
	return problem.New(http.StatusNotFound, code, message)
}

func conflict(message string) *problem.Error { return problem.New(http.StatusConflict, "", message) }

// badBody is a rule of business that a body breaks.
func badBody(format string, args ...any) *problem.Error {
	e := problem.New(http.StatusBadRequest, invalidBody, fmt.Sprintf(format, args...))
	e.Unsaid = quoted.ReplaceAllLiteralString(e.Message, `"…"`)
	return e
}

// quoted are the texts that %q has put into a sentence: what was sent is quoted by it, here and in management.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// payloadError, queryError and pathError have the service's own form; at is empty for the whole.
func payloadError(what, at string) *problem.Error {
	return problem.New(http.StatusBadRequest, invalidBody, "Payload validation error: "+complaint(what, at))
}

// sentError is a payloadError that says again what was sent.
func sentError(what, sent, at string) *problem.Error {
	e := payloadError(what+cut(sent, 200), at)
	e.Unsaid = payloadError(what+"…", at).Message
	return e
}

func queryError(what, at string) *problem.Error {
	return problem.New(http.StatusBadRequest, invalidQuery, "Query validation error: "+complaint(what, at))
}

func pathError(what, at string) *problem.Error {
	return problem.New(http.StatusBadRequest, invalidPath, "Path validation error: "+complaint(what, at))
}

// pathRefusal is a rule of business that an id breaks.
func pathRefusal(message string) *problem.Error {
	return problem.New(http.StatusBadRequest, invalidPath, message)
}

func complaint(what, at string) string {
	if at == "" {
		return "'" + what + "'."
	}
	return "'" + what + "' on property " + at + "."
}

// gone lets what is deleted already be deleted again, on the endpoints where the service does.
func gone(err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Status == http.StatusNotFound {
		return nil
	}
	return err
}
