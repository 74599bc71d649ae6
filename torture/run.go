package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
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
	name           string
	wanted         []string // operations of which each has to be acknowledged
	out            io.Writer
	answered       []atomic.Int64 // when each device did something last, in milliseconds
	jumped         atomic.Int64   // when a clock was last moved, in milliseconds
}

// clockMoved says whether a clock was moved since a time, so that what a device holds may have ended early.
func (r *run) clockMoved(since time.Time) bool { return r.jumped.Load() >= since.UnixMilli() }

// scenario is what is done to a site.
type scenario struct {
	name  string
	nodes int
	// database is the URL of a PostgreSQL server; empty: SQLite.
	database string
	// wanted are operations that have to be acknowledged beside the usual ones.
	wanted []string
	live   func(r *run, ctx context.Context) error
}

// scenarios are those of a database.
func scenarios(database string) []scenario {
	if database == "" {
		return []scenario{{name: "SQLite", nodes: 1, wanted: []string{"restore"}, live: (*run).kills}}
	}
	return []scenario{
		{name: "PostgreSQL", nodes: 1, database: database, wanted: []string{"restore"}, live: (*run).kills},
		{name: "PostgreSQL, three nodes", nodes: 3, database: database, wanted: []string{"in force on every node", "node rolled"}, live: (*run).severalNodes},
	}
}

// torture lets a scenario happen to a site of its own under load, and says what was broken.
func torture(ctx context.Context, o options, dir, binary string, sc scenario, out io.Writer) (err error) {
	dir, err = os.MkdirTemp(dir, "site-")
	if err != nil {
		return err
	}
	s, err := newSite(dir, binary, sc.database, sc.nodes)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil { // otherwise the rows are evidence
			err = s.drop(context.WithoutCancel(ctx))
		}
	}()
	if err := s.seed(ctx, o.devices+1); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := s.makeKeys(ctx); err != nil {
		return err
	}
	if sc.nodes > 1 {
		stop, err := (&balancer{nodes: s.nodes}).serve(s.address)
		if err != nil {
			return err
		}
		defer stop()
	}
	r := &run{asker: newAsker(s.origin), options: o, site: s, out: out, name: sc.name, wanted: append(slices.Clone(kinds), sc.wanted...),
		answered: make([]atomic.Int64, o.devices)}
	r.administration = &administration{run: r}
	began := time.Now()
	if err := r.underLoad(ctx, sc.live); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", sc.name, err), r.blame())
	}
	return r.verdict(time.Since(began))
}

// underLoad lets something happen to the nodes while everybody uses them, and then everybody come to an end.
func (r *run) underLoad(ctx context.Context, live func(*run, context.Context) error) error {
	defer func() {
		for _, n := range r.site.nodes {
			_ = n.kill()
		}
	}()
	load, quiet := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer quiet()
	r.begin(load, &clients)
	if err := live(r, ctx); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	quiet()
	clients.Wait()
	if _, err := r.check(ctx, newFacts, lastFacts); err != nil {
		return err
	}
	for _, n := range r.site.nodes {
		if err := n.stop(); err != nil {
			return err
		}
	}
	return r.audit(ctx)
}

// kills starts the one server, checks its word and kills it, again and again.
func (r *run) kills(ctx context.Context) error {
	n, moved := r.site.nodes[0], false
	for round := range r.options.kills {
		p := planned(round)
		if moved {
			r.jumped.Store(time.Now().UnixMilli()) // the new process has the right time
		}
		if err := n.start(ctx, p.env()...); err != nil {
			return err
		}
		moved = p.clock != 0
		living, died := context.WithCancel(ctx)
		go func(ended <-chan struct{}) {
			<-ended // the point may be on the way of what is checked
			died()
		}(n.ended)
		if _, err := r.check(living, newFacts, oldFacts); err != nil && n.alive() {
			return err
		}
		if err := r.live(ctx, n, p); err != nil {
			return err
		}
		if (round+1)%restoreEvery == 0 {
			if err := r.move(ctx); err != nil {
				return err
			}
		}
		r.progress(round)
	}
	if moved {
		r.jumped.Store(time.Now().UnixMilli())
	}
	return n.start(ctx)
}

// progress says how far the run is, now and then.
func (r *run) progress(round int) {
	if (round+1)%10 == 0 {
		fmt.Fprintf(r.out, "%s: %d kills, %d facts noted, %d violations\n", r.name, round+1, r.noted(), len(r.broken()))
	}
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
	fmt.Fprintf(r.out, "%s: %d kills in %v. Acknowledged: %s\n", r.name, r.options.kills, took.Round(time.Second), strings.Join(texts, ", "))
	errs := []error{r.blame()}
	for _, kind := range r.missing(counts) {
		errs = append(errs, fmt.Errorf("no %s was acknowledged", kind))
	}
	return errors.Join(errs...)
}

// blame is what was broken.
func (r *run) blame() error {
	var errs []error
	for _, text := range r.broken() {
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}

// kinds are the operations of which each has to be acknowledged at least once in any scenario.
var kinds = []string{"login", "exchange", "refresh", "revoke", "logout", "theft refused", "replay refused", "race", "grant removal",
	"block", "user created", "user written", "user deleted", "application written", "import", "backup"}

func (r *run) missing(counts map[string]int) []string {
	return slices.DeleteFunc(slices.Clone(r.wanted), func(kind string) bool { return counts[kind] > 0 })
}

// settle lets everybody be answered once more, and waits for what was never acknowledged yet.
func (r *run) settle(ctx context.Context) error {
	for began := time.Now(); ; {
		if err := sleep(ctx, time.Second); err != nil || len(r.missing(r.counts())) == 0 || time.Since(began) > patience {
			return err
		}
	}
}
