// Package claims says what goes into which token: it is a function of rows and of what was granted, and signs nothing.
//
// What every caller may rely on:
//
//   - A claim about the user appears only when the scope that names it was granted (OpenID Connect Core section 5.4), and
//     is left out, not empty, when the user has no such value.
//   - iat, exp and auth_time are JSON numbers of seconds, updated_at and created_at are texts with milliseconds and Z: the
//     SDKs drop them in any other form.
//   - nonce is there exactly when the application sent one, and never after a refresh.
//   - An API's access token names its algorithm and typ here, so that the choice of key and dialect is made once.
package claims

import (
	"strings"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// typ of the JWTs; at+jwt is RFC 9068 section 2.1.
const (
	TypJWT         = "JWT"
	TypAccessToken = "at+jwt"
)

// AlgOpaque is what [AccessToken] answers for a token without an API: it is sealed, not signed.
const AlgOpaque = "dir"

// opaqueLife is fixed: only an API has a setting for it.
const opaqueLife = 86400 * time.Second

// Issuance is everything that decides about the tokens of one answer.
type Issuance struct {
	Issuer      string
	Client      store.Client
	User        *store.User // nil for client_credentials
	API         *store.API  // nil: an opaque access token
	Scope       oauth.Scope // as granted
	Permissions []string    // what the subject may do with the API, where it enforces policies
	// OrganizationID is the organization that the tokens are for, or empty; the name is there where tokens are to say it.
	OrganizationID, OrganizationName string
	SessionID                        string
	Nonce                            string
	AuthTime                         time.Time
	WantAuthTime                     bool   // max_age was sent, or prompt=login
	GrantType                        string // as in the grant_type parameter
	TokenID                          string // jti
	Now                              time.Time
}

// subject is the user, or the application itself.
func (i Issuance) subject() string {
	if i.User == nil {
		return i.Client.ID + "@clients"
	}
	return i.User.ID
}

// accessToken is spec section 22.2 in both dialects.
type accessToken struct {
	Iss      string `json:"iss"`
	Sub      string `json:"sub"`
	Aud      any    `json:"aud"` // a text, or a list of two
	Iat      int64  `json:"iat"`
	Exp      int64  `json:"exp"`
	Scope    string `json:"scope,omitempty"`
	Gty      string `json:"gty,omitempty"`
	Azp      string `json:"azp,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	Jti      string `json:"jti,omitempty"`
	OrgID    string `json:"org_id,omitempty"`
	OrgName  string `json:"org_name,omitempty"`
	// Permissions is there, be it empty, where the API enforces policies and its dialect has them.
	Permissions []string `json:"permissions,omitzero"`
}

// AccessToken is the content of the access token, with what it is to be signed with and how long it lives. Without an API
// alg is [AlgOpaque] and the claims are an [Opaque].
func AccessToken(i Issuance) (alg, typ string, claims any, life time.Duration) {
	if i.API == nil {
		return AlgOpaque, "", opaque(i), opaqueLife
	}
	alg, life = i.API.Settings.Alg(), i.API.Settings.TokenLife()
	c := accessToken{
		Iss:   i.Issuer,
		Sub:   i.subject(),
		Aud:   i.API.Identifier,
		Iat:   i.Now.Unix(),
		Exp:   i.Now.Add(life).Unix(),
		Scope: i.Scope.String(),
		Jti:   i.TokenID,
		OrgID: i.OrganizationID, OrgName: i.OrganizationName,
	}
	// /userinfo is a second audience only where the API's key lets us verify what we signed.
	if i.User != nil && alg == "RS256" && i.Scope.Has(oauth.ScopeOpenID) {
		c.Aud = [2]string{i.API.Identifier, i.Issuer + "userinfo"}
	}
	if i.API.Settings.EnforcePolicies && strings.HasSuffix(i.API.Settings.TokenDialect, "_authz") {
		c.Permissions = append([]string{}, i.Permissions...)
	}
	if strings.HasPrefix(i.API.Settings.TokenDialect, "rfc9068_profile") {
		c.ClientID = i.Client.ID
		return alg, TypAccessToken, c, life
	}
	c.Azp, c.Gty = i.Client.ID, gty(i.GrantType)
	return alg, TypJWT, c, life
}

// gty is Auth0's own claim; it is absent after a code exchange.
func gty(grantType string) string {
	switch grantType {
	case oauth.GrantClientCredentials:
		return "client-credentials"
	case oauth.GrantPassword, oauth.GrantPasswordRealm:
		return "password"
	case oauth.GrantRefreshToken:
		return "refresh_token"
	}
	return ""
}

// Opaque is the content of an access token without an API. Only this server reads it.
type Opaque struct {
	Iss      string `json:"iss"`
	Sub      string `json:"sub"`
	Aud      string `json:"aud"`
	ClientID string `json:"client_id"`
	Scope    string `json:"scope,omitempty"`
	Iat      int64  `json:"iat"`
	Exp      int64  `json:"exp"`
	Jti      string `json:"jti,omitempty"`
}

func opaque(i Issuance) Opaque {
	return Opaque{
		Iss:      i.Issuer,
		Sub:      i.subject(),
		Aud:      i.Issuer + "userinfo",
		ClientID: i.Client.ID,
		Scope:    i.Scope.String(),
		Iat:      i.Now.Unix(),
		Exp:      i.Now.Add(opaqueLife).Unix(),
		Jti:      i.TokenID,
	}
}

// idToken is spec section 22.3.
type idToken struct {
	profile
	Iss      string `json:"iss"`
	Sub      string `json:"sub"`
	Aud      string `json:"aud"`
	Iat      int64  `json:"iat"`
	Exp      int64  `json:"exp"`
	AuthTime int64  `json:"auth_time,omitempty"`
	Sid      string `json:"sid,omitempty"`
	AtHash   string `json:"at_hash,omitempty"`
	Nonce    string `json:"nonce,omitempty"`
	OrgID    string `json:"org_id,omitempty"`
	OrgName  string `json:"org_name,omitempty"`
}

// IDTokenAlg is RS256, or HS256 where the application asks for it and has a secret to verify with.
func IDTokenAlg(c store.Client) string {
	if c.Settings.JWT.Alg == "HS256" && c.Secret != "" && c.Settings.TokenEndpointAuthMethod != oauth.AuthNone {
		return "HS256"
	}
	return "RS256"
}

// IDToken is the content of the ID token, whose typ is [TypJWT]. It needs a user; accessToken may be empty.
func IDToken(i Issuance, accessToken string) any {
	c := idToken{
		profile: profileOf(i.User, i.Scope),
		Iss:     i.Issuer,
		Sub:     i.User.ID,
		Aud:     i.Client.ID,
		Iat:     i.Now.Unix(),
		Exp:     i.Now.Add(i.Client.Settings.IDTokenLife()).Unix(),
		Sid:     i.SessionID,
		Nonce:   i.Nonce,
		OrgID:   i.OrganizationID,
		OrgName: i.OrganizationName,
	}
	if i.GrantType == oauth.GrantRefreshToken {
		c.Nonce = ""
	}
	if i.WantAuthTime && !i.AuthTime.IsZero() {
		c.AuthTime = i.AuthTime.Unix()
	}
	if accessToken != "" {
		c.AtHash = oauth.LeftHash(IDTokenAlg(i.Client), accessToken)
	}
	return c
}
