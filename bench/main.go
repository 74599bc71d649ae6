// Command bench measures the server as its clients see it and prints one table of figures a database.
//
// It starts the real process, `proofkey serve` with its default settings, on a fresh database on disk with durable commits:
// SQLite, and PostgreSQL where PROOFKEY_TEST_POSTGRES names a server. Machines are noisy and ratios are not, so the CPU
// time of an operation stands beside the bare cost of the RSA signatures in it, measured between the operations. The
// clients run on the same machine: throughput and latency include their share of it, CPU per operation does not.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	cell    time.Duration
	clients []int
	only    string
	many    int // users, for the figures of the Management API; 0: none
	tokens  int // refresh tokens, for the growth of exchanges and refreshes; 0: none
	json    bool
	dir     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	seconds := flags.Float64("seconds", 3, "length of one cell of the table")
	clients := flags.String("clients", "1,8,64", "numbers of concurrent clients")
	flags.StringVar(&o.only, "only", "", "measure only what has this in its name (an operation, storm, growth)")
	flags.IntVar(&o.many, "users", 1_000_000, "users for the lists and searches of the Management API; 0 leaves those out")
	flags.IntVar(&o.tokens, "tokens", 1_000_000, "refresh tokens that many users hold, for what exchanges and refreshes cost then; 0 leaves those out")
	flags.BoolVar(&o.json, "json", false, "print the figures as JSON")
	flags.StringVar(&o.dir, "dir", "build", "folder of the databases; its disk is part of what is measured")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.cell = time.Duration(*seconds * float64(time.Second))
	for s := range strings.SplitSeq(*clients, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > families {
			return o, fmt.Errorf("-clients: %q is not a number from 1 to %d", s, families)
		}
		o.clients = append(o.clients, n)
	}
	if o.cell <= 0 || flags.NArg() > 0 {
		return o, errors.New("-seconds must be positive, and there are no arguments beside the flags")
	}
	return o, nil
}

func (o options) wants(name string) bool { return strings.Contains(name, o.only) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if _, err := cpuTime(os.Getpid()); err != nil {
		return fmt.Errorf("CPU time is read from Linux's /proc, which is not here: %w", err)
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	binary, err := findBinary(ctx, dir)
	if err != nil {
		return err
	}
	report := report{Machine: machine(), Bare: newBare()}
	if report.OpenSSL, err = opensslSpeed(ctx); err != nil {
		fmt.Fprintln(stderr, "bench: no figure of openssl speed beside the signatures: "+err.Error())
	}
	if i, err := os.Stat(binary); err == nil {
		report.Binary = i.Size()
	}
	if report.Fsync, err = fsyncTime(dir); err != nil {
		return err
	}
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		server := os.Getenv("PROOFKEY_TEST_POSTGRES")
		if engine == "PostgreSQL" && server == "" {
			fmt.Fprintln(stderr, "bench: PROOFKEY_TEST_POSTGRES is not set, so there are no figures on PostgreSQL; make bench starts one")
			continue
		}
		s, err := newSite(dir, binary, engine, "", server)
		if err != nil {
			return err
		}
		figures, err := measureEngine(ctx, o, s, report.Bare, stderr)
		if err == nil && o.many > 0 && o.tokens > 0 && o.wants("growth") {
			figures.Growth, err = measureGrowth(ctx, o, s, report.Bare, stderr, func() (*site, error) {
				return newSite(dir, binary, engine, "-small", server)
			})
		}
		if err = errors.Join(err, s.drop(context.WithoutCancel(ctx))); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		report.Engines = append(report.Engines, figures)
	}
	if o.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(report)
	}
	return report.markdown(stdout)
}

// findBinary is the server that PROOFKEY_BIN names, or one built for this run.
func findBinary(ctx context.Context, dir string) (string, error) {
	if named := os.Getenv("PROOFKEY_BIN"); named != "" {
		return named, nil
	}
	path := filepath.Join(dir, "proofkey")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/proofkey")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, bytes.TrimSpace(out))
	}
	return path, nil
}

// starts is how often the start is timed.
const starts = 5

// measureEngine fills one table.
func measureEngine(ctx context.Context, o options, s *site, bare *bare, progress io.Writer) (figures, error) {
	f := figures{Engine: s.engine}
	if err := s.seed(ctx, bare.passwordHash); err != nil {
		return f, fmt.Errorf("seed: %w", err)
	}
	for i := range starts {
		fmt.Fprintf(progress, "%s: start %d of %d\n", s.engine, i+1, starts)
		p, took, err := s.start(ctx)
		if err != nil {
			return f, err
		}
		f.Starts = append(f.Starts, took)
		if i == starts-1 {
			time.Sleep(2 * time.Second)
			f.IdleRSS, err = memory(p.pid, "VmRSS")
		}
		if err = errors.Join(err, p.stop()); err != nil {
			return f, err
		}
	}
	p, _, err := s.start(ctx)
	if err != nil {
		return f, err
	}
	b := &bed{site: s, pid: p.pid, bare: bare}
	err = measureLoad(ctx, o, b, &f, progress)
	if err == nil {
		f.PeakRSS, err = memory(p.pid, "VmHWM")
	}
	if err = errors.Join(err, p.stop()); err != nil || o.many == 0 {
		return f, err
	}
	f.Users = o.many
	f.Many, err = measureMany(ctx, o, s, bare, progress)
	return f, err
}

func measureLoad(ctx context.Context, o options, b *bed, f *figures, progress io.Writer) error {
	fmt.Fprintf(progress, "%s: sign %d users in\n", b.engine, signedIn)
	if err := b.prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, op := range operations {
		for _, clients := range o.clients {
			if !o.wants(op.name) {
				continue
			}
			fmt.Fprintf(progress, "%s: %s, %d clients\n", b.engine, op.name, clients)
			c, err := b.measure(ctx, op, clients, o.cell)
			if err != nil {
				return fmt.Errorf("%s, %d clients: %w", op.name, clients, err)
			}
			f.Cells = append(f.Cells, c)
		}
	}
	level(f.Cells)
	if !o.wants("storm") {
		return nil
	}
	fmt.Fprintf(progress, "%s: login storm\n", b.engine)
	storm, err := b.storm(ctx, cmp.Or(o.cell, time.Second))
	f.Storm = &storm
	if err != nil {
		return fmt.Errorf("login storm: %w", err)
	}
	return nil
}
