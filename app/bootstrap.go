package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// bootstrapLife is how long the link of the first administrator works.
const bootstrapLife = 24 * time.Hour

// SystemDatabase is where the administrators live: a database of their own beside the first tenant's, so that no
// application of a tenant can ever sign one in.
func SystemDatabase(first string) (string, error) {
	path, sqlite := strings.CutPrefix(first, "sqlite:")
	switch {
	case path == ":memory:":
		return first, nil
	case sqlite:
		return "sqlite:" + filepath.Join(filepath.Dir(path), "system.db"), nil
	}
	u, err := url.Parse(first)
	if err != nil {
		return "", err
	}
	q := u.Query()
	schema := q.Get("search_path")
	if schema == "" {
		schema = "proofkey"
	}
	q.Set("search_path", schema+"_system")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Bootstrap makes the single-use link of the first administrator. It is empty when there is an Admin or no Dashboard, or when
// a link was made before and again is false.
func (a *App) Bootstrap(ctx context.Context, again bool) (link string, err error) {
	if len(a.System.Domains) == 0 {
		return "", nil
	}
	secret := rand.Text()
	err = a.System.DB.Write(ctx, func(tx *store.Tx) error {
		there, err := management.HasAdmin(ctx, tx.Queries)
		if err != nil || there {
			return err
		}
		if !again {
			made, err := tx.TicketsMade(ctx, login.BootstrapTicket)
			if err != nil || made {
				return err
			}
		}
		link = a.System.Domains[0].Origin + login.BootstrapPath + "?ticket=" + secret
		return tx.CreateTicket(ctx, login.BootstrapTicket, secret, "first administrator", bootstrapLife)
	})
	return link, err
}

// promote makes a user the first Admin.
func promote(ctx context.Context, tx *store.Tx, userID string) error {
	there, err := management.HasAdmin(ctx, tx.Queries)
	if err == nil && there {
		err = login.ErrPromoted
	}
	if err != nil {
		return err
	}
	return management.Appoint(ctx, tx, userID, management.RoleAdmin)
}

// keepAdmin refuses a change after which nobody could sign in as an Admin.
func keepAdmin(ctx context.Context, tx *store.Tx) error {
	there, err := management.HasAdmin(ctx, tx.Queries)
	if err == nil && !there {
		err = problem.New(http.StatusConflict, "last_admin", "This is the last Admin who can sign in: give the role to somebody else first.")
	}
	return err
}

// prepareAdministrators makes what the Dashboard stands on in the administrators' database, and returns the id there of each
// tenant's Management API.
func (a *App) prepareAdministrators(ctx context.Context) (map[string]string, error) {
	own := a.System.Domains[0]
	apis := []management.ManagedAPI{{ID: api.SystemAPI, Identifier: api.Audience(own), Scopes: api.APIScopes()}}
	for _, t := range a.Tenants {
		apis = append(apis, management.ManagedAPI{Tenant: t.Name, Identifier: api.Audience(t.Domains[0]), Scopes: api.APIScopes()})
	}
	if err := management.PrepareAdministrators(ctx, a.System.DB, own.Origin, apis); err != nil {
		return nil, fmt.Errorf("prepare the Dashboard: %w", err)
	}
	ids := map[string]string{}
	for _, m := range apis {
		ids[m.Tenant] = m.ID
	}
	return ids, nil
}
