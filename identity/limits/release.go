package limits

import (
	"context"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// Release clears the failures of accounts from every address, in the transaction of what an administrator does for them.
// The addresses' own counters stay.
func Release(ctx context.Context, tx *store.Tx, identifiers ...string) error {
	for _, id := range identifiers {
		if id = Normal(id); id == "" {
			continue
		}
		if err := tx.ForgetAttemptsOf(ctx, "login ", " "+id); err != nil {
			return err
		}
	}
	return nil
}

// Block is an identifier that may not try again, from an address or, without one, from anywhere.
type Block struct{ Identifier, IP string }

// Blocks lists what keeps identifiers out under the tenant's settings.
func Blocks(ctx context.Context, q store.Queries, settings store.TenantSettings, identifiers ...string) ([]Block, error) {
	var all []Block
	for _, id := range identifiers {
		if id = Normal(id); id == "" || !enabled(settings.BruteForce.Enabled) {
			continue
		}
		most := orElse(int64(settings.BruteForce.MaxAttempts), maxAttempts)
		keys, err := q.AttemptsOf(ctx, "login ", " "+id, most)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			b := Block{Identifier: id, IP: strings.TrimSuffix(strings.TrimPrefix(key, "login "), " "+id)}
			everywhere := b.IP == "*"
			if everywhere {
				b.IP = ""
			}
			// The counters of the other mode are not looked at.
			if everywhere == (settings.BruteForce.Mode == perIdentifier) && !strings.Contains(b.IP, " ") {
				all = append(all, b)
			}
		}
	}
	return all, nil
}

// AddressBlocked says whether an address may not try again, to log in or to sign up.
func AddressBlocked(ctx context.Context, q store.Queries, settings store.TenantSettings, address string) (bool, error) {
	login, loginOn := Login{settings: settings, address: address}.addressBucket()
	signup, signupOn := signupBucket(settings, address)
	for b, on := range map[bucket]bool{login: loginOn, signup: signupOn} {
		if !on {
			continue
		}
		if n, _, err := q.Attempts(ctx, b.key, b.refill); err != nil || n >= b.max {
			return err == nil, err
		}
	}
	return false, nil
}

// ReleaseAddress clears what was counted of an address, in the transaction of an administrator's unblock. Accounts that are
// blocked for this address stay so.
func ReleaseAddress(ctx context.Context, tx *store.Tx, address string) error {
	return tx.ForgetAttempts(ctx, "login ip "+network(address), "signup ip "+network(address))
}
