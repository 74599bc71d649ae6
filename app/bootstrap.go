package app

import (
	"context"
	"crypto/rand"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofkey/proofkey/login"
	"github.com/proofkey/proofkey/store"
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

// Bootstrap makes the single-use link of the first administrator. It is empty when there is an administrator already, or
// when a link was made before and again is false.
func (a *App) Bootstrap(ctx context.Context, again bool) (link string, err error) {
	secret := rand.Text()
	err = a.System.DB.Write(ctx, func(tx *store.Tx) error {
		users, err := tx.Users(ctx, "", 1)
		if err != nil || len(users) > 0 {
			return err
		}
		if !again {
			made, err := tx.TicketsMade(ctx, login.BootstrapTicket)
			if err != nil || made {
				return err
			}
		}
		link = a.Tenants[0].Domains[0].Origin + login.BootstrapPath + "?ticket=" + secret
		return tx.CreateTicket(ctx, login.BootstrapTicket, secret, "first administrator", bootstrapLife)
	})
	return link, err
}
