package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) organizationInvitations() []operation {
	return []operation{
		{"GET", "/organizations/{id}/invitations", "List an organization's invitations", "", h.listInvitations},
		{"POST", "/organizations/{id}/invitations", "Create an invitation to an organization", invitation, h.createInvitation},
		{"GET", "/organizations/{id}/invitations/{invitation_id}", "Get an invitation to an organization", "", h.getInvitation},
		{"DELETE", "/organizations/{id}/invitations/{invitation_id}", "Delete an invitation to an organization", "", h.deleteInvitation},
	}
}

// invitation names the entity.
const invitation = "organization_invitation"

const invitationLife = 7 * 24 * time.Hour

var noInvitation = notFound("inexistent_invitation", "The invitation does not exist.")

func showInvitation(i store.Invitation) document {
	out := document{
		"id": i.ID, "organization_id": i.OrganizationID, "client_id": i.ClientID,
		"inviter": document{"name": i.Settings.Inviter}, "invitee": document{"email": i.Email},
		"invitation_url": invitationURL(i), "ticket_id": i.Ticket,
		"created_at": stamp(i.CreatedAt), "expires_at": stamp(i.ExpiresAt),
	}
	if i.ConnectionID != "" {
		out["connection_id"] = i.ConnectionID
	}
	if len(i.Settings.Roles) > 0 {
		out["roles"] = i.Settings.Roles
	}
	if i.Settings.AppMetadata != nil {
		out["app_metadata"] = i.Settings.AppMetadata
	}
	if i.Settings.UserMetadata != nil {
		out["user_metadata"] = i.Settings.UserMetadata
	}
	return out
}

// invitationURL leads to the application, which sends the parameters on to /authorize.
func invitationURL(i store.Invitation) string {
	separator := "?"
	if strings.Contains(i.Settings.LoginURL, "?") {
		separator = "&"
	}
	return i.Settings.LoginURL + separator + "invitation=" + i.Ticket + "&organization=" + i.OrganizationID +
		"&organization_name=" + url.QueryEscape(i.Settings.OrganizationName)
}

func (h *Handler) listInvitations(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	if _, err := findOrganization(ctx, h.DB.Queries, id); err != nil {
		return nil, err
	}
	_, newest, err := readSort(c.query.Get("sort"), "created_at")
	if err != nil {
		return nil, err
	}
	found, err := h.DB.Invitations(ctx, id, newest, c.page.offset, c.page.limit)
	if err != nil {
		return nil, err
	}
	l := listing{}
	for _, i := range found {
		l.items = append(l.items, showInvitation(i))
	}
	if c.page.totals {
		l.total, err = h.DB.CountInvitations(ctx, id)
	}
	return l, err
}

func findInvitation(ctx context.Context, q store.Queries, c *call) (store.Invitation, error) {
	if _, err := findOrganization(ctx, q, c.vars["id"]); err != nil {
		return store.Invitation{}, err
	}
	i, err := q.Invitation(ctx, c.vars["id"], c.vars["invitation_id"])
	if errors.Is(err, store.ErrNotFound) {
		return i, noInvitation
	}
	return i, err
}

func (h *Handler) getInvitation(ctx context.Context, c *call) (any, error) {
	i, err := findInvitation(ctx, h.DB.Queries, c)
	if err != nil {
		return nil, err
	}
	return showInvitation(i), nil
}

// readInvitation is an invitation as it was sent.
func readInvitation(body document) (i store.Invitation, err error) {
	inviter, _ := body["inviter"].(map[string]any)
	invitee, _ := body["invitee"].(map[string]any)
	switch {
	case text(inviter, "name") == "":
		return i, payloadError("Missing required property: name", "inviter")
	case text(invitee, "email") == "":
		return i, payloadError("Missing required property: email", "invitee")
	}
	email, good := identity.CleanEmail(text(invitee, "email"))
	if !good {
		return i, sentError("Object didn't pass validation for format email: ", text(invitee, "email"), "invitee.email")
	}
	i = store.Invitation{ClientID: text(body, "client_id"), ConnectionID: text(body, "connection_id"), Email: email}
	i.Settings.Inviter, i.Settings.Roles = text(inviter, "name"), texts(body, "roles")
	i.Settings.AppMetadata, _ = body["app_metadata"].(map[string]any)
	i.Settings.UserMetadata, _ = body["user_metadata"].(map[string]any)
	return i, nil
}

// createInvitation makes the link. Nothing is sent: whoever asks for it hands it on.
func (h *Handler) createInvitation(ctx context.Context, c *call) (any, error) {
	made, err := readInvitation(c.object())
	if err != nil {
		return nil, err
	}
	life := invitationLife
	if n, _ := c.object()["ttl_sec"].(json.Number); n != "" && n != "0" {
		seconds, err := n.Int64()
		if err != nil {
			return nil, payloadError("Expected type integer but found type number", "ttl_sec")
		}
		life = time.Duration(seconds) * time.Second
	}
	made.OrganizationID, made.ExpiresAt = c.vars["id"], h.DB.Now().Add(life)
	i := made
	err = c.change(ctx, func(tx *store.Tx) error {
		i = made
		if err := checkInvitation(ctx, tx.Queries, &i); err != nil {
			return err
		}
		err := tx.CreateInvitation(ctx, &i)
		c.target = i.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	return showInvitation(i), nil
}

// checkInvitation refuses an invitation that nobody could accept, and says where it leads.
func checkInvitation(ctx context.Context, q store.Queries, i *store.Invitation) error {
	org, err := findOrganization(ctx, q, i.OrganizationID)
	if err != nil {
		return err
	}
	client, err := q.Client(ctx, i.ClientID)
	if errors.Is(err, store.ErrNotFound) {
		return noClient
	}
	if err != nil {
		return err
	}
	if i.ConnectionID != "" {
		if _, err := q.OrganizationConnection(ctx, org.ID, i.ConnectionID); errors.Is(err, store.ErrNotFound) {
			return noOrgConnection
		} else if err != nil {
			return err
		}
	}
	for _, id := range i.Settings.Roles {
		if err := orgRole(ctx, q, org.ID, id); err != nil {
			return err
		}
	}
	login := client.Settings.InitiateLoginURI
	if login == "" {
		t, err := q.Tenant(ctx)
		if err != nil {
			return err
		}
		login = t.Settings.DefaultRedirectionURI
	}
	if login == "" {
		return badBody("A default login route is required to generate the invitation url. Set the application's initiate_login_uri or the tenant's default_redirection_uri.")
	}
	i.Settings.LoginURL, i.Settings.OrganizationName = login, org.Name
	return nil
}

func (h *Handler) deleteInvitation(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findInvitation(ctx, tx.Queries, c); err != nil {
			return err
		}
		return tx.DeleteInvitation(ctx, c.vars["id"], c.vars["invitation_id"])
	})
}
