package api

// systemTemplate is what the service makes of an API whose identifier is that of one of its own; of others it is nil.
func (h *Handler) systemTemplate(identifier string) document {
	if identifier == "urn:auth0:express-configure" {
		return expressAPI()
	}
	for _, d := range h.Domains {
		if identifier == d.Issuer()+"me/" {
			return accountAPI()
		}
	}
	return nil
}

func expressAPI() document {
	return document{
		"name": "Okta OIN Express Configuration API", "is_system": true, "signing_alg": "RS256", "token_lifetime": 300, "enforce_policies": true,
		"scopes": []any{
			document{"value": "express_configure:sso", "description": "Ability to create SSO configurations"},
			document{"value": "express_configure:scim", "description": "Ability to create scim configurations"},
		},
		"subject_type_authorization": policies("deny_all", "allow_all"),
	}
}

func accountAPI() document {
	return document{
		"name": "Auth0 My Account API", "is_system": true, "signing_alg": "RS256", "token_lifetime": 600, "token_lifetime_for_web": 600,
		"allow_offline_access": true, "skip_consent_for_verifiable_first_party_clients": true,
		"scopes": []any{
			document{"value": "create:me:connected_accounts", "description": "Create Connected Accounts"},
			document{"value": "read:me:connected_accounts", "description": "Read Connected Accounts"},
			document{"value": "delete:me:connected_accounts", "description": "Delete Connected Accounts"},
		},
		"proof_of_possession":        document{"mechanism": "dpop", "required": false},
		"subject_type_authorization": policies("deny_all", "require_client_grant"),
	}
}

// policies are who may ask for tokens of an API.
func policies(client, user string) document {
	return document{"client": document{"policy": client}, "user": document{"policy": user}}
}
