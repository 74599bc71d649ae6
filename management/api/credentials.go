package api

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"time"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) credentials() []operation {
	return []operation{
		{"GET", "/clients/{client_id}/credentials", "List client credentials", "", h.listCredentials},
		{"POST", "/clients/{client_id}/credentials", "Create a client credential", credential, h.createCredential},
		{"GET", "/clients/{client_id}/credentials/{credential_id}", "Get a client credential", "", h.getCredential},
		{"PATCH", "/clients/{client_id}/credentials/{credential_id}", "Update a client credential", credential, h.updateCredential},
		{"DELETE", "/clients/{client_id}/credentials/{credential_id}", "Delete a client credential", "", h.deleteCredential},
	}
}

// credential names both the entity and the kind of its documents, which belong to their application. The token endpoint
// takes public keys (private_key_jwt); certificates are kept and shown.
const credential = store.ClientCredential

var noCredential = notFound("inexistent_client_credential", "The credential does not exist")

// showCredential is a credential without the PEM it was made from.
func showCredential(d store.Document) document {
	return merge(d.Body, document{
		"pem": nil, "parse_expiry_from_cert": nil, "id": d.ID, "created_at": stamp(d.CreatedAt), "updated_at": stamp(d.UpdatedAt),
	})
}

// A shorter key is no proof (RFC 7518 section 3.3), and the work of checking a signature grows with the key.
const leastKey, mostKey = 2048, 8192

// newCredential reads the key or certificate of a credential and fills in what follows from it. place is where it was sent.
func newCredential(clientID string, sent document, place string) (store.Document, error) {
	d := store.Document{Kind: credential, ID: "cred_" + store.RandomID(22), Parent: clientID, Body: merge(nil, sent)}
	public, cert := readPEM(text(sent, "pem"))
	switch text(sent, "credential_type") {
	case "public_key":
		if public == nil {
			return d, payloadError("Invalid PEM: a public key or a certificate is needed", below(place, "pem"))
		}
		key, _ := public.(*rsa.PublicKey)
		if key == nil || key.N.BitLen() < leastKey || key.N.BitLen() > mostKey {
			return d, payloadError(fmt.Sprintf("Invalid PEM: an RSA key of %d to %d bits is needed", leastKey, mostKey), below(place, "pem"))
		}
		fill(d.Body, document{"alg": "RS256", "kid": thumbprint(key)})
	case "x509_cert":
		if cert == nil {
			return d, payloadError("Invalid PEM: a certificate is needed", below(place, "pem"))
		}
		sum := sha256.Sum256(cert.Raw)
		d.Body["thumbprint_sha256"] = base64.RawURLEncoding.EncodeToString(sum[:])
		d.Body["expires_at"] = stamp(cert.NotAfter)
	default:
		if cert == nil && text(sent, "subject_dn") == "" {
			return d, payloadError("Missing required property: subject_dn", place)
		}
		if cert != nil {
			d.Body["subject_dn"] = cert.Subject.String()
		}
	}
	if parse, _ := sent["parse_expiry_from_cert"].(bool); parse && cert != nil {
		d.Body["expires_at"] = stamp(cert.NotAfter)
	}
	return d, normalExpiry(d.Body, below(place, "expires_at"))
}

// normalExpiry writes the end of a credential as the service does.
func normalExpiry(d document, place string) error {
	sent := text(d, "expires_at")
	if sent == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, sent)
	if err != nil {
		return sentError("Object didn't pass validation for format date-time: ", sent, place)
	}
	d["expires_at"] = stamp(at)
	return nil
}

// readPEM reads a public key, and the certificate that it is in, if it is.
func readPEM(text string) (public any, cert *x509.Certificate) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, nil
	}
	if block.Type == "CERTIFICATE" {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil
		}
		return cert.PublicKey, cert
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, nil
	}
	return public, nil
}

// thumbprint names a key by RFC 7638.
func thumbprint(k *rsa.PublicKey) string {
	enc := base64.RawURLEncoding.EncodeToString
	// In the order of the alphabet, as the RFC asks.
	sum := sha256.Sum256(fmt.Appendf(nil, `{"e":%q,"kty":"RSA","n":%q}`, enc(big.NewInt(int64(k.E)).Bytes()), enc(k.N.Bytes())))
	return enc(sum[:])
}

// credentialLists are where an application names credentials: the paths of the lists.
var credentialLists = [][]string{
	{"client_authentication_methods", "private_key_jwt"}, {"client_authentication_methods", "tls_client_auth"},
	{"client_authentication_methods", "self_signed_tls_client_auth"}, {"signed_request_object"}, {"token_vault_privileged_access"},
}

// takeCredentials puts references in the places where a body brings credentials of its own, and returns these.
func takeCredentials(clientID string, body document) ([]store.Document, error) {
	var made []store.Document
	for _, path := range credentialLists {
		at, place := body, ""
		for _, name := range path {
			at, _ = at[name].(map[string]any)
			place = below(place, name)
		}
		list, _ := at["credentials"].([]any)
		for i, item := range list {
			sent, _ := item.(map[string]any)
			if text(sent, "id") != "" || sent == nil {
				continue
			}
			d, err := newCredential(clientID, sent, place+".credentials")
			if err != nil {
				return nil, err
			}
			list[i] = map[string]any{"id": d.ID}
			made = append(made, d)
		}
	}
	return made, nil
}

// withCredentials is an answer with the credentials that were just made in place of the references to them.
func withCredentials(answer any, made []store.Document) any {
	switch v := answer.(type) {
	case map[string]any:
		for _, d := range made {
			if len(v) == 1 && v["id"] == d.ID {
				return showCredential(d)
			}
		}
		out := document{}
		for name, member := range v {
			out[name] = withCredentials(member, made)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withCredentials(e, made)
		}
		return out
	}
	return answer
}

// checkVault holds the rules of token_vault_privileged_access: it is always said as a whole.
func checkVault(vault any, creating bool) error {
	v, ok := vault.(map[string]any)
	if !ok {
		return nil
	}
	const place = "token_vault_privileged_access"
	for _, part := range []struct {
		name string
		most int
	}{{"credentials", 2}, {"grants", 5}, {"ip_allowlist", 10}} {
		list, said := v[part.name].([]any)
		switch {
		case !said:
			return payloadError("Missing required property: "+part.name, place)
		case len(list) > part.most:
			return payloadError(fmt.Sprintf("Array is too long (%d), maximum %d", len(list), part.most), below(place, part.name))
		case creating && len(list) == 0:
			return payloadError("Array is too short (0), minimum 1", below(place, part.name))
		}
	}
	for i, ip := range texts(v, "ip_allowlist") {
		_, noRange := netip.ParsePrefix(ip)
		if _, err := netip.ParseAddr(ip); err != nil && noRange != nil {
			return sentError("Object didn't pass validation for format ip: ", ip, fmt.Sprintf("%s.ip_allowlist[%d]", place, i))
		}
	}
	return checkVaultGrants(v["grants"].([]any), place+".grants")
}

func checkVaultGrants(grants []any, place string) error {
	scopes, seen := 0, map[string]int{}
	for i, g := range grants {
		grant, _ := g.(map[string]any)
		name := text(grant, "connection")
		if name == "" {
			return payloadError("Missing required property: connection", fmt.Sprintf("%s[%d]", place, i))
		}
		if first, twice := seen[name]; twice {
			return payloadError(fmt.Sprintf("Array items are not unique (indexes %d and %d)", first, i), place)
		}
		seen[name] = i
		scopes += len(texts(grant, "scopes"))
	}
	if scopes > 20 {
		return payloadError(fmt.Sprintf("Too many scopes (%d), maximum 20", scopes), place)
	}
	return nil
}

func (c *call) credential(ctx context.Context, q store.Queries) (store.Document, error) {
	d, err := q.Document(ctx, credential, c.vars["credential_id"])
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Parent != c.vars["client_id"] {
		return d, noCredential
	}
	return d, err
}

func (h *Handler) listCredentials(ctx context.Context, c *call) (any, error) {
	if _, _, err := findClient(ctx, h.DB.Queries, c.vars["client_id"]); err != nil {
		return nil, err
	}
	all, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: credential, Parent: c.vars["client_id"]})
	if err != nil {
		return nil, err
	}
	l := listing{}
	for _, d := range all {
		l.items = append(l.items, showCredential(d))
	}
	return l, nil
}

func (h *Handler) getCredential(ctx context.Context, c *call) (any, error) {
	d, err := c.credential(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	return showCredential(d), nil
}

func (h *Handler) createCredential(ctx context.Context, c *call) (any, error) {
	d, err := newCredential(c.vars["client_id"], c.object(), "")
	if err != nil {
		return nil, err
	}
	c.target = d.ID
	err = c.change(ctx, func(tx *store.Tx) error {
		if _, _, err := findClient(ctx, tx.Queries, d.Parent); err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, d.Parent); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, &d)
	})
	if err != nil {
		return nil, err
	}
	return showCredential(d), nil
}

func (h *Handler) updateCredential(ctx context.Context, c *call) (any, error) {
	patch := c.object()
	if err := normalExpiry(patch, "expires_at"); err != nil {
		return nil, err
	}
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = c.credential(ctx, tx.Queries); err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, d.Parent); err != nil {
			return err
		}
		d.Body = merge(d.Body, patch)
		return tx.SaveDocument(ctx, &d)
	})
	if err != nil {
		return nil, err
	}
	return showCredential(d), nil
}

func (h *Handler) deleteCredential(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		d, err := c.credential(ctx, tx.Queries)
		if err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, d.Parent); err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, credential, c.vars["credential_id"])
	}))
}
