package login

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// previewPolicy is that of a preview: this origin may frame it, and nothing in it runs or leads anywhere.
func previewPolicy() policy {
	return policy{more: []string{"form-action 'none'", "frame-ancestors 'self'", "sandbox"}}
}

// Preview answers a form with a page as it would be under a branding and a theme that nobody has saved: fields page, branding
// and theme (JSON, null for none), name of the application, ui_locales. The tenant's texts and templates are those that are
// saved. Who may ask is for the caller to decide; nothing is changed and the page has no transaction.
func (h *Handlers) Preview(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errPreview.Because(err)
	}
	t, err := h.DB.Tenant(r.Context())
	if err != nil {
		return err
	}
	p, ok := example(r.PostForm.Get("page"), Frame{
		AppName: web.Clip(strings.ToValidUTF8(r.PostForm.Get("name"), ""), 100), TenantName: h.tenantName(t.Settings),
	})
	if !ok {
		return errPreview.Because(errors.New("there is no such page"))
	}
	var branding store.Branding
	var theme *store.Theme
	for name, into := range map[string]any{"branding": &branding, "theme": &theme} {
		if err := json.Unmarshal([]byte(r.PostForm.Get(name)), into); err != nil {
			return errPreview.Because(err)
		}
	}
	draft := func(l *store.Look) { l.Branding, l.Theme = branding, theme }
	return h.renderWith(w, r, http.StatusOK, r.PostForm.Get("ui_locales"), previewPolicy(), p, draft)
}

var errPreview = problem.Explain(http.StatusBadRequest, "invalid_request", "A preview needs the fields page (login, signup, consent or error), branding and theme, the last two in JSON.")

// example is a page as somebody would meet it.
func example(name string, f Frame) (Page, bool) {
	who := Account{Name: "Ada Lovelace", Email: "ada@example.com"}
	switch name {
	case "login":
		return Login{Frame: f, Credentials: Credentials{Username: who.Email}, SignupURL: "#"}, true
	case "signup":
		return Signup{Frame: f, LoginURL: "#", Rules: []Rule{{Code: RuleLength, N: 8, State: RuleMet}, {Code: RuleNotCommon}}}, true
	case "consent":
		return Consent{Frame: f, Account: who, Identity: []string{"openid", "profile", "email"}}, true
	case "error":
		return Login{Frame: f, Credentials: Credentials{Username: who.Email, Problem: WrongCredentials}, SignupURL: "#"}, true
	}
	return nil, false
}
