package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofkey/proofkey/events/explain"
	"github.com/proofkey/proofkey/store"
)

func newWhy() *cobra.Command {
	var f adminFlags
	c := &cobra.Command{
		Use:   "why ID",
		Short: "Say why a sign-in or an exchange ended as it did, and what to change",
		Long: `why tells the decision path of a transaction: what was checked, what was decided and, for a failure, its cause and its mend.
ID is what an error page or an answer shows (tx_…), the log_id of an event, or the correlation id that the application sent.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, "one ID is needed: of a transaction, of an event, or a correlation id")
			}
			return nil
		},
		RunE: f.verb(func(ctx context.Context, s *shell, _ *cobra.Command, args []string) error {
			x, err := explain.Explain(ctx, s.db.Queries, args[0])
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("the log of this tenant has nothing under %s: check the id and --tenant; failures appear within a second", printable(args[0]))
			}
			if err != nil {
				return err
			}
			return s.explain(x)
		}),
	}
	f.add(c)
	return c
}

// explain prints an explanation for people, or as JSON.
func (s *shell) explain(x explain.Explanation) error {
	if s.json {
		return s.encode(x)
	}
	fmt.Fprintln(s.out, printable(x.Summary))
	for _, found := range x.Findings {
		fmt.Fprintf(s.out, "\n  %s\n  cause  %s\n  mend   %s\n", found.Rule, printable(found.Cause), printable(found.Mend))
		if at := found.Setting; at != nil {
			fmt.Fprintf(s.out, "  where  %s\n", printable(strings.TrimSpace(strings.Join([]string{at.Resource, at.ID, at.Field}, " "))))
		}
	}
	for _, step := range x.Steps {
		fmt.Fprintf(s.out, "\n%s  %s  %s\n", when(step.Date), step.Type, printable(step.Title))
		for _, check := range step.Checks {
			mark := "ok  "
			if !check.Passed {
				mark = "NO  "
			}
			fmt.Fprintf(s.out, "    %s%s\n", mark, check.Name)
		}
		fmt.Fprintf(s.out, "    =>  %s\n", printable(step.Decision))
	}
	return nil
}
