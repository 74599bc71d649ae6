package api

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

func (h *Handler) clients() []operation {
	return []operation{
		{"GET", "/clients", "List clients", "", h.listClients},
		{"POST", "/clients", "Create a client", client, h.createClient},
		{"GET", "/clients/{id}", "Get a client", "", h.getClient},
		{"PATCH", "/clients/{id}", "Update a client", client, h.updateClient},
		{"DELETE", "/clients/{id}", "Delete a client", "", h.deleteClient},
		{"POST", "/clients/{id}/rotate-secret", "Rotate a client secret", "", h.rotateClientSecret},
	}
}

// seesKeys says whether the caller may read the secrets of an application.
func (c *call) seesKeys(ctx context.Context, clientID string) (bool, error) {
	if !c.actor.holds("read:client_keys") && !c.actor.holds("read:client_credentials") {
		return false, nil
	}
	stronger, err := c.outdone(ctx, c.h.DB.Queries, clientID)
	return !stronger, err
}

// clientFilter is what the query of a list asks for, but for is_global.
type clientFilter struct {
	firstParty *bool
	appTypes   []string
	ids        []string
	byID       bool // only those in ids
}

func (f clientFilter) empty() bool { return f.firstParty == nil && f.appTypes == nil && !f.byID }

func (f clientFilter) matches(c store.Client) bool {
	return (!f.byID || slices.Contains(f.ids, c.ID)) && (f.firstParty == nil || *f.firstParty != c.Settings.ThirdParty) &&
		(f.appTypes == nil || slices.Contains(f.appTypes, c.Settings.AppType))
}

// grantedTo is the one search of applications that there is: those with a grant that an organization is linked to.
const grantedTo = "client_grant.organization_id:"

func (c *call) clientFilter(ctx context.Context, q store.Queries) (f clientFilter, err error) {
	first, asked, err := c.flag("is_first_party")
	if asked {
		f.firstParty = &first
	}
	f.appTypes = split(c.query.Get("app_type"), ",")
	f.byID = c.query.Get("external_client_id") != "" || strings.HasPrefix(c.query.Get("q"), "client_grant.")
	id, granted := strings.CutPrefix(c.query.Get("q"), grantedTo)
	if err != nil || !granted {
		return f, err
	}
	grants, err := q.OrganizationGrants(ctx, id)
	for _, g := range grants {
		f.ids = append(f.ids, g.ClientID)
	}
	return f, err
}

func (h *Handler) listClients(ctx context.Context, c *call) (any, error) {
	filter, err := c.clientFilter(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	global, asked, err := c.flag("is_global")
	if err != nil {
		return nil, err
	}
	globalID, err := globalClientID(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	var found clientsFound
	switch {
	case asked && global:
		found, err = h.theGlobalClient(ctx, c, globalID)
	case filter.empty():
		found, err = h.clientsOn(ctx, c.page, map[bool]string{true: globalID}[asked])
	default:
		found, err = h.clientsMatching(ctx, c.page, func(row store.Client) bool {
			return filter.matches(row) && !(asked && row.ID == globalID)
		})
	}
	if err != nil {
		return nil, err
	}
	l := listing{total: found.total}
	for _, row := range found.rows {
		body, err := clientBody(ctx, h.DB.Queries, row)
		if err != nil {
			return nil, err
		}
		keys, err := c.seesKeys(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		d, err := h.showClient(ctx, row, body, keys)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, d)
	}
	if found.more {
		l.next = []string{found.rows[len(found.rows)-1].ID}
	}
	return l, nil
}

// clientsFound is a page of applications.
type clientsFound struct {
	rows  []store.Client
	total int
	more  bool
}

func (h *Handler) theGlobalClient(ctx context.Context, c *call, id string) (clientsFound, error) {
	row, err := h.DB.Client(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return clientsFound{}, nil
	}
	f := clientsFound{total: 1}
	if err == nil && c.page.offset == 0 && len(c.page.after) == 0 && c.page.limit != 0 {
		f.rows = []store.Client{row}
	}
	return f, err
}

// clientsOn reads a page of all applications but one.
func (h *Handler) clientsOn(ctx context.Context, p page, without string) (f clientsFound, err error) {
	at := store.ClientPage{Without: without, Offset: p.offset, Limit: p.limit + 1}
	if len(p.after) > 0 {
		at.After = p.after[0]
	}
	if f.rows, err = h.DB.ClientsOn(ctx, at); err != nil {
		return f, err
	}
	if len(f.rows) > p.limit {
		f.rows, f.more = f.rows[:p.limit], p.limit > 0
	}
	if p.totals {
		f.total, err = h.DB.CountClients(ctx)
		if without != "" {
			f.total--
		}
	}
	return f, err
}

func (h *Handler) clientsMatching(ctx context.Context, p page, matches func(store.Client) bool) (f clientsFound, err error) {
	all, err := h.DB.Clients(ctx)
	if err != nil {
		return f, err
	}
	all = slices.DeleteFunc(all, func(c store.Client) bool { return !matches(c) })
	f.total = len(all)
	from := min(p.offset, len(all))
	if len(p.after) > 0 {
		from = 0
		for from < len(all) && all[from].ID <= p.after[0] {
			from++
		}
	}
	to := min(from+p.limit, len(all))
	f.rows, f.more = all[from:to], to < len(all) && to > from
	return f, nil
}

func (h *Handler) getClient(ctx context.Context, c *call) (any, error) {
	row, body, err := findClient(ctx, h.DB.Queries, c.vars["id"])
	if err != nil {
		return nil, err
	}
	keys, err := c.seesKeys(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return h.showClient(ctx, row, body, keys)
}

func (h *Handler) createClient(ctx context.Context, c *call) (any, error) {
	body := c.object()
	row, made, err := newClient(c.stated, body)
	if err != nil {
		return nil, err
	}
	c.target = row.ID
	err = c.change(ctx, func(tx *store.Tx) (err error) {
		if err := linkAPI(ctx, tx, text(body, "resource_server_identifier"), row.ID); err != nil {
			return err
		}
		if row.Settings.Connections, err = connectionsOfNew(ctx, tx.Queries); err != nil {
			return err
		}
		if err := tx.CreateClient(ctx, &row, management.Origins(row.Settings)); err != nil {
			return err
		}
		for i := range made {
			if err := tx.CreateDocument(ctx, &made[i]); err != nil {
				return err
			}
		}
		return putClient(ctx, tx, row, body)
	})
	if err != nil {
		return nil, err
	}
	d, err := h.showClient(ctx, row, body, true)
	if err != nil {
		return nil, err
	}
	d["encrypted"] = true
	if len(made) > 0 {
		return withCredentials(d, made), nil
	}
	return d, nil
}

// newClient completes what is said of a new application, gives it an id if it is to have none, and takes the credentials that it brings out of it.
func newClient(id string, body document) (row store.Client, made []store.Document, err error) {
	completeClient(body)
	row = store.Client{ID: id, Secret: store.RandomID(64)}
	switch {
	case id != "":
	case text(body, "third_party_security_mode") == "strict":
		row.ID = "tpc_" + store.RandomID(22)
	default:
		row.ID = store.RandomID(32)
	}
	if err := checkVault(body["token_vault_privileged_access"], true); err != nil {
		return row, nil, err
	}
	if made, err = takeCredentials(row.ID, body); err != nil {
		return row, nil, err
	}
	return row, made, checkedClient(&row, body)
}

// linkAPI notes in an API which application stands for it; an empty clientID takes that away.
func linkAPI(ctx context.Context, tx *store.Tx, identifier, clientID string) error {
	if identifier == "" {
		return nil
	}
	api, body, err := findAPI(ctx, tx.Queries, identifier)
	if err != nil {
		return err
	}
	if delete(body, "client_id"); clientID != "" {
		body["client_id"] = clientID
	}
	return putAPI(ctx, tx, api, body)
}

func (h *Handler) updateClient(ctx context.Context, c *call) (any, error) {
	patch := c.object()
	secret := text(patch, "client_secret")
	if (secret != "" || patch["encryption_key"] != nil) && !c.actor.holds("update:client_keys") {
		return nil, problem.New(403, insufficientScope, "Insufficient scope, expected any of: update:client_keys")
	}
	delete(patch, "client_secret")
	if err := checkVault(patch["token_vault_privileged_access"], false); err != nil {
		return nil, err
	}
	var row store.Client
	var body document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if row, body, err = findClient(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, row.ID); err != nil {
			return err
		}
		body = merge(body, patch, clientMerged...)
		if method := patch["token_endpoint_auth_method"]; method != nil && patch["client_authentication_methods"] == nil && body["client_authentication_methods"] != nil {
			return badBody("Cannot set token_endpoint_auth_method while client_authentication_methods is set")
		}
		if row.Settings.TokenEndpointAuthMethod != oauth.AuthNone && patch["token_endpoint_auth_method"] == oauth.AuthNone && patch["grant_types"] == nil {
			withoutCredentialsGrant(body)
		}
		if err := checkedClient(&row, body); err != nil {
			return err
		}
		if secret != "" {
			row.Secret = secret
		}
		if err := tx.SaveClient(ctx, &row, management.Origins(row.Settings)); err != nil {
			return err
		}
		return putClient(ctx, tx, row, body)
	})
	if err != nil {
		return nil, err
	}
	return h.showClient(ctx, row, body, true)
}

// withoutCredentialsGrant takes away the grant type that an application without a secret cannot use.
func withoutCredentialsGrant(body document) {
	list, _ := body["grant_types"].([]any)
	body["grant_types"] = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == oauth.GrantClientCredentials })
}

func (h *Handler) rotateClientSecret(ctx context.Context, c *call) (any, error) {
	secret := store.RandomID(64)
	var row store.Client
	var body document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if row, body, err = findClient(ctx, tx.Queries, c.vars["id"]); err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, row.ID); err != nil {
			return err
		}
		row.Secret = secret
		return tx.SaveClient(ctx, &row, management.Origins(row.Settings))
	})
	if err != nil {
		return nil, err
	}
	return h.showClient(ctx, row, body, true)
}

func (h *Handler) deleteClient(ctx context.Context, c *call) (any, error) {
	id := c.vars["id"]
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		row, body, err := findClient(ctx, tx.Queries, id)
		if err != nil {
			return err
		}
		if err := c.mayBe(ctx, tx.Queries, id); err != nil {
			return err
		}
		if err := gone(linkAPI(ctx, tx, text(body, "resource_server_identifier"), "")); err != nil {
			return err
		}
		if global, err := globalClientID(ctx, tx.Queries); err != nil || row.ID == global {
			return errors.Join(err, badBody("The global client cannot be deleted."))
		}
		grants, err := tx.AllClientGrants(ctx, store.ClientGrantFilter{ClientID: id})
		if err != nil {
			return err
		}
		for _, g := range grants {
			if err := deleteGrant(ctx, tx, g.ID); err != nil {
				return err
			}
		}
		if err := tx.DeleteDocuments(ctx, credential, id); err != nil {
			return err
		}
		if err := tx.DeleteDocument(ctx, client, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.DeleteClient(ctx, id)
	}))
}
