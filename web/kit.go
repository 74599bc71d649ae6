package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"time"

	"github.com/proofkey/proofkey/web/problem"
)

const (
	defaultMaxBody = 1 << 20
	defaultMaxURL  = 16 << 10

	// statusGone is logged when the client left before an answer; nothing is sent.
	statusGone = 499
)

// Kit wraps the whole of a listener's routes. The zero value works, without a log.
type Kit struct {
	Log *slog.Logger
	// Proxies are believed when they say by X-Forwarded-For whom they speak for.
	Proxies []netip.Prefix
	Now     func() time.Time
	// MaxBody and MaxURL are in bytes; zero means 1 MiB and 16 KiB.
	MaxBody int64
	MaxURL  int
	// Bounded are the paths whose handlers bound the body themselves.
	Bounded []string
	// HSTS says for which hosts answers have Strict-Transport-Security; nil: none. Browsers remember it for a year, so it goes by
	// what was configured, never by how a request came.
	HSTS func(host string) bool
	// Render writes the refusals of the kit itself; nil means [RenderOAuth].
	Render Renderer
}

// Wrap is the outermost handler: it makes the Meta, bounds URL and body, sets the base headers, turns a panic into an
// answer with an id, and writes the log line.
func (k *Kit) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := k.now()
		m := k.meta(r)
		rec := &recorder{ResponseWriter: w, meta: m}
		ctx := WithMeta(r.Context(), m)
		r = r.WithContext(ctx)
		k.baseHeaders(w.Header(), r.Host)
		if len(r.TransferEncoding) > 0 {
			// A length beside the encoding was dropped by net/http, and a proxy may have gone by it: what follows on this
			// connection is not to be believed (RFC 9112 section 6.1).
			w.Header().Set("Connection", "close")
		}
		defer func() {
			panicked := recover()
			abort := k.settle(rec, r, panicked)
			k.logLine(rec, r, start)
			if abort {
				panic(http.ErrAbortHandler)
			}
		}()
		if e := k.bound(w, r); e != nil {
			m.Err = e
			k.render(rec, r, e)
			return
		}
		next.ServeHTTP(rec, r)
	})
}

// bound refuses what is too long by its own account and limits the rest.
func (k *Kit) bound(w http.ResponseWriter, r *http.Request) *problem.Error {
	maxURL, maxBody := k.MaxURL, k.MaxBody
	if maxURL == 0 {
		maxURL = defaultMaxURL
	}
	if maxBody == 0 {
		maxBody = defaultMaxBody
	}
	if len(r.RequestURI) > maxURL {
		return problem.New(http.StatusRequestURITooLong, "invalid_request", "Request-URI Too Large")
	}
	if slices.Contains(k.Bounded, r.URL.Path) {
		return nil
	}
	if r.ContentLength > maxBody {
		w.Header().Set("Connection", "close")
		return bodyTooLong(maxBody)
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	return nil
}

func (k *Kit) baseHeaders(h http.Header, host string) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if k.HSTS != nil && k.HSTS(host) {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// settle gives a panic its answer. It reports whether the connection must be cut, because a handler asked for that
// or because half an answer is out and must not look like a whole one.
func (k *Kit) settle(rec *recorder, r *http.Request, panicked any) (abort bool) {
	if panicked == nil {
		return false
	}
	if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	rec.meta.Err = problem.Internal(fmt.Errorf("panic: %v", panicked))
	rec.stack = string(debug.Stack())
	if rec.status != 0 {
		return true
	}
	k.render(rec, r, problem.From(rec.meta.Err))
	return false
}

func (k *Kit) render(w http.ResponseWriter, r *http.Request, e *problem.Error) {
	if k.Render != nil {
		k.Render(w, r, e)
		return
	}
	RenderOAuth(w, r, e)
}

func (k *Kit) logLine(rec *recorder, r *http.Request, start time.Time) {
	m := rec.meta
	m.Status = rec.status
	switch {
	case m.Status != 0:
	case r.Context().Err() != nil:
		m.Status = statusGone
	default:
		m.Status = http.StatusOK
	}
	if k.Log == nil {
		return
	}
	level := slog.LevelInfo
	if rec.stack != "" || m.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	ctx := context.WithoutCancel(r.Context())
	if !k.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("method", Clip(r.Method, 16)),
		slog.String("path", Clip(r.URL.Path, maxPath)),
		slog.Int("status", m.Status),
		slog.Int64("bytes", rec.bytes),
		slog.Duration("duration", k.now().Sub(start)),
		slog.String("ip", m.IP),
		slog.String("id", m.ID))
	for _, a := range [...]slog.Attr{
		slog.String("client_id", m.ClientID),
		slog.String("user_id", m.UserID),
		slog.String("event", m.Event),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if rec.stack != "" {
		attrs = append(attrs, slog.String("stack", rec.stack))
	}
	if m.Err != nil {
		attrs = append(attrs, slog.String("err", m.Err.Error()))
	}
	k.Log.LogAttrs(ctx, level, "request", attrs...)
}

func (k *Kit) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now()
}

// recorder notes what was answered. http.ResponseController reaches the connection through Unwrap.
type recorder struct {
	http.ResponseWriter
	meta   *Meta
	status int
	bytes  int64
	stack  string // of a panic
}

func (rec *recorder) WriteHeader(status int) {
	// The id is set as late as possible, because a handler may have replaced it. 1xx answers are not the answer.
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
		rec.Header().Set("X-Request-Id", rec.meta.ID)
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.WriteHeader(http.StatusOK)
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}

func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// begun reports whether the answer's header is out, as far as the kit's own recorder is in the chain of writers.
func begun(w http.ResponseWriter) bool {
	for {
		switch v := w.(type) {
		case *recorder:
			return v.status != 0
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
}
