package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/proofkey/proofkey/web/problem"
)

const maxFirstRead = 32 << 10

// HandlerFunc answers a request or returns why it did not; in that case it has written nothing.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Renderer writes a refusal in the language of its readers: OAuth JSON, Management JSON, HTML.
type Renderer func(w http.ResponseWriter, r *http.Request, e *problem.Error)

// Handle calls h, notes its error for the log and renders it.
func Handle(render Renderer, h HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		MetaOf(r.Context()).Err = err
		gone := errors.Is(err, context.Canceled) && r.Context().Err() != nil
		if gone || begun(w) {
			return
		}
		render(w, r, problem.From(err))
	})
}

// ReadBody reads the whole body, which [Kit.Wrap] has bounded.
func ReadBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 || r.Body == nil {
		return nil, nil
	}
	// One byte more than declared lets the reader see the end. A declaration costs its sender nothing, so it is worth
	// only a small allocation.
	size := min(r.ContentLength, maxFirstRead) + 1
	if r.ContentLength < 0 {
		size = 512
	}
	body := make([]byte, 0, size)
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, bodyError(err)
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

func bodyError(err error) error {
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLong(tooLong.Limit)
	}
	return problem.Explain(http.StatusBadRequest, "invalid_request", "The body of the request could not be read to its end.").
		Because(fmt.Errorf("read body: %w", err))
}

func bodyTooLong(limit int64) *problem.Error {
	return problem.Explain(http.StatusRequestEntityTooLarge, "invalid_request",
		fmt.Sprintf("The body of the request is longer than the %d bytes that are accepted.", limit))
}
