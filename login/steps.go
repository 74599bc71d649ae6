package login

import (
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// The pages that a signed-in person answers. An answer counts only in the session that the page was shown to; in any
// other one the flow simply asks again.

func (h *Handlers) showSelect(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepSelect)
	if err != nil {
		return err
	}
	if !s.SameSession() {
		return h.Flow.Continue(w, r, s.Transaction)
	}
	return h.show(w, r, http.StatusOK, s, SelectAccount{
		Frame: h.frame(s), Form: Form{"/u/select", h.Flow.Seal(s.Transaction, flow.StepSelect)}, Account: account(s),
	})
}

func (h *Handlers) answerSelect(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepSelect)
	if err != nil {
		return err
	}
	switch form.Get("action") {
	case "accept":
		if s.SameSession() {
			s.Transaction.Selected = s.Session.ID
		}
	case "switch":
		return h.switchAccount(w, r, s)
	default:
		return errAction
	}
	return h.Flow.Continue(w, r, s.Transaction)
}

// switchAccount asks for another login, whatever session there is.
func (h *Handlers) switchAccount(w http.ResponseWriter, r *http.Request, s *flow.Situation) error {
	t := s.Transaction
	t.Prompt = slices.DeleteFunc(t.Prompt, func(p string) bool { return p == oauth.PromptSelectAccount })
	if !t.Asked(oauth.PromptLogin) {
		t.Prompt = append(t.Prompt, oauth.PromptLogin)
	}
	t.LoginHint, t.ScreenHint, t.LoggedIn = "", "", ""
	return h.Flow.Continue(w, r, t)
}

func (h *Handlers) showConsent(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepConsent)
	if err != nil {
		return err
	}
	if !s.SameSession() {
		return h.Flow.Continue(w, r, s.Transaction)
	}
	p := Consent{Frame: h.frame(s), Form: Form{"/u/consent", h.Flow.Seal(s.Transaction, flow.StepConsent)}, Account: account(s)}
	group := ScopeGroup{}
	for _, scope := range s.Scope {
		if s.API != nil {
			if i := slices.IndexFunc(s.API.Scopes, func(a store.APIScope) bool { return a.Value == scope }); i >= 0 {
				group.add(s.API.Scopes[i], s.Tenant.Flags.UseScopeDescriptionsForConsent)
				continue
			}
		}
		if named := identityScope(scope); !slices.Contains(p.Identity, named) {
			p.Identity = append(p.Identity, named)
		}
	}
	if len(group.Scopes) > 0 {
		group.Name = s.API.Name
		p.APIs = []ScopeGroup{group}
	}
	return h.show(w, r, http.StatusOK, s, p)
}

// identityScope is the scope whose explanation covers an OpenID scope: the scopes of single claims are parts of others.
func identityScope(scope string) string {
	switch scope {
	case "name", "given_name", "family_name", "nickname", "picture", "created_at", "identities":
		return oauth.ScopeProfile
	case "email_verified":
		return oauth.ScopeEmail
	}
	return scope
}

// add puts a permission on the list: in the API's own words where the tenant wants them, else the verbs of one noun on one
// line (spec section 28), and read:messages and write:messages are "messages: read, write".
func (g *ScopeGroup) add(a store.APIScope, described bool) {
	verb, noun, named := strings.Cut(a.Value, ":")
	if described && a.Description != "" || !named || verb == "" || noun == "" {
		g.Scopes = append(g.Scopes, Scope{a.Value, a.Description})
		return
	}
	for i, s := range g.Scopes {
		if s.Value == "" && strings.HasPrefix(s.Description, noun+": ") {
			g.Scopes[i].Description += ", " + verb
			return
		}
	}
	g.Scopes = append(g.Scopes, Scope{Description: noun + ": " + verb})
}

func (h *Handlers) answerConsent(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepConsent)
	if err != nil {
		return err
	}
	switch form.Get("action") {
	case "accept":
		if s.SameSession() {
			s.Transaction.Consented = s.Session.ID
		}
	case "deny":
		return h.Flow.Refuse(w, r, s.Transaction, oauth.ConsentDeclined())
	default:
		return errAction
	}
	return h.Flow.Continue(w, r, s.Transaction)
}

func (h *Handlers) showConfirm(w http.ResponseWriter, r *http.Request) error {
	s, err := h.opened(r, flow.StepConfirm)
	if err != nil {
		return err
	}
	if !s.SameSession() {
		return h.Flow.Continue(w, r, s.Transaction)
	}
	return h.show(w, r, http.StatusOK, s, Confirm{
		Frame: h.frame(s), Form: Form{"/u/confirm", h.Flow.Seal(s.Transaction, flow.StepConfirm)}, Account: account(s),
	})
}

func (h *Handlers) answerConfirm(w http.ResponseWriter, r *http.Request) error {
	s, form, err := h.answered(r, flow.StepConfirm)
	if err != nil {
		return err
	}
	switch form.Get("action") {
	case "accept":
		if s.SameSession() {
			s.Transaction.Confirmed = s.Session.ID
		}
	case "switch":
		return h.switchAccount(w, r, s)
	case "deny":
		return h.Flow.Refuse(w, r, s.Transaction, oauth.ConsentDeclined())
	default:
		return errAction
	}
	return h.Flow.Continue(w, r, s.Transaction)
}

var errAction = problem.Explain(http.StatusBadRequest, "invalid_request", "The form was sent without one of its buttons. Go back and choose one.").OnPage()
