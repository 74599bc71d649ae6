package api

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
)

func (h *Handler) encryptionKeys() []operation {
	return []operation{
		{"GET", "/keys/encryption", "List encryption keys", "", h.listEncryptionKeys},
		{"GET", "/keys/encryption/{kid}", "Get an encryption key", "", h.getEncryptionKey},
	}
}

// tenantKeys are the two keys that seal what a tenant keeps: the master key of the configuration, and below it those that
// are derived for the tenant. Neither can be replaced here, because the one is not in the database and the others follow
// from it.
func (h *Handler) tenantKeys(ctx context.Context) ([]document, error) {
	t, err := h.DB.Tenant(ctx)
	if err != nil {
		return nil, err
	}
	kid := func(typ string) string { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(t.ID+" "+typ)).String() }
	root, tenant := document{"parent_kid": nil}, document{"parent_kid": kid("environment-root-key")}
	for typ, d := range map[string]document{"environment-root-key": root, "tenant-master-key": tenant} {
		d["kid"], d["type"], d["state"] = kid(typ), typ, "active"
		d["created_at"], d["updated_at"] = stamp(t.CreatedAt), stamp(t.CreatedAt)
	}
	all := []document{root, tenant}
	slices.SortFunc(all, func(a, b document) int { return strings.Compare(text(a, "kid"), text(b, "kid")) })
	return all, nil
}

func (h *Handler) listEncryptionKeys(ctx context.Context, c *call) (any, error) {
	all, err := h.tenantKeys(ctx)
	if err != nil {
		return nil, err
	}
	return pageOf(c.page, all, func(d document) string { return text(d, "kid") }), nil
}

func (h *Handler) getEncryptionKey(ctx context.Context, c *call) (any, error) {
	all, err := h.tenantKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d["kid"] == c.vars["kid"] {
			return d, nil
		}
	}
	return nil, notFound("", "The encryption key does not exist")
}
