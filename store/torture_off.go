//go:build !torture

package store

import "time"

// reach marks a place where make torture may kill the process, and stall one where it makes writes slower. They do so in a
// build with the tag torture only, which nobody runs in production.
func reach(string) {}

func stall(time.Time) {}

// withTorture adds the migration of a next version, in a build with the tag torture.
func withTorture(steps []migration) []migration { return steps }
