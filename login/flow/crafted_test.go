package flow_test

import (
	"net/http"
	"testing"

	"github.com/proofkey/proofkey/login/flow"
	"github.com/proofkey/proofkey/oauth"
)

// Whatever a transaction says was answered counts for the session that it names and for no other, at every page. The
// transactions are made by hand: no walk through the pages leads to some of them today.
func TestAnswersNameTheirSession(t *testing.T) {
	s := open(t)
	partner := s.thirdParty()
	b := s.signedIn()
	all, err := s.DB.Sessions(t.Context(), s.user.ID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sessions (%v), want one", len(all), err)
	}
	own := all[0].ID
	const other = "another-session-of-32-characters"
	for _, tt := range []struct {
		name   string
		step   flow.Step
		change func(t *flow.Transaction, session string)
		path   string // of the page that the other session's answer leads to
	}{
		{"logged in", flow.StepConsent, func(t *flow.Transaction, id string) {
			t.Prompt, t.LoggedIn, t.Consented = []string{oauth.PromptLogin}, id, own
		}, "/u/login"},
		{"selected", flow.StepSelect, func(t *flow.Transaction, id string) {
			t.Prompt, t.Selected = []string{oauth.PromptSelectAccount}, id
		}, "/u/select"},
		{"consented", flow.StepConsent, func(t *flow.Transaction, id string) { t.ClientID, t.Consented = partner.ID, id }, "/u/consent"},
		{"confirmed", flow.StepConfirm, func(t *flow.Transaction, id string) { t.RedirectURI, t.Confirmed = custom, id }, "/u/confirm"},
		{"consented as confirmation", flow.StepConsent, func(t *flow.Transaction, id string) { t.RedirectURI, t.Consented = custom, id }, "/u/confirm"},
		{"selected as confirmation", flow.StepSelect, func(t *flow.Transaction, id string) { t.RedirectURI, t.Selected = custom, id }, "/u/confirm"},
		{"shown the account", flow.StepSelect, func(t *flow.Transaction, id string) {
			t.Prompt, t.SessionID = []string{oauth.PromptSelectAccount}, id
		}, "/u/select"},
		{"shown the consent", flow.StepConsent, func(t *flow.Transaction, id string) { t.ClientID, t.SessionID = partner.ID, id }, "/u/consent"},
		{"shown the confirmation", flow.StepConfirm, func(t *flow.Transaction, id string) { t.RedirectURI, t.SessionID = custom, id }, "/u/confirm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &scene{s.Server, t, s.app, s.user}
			f := &flow.Flow{Issuer: s.Issuer, DB: s.DB}
			post := func(session string) string {
				tx := &flow.Transaction{
					ID: "tx_1", Issuer: s.Issuer, StartedAt: s.Clock.Now().UnixMilli(), ClientID: s.app.ID, RedirectURI: https,
					ResponseMode: oauth.ResponseModeQuery, State: "the state", Scope: oauth.Scope{"openid"},
				}
				tt.change(tx, session)
				p := b.Post(s.URL+"/u/"+string(tt.step), form("state", f.Seal(tx, tt.step), "action", "accept"))
				if p.Location != "" {
					return p.Location
				}
				if p.Status != http.StatusOK {
					t.Fatalf("answered %d:\n%.1500s", p.Status, p.Body)
				}
				return p.Path()
			}
			if got := post(other); got != tt.path {
				t.Errorf("answered by another session the browser goes to %s, want %s", got, tt.path)
			}
			if got := post(own); got == tt.path {
				t.Errorf("answered by this session the browser stays at %s", got)
			}
		})
	}
}
