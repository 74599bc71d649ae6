package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// tortureCluster is the scenario of the failover, with servers of its own.
func tortureCluster(ctx context.Context, o options, dir, binary, name string, out io.Writer) error {
	c, err := newCluster(ctx, o.postgres)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.kills = 1
	err = torture(ctx, o, dir, binary, scenario{name: name, nodes: 3, database: c.database(), live: c.failover}, out)
	return errors.Join(err, c.close())
}

// failover lets three nodes serve from a primary with a synchronous standby, kills the primary under load and promotes the
// standby. Everybody has to be answered again soon, and what the primary acknowledged has to be there.
func (c *cluster) failover(r *run, ctx context.Context) error {
	for _, n := range r.site.nodes {
		if err := n.start(ctx); err != nil {
			return err
		}
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := c.failOver(ctx); err != nil {
		return err
	}
	promoted := time.Since(began)
	if err := r.everybodyAgain(ctx, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "%s: the standby was promoted %v after the primary was killed, and %v after that all devices had been answered\n",
		r.name, promoted.Round(time.Millisecond), (time.Since(began) - promoted).Round(time.Millisecond))
	if took := time.Since(began); took > recovery {
		r.violated("the devices were served again %v after the primary was killed, want %v", took, recovery)
	}
	_, err := r.check(ctx, newFacts, lastFacts)
	return err
}

// everybodyAgain waits until each device was answered since a time.
func (r *run) everybodyAgain(ctx context.Context, since time.Time) error {
	for user := range r.options.devices {
		for r.answered[user].Load() < since.UnixMilli() {
			if time.Since(since) > patience {
				r.violated("device %d is not answered %v after the failover", user, patience)
				return nil
			}
			if err := pause(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
