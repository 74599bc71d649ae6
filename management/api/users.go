package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth/keys"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) users() []operation {
	return []operation{
		{"GET", "/users", "List or search users", "", h.listUsers},
		{"POST", "/users", "Create a user", user, h.createUser},
		{"GET", "/users/{id}", "Get a user", "", h.getUser},
		{"PATCH", "/users/{id}", "Update a user", user, h.updateUser},
		{"DELETE", "/users/{id}", "Delete a user", "", h.deleteUser},
		{"GET", "/users-by-email", "Search users by e-mail address", "", h.listUsersByEmail},
		{"POST", "/users/{id}/identities", "Link a user account", anyBody, h.linkIdentity},
		{"DELETE", "/users/{id}/identities/{provider}/{user_id}", "Unlink a user account", "", h.unlinkIdentity},
	}
}

// user names the entity.
const user = "user"

var (
	noUser     = notFound("inexistent_user", "The user does not exist.")
	userExists = problem.New(http.StatusConflict, idpError, "The user already exists.")
)

// idpError is the errorCode of what a database connection refuses.
const idpError = "auth0_idp_error"

// offsetLimit is how many users pages by number reach, as in the service.
const offsetLimit = 1000

func findUser(ctx context.Context, q store.Queries, id string) (store.User, error) {
	u, err := q.User(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return u, noUser
	}
	return u, err
}

func showUsers(ctx context.Context, q store.Queries, all []store.User) ([]document, error) {
	ids := make([]string, len(all))
	for i, u := range all {
		ids[i] = u.ID
	}
	identities, err := q.IdentitiesOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []document
	for _, u := range all {
		d, err := management.ShowUser(u, identities[u.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func showOne(ctx context.Context, q store.Queries, u store.User) (document, error) {
	all, err := showUsers(ctx, q, []store.User{u})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (h *Handler) getUser(ctx context.Context, c *call) (any, error) {
	u, err := findUser(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	return showOne(ctx, h.DB.Queries, u)
}

func (h *Handler) listUsers(ctx context.Context, c *call) (any, error) {
	if c.page.offset+c.page.limit > offsetLimit {
		return nil, problem.New(http.StatusBadRequest, "invalid_paging", "You can only page through the first 1000 records.")
	}
	q, err := userQuery(c)
	if err != nil {
		return nil, err
	}
	l := listing{}
	if c.page.totals {
		n, err := h.DB.CountUsers(ctx, q)
		if err != nil {
			return nil, searchError(err)
		}
		l.total = int(n)
	}
	var found []store.User
	if q.Limit > 0 {
		if found, err = h.DB.SearchUsers(ctx, q); err != nil {
			return nil, searchError(err)
		}
	}
	if l.items, err = showUsers(ctx, h.DB.Queries, found); err != nil {
		return nil, err
	}
	l.extra = document{"length": len(l.items)}
	return l, nil
}

func (h *Handler) listUsersByEmail(ctx context.Context, c *call) (any, error) {
	all, err := h.DB.UsersByEmail(ctx, strings.TrimSpace(c.query.Get("email")))
	if err != nil {
		return nil, err
	}
	shown, err := showUsers(ctx, h.DB.Queries, all)
	return listing{items: shown}, err
}

func (h *Handler) deleteUser(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		if _, err := findUser(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		if _, err := tx.RevokeRefreshOf(ctx, c.vars["id"], "", "the user was deleted"); err != nil {
			return err
		}
		return tx.DeleteUser(ctx, c.vars["id"])
	}))
}

// linkIdentity makes another user's accounts those of this one. A user's own token names the other by their ID token; that
// form is for an application with the scope of an administrator too.
func (h *Handler) linkIdentity(ctx context.Context, c *call) (any, error) {
	body := c.object()
	provider, id := text(body, "provider"), text(body, "user_id")
	if token := text(body, "link_with"); token != "" {
		sub, err := h.subject(ctx, token)
		if err != nil {
			return nil, err
		}
		provider, id, _ = strings.Cut(sub, "|")
	} else if c.actor.userID != "" {
		return nil, badBody("link_with must be an ID token of the user to be linked.")
	}
	if provider == "" || id == "" {
		return nil, payloadError("Missing required property: user_id", "")
	}
	if _, own, ok := strings.Cut(id, "|"); ok { // some send the whole id
		id = own
	}
	var left []store.Identity
	err := c.change(ctx, func(tx *store.Tx) error {
		primary, err := findUser(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		if primary.ID == provider+"|"+id {
			return badBody("Main account and linked account cannot be the same.")
		}
		secondary, err := tx.User(ctx, provider+"|"+id)
		if errors.Is(err, store.ErrNotFound) {
			return linkRefusal(ctx, tx, primary.ID, provider, id)
		}
		if err != nil {
			return err
		}
		if err := tx.LinkUser(ctx, secondary, primary.ID); err != nil {
			return err
		}
		left, err = tx.Identities(ctx, primary.ID)
		return err
	})
	return management.ShowIdentities(left), err
}

// linkRefusal tells an account that is linked from one that does not exist.
func linkRefusal(ctx context.Context, tx *store.Tx, primary, provider, id string) error {
	all, err := tx.Identities(ctx, primary)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(i store.Identity) bool { return i.Provider == provider && i.Subject == id }) {
		return conflict("Specified identity already exists.")
	}
	return badBody("The user to be linked does not exist.")
}

// subject is the user of an ID token that this tenant issued and that still holds. Its audience is an application: that of
// an access token is an API, and it does not show that somebody signed in.
func (h *Handler) subject(ctx context.Context, token string) (string, error) {
	refused := badBody("link_with must be an ID token of the user to be linked.")
	_, raw, err := h.Keys.Verify(ctx, token)
	if errors.Is(err, keys.ErrInvalid) {
		return "", refused.Because(err)
	}
	if err != nil {
		return "", err
	}
	var b struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return "", refused.Because(err)
	}
	issued := slices.ContainsFunc(h.Domains, func(d store.Domain) bool { return b.Iss == d.Issuer() })
	if !issued || h.DB.Now().Unix() >= b.Exp {
		return "", refused
	}
	if _, err := h.DB.Client(ctx, b.Aud); errors.Is(err, store.ErrNotFound) {
		return "", refused.Because(err)
	} else if err != nil {
		return "", err
	}
	return b.Sub, nil
}

func (h *Handler) unlinkIdentity(ctx context.Context, c *call) (any, error) {
	var left []store.Identity
	err := c.change(ctx, func(tx *store.Tx) error {
		primary, err := findUser(ctx, tx.Queries, c.vars["id"])
		if err != nil {
			return err
		}
		if primary.ID == c.vars["provider"]+"|"+c.vars["user_id"] {
			return badBody("The main account cannot be unlinked.")
		}
		err = tx.UnlinkUser(ctx, primary.ID, c.vars["provider"], c.vars["user_id"])
		if errors.Is(err, store.ErrNotFound) {
			return badBody("The user has no such identity.")
		}
		if err != nil {
			return err
		}
		left, err = tx.Identities(ctx, primary.ID)
		return err
	})
	return management.ShowIdentities(left), err
}
