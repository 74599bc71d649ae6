package identity

import (
	"context"
	"crypto/md5" // Gravatar's address is an MD5; it protects nothing
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// ErrUserExists is in the chain of the refusal of a sign-up whose e-mail address or user name is taken. The public API says
// so (spec 14.1, user_exists), a page must not: it shows every refusal that is neither [WeakPassword] nor [ErrEmail] as the
// same sentence. The refusal costs as much as a success, because the password is hashed first.
var ErrUserExists = errors.New("identity: the e-mail address or user name is taken")

// ErrEmail is in the chain of the refusal of what is not an e-mail address.
var ErrEmail = errors.New("identity: not an e-mail address")

// ErrSignupDisabled is in the chain of the refusal of a sign-up where the connection has none.
var ErrSignupDisabled = errors.New("identity: sign-up is disabled")

// WeakPassword refuses a password and says which rules it broke.
type WeakPassword struct {
	Report
	problem *problem.Error
}

func (e *WeakPassword) Error() string { return e.problem.Error() }

// Unwrap is the refusal as the OAuth renderer shows it; the sign-up endpoint adds the rules.
func (e *WeakPassword) Unwrap() error { return e.problem }

// SignUp is what somebody says of themselves.
type SignUp struct {
	Email    string
	Username string // where the connection has user names
	Password string

	Name, Nickname, GivenName, FamilyName, Picture string

	UserMetadata map[string]any
}

// SignUp makes an account for somebody who asked for one, and writes ss or fs. It does not log in.
func (u *Users) SignUp(ctx context.Context, conn store.Connection, s SignUp) (store.User, error) {
	failed := outcome{events.SignupFailed, conn, store.User{}, s.Email}
	tenant, err := u.DB.Tenant(ctx)
	if err != nil {
		return store.User{}, err
	}
	if err := u.Limits.CountSignup(ctx, tenant.Settings); err != nil {
		return store.User{}, u.refuse(ctx, failed, err)
	}
	if conn.Settings.DisableSignup || conn.Settings.Disabled {
		return store.User{}, u.refuse(ctx, failed, refusal("invalid_signup", "Public signup is disabled", ErrSignupDisabled))
	}
	user, err := u.Create(ctx, conn, s, func(tx *store.Tx, user store.User) error {
		e := events.Of(ctx, events.SignupSucceeded)
		e.UserID, e.UserName, e.Connection, e.Strategy = user.ID, user.Email, conn.Name, conn.Strategy
		return tx.AddEvent(ctx, e)
	})
	if err != nil {
		return store.User{}, u.refuse(ctx, failed, err)
	}
	return user, nil
}

// Create makes a user under the connection's password policy, whoever asked. The functions run in its transaction.
func (u *Users) Create(ctx context.Context, conn store.Connection, s SignUp, also ...func(*store.Tx, store.User) error) (store.User, error) {
	user, err := s.user(conn)
	if err != nil {
		return store.User{}, err
	}
	report := Check(conn.Settings, s.Password, user)
	if !report.OK() {
		return store.User{}, &WeakPassword{report, weak(report)}
	}
	if user.PasswordHash, err = u.Hasher.Hash(ctx, s.Password); err != nil {
		return store.User{}, err
	}
	fresh := user
	err = u.DB.Write(ctx, func(tx *store.Tx) error {
		user = fresh // the function may run again
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		for _, f := range also {
			if err := f(tx, user); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrConflict) {
		return store.User{}, refusal("user_exists", "The user already exists.", ErrUserExists)
	}
	return user, err
}

// user checks what was sent and fills in what a fresh database user has (spec 6.1).
func (s SignUp) user(conn store.Connection) (store.User, error) {
	email, ok := CleanEmail(s.Email)
	if !ok {
		return store.User{}, refusal("invalid_request", "invalid email address format", ErrEmail)
	}
	username, ok := CleanUsername(s.Username)
	if username != "" && !ok {
		return store.User{}, refusal("invalid_request", "invalid username format", nil)
	}
	for _, text := range []string{s.Name, s.Nickname, s.GivenName, s.FamilyName} {
		if !plainText(text, 300) {
			return store.User{}, refusal("invalid_request", "a name is longer than 300 bytes or has control characters", nil)
		}
	}
	if s.Picture != "" && !webAddress(s.Picture) {
		return store.User{}, refusal("invalid_request", "picture must be an http or https URL of at most 2048 bytes", nil)
	}
	if !smallMetadata(s.UserMetadata) {
		return store.User{}, refusal("invalid_request", "user_metadata may have 10 properties with keys of 100 and texts of 500 characters", nil)
	}
	p := FreshProfile(email)
	for into, sent := range map[*string]string{
		&p.Name: s.Name, &p.Nickname: s.Nickname, &p.GivenName: s.GivenName, &p.FamilyName: s.FamilyName, &p.Picture: s.Picture,
	} {
		if sent != "" {
			*into = sent
		}
	}
	p.UserMetadata = s.UserMetadata
	return store.User{ID: store.NewUserID(), Connection: conn.Name, Email: email, Username: username, Profile: p}, nil
}

// refusal is a 400 with a sentence of spec 14.1.
func refusal(code, text string, cause error) *problem.Error {
	return problem.New(http.StatusBadRequest, code, text).Because(cause)
}

// FreshProfile is what a database user with this e-mail address starts with.
func FreshProfile(email string) store.Profile {
	local, _, _ := strings.Cut(email, "@")
	sum := md5.Sum([]byte(email))
	letters := local
	if len(letters) > 2 {
		letters = letters[:2]
	}
	fallback := "https://cdn.auth0.com/avatars/" + url.PathEscape(strings.ToValidUTF8(letters, "")) + ".png"
	return store.Profile{
		Name:     email,
		Nickname: local,
		Picture:  "https://s.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?s=480&r=pg&d=" + url.QueryEscape(fallback),
	}
}

// CleanEmail is an e-mail address as it is stored: lower case, without surrounding space. It takes local@host.tld in the
// letters of RFC 5322 3.2.3 and RFC 6531, without quotes, comments or control characters, so that it can be put into a
// mail's header as it is.
func CleanEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, host, found := strings.Cut(s, "@")
	if !found || len(s) > 254 || !utf8.ValidString(s) || len(local) > 64 {
		return "", false
	}
	for part := range strings.SplitSeq(local, ".") {
		if part == "" || strings.IndexFunc(part, func(c rune) bool { return !wordRune(c) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", c) }) >= 0 {
			return "", false
		}
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.IndexFunc(label, func(c rune) bool { return !wordRune(c) && c != '-' }) >= 0 {
			return "", false
		}
	}
	return s, len(labels) > 1
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) }

// CleanUsername is a user name as it is stored: lower case, without surrounding space. It is never an e-mail address, by
// which users are looked up too.
func CleanUsername(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	return s, s != "" && len(s) <= 128 && utf8.ValidString(s) && strings.IndexFunc(s, func(c rune) bool {
		return !wordRune(c) && !strings.ContainsRune("_+-.!#$'^`~", c)
	}) < 0
}

func plainText(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 2048 && plainText(s, 2048) && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// smallMetadata holds the limits of spec 14.1; a value is a text, a number or a truth.
func smallMetadata(m map[string]any) bool {
	if len(m) > 10 {
		return false
	}
	for k, v := range m {
		if k == "" || utf8.RuneCountInString(k) > 100 || strings.Contains(k, "\x00") {
			return false
		}
		switch v := v.(type) {
		case string:
			if utf8.RuneCountInString(v) > 500 || strings.Contains(v, "\x00") {
				return false
			}
		case float64, bool, nil:
		default:
			return false
		}
	}
	return true
}
