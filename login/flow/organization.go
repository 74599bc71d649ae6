package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// What an application does where it needs an organization and /authorize named none (organization_require_behavior).
const (
	askBefore = "pre_login_prompt"
	askAfter  = "post_login_prompt"
)

// enter adds to a situation the organization that the transaction is for, and refuses one that the application may not ask
// for. It is read at each step, so that what was changed since the last page is in force.
func (f *Flow) enter(ctx context.Context, s *Situation) error {
	t, settings := s.Transaction, s.Client.Settings
	if t.Organization == "" {
		asks := settings.OrganizationRequireBehavior == askBefore || settings.OrganizationRequireBehavior == askAfter
		if settings.OrganizationUsage == store.OrganizationRequire && !asks {
			return oauth.OrganizationRequired()
		}
		return nil
	}
	refused := oauth.OrganizationInvalid(t.Organization)
	o, err := f.DB.Organization(ctx, t.Organization)
	switch {
	case err != nil:
		return gone(err, refused)
	case !settings.AllowsOrganizations():
		return refused.Because(errors.New("the application's organization_usage is deny"))
	case settings.ThirdParty && o.Settings.ThirdPartyClientAccess != "allow":
		return refused.Because(errors.New("the organization's third_party_client_access is block"))
	}
	s.Organization = &o
	if s.Enabled, err = f.DB.EnabledConnections(ctx, o.ID); err != nil {
		return err
	}
	if err := f.invited(ctx, s); err != nil {
		return err
	}
	if t.Connection != "" && !s.Allows(t.Connection) {
		return problem.Explain(http.StatusBadRequest, "invalid_request", "the connection was not found").
			Because(errors.New("the organization does not have the connection " + t.Connection))
	}
	return nil
}

// invited adds the invitation that the transaction is to accept.
func (f *Flow) invited(ctx context.Context, s *Situation) error {
	t := s.Transaction
	if t.Invitation == "" {
		return nil
	}
	i, err := f.DB.InvitationByTicket(ctx, t.Invitation)
	switch {
	case err != nil:
		return gone(err, oauth.InvitationGone())
	case i.OrganizationID != t.Organization:
		return oauth.InvitationGone().Because(errors.New("the invitation is to another organization"))
	case i.ClientID != t.ClientID:
		return oauth.InvitationGone().Because(errors.New("the invitation is to another application"))
	}
	s.Invitation = &i
	for _, c := range s.Enabled {
		if c.ConnectionID == i.ConnectionID {
			t.Connection = c.Name
		}
	}
	return nil
}

// Allows says whether users of a connection may sign in here: to the application and, where there is one, to the
// organization.
func (s *Situation) Allows(connection string) bool {
	if !s.Client.Settings.AllowsConnection(connection) {
		return false
	}
	return s.Organization == nil || slices.ContainsFunc(s.Enabled, func(c store.OrganizationConnection) bool { return c.Name == connection })
}

// SignupAllowed says whether somebody may make an account in a connection: whoever is invited, and otherwise where the
// connection and the organization let strangers in.
func (s *Situation) SignupAllowed(c store.Connection) bool {
	if s.Invitation != nil {
		return true
	}
	return !c.Settings.DisableSignup && (s.Organization == nil || slices.ContainsFunc(s.Enabled, func(o store.OrganizationConnection) bool {
		return o.Name == c.Name && o.Settings.SignupEnabled
	}))
}

// joins says whether whoever signs in by the user's connection becomes a member.
func (s *Situation) joins() bool {
	return slices.ContainsFunc(s.Enabled, func(c store.OrganizationConnection) bool {
		return c.Name == s.User.Connection && c.Settings.AssignOnLogin
	})
}

// nameOwed: the application needs an organization and wants it to be asked for before the login.
func (s *Situation) nameOwed() bool {
	settings := s.Client.Settings
	return s.Organization == nil && settings.OrganizationUsage == store.OrganizationRequire && settings.OrganizationRequireBehavior == askBefore
}

// choiceOwed is nameOwed for after the login, when the user's own organizations are known.
func (s *Situation) choiceOwed() bool {
	settings := s.Client.Settings
	return s.Organization == nil && settings.OrganizationUsage == store.OrganizationRequire && settings.OrganizationRequireBehavior == askAfter
}

// stranger is somebody who was signed in before, and may be a member as somebody else.
func (s *Situation) stranger() bool {
	return s.Organization != nil && !s.Member && s.Invitation == nil && !s.loggedIn() && !s.joins()
}

// MaxChoices bounds the page on which an organization is chosen.
const MaxChoices = 100

// choose leads to the page, unless there is nothing to choose.
func (f *Flow) choose(w http.ResponseWriter, r *http.Request, s *Situation) (done bool, err error) {
	all, err := f.DB.OrganizationsOf(r.Context(), s.User.ID, "", 0, 2)
	switch {
	case err != nil || len(all) > 1:
		return false, err
	case len(all) == 0:
		return true, f.Refuse(w, r, s.Transaction, oauth.NoOrganization())
	}
	s.Transaction.Organization = all[0].ID
	return true, f.ContinueAs(w, r, s.Transaction, s.Session)
}

// admitted says whether nothing is left to do before the user is in the organization.
func (s *Situation) admitted() bool {
	return s.Organization == nil || s.Member && s.Invitation == nil
}

// admit makes the user a member, as their invitation or their connection has it, or refuses them.
func (f *Flow) admit(r *http.Request, s *Situation) error {
	if s.Invitation != nil {
		return f.accept(r, s)
	}
	if !s.joins() {
		return oauth.NotMember(s.User.ID, s.Organization.ID)
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := tx.AddMember(r.Context(), s.Organization.ID, s.User.ID)
		return err
	})
}

// accept uses the invitation: the membership, its roles and metadata, and the event are one write with its end. Whoever
// holds it read a mail to the address, so the address is verified.
func (f *Flow) accept(r *http.Request, s *Situation) error {
	ctx := r.Context()
	if s.User.Email != s.Invitation.Email {
		return oauth.InvitationOfAnother()
	}
	done := f.event(r, events.InvitationAccepted, s.Transaction, s)
	done.Details["invitation_id"] = s.Invitation.ID
	err := f.DB.Write(ctx, func(tx *store.Tx) error {
		i, err := tx.UseInvitation(ctx, s.Transaction.Invitation)
		if err != nil {
			return gone(err, oauth.InvitationGone())
		}
		user, err := tx.User(ctx, s.User.ID)
		if err != nil {
			return err
		}
		p := &user.Profile
		p.EmailVerified = true
		p.AppMetadata, p.UserMetadata = with(p.AppMetadata, i.Settings.AppMetadata), with(p.UserMetadata, i.Settings.UserMetadata)
		if err := tx.SaveUser(ctx, &user); err != nil {
			return err
		}
		if _, err := tx.AddMember(ctx, i.OrganizationID, user.ID); err != nil {
			return err
		}
		for _, id := range i.Settings.Roles {
			if _, err := tx.Role(ctx, id); errors.Is(err, store.ErrNotFound) { // deleted since
				continue
			} else if err != nil {
				return err
			}
			if err := tx.AssignMemberRole(ctx, i.OrganizationID, user.ID, id); err != nil {
				return err
			}
		}
		return tx.AddEvent(ctx, done)
	})
	if err != nil {
		return fmt.Errorf("accept the invitation: %w", err)
	}
	s.Transaction.Invitation = ""
	return nil
}

// with is metadata with more members.
func with(have, more map[string]any) map[string]any {
	if len(more) == 0 {
		return have
	}
	out := maps.Clone(have)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, more)
	return out
}
