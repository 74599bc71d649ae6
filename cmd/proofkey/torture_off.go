//go:build !torture

package main

import "github.com/proofkey/proofkey/app"

// torture lets make torture move the clock and fill the disk, in a build with the tag torture only.
func torture(*app.Options) {}
