// Package session is single sign-on: one browser, one session, at most one user.
//
// The cookie holds the session's id, which is the sid of ID tokens and no secret, and a secret, of which the row has only
// the SHA-256. Every login makes a new secret, so a cookie that was planted or copied before a login is worth nothing after
// it. The same user keeps the id; another user gets another session, and the former one ends.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

const (
	idBytes     = 24 // 32 letters
	idLetters   = 32
	secretBytes = 32
	valueLength = idLetters + 1 + 43

	// maxCookies bounds the reads that a request with many cookies of our name can cause.
	maxCookies = 4

	touchEvery = time.Minute
)

// Manager keeps the sessions of one domain.
type Manager struct {
	DB *store.DB
	// Secure says that the domain is reached by TLS.
	Secure bool
	// Cookie is the name of the cookie; auth0 when empty. Browsers keep cookies apart by host but not by port, so tenants on
	// one host need names of their own.
	Cookie string
	// Now is the clock; the database's when nil.
	Now func() time.Time
}

// Current is the living session that the request's cookie proves, or nil.
func (m *Manager) Current(r *http.Request) (*store.Session, error) {
	tried := 0
	for _, name := range []string{m.cookie(), m.cookie() + compatSuffix} {
		for _, c := range r.CookiesNamed(name) {
			if tried++; tried > maxCookies {
				return nil, nil
			}
			s, err := m.open(r.Context(), c.Value)
			if s != nil || err != nil {
				return s, err
			}
		}
	}
	return nil, nil
}

func (m *Manager) open(ctx context.Context, value string) (*store.Session, error) {
	if len(value) != valueLength || value[idLetters] != '.' {
		return nil, nil
	}
	id, text := value[:idLetters], value[idLetters+1:]
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(secret) != secretBytes || !urlSafe(id) {
		return nil, nil
	}
	s, err := m.DB.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(secret)
	now := m.now()
	if subtle.ConstantTimeCompare(hash[:], s.SecretHash) != 1 || !now.Before(s.ExpiresAt) || !now.Before(s.IdleExpiresAt) {
		return nil, nil
	}
	return &s, nil
}

// urlSafe keeps bytes out of a query that no id has and PostgreSQL refuses.
func urlSafe(id string) bool {
	return strings.IndexFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}) < 0
}

// Begin records a login: it renews old when that is the same user's, otherwise it ends old and makes a new session. The
// value is for [Manager.SetCookie], once the transaction has succeeded.
func (m *Manager) Begin(ctx context.Context, tx *store.Tx, old *store.Session, userID string, settings store.TenantSettings) (s store.Session, value string, err error) {
	now := m.now()
	secret := make([]byte, secretBytes)
	rand.Read(secret)
	hash := sha256.Sum256(secret)
	meta := web.MetaOf(ctx)
	s = store.Session{
		ID:            newID(),
		SecretHash:    hash[:],
		UserID:        userID,
		AuthTime:      now,
		CreatedAt:     now,
		ActiveAt:      now,
		ExpiresAt:     now.Add(settings.SessionLife()),
		IdleExpiresAt: now.Add(min(settings.SessionIdle(), settings.SessionLife())),
		Device:        store.Device{IP: meta.IP, UserAgent: meta.UserAgent},
	}
	err = m.save(ctx, tx, old, &s)
	return s, s.ID + "." + base64.RawURLEncoding.EncodeToString(secret), err
}

func (m *Manager) save(ctx context.Context, tx *store.Tx, old, s *store.Session) error {
	if old != nil && old.UserID == s.UserID {
		renewed := *s
		renewed.ID, renewed.CreatedAt, renewed.Device = old.ID, old.CreatedAt, old.Device
		err := tx.RenewSession(ctx, renewed)
		if err == nil {
			*s = renewed
			return nil
		}
		if !errors.Is(err, store.ErrNotFound) { // not found: a logout was quicker, so the login begins a session
			return err
		}
	} else if old != nil {
		if _, err := m.End(ctx, tx, old); err != nil {
			return err
		}
	}
	return tx.CreateSession(ctx, *s)
}

// Touch restarts the idle timer. A tenant's shorter lifetimes take hold here, longer ones at the next login. It writes at
// most once a minute, so a session may end up to a minute early.
func (m *Manager) Touch(ctx context.Context, s *store.Session, settings store.TenantSettings) error {
	now := m.now()
	idle := settings.SessionIdle()
	end := s.ExpiresAt
	if shorter := s.AuthTime.Add(settings.SessionLife()); shorter.Before(end) {
		end = shorter
	}
	fresh := now.Sub(s.ActiveAt) < min(touchEvery, idle/4)
	if fresh && end.Equal(s.ExpiresAt) && !s.IdleExpiresAt.After(now.Add(idle)) {
		return nil
	}
	touched := *s
	touched.ActiveAt, touched.ExpiresAt, touched.IdleExpiresAt = now, end, earlier(now.Add(idle), end)
	err := m.DB.Write(ctx, func(tx *store.Tx) error { return tx.TouchSession(ctx, touched) })
	if errors.Is(err, store.ErrNotFound) { // it has ended meanwhile; the next request will see that
		return nil
	}
	if err == nil {
		*s = touched
	}
	return err
}

// End removes the session; false when it was gone before.
func (m *Manager) End(ctx context.Context, tx *store.Tx, s *store.Session) (ended bool, err error) {
	return tx.EndSession(ctx, s.ID)
}

func (m *Manager) now() time.Time {
	if m.Now != nil {
		return m.Now().UTC().Truncate(time.Millisecond)
	}
	return m.DB.Now().UTC().Truncate(time.Millisecond)
}

func newID() string {
	b := make([]byte, idBytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
