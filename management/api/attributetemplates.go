package api

import "context"

// attribute is how a user's attribute is said by each protocol.
type attribute struct {
	name, label string
	auth0       string // where it is in a user; the name if it is not said
	scim        string
	oidc        string // the claim
	saml        []any  // without the schema of identity claims
}

const samlClaims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

// samlNames are what SAML has the user's id in, the best first.
var samlNames = []any{samlClaims + "nameidentifier", samlClaims + "upn", samlClaims + "name"}

const enterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User."

// userAttributes are those that profiles and provisioning begin with, under their names of SCIM (RFC 7643) and OpenID Connect.
var userAttributes = []attribute{
	{name: "username", label: "Username", auth0: "preferred_username", scim: "userName", oidc: "preferred_username"},
	{name: "email", label: "Email", scim: "emails[primary eq true].value", oidc: "email", saml: []any{"emailaddress"}},
	{name: "external_id", label: "External ID", auth0: "app_metadata.external_id", scim: "externalId"},
	{name: "blocked", label: "Blocked", scim: "active"},
	{name: "name", label: "Name", scim: "displayName", oidc: "name", saml: []any{"name"}},
	{name: "given_name", label: "Given name", scim: "name.givenName", oidc: "given_name", saml: []any{"givenname"}},
	{name: "family_name", label: "Family name", scim: "name.familyName", oidc: "family_name", saml: []any{"surname"}},
	{name: "middle_name", label: "Middle name", auth0: "app_metadata.middle_name", scim: "name.middleName"},
	{name: "honorific_prefix", label: "Honorific prefix", auth0: "app_metadata.honorific_prefix", scim: "name.honorificPrefix"},
	{name: "honorific_suffix", label: "Honorific suffix", auth0: "app_metadata.honorific_suffix", scim: "name.honorificSuffix"},
	{name: "nickname", label: "Nickname", scim: "nickName", oidc: "nickname"},
	{name: "picture", label: "Picture", scim: `photos[type eq "photo"].value`, oidc: "picture"},
	{name: "primary_phone_number", label: "Primary phone number", auth0: "app_metadata.primary_phone_number", scim: "phoneNumbers[primary eq true].value"},
	{name: "mobile_phone_number", label: "Mobile phone number", auth0: "app_metadata.mobile_phone_number", scim: `phoneNumbers[type eq "mobile"].value`},
	{name: "street_address", label: "Street address", auth0: "app_metadata.street_address", scim: `addresses[type eq "work"].streetAddress`},
	{name: "city", label: "City", auth0: "app_metadata.city", scim: `addresses[type eq "work"].locality`},
	{name: "state", label: "State", auth0: "app_metadata.state", scim: `addresses[type eq "work"].region`},
	{name: "postal_code", label: "Postal code", auth0: "app_metadata.postal_code", scim: `addresses[type eq "work"].postalCode`},
	{name: "postal_address", label: "Postal address", auth0: "app_metadata.postal_address", scim: `addresses[type eq "work"].formatted`},
	{name: "country", label: "Country", auth0: "app_metadata.country", scim: `addresses[type eq "work"].country`},
	{name: "profile_url", label: "Profile URL", auth0: "app_metadata.profile_url", scim: "profileUrl"},
	{name: "user_type", label: "User type", auth0: "app_metadata.user_type", scim: "userType"},
	{name: "title", label: "Title", auth0: "app_metadata.title", scim: "title"},
	{name: "language", label: "Language", auth0: "app_metadata.language", scim: "preferredLanguage"},
	{name: "locale", label: "Locale", auth0: "app_metadata.locale", scim: "locale"},
	{name: "timezone", label: "Time zone", auth0: "app_metadata.timezone", scim: "timezone"},
	{name: "employee_id", label: "Employee ID", auth0: "app_metadata.employee_id", scim: enterpriseUser + "employeeNumber"},
	{name: "cost_center", label: "Cost center", auth0: "app_metadata.cost_center", scim: enterpriseUser + "costCenter"},
	{name: "organization", label: "Organization", auth0: "app_metadata.organization", scim: enterpriseUser + "organization"},
	{name: "division", label: "Division", auth0: "app_metadata.division", scim: enterpriseUser + "division"},
	{name: "department", label: "Department", auth0: "app_metadata.department", scim: enterpriseUser + "department"},
	{name: "manager", label: "Manager", auth0: "app_metadata.manager", scim: enterpriseUser + "manager"},
}

func (a attribute) place() string {
	if a.auth0 == "" {
		return a.name
	}
	return a.auth0
}

// scimMapping is the mapping of a connection that says none.
func scimMapping() []any {
	var all []any
	for _, a := range userAttributes {
		all = append(all, document{"auth0": a.place(), "scim": a.scim})
	}
	return all
}

// attributeTemplate is a user attribute profile to begin with.
func attributeTemplate() document {
	attributes := document{}
	for _, a := range userAttributes {
		d := document{
			"label": a.label, "description": a.label, "profile_required": a.name == "email", "auth0_mapping": a.place(), "scim_mapping": a.scim,
		}
		if a.oidc != "" {
			d["oidc_mapping"] = document{"mapping": "${context.tokenset." + a.oidc + "}", "display_name": a.oidc}
		}
		if len(a.saml) > 0 {
			var names []any
			for _, claim := range a.saml {
				names = append(names, samlClaims+claim.(string))
			}
			d["saml_mapping"] = names
		}
		attributes[a.name] = d
	}
	return document{"id": "auth0-generic", "display_name": "Generic user attribute profile", "template": document{
		"name": "Generic user attribute profile", "user_attributes": attributes,
		"user_id": document{
			"oidc_mapping": "sub", "saml_mapping": samlNames, "scim_mapping": "externalId",
			"strategy_overrides": document{
				"samlp": document{"scim_mapping": "userName"}, "waad": document{"oidc_mapping": "oid"}, "google-apps": document{"oidc_mapping": "email"},
			},
		},
	}}
}

func (h *Handler) listAttributeTemplates(context.Context, *call) (any, error) {
	return listing{items: []document{attributeTemplate()}}, nil
}

func (h *Handler) getAttributeTemplate(_ context.Context, c *call) (any, error) {
	if t := attributeTemplate(); c.vars["id"] == t["id"] {
		return t, nil
	}
	return nil, notFound("", "User attribute profile template not found.")
}
