package management

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// maxSessionHours bounds both session lifetimes: a year.
const maxSessionHours = 8760

// Bounds of the limits of logins.
const (
	maxAttempts = 100000
	maxRate     = 24 * 3600 * 1000 // a day, in milliseconds
)

// CheckTenant names everything that is wrong with a tenant's settings. What they name must exist.
func CheckTenant(ctx context.Context, q store.Queries, s store.TenantSettings) error {
	var m mistakes
	for _, hours := range []float64{s.SessionLifetime, s.IdleSessionLifetime} {
		if !(hours >= 0 && hours <= maxSessionHours) {
			m.addf("a session lifetime of %g hours is not between 0 and %d", hours, maxSessionHours)
		}
	}
	if m.err() == nil && s.SessionIdle() > s.SessionLife() {
		m.addf("sessions cannot idle for %s when they end after %s: set both lifetimes", s.SessionIdle(), s.SessionLife())
	}
	if mode := s.SessionCookie.Mode; mode != "" && mode != "persistent" && mode != "non-persistent" {
		m.addf("the session cookie is persistent or non-persistent, not %q", mode)
	}
	if s.PKCEAppTypes != nil && len(s.PKCEAppTypes) == 0 {
		m.addf("pkce_app_types names at least one application type")
	}
	for _, t := range s.PKCEAppTypes {
		if !slices.Contains(appTypes, t) {
			m.addf("the application type %q is none of %s", t, strings.Join(appTypes, ", "))
		}
	}
	for _, l := range s.EnabledLocales {
		if _, err := language.Parse(l); err != nil {
			m.addf("%q is not a language tag, such as en or pt-BR", l)
		}
	}
	if len(s.FriendlyName) > maxName {
		m.addf("the name of the tenant is over %d bytes", maxName)
	}
	m.checkLimits(s)
	m.checkURLs("allowed_logout_urls", s.AllowedLogoutURLs, oauth.CheckCallback)
	if s.DefaultAudience != "" {
		_, err := FindAPI(ctx, q, s.DefaultAudience)
		if err := m.absent(err); err != nil {
			return err
		}
	}
	if s.DefaultDirectory != "" {
		_, err := FindConnection(ctx, q, s.DefaultDirectory)
		if err := m.absent(err); err != nil {
			return err
		}
	}
	return m.err()
}

func (m *mistakes) checkLimits(s store.TenantSettings) {
	b, ip := s.BruteForce, s.SuspiciousIP
	if b.Mode != "" && b.Mode != "count_per_identifier_and_ip" && b.Mode != "count_per_identifier" {
		m.addf("failed logins count_per_identifier_and_ip or count_per_identifier, not %q", b.Mode)
	}
	for _, n := range []int{b.MaxAttempts, ip.LoginMaxAttempts, ip.SignupMaxAttempts} {
		if n < 0 || n > maxAttempts {
			m.addf("%d attempts are not between 0 (the default) and %d", n, maxAttempts)
		}
	}
	for _, n := range []int64{ip.LoginRate, ip.SignupRate} {
		if n < 0 || n > maxRate {
			m.addf("a rate of one in %d ms is not between 0 (the default) and %d", n, maxRate)
		}
	}
	for _, entry := range append(slices.Clone(b.Allowlist), ip.Allowlist...) {
		if !IsAddressOrRange(entry) {
			m.addf("%q is neither an address nor a range such as 192.0.2.0/24", entry)
		}
	}
}

// IsAddressOrRange says whether a text is an IP address or a range of them.
func IsAddressOrRange(text string) bool {
	_, addressErr := netip.ParseAddr(text)
	_, rangeErr := netip.ParsePrefix(text)
	return addressErr == nil || rangeErr == nil
}

// absent takes it for a mistake that something does not exist; other errors are returned.
func (m *mistakes) absent(err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	m.add(err)
	return nil
}

// UpdateTenant changes the tenant's settings by patch and returns what became of them.
func (a *Admin) UpdateTenant(ctx context.Context, patch func(*store.TenantSettings) error) (t store.Tenant, err error) {
	err = a.DB.Write(ctx, func(tx *store.Tx) error {
		if err := tx.HoldTenant(ctx); err != nil {
			return err
		}
		if t, err = tx.Tenant(ctx); err != nil {
			return err
		}
		if err := patch(&t.Settings); err != nil {
			return err
		}
		if err := CheckTenant(ctx, tx.Queries, t.Settings); err != nil {
			return err
		}
		if err := tx.SaveTenantSettings(ctx, t.Settings); err != nil {
			return err
		}
		t.UpdatedAt = tx.Now()
		return a.Record(ctx, tx, store.Event{Description: "Update tenant settings"})
	})
	return t, err
}

// AllowPKCE lets the applications of a type exchange a code with PKCE alone (the tenant setting pkce_app_types).
func AllowPKCE(s *store.TenantSettings, appType string) {
	if s.PKCEAlone(appType) {
		return
	}
	if s.PKCEAppTypes == nil {
		s.PKCEAppTypes = []string{store.AppNative}
	}
	s.PKCEAppTypes = append(s.PKCEAppTypes, appType)
}
