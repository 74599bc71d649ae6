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

// bar shows how far an import or export of users is: a bar on a terminal, elsewhere a line now and then.
type bar struct {
	w           io.Writer
	terminal    bool
	now         func() time.Time
	file        string
	since, last time.Time
}

func newBar(w io.Writer, now func() time.Time) *bar {
	b := &bar{w: w, now: now}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return b
}

const (
	barWidth  = 30
	barPause  = 100 * time.Millisecond
	linePause = 10 * time.Second
	// clearLine goes to the beginning of the line and clears it.
	clearLine = "\r\x1b[K"
)

func (b *bar) show(file string, p management.ImportProgress) {
	now := b.now()
	if b.file != file {
		b.file, b.since, b.last = file, now, now
	}
	switch spent := now.Sub(b.last); {
	case b.terminal && spent >= barPause:
		fmt.Fprint(b.w, clearLine+printable(barText(filepath.Base(file), p, now.Sub(b.since))))
	case !b.terminal && spent >= linePause:
		fmt.Fprintln(b.w, printable(lineText(filepath.Base(file), p, now.Sub(b.since))))
	default:
		return
	}
	b.last = now
}

func countText(p management.ImportProgress, spent time.Duration) string {
	return fmt.Sprintf("%d users, %.0f a second", p.Total, float64(p.Total)/cmp.Or(spent.Seconds(), 1))
}

// lineText says how far a file is without a picture.
func lineText(file string, p management.ImportProgress, spent time.Duration) string {
	if p.Size <= 0 {
		return file + ": " + countText(p, spent)
	}
	return fmt.Sprintf("%s: %.0f%%, %s", file, 100*min(1, float64(p.Place)/float64(p.Size)), countText(p, spent))
}

// barText is a line that says how far a file is.
func barText(file string, p management.ImportProgress, spent time.Duration) string {
	if p.Size <= 0 {
		return lineText(file, p, spent)
	}
	done := min(1, float64(p.Place)/float64(p.Size))
	full := int(done * barWidth)
	return fmt.Sprintf("%s [%s%s] %3.0f%%  %s", file, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*done, countText(p, spent))
}

// end clears the line for what comes next.
func (b *bar) end() {
	if b.terminal && b.file != "" {
		fmt.Fprint(b.w, clearLine)
	}
}
