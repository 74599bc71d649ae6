package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// severalNodes kills one of the nodes at a time and starts it again at once, while the others serve. In the middle third of
// the deaths the nodes move to the next version of the schema, one after the other: until the last has, both versions are
// killed and started on it.
func (r *run) severalNodes(ctx context.Context) error {
	nodes := r.site.nodes
	next := make([]bool, len(nodes))
	start := func(i int, p plan) error {
		env := p.env()
		if next[i] {
			env = append(env, "TORTURE_NEXT=1")
		}
		return nodes[i].start(ctx, env...)
	}
	for i := range nodes {
		if err := start(i, plan{}); err != nil {
			return err
		}
	}
	for round := range r.options.kills {
		if i := round*3/r.options.kills - 1; i >= 0 && round%max(1, r.options.kills/9) == 0 {
			if err := r.roll(nodes, next, start); err != nil {
				return err
			}
		}
		if _, err := r.check(ctx, newFacts, oldFacts); err != nil {
			return err
		}
		if err := r.everywhere(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, time.Duration(rand.Int64N(int64(r.options.load)))); err != nil {
			return err
		}
		// Nodes that came to their point are dead already; one more dies at any moment.
		victim := rand.IntN(len(nodes))
		for i, n := range nodes {
			if i != victim && n.alive() {
				continue
			}
			if err := n.kill(); err != nil {
				return err
			}
			r.count("death of a node")
			p := planned(round)
			p.full, p.clock = false, 0 // nodes agree on the time, and the disk is the database's
			if err := start(i, p); err != nil {
				return err
			}
		}
		r.progress(round)
	}
	for i, n := range nodes {
		if err := n.kill(); err != nil {
			return err
		}
		if err := start(i, plan{}); err != nil {
			return err
		}
	}
	return nil
}

// roll moves the first node that is not of the next version to it, in good order.
func (r *run) roll(nodes []*node, next []bool, start func(int, plan) error) error {
	for i, n := range nodes {
		if next[i] {
			continue
		}
		if err := n.stop(); err != nil && n.alive() {
			return err
		}
		next[i] = true
		r.count("node rolled")
		defer r.site.next.Store(true)
		return start(i, plan{})
	}
	return nil
}

// inForce is how soon a change counts on every node.
const inForce = time.Second

// everywhere changes settings and revokes tokens at one node each, and asks all others whether that is in force.
func (r *run) everywhere(ctx context.Context) error {
	d := newDevice(r, r.options.devices) // a user of no device
	_, token, err := d.newToken(ctx)
	if err != nil || token == "" {
		return err
	}
	extra := fmt.Sprintf("https://app.example.com/callback-%d", rand.Int64())
	settings := "/clients/" + r.site.spare.ID
	asked := url.Values{"response_type": {"code"}, "client_id": {r.site.spare.ID}, "redirect_uri": {extra}, "scope": {"openid"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}}
	authorize := request{method: "GET", path: "/authorize?" + asked.Encode()}
	done, err := r.administration.do(ctx, "PATCH", settings, fmt.Sprintf(`{"callbacks":[%q]}`, extra), http.StatusOK)
	if err != nil || !done {
		return err
	}
	if err := r.onAll(ctx, "a new callback", authorize, http.StatusFound); err != nil {
		return err
	}
	if done, err = r.administration.do(ctx, "PATCH", settings, fmt.Sprintf(`{"callbacks":[%q]}`, callback), http.StatusOK); err != nil || !done {
		return err
	}
	if err := r.onAll(ctx, "a callback that was taken away", authorize, http.StatusForbidden); err != nil {
		return err
	}
	a, _, err := r.ask(ctx, form("/oauth/revoke", "client_id", r.site.native.ID, "token", token))
	if err != nil || !a.ok() {
		return err
	}
	r.count("in force on every node")
	return r.onAll(ctx, "a revocation", d.renew(token), http.StatusForbidden)
}

// onAll asks each living node until it answers with a status.
func (r *run) onAll(ctx context.Context, what string, q request, status int) error {
	began := time.Now()
	for _, n := range r.site.nodes {
		k := *r.asker
		k.origin, k.host = "http://"+n.address, r.site.address
		for n.alive() {
			a, err := k.once(ctx, q)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil && a.status == status {
				break
			}
			if err == nil && time.Since(began) > inForce {
				r.violated("%s is not in force on every node after %v: %v", what, inForce, a)
				break
			}
			if err := pause(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
