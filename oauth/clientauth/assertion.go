package clientauth

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

	// assertionLife and assertionSkew bound the times of an assertion (spec section 0.6).
	assertionLife = 5 * time.Minute
	assertionSkew = 10 * time.Second

	maxJTI = 64
)

// assertion is a client assertion (RFC 7523 section 2.2) as it was sent.
type assertion struct {
	token string
	kind  string
}

// claimed is what an assertion says; times are nil where they are absent.
type claimed struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience texts    `json:"aud"`
	Expires  *seconds `json:"exp"`
	IssuedAt *seconds `json:"iat"`
	Before   *seconds `json:"nbf"`
	ID       string   `json:"jti"`
}

// seconds is a NumericDate.
type seconds float64

func (s seconds) time() time.Time { return time.UnixMilli(int64(float64(s) * 1000)) }

// texts is a text or a list of texts.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// subjectOf is the application that an assertion claims to be of, before anything is proven.
func subjectOf(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	var c claimed
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return ""
	}
	return c.Subject
}

// proveByKey checks an assertion of the application, spends it, and says why it does not do. It is spent last, so that a
// wrong one costs no write, and by one guarded statement, so that it proves its sender once on all nodes.
func (a *Authenticator) proveByKey(ctx context.Context, client store.Client, sent assertion) (reason string, err error) {
	if sent.kind != assertionType {
		return "client_assertion_type is not " + assertionType, nil
	}
	now := a.DB.Now()
	registered, err := a.DB.ClientKeys(ctx, client)
	if err != nil {
		return "", fmt.Errorf("read the application's keys: %w", err)
	}
	raw, err := keys.VerifyAssertion(sent.token, usable(registered, now))
	if errors.Is(err, keys.ErrInvalid) {
		return "the assertion is not signed by a key of the application: " + err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	var c claimed
	if err := json.Unmarshal(raw, &c); err != nil {
		return "the assertion's claims cannot be read: " + err.Error(), nil
	}
	if reason := a.complaint(client, c, now); reason != "" {
		return reason, nil
	}
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.SpendAssertion(ctx, client.ID, c.ID, c.Expires.time().Add(assertionSkew))
	})
	if errors.Is(err, store.ErrSpent) {
		return "the assertion's jti was used before", nil
	}
	if err != nil {
		return "", fmt.Errorf("spend the assertion: %w", err)
	}
	return "", nil
}

// usable are the keys that have not expired and can be read.
func usable(all []store.ClientKey, now time.Time) (keep []keys.PublicKey) {
	for _, k := range all {
		if !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) {
			continue
		}
		if public := readPublic(k.PEM); public != nil {
			keep = append(keep, keys.PublicKey{Kid: k.Kid, Alg: k.Alg, Key: public})
		}
	}
	return keep
}

func readPublic(text string) *rsa.PublicKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	var public any
	if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
		public = cert.PublicKey
	} else if public, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil
	}
	k, _ := public.(*rsa.PublicKey)
	return k
}

// complaint is what is wrong with the claims of an assertion that the application signed.
func (a *Authenticator) complaint(client store.Client, c claimed, now time.Time) string {
	switch {
	case c.Issuer != client.ID || c.Subject != client.ID:
		return "the assertion's iss and sub are not the client_id"
	case !slices.ContainsFunc(c.Audience, func(aud string) bool { return slices.Contains(a.Issuers, aud) }):
		return "the assertion's aud is not the issuer"
	case c.Expires == nil:
		return "the assertion has no exp"
	case c.ID == "" || len(c.ID) > maxJTI:
		return fmt.Sprintf("the assertion's jti must have 1 to %d characters", maxJTI)
	}
	expires := c.Expires.time()
	switch {
	case !now.Before(expires.Add(assertionSkew)):
		return fmt.Sprintf("the assertion's clock: it expired %s ago", now.Sub(expires).Round(time.Second))
	case expires.Sub(now) > assertionLife+assertionSkew:
		return fmt.Sprintf("the assertion's clock: it expires in %s, more than five minutes", expires.Sub(now).Round(time.Second))
	}
	for _, from := range []*seconds{c.IssuedAt, c.Before} {
		if from != nil && from.time().Sub(now) > assertionSkew {
			return fmt.Sprintf("the assertion's clock: it begins in %s", from.time().Sub(now).Round(time.Second))
		}
	}
	return ""
}

// refuseAssertion is the answer of spec section 4.4 for this method.
func refuseAssertion(reason string) *problem.Error {
	return problem.New(http.StatusUnauthorized, "invalid_client", "Client authentication failed").
		Because(errors.New("client authentication: " + reason))
}

// byKey says whether the application proves itself by a key.
func byKey(client store.Client) bool {
	return client.Settings.TokenEndpointAuthMethod == oauth.AuthPrivateKeyJWT
}
