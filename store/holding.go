package store

import (
	"context"
	"slices"
	"strings"
)

// Holding is what decides, at each exchange, what an application may still have for a user: read in one statement, because
// every exchange of a code or refresh token does. What is nil or empty is gone, or was never there.
type Holding struct {
	User       *User
	Connection *ConnectionSettings // the user's
	API        *API                // without its scopes
	GrantID    string
	GrantScope string
}

// holdingJoins finds the parts for columns or parameters that name the user, the application and the audience.
func holdingJoins(user, client, audience string) string {
	return strings.NewReplacer("USER", user, "CLIENT", client, "AUDIENCE", audience).Replace(`
		LEFT JOIN users ON users.id = USER AND users.linked_to IS NULL
		LEFT JOIN connections held_connection ON held_connection.name = users.connection
		LEFT JOIN resource_servers held_api ON held_api.identifier = AUDIENCE
		LEFT JOIN grants held_grant ON held_grant.user_id = USER AND held_grant.client_id = CLIENT AND held_grant.audience = AUDIENCE`)
}

var (
	heldFamily = columnsOf("refresh_tokens", familyColumns)
	heldUser   = columnsOf("users", userColumns)
	heldAPI    = columnsOf("held_api", apiColumns)
	held       = slices.Concat(heldUser, []string{"held_connection.settings"}, heldAPI, []string{"held_grant.id", "held_grant.scope"})

	holdingOfCode = `SELECT spent_codes.id, ` + strings.Join(held, ", ") + ` FROM (SELECT CAST($1 AS TEXT) AS id) code
		LEFT JOIN spent_codes ON spent_codes.id = code.id` + holdingJoins("$2", "$3", "$4")
	holdingOfFamily = `SELECT ` + strings.Join(slices.Concat(heldFamily, held), ", ") + ` FROM refresh_tokens` +
		holdingJoins("refresh_tokens.user_id", "refresh_tokens.client_id", "refresh_tokens.audience") + ` WHERE refresh_tokens.id = $1`
)

// columnsOf lists columns as those of one table of a join; they may be named so already.
func columnsOf(table, columns string) []string {
	names := strings.FieldsFunc(columns, func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
	for i, name := range names {
		names[i] = table + "." + strings.TrimPrefix(name, table+".")
	}
	return names
}

// HoldingOfCode reads what a code is worth, and whether it was redeemed before. That spares the work for a hopeless request;
// SpendCode decides.
func (q Queries) HoldingOfCode(ctx context.Context, c Code) (h Holding, spent bool, err error) {
	cells, err := one(ctx, q, scanCells(1+len(held)), holdingOfCode, c.ID, c.UserID, c.ClientID, c.Audience)
	if err == nil {
		h, err = q.holding(cells[1:])
		spent = cells[0] != nil
	}
	return h, spent, err
}

// HoldingOfFamily reads a family of refresh tokens and what it is worth.
func (q Queries) HoldingOfFamily(ctx context.Context, id string) (f RefreshFamily, h Holding, err error) {
	cells, err := one(ctx, q, scanCells(len(heldFamily)+len(held)), holdingOfFamily, id)
	if err != nil {
		return f, h, err
	}
	if f, err = scanFamily(cells[:len(heldFamily)]); err == nil {
		h, err = q.holding(cells[len(heldFamily):])
	}
	return f, h, err
}

func (q Queries) holding(c cells) (h Holding, err error) {
	user, c := c[:len(heldUser)], c[len(heldUser):]
	settings, c := c[:1], c[1:]
	api, grant := c[:len(heldAPI)], c[len(heldAPI):]
	if user[0] != nil {
		u, err := scanUser(user)
		if err != nil {
			return h, err
		}
		h.User = &u
	}
	if settings[0] != nil {
		h.Connection = &ConnectionSettings{}
		if err := settings.Scan(docInto{h.Connection}); err != nil {
			return h, err
		}
	}
	if api[0] != nil {
		a, err := q.scanAPI(api)
		if err != nil {
			return h, err
		}
		h.API = &a
	}
	return h, grant.Scan(nullInto{&h.GrantID}, nullInto{&h.GrantScope})
}

// cells are a row, or the part of one that is another row's.
type cells []any

func scanCells(width int) func(scanner) (cells, error) {
	return func(r scanner) (cells, error) {
		all, into := make(cells, width), make([]any, width)
		for i := range all {
			into[i] = &all[i]
		}
		return all, r.Scan(into...)
	}
}

func (c cells) Scan(dest ...any) error { return assignAll(dest, c) }
