package login

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// The two pages for an application that needs an organization where /authorize named none: before the login the person types
// its name, after it they choose one of their own.

func (h *Handlers) showOrganization(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepOrganization)
	if err != nil {
		return err
	}
	return h.organizationPage(w, r, s, http.StatusOK, Organization{})
}

func (h *Handlers) organizationPage(w http.ResponseWriter, r *http.Request, s *flow.Situation, status int, p Organization) error {
	p.Frame, p.Form = h.frame(s), Form{"/u/organization", h.Flow.Seal(s.Transaction, flow.StepOrganization)}
	return h.show(w, r, status, s, p)
}

func (h *Handlers) answerOrganization(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepOrganization)
	if err != nil {
		return err
	}
	p := Organization{Name: web.Clip(strings.TrimSpace(form.Get("organizationName")), 50)}
	if p.Name == "" {
		p.Problem = OrganizationMissing
		return h.organizationPage(w, r, s, http.StatusBadRequest, p)
	}
	o, err := h.DB.OrganizationByName(r.Context(), strings.ToLower(p.Name))
	if errors.Is(err, store.ErrNotFound) {
		p.Problem = OrganizationUnknown
		return h.organizationPage(w, r, s, http.StatusBadRequest, p)
	}
	if err != nil {
		return err
	}
	s.Transaction.Organization = o.ID
	return h.Flow.Continue(w, r, s.Transaction)
}

func (h *Handlers) showPicker(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepPick)
	if err != nil {
		return err
	}
	if !s.SameSession() {
		return h.Flow.Continue(w, r, s.Transaction)
	}
	all, err := h.DB.OrganizationsOf(r.Context(), s.User.ID, "", 0, flow.MaxChoices)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b store.Organization) int { return strings.Compare(a.Title(), b.Title()) })
	p := OrganizationPicker{Frame: h.frame(s), Form: Form{"/u/organization-picker", h.Flow.Seal(s.Transaction, flow.StepPick)}}
	for _, o := range all {
		c := Choice{ID: o.ID, Name: o.Title()}
		if o.Settings.Branding != nil {
			c.LogoURI = o.Settings.Branding.LogoURL
		}
		p.Choices = append(p.Choices, c)
	}
	return h.show(w, r, http.StatusOK, s, p)
}

func (h *Handlers) answerPicker(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepPick)
	if err != nil {
		return err
	}
	id := form.Get("organization")
	if !s.SameSession() {
		return h.Flow.Continue(w, r, s.Transaction)
	}
	member, err := h.DB.IsMember(r.Context(), id, s.User.ID)
	if err != nil {
		return err
	}
	if !member { // not any more, or not a choice of the page
		return errAction
	}
	s.Transaction.Organization = id
	return h.Flow.Continue(w, r, s.Transaction)
}

// worn is the tenant's look with what an organization has of its own over it.
func worn(l store.Look, own *store.OrganizationBranding) store.Look {
	if own == nil {
		return l
	}
	theme := store.Theme{}
	if l.Theme != nil {
		theme = *l.Theme
	}
	if own.LogoURL != "" {
		l.Branding.LogoURL, theme.Widget.LogoURL = own.LogoURL, own.LogoURL
	}
	if c := own.Colors; c != nil && c.Primary != "" {
		l.Branding.Colors.Primary, theme.Colors.PrimaryButton = c.Primary, c.Primary
	}
	if c := own.Colors; c != nil && c.PageBackground != "" {
		l.Branding.Colors.PageBackground = store.Background{Color: c.PageBackground}
		theme.Background.Color, theme.Background.Image = c.PageBackground, ""
	}
	if l.Theme != nil {
		l.Theme = &theme
	}
	return l
}

// invited puts the address that an invitation is for in the place of what was typed: it is for nobody else.
func invited(s *flow.Situation, c Credentials) Credentials {
	if s.Invitation != nil {
		c.Username, c.Fixed, c.UsernameProblem = s.Invitation.Email, true, ""
	}
	return c
}

// newHere says whether who is invited has no account in the form's connection yet.
func (h *Handlers) newHere(r *http.Request, s *flow.Situation) (bool, error) {
	if s.Invitation == nil {
		return false, nil
	}
	conn, err := h.connection(r, s)
	if err != nil {
		return false, err
	}
	_, err = h.DB.UserByIdentifier(r.Context(), conn.Name, s.Invitation.Email)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return false, err
}
