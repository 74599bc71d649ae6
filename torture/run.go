package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// run is one site under load.
type run struct {
	*asker
	ledger
	options        options
	site           *site
	administration *administration
	out            io.Writer
	jumped         atomic.Int64 // when a clock was last moved, in milliseconds
}

// clockMoved says whether a clock was moved since a time, so that what a device holds may have ended early.
func (r *run) clockMoved(since time.Time) bool { return r.jumped.Load() >= since.UnixMilli() }

// torture kills a server until it has been killed often enough, and says what it broke.
func torture(ctx context.Context, o options, dir, binary, database string, out io.Writer) (err error) {
	engine := "sqlite"
	if database != "" {
		engine = "postgresql"
	}
	dir = filepath.Join(dir, engine)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	s, err := newSite(dir, binary, database, 1)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil { // otherwise the rows are evidence
			err = s.drop(context.WithoutCancel(ctx))
		}
	}()
	if err := s.seed(ctx, o.devices); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := s.makeKeys(ctx); err != nil {
		return err
	}
	r := &run{asker: newAsker(s.origin), options: o, site: s, out: out}
	r.administration = &administration{run: r}
	began := time.Now()
	if err := r.rounds(ctx); err != nil {
		return fmt.Errorf("%s: %w", s.engine, err)
	}
	return r.verdict(time.Since(began))
}

// rounds starts the server, checks its word and kills it under load, again and again; then lets everybody come to an end.
func (r *run) rounds(ctx context.Context) error {
	n := r.site.nodes[0]
	defer func() { _ = n.kill() }()
	load, quiet := context.WithCancel(ctx)
	defer quiet()
	var clients sync.WaitGroup
	defer clients.Wait()
	defer quiet()
	r.begin(load, &clients)
	facts, moved := 0, false
	for round := 0; ; round++ {
		p := planned(round)
		if round == r.options.kills {
			p = plan{}
		}
		if moved {
			r.jumped.Store(time.Now().UnixMilli()) // the new process has the right time
		}
		if err := n.start(ctx, p.env()...); err != nil {
			return err
		}
		moved = p.clock != 0
		if round == r.options.kills {
			break
		}
		living, died := context.WithCancel(ctx)
		go func() {
			<-n.ended // the point may be on the way of what is checked
			died()
		}()
		checked, err := r.check(living, newFacts, oldFacts)
		if err != nil && n.alive() {
			return err
		}
		facts += checked
		if err := r.live(ctx, n, p); err != nil {
			return err
		}
		if (round+1)%restoreEvery == 0 {
			if err := r.move(ctx); err != nil {
				return err
			}
		}
		if (round+1)%10 == 0 {
			fmt.Fprintf(r.out, "%s: %d kills, %d facts checked, %d violations\n", r.site.engine, round+1, facts, len(r.broken()))
		}
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	quiet()
	clients.Wait()
	if _, err := r.check(ctx, newFacts, lastFacts); err != nil {
		return err
	}
	if err := n.stop(); err != nil {
		return err
	}
	return r.audit(ctx)
}

// begin starts the devices and the clerks.
func (r *run) begin(ctx context.Context, clients *sync.WaitGroup) {
	for user := range r.options.devices {
		clients.Go(func() { newDevice(r, user).operate(ctx) })
	}
	for number := range max(2, r.options.devices/20) {
		clients.Go(func() { (&clerk{administration: r.administration, number: number}).operate(ctx) })
	}
	clients.Go(func() { (&clerk{administration: r.administration}).settings(ctx) })
	clients.Go(func() { (&clerk{administration: r.administration}).imports(ctx) })
	clients.Go(func() { r.keep(ctx) })
}

// verdict says what was acknowledged, and what of it was broken. Without acknowledgements nothing would be proven.
func (r *run) verdict(took time.Duration) error {
	counts := r.counts()
	var texts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	fmt.Fprintf(r.out, "%s: %d kills in %v. Acknowledged: %s\n", r.site.engine, r.options.kills, took.Round(time.Second), strings.Join(texts, ", "))
	var errs []error
	for _, text := range r.broken() {
		errs = append(errs, errors.New(text))
	}
	for _, kind := range missing(counts) {
		errs = append(errs, fmt.Errorf("no %s was acknowledged", kind))
	}
	return errors.Join(errs...)
}

// kinds are the operations of which each has to be acknowledged at least once.
var kinds = []string{"login", "exchange", "refresh", "revoke", "logout", "theft refused", "replay refused", "race", "grant removal",
	"block", "user created", "user written", "user deleted", "application written", "import", "backup", "restore"}

func missing(counts map[string]int) []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return counts[kind] > 0 })
}

// settle lets everybody be answered once more, and waits for what was never acknowledged yet.
func (r *run) settle(ctx context.Context) error {
	for began := time.Now(); ; {
		if err := sleep(ctx, time.Second); err != nil || len(missing(r.counts())) == 0 || time.Since(began) > patience {
			return err
		}
	}
}
