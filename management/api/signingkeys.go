package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) signingKeys() []operation {
	return []operation{
		{"GET", "/keys/signing", "List signing keys", "", h.listSigningKeys},
		{"GET", "/keys/signing/{kid}", "Get a signing key", "", h.getSigningKey},
		{"POST", "/keys/signing/rotate", "Rotate the signing keys", "", h.rotateSigningKeys},
		{"PUT", "/keys/signing/{kid}/revoke", "Revoke a signing key", "", h.revokeSigningKey},
	}
}

var noSigningKey = notFound("", "The signing key does not exist")

// keyOrder is the order of a list, within which the youngest is first.
var keyOrder = []string{store.KeyCurrent, store.KeyNext, store.KeyPrevious, store.KeyRevoked}

// showSigningKey has alg beside what the service shows: its tenants sign with one algorithm only.
func showSigningKey(k store.SigningKey) (document, error) {
	pkcs7, err := keys.PKCS7(k.Certificate)
	if err != nil {
		return nil, err
	}
	sum := keys.Thumbprint(k.Certificate)
	thumbprint := strings.ToUpper(hex.EncodeToString(sum[:]))
	var pairs []string
	for pair := range slices.Chunk([]byte(thumbprint), 2) {
		pairs = append(pairs, string(pair))
	}
	d := document{
		"kid": k.Kid, "alg": k.Alg, "cert": keys.PEM(k.Certificate), "pkcs7": pkcs7,
		"current": k.State == store.KeyCurrent, "next": k.State == store.KeyNext, "previous": k.State == store.KeyPrevious,
		"revoked": k.State == store.KeyRevoked, "thumbprint": thumbprint, "fingerprint": strings.Join(pairs, ":"),
	}
	if since := map[string]string{
		store.KeyCurrent: "current_since", store.KeyPrevious: "current_until", store.KeyRevoked: "revoked_at",
	}[k.State]; since != "" {
		d[since] = stamp(k.ChangedAt)
	}
	return d, nil
}

func (h *Handler) listSigningKeys(ctx context.Context, _ *call) (any, error) {
	all, err := h.Keys.List(ctx)
	if err != nil {
		return nil, err
	}
	// RS256 is what tools expect, and the first of a state what they take.
	place := func(k store.SigningKey) int {
		if k.Alg == keys.RS256 {
			return slices.Index(keyOrder, k.State)
		}
		return len(keyOrder) + slices.Index(keyOrder, k.State)
	}
	slices.SortStableFunc(all, func(a, b store.SigningKey) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), b.ChangedAt.Compare(a.ChangedAt))
	})
	l := listing{}
	for _, k := range all {
		d, err := showSigningKey(k)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, d)
	}
	return l, nil
}

func (h *Handler) findSigningKey(ctx context.Context, kid string) (store.SigningKey, error) {
	all, err := h.Keys.List(ctx)
	if err != nil {
		return store.SigningKey{}, err
	}
	i := slices.IndexFunc(all, func(k store.SigningKey) bool { return k.Kid == kid })
	if i < 0 {
		return store.SigningKey{}, noSigningKey
	}
	return all[i], nil
}

func (h *Handler) getSigningKey(ctx context.Context, c *call) (any, error) {
	k, err := h.findSigningKey(ctx, c.vars["kid"])
	if err != nil {
		return nil, err
	}
	return showSigningKey(k)
}

// rotateSigningKeys answers the key that signs from now on.
func (h *Handler) rotateSigningKeys(ctx context.Context, c *call) (any, error) {
	if _, err := h.Keys.Rotate(ctx, keys.RS256, c.note(ctx)); err != nil {
		return nil, err
	}
	all, err := h.Keys.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Alg == keys.RS256 && k.State == store.KeyCurrent {
			return showSigningKey(k)
		}
	}
	return nil, noSigningKey
}

// revokeSigningKey ends every token that a former key signed, at the next request on every node.
func (h *Handler) revokeSigningKey(ctx context.Context, c *call) (any, error) {
	k, err := h.findSigningKey(ctx, c.vars["kid"])
	if err != nil {
		return nil, err
	}
	if k.State != store.KeyRevoked {
		err := h.Keys.Revoke(ctx, k.Kid, c.note(ctx))
		if errors.Is(err, store.ErrKeyInUse) {
			return nil, problem.New(http.StatusBadRequest, "", "Only a previously used signing key can be revoked: rotate the keys first.")
		}
		if err != nil {
			return nil, err
		}
		if k, err = h.findSigningKey(ctx, k.Kid); err != nil {
			return nil, err
		}
	}
	return showSigningKey(k)
}
