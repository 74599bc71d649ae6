package discovery

import (
	"context"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/keys"
)

// Mounted says what answers on this domain. Paths have no leading slash; an empty one is not mounted and not advertised.
type Mounted struct {
	Authorize  string
	Token      string
	UserInfo   string
	Revoke     string
	EndSession string

	GrantTypes    []string
	ResponseModes []string
	Prompts       []string
	// Scopes and Claims are those that every application can ask for and get.
	Scopes []string
	Claims []string
	// IssParameter says that answers of the authorization endpoint carry iss (RFC 9207).
	IssParameter bool
}

// metadata is spec section 12.1. It leaves out what Auth0 lists and this server does not have, device authorization, PAR,
// registration, CIBA and MFA endpoints among it, and two things on purpose:
//
//   - response_types_supported is code alone: RFC 9700 section 2.1.2 wants no access token in a redirect.
//   - code_challenge_methods_supported is S256 alone: plain protects nothing from who can read the request.
type metadata struct {
	Issuer           string   `json:"issuer"`
	Authorization    string   `json:"authorization_endpoint,omitempty"`
	Token            string   `json:"token_endpoint,omitempty"`
	UserInfo         string   `json:"userinfo_endpoint,omitempty"`
	JWKS             string   `json:"jwks_uri"`
	Revocation       string   `json:"revocation_endpoint,omitempty"`
	EndSession       string   `json:"end_session_endpoint,omitempty"`
	Scopes           []string `json:"scopes_supported"`
	ResponseTypes    []string `json:"response_types_supported"`
	ResponseModes    []string `json:"response_modes_supported"`
	Grants           []string `json:"grant_types_supported"`
	ChallengeMethods []string `json:"code_challenge_methods_supported"`
	SubjectTypes     []string `json:"subject_types_supported"`
	IDTokenAlgs      []string `json:"id_token_signing_alg_values_supported"`
	TokenAuth        []string `json:"token_endpoint_auth_methods_supported"`
	TokenAuthAlgs    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	RevocationAuth   []string `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	Prompts          []string `json:"prompt_values_supported,omitempty"`
	ACRValues        []string `json:"acr_values_supported,omitempty"`
	Locales          []string `json:"ui_locales_supported,omitempty"`
	ClaimTypes       []string `json:"claim_types_supported"`
	Claims           []string `json:"claims_supported"`
	ClaimsParameter  bool     `json:"claims_parameter_supported"`
	RequestParameter bool     `json:"request_parameter_supported"`
	RequestURI       bool     `json:"request_uri_parameter_supported"` // absent would mean true
	IssuerInResponse bool     `json:"authorization_response_iss_parameter_supported,omitempty"`
}

func (d *Discovery) metadata(ctx context.Context) ([]byte, error) {
	tenant, err := d.DB.Tenant(ctx)
	if err != nil {
		return nil, err
	}
	mounted, auth := d.Mounted, []string{oauth.AuthSecretBasic, oauth.AuthSecretPost, oauth.AuthPrivateKeyJWT, oauth.AuthNone}
	doc := metadata{
		Issuer:           d.Issuer,
		Authorization:    d.endpoint(mounted.Authorize),
		Token:            d.endpoint(mounted.Token),
		UserInfo:         d.endpoint(mounted.UserInfo),
		JWKS:             d.Issuer + ".well-known/jwks.json",
		Revocation:       d.endpoint(mounted.Revoke),
		Scopes:           mounted.Scopes,
		ResponseTypes:    []string{oauth.ResponseTypeCode},
		ResponseModes:    mounted.ResponseModes,
		Grants:           mounted.GrantTypes,
		ChallengeMethods: []string{oauth.MethodS256},
		SubjectTypes:     []string{"public"},
		IDTokenAlgs:      []string{"HS256", keys.RS256},
		TokenAuth:        auth,
		TokenAuthAlgs:    []string{"RS256", "RS384", "PS256"},
		Prompts:          mounted.Prompts,
		ACRValues:        tenant.Settings.ACRValuesSupported,
		Locales:          tenant.Settings.EnabledLocales,
		ClaimTypes:       []string{"normal"},
		Claims:           mounted.Claims,
		IssuerInResponse: mounted.IssParameter,
	}
	if mounted.Revoke != "" {
		doc.RevocationAuth = auth
	}
	if on := tenant.Settings.OIDCLogout.EndSessionEndpointDiscovery; on == nil || *on {
		doc.EndSession = d.endpoint(mounted.EndSession)
	}
	return encode(doc)
}

func (d *Discovery) endpoint(path string) string {
	if path == "" {
		return ""
	}
	return d.Issuer + path
}
