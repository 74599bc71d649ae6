// Package limits refuses those who guess passwords and those who flood: spec sections 31 and 4.3.
//
// Failures are counted per identifier and address, and per address alone, in the database, so that all nodes count
// together. Unknown identifiers count like known ones, so a refusal does not tell whether an account exists. An IPv6
// address counts by its /64, which is what one customer gets; identifiers count without case and surrounding space.
//
// A login is checked twice: before the password is looked at, and again after it proved right. Guesses that run side by
// side all pass the first check; the second keeps a lucky one out once the others have been counted.
package limits

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
)

// Defaults of spec section 31.
const (
	maxAttempts       = 10
	blockLife         = 30 * 24 * time.Hour
	loginMaxAttempts  = 100
	loginRate         = 864000 * time.Millisecond
	signupMaxAttempts = 50
	signupRate        = 1200 * time.Millisecond
)

// perIdentifier is the mode in which an account is blocked for every address.
const perIdentifier = "count_per_identifier"

// maxIdentifier bounds what is stored of an identifier; longer ones share a counter.
const maxIdentifier = 320

// Limits counts for one tenant.
type Limits struct{ DB *store.DB }

// Login is somebody's try to log in.
type Login struct {
	settings   store.TenantSettings
	identifier string
	address    string // as it came
}

// For names a try by identifier, from the request's address, under the tenant's settings.
func For(ctx context.Context, settings store.TenantSettings, identifier string) Login {
	return Login{settings, Normal(identifier), web.MetaOf(ctx).IP}
}

// Normal is how identifiers compare.
func Normal(identifier string) string {
	s := strings.ToLower(strings.TrimSpace(identifier))
	return web.Clip(strings.ReplaceAll(s, "\x00", "?"), maxIdentifier)
}

// bucket is a counter with its rules.
type bucket struct {
	key    string
	max    int64
	refill time.Duration // 0: it does not fall
	keep   time.Duration
}

func (l Login) account() (b bucket, on bool) {
	s := l.settings.BruteForce
	b = bucket{key: pairKey(l.identifier, l.address), max: orElse(int64(s.MaxAttempts), maxAttempts), keep: blockLife}
	if s.Mode == perIdentifier {
		b.key = identifierKey(l.identifier)
	}
	return b, enabled(s.Enabled) && !listed(s.Allowlist, l.address)
}

func (l Login) addressBucket() (b bucket, on bool) {
	s := l.settings.SuspiciousIP
	return leaking("login ip "+network(l.address), orElse(int64(s.LoginMaxAttempts), loginMaxAttempts), s.LoginRate, loginRate),
		enabled(s.Enabled) && l.address != "" && !listed(s.Allowlist, l.address)
}

func signupBucket(settings store.TenantSettings, address string) (b bucket, on bool) {
	s := settings.SuspiciousIP
	return leaking("signup ip "+network(address), orElse(int64(s.SignupMaxAttempts), signupMaxAttempts), s.SignupRate, signupRate),
		enabled(s.Enabled) && address != "" && !listed(s.Allowlist, address)
}

// leaking is a bucket that has forgotten everything once it had the time to empty.
func leaking(key string, max, rate int64, absent time.Duration) bucket {
	refill := time.Duration(orElse(rate, absent.Milliseconds())) * time.Millisecond
	return bucket{key, max, refill, time.Duration(max+1) * refill}
}

// CheckLogin refuses a try by a blocked identifier or from a blocked address. It counts nothing.
func (l *Limits) CheckLogin(ctx context.Context, try Login) error {
	if b, on := try.account(); on {
		if count, _, err := l.DB.Attempts(ctx, b.key, b.refill); err != nil {
			return err
		} else if count >= b.max {
			return oauth.TooManyAttempts()
		}
	}
	b, on := try.addressBucket()
	if !on {
		return nil
	}
	count, falls, err := l.DB.Attempts(ctx, b.key, b.refill)
	if err != nil || count < b.max {
		return err
	}
	e := oauth.SuspiciousAddress()
	e.RetryAfter = max(time.Second, falls.Sub(l.DB.Now()))
	return e
}

// Failed counts a failed login. The failure that fills a counter writes the event of the block.
func (l *Limits) Failed(ctx context.Context, try Login) error {
	account, countAccount := try.account()
	address, countAddress := try.addressBucket()
	if !countAccount && !countAddress {
		return nil
	}
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		if countAccount {
			if err := count(ctx, tx, account, func() store.Event { return blockedAccount(ctx, try, account) }); err != nil {
				return err
			}
		}
		if countAddress {
			return count(ctx, tx, address, func() store.Event { return blockedAddress(ctx, address, "login") })
		}
		return nil
	})
}

func count(ctx context.Context, tx *store.Tx, b bucket, full func() store.Event) error {
	n, err := tx.CountAttempt(ctx, b.key, b.refill, b.keep)
	if err != nil || n != b.max {
		return err
	}
	return tx.AddEvent(ctx, full())
}

// CountSignup counts a sign-up, successful or not, and refuses it when there were too many.
func (l *Limits) CountSignup(ctx context.Context, settings store.TenantSettings) error {
	b, on := signupBucket(settings, web.MetaOf(ctx).IP)
	if !on {
		return nil
	}
	n, falls, err := l.DB.Attempts(ctx, b.key, b.refill)
	if err != nil {
		return err
	}
	if n < b.max {
		err = l.DB.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.CountAttempt(ctx, b.key, b.refill, b.keep)
			if err == nil && n == b.max {
				err = tx.AddEvent(ctx, blockedAddress(ctx, b, "signup"))
			}
			return err
		})
		if err != nil || n <= b.max {
			return err
		}
		falls = l.DB.Now().Add(b.refill)
	}
	return oauth.TooManyRequests(max(time.Second, falls.Sub(l.DB.Now())))
}

// Forget clears the failures of an account from an address, in the transaction of its successful login.
// The address's own counter stays: otherwise whoever has one account could guess at all others.
func (l *Limits) Forget(ctx context.Context, tx *store.Tx, identifiers ...string) error {
	ip := web.MetaOf(ctx).IP
	for _, id := range identifiers {
		if id = Normal(id); id == "" {
			continue
		}
		if err := tx.ForgetAttempts(ctx, pairKey(id, ip), identifierKey(id)); err != nil {
			return err
		}
	}
	return nil
}

func blockedAccount(ctx context.Context, try Login, b bucket) store.Event {
	e := events.Of(ctx, events.AccountBlocked)
	if strings.Contains(try.identifier, "@") { // people type passwords into the wrong field
		e.UserName = try.identifier
	}
	e.Details = map[string]any{"max_attempts": b.max, "mode": try.settings.BruteForce.Mode}
	return e
}

func blockedAddress(ctx context.Context, b bucket, what string) store.Event {
	e := events.Of(ctx, events.AddressBlocked)
	e.Details = map[string]any{"max_attempts": b.max, "rate": b.refill.Milliseconds(), "stage": what}
	return e
}

func pairKey(identifier, address string) string {
	return "login " + network(address) + " " + identifier
}

func identifierKey(identifier string) string { return "login * " + identifier }

// network is what an address counts as.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "-"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return "-"
	}
	return p.String()
}

// listed reports whether an address is on a list of addresses and CIDR ranges.
func listed(list []string, address string) bool {
	if len(list) == 0 {
		return false
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, entry := range list {
		if p, err := netip.ParsePrefix(entry); err == nil && p.Masked().Contains(ip) {
			return true
		}
		if a, err := netip.ParseAddr(entry); err == nil && a.Unmap() == ip {
			return true
		}
	}
	return false
}

func enabled(on *bool) bool { return on == nil || *on }

func orElse(n, absent int64) int64 {
	if n <= 0 {
		return absent
	}
	return n
}
