package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// oneArgument wants the thing that the verb is about, called what.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return usage(c, "which one? The verb needs "+what)
		case 1:
			return nil
		}
		return usage(c, fmt.Sprintf("unexpected argument %q", args[1]))
	}
}

// required refuses a command line that lacks flags which have no default.
func required(c *cobra.Command, names ...string) error {
	var missing []string
	for _, n := range names {
		if !c.Flags().Changed(n) {
			missing = append(missing, "--"+n)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return usage(c, missing[0]+" is required")
	}
	return usage(c, strings.Join(missing, " and ")+" are required")
}

// something refuses an update that names nothing to change.
func something(c *cobra.Command) error {
	named := false
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { named = named || f.Changed })
	if !named {
		return usage(c, "nothing to change: name a setting")
	}
	return nil
}

// take sets into to the flag's value where the flag was given. A flag is read with the method of its own type, so there
// is nothing to fail.
func take[T any](c *cobra.Command, name string, get func(string) (T, error), into *T) {
	if v, err := get(name); err == nil && c.Flags().Changed(name) {
		*into = v
	}
}

// lifetime is a flag: seconds, a duration such as 36h or 30d, or never.
type lifetime struct {
	seconds int64
	never   bool
}

func (l *lifetime) String() string { return "" }
func (l *lifetime) Type() string   { return "lifetime" }

func (l *lifetime) Set(text string) error {
	*l = lifetime{never: text == "never"}
	if l.never {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		l.seconds = n
		return nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseInt(days, 10, 32); err == nil && n > 0 {
			l.seconds = n * 86400
			return nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= time.Second && d%time.Second == 0 {
		l.seconds = int64(d / time.Second)
		return nil
	}
	return errors.New("a lifetime is a number of seconds above 0, such as 3600, or 36h, or 30d")
}

// ends is the lifetime of a thing that must end some day.
func (l *lifetime) ends(name string) (int64, error) {
	if l.never {
		return 0, fmt.Errorf("--%s: this lifetime must end", name)
	}
	return l.seconds, nil
}

// listFlag is a list that can be replaced as a whole, and in an update added to and taken from.
type listFlag[T any] struct {
	name, usage string
	of          func(*T) *[]string
}

func (l listFlag[T]) add(c *cobra.Command, update bool) {
	if !update {
		c.Flags().StringArray(l.name, nil, l.usage+" (repeatable)")
		return
	}
	c.Flags().StringArray(l.name, nil, l.usage+fmt.Sprintf(" (repeatable; the whole list, '' for none; or --add-%s, --remove-%[1]s)", l.name))
	for _, verb := range []string{"add-", "remove-"} {
		c.Flags().StringArray(verb+l.name, nil, "")
		c.Flags().Lookup(verb + l.name).Hidden = true
	}
}

func (l listFlag[T]) patch(c *cobra.Command, v *T) error {
	list := l.of(v)
	if c.Flags().Changed(l.name) {
		fresh, _ := c.Flags().GetStringArray(l.name)
		*list = slices.DeleteFunc(fresh, func(s string) bool { return s == "" })
	}
	if c.Flags().Lookup("add-"+l.name) == nil {
		return nil
	}
	more, _ := c.Flags().GetStringArray("add-" + l.name)
	for _, s := range more {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	less, _ := c.Flags().GetStringArray("remove-" + l.name)
	for _, s := range less {
		i := slices.Index(*list, s)
		if i < 0 {
			return fmt.Errorf("--remove-%s: %q is not in the list", l.name, s)
		}
		*list = slices.Delete(*list, i, i+1)
	}
	return nil
}
