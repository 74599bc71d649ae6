// Package clientauth settles which application is calling, before anybody looks at what it asks for.
//
// What every caller may rely on:
//
//   - Unknown, disabled and unproven applications get one answer, 401 access_denied Unauthorized (spec section 4.4), and
//     the secret is compared in constant time in each of these cases. The private cause says which it was.
//   - A secret is read from the Authorization header or the body, never from the query (RFC 6749 section 2.3.1).
//   - Auth0's documents let an application be set to client_secret_post or client_secret_basic. Both are taken for either,
//     because widespread clients try Basic first and never learn (spec/clients.md 0.5): the proof is the same secret.
//   - private_key_jwt (RFC 7523) takes no secret: an assertion is of a registered key, for this issuer, within five minutes,
//     and used once.
//   - An application without authentication is never Proven, whatever it sends along.
package clientauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// maxCredential bounds a client_id and a client_secret.
const maxCredential = 1 << 10

const challenge = `Basic realm="oauth"`

// Caller is the application that sent a request.
type Caller struct {
	Client store.Client
	Proven bool // it presented its secret
}

// Authenticator knows the applications of one tenant.
type Authenticator struct {
	DB *store.DB
	// Issuers are the tenant's, any of which an assertion may be for.
	Issuers []string
}

// credentials are what a request presented; each has the spellings under which it may be meant.
type credentials struct {
	ids, secrets []string
	assertion    assertion
	basic        bool // an Authorization header was used, so a refusal must name the scheme (RFC 6749 section 5.2)
}

// Authenticate finds and proves the application that sent the request with the parameters p of its body. It notes the
// application in the request's [web.Meta].
func (a *Authenticator) Authenticate(ctx context.Context, r *http.Request, p oauth.Params) (Caller, error) {
	c, err := read(r, p)
	if err != nil {
		return Caller{}, err
	}
	client, err := a.find(ctx, c.ids)
	if errors.Is(err, store.ErrNotFound) {
		matches(c.secrets, "") // takes the time that a known application would have taken
		return Caller{}, c.refuse("unknown application")
	}
	if err != nil {
		return Caller{}, err
	}
	web.MetaOf(ctx).ClientID = client.ID
	if byKey(client) && c.assertion.token != "" && !client.Settings.Disabled {
		reason, err := a.proveByKey(ctx, client, c.assertion)
		if err != nil {
			return Caller{}, err
		}
		if reason != "" {
			return Caller{}, refuseAssertion(reason)
		}
		return Caller{Client: client, Proven: true}, nil
	}
	proven, reason := prove(client, c.secrets)
	if reason != "" {
		refusal := c.refuse(reason)
		if client.Settings.ComplianceLevel != "" {
			refusal = oauth.Strict(refusal)
		}
		return Caller{}, refusal
	}
	return Caller{Client: client, Proven: proven}, nil
}

// prove says whether the application is proven, or why it may not go on.
func prove(client store.Client, secrets []string) (proven bool, reason string) {
	right := matches(secrets, client.Secret)
	method := client.Settings.TokenEndpointAuthMethod
	switch {
	case client.Settings.Disabled:
		return false, "the application is disabled"
	case method == oauth.AuthNone:
		return false, ""
	case method == oauth.AuthPrivateKeyJWT:
		return false, "no client_assertion was sent, and the application's method is private_key_jwt"
	case method != "" && method != oauth.AuthSecretPost && method != oauth.AuthSecretBasic:
		return false, "token_endpoint_auth_method " + method + " is not supported"
	case len(secrets) == 0:
		return false, "no secret was sent, and token_endpoint_auth_method is not none"
	case !right:
		return false, "wrong secret"
	}
	return true, ""
}

// matches compares hashes, so that the time tells neither content nor length, and goes through all spellings.
func matches(presented []string, stored string) bool {
	want := sha256.Sum256([]byte(stored))
	right := 0
	for _, s := range presented {
		got := sha256.Sum256([]byte(s))
		right |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return right == 1 && stored != ""
}

func (a *Authenticator) find(ctx context.Context, ids []string) (store.Client, error) {
	for _, id := range ids {
		client, err := a.DB.Client(ctx, id)
		if !errors.Is(err, store.ErrNotFound) {
			return client, err
		}
	}
	return store.Client{}, store.ErrNotFound
}

func (c credentials) refuse(reason string) *problem.Error {
	e := oauth.Unauthorized().Because(errors.New("client authentication: " + reason))
	if c.basic {
		e.Challenge = challenge
	}
	return e
}

// read collects the credentials of header and body. Both may be used if they agree.
func read(r *http.Request, p oauth.Params) (credentials, error) {
	c, err := readBasic(r)
	if err != nil {
		return c, err
	}
	id, secret := p.Get("client_id"), p.Get("client_secret")
	c.assertion = assertion{p.Get("client_assertion"), p.Get("client_assertion_type")}
	if id == "" && len(c.ids) == 0 && c.assertion.token != "" {
		id = subjectOf(c.assertion.token)
	}
	if len(id) > maxCredential || len(secret) > maxCredential {
		return c, c.refuse("credentials are too long")
	}
	switch {
	case id != "" && c.basic && !contains(c.ids, id):
		return c, invalid("The client_id of the body is not the one of the Authorization header: send one of them.")
	case id != "":
		c.ids = []string{id}
	case len(c.ids) == 0:
		return c, oauth.MissingParameter("client_id")
	}
	switch {
	case secret != "" && len(c.secrets) > 0 && !contains(c.secrets, secret):
		return c, invalid("The client_secret of the body is not the one of the Authorization header: send one of them.")
	case secret != "":
		c.secrets = []string{secret}
	}
	return c, nil
}

// readBasic reads an Authorization header of the Basic scheme; other schemes are not about the application. Auth0 documents
// the credentials as they are, RFC 6749 section 2.3.1 as form-encoded: the first spelling that fits counts.
func readBasic(r *http.Request) (c credentials, err error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return c, nil
	}
	scheme, encoded, _ := strings.Cut(headers[0], " ")
	if len(headers) == 1 && !strings.EqualFold(scheme, "Basic") {
		return c, nil
	}
	c.basic = true
	if len(headers) > 1 {
		return c, c.refuse("several Authorization headers")
	}
	raw, err := decodeBase64(strings.TrimSpace(encoded))
	if err != nil {
		return c, c.refuse("the Basic credentials are not base64")
	}
	id, secret, found := strings.Cut(raw, ":")
	if !found || id == "" || len(id) > maxCredential || len(secret) > maxCredential {
		return c, c.refuse("the Basic credentials are not id:secret")
	}
	c.ids = spellings(id)
	if secret != "" {
		c.secrets = spellings(secret)
	}
	for _, s := range append(c.ids, c.secrets...) {
		if !text(s) {
			return c, c.refuse("the Basic credentials have bytes that no credential has")
		}
	}
	return c, nil
}

// decodeBase64 takes the standard alphabet with or without padding.
func decodeBase64(s string) (string, error) {
	if len(s) > 4*maxCredential {
		return "", fmt.Errorf("%d bytes", len(s))
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(raw), err
}

// spellings are the value as it came and, if that is another, form-decoded.
func spellings(s string) []string {
	if decoded, err := url.QueryUnescape(s); err == nil && decoded != s {
		return []string{s, decoded}
	}
	return []string{s}
}

// text keeps from the database what it cannot compare.
func text(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) < 0
}

// contains does not tell by its time where two values differ.
func contains(all []string, s string) bool {
	found := 0
	for _, a := range all {
		found |= subtle.ConstantTimeCompare([]byte(a), []byte(s))
	}
	return found == 1
}

func invalid(sentence string) error {
	return problem.Explain(http.StatusBadRequest, "invalid_request", sentence)
}
