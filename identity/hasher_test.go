package identity

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity/limits"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// quick is the cheapest cost, for tests that are not about it.
var quick = Params{Memory: 8, Iterations: 1, Parallelism: 1}

func TestHashesVerify(t *testing.T) {
	h := NewHasher(2, 10, Params{})
	hash, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the default hash is %s", hash)
	}
	if h.Stale(hash) {
		t.Error("a fresh hash counts as stale")
	}
	if again, _ := h.Hash(t.Context(), "correct horse"); again == hash {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
	bc := func(password string) string {
		b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	long := strings.Repeat("x", 72)
	// The vectors were made by other programs: argon2 (the reference tool) and the crypt of PHP and OpenBSD.
	for _, c := range []struct {
		name, hash, password string
		right                bool
	}{
		{"own", hash, "correct horse", true},
		{"own, other case", hash, "Correct horse", false},
		{"own, longer", hash, "correct horse ", false},
		{"own, empty", hash, "", false},
		{"no password", "", "", false},
		{"no password, guessed", "", "correct horse", false},
		{"reference tool", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password", true},
		{"reference tool, two lanes", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password", true},
		{"bcrypt 2a", bc("hello"), "hello", true},
		{"bcrypt 2b", "$2b$" + bc("hello")[4:], "hello", true},
		{"bcrypt 2y", "$2y$" + bc("hello")[4:], "hello", true},
		{"bcrypt wrong", bc("hello"), "hallo", false},
		{"bcrypt reads 72 bytes", bc(long), long + "and more", true},
		{"bcrypt reads 72 bytes, not fewer", bc(long), long[:71], false},
		{"bcrypt vector", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true},
	} {
		right, err := h.Verify(t.Context(), c.hash, c.password)
		if err != nil || right != c.right {
			t.Errorf("%s: got %v, %v; want %v", c.name, right, err, c.right)
		}
	}
	if right, err := h.Verify(t.Context(), hash, strings.Repeat("x", 100000)); right || err != nil {
		t.Errorf("a password of 100000 bytes: %v, %v", right, err)
	}
}

func TestHashesThatCannotBeRead(t *testing.T) {
	h := NewHasher(1, 10, quick)
	for _, hash := range []string{
		"x", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA", "$argon2id$v=16$m=8,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
		"$argon2id$v=19$m=4000000000,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA", "$argon2id$v=19$m=8,t=4000000,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
		"$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=-8,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
		"$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2a$05$short", "$2",
	} {
		right, err := h.Verify(t.Context(), hash, "password")
		if right || !errors.Is(err, ErrHash) {
			t.Errorf("%s: got %v, %v; want ErrHash", hash, right, err)
		}
		if err != nil && strings.Contains(err.Error(), "CCCC") {
			t.Errorf("the error shows the hash: %v", err)
		}
		if !h.Stale(hash) {
			t.Errorf("%s does not count as stale", hash)
		}
	}
}

func TestAtMostWorkersHash(t *testing.T) {
	h := NewHasher(1, 2, quick)
	if err := h.enter(t.Context()); err != nil { // the only turn is taken
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	outcomes := make(chan error, 2)
	for range 2 {
		wg.Go(func() {
			_, err := h.Verify(context.Background(), "", "x")
			outcomes <- err
		})
	}
	for h.waiting.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	_, err := h.Hash(t.Context(), "x")
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Status != 429 || e.Code != "too_many_requests" || e.RetryAfter <= 0 {
		t.Errorf("a full queue answers %v, want 429 too_many_requests with a time to come back", err)
	}
	select {
	case err := <-outcomes:
		t.Errorf("somebody hashed (%v) while the only turn was taken", err)
	default:
	}
	h.leave()
	wg.Wait()
	for range 2 {
		if err := <-outcomes; err != nil {
			t.Errorf("who waited was answered %v", err)
		}
	}
	if n := h.waiting.Load(); n != 0 {
		t.Errorf("%d are counted as waiting, want none", n)
	}
}

func TestWaitingEnds(t *testing.T) {
	h := NewHasher(1, 2, quick)
	if err := h.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left was answered %v", err)
	}
	h.wait = time.Millisecond
	_, err := h.Hash(t.Context(), "x")
	if e, ok := errors.AsType[*problem.Error](err); !ok || e.Status != 429 {
		t.Errorf("who waited too long was answered %v, want 429", err)
	}
	if n := h.waiting.Load(); n != 0 {
		t.Errorf("%d are counted as waiting, want none", n)
	}
}

// No password and an unknown user must take the time of a wrong password. Clocks of shared machines cannot show that; the
// same function at the same cost and lengths does.
func TestTheDummyCostsAsMuch(t *testing.T) {
	h := NewHasher(1, 10, Params{})
	p, salt, tag, err := decode(h.dummy)
	if err != nil || p != h.params || len(salt) != saltBytes || len(tag) != tagBytes {
		t.Errorf("the dummy is %+v with salt %d and tag %d bytes (%v), new hashes are %+v with %d and %d", p, len(salt), len(tag), err, h.params, saltBytes, tagBytes)
	}
	if h.Stale(h.dummy) {
		t.Error("the dummy is not what new hashes are")
	}
}

// A right guess that passed the first check while it was made, but not the second, must not come in.
func TestALuckyGuessAmongMany(t *testing.T) {
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	log := events.New(db, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { log.Close(); _ = db.Close() })
	h := NewHasher(1, 10, quick)
	users, conn := NewUsers(db, h, log), store.Connection{Name: "users"}
	if _, err := users.Create(t.Context(), conn, SignUp{Email: "jane@example.com", Password: "kVxpzw77-mq"}); err != nil {
		t.Fatal(err)
	}
	if err := h.enter(t.Context()); err != nil { // holds the guess between its two checks
		t.Fatal(err)
	}
	outcome := make(chan error)
	go func() {
		_, err := users.Authenticate(context.Background(), conn, "jane@example.com", "kVxpzw77-mq")
		outcome <- err
	}()
	for h.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 10 {
		if err := users.Limits.Failed(t.Context(), limits.For(t.Context(), store.TenantSettings{}, "jane@example.com")); err != nil {
			t.Fatal(err)
		}
	}
	h.leave()
	if e, ok := errors.AsType[*problem.Error](<-outcome); !ok || e.Code != "too_many_attempts" {
		t.Errorf("the right guess after ten wrong ones was answered %v, want too_many_attempts", e)
	}
}

func BenchmarkVerify(b *testing.B) {
	h := NewHasher(1, 10, Params{})
	for b.Loop() {
		if _, err := h.Verify(b.Context(), "", "x"); err != nil {
			b.Fatal(err)
		}
	}
}
