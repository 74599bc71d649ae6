package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofkey/proofkey/management"
)

// bar shows on a terminal how far an import of users is.
type bar struct {
	w           io.Writer // nil: no terminal
	now         func() time.Time
	file        string
	since, last time.Time
}

func newBar(w io.Writer, now func() time.Time) *bar {
	b := &bar{now: now}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			b.w = w
		}
	}
	return b
}

const (
	barWidth = 30
	barPause = 100 * time.Millisecond
	// clearLine goes to the beginning of the line and clears it.
	clearLine = "\r\x1b[K"
)

func (b *bar) show(file string, p management.ImportProgress) {
	if b.w == nil {
		return
	}
	now := b.now()
	if b.file != file {
		b.file, b.since, b.last = file, now, time.Time{}
	}
	if now.Sub(b.last) < barPause {
		return
	}
	b.last = now
	fmt.Fprint(b.w, clearLine+printable(barText(filepath.Base(file), p, now.Sub(b.since))))
}

// barText is a line that says how far a file is.
func barText(file string, p management.ImportProgress, spent time.Duration) string {
	count := fmt.Sprintf("%d users, %.0f a second", p.Total, float64(p.Total)/cmp.Or(spent.Seconds(), 1))
	if p.Size <= 0 {
		return file + ": " + count
	}
	done := min(1, float64(p.Place)/float64(p.Size))
	full := int(done * barWidth)
	return fmt.Sprintf("%s [%s%s] %3.0f%%  %s", file, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*done, count)
}

// end clears the line for what comes next.
func (b *bar) end() {
	if b.w != nil && b.file != "" {
		fmt.Fprint(b.w, clearLine)
	}
}
