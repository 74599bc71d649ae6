package api

import (
	"context"
	"errors"

	"github.com/proofkey/proofkey/store"
)

// A blacklisted token is refused by this API. Its audience is that of the token, or the application's that holds it.
const blacklistedToken = "blacklisted_token"

func (h *Handler) blacklist() []operation {
	return []operation{
		{"GET", "/blacklists/tokens", "List blacklisted tokens", "", h.listBlacklist},
		{"POST", "/blacklists/tokens", "Blacklist a token", blacklistedToken, h.addToBlacklist},
	}
}

func (h *Handler) listBlacklist(ctx context.Context, c *call) (any, error) {
	rows, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: blacklistedToken, Limit: mostKept})
	l := listing{}
	for _, d := range rows {
		if aud := c.query.Get("aud"); aud == "" || d.Body["aud"] == aud {
			l.items = append(l.items, d.Body)
		}
	}
	return l, err
}

func (h *Handler) addToBlacklist(ctx context.Context, c *call) (any, error) {
	body := c.object()
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if err := roomFor(ctx, tx, blacklistedToken); err != nil {
			return err
		}
		jti := text(body, "jti")
		c.target = jti
		err := tx.CreateDocument(ctx, &store.Document{Kind: blacklistedToken, ID: text(body, "aud") + " " + jti, Parent: jti, Body: body})
		if errors.Is(err, store.ErrConflict) { // it is there already
			return nil
		}
		return err
	})
}

// checkBlacklist refuses a token by its id.
func (h *Handler) checkBlacklist(ctx context.Context, b bearer, audience []string) error {
	if b.Jti == "" {
		return nil
	}
	rows, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: blacklistedToken, Parent: b.Jti})
	for _, d := range rows {
		for _, aud := range append(audience, b.application()) {
			if d.Body["aud"] == aud {
				return unauthorized("Invalid token").Because(errors.New("the token is blacklisted"))
			}
		}
	}
	return err
}
