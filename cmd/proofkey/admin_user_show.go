package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// userWhole is a user with what they left behind.
type userWhole struct {
	userView
	Identities    []identityView `json:"identities"`
	Sessions      []sessionView  `json:"sessions"`
	RefreshTokens []familyView   `json:"refresh_tokens"`
	Grants        []consentView  `json:"grants"`
}

type identityView struct {
	Provider   string `json:"provider"`
	UserID     string `json:"user_id"`
	Connection string `json:"connection"`
}

type sessionView struct {
	ID        string       `json:"id"`
	AuthTime  time.Time    `json:"authenticated_at"`
	ActiveAt  time.Time    `json:"last_interacted_at"`
	ExpiresAt time.Time    `json:"expires_at"`
	Device    store.Device `json:"device"`
}

type familyView struct {
	ID          string       `json:"id"`
	ClientID    string       `json:"client_id"`
	Audience    string       `json:"audience,omitempty"`
	Scope       string       `json:"scope"`
	Rotating    bool         `json:"rotating"`
	CreatedAt   time.Time    `json:"created_at"`
	ExchangedAt time.Time    `json:"last_exchanged_at"`
	ExpiresAt   *time.Time   `json:"expires_at,omitempty"`
	Device      store.Device `json:"device"`
}

type consentView struct {
	ID       string `json:"id"`
	ClientID string `json:"client_id"`
	Audience string `json:"audience,omitempty"`
	Scope    string `json:"scope"`
}

func newUserShow(f *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "show USER",
		Short: "Show a user with sessions, refresh tokens and grants",
		Args:  oneArgument(userArgument),
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			u, err := management.FindUser(ctx, s.db.Queries, args[0])
			if err != nil {
				return err
			}
			whole, err := s.whole(ctx, u)
			if err != nil {
				return err
			}
			facts := userFacts(u)
			for _, i := range whole.Identities {
				facts = append(facts, fact{"identity", i.Provider + "|" + i.UserID + " of " + i.Connection})
			}
			for _, v := range whole.Sessions {
				facts = append(facts, fact{"session", v.ID + " from " + orText(v.Device.IP, "?") + ", active " + when(v.ActiveAt) + ", ends " + when(v.ExpiresAt)})
			}
			for _, v := range whole.RefreshTokens {
				facts = append(facts, fact{"refresh token", v.ClientID + " since " + when(v.CreatedAt) + ", used " + when(v.ExchangedAt) + ": " + v.Scope})
			}
			for _, v := range whole.Grants {
				facts = append(facts, fact{"grant", v.ClientID + " for " + orText(v.Audience, "OpenID alone") + ": " + v.Scope})
			}
			return s.one(whole, facts...)
		}),
	}
}

// whole reads what is stored of a user elsewhere.
func (s *shell) whole(ctx context.Context, u store.User) (w userWhole, err error) {
	w = userWhole{userView: viewUser(u), Identities: []identityView{}, Sessions: []sessionView{}, RefreshTokens: []familyView{}, Grants: []consentView{}}
	identities, err := s.db.Identities(ctx, u.ID)
	if err != nil {
		return w, err
	}
	for _, i := range identities {
		w.Identities = append(w.Identities, identityView{i.Provider, i.Subject, i.Connection})
	}
	sessions, err := s.db.Sessions(ctx, u.ID)
	if err != nil {
		return w, err
	}
	now := time.Now()
	for _, v := range sessions {
		if now.Before(v.ExpiresAt) && now.Before(v.IdleExpiresAt) {
			w.Sessions = append(w.Sessions, sessionView{v.ID, v.AuthTime, v.ActiveAt, v.ExpiresAt, v.Device})
		}
	}
	families, err := s.db.RefreshFamilies(ctx, u.ID)
	if err != nil {
		return w, err
	}
	for _, v := range families {
		view := familyView{v.ID, v.ClientID, v.Audience, v.Scope, v.Rotating, v.CreatedAt, v.ExchangedAt, nil, v.Device}
		if !v.ExpiresAt.IsZero() {
			view.ExpiresAt = &v.ExpiresAt
		}
		if view.ExpiresAt == nil || now.Before(*view.ExpiresAt) {
			w.RefreshTokens = append(w.RefreshTokens, view)
		}
	}
	grants, err := s.db.Grants(ctx, u.ID)
	for _, v := range grants {
		w.Grants = append(w.Grants, consentView{v.ID, v.ClientID, v.Audience, v.Scope})
	}
	return w, err
}
