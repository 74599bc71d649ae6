// Command proofkey is the identity provider and everything around it: `serve` in production, `dev` on a laptop or in a
// test, `login` as a native application in the terminal, `config` and `admin` for whoever runs it.
//
// Answers go to stdout, everything else to stderr. The exit code is 0, 1 for an error (one line on stderr, or a line per
// mistake of a configuration) and 2 for a command line that is not understood. The first SIGINT or SIGTERM ends a command
// in good order, a second one at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once the first signal has come the default action is back, so that the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "proofkey: "+err.Error())
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := group("proofkey", "Self-hosted identity provider that speaks OAuth 2.0 and OpenID Connect")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(c, err.Error()) })
	root.AddCommand(newServe(), newDev(), newLogin(), newConfig(), newAdmin(), newImport(), newBackup(), newRestore(), newWhy(), newAttack(), newMigrate(), newVersion())
	return root
}

// group is a command that only holds others: alone it prints its help, and what it does not know it refuses.
func group(use, short string) *cobra.Command {
	return &cobra.Command{
		Use:                        use,
		Short:                      short,
		SuggestionsMinimumDistance: 2,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			text := fmt.Sprintf("unknown command %q", args[0])
			if near := c.SuggestionsFor(args[0]); len(near) > 0 {
				text += "; did you mean " + near[0] + "?"
			}
			return usage(c, text)
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
}

// usageError is a command line that is not understood.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usage(c *cobra.Command, text string) error {
	return usageError{text + " (see: " + c.CommandPath() + " --help)"}
}

// noArguments refuses what stands beside the flags.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(c, fmt.Sprintf("unexpected argument %q", args[0]))
	}
	return nil
}
