package main

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/proofkey/proofkey/oauth/keys"
)

// cell is one figure of the table.
type cell struct {
	Operation  string        `json:"operation"`
	Signatures int           `json:"signatures"`
	Hashes     int           `json:"hashes"`
	Barred     bool          `json:"barred"`
	Clients    int           `json:"clients"`
	Operations int           `json:"operations"`
	PerSecond  float64       `json:"per_second"`
	P50        time.Duration `json:"p50_ns"`
	P99        time.Duration `json:"p99_ns"`
	CPU        time.Duration `json:"cpu_ns"`      // of the server, per operation
	Bare       time.Duration `json:"bare_cpu_ns"` // of the signatures or hashes in it, measured around the cell
	Ratio      float64       `json:"cpu_to_bare"` // 0 when there is nothing bare in it
	Writes     int64         `json:"writes"`      // that were made durable
	Commits    int64         `json:"commits"`     // by so many commits
	Idle       float64       `json:"idle_cores"`  // part of the machine's time in which a core had nothing to do
}

const (
	warmUp = 300 * time.Millisecond
	// batch is how many codes are made at once, unmeasured, for the exchanges that are measured.
	batch = 512
	// settle lets the server write what it answers for later, such as events, before others are charged for it.
	settle = 50 * time.Millisecond
)

// measure fills one cell.
func (b *bed) measure(ctx context.Context, op operation, clients int, length time.Duration) (cell, error) {
	c := cell{Operation: op.name, Signatures: op.signatures, Hashes: op.hashes, Barred: op.barred, Clients: clients}
	workers := b.workers(clients)
	defer closeAll(workers)
	if _, _, err := b.round(ctx, op, workers, warmUp); err != nil {
		return c, err
	}
	for _, w := range workers {
		w.took = w.took[:0]
	}
	before := b.bare.cost(op)
	writes, commits, err := b.counts()
	if err != nil {
		return c, err
	}
	var spent, cpu time.Duration
	var idle, ticks int64
	for spent < length {
		time.Sleep(settle)
		wall, used, err := b.round(ctx, op, workers, length-spent)
		if err != nil {
			return c, err
		}
		spent, cpu = spent+wall.took, cpu+used
		idle, ticks = idle+wall.idle, ticks+wall.ticks
	}
	c.Writes, c.Commits, err = b.counts()
	if err != nil {
		return c, err
	}
	c.Writes, c.Commits = c.Writes-writes, c.Commits-commits
	c.Idle = float64(idle) / float64(max(ticks, 1))
	c.Bare = min(before, b.bare.cost(op)) // a hiccup would flatter the ratio
	var took []time.Duration
	for _, w := range workers {
		took = append(took, w.took...)
	}
	c.Operations = len(took)
	c.PerSecond = float64(len(took)) / spent.Seconds()
	c.CPU = cpu / time.Duration(len(took))
	c.P50, c.P99 = percentile(took, 0.50), percentile(took, 0.99)
	return c, nil
}

// level gives all cells the same bare signature and hash, the median of those measured around them, and fills the ratios:
// a slow second of the machine must not decide a verdict.
func level(cells []cell) {
	var signatures, hashes []time.Duration
	for _, c := range cells {
		switch {
		case c.Signatures > 0:
			signatures = append(signatures, c.Bare/time.Duration(c.Signatures))
		case c.Hashes > 0:
			hashes = append(hashes, c.Bare/time.Duration(c.Hashes))
		}
	}
	for i := range cells {
		c := &cells[i]
		c.Bare = percentile(signatures, 0.50)*time.Duration(c.Signatures) + percentile(hashes, 0.50)*time.Duration(c.Hashes)
		if c.Bare > 0 {
			c.Ratio = float64(c.CPU) / float64(c.Bare)
		}
	}
}

// round lets all workers repeat the operation for a while, or until they have used up what was prepared.
func (b *bed) round(ctx context.Context, op operation, workers []*worker, length time.Duration) (w wall, cpu time.Duration, err error) {
	if op.prepare != nil {
		err := together(workers, func(w *worker) error { return op.prepare(w, max(1, batch/w.of)) })
		if err != nil {
			return w, 0, err
		}
		time.Sleep(settle)
	}
	before, err := cpuTime(b.pid)
	if err != nil {
		return w, 0, err
	}
	began, since := time.Now(), machineTicks()
	err = together(workers, func(w *worker) error {
		for t := time.Now(); t.Sub(began) < length && ctx.Err() == nil; w.n++ {
			if err := op.do(w); errors.Is(err, errNone) {
				return nil
			} else if err != nil {
				return err
			}
			now := time.Now()
			w.took = append(w.took, now.Sub(t))
			t = now
		}
		return ctx.Err()
	})
	until := machineTicks()
	w = wall{time.Since(began), until.idle - since.idle, until.all - since.all}
	after, cerr := cpuTime(b.pid)
	return w, after - before, errors.Join(err, cerr)
}

// wall is how long a round took, and what the cores did in it.
type wall struct {
	took        time.Duration
	idle, ticks int64
}

// cores is what the kernel has counted since the machine started.
type cores struct{ idle, all int64 }

// machineTicks reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
func machineTicks() (t cores) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return t
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil || i > 8 { // guests are counted twice
			continue
		}
		t.all += n
		if i == 4 || i == 5 {
			t.idle += n
		}
	}
	return t
}

// counts asks the server for its writes and commits.
func (s *site) counts() (writes, commits int64, err error) {
	c := &conn{address: s.metrics}
	defer c.close()
	a, err := c.do("GET", "/metrics", "", "")
	if err == nil && a.status != http.StatusOK {
		err = a.unexpected()
	}
	for name, into := range map[string]*int64{"writes": &writes, "commits": &commits} {
		_, after, found := strings.Cut(string(a.body), "\nproofkey_database_"+name+`_total{tenant="bench"} `)
		var n float64
		if _, scan := fmt.Sscan(after, &n); err == nil && (!found || scan != nil) {
			err = fmt.Errorf("the server's figures have no %s", name)
		}
		*into = int64(n)
	}
	return writes, commits, err
}

// percentile sorts all.
func percentile[T cmp.Ordered](all []T, p float64) (none T) {
	if len(all) == 0 {
		return none
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(p*float64(len(all))))]
}

// storm is what logins do to refreshes: the medians of its rounds, so that one hiccup of the machine decides nothing.
type storm struct {
	Refreshes int           `json:"refreshes"` // of each kind and round
	Quiet     time.Duration `json:"quiet_p99_ns"`
	Stormy    time.Duration `json:"storm_p99_ns"`
	QuietP50  time.Duration `json:"quiet_p50_ns"`
	StormyP50 time.Duration `json:"storm_p50_ns"`
	Logins    float64       `json:"logins_per_second"`
}

// Refreshes come at a steady rate during the storm: closed loops would slow down with the server and hide its queue.
const (
	stormLogins    = 64
	stormRefreshes = 8
	stormRate      = 100 // refreshes a second
	stormRounds    = 5
)

func (b *bed) storm(ctx context.Context, length time.Duration) (s storm, err error) {
	var p50s, p99s [2][]time.Duration // quiet, stormy
	var logins int64
	note := func(kind int, took []time.Duration) {
		s.Refreshes = len(took)
		p50s[kind], p99s[kind] = append(p50s[kind], percentile(took, 0.50)), append(p99s[kind], percentile(took, 0.99))
	}
	for range stormRounds {
		took, err := b.paced(ctx, length)
		if err != nil {
			return s, err
		}
		note(0, took)
		stop, logged := b.loginsUntil(ctx)
		time.Sleep(time.Second) // the queue of hashes fills
		before := logged.Load()
		took, err = b.paced(ctx, length)
		logins += logged.Load() - before
		if err = errors.Join(err, stop()); err != nil {
			return s, err
		}
		note(1, took)
	}
	s.Logins = float64(logins) / (stormRounds * length.Seconds())
	s.QuietP50, s.Quiet = percentile(p50s[0], 0.50), percentile(p99s[0], 0.50)
	s.StormyP50, s.Stormy = percentile(p50s[1], 0.50), percentile(p99s[1], 0.50)
	return s, nil
}

// loginsUntil keeps clients logging in until stop, which returns when the last of them has ended.
func (b *bed) loginsUntil(ctx context.Context) (stop func() error, logged *atomic.Int64) {
	ctx, cancel := context.WithCancel(ctx)
	logged = new(atomic.Int64)
	workers, ended := b.workers(stormLogins), make(chan error, 1)
	go func() {
		ended <- together(workers, func(w *worker) error {
			for ; ctx.Err() == nil; w.n++ {
				if err := login(w); err != nil {
					return err
				}
				logged.Add(1)
			}
			return nil
		})
	}()
	return func() error {
		cancel()
		defer closeAll(workers)
		return <-ended
	}, logged
}

// paced refreshes at stormRate. A refresh that could not be sent in time because the one before it was not answered counts
// from when it should have been sent.
func (b *bed) paced(ctx context.Context, length time.Duration) ([]time.Duration, error) {
	workers := b.workers(stormRefreshes)
	defer closeAll(workers)
	began := time.Now()
	const step = time.Second / stormRate
	err := together(workers, func(w *worker) error {
		for i := w.id; ctx.Err() == nil; i += w.of {
			due := began.Add(time.Duration(i) * step)
			if due.Sub(began) >= length {
				return nil
			}
			if wait := time.Until(due); wait > 0 {
				time.Sleep(wait)
				due = time.Now() // when this process woke late, the server is not to blame
			}
			if err := refresh(w, b.plain); err != nil {
				return err
			}
			w.took = append(w.took, time.Since(due))
			w.n++
		}
		return ctx.Err()
	})
	var took []time.Duration
	for _, w := range workers {
		took = append(took, w.took...)
	}
	return took, err
}

// bare is what an operation cannot do without, on one thread of this process.
type bare struct {
	Signature time.Duration `json:"signature_cpu_ns"` // RSA-2048 PKCS #1 v1.5 over SHA-256
	Hash      time.Duration `json:"hash_cpu_ns"`      // argon2id with the server's defaults

	key          crypto.Signer // in the engine that the server of the same build signs with
	passwordHash string
}

// The defaults of the configuration keys hash.memory and hash.iterations.
const (
	hashMemory     = 19 * 1024
	hashIterations = 2
)

func newBare() *bare {
	b := &bare{}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err == nil {
		b.key, err = keys.Fastest(key)
	}
	if err != nil {
		panic("bench: " + err.Error()) // only for sizes that are refused
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	hash := argon2.IDKey([]byte(password), salt, hashIterations, hashMemory, 1, 32)
	text := base64.RawStdEncoding.EncodeToString
	b.passwordHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashIterations, text(salt), text(hash))
	b.Signature, b.Hash = b.cost(operation{signatures: 1}), b.cost(operation{hashes: 1})
	return b
}

// opensslSpeed is how long `openssl speed` takes for a signature, by the same clock: the CPU time of one thread.
func opensslSpeed(ctx context.Context) (time.Duration, error) {
	out, err := exec.CommandContext(ctx, "openssl", "speed", "-seconds", "3", "-mr", "rsa2048").Output()
	if err != nil {
		return 0, fmt.Errorf("openssl speed: %w", err)
	}
	// +F2:2:2048:2824.242424:50468.750000 are signatures and verifications a second
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) > 3 && f[0] == "+F2" && f[2] == "2048" {
			rate, err := strconv.ParseFloat(f[3], 64)
			if err != nil || rate <= 0 {
				break
			}
			return time.Duration(float64(time.Second) / rate), nil
		}
	}
	return 0, fmt.Errorf("openssl speed said %.300s", out)
}

// cost measures the signatures and hashes of an operation, now: a busy machine is slow for both sides of a ratio.
func (b *bare) cost(op operation) time.Duration {
	digest := sha256.Sum256([]byte("x"))
	salt := make([]byte, 16)
	return median(threadTime, 7, 8, op.signatures, func() {
		if _, err := b.key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			panic("bench: " + err.Error()) // a valid key and digest
		}
	}) + median(ownTime, 5, 1, op.hashes, func() { argon2.IDKey([]byte(password), salt, hashIterations, hashMemory, 1, 32) })
}

// median is the CPU time of f done times times: the median of so many tries, each the mean of so many runs.
func median(clock func() (time.Duration, error), tries, runs, times int, f func()) time.Duration {
	if times == 0 {
		return 0
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all []time.Duration
	for range tries {
		before, err := clock()
		for range runs {
			f()
		}
		after, err2 := clock()
		if err != nil || err2 != nil {
			return 0
		}
		all = append(all, (after-before)*time.Duration(times)/time.Duration(runs))
	}
	return percentile(all, 0.50)
}

// ownTime is what all threads of this process have used: argon2id works on threads of its own.
func ownTime() (time.Duration, error) {
	time.Sleep(100 * time.Microsecond)
	return cpuTime(os.Getpid())
}

// threadTime is what the thread of a locked goroutine has used. The kernel brings it up to date when the thread leaves its
// CPU, hence the sleep.
func threadTime() (time.Duration, error) {
	time.Sleep(100 * time.Microsecond)
	return onCPU("/proc/thread-self/schedstat")
}

// cpuTime is what all threads of a process have used. schedstat counts nanoseconds, where stat counts ticks of 10 ms; the
// threads of a Go program do not end, so none is missed.
func cpuTime(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err == nil && len(threads) == 0 {
		err = fmt.Errorf("there is no /proc/%d/task/*/schedstat", pid)
	}
	var total time.Duration
	for _, t := range threads {
		if used, err := onCPU(t); err == nil {
			total += used
		}
	}
	return total, err
}

func onCPU(schedstat string) (used time.Duration, err error) {
	text, err := os.ReadFile(schedstat)
	if err == nil {
		_, err = fmt.Sscan(string(text), (*int64)(&used))
	}
	return used, err
}

// memory is VmRSS (now) or VmHWM (the peak so far) of a process in bytes.
func memory(pid int, field string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(text), "\n"+field+":")
	var kilobytes int64
	if _, err := fmt.Sscan(after, &kilobytes); !found || err != nil {
		return 0, fmt.Errorf("/proc/%d/status has no %s", pid, field)
	}
	return kilobytes * 1024, nil
}

// fsyncTime is how long the disk takes to make a page durable: the floor under the latency of every write.
func fsyncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var took []time.Duration
	for range 50 {
		began := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return percentile(took, 0.50), nil
}
