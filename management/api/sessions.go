package api

import (
	"context"
	"errors"
	"time"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) sessions() []operation {
	return []operation{
		{"GET", "/users/{user_id}/sessions", "List a user's sessions", "", h.listSessions},
		{"DELETE", "/users/{user_id}/sessions", "Delete a user's sessions", "", h.deleteSessions},
		{"GET", "/sessions/{id}", "Get a session", "", h.getSession},
		{"DELETE", "/sessions/{id}", "Delete a session", "", h.deleteSession},
		{"POST", "/sessions/{id}/revoke", "Revoke a session", "", h.revokeSession},
		{"GET", "/users/{user_id}/refresh-tokens", "List a user's refresh tokens", "", h.listRefreshTokens},
		{"DELETE", "/users/{user_id}/refresh-tokens", "Delete a user's refresh tokens", "", h.deleteRefreshTokens},
		{"GET", "/refresh-tokens/{id}", "Get a refresh token", "", h.getRefreshToken},
		{"DELETE", "/refresh-tokens/{id}", "Delete a refresh token", "", h.deleteRefreshToken},
		{"POST", "/users/{id}/revoke-access", "Revoke a user's access", "revoke_access", h.revokeAccess},
	}
}

var (
	noSession      = notFound("", "Session not found.")
	noRefreshToken = notFound("", "Refresh token not found.")
)

// endedHere is what the log says of what ends here.
const endedHere = "revoked over the Management API"

func showDevice(d store.Device) document {
	return document{"initial_ip": d.IP, "initial_user_agent": d.UserAgent, "last_ip": d.IP, "last_user_agent": d.UserAgent}
}

func showSession(s store.Session) document {
	return document{
		"id": s.ID, "user_id": s.UserID, "created_at": stamp(s.CreatedAt), "updated_at": stamp(s.ActiveAt),
		"authenticated_at": stamp(s.AuthTime), "last_interacted_at": stamp(s.ActiveAt), "expires_at": stamp(s.ExpiresAt),
		"idle_expires_at": stamp(s.IdleExpiresAt), "device": showDevice(s.Device),
		"authentication": document{"methods": []document{{"name": "pwd", "timestamp": stamp(s.AuthTime)}}},
	}
}

// stampOrNull is a time that there may not be.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// showFamily is a refresh token with all its successors, which are one here; the token itself is stored nowhere.
func showFamily(f store.RefreshFamily) document {
	servers := []document{}
	if f.Audience != "" {
		servers = append(servers, document{"audience": f.Audience, "scopes": f.Scope})
	}
	var session any
	if f.SessionID != "" {
		session = f.SessionID
	}
	return document{
		"id": f.ID, "user_id": f.UserID, "client_id": f.ClientID, "session_id": session, "rotating": f.Rotating,
		"created_at": stamp(f.CreatedAt), "expires_at": stampOrNull(f.ExpiresAt), "last_exchanged_at": stamp(f.ExchangedAt),
		"device": showDevice(f.Device), "resource_servers": servers,
	}
}

// behind reads where a page of a list by id begins and how many to read: one more than are shown, to see if there are more.
func behind(p page) (after string, limit int) {
	if len(p.after) > 0 {
		after = p.after[0]
	}
	if p.limit < 0 {
		return after, maxWhole
	}
	return after, p.limit + 1
}

// maxWhole bounds a list whose pages nobody asked for.
const maxWhole = 1000

// pageBehind cuts that one off again.
func pageBehind(p page, found []document) listing {
	l := listing{items: found, total: len(found)}
	if p.limit >= 0 && len(found) > p.limit {
		l.items = found[:p.limit]
		l.next = []string{text(l.items[p.limit-1], "id")}
	}
	return l
}

func (h *Handler) listSessions(ctx context.Context, c *call) (any, error) {
	if _, err := findUser(ctx, h.DB.Queries, c.vars["user_id"]); err != nil {
		return nil, err
	}
	after, limit := behind(c.page)
	found, err := h.DB.SessionsAfter(ctx, c.vars["user_id"], after, limit)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, s := range found {
		all = append(all, showSession(s))
	}
	return pageBehind(c.page, all), nil
}

func (h *Handler) deleteSessions(ctx context.Context, c *call) (any, error) {
	return document{}, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["user_id"]); err != nil {
			return err
		}
		_, err := tx.EndSessionsOf(ctx, c.vars["user_id"])
		return err
	})
}

// findSession reads a session that has not ended.
func findSession(ctx context.Context, q store.Queries, id string) (store.Session, error) {
	s, err := q.Session(ctx, id)
	if now := q.Now(); errors.Is(err, store.ErrNotFound) || err == nil && (!now.Before(s.ExpiresAt) || !now.Before(s.IdleExpiresAt)) {
		return s, noSession
	}
	return s, err
}

func (h *Handler) getSession(ctx context.Context, c *call) (any, error) {
	s, err := findSession(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return showSession(s), nil
}

func (h *Handler) deleteSession(ctx context.Context, c *call) (any, error) {
	return document{}, gone(c.change(ctx, func(tx *store.Tx) error {
		if _, err := findSession(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		_, err := tx.EndSession(ctx, c.vars["id"])
		return err
	}))
}

// revokeSession ends a session with the refresh tokens that began in it.
func (h *Handler) revokeSession(ctx context.Context, c *call) (any, error) {
	return document{}, c.change(ctx, func(tx *store.Tx) error {
		s, err := findSession(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		return endSession(ctx, tx, s)
	})
}

func endSession(ctx context.Context, tx *store.Tx, s store.Session) error {
	if _, err := tx.EndSession(ctx, s.ID); err != nil {
		return err
	}
	_, err := tx.RevokeRefreshOfSession(ctx, s.UserID, s.ID, endedHere)
	return err
}

func (h *Handler) listRefreshTokens(ctx context.Context, c *call) (any, error) {
	if _, err := findUser(ctx, h.DB.Queries, c.vars["user_id"]); err != nil {
		return nil, err
	}
	after, limit := behind(c.page)
	found, err := h.DB.RefreshFamiliesAfter(ctx, c.vars["user_id"], after, limit)
	if err != nil {
		return nil, err
	}
	var all []document
	for _, f := range found {
		all = append(all, showFamily(f))
	}
	return pageBehind(c.page, all), nil
}

func (h *Handler) deleteRefreshTokens(ctx context.Context, c *call) (any, error) {
	return document{}, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["user_id"]); err != nil {
			return err
		}
		_, err := tx.RevokeRefreshOf(ctx, c.vars["user_id"], "", endedHere)
		return err
	})
}

// findFamily reads a refresh token that may still be used.
func findFamily(ctx context.Context, q store.Queries, id string) (store.RefreshFamily, error) {
	f, err := q.RefreshFamily(ctx, id)
	ended := !f.RevokedAt.IsZero() || !f.ExpiresAt.IsZero() && !q.Now().Before(f.ExpiresAt)
	if errors.Is(err, store.ErrNotFound) || err == nil && ended {
		return f, noRefreshToken
	}
	return f, err
}

func (h *Handler) getRefreshToken(ctx context.Context, c *call) (any, error) {
	f, err := findFamily(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return showFamily(f), nil
}

func (h *Handler) deleteRefreshToken(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		if _, err := findFamily(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		_, err := tx.RevokeRefreshFamily(ctx, c.vars["id"], endedHere)
		return err
	}))
}

// revokeAccess signs a user out: of one session or everywhere, and unless they are to be kept with the refresh tokens.
func (h *Handler) revokeAccess(ctx context.Context, c *call) (any, error) {
	id, keep := text(c.object(), "session_id"), c.object()["preserve_refresh_tokens"] == true
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		if id != "" {
			s, err := findSession(ctx, tx.Queries, id)
			switch {
			case err != nil:
				return err
			case s.UserID != c.vars["id"]:
				return noSession
			case keep:
				_, err = tx.EndSession(ctx, id)
				return err
			}
			return endSession(ctx, tx, s)
		}
		if _, err := tx.EndSessionsOf(ctx, c.vars["id"]); err != nil || keep {
			return err
		}
		_, err := tx.RevokeRefreshOf(ctx, c.vars["id"], "", endedHere)
		return err
	})
}
