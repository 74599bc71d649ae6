package app

import (
	"net/http"

	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/oauth/logout"
)

// logoutPages shows the pages of logout, which may not know those of login.
type logoutPages struct{ login *login.Handlers }

func (p logoutPages) Confirm(w http.ResponseWriter, r *http.Request, c logout.ConfirmPage) error {
	frame := p.login.Frame(r.Context())
	frame.AppName, frame.AppID, frame.LogoURI = c.Client.Name, c.Client.ID, c.Client.Settings.LogoURI
	return p.login.Show(w, r, http.StatusOK, c.UILocales, c.ReturnTo, login.LogoutConfirm{
		Frame:   frame,
		Form:    login.Form{PostTo: c.PostTo, State: c.State},
		Account: login.Account{Name: c.User.Profile.Name, Email: c.User.Email},
	})
}

func (p logoutPages) SignedOut(w http.ResponseWriter, r *http.Request) error {
	return p.login.Show(w, r, http.StatusOK, "", "", login.SignedOut{Frame: p.login.Frame(r.Context())})
}
