package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/proofkey/proofkey/oauth"
)

const (
	saltBytes = 16
	tagBytes  = 32

	// maxWait is how long a login may wait for its turn; nobody looks at a spinner for longer.
	maxWait = 10 * time.Second

	// maxPassword is in bytes. Longer ones are refused, not cut: a cut password would match others.
	maxPassword = 512

	// bcrypt reads no more than this.
	bcryptBytes = 72
)

// Limits of what an imported hash may ask for, so that one row cannot take the machine.
const (
	maxMemory     = 256 << 10 // KiB
	maxIterations = 64
	maxBcryptCost = 15
)

// ErrHash is returned for a stored hash that is not argon2id, bcrypt or an [ImportedHash] within the limits.
var ErrHash = errors.New("identity: the stored password hash cannot be read")

// Params are the cost of new hashes; zero fields take the defaults 19456 KiB, 2 and 1 (RFC 9106, OWASP).
type Params struct {
	Memory      uint32 // KiB
	Iterations  uint32
	Parallelism uint8
}

// Hasher makes and verifies password hashes, a bounded number at a time: hashing is the one thing here that is expensive
// on purpose, and a flood of logins must not take the processors from everybody else. It is shared by all tenants.
type Hasher struct {
	params  Params
	turns   chan struct{} // one slot a running hash
	waiting atomic.Int64
	queue   int64
	wait    time.Duration
	dummy   string // the hash of no password, at the cost of new ones
}

// NewHasher makes a hasher that runs at most workers hashes at a time (0: half of the processors) and lets at most queue
// callers wait.
func NewHasher(workers, queue int, p Params) *Hasher {
	if workers <= 0 {
		workers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if p.Memory == 0 {
		p.Memory = 19456
	}
	if p.Iterations == 0 {
		p.Iterations = 2
	}
	if p.Parallelism == 0 {
		p.Parallelism = 1
	}
	h := &Hasher{params: p, turns: make(chan struct{}, workers), queue: int64(queue), wait: maxWait}
	// A tag that nobody computed: no password has it.
	h.dummy = encode(p, random(saltBytes), random(tagBytes))
	return h
}

// Hash makes the argon2id hash of a password, as a PHC string.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := random(saltBytes)
	p := h.params
	return encode(p, salt, argon2.IDKey([]byte(password), salt, p.Iterations, p.Memory, p.Parallelism, tagBytes)), nil
}

// Verify says whether the password is the hash's. An empty hash, which a user without a password has and a user who does
// not exist, costs as much as a real one and is never right; so does one that cannot be read, which is an [ErrHash]. The
// bytes are compared as typed, without normalisation.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	if hash == "" || len(password) > maxPassword {
		hash, password = h.dummy, password[:min(len(password), maxPassword)]
	}
	right, err := matches(hash, password)
	if err != nil || !right && IsImported(hash) { // which may be as quick as MD5; where it is right, a new hash is made
		_, _ = matches(h.dummy, password)
	}
	return right, err
}

func matches(hash, password string) (bool, error) {
	switch {
	case strings.HasPrefix(hash, "$2"):
		return verifyBcrypt(hash, password)
	case IsImported(hash):
		return verifyImported(hash, password)
	}
	p, salt, tag, err := decode(hash)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password), salt, p.Iterations, p.Memory, p.Parallelism, uint32(len(tag)))
	return subtle.ConstantTimeCompare(got, tag) == 1, nil
}

// Stale says whether a password should be hashed anew: its hash is not argon2id at the current cost.
func (h *Hasher) Stale(hash string) bool {
	p, _, tag, err := decode(hash)
	return err != nil || p != h.params || len(tag) != tagBytes
}

// enter waits for a turn. It refuses when too many wait already, or when the wait takes too long.
func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.turns <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return oauth.TooManyRequests(h.wait).Because(errors.New("the queue of the password hasher is full"))
	}
	defer h.waiting.Add(-1)
	patience := time.NewTimer(h.wait)
	defer patience.Stop()
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-patience.C:
		return oauth.TooManyRequests(h.wait).Because(fmt.Errorf("no turn at the password hasher within %s", h.wait))
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) leave() { <-h.turns }

// verifyBcrypt takes the prefixes $2a$, $2b$ and $2y$, which name the same function.
func verifyBcrypt(hash, password string) (bool, error) {
	if checkBcrypt(hash) != nil {
		return false, ErrHash
	}
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password[:min(len(password), bcryptBytes)]))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, ErrHash // err could show the hash
	}
	return true, nil
}

func checkBcrypt(hash string) error {
	cost, err := bcrypt.Cost([]byte(hash))
	switch {
	case len(hash) != 60 || !strings.HasPrefix(hash, "$2") || !strings.ContainsRune("aby", rune(hash[2])) || err != nil:
		return errors.New("it is no bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$")
	case cost > maxBcryptCost:
		return fmt.Errorf("its cost is %d, and at most %d is taken", cost, maxBcryptCost)
	}
	return nil
}

// CheckHash says what is wrong with a hash that no password could be verified with later.
func CheckHash(hash string) error {
	switch {
	case strings.HasPrefix(hash, "$2"):
		return checkBcrypt(hash)
	case IsImported(hash):
		_, err := ReadImportedHash([]byte(hash))
		return err
	}
	if _, _, _, err := decode(hash); err != nil {
		return errors.New("it is neither a bcrypt hash ($2b$…) nor argon2id in PHC form ($argon2id$v=19$…)")
	}
	return nil
}

// encode writes $argon2id$v=19$m=19456,t=2,p=1$salt$tag.
func encode(p Params, salt, tag []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Iterations, p.Parallelism,
		b64.EncodeToString(salt), b64.EncodeToString(tag))
}

func decode(hash string) (p Params, salt, tag []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(hash) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return p, nil, nil, ErrHash
	}
	var n [3]uint64
	costs := strings.Split(parts[3], ",")
	if len(costs) != len(n) {
		return p, nil, nil, ErrHash
	}
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(costs[i], name)
		if n[i], err = strconv.ParseUint(digits, 10, 32); !ok || err != nil || n[i] == 0 {
			return p, nil, nil, ErrHash
		}
	}
	if n[0] > maxMemory || n[1] > maxIterations || n[2] > 64 {
		return p, nil, nil, ErrHash
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, saltErr := b64.DecodeString(parts[4])
	tag, tagErr := b64.DecodeString(parts[5])
	if saltErr != nil || tagErr != nil || len(salt) < 8 || len(tag) < 16 || len(tag) > 64 {
		return p, nil, nil, ErrHash
	}
	return Params{uint32(n[0]), uint32(n[1]), uint8(n[2])}, salt, tag, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
