// Package web is the HTTP kit that every room with routes stands on.
//
// Its invariants:
//
//   - A request has one [Meta], from which its one log line is written. The line has the path, never the query, and no
//     header but the user agent: codes, tokens and states travel in the others.
//   - Handlers return errors; [Handle] renders each once and nothing is added to an answer that has begun.
//   - Neither scheme nor host is ever taken from forwarded headers, and the client's address only from listed proxies.
//   - URL and body are bounded before a handler sees them. Slow clients are the http.Server's part.
package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	maxAgent     = 512
	maxHost      = 255
	maxPath      = 512
	maxTelemetry = 1 << 10
)

// Meta is what one request is about. Handlers fill in what they learn; it belongs to the request's goroutine.
type Meta struct {
	// ID is on the answer, the log line, the event and in what the user sees. A handler that opens a transaction or a code
	// replaces it by the transaction's.
	ID string
	// Host is the Host header, clipped; it names what was asked for and decides nothing.
	Host string
	// IP is the client's address behind listed proxies.
	IP string
	// UserAgent is clipped, valid UTF-8.
	UserAgent string
	// CorrelationID is the application's own id of the request, or empty. It is on the event.
	CorrelationID string
	// Auth0Client is the SDK's telemetry as a JSON object, or empty.
	Auth0Client string

	ClientID, UserID, Event string

	Status int
	Err    error
}

type metaKey struct{}

// MetaOf returns the request's Meta, or an empty one outside of a request.
func MetaOf(ctx context.Context) *Meta {
	if m, ok := ctx.Value(metaKey{}).(*Meta); ok {
		return m
	}
	return &Meta{}
}

// WithMeta returns a context that carries m.
func WithMeta(ctx context.Context, m *Meta) context.Context {
	return context.WithValue(ctx, metaKey{}, m)
}

// NewID makes a transaction id with 128 bits of randomness or more.
func NewID() string { return "tx_" + rand.Text() }

func (k *Kit) meta(r *http.Request) *Meta {
	return &Meta{
		ID:            NewID(),
		Host:          Clip(r.Host, maxHost),
		IP:            k.clientIP(r),
		UserAgent:     Clip(r.UserAgent(), maxAgent),
		CorrelationID: Correlation(r.Header.Get("X-Correlation-ID")),
		Auth0Client:   telemetry(r),
	}
}

// Correlation is the id that an application sent for its request, or empty where it is none: 1 to 64 letters, digits and
// -_.*~@+/: (spec section 2.1).
func Correlation(sent string) string {
	if len(sent) > 64 || strings.IndexFunc(sent, func(c rune) bool {
		return (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.*~@+/:", c)
	}) >= 0 {
		return ""
	}
	return sent
}

// Clip returns at most max bytes of s as valid UTF-8.
func Clip(s string, max int) string {
	if len(s) > max {
		end := max
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "?")
}

// telemetry reads what SDKs say of themselves: the header Auth0-Client or, on navigations, the parameter auth0Client.
// Whatever is wrong with it, the request goes on without.
func telemetry(r *http.Request) string {
	encoded := r.Header.Get("Auth0-Client")
	if encoded == "" {
		encoded = rawParam(r.URL.RawQuery, "auth0Client")
	}
	// A base64 character holds six bits; the slack is for padding.
	if encoded == "" || len(encoded) > maxTelemetry*4/3+4 {
		return ""
	}
	encoded = strings.TrimRight(encoded, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(encoded, "-_") {
		encoding = base64.RawURLEncoding
	}
	decoded, err := encoding.DecodeString(encoded)
	if err != nil || len(decoded) == 0 || len(decoded) > maxTelemetry || decoded[0] != '{' {
		return ""
	}
	if !utf8.Valid(decoded) || !json.Valid(decoded) {
		return ""
	}
	return string(decoded)
}

// rawParam finds one parameter without parsing the others. PathUnescape leaves a + as it is, and base64 means a plus by it.
func rawParam(query, name string) string {
	for query != "" {
		var segment string
		segment, query, _ = strings.Cut(query, "&")
		if len(segment) <= len(name) || segment[len(name)] != '=' || segment[:len(name)] != name {
			continue
		}
		value, err := url.PathUnescape(segment[len(name)+1:])
		if err != nil {
			return ""
		}
		return value
	}
	return ""
}
