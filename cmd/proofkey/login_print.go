package main

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// steps prints the flow, numbered. What came from a server is printed without control characters, and tokens are
// shortened unless they were asked for.
type steps struct {
	mu    sync.Mutex
	out   io.Writer
	whole bool
	n     int
	now   func() time.Time
}

func newSteps(out io.Writer, whole bool) *steps {
	return &steps{out: out, whole: whole, now: time.Now}
}

func (s *steps) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format+"\n", args...)
}

func (s *steps) title(text string) {
	s.n++
	s.line("\n%d. %s", s.n, text)
}

func (s *steps) fact(name, value string) { s.line("   %-22s %s", name, printable(value)) }

func (s *steps) note(text string) { s.line("   %s", printable(text)) }

// secret is a token as it may be shown.
func (s *steps) secret(token string) string {
	if s.whole || token == "" {
		return token
	}
	return fmt.Sprintf("%s... (%d characters)", token[:min(6, len(token)/4)], len(token))
}

func (s *steps) tokens(t *oauth2.Token) {
	id, _ := t.Extra("id_token").(string)
	for _, f := range []struct{ name, token string }{
		{"access_token", t.AccessToken}, {"refresh_token", t.RefreshToken}, {"id_token", id},
	} {
		if f.token != "" {
			s.fact(f.name, s.secret(f.token))
		}
	}
	s.fact("token_type", t.TokenType)
	s.fact("expires_in", fmt.Sprintf("%d (%s)", t.ExpiresIn, time.Duration(t.ExpiresIn)*time.Second))
	if scope, ok := t.Extra("scope").(string); ok {
		s.fact("scope", scope)
	}
}

// meanings explains claims in the order in which they are shown (OpenID Connect Core sections 2 and 5.1, RFC 9068).
var meanings = [...]struct{ claim, meaning string }{
	{"iss", "who issued the token"},
	{"sub", "the user, for ever"},
	{"aud", "whom the token is for"},
	{"azp", "the application that got the token"},
	{"client_id", "the application that got the token"},
	{"exp", "not to be accepted after"},
	{"iat", "issued at"},
	{"nbf", "not to be accepted before"},
	{"auth_time", "when the user last proved who they are"},
	{"nonce", "ties the token to this sign-in"},
	{"at_hash", "ties the token to the access token"},
	{"sid", "the browser session"},
	{"acr", "how strongly the user was authenticated"},
	{"amr", "by which methods"},
	{"jti", "the token's own id"},
	{"gty", "how the token was obtained"},
	{"scope", "what the token may be used for"},
	{"permissions", "what the user may do at this API"},
	{"org_id", "the organization the user signed in to"},
	{"name", "full name"},
	{"nickname", "what the user likes to be called"},
	{"given_name", "first name"},
	{"family_name", "last name"},
	{"picture", "profile picture"},
	{"email", "e-mail address"},
	{"email_verified", "whether the address was proven"},
	{"updated_at", "when the profile last changed"},
}

func (s *steps) claims(raw json.RawMessage) {
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &values); err != nil {
		s.note(string(raw))
		return
	}
	for _, m := range meanings {
		if v, ok := values[m.claim]; ok {
			s.line("     %-15s %s  -- %s%s", m.claim, printable(compact(v)), m.meaning, s.moment(m.claim, v))
			delete(values, m.claim)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s.line("     %-15s %s", printable(name), printable(compact(values[name])))
	}
}

// moment reads out a claim that is a time.
func (s *steps) moment(claim string, value json.RawMessage) string {
	switch claim {
	case "exp", "iat", "nbf", "auth_time":
	default:
		return ""
	}
	var seconds float64
	if json.Unmarshal(value, &seconds) != nil {
		return ""
	}
	at := time.Unix(int64(seconds), 0)
	distance := at.Sub(s.now()).Round(time.Second)
	if distance < 0 {
		return fmt.Sprintf(": %s (%s ago)", at.UTC().Format(time.RFC3339), -distance)
	}
	return fmt.Sprintf(": %s (in %s)", at.UTC().Format(time.RFC3339), distance)
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

func payloadOf(token string) (json.RawMessage, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return payload, err == nil && json.Valid(payload)
}

// headerOf describes the key of a JWT: "RS256, key abc".
func headerOf(token string) string {
	var h struct{ Alg, Kid string }
	first, _, _ := strings.Cut(token, ".")
	data, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || json.Unmarshal(data, &h) != nil {
		return "unknown header"
	}
	return h.Alg + ", key " + h.Kid
}

// printable keeps a server from moving the cursor of the terminal, and bounds what it can print.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, text)
}

// explained turns an error of the flow into one line: what the server said, and what to look at.
func explained(err error) error {
	if refused, ok := errors.AsType[*authorizationError](err); ok {
		return hinted("authorization endpoint", refused.code, refused.description, "")
	}
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode != "" {
		return hinted("token endpoint", refused.ErrorCode, refused.ErrorDescription, fmt.Sprintf(" (HTTP %d)", refused.Response.StatusCode))
	}
	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return fmt.Errorf("discovery: the server calls itself %q, not %q. Hint: give --issuer as the server has it",
			mismatch.Discovered, mismatch.Provided)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w. Hint: --ca-file names the certificate authority of a development server", err)
	}
	text := printable(err.Error())
	if len(text) > 600 {
		text = strings.ToValidUTF8(text[:600], "") + "..."
	}
	return errors.New(text)
}

func hinted(where, code, description, status string) error {
	text := where + ": " + printable(code)
	if description != "" {
		text += ": " + printable(description)
	}
	text += status
	if hint := hintFor(code); hint != "" {
		text += ". Hint: " + hint
	}
	return errors.New(text)
}

func hintFor(code string) string {
	switch code {
	case "access_denied":
		return "the user or a rule of the server said no; with --audience, the API must exist and the user may use it"
	case "invalid_client":
		return "is --client-id an application of this issuer?"
	case "invalid_grant":
		return "codes are good once and for a short time, and only with their own verifier and redirect URI"
	case "invalid_request":
		return "is --redirect-uri among the application's allowed callbacks?"
	case "invalid_scope":
		return "ask for less with --scope"
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		return "--prompt none works only for a browser that is signed in and has consented"
	case "unauthorized_client":
		return "the application must be of type Native, or be allowed this grant"
	case "server_error", "temporarily_unavailable":
		return "the log of the server has the reason"
	}
	return ""
}
