package api

import (
	"context"
	"net/netip"

	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) anomaly() []operation {
	return []operation{
		{"GET", "/anomaly/blocks/ips/{id}", "Check whether an IP address is blocked", "", h.getBlockedIP},
		{"DELETE", "/anomaly/blocks/ips/{id}", "Unblock an IP address", "", h.deleteBlockedIP},
	}
}

// address is the one in the path.
func (c *call) address() (string, error) {
	a, err := netip.ParseAddr(c.vars["id"])
	if err != nil {
		return "", pathError("Object didn't pass validation for format ip-address: "+cut(c.vars["id"], 64), "id")
	}
	return a.String(), nil
}

func (h *Handler) getBlockedIP(ctx context.Context, c *call) (any, error) {
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	tenant, err := h.DB.Tenant(ctx)
	if err != nil {
		return nil, err
	}
	blocked, err := limits.AddressBlocked(ctx, h.DB.Queries, tenant.Settings, address)
	if err == nil && !blocked {
		err = notFound("", "Not Found")
	}
	return nil, err
}

func (h *Handler) deleteBlockedIP(ctx context.Context, c *call) (any, error) {
	address, err := c.address()
	if err != nil {
		return nil, err
	}
	return nil, c.change(ctx, func(tx *store.Tx) error { return limits.ReleaseAddress(ctx, tx, address) })
}
