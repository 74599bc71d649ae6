package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/proofkey/proofkey/web/problem"
)

// JSON answers with v. A Content-Type or Cache-Control that the handler has set stays.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// The header is out: a client that left is no longer an error of ours.
	_, _ = w.Write(body)
	return nil
}

// NoStore forbids every cache to keep the answer (RFC 6749 section 5.1).
func NoStore(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
}

// RenderOAuth writes an error as RFC 6749 section 5.2 has it.
func RenderOAuth(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	h := w.Header()
	NoStore(h)
	h.Set("Content-Type", "application/json")
	ErrorHeaders(h, e)
	status := e.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	body := struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{e.Code, e.Public(MetaOf(r.Context()).ID)}
	// Two strings always encode.
	_ = JSON(w, status, body)
}

// ErrorHeaders sets the headers that an error carries whatever language its text is in.
func ErrorHeaders(h http.Header, e *problem.Error) {
	if e.Challenge != "" {
		h.Set("WWW-Authenticate", e.Challenge)
	}
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		h.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
}
