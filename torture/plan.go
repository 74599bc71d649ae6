package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// plan is what one life of a server is like, and how it ends.
type plan struct {
	point string // where it dies; empty: anywhere
	hits  int    // and after how many times
	slow  bool   // writes take ten times as long
	full  bool   // the disk is full for a while
	clock time.Duration
}

// points are the named places of the code path, with how often they may be passed before the end.
var points = []struct {
	name string
	hits int
}{
	{"before commit", 100}, {"after commit", 100}, {"refresh rotated", 60}, {"code spent", 20}, {"users inserted", 4}, {"family revoked", 8}, {"within a group", 100},
}

// planned is the plan of a round: each third death is at any moment, the others walk along the points. Faults come in turn.
func planned(round int) (p plan) {
	if round%3 != 0 {
		at := points[(round-round/3-1)%len(points)]
		p.point, p.hits = at.name, 1+rand.IntN(at.hits)
	}
	switch round % 5 {
	case 1:
		p.slow = true
	case 2:
		p.full = true
	case 3:
		p.clock = time.Hour
	case 4:
		p.clock = -time.Hour
	}
	return p
}

func (p plan) env() []string {
	env := []string{"TORTURE_POINT=" + p.point, "TORTURE_HITS=" + strconv.Itoa(p.hits)}
	if p.slow {
		env = append(env, "TORTURE_SLOW=10")
	}
	return env
}

// live lets a server that was started under the plan live under load, with its faults, until it has died.
func (r *run) live(ctx context.Context, n *node, p plan) error {
	life := time.Duration(rand.Int64N(int64(r.options.load)))
	quarter := func() error {
		select {
		case <-n.ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(life / 4):
			return nil
		}
	}
	if err := quarter(); err != nil {
		return err
	}
	if p.clock != 0 {
		if err := r.moveClock(n, p.clock); err != nil {
			return err
		}
	}
	if p.full {
		if err := r.fillDisk(ctx, n); err != nil {
			return err
		}
	}
	for range 3 {
		if err := quarter(); err != nil {
			return err
		}
	}
	if p.point != "" { // give it the time to come there
		select {
		case <-n.ended:
			r.count("death " + p.point)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * r.options.load):
		}
	}
	return n.kill()
}

// moveClock moves the server's clock. What devices hold that has an end may be refused from now on.
func (r *run) moveClock(n *node, by time.Duration) error {
	r.jumped.Store(time.Now().UnixMilli())
	_, err := n.tell("clock " + by.String())
	r.jumped.Store(time.Now().UnixMilli())
	r.count(fmt.Sprintf("clock moved %v", by))
	return err
}

// recovery is how long a server may take to write again after a fault is over.
const recovery = 10 * time.Second

// fillDisk lets no file of the server's database grow for a while. Then there is room again, and it writes again.
func (r *run) fillDisk(ctx context.Context, n *node) error {
	if r.site.schema != "" {
		if !r.options.panics {
			return nil
		}
		return r.fillServersDisk(ctx)
	}
	if obeyed, err := n.tell("disk 65536"); err != nil || !obeyed {
		return err
	}
	if err := sleep(ctx, r.options.load/2); err != nil {
		return err
	}
	if obeyed, err := n.tell("disk 9223372036854775807"); err != nil || !obeyed {
		return err
	}
	r.count("disk full")
	return r.writesAgain(ctx, n)
}

// writesAgain waits until the server has acknowledged a write.
func (r *run) writesAgain(ctx context.Context, n *node) error {
	before := r.counts()["refresh"]
	for began := time.Now(); r.counts()["refresh"] == before; {
		select {
		case <-n.ended:
			return nil
		default:
		}
		if time.Since(began) > recovery {
			r.violated("%v after there was room on the disk again nothing is written", recovery)
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// fillServersDisk does the same to the processes of PostgreSQL that serve the site. They cannot write their log, which
// PostgreSQL takes for the end of the world: it ends all sessions and recovers from the log.
func (r *run) fillServersDisk(ctx context.Context) error {
	pids, err := r.site.backends(ctx)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		out, err := exec.CommandContext(ctx, "prlimit", "--pid", strconv.Itoa(pid), "--fsize=65536").CombinedOutput()
		if err != nil && !strings.Contains(string(out), "No such process") {
			return fmt.Errorf("prlimit: %w\n%s", err, out)
		}
	}
	r.count("disk full")
	return nil
}
