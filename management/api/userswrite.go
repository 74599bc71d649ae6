package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// connectionOf reads the connection that a new user is for.
func (h *Handler) connectionOf(ctx context.Context, name string) (store.Connection, error) {
	conn, err := h.DB.Connection(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return conn, problem.New(http.StatusBadRequest, "inexistent_connection", "The connection does not exist.")
	}
	return conn, err
}

// identifiers are what a strategy's users are told apart by; users of others come from elsewhere and cannot be made here.
var identifiers = map[string][]string{"auth0": {"email", "username", "phone_number"}, "email": {"email"}, "sms": {"phone_number"}}

func (h *Handler) createUser(ctx context.Context, c *call) (any, error) {
	body := c.object()
	conn, err := h.connectionOf(ctx, text(body, "connection"))
	if err != nil {
		return nil, err
	}
	u, err := newUser(conn, body)
	if err != nil {
		return nil, err
	}
	if password := text(body, "password"); conn.Strategy == "auth0" {
		if password == "" {
			return nil, payloadError("Missing required property: password", "")
		}
		if u.PasswordHash, err = h.hash(ctx, conn, password, u); err != nil {
			return nil, err
		}
	}
	fresh := u
	err = c.change(ctx, func(tx *store.Tx) error {
		u = fresh
		if err := tx.CreateUser(ctx, &u); errors.Is(err, store.ErrConflict) {
			return userExists
		} else if err != nil {
			return err
		}
		c.target = u.ID
		return nil
	})
	if err != nil {
		return nil, err
	}
	return showOne(ctx, h.DB.Queries, u)
}

// newUser is a user as sent, with what the service fills in.
func newUser(conn store.Connection, body document) (store.User, error) {
	u := store.User{Connection: conn.Name}
	by := identifiers[conn.Strategy]
	if by == nil {
		return u, badBody("Users of the connection %s cannot be created here: its strategy is %s.", conn.Name, conn.Strategy)
	}
	if !slices.ContainsFunc(by, func(name string) bool { return text(body, name) != "" }) {
		return u, payloadError("Missing required property: "+by[0], "")
	}
	id := text(body, "user_id")
	if id == "" {
		_, id, _ = strings.Cut(store.NewUserID(), "|")
	}
	u.ID = conn.Strategy + "|" + id
	known := text(body, "email")
	for _, name := range []string{"username", "phone_number"} {
		if known == "" {
			known = text(body, name)
		}
	}
	fresh := identity.FreshProfile(strings.ToLower(known))
	filled := maps.Clone(body)
	fill(filled, document{"name": fresh.Name, "nickname": fresh.Nickname, "picture": fresh.Picture})
	return u, applyUser(&u, filled)
}

// applyUser puts what is sent into the row, except the password.
func applyUser(u *store.User, sent document) error {
	if v, ok := sent["email"]; ok {
		email, good := identity.CleanEmail(text(sent, "email"))
		if v != nil && !good {
			return sentError("Object didn't pass validation for format email: ", text(sent, "email"), "email")
		}
		if email != u.Email {
			u.Profile.EmailVerified = false
		}
		u.Email = email
	}
	if _, ok := sent["username"]; ok {
		if u.Username = strings.ToLower(strings.TrimSpace(text(sent, "username"))); strings.Contains(u.Username, "@") {
			return badBody("A user name must not be an e-mail address.")
		}
	}
	for name, into := range map[string]*string{
		"name": &u.Profile.Name, "nickname": &u.Profile.Nickname, "given_name": &u.Profile.GivenName,
		"family_name": &u.Profile.FamilyName, "picture": &u.Profile.Picture, "phone_number": &u.Profile.PhoneNumber,
	} {
		if _, ok := sent[name]; ok {
			*into = text(sent, name)
		}
	}
	for name, into := range map[string]*bool{
		"blocked": &u.Blocked, "email_verified": &u.Profile.EmailVerified, "phone_verified": &u.Profile.PhoneVerified,
	} {
		if v, ok := sent[name]; ok {
			*into, _ = v.(bool)
		}
	}
	return errors.Join(applyMetadata(&u.Profile.UserMetadata, sent, "user_metadata"), applyMetadata(&u.Profile.AppMetadata, sent, "app_metadata"))
}

// applyMetadata merges metadata at its first level: null removes a member, an empty object removes all.
func applyMetadata(into *map[string]any, sent document, name string) error {
	v, ok := sent[name]
	if !ok {
		return nil
	}
	patch, isObject := v.(map[string]any)
	switch {
	case !isObject:
		*into = nil
		return nil
	case len(patch) == 0:
		*into = document{}
		return nil
	}
	merged := document{}
	// Numbers become what the row gives back when it is read.
	if err := through(merge(*into, patch), &merged); err != nil {
		return err
	}
	*into = merged
	return nil
}

// hash checks a password against its connection's policy and hashes it.
func (h *Handler) hash(ctx context.Context, conn store.Connection, password string, u store.User) (string, error) {
	switch report := identity.Check(conn.Settings, password, u); {
	case report.OK():
		return h.Hasher.Hash(ctx, password)
	case report.Common:
		return "", weakPassword("PasswordDictionaryError: Password is too common")
	case report.Personal:
		return "", weakPassword("PasswordNoUserInfoError: Password contains user information")
	}
	return "", weakPassword("PasswordStrengthError: Password is too weak")
}

func weakPassword(text string) error { return problem.New(http.StatusBadRequest, invalidBody, text) }

// notTogether are the pairs that the service refuses in one update.
var notTogether = [][2]string{
	{"username", "password"}, {"username", "email"}, {"username", "email_verified"}, {"password", "email"}, {"password", "email_verified"},
}

func (h *Handler) updateUser(ctx context.Context, c *call) (any, error) {
	body := c.object()
	if err := c.mayChange(body); err != nil {
		return nil, err
	}
	for _, pair := range notTogether {
		if _, both := body[pair[0]]; both && body[pair[0]] != nil {
			if v, both := body[pair[1]]; both && v != nil {
				return nil, badBody("Cannot update %s and %s simultaneously.", pair[0], pair[1])
			}
		}
	}
	if v, sent := body["password"]; sent && v == nil {
		return nil, payloadError("Expected type string but found type null", "password")
	}
	hash, err := h.newHash(ctx, c.vars["id"], text(body, "password"))
	if err != nil {
		return nil, err
	}
	var u store.User
	err = c.change(ctx, func(tx *store.Tx) error {
		if u, err = findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		before := u
		if err := applyUser(&u, body); err != nil {
			return err
		}
		if err := checkUpdate(ctx, tx, before, u, text(body, "connection")); err != nil {
			return err
		}
		if hash != "" {
			if err := identity.ReplacePassword(ctx, tx, &u, hash); err != nil {
				return err
			}
		}
		if before.Blocked && !u.Blocked {
			if err := limits.Release(ctx, tx, u.Email, u.Username); err != nil {
				return err
			}
		}
		return tx.SaveUser(ctx, &u)
	})
	if err != nil {
		return nil, err
	}
	return showOne(ctx, h.DB.Queries, u)
}

// newHash is the hash of a user's new password, or empty where none is sent.
func (h *Handler) newHash(ctx context.Context, id, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	u, err := findUser(ctx, h.DB.Queries, id)
	if err != nil {
		return "", err
	}
	conn, err := h.connectionOf(ctx, u.Connection)
	if err != nil {
		return "", err
	}
	if conn.Strategy != "auth0" {
		return "", badBody("A user of the connection %s has no password.", conn.Name)
	}
	return h.hash(ctx, conn, password, u)
}

// checkUpdate refuses identifiers that are taken, and a user without any.
func checkUpdate(ctx context.Context, tx *store.Tx, before, u store.User, connection string) error {
	if connection != "" && connection != u.Connection {
		return problem.New(http.StatusBadRequest, "inexistent_connection", "The user is not of the connection "+cut(connection, 100)+".")
	}
	if u.Email == "" && u.Username == "" && u.Profile.PhoneNumber == "" && before.Email+before.Username+before.Profile.PhoneNumber != "" {
		return badBody("A user needs an email, a username or a phone_number.")
	}
	for what, pair := range map[string][2]string{"email": {before.Email, u.Email}, "username": {before.Username, u.Username}} {
		if pair[1] == "" || pair[0] == pair[1] {
			continue
		}
		other, err := tx.UserByIdentifier(ctx, u.Connection, pair[1])
		if err == nil && other.ID != u.ID {
			return problem.New(http.StatusBadRequest, idpError, fmt.Sprintf("The specified new %s already exists", what))
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// mayChange holds an actor without update:users to the metadata that their scope names.
func (c *call) mayChange(body document) error {
	if c.actor.holds("update:users") {
		return nil
	}
	for name := range body {
		switch {
		case name == "app_metadata" && c.actor.holds("update:users_app_metadata"):
		case name == "user_metadata" && c.actor.holds("update:current_user_metadata") && c.actor.userID != "":
		default:
			return problem.New(http.StatusForbidden, insufficientScope, "Insufficient scope, expected any of: update:users")
		}
	}
	return nil
}
