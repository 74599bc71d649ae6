package flow

import (
	"errors"
	"net/http"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// Answers are the parts of an answer that concern pages (login implements it).
type Answers interface {
	// HandedOver tells the page that stays behind in the browser that the answer went to an app's own scheme.
	HandedOver(w http.ResponseWriter, transactionID string)
	// FormPost renders a form that posts the parameters, names and values in turn, to the redirect URI.
	FormPost(w http.ResponseWriter, r *http.Request, redirectURI string, params []string) error
	// WebMessage renders a script that posts the parameters to the window that opened or embeds it, if it is of origin.
	WebMessage(w http.ResponseWriter, r *http.Request, origin string, params []string) error
}

// mayAnswer refuses an answer that the application's settings do not allow, or not any more since /authorize.
func mayAnswer(t *Transaction, client store.Client) error {
	refused := oauth.CallbackMismatch(t.RedirectURI)
	if !oauth.MatchCallback(client.Settings.Callbacks, t.RedirectURI) {
		return refused
	}
	if t.ResponseMode != oauth.ResponseModeWebMessage {
		return nil
	}
	if origin, ok := oauth.Origin(t.RedirectURI); !ok || !oauth.MatchOrigin(client.Settings.WebOrigins, origin) {
		return refused.Because(errors.New("web_message: the origin is not in the allowed web origins"))
	}
	return nil
}

// respond is the one way back to the application: everything that redirects passes the check here, even if it was made
// before.
func (f *Flow) respond(w http.ResponseWriter, r *http.Request, t *Transaction, client store.Client, params ...string) error {
	if err := mayAnswer(t, client); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if oauth.CustomScheme(t.RedirectURI) {
		f.Answers.HandedOver(w, t.ID)
	}
	switch t.ResponseMode {
	case oauth.ResponseModeFormPost:
		return f.Answers.FormPost(w, r, t.RedirectURI, params)
	case oauth.ResponseModeWebMessage:
		origin, _ := oauth.Origin(t.RedirectURI)
		return f.Answers.WebMessage(w, r, origin, params)
	case oauth.ResponseModeFragment:
		redirect(w, oauth.WithFragment(t.RedirectURI, params...))
	default:
		redirect(w, oauth.WithQuery(t.RedirectURI, params...))
	}
	return nil
}

// redirect sends the URI as it is: http.Redirect would clean its path and drop what a custom scheme needs.
func redirect(w http.ResponseWriter, uri string) {
	w.Header().Set("Location", uri)
	w.WriteHeader(http.StatusFound)
}
