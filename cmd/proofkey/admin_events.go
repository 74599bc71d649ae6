package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
)

func newAdminEvents(f *adminFlags) *cobra.Command {
	var filter store.EventFilter
	c := &cobra.Command{
		Use:   "events",
		Short: "Show the tenant's log, the newest first",
		Args:  noArguments,
		RunE: f.verb(func(ctx context.Context, s *shell, c *cobra.Command, _ []string) error {
			if filter.Limit < 1 || filter.Limit > 10000 {
				return usage(c, "--limit is between 1 and 10000")
			}
			all, err := s.db.Events(ctx, filter)
			if err != nil {
				return err
			}
			rows := make([][]string, len(all))
			for i, e := range all {
				rows[i] = []string{when(e.Date), e.Type, e.Description, orText(e.UserName, orText(e.UserID, "-")), orText(e.ClientID, "-"), orText(e.IP, "-"), reason(e)}
			}
			if all == nil {
				all = []store.Event{}
			}
			return s.many(all, "DATE TYPE WHAT USER CLIENT_ID ADDRESS REASON", rows)
		}),
	}
	flags := c.Flags()
	flags.StringVar(&filter.Type, "type", "", "only this type `code`, such as s, fp, seacft")
	flags.StringVar(&filter.UserID, "user", "", "only those of this `user_id`")
	flags.StringVar(&filter.TransactionID, "transaction", "", "only those of the transaction with this `id`, as error pages show it")
	flags.StringVar(&filter.Before, "before", "", "only older ones than the event with this `log_id`")
	flags.IntVar(&filter.Limit, "limit", 50, "at most this `number`")
	return c
}

// reason is why an outcome was a failure.
func reason(e store.Event) string {
	_, message, why := events.Failure(e)
	if why == "" {
		return message
	}
	return message + ": " + why
}
