package identity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

const good = "kVxpzw77-mq"

type house struct {
	*identity.Users
	t    *testing.T
	conn store.Connection
	ctx  context.Context
}

func build(t *testing.T) *house {
	t.Helper()
	db, err := store.Open(t.Context(), idptest.Database(t), store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	log := events.New(db, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		log.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &house{
		Users: identity.NewUsers(db, identity.NewHasher(2, 1000, identity.Params{Memory: 8, Iterations: 1}), log),
		t:     t,
		conn:  store.Connection{Name: "users", Strategy: "auth0"},
		ctx:   web.WithMeta(t.Context(), &web.Meta{ID: "tx_1", IP: "192.0.2.1"}),
	}
}

func (h *house) signUp(email, password string) store.User {
	h.t.Helper()
	u, err := h.SignUp(h.ctx, h.conn, identity.SignUp{Email: email, Password: password})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// answer is the public face of an error, or "" without one.
func (h *house) answer(err error) string {
	h.t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*problem.Error](err)
	if !ok {
		h.t.Fatalf("not a problem: %v", err)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
}

func (h *house) login(identifier, password string) string {
	h.t.Helper()
	_, err := h.Authenticate(h.ctx, h.conn, identifier, password)
	return h.answer(err)
}

// written closes the log and returns the events of a type.
func (h *house) written(typ string) []store.Event {
	h.t.Helper()
	h.Events.Close()
	list, err := h.DB.Events(h.t.Context(), store.EventFilter{Type: typ, Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

const (
	wrong   = "403 invalid_grant: Wrong email or password."
	blocked = "429 too_many_attempts: Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it."
)

func TestSignUpMakesTheUserOfTheSpec(t *testing.T) {
	h := build(t)
	u, err := h.SignUp(h.ctx, h.conn, identity.SignUp{Email: " JSmith@Example.com ", Password: good, GivenName: "John", UserMetadata: map[string]any{"plan": "silver"}})
	if err != nil {
		t.Fatal(err)
	}
	u, err = h.DB.User(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.ID, "auth0|") || len(u.ID) != len("auth0|")+24 {
		t.Errorf("id %q, want auth0| and 24 hex digits", u.ID)
	}
	p := u.Profile
	if u.Email != "jsmith@example.com" || p.Name != "jsmith@example.com" || p.Nickname != "jsmith" || p.EmailVerified || p.GivenName != "John" || p.UserMetadata["plan"] != "silver" {
		t.Errorf("got %+v", u)
	}
	// The live answer of spec 6.1 has this form; the MD5 is that of the address.
	if want := "https://s.gravatar.com/avatar/c160f8cc69a4f0bf2b0362752353d060?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fal.png"; identity.FreshProfile("alice@example.com").Picture != want {
		t.Errorf("picture %s, want %s", identity.FreshProfile("alice@example.com").Picture, want)
	}
	if !strings.HasPrefix(u.PasswordHash, "$argon2id$") {
		t.Errorf("the password is kept as %.10q…", u.PasswordHash)
	}
	if got := h.written(events.SignupSucceeded); len(got) != 1 || got[0].UserID != u.ID || got[0].TransactionID != "tx_1" || got[0].Connection != "users" {
		t.Errorf("events ss: %+v", got)
	}
}

func TestSignUpRefuses(t *testing.T) {
	h := build(t)
	h.signUp("taken@example.com", good)
	closed := h.conn
	closed.Settings.DisableSignup = true
	many := map[string]any{}
	for i := range 11 {
		many[fmt.Sprint(i)] = "x"
	}
	for name, c := range map[string]struct {
		conn   store.Connection
		signUp identity.SignUp
		want   string
		is     error
	}{
		"taken":          {h.conn, identity.SignUp{Email: "Taken@Example.com", Password: good}, "400 user_exists: The user already exists.", identity.ErrUserExists},
		"closed":         {closed, identity.SignUp{Email: "a@example.com", Password: good}, "400 invalid_signup: Public signup is disabled", identity.ErrSignupDisabled},
		"no e-mail":      {h.conn, identity.SignUp{Email: "nobody", Password: good}, "400 invalid_request: invalid email address format", identity.ErrEmail},
		"header":         {h.conn, identity.SignUp{Email: "a@example.com\r\nBcc: b@example.com", Password: good}, "400 invalid_request: invalid email address format", identity.ErrEmail},
		"weak":           {h.conn, identity.SignUp{Email: "a@example.com", Password: "weak"}, "400 invalid_password: Password is too weak", nil},
		"common":         {h.conn, identity.SignUp{Email: "a@example.com", Password: "Password123!"}, "400 password_dictionary_error: Password is too common", nil},
		"personal":       {h.conn, identity.SignUp{Email: "sixteen@example.com", Password: "Sixteen-k77"}, "400 password_no_user_info_error: Password contains user information", nil},
		"too long":       {h.conn, identity.SignUp{Email: "a@example.com", Password: strings.Repeat("aB3!", 129)}, "400 invalid_password: Password is too weak", nil},
		"picture":        {h.conn, identity.SignUp{Email: "a@example.com", Password: good, Picture: "javascript:alert(1)"}, "400 invalid_request: picture must be an http or https URL of at most 2048 bytes", nil},
		"metadata":       {h.conn, identity.SignUp{Email: "a@example.com", Password: good, UserMetadata: many}, "400 invalid_request: user_metadata may have 10 properties with keys of 100 and texts of 500 characters", nil},
		"name":           {h.conn, identity.SignUp{Email: "a@example.com", Password: good, Name: "a\nb"}, "400 invalid_request: a name is longer than 300 bytes or has control characters", nil},
		"user name as @": {h.conn, identity.SignUp{Email: "a@example.com", Username: "b@example.com", Password: good}, "400 invalid_request: invalid username format", nil},
	} {
		_, err := h.SignUp(h.ctx, c.conn, c.signUp)
		if got := h.answer(err); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", name, err, c.is)
		}
		if weak, ok := errors.AsType[*identity.WeakPassword](err); ok && weak.OK() {
			t.Errorf("%s: refused with a report that is fine", name)
		}
	}
	if got := h.written(events.SignupFailed); len(got) != 12 {
		t.Errorf("%d events fs, want one for each of the 12 refusals", len(got))
	}
	if list, err := h.DB.Users(t.Context(), "", 10); err != nil || len(list) != 1 {
		t.Errorf("%d users, %v; want the one", len(list), err)
	}
}

func TestSideBySideSignUpsMakeOneUser(t *testing.T) {
	h := build(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 8 {
		wg.Go(func() {
			_, err := h.SignUp(web.WithMeta(t.Context(), &web.Meta{}), h.conn, identity.SignUp{Email: "a@example.com", Password: good})
			mu.Lock()
			defer mu.Unlock()
			answers[h.answer(err)]++
		})
	}
	wg.Wait()
	if answers[""] != 1 || answers["400 user_exists: The user already exists."] != 7 {
		t.Errorf("got %v, want one success and seven user_exists", answers)
	}
}

func TestALogin(t *testing.T) {
	h := build(t)
	u := h.signUp("jane@example.com", good)
	for range 9 {
		if got := h.login("jane@example.com", "wrong"); got != wrong {
			t.Fatalf("wrong password: %s", got)
		}
	}
	if got := h.login(" JANE@example.com ", good); got != "" {
		t.Fatalf("right password: %s", got)
	}
	if err := h.DB.Write(h.ctx, func(tx *store.Tx) error { return h.Succeeded(h.ctx, tx, u) }); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		h.login("jane@example.com", "wrong")
	}
	if got := h.login("jane@example.com", good); got != "" {
		t.Errorf("nine failures after a success: %s; the nine before are not forgotten", got)
	}
	got, err := h.DB.User(t.Context(), u.ID)
	if err != nil || got.LoginsCount != 1 || got.LastIP != "192.0.2.1" || got.LastLogin.IsZero() {
		t.Errorf("after a login: %+v, %v", got, err)
	}
	if n := len(h.written(events.LoginWrongPassword)); n != 18 {
		t.Errorf("%d events fp, want 18", n)
	}
	if n := len(h.written(events.LoginSucceeded)); n != 0 {
		t.Errorf("%d events s: they belong to the transaction of the session", n)
	}
}

// Whoever asks about an account that does not exist must learn nothing: the answers come in the same order and number.
func TestUnknownUsersAreAnsweredAlike(t *testing.T) {
	h := build(t)
	h.signUp("jane@example.com", good)
	for i := range 12 {
		known, unknown := h.login("jane@example.com", "wrong"), h.login("nobody@example.com", "wrong")
		if known != unknown {
			t.Errorf("try %d: a known user is answered %q, an unknown one %q", i+1, known, unknown)
		}
		if want := map[bool]string{true: wrong, false: blocked}[i < 10]; known != want {
			t.Errorf("try %d: %q, want %q", i+1, known, want)
		}
	}
	if got := h.login("jane@example.com", good); got != blocked {
		t.Errorf("the right password while blocked: %q", got)
	}
	fu := h.written(events.LoginUnknownUser)
	if len(fu) != 10 || fu[0].UserName != "nobody@example.com" || fu[0].UserID != "" {
		t.Errorf("events fu: %d, %+v", len(fu), fu)
	}
	if n := len(h.written(events.AccountBlocked)); n != 2 {
		t.Errorf("%d events limit_wc, want 2", n)
	}
}

func TestAPasswordInTheWrongFieldIsNotKept(t *testing.T) {
	h := build(t)
	h.login("my-canary-passw0rd", "x")
	for range 11 {
		h.login("my-canary-passw0rd", "x")
	}
	h.Events.Close()
	list, err := h.DB.Events(t.Context(), store.EventFilter{})
	if err != nil || len(list) == 0 {
		t.Fatalf("%d events, %v", len(list), err)
	}
	if text := fmt.Sprint(list); strings.Contains(text, "canary") {
		t.Errorf("it is in the log: %s", text)
	}
}

func TestBlockedUsers(t *testing.T) {
	h := build(t)
	u := h.signUp("jane@example.com", good)
	u.Blocked = true
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveUser(t.Context(), &u) }); err != nil {
		t.Fatal(err)
	}
	if got := h.login("jane@example.com", good); got != "401 unauthorized: user is blocked" {
		t.Errorf("right password: %q", got)
	}
	if got := h.login("jane@example.com", "wrong"); got != wrong {
		t.Errorf("wrong password: %q: only who knows the password is told of the block", got)
	}
	if got := h.written(events.LoginFailed); len(got) != 1 || got[0].UserID != u.ID {
		t.Errorf("events f: %+v", got)
	}
}

func TestUsersWithoutPassword(t *testing.T) {
	h := build(t)
	u := store.User{Connection: "users", Email: "jane@example.com"}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateUser(t.Context(), &u) }); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", good} {
		if got := h.login("jane@example.com", password); got != wrong {
			t.Errorf("password %q: %q", password, got)
		}
	}
}

func TestAHashThatCannotBeReadIsAWrongPassword(t *testing.T) {
	h := build(t)
	u := store.User{Connection: "users", Email: "jane@example.com", PasswordHash: "$scrypt$canary"}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateUser(t.Context(), &u) }); err != nil {
		t.Fatal(err)
	}
	for i := range 11 {
		if got, want := h.login("jane@example.com", good), map[bool]string{true: wrong, false: blocked}[i < 10]; got != want {
			t.Errorf("try %d: %q, want %q", i+1, got, want)
		}
	}
	f := h.written(events.LoginFailed)
	if len(f) != 11 || !strings.Contains(fmt.Sprint(f), identity.ErrHash.Error()) || strings.Contains(fmt.Sprint(f), "canary") {
		t.Errorf("events f: %v; the reason must be there, the hash must not", f)
	}
}

func TestAnImportedHashIsReplaced(t *testing.T) {
	h := build(t)
	imported, err := bcrypt.GenerateFromPassword([]byte(good), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	u := store.User{Connection: "users", Email: "jane@example.com", PasswordHash: string(imported)}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.CreateUser(t.Context(), &u) }); err != nil {
		t.Fatal(err)
	}
	hash := func() string {
		row, err := h.DB.User(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return row.PasswordHash
	}
	if got := h.login("jane@example.com", "wrong"); got != wrong || hash() != string(imported) {
		t.Errorf("a wrong password (%s) changed the hash", got)
	}
	if got := h.login("jane@example.com", good); got != "" || !strings.HasPrefix(hash(), "$argon2id$") {
		t.Errorf("after a login (%s) the hash is %.8s", got, hash())
	}
	replaced := hash()
	if got := h.login("jane@example.com", good); got != "" || hash() != replaced {
		t.Errorf("the second login (%s) hashed again, or failed", got)
	}
	err = h.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.UpgradePassword(t.Context(), u.ID, string(imported), "older") })
	if err != nil || hash() != replaced {
		t.Errorf("an upgrade that was overtaken by a change won: %v", err)
	}
}

// Guesses that run side by side all pass the check before any of them is counted.
func TestGuessesSideBySide(t *testing.T) {
	h := build(t)
	h.signUp("jane@example.com", good)
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			ctx := web.WithMeta(t.Context(), &web.Meta{IP: "192.0.2.1"})
			_, _ = h.Authenticate(ctx, h.conn, "jane@example.com", "wrong")
		})
	}
	wg.Wait()
	if got := h.login("jane@example.com", good); got != blocked {
		t.Errorf("after 30 guesses at once: %q", got)
	}
}

func TestEmailAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"a@b.co": "a@b.co", " Jane.Doe+tag@Mail.Example.COM\n": "jane.doe+tag@mail.example.com", "o'neil@example.com": "o'neil@example.com",
		"jürgen@bücher.example": "jürgen@bücher.example", "用户@例子.中国": "用户@例子.中国", "x_1-2@sub-domain.example.org": "x_1-2@sub-domain.example.org",
		strings.Repeat("a", 64) + "@example.com": strings.Repeat("a", 64) + "@example.com",
	} {
		if got, ok := identity.CleanEmail(in); !ok || got != want {
			t.Errorf("%q: got %q, %v; want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "@", "a@", "@b.co", "a@b", "a@@b.co", "a@b@c.co", "a b@c.co", "a@b c.co", "a@b.co\nBcc: x@y.z", "a\r@b.co", "a@b\x00.co", "<a@b.co>",
		"a@b.co,c@d.co", "a@b.co;c", `"a"@b.co`, "a(x)@b.co", "a@[127.0.0.1]", "a@-b.co", "a@b-.co", "a@b..co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@b.co.", "\xff@b.co", "a\u202e@b.co",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b.", 130) + "co", "a@" + strings.Repeat("b", 64) + ".co"} {
		if got, ok := identity.CleanEmail(in); ok {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}

func FuzzCleanEmail(f *testing.F) {
	for _, s := range []string{"a@b.co", "a@b.co\r\nBcc: c@d.co", "\"x\"@y.z", "ÀÉ@İ.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, ok := identity.CleanEmail(s)
		if !ok {
			return
		}
		if strings.ContainsAny(clean, "\r\n\x00 <>,;:\"()") || strings.Count(clean, "@") != 1 || len(clean) > 254 {
			t.Errorf("%q became %q", s, clean)
		}
		if again, ok := identity.CleanEmail(clean); !ok || again != clean {
			t.Errorf("%q became %q, and that %q, %v", s, clean, again, ok)
		}
	})
}
