package claims

import (
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// profile are the claims about the user in the order of Auth0's answers (spec sections 6.1 and 22.5).
type profile struct {
	GivenName     string `json:"given_name,omitempty"`
	FamilyName    string `json:"family_name,omitempty"`
	MiddleName    string `json:"middle_name,omitempty"`
	Nickname      string `json:"nickname,omitempty"`
	Name          string `json:"name,omitempty"`
	Picture       string `json:"picture,omitempty"`
	UpdatedAt     string `json:"updated_at,omitempty"`
	CreatedAt     string `json:"created_at,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified *bool  `json:"email_verified,omitempty"`
	PhoneNumber   string `json:"phone_number,omitempty"`
	PhoneVerified *bool  `json:"phone_number_verified,omitempty"`
}

// Supported are the claims that tokens and /userinfo can have, for the metadata.
func Supported() []string {
	return []string{
		"aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
		"middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture", "sid", "sub", "updated_at",
	}
}

// Scopes are the scopes that name claims: those of OpenID Connect Core section 5.4, and Auth0's for a single claim.
func Scopes() []string {
	return []string{
		oauth.ScopeOpenID, oauth.ScopeProfile, "name", "given_name", "family_name", "nickname", oauth.ScopeEmail,
		"email_verified", "picture", "created_at", oauth.ScopePhone,
	}
}

func profileOf(u *store.User, granted oauth.Scope) (p profile) {
	all := granted.Has(oauth.ScopeProfile)
	give := func(scope string, to *string, value string) {
		if all || granted.Has(scope) {
			*to = value
		}
	}
	give("given_name", &p.GivenName, u.Profile.GivenName)
	give("family_name", &p.FamilyName, u.Profile.FamilyName)
	give("nickname", &p.Nickname, u.Profile.Nickname)
	give("name", &p.Name, u.Profile.Name)
	give("picture", &p.Picture, u.Profile.Picture)
	if all {
		p.MiddleName, p.UpdatedAt = u.Profile.MiddleName, date(u.UpdatedAt)
	}
	if granted.Has("created_at") {
		p.CreatedAt = date(u.CreatedAt)
	}
	email := granted.Has(oauth.ScopeEmail)
	if email {
		p.Email = u.Email
	}
	if u.Email != "" && (email || granted.Has("email_verified")) {
		p.EmailVerified = &u.Profile.EmailVerified
	}
	if u.Profile.PhoneNumber != "" && granted.Has(oauth.ScopePhone) {
		p.PhoneNumber, p.PhoneVerified = u.Profile.PhoneNumber, &u.Profile.PhoneVerified
	}
	return p
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// userInfo is spec section 6.1.
type userInfo struct {
	Sub string `json:"sub"`
	profile
}

// UserInfo is the answer of /userinfo: the user as stored now, cut to the scope of the access token.
func UserInfo(u store.User, scope oauth.Scope) any {
	return userInfo{Sub: u.ID, profile: profileOf(&u, scope)}
}
