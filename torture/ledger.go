package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ledger is what was acknowledged: facts that must hold whatever happens to the server afterwards.
type ledger struct {
	mu         sync.Mutex
	facts      []fact // that were noted once, such as that a token was revoked
	checked    int    // so many of them have been checked since a restart
	standing   []fact // that are checked after each restart
	kinds      map[string]int
	violations []string
}

// fact says what is wrong with it now; empty: nothing. Its error is that of ctx.
type fact func(ctx context.Context) (wrong string, err error)

const (
	// newFacts and oldFacts are how many facts of the last round, and of those before it, are checked after a restart.
	newFacts = 300
	oldFacts = 40
	// lastFacts is how many are checked in the end.
	lastFacts  = 3000
	checkers   = 16
	mostBlamed = 50
)

// count notes that an operation was acknowledged.
func (l *ledger) count(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = map[string]int{}
	}
	l.kinds[kind]++
}

// counts are the acknowledged operations by kind.
func (l *ledger) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]int{}
	for kind, n := range l.kinds {
		all[kind] = n
	}
	return all
}

// note adds facts.
func (l *ledger) note(facts ...fact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.facts = append(l.facts, facts...)
}

// stand adds a fact that is checked after each restart.
func (l *ledger) stand(f fact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.standing = append(l.standing, f)
}

// violated records that the server broke its word.
func (l *ledger) violated(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.violations) < mostBlamed {
		l.violations = append(l.violations, fmt.Sprintf(format, args...))
	}
}

// noted is how many facts there are.
func (l *ledger) noted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.facts) + len(l.standing)
}

func (l *ledger) broken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.violations)
}

// due are the facts to check now: the standing ones, the newest of those that were never checked, and some old ones. upTo is
// what checked becomes with it.
func (l *ledger) due(recent, old int) (all []fact, upTo int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all = append(slices.Clone(l.standing), l.facts[max(l.checked, len(l.facts)-recent):]...)
	for range min(old, l.checked) {
		all = append(all, l.facts[rand.IntN(l.checked)])
	}
	return all, len(l.facts)
}

// checkPatience bounds one check: a running server answers every fact within it.
const checkPatience = 3 * time.Minute

// check checks what is due and says how much that was. After an error all of it is due again.
func (l *ledger) check(ctx context.Context, recent, old int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	due, upTo := l.due(recent, old)
	queue := make(chan fact)
	var wg sync.WaitGroup
	var failed error
	var mu sync.Mutex
	for range checkers {
		wg.Go(func() {
			for f := range queue {
				wrong, err := f(ctx)
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					continue
				}
				if wrong != "" {
					l.violated("%s", wrong)
				}
			}
		})
	}
	for _, f := range due {
		queue <- f
	}
	close(queue)
	wg.Wait()
	if failed != nil {
		return 0, failed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checked = upTo
	return len(due), nil
}
