package limits

import (
	"context"

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
