package api

import (
	"slices"

	"github.com/proofkey/proofkey/oauth"
)

// Lifetimes of refresh tokens in seconds, as the service fills them in.
const (
	shortRefresh, shortIdle = 2592000, 1296000
	longRefresh, longIdle   = 31557600, 2592000
)

// completeClient fills in what the service fills in when an application is created, by what was said.
func completeClient(d document) {
	first, said := d["is_first_party"].(bool)
	third := said && !first
	strict := third && text(d, "third_party_security_mode") == "strict"
	if third {
		fill(d, document{"third_party_security_mode": "permissive"})
	}
	completeTokens(d, strict)
	fill(d, document{
		"is_first_party": true, "is_token_endpoint_ip_header_trusted": false, "oidc_conformant": third,
		"sso_disabled": false, "cross_origin_authentication": false, "custom_login_page_on": true,
	})
	refresh, _ := d["refresh_token"].(map[string]any)
	if refresh == nil {
		refresh = document{}
		if third {
			refresh = document{"expiration_type": "expiring"}
			if !strict {
				refresh["rotation_type"] = "rotating"
			}
		}
	}
	completeRefresh(refresh, text(d, "token_endpoint_auth_method"))
	if strict {
		refresh["infinite_token_lifetime"] = true
	}
	d["refresh_token"] = refresh
}

// completeTokens fills in grant types and the configuration of ID tokens.
func completeTokens(d document, strict bool) {
	grants := []any{oauth.GrantAuthorizationCode, oauth.GrantImplicit, oauth.GrantRefreshToken, oauth.GrantClientCredentials}
	jwt := document{"lifetime_in_seconds": 36000, "secret_encoded": false}
	switch appType := text(d, "app_type"); {
	case appType == "express_configuration":
		grants = []any{oauth.GrantAuthorizationCode, oauth.GrantClientCredentials}
		jwt["alg"] = "RS256"
		fill(d, document{"oidc_conformant": true, "organization_usage": "require", "organization_require_behavior": "pre_login_prompt"})
	case appType == "resource_server":
		grants = []any{}
		jwt["alg"] = "RS256"
		fill(d, document{"oidc_conformant": true})
	case strict:
		grants = []any{oauth.GrantAuthorizationCode}
		jwt["alg"], jwt["lifetime_in_seconds"] = "RS256", 3600
	case text(d, "token_endpoint_auth_method") == oauth.AuthNone:
		grants = grants[:3]
	}
	fill(d, document{"grant_types": grants})
	if given, ok := d["jwt_configuration"].(map[string]any); ok {
		fill(given, document{"secret_encoded": false})
		return
	}
	d["jwt_configuration"] = jwt
}

// completeRefresh fills in the rules for refresh tokens; those that expire have an end.
func completeRefresh(d document, method string) {
	life, idle := shortRefresh, shortIdle
	if slices.Contains([]string{oauth.AuthSecretPost, oauth.AuthSecretBasic}, method) {
		life, idle = longRefresh, longIdle
	}
	fill(d, document{"rotation_type": "non-rotating"})
	fill(d, document{"expiration_type": map[bool]string{true: "expiring", false: "non-expiring"}[d["rotation_type"] == "rotating"]})
	endless := d["expiration_type"] != "expiring"
	fill(d, document{
		"leeway": 0, "token_lifetime": life, "idle_token_lifetime": idle,
		"infinite_token_lifetime": endless, "infinite_idle_token_lifetime": endless,
	})
}

// completeShown fills in what an application shows that was made through another door, such as the shell.
func completeShown(d document) {
	jwt, _ := d["jwt_configuration"].(map[string]any)
	d["jwt_configuration"] = merge(document{"lifetime_in_seconds": 36000, "alg": "RS256", "secret_encoded": false}, jwt)
	refresh, _ := d["refresh_token"].(map[string]any)
	refresh = merge(document{"leeway": 60, "token_lifetime": shortRefresh, "idle_token_lifetime": shortIdle}, refresh)
	completeRefresh(refresh, "")
	d["refresh_token"] = refresh
	fill(d, document{
		"is_first_party": true, "is_token_endpoint_ip_header_trusted": false, "oidc_conformant": true,
		"sso_disabled": false, "cross_origin_authentication": false, "custom_login_page_on": true, "grant_types": []any{},
	})
}
