package management

import (
	"context"
	"errors"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
)

// change applies to a user who exists what an import may change: profile, metadata as a whole, and the hash of a password
// with which they never signed in.
func (b *batch) change(ctx context.Context, tx *store.Tx, sent importedUser) ([]UserError, error) {
	u, wrong, err := b.existing(ctx, tx, sent)
	if err != nil || len(wrong) > 0 {
		return wrong, err
	}
	if b.o.DryRun {
		b.done.Updated++
		return nil, nil
	}
	switch err := tx.MarkJobUsers(ctx, b.job.ID, u.ID); {
	case errors.Is(err, store.ErrConflict):
		return []UserError{providedTwice(sharedName(u, sent))}, nil
	case err != nil:
		return nil, err
	}
	p, q := &u.Profile, sent.Profile
	for name, text := range map[string][2]*string{
		"name": {&p.Name, &q.Name}, "nickname": {&p.Nickname, &q.Nickname}, "given_name": {&p.GivenName, &q.GivenName},
		"family_name": {&p.FamilyName, &q.FamilyName}, "picture": {&p.Picture, &q.Picture},
	} {
		if sent.sent[name] != nil {
			*text[0] = *text[1]
		}
	}
	// What is said of an address holds for that address only.
	if sent.sent["email_verified"] != nil && sent.Email == u.Email {
		p.EmailVerified = q.EmailVerified
	}
	if sent.sent["user_metadata"] != nil {
		p.UserMetadata = q.UserMetadata
	}
	if sent.sent["app_metadata"] != nil {
		p.AppMetadata = q.AppMetadata
	}
	if sent.sent["custom_password_hash"] != nil && identity.IsImported(u.PasswordHash) {
		u.PasswordHash = sent.PasswordHash
	}
	b.done.Updated++
	return nil, tx.SaveUser(ctx, &u)
}

// keep leaves a user who exists as they are, and gives them the hash of their password where they have none.
func (b *batch) keep(ctx context.Context, tx *store.Tx, sent importedUser) ([]UserError, error) {
	u, wrong, err := b.existing(ctx, tx, sent)
	if err != nil || len(wrong) > 0 {
		return wrong, err
	}
	if u.ID != sent.ID {
		return []UserError{{codeConflict, "Another user has this email or username", "user_id"}}, nil
	}
	if u.PasswordHash != "" || sent.PasswordHash == "" {
		return nil, nil
	}
	b.done.Updated++
	if b.o.DryRun {
		return nil, nil
	}
	u.PasswordHash, u.PasswordSetAt = sent.PasswordHash, sent.PasswordSetAt
	return nil, tx.SaveUser(ctx, &u)
}

func sharedName(u store.User, sent importedUser) string {
	switch {
	case sent.Email != "" && sent.Email == u.Email:
		return "email"
	case sent.Username != "" && sent.Username == u.Username:
		return "username"
	}
	return "user_id"
}

// existing finds the user that a record means. Two of them are a conflict.
func (b *batch) existing(ctx context.Context, tx *store.Tx, sent importedUser) (found store.User, wrong []UserError, err error) {
	for _, by := range []struct{ name, code, value string }{
		{"user_id", codeConflict, sent.ID}, {"email", codeConflict + "_EMAIL", sent.Email}, {"username", codeConflict + "_USERNAME", sent.Username},
	} {
		if by.value == "" {
			continue
		}
		var u store.User
		if by.name == "user_id" {
			u, err = tx.User(ctx, by.value)
		} else {
			u, err = tx.UserByIdentifier(ctx, sent.Connection, by.value)
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return found, nil, err
		case u.LinkedTo != "", found.ID != "" && found.ID != u.ID, by.name == "user_id" && u.Connection != sent.Connection:
			return found, []UserError{{by.code, "Another user has this " + by.name, by.name}}, nil
		default:
			found = u
		}
	}
	if found.ID == "" { // a linked account has the id
		return found, []UserError{{codeConflict, "Another user has this user_id", "user_id"}}, nil
	}
	return found, nil, nil
}
