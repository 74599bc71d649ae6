package explain

import "strings"

// organizationRules are about sign-ins and tokens for an organization.
var organizationRules = []rule{
	{name: "organization_usage", reason: "the application's organization_usage is deny", check: checkOrganization,
		cause: "The request is for an organization, and {client} serves individuals only.",
		mend:  "Set what the application is for to organizations, or to both; or leave the parameter organization out.", setting: "clients organization_usage"},
	{name: "organization_third_party", reason: "the organization's third_party_client_access is block", check: checkOrganization,
		cause: "{client} is of a third party, and the organization lets none in.", mend: "Allow third-party applications in the organization.", setting: "organizations third_party_client_access"},
	{name: "organization_grant_required", reason: "the client grant's organization_usage is require", check: checkOrganization,
		cause: "The client grant of {client} is for organizations only, and the request names none.",
		mend:  "Send organization, or give the application a default organization.", setting: "client-grants organization_usage"},
	{name: "organization_required", says: "parameter organization is required", check: checkOrganization,
		cause: "{client} is for members of organizations only, and the request names none.",
		mend:  "Send organization, or let the login ask for it.", setting: "clients organization_require_behavior"},
	{name: "organization_unknown", says: "parameter organization is invalid: ", check: checkOrganization,
		cause: "The tenant has no organization {value}.",
		mend:  "Send the organization's id. Its name is taken where the tenant allows names.", setting: "tenants allow_organization_name_in_authentication_api"},
	{name: "organization_connection", reason: "the organization does not have the connection", check: checkConnection,
		cause: "The app asked for a connection that the organization does not have ({reason}).", mend: "Enable the connection for the organization.", setting: "organizations enabled_connections"},
	{name: "organization_connection_gone", reason: "the user's connection is not one of the organization's", check: checkOrganization,
		cause: "The connection of the user no longer signs anybody in to the organization.", mend: "Enable the connection for the organization again.", setting: "organizations enabled_connections"},
	{name: "organization_deleted", reason: "the organization was deleted", check: checkOrganization,
		cause: "The organization was deleted.", mend: "The user signs in again, to another organization or to none."},
	{name: "not_member", when: func(s *scene) bool {
		return strings.Contains(s.message, " is not part of the ") || strings.Contains(s.reason, "no longer a member of the organization")
	}, check: checkOrganization,
		cause: "The user is no member of the organization.", mend: "Add them to its members, or let its connection assign membership on login.", setting: "organizations members"},
	{name: "no_organization", says: "client requires organization membership", check: checkOrganization,
		cause: "{client} is for members of organizations only, and the user is a member of none.", mend: "Add the user to an organization.", setting: "organizations members"},
	{name: "invitation_alone", says: "The parameter invitation must come with", check: checkOrganization,
		cause: "The app sent invitation without organization.", mend: "Send both on from the link of the invitation."},
	{name: "invitation_bound", says: "invitation not found", reason: "the invitation is to another", check: checkOrganization,
		cause: "The invitation is not for this sign-in: {reason}.", mend: "Send invitation and organization as the link has them, from the application that it was made for."},
	{name: "invitation_gone", says: "invitation not found", check: checkOrganization,
		cause: "The invitation was accepted or taken back, or has expired.", mend: "Make another one, unless the person is a member by now."},
	{name: "invitation_address", says: "the invitation is for another email address", check: checkOrganization,
		cause: "The user who signed in is not the one who is invited.", mend: "Sign in with the invited address, or invite the other one."},
	{name: "organization_grant", says: "The application's client grant for this API", check: checkOrganization,
		cause: "The client grant of {client} is not for this organization: {message}", mend: "Associate the organization with the client grant, or let the grant be for any.", setting: "client-grants organization_usage"},
}
