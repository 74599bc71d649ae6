package app_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// house is a server with one native application that refreshes, an API and a user.
type house struct {
	*idptest.Server
	client store.Client
	api    store.API
	user   store.User
}

const (
	callback = "https://app.example.com/callback"
	email    = "jsmith@example.com"
	password = "canary-Password-7"
)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{Server: idptest.New(t)}
	h.client = h.Client(store.AppNative, idptest.Callback(callback), func(c *store.Client) {
		c.Settings.RefreshToken.RotationType = "rotating"
	})
	h.api = h.API("https://api.example.com/")
	h.user = h.User(email, password)
	return h
}

// signIn logs in with a new browser and returns the code.
func (h *house) signIn(t testing.TB) string {
	t.Helper()
	page := h.Browser().Login(h.AuthorizeURL(h.client, "audience", h.api.Identifier, "scope", "openid profile email offline_access read:messages"), email, password)
	code := page.Param("code")
	if code == "" {
		t.Fatalf("the login ended with %d at %q:\n%.600s", page.Status, page.Location, page.Body)
	}
	return code
}

// tokens is a login with its exchange.
func (h *house) tokens(t testing.TB) idptest.Answer {
	t.Helper()
	a := h.Exchange(h.client, h.signIn(t))
	if a.Status != 200 || a.Text("refresh_token") == "" {
		t.Fatalf("the exchange was answered %d %s", a.Status, a.Body)
	}
	return a
}

func (h *house) refresh(token string) idptest.Answer {
	return h.Token("grant_type", "refresh_token", "client_id", h.client.ID, "refresh_token", token)
}

// write changes what the makers have no verb for.
func (h *house) write(t testing.TB, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// left counts what logins leave: grants and living refresh tokens of the user.
func (h *house) left(t testing.TB) (grants, families int) {
	t.Helper()
	g, err := h.DB.Grants(t.Context(), h.user.ID)
	f, err2 := h.DB.RefreshFamilies(t.Context(), h.user.ID)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return len(g), len(f)
}

// changes are what may happen while a code or a refresh token is on its way, and what the next request is told.
var changes = map[string]struct {
	change            func(t *testing.T, h *house)
	exchange, refresh string // status and a piece of the body
}{
	"user blocked": {
		func(_ *testing.T, h *house) { h.user.Blocked = true; h.SaveUser(h.user) },
		`401 "error":"unauthorized","error_description":"user is blocked"`, `401 "error":"unauthorized","error_description":"user is blocked"`,
	},
	"user deleted": {
		func(t *testing.T, h *house) {
			h.write(t, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, h.user.ID) })
		},
		`403 "error":"invalid_grant","error_description":"Invalid authorization code"`,
		`403 "error":"invalid_grant","error_description":"The refresh_token was generated for a user who doesn't exist anymore."`,
	},
	"application disabled": {
		func(_ *testing.T, h *house) { h.client.Settings.Disabled = true; h.SaveClient(h.client) },
		`401 "error_description":"Unauthorized"`, `401 "error_description":"Unauthorized"`,
	},
	"application deleted": {
		func(t *testing.T, h *house) {
			h.write(t, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteClient(ctx, h.client.ID) })
		},
		`401 "error_description":"Unauthorized"`, `401 "error_description":"Unauthorized"`,
	},
	"grant types taken away": {
		func(_ *testing.T, h *house) {
			h.client.Settings.GrantTypes = []string{"implicit"}
			h.SaveClient(h.client)
		},
		`403 "error":"unauthorized_client"`, `403 "error":"unauthorized_client"`,
	},
	"API disabled": {
		func(_ *testing.T, h *house) { h.api.Settings.Disabled = true; h.SaveAPI(h.api) },
		`403 "error":"access_denied"`, `403 "error":"access_denied"`,
	},
	"API deleted": {
		func(t *testing.T, h *house) {
			h.write(t, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteAPI(ctx, h.api.ID) })
		},
		`403 "error":"access_denied"`, `403 "error":"access_denied"`,
	},
	"connection disabled": {
		func(t *testing.T, h *house) {
			h.write(t, func(ctx context.Context, tx *store.Tx) error {
				c, err := tx.Connection(ctx, store.DefaultConnection)
				c.Settings.Disabled = true
				return errors.Join(err, tx.SaveConnection(ctx, &c))
			})
		},
		`403 "error":"invalid_grant","error_description":"Invalid authorization code"`,
		`403 "error":"invalid_grant","error_description":"Unknown or invalid refresh token."`,
	},
	"connection taken from the application": {
		func(_ *testing.T, h *house) {
			h.client.Settings.Connections = []string{"another"}
			h.SaveClient(h.client)
		},
		`403 "error":"invalid_grant","error_description":"Invalid authorization code"`,
		`403 "error":"invalid_grant","error_description":"Unknown or invalid refresh token."`,
	},
	"grant revoked": {
		func(t *testing.T, h *house) {
			h.write(t, func(ctx context.Context, tx *store.Tx) error {
				grants, err := tx.Grants(ctx, h.user.ID)
				for _, g := range grants {
					err = errors.Join(err, tx.RevokeGrant(ctx, g.ID, "test"))
				}
				return err
			})
		},
		`200 "access_token"`, `403 "error":"invalid_grant","error_description":"Unknown or invalid refresh token."`,
	},
	"clock an hour ahead": {
		func(_ *testing.T, h *house) { h.Clock.Advance(time.Hour) },
		`403 "error":"invalid_grant","error_description":"Invalid authorization code"`, `200 "access_token"`,
	},
	"clock an hour behind": {
		func(_ *testing.T, h *house) { h.Clock.Advance(-time.Hour) },
		`200 "access_token"`, `200 "access_token"`,
	},
	"secret and name changed": {
		func(_ *testing.T, h *house) { h.client.Name, h.client.Secret = "New", "new"; h.SaveClient(h.client) },
		`200 "access_token"`, `200 "access_token"`,
	},
}

func (h *house) expect(t *testing.T, what, want string, a idptest.Answer) (refused bool) {
	t.Helper()
	status, piece, _ := strings.Cut(want, " ")
	if got := a.Body; !strings.HasPrefix(want, strconv.Itoa(a.Status)+" ") || !strings.Contains(got, piece) {
		t.Errorf("%s: %d %s, want %s with %s", what, a.Status, got, status, piece)
	}
	return status != "200"
}

func TestChangesBetweenLoginAndExchange(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			sealed := h.signIn(t)
			c.change(t, h)
			refused := h.expect(t, "the exchange", c.exchange, h.Exchange(h.client, sealed))
			if !refused {
				return
			}
			code, err := h.DB.OpenCode(sealed)
			if err != nil {
				t.Fatal(err)
			}
			spent, err := h.DB.CodeSpent(t.Context(), code.ID)
			if grants, families := h.left(t); err != nil || spent || grants+families > 0 {
				t.Errorf("the refusal left: spent %v (%v), %d grants, %d refresh tokens", spent, err, grants, families)
			}
			last := h.EventRecords()
			if e := last[len(last)-1]; !strings.HasPrefix(e.Type, "f") {
				t.Errorf("the last event is %s, want a failure", e.Type)
			}
		})
	}
}

func TestChangesBetweenRefreshes(t *testing.T) {
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			spent := h.tokens(t).Text("refresh_token")
			held := h.refresh(spent).Text("refresh_token")
			families, _ := h.DB.RefreshFamilies(t.Context(), h.user.ID)
			c.change(t, h)
			before, err := h.DB.RefreshFamily(t.Context(), families[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if !h.expect(t, "the refresh", c.refresh, h.refresh(held)) {
				return
			}
			h.expect(t, "the retry with the spent token", c.refresh, h.refresh(spent))
			after, err := h.DB.RefreshFamily(t.Context(), before.ID)
			if err != nil || after.Counter != before.Counter || !after.ExchangedAt.Equal(before.ExchangedAt) || !after.RevokedAt.Equal(before.RevokedAt) {
				t.Errorf("the refusal changed the row: %+v, %v; before %+v", after, err, before)
			}
		})
	}
}
