package explain_test

import (
	"time"

	"github.com/proofkey/proofkey/store"
)

// organization makes one with the tenant's connection, where the application is for organizations.
func (s *site) organization(usage string) store.Organization {
	s.t.Helper()
	s.change(func(c *store.Client) { c.Settings.OrganizationUsage = usage })
	o := store.Organization{Name: "acme"}
	s.write(func(tx *store.Tx) error {
		if err := tx.CreateOrganization(s.t.Context(), &o); err != nil {
			return err
		}
		conn, err := tx.Connection(s.t.Context(), store.DefaultConnection)
		if err != nil {
			return err
		}
		return tx.AddOrganizationConnection(s.t.Context(), store.OrganizationConnection{OrganizationID: o.ID, ConnectionID: conn.ID})
	})
	return o
}

func (s *site) write(change func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.DB.Write(s.t.Context(), change); err != nil {
		s.t.Fatal(err)
	}
}

// join makes Jane a member.
func (s *site) join(o store.Organization) {
	s.write(func(tx *store.Tx) error {
		_, err := tx.AddMember(s.t.Context(), o.ID, s.user.ID)
		return err
	})
}

// invite makes an invitation and returns its ticket.
func (s *site) invite(o store.Organization, address, clientID string) string {
	i := store.Invitation{OrganizationID: o.ID, ClientID: clientID, Email: address, ExpiresAt: s.DB.Now().Add(time.Hour)}
	s.write(func(tx *store.Tx) error { return tx.CreateInvitation(s.t.Context(), &i) })
	return i.Ticket
}

// grant makes a client grant of the web application and asks for a token by it.
func (s *site) grant(usage, organization string) {
	s.write(func(tx *store.Tx) error {
		return tx.SaveClientGrant(s.t.Context(), &store.ClientGrant{ClientID: s.web.ID, Audience: audience, OrganizationUsage: usage})
	})
	s.Token("grant_type", "client_credentials", "client_id", s.web.ID, "client_secret", s.web.Secret, "audience", audience, "organization", organization)
}

// inside is a refresh token of Jane as a member.
func (s *site) inside() (store.Organization, string) {
	o := s.organization("allow")
	s.join(o)
	return o, s.Exchange(s.app, s.code("organization", o.ID, "scope", "openid offline_access")).Text("refresh_token")
}

var organizationCases = []mistake{
	{"organization_usage", "individuals only", func(s *site) { s.authorize(s.app, "organization", s.organization("deny").ID) }},
	{"organization_third_party", "lets none in", func(s *site) {
		o := s.organization("allow")
		s.change(func(c *store.Client) { c.Settings.ThirdParty = true })
		s.authorize(s.app, "organization", o.ID)
	}},
	{"organization_required", "names none", func(s *site) { s.organization("require"); s.authorize(s.app) }},
	{"organization_unknown", "no organization acme", func(s *site) { s.organization("allow"); s.authorize(s.app, "organization", "acme") }},
	{"organization_connection", "Enable the connection for the organization", func(s *site) {
		o := s.organization("allow")
		s.write(func(tx *store.Tx) error {
			return tx.CreateConnection(s.t.Context(), &store.Connection{Name: "staff", Strategy: store.DatabaseStrategy})
		})
		s.authorize(s.app, "organization", o.ID, "connection", "staff")
	}},
	{"not_member", "Add them to its members", func(s *site) { s.code("organization", s.organization("allow").ID) }},
	{"not_member", "no member", func(s *site) {
		o := s.organization("allow")
		s.join(o)
		code := s.code("organization", o.ID)
		s.write(func(tx *store.Tx) error { return tx.RemoveMember(s.t.Context(), o.ID, s.user.ID) })
		s.Exchange(s.app, code)
	}},
	{"no_organization", "a member of none", func(s *site) {
		s.organization("require")
		s.change(func(c *store.Client) { c.Settings.OrganizationRequireBehavior = "post_login_prompt" })
		s.code()
	}},
	{"organization_connection_gone", "no longer signs anybody in", func(s *site) {
		o, token := s.inside()
		s.write(func(tx *store.Tx) error {
			all, err := tx.OrganizationConnections(s.t.Context(), o.ID)
			if err != nil {
				return err
			}
			return tx.RemoveOrganizationConnection(s.t.Context(), o.ID, all[0].ConnectionID)
		})
		s.refresh(token)
	}},
	{"organization_deleted", "deleted", func(s *site) {
		o, token := s.inside()
		s.write(func(tx *store.Tx) error { return tx.DeleteOrganization(s.t.Context(), o.ID) })
		s.refresh(token)
	}},
	{"invitation_alone", "both", func(s *site) { s.authorize(s.app, "invitation", "x") }},
	{"invitation_gone", "Make another one", func(s *site) { s.authorize(s.app, "organization", s.organization("allow").ID, "invitation", "x") }},
	{"invitation_bound", "another application", func(s *site) {
		o := s.organization("allow")
		s.authorize(s.app, "organization", o.ID, "invitation", s.invite(o, email, s.web.ID))
	}},
	{"invitation_address", "the invited address", func(s *site) {
		o := s.organization("allow")
		joe := s.User("joe@example.com", password)
		s.write(func(tx *store.Tx) error { return tx.LinkUser(s.t.Context(), joe, s.user.ID) })
		s.code("organization", o.ID, "invitation", s.invite(o, joe.Email, s.app.ID))
	}},
	{"organization_grant", "allows no organization", func(s *site) { s.grant("", s.organization("allow").ID) }},
	{"organization_grant", "not associated", func(s *site) { s.grant("allow", s.organization("allow").ID) }},
	{"organization_grant_required", "names none", func(s *site) { s.grant("require", "") }},
}
