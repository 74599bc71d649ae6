package store

import (
	"context"
	"crypto/sha256"
	"time"
)

// Invitation asks somebody, by their e-mail address, to become a member of an organization. It is there until it is
// accepted; when it is too old it is there still, and refused.
type Invitation struct {
	ID             string
	OrganizationID string
	ClientID       string
	ConnectionID   string // by which they are to sign in; empty: any of the organization's
	Email          string // lower case
	Ticket         string // opened; sealed at rest
	Settings       InvitationSettings
	CreatedAt      time.Time
	ExpiresAt      time.Time
}

// InvitationSettings are the rest of an invitation.
type InvitationSettings struct {
	Inviter string `json:"inviter,omitempty"` // a name
	// LoginURL is the page of the application that the invitation leads to, as it was when it was made.
	LoginURL         string         `json:"login_url"`
	OrganizationName string         `json:"organization_name"`
	Roles            []string       `json:"roles,omitempty"` // ids
	AppMetadata      map[string]any `json:"app_metadata,omitempty"`
	UserMetadata     map[string]any `json:"user_metadata,omitempty"`
}

const invitationColumns = `id, organization_id, client_id, connection_id, email, ticket, settings, created_at, expires_at`

func (q Queries) scanInvitation(r scanner) (i Invitation, err error) {
	var ticket []byte
	if err := r.Scan(&i.ID, &i.OrganizationID, &i.ClientID, nullInto{&i.ConnectionID}, &i.Email, &ticket, docInto{&i.Settings},
		msInto{&i.CreatedAt}, msInto{&i.ExpiresAt}); err != nil {
		return i, err
	}
	i.Ticket, err = q.seal.openColumn("organization_invitations.ticket", i.ID, ticket)
	return i, err
}

// Invitation reads an invitation to an organization by id.
func (q Queries) Invitation(ctx context.Context, organizationID, id string) (Invitation, error) {
	return one(ctx, q, q.scanInvitation, `SELECT `+invitationColumns+` FROM organization_invitations
		WHERE id = $1 AND organization_id = $2`, id, organizationID)
}

// InvitationByTicket reads an invitation that can still be accepted.
func (q Queries) InvitationByTicket(ctx context.Context, ticket string) (Invitation, error) {
	h := sha256.Sum256([]byte(ticket))
	return one(ctx, q, q.scanInvitation, `SELECT `+invitationColumns+` FROM organization_invitations
		WHERE ticket_hash = $1 AND expires_at > $2`, h[:], ms(q.Now()))
}

// Invitations lists the invitations to an organization, the oldest first, or the newest.
func (q Queries) Invitations(ctx context.Context, organizationID string, newest bool, offset, limit int) ([]Invitation, error) {
	order := `created_at, id`
	if newest {
		order = `created_at DESC, id DESC`
	}
	return many(ctx, q, q.scanInvitation, `SELECT `+invitationColumns+` FROM organization_invitations WHERE organization_id = $1
		ORDER BY `+order+` LIMIT $2 OFFSET $3`, organizationID, limit, offset)
}

// CountInvitations counts the invitations to an organization.
func (q Queries) CountInvitations(ctx context.Context, organizationID string) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM organization_invitations WHERE organization_id = $1`, organizationID)
	return int(n), err
}

// CreateInvitation stores an invitation, giving it an id and a ticket.
func (tx *Tx) CreateInvitation(ctx context.Context, i *Invitation) error {
	i.ID, i.Ticket, i.CreatedAt = "uinv_"+RandomID(16), RandomID(32), tx.Now()
	h := sha256.Sum256([]byte(i.Ticket))
	return tx.exec1(ctx, ErrConflict, `INSERT INTO organization_invitations (`+invitationColumns+`, ticket_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		i.ID, i.OrganizationID, i.ClientID, null(i.ConnectionID), i.Email,
		tx.seal.sealColumn("organization_invitations.ticket", i.ID, i.Ticket), doc(i.Settings), ms(i.CreatedAt), ms(i.ExpiresAt), h[:])
}

// DeleteInvitation takes an invitation back.
func (tx *Tx) DeleteInvitation(ctx context.Context, organizationID, id string) error {
	return tx.exec1(ctx, ErrNotFound, `DELETE FROM organization_invitations WHERE id = $1 AND organization_id = $2`, id, organizationID)
}

// UseInvitation is the gate of acceptance: one caller gets the invitation, all others ErrNotFound.
func (tx *Tx) UseInvitation(ctx context.Context, ticket string) (Invitation, error) {
	h := sha256.Sum256([]byte(ticket))
	return one(ctx, tx.Queries, tx.scanInvitation, `DELETE FROM organization_invitations
		WHERE ticket_hash = $1 AND expires_at > $2 RETURNING `+invitationColumns, h[:], ms(tx.Now()))
}
