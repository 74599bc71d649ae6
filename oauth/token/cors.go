package token

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// shared is what the answers of all endpoints here have in common: no cache keeps them, and a page of a known origin may
// read them, refusals included. Credentials are never allowed: no cookie counts here.
func (e *Endpoint) shared(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		web.NoStore(w.Header())
		if _, err := e.readableFrom(w, r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// readableFrom lets the page that sent the request read the answer, provided any application lists its origin.
func (e *Endpoint) readableFrom(w http.ResponseWriter, r *http.Request) (bool, error) {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	// "null" is every sandboxed page there is.
	if origin == "" || origin == "null" {
		return false, nil
	}
	known, err := e.DB.KnownOrigin(r.Context(), origin, func(pattern, origin string) bool {
		return oauth.MatchOrigin([]string{pattern}, origin)
	})
	if err != nil || !known {
		return false, err
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "DPoP-Nonce, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id")
	return true, nil
}

// preflight answers the question a browser asks first; the single-page SDK's header Auth0-Client makes it ask each time.
func (e *Endpoint) preflight(methods string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		known, err := e.readableFrom(w, r)
		if err != nil {
			return err
		}
		if !known {
			// Browsers stop here, so the exchange that would name the application never comes.
			refused := originRefused(r.Header.Get("Origin"))
			e.Events.Record(r.Context(), failure(r.Context(), events.CrossOriginRefused, store.Client{}, refused))
			return refused
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "auth0-client, content-type, dpop, authorization")
		h.Set("Access-Control-Max-Age", "7200")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// checkOrigin refuses a page of an origin that this application does not list, though another may. An application that
// proved itself is no page: a proxy before it may have added the header.
func (e *Endpoint) checkOrigin(r *http.Request, caller clientauth.Caller) error {
	origin := r.Header.Get("Origin")
	if origin == "" || caller.Proven || origin == strings.TrimSuffix(e.Issuer, "/") {
		return nil
	}
	s := caller.Client.Settings
	for _, list := range [][]string{s.AllowedOrigins, s.WebOrigins, s.Callbacks} {
		// Containment is for web views, whose origins (capacitor://localhost) are no URLs of the web.
		if oauth.MatchOrigin(list, origin) || slices.Contains(list, origin) {
			return nil
		}
	}
	return originRefused(origin)
}

// codeOrigin marks the one refusal that is plain text on the wire (spec section 18).
const codeOrigin = "origin_not_allowed"

func originRefused(origin string) *problem.Error {
	return problem.New(http.StatusForbidden, codeOrigin, fmt.Sprintf("Origin %s is not allowed.", web.Clip(origin, 256)))
}

// render writes a refusal as OAuth has it, except that of an origin.
func render(w http.ResponseWriter, r *http.Request, p *problem.Error) {
	if p.Code != codeOrigin {
		web.RenderOAuth(w, r, p)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(p.Status)
	_, _ = io.WriteString(w, p.Message) // the reader may have gone
}
