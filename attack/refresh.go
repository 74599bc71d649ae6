package attack

import (
	"fmt"
	"net/http"
)

// refreshCases are about refresh tokens.
func refreshCases() []attempt {
	return []attempt{
		{"refresh token", "changed at each place", "RFC 6749 section 10.4", func(r *run) error {
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			for _, changed := range spoiled(token) {
				a, err := r.refresh(r.Native, changed)
				if err := r.refusal(a, err); err != nil {
					return err
				}
			}
			return nil
		}},
		{"refresh token", "of another application", "RFC 6749 section 6", func(r *run) error {
			if err := r.needs(r.Web, false); err != nil {
				return err
			}
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			a, err := r.refresh(r.Web, token)
			return r.refusal(a, err)
		}},
		{"refresh token", "for more than was granted", "RFC 6749 section 6", func(r *run) error {
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			a, err := r.refresh(r.Native, token, "scope", "openid admin delete:everything")
			if err != nil {
				return err
			}
			if scope := " " + a.text("scope") + " "; a.status == http.StatusOK && containsWord(scope, "admin") {
				return works("the answer has the scope %q", scope)
			}
			return nil
		}},
		{"refresh token", "after it was revoked", "RFC 7009", func(r *run) error {
			if r.meta.Revocation == "" {
				return absent("there is no revocation endpoint")
			}
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			if a, err := r.form(r.meta.Revocation, "token", token, "client_id", r.Native.ID); err != nil || a.status != http.StatusOK {
				return fmt.Errorf("the revocation failed: %d %w", a.status, err)
			}
			a, err := r.refresh(r.Native, token)
			return r.refusal(a, err)
		}},
		{"refresh token", "used while it is revoked", "CVE-2023-0264", func(r *run) error {
			if r.meta.Revocation == "" {
				return absent("there is no revocation endpoint")
			}
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			newest := make(chan string, 8)
			r.atOnce(8, func() (answer, error) {
				a, err := r.refresh(r.Native, token)
				if t := a.text("refresh_token"); t != "" {
					newest <- t
				}
				if len(newest) == 1 {
					_, err = r.form(r.meta.Revocation, "token", token, "client_id", r.Native.ID)
				}
				return a, err
			})
			close(newest)
			_, _ = r.form(r.meta.Revocation, "token", token, "client_id", r.Native.ID)
			for t := range newest {
				a, err := r.refresh(r.Native, t)
				if err := r.refusal(a, err); err != nil {
					return fmt.Errorf("a successor outlived the revocation: %w", err)
				}
			}
			return nil
		}},
		{"refresh token", "of another's revocation", "RFC 7009 section 2.1", func(r *run) error {
			if r.meta.Revocation == "" {
				return absent("there is no revocation endpoint")
			}
			if err := r.needs(r.Web, false); err != nil {
				return err
			}
			token, err := r.refreshToken()
			if err != nil {
				return err
			}
			_, _ = r.form(r.meta.Revocation, "token", token, "client_id", r.Web.ID, "client_secret", r.Web.Secret)
			a, err := r.refresh(r.Native, token)
			if err == nil && a.status != http.StatusOK {
				return works("another application could revoke it: %d %.100s", a.status, a.body)
			}
			return err
		}},
		{"refresh token", "used again after its successor", "RFC 9700 section 4.14.2", func(r *run) error {
			spent, err := r.refreshToken()
			if err != nil {
				return err
			}
			a, err := r.refresh(r.Native, spent)
			if err != nil {
				return err
			}
			successor := a.text("refresh_token")
			if successor == "" || successor == spent {
				return absent("refresh tokens do not rotate")
			}
			if a, err = r.refresh(r.Native, successor); err != nil {
				return err
			}
			newest := a.text("refresh_token")
			a, err = r.refresh(r.Native, spent)
			if err := r.refusal(a, err); err != nil {
				return err
			}
			a, err = r.refresh(r.Native, newest)
			if err := r.refusal(a, err); err != nil {
				return fmt.Errorf("the family lives on after a theft: %w", err)
			}
			return nil
		}},
	}
}

func containsWord(list, word string) bool {
	for i := 0; i+len(word) <= len(list); i++ {
		if list[i:i+len(word)] == word && (i == 0 || list[i-1] == ' ') && (i+len(word) == len(list) || list[i+len(word)] == ' ') {
			return true
		}
	}
	return false
}

// refreshToken is one of a fresh sign-in.
func (r *run) refreshToken() (string, error) {
	changes := []string{"scope", "openid offline_access"}
	if r.Audience != "" {
		changes = append(changes, "audience", r.Audience)
	}
	code, err := r.code(r.Native, changes...)
	if err != nil {
		return "", err
	}
	a, err := r.exchange(r.Native, code)
	if err != nil {
		return "", err
	}
	token := a.text("refresh_token")
	if token == "" {
		return "", absent("the sign-in gives no refresh token")
	}
	return token, nil
}

func (r *run) refresh(app App, token string, changes ...string) (answer, error) {
	q := []string{"grant_type", "refresh_token", "client_id", app.ID, "refresh_token", token}
	if app.Secret != "" {
		q = append(q, "client_secret", app.Secret)
	}
	return r.form(r.meta.Token, change(q, changes)...)
}
