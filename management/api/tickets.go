package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) tickets() []operation {
	return []operation{
		{"POST", "/tickets/password-change", "Create a password change ticket", "ticket_password_change", h.createPasswordTicket},
		{"POST", "/tickets/email-verification", "Create an email verification ticket", "ticket_email_verification", h.createEmailTicket},
	}
}

const (
	ticketLife    = 5 * 24 * time.Hour
	maxTicketLife = math.MaxInt32 // seconds
)

var noOrganization = notFound("inexistent_organization", "The organization does not exist")

func (h *Handler) createPasswordTicket(ctx context.Context, c *call) (any, error) {
	u, err := h.ticketUser(ctx, c.object())
	if err != nil {
		return nil, err
	}
	conn, err := h.connectionOf(ctx, u.Connection)
	if err != nil {
		return nil, err
	}
	if conn.Strategy != "auth0" {
		return nil, badBody("A user of the connection %s has no password.", conn.Name)
	}
	return h.createTicket(ctx, c, identity.PasswordTicket, identity.ResetPath, u)
}

func (h *Handler) createEmailTicket(ctx context.Context, c *call) (any, error) {
	u, err := findUser(ctx, h.DB.Queries, text(c.object(), "user_id"))
	if err != nil {
		return nil, err
	}
	if u.Email == "" {
		return nil, badBody("The user does not have an email address.")
	}
	return h.createTicket(ctx, c, identity.EmailTicket, identity.VerifyPath, u)
}

// ticketUser finds the user by id, or by e-mail address and connection.
func (h *Handler) ticketUser(ctx context.Context, body document) (store.User, error) {
	id, email, connection := text(body, "user_id"), text(body, "email"), text(body, "connection_id")
	switch {
	case id != "" && email+connection != "":
		return store.User{}, badBody("Cannot specify user_id together with email or connection_id.")
	case id != "":
		return findUser(ctx, h.DB.Queries, id)
	case email+connection == "":
		return store.User{}, payloadError("Missing required property: user_id", "")
	case email == "":
		return store.User{}, payloadError("Missing required property: email", "")
	case connection == "":
		return store.User{}, payloadError("Missing required property: connection_id", "")
	}
	conn, err := h.DB.ConnectionByID(ctx, connection)
	if errors.Is(err, store.ErrNotFound) {
		return store.User{}, noConnection
	} else if err != nil {
		return store.User{}, err
	}
	u, err := h.DB.UserByIdentifier(ctx, conn.Name, email)
	if errors.Is(err, store.ErrNotFound) || err == nil && (u.LinkedTo != "" || u.Email != strings.ToLower(email)) {
		return u, noUser
	}
	return u, err
}

// createTicket makes the link. Its secret is in the answer only.
func (h *Handler) createTicket(ctx context.Context, c *call, kind, path string, u store.User) (any, error) {
	t, err := h.readTicket(ctx, c.object(), u)
	if err != nil {
		return nil, err
	}
	life, err := readTicketLife(c.object())
	if err != nil {
		return nil, err
	}
	c.target = u.ID
	secret := ""
	err = c.change(ctx, func(tx *store.Tx) error {
		secret, err = identity.IssueTicket(ctx, tx, kind, t, u, life)
		return err
	})
	if err != nil {
		return nil, err
	}
	origin, err := h.linkOrigin(ctx, c)
	if err != nil {
		return nil, err
	}
	return document{"ticket": origin + path + "?ticket=" + secret + "#"}, nil
}

func (h *Handler) readTicket(ctx context.Context, body document, u store.User) (identity.Ticket, error) {
	t := identity.Ticket{ClientID: text(body, "client_id"), ResultURL: text(body, "result_url")}
	t.EmailInRedirect, _ = body["includeEmailInRedirect"].(bool)
	t.MarkEmailVerified, _ = body["mark_email_as_verified"].(bool)
	organization := text(body, "organization_id")
	if t.ResultURL != "" && t.ClientID+organization != "" {
		return t, badBody("Cannot specify result_url together with client_id or organization_id.")
	}
	// The browser of the user is sent there: nothing that could run in it, or start a program.
	if t.ResultURL != "" && !isURL(t.ResultURL, "https") && !isURL(t.ResultURL, "http") {
		return t, sentError("Object didn't pass validation for format url: ", t.ResultURL, "result_url")
	}
	if t.ClientID != "" {
		if _, err := h.DB.Client(ctx, t.ClientID); errors.Is(err, store.ErrNotFound) {
			return t, noClient
		} else if err != nil {
			return t, err
		}
	}
	if organization != "" {
		if _, err := h.DB.Organization(ctx, organization); errors.Is(err, store.ErrNotFound) {
			return t, noOrganization
		} else if err != nil {
			return t, err
		}
		t.OrganizationID = organization
	}
	return t, ownIdentity(body, u)
}

// ownIdentity refuses another account than the user's own: those that are linked have no link of their own.
func ownIdentity(body document, u store.User) error {
	asked, sent := body["identity"].(map[string]any)
	if !sent {
		return nil
	}
	if u.ID != text(asked, "provider")+"|"+text(asked, "user_id") {
		return badBody("The identity is not the primary one of the user.")
	}
	return nil
}

func readTicketLife(body document) (time.Duration, error) {
	n, _ := body["ttl_sec"].(json.Number)
	seconds, err := n.Int64()
	switch {
	case n == "", err == nil && seconds == 0:
		return ticketLife, nil
	case err != nil || seconds > maxTicketLife:
		return 0, payloadError("Value "+cut(n.String(), 40)+" is greater than maximum 2147483647", "ttl_sec")
	}
	return time.Duration(seconds) * time.Second, nil
}
