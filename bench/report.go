package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/proofkey/proofkey/oauth/keys"
)

// The bars that the figures are held against.
const (
	cpuBarGo      = 1.4  // CPU of an operation over that of its bare signatures, where Go makes them
	cpuBarLibrary = 2.0  // and where libcrypto does
	openSSLBar    = 1.2  // CPU of a signature over that of one in openssl speed
	shareBar      = 8    // writes a commit, at the largest number of clients
	coresBar      = 0.10 // idle cores, at the largest number of clients
	stormBar      = 1.5  // p99 of a refresh during a login storm over its quiet value
	startBar      = 150 * time.Millisecond
	idleBar       = 50_000_000 // bytes
	clientsBar    = 150_000_000
	binaryBar     = 60_000_000
)

func cpuBar() float64 {
	if keys.Engine() == "Go" {
		return cpuBarGo
	}
	return cpuBarLibrary
}

// report is everything that one run found.
type report struct {
	Machine string        `json:"machine"`
	Bare    *bare         `json:"bare"`
	OpenSSL time.Duration `json:"openssl_ns,omitempty"` // a signature in openssl speed
	Binary  int64         `json:"binary_bytes"`
	Fsync   time.Duration `json:"fsync_ns"`
	Engines []figures     `json:"engines"`
}

// figures are one database's.
type figures struct {
	Engine  string          `json:"engine"`
	Starts  []time.Duration `json:"starts_ns"`
	IdleRSS int64           `json:"idle_rss_bytes"`
	PeakRSS int64           `json:"peak_rss_bytes"`
	Cells   []cell          `json:"cells"`
	Storm   *storm          `json:"storm,omitempty"`
	Growth  []growth        `json:"growth,omitempty"`
	Users   int             `json:"users,omitempty"`
	Many    []cell          `json:"many,omitempty"` // reads of so many users
}

// machine describes where the figures come from, as far as the system tells.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, found := strings.Cut(string(text), "model name"); found {
			line, _, _ := strings.Cut(after, "\n")
			model = strings.TrimLeft(line, " \t:")
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		average, _, _ := strings.Cut(string(text), " ")
		load = ", load average before the run " + average
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s%s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

func (r report) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s.\n", r.Machine)
	fmt.Fprintf(&b, "Clients run on the same machine over plain HTTP on loopback and share its cores; nothing is pinned.\n")
	fmt.Fprintf(&b, "Bare, one thread: RSA-2048 signature by %s %s CPU, argon2id (%d MiB, %d passes) %s CPU. fsync of a page: %s.\n",
		keys.Engine(), show(r.Bare.Signature), hashMemory/1024, hashIterations, show(r.Bare.Hash), show(r.Fsync))
	b.WriteString("\n| bar | allowed | measured | |\n|---|--:|--:|---|\n")
	if r.OpenSSL > 0 {
		part := float64(r.Bare.Signature) / float64(r.OpenSSL)
		bar(&b, "CPU of a signature ÷ openssl speed rsa2048 (the bar is for libcrypto)", fmt.Sprintf("%.1f", openSSLBar),
			fmt.Sprintf("%.2f (%s, %s)", part, show(r.Bare.Signature), show(r.OpenSSL)), part/openSSLBar)
	}
	bar(&b, "binary", megabytes(binaryBar), megabytes(r.Binary), float64(r.Binary)/binaryBar)
	for _, f := range r.Engines {
		fmt.Fprintf(&b, "\n## %s\n\n", f.Engine)
		f.table(&b)
		f.bars(&b)
		f.reads(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f figures) table(b *strings.Builder) {
	if len(f.Cells) == 0 {
		return
	}
	b.WriteString("| operation | in it | clients | per second | p50 | p99 | server CPU | bare | CPU ÷ bare |\n")
	b.WriteString("|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range f.Cells {
		bareCost, ratio := "–", "–"
		if c.Bare > 0 {
			bareCost, ratio = show(c.Bare), fmt.Sprintf("%.2f", c.Ratio)
		}
		fmt.Fprintf(b, "| %s | %s | %d | %.0f | %s | %s | %s | %s | %s |\n",
			c.Operation, c.content(), c.Clients, c.PerSecond, show(c.P50), show(c.P99), show(c.CPU), bareCost, ratio)
	}
	b.WriteString("\n")
}

// reads are the lists and searches of users.
func (f figures) reads(b *strings.Builder) {
	if len(f.Many) == 0 {
		return
	}
	fmt.Fprintf(b, "\nManagement API, one client, %d users:\n\n| read | p50 | p99 | server CPU | allowed | |\n|---|--:|--:|--:|--:|---|\n", f.Users)
	for _, c := range f.Many {
		verdict := "met"
		if c.CPU > manyBar {
			verdict = "**not met**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", c.Operation, show(c.P50), show(c.P99), show(c.CPU), show(manyBar), verdict)
	}
}

// content is what the bare cost is of.
func (c cell) content() string {
	switch {
	case c.Hashes > 0:
		return "argon2id"
	case c.Signatures == 1:
		return "1 signature"
	case c.Signatures > 1:
		return fmt.Sprintf("%d signatures", c.Signatures)
	}
	return "–"
}

// bars holds the figures against the bars; of an operation the worst number of clients counts.
func (f figures) bars(b *strings.Builder) {
	b.WriteString("| bar | allowed | measured | |\n|---|--:|--:|---|\n")
	row := func(name, allowed, measured string, part float64) { bar(b, name, allowed, measured, part) }
	for i, c := range f.Cells {
		if !c.Barred || i > 0 && f.Cells[i-1].Operation == c.Operation {
			continue
		}
		worst := c
		for _, other := range f.Cells[i:] {
			if other.Operation == c.Operation && other.Ratio > worst.Ratio {
				worst = other
			}
		}
		row(fmt.Sprintf("CPU of a %s ÷ bare", c.Operation), fmt.Sprintf("%.1f", cpuBar()),
			fmt.Sprintf("%.2f (%d clients)", worst.Ratio, worst.Clients), worst.Ratio/cpuBar())
	}
	if c, ok := f.crowd(func(c, other cell) bool { return c.Commits > 0 && c.Writes*other.Commits < other.Writes*c.Commits }); ok {
		share := float64(c.Writes) / float64(c.Commits)
		row("writes a commit, the fewest", fmt.Sprint(shareBar), fmt.Sprintf("%.1f (%s, %d clients)", share, c.Operation, c.Clients), shareBar/share)
	}
	if c, ok := f.crowd(func(c, other cell) bool { return c.Idle > other.Idle }); ok {
		row("idle cores, the most", fmt.Sprintf("%.0f %%", 100*coresBar), fmt.Sprintf("%.0f %% (%s, %d clients)", 100*c.Idle, c.Operation, c.Clients), c.Idle/coresBar)
	}
	for _, g := range f.Growth {
		part := g.Small / g.Large
		row(fmt.Sprintf("%s, %d users with %d refresh tokens: slower than with %d users", g.Operation, g.Users, g.Tokens, users),
			fmt.Sprintf("%.2f", growthBar), fmt.Sprintf("%.2f (%.0f/s, %.0f/s; CPU %s, %s)", part, g.Large, g.Small, show(g.LargeCPU), show(g.SmallCPU)), part/growthBar)
	}
	if s := f.Storm; s != nil {
		ratio := float64(s.Stormy) / float64(max(s.Quiet, 1))
		row(fmt.Sprintf("p99 of a refresh, login storm ÷ quiet (%d refreshes/s, medians of %d rounds; %d clients log in, %.0f/s)", stormRate, stormRounds, stormLogins, s.Logins),
			fmt.Sprintf("%.1f", stormBar), fmt.Sprintf("%.2f (%s ÷ %s; p50 %s, %s)", ratio, show(s.Stormy), show(s.Quiet), show(s.StormyP50), show(s.QuietP50)), ratio/stormBar)
	}
	start := percentile(f.Starts, 0.50)
	row(fmt.Sprintf("start to first token, median of %d", len(f.Starts)), show(startBar), show(start), float64(start)/float64(startBar))
	row("resident memory, idle", megabytes(idleBar), megabytes(f.IdleRSS), float64(f.IdleRSS)/idleBar)
	row("resident memory, peak of the whole run", megabytes(clientsBar), megabytes(f.PeakRSS), float64(f.PeakRSS)/clientsBar)
}

// crowd is the worst of the barred cells with the most clients.
func (f figures) crowd(worse func(c, other cell) bool) (worst cell, found bool) {
	most := 0
	for _, c := range f.Cells {
		most = max(most, c.Clients)
	}
	for _, c := range f.Cells {
		// client_credentials writes only events, which are gathered anyway.
		if c.Barred && c.Clients == most && c.Operation != "client_credentials" && (!found || worse(c, worst)) {
			worst, found = c, true
		}
	}
	return worst, found
}

// bar writes a row with its verdict; part is the share of what is allowed that was used.
func bar(b *strings.Builder, name, allowed, measured string, part float64) {
	verdict := fmt.Sprintf("met, %.0f %% to spare", 100*(1-part))
	if part > 1 {
		verdict = fmt.Sprintf("**not met**, by %.0f %%", 100*(part-1))
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, allowed, measured, verdict)
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

// show rounds a duration to what is worth reading.
func show(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.0f ms", float64(d)/1e6)
}
