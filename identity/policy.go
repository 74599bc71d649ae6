package identity

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Rule is one rule of a password policy, in the form that mobile SDKs format themselves (spec 14.1): Message is a template
// for Format.
type Rule struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Format   []any  `json:"format,omitempty"`
	Items    []Rule `json:"items,omitempty"`
	Verified bool   `json:"verified"`
}

// Report says how a password stands to its connection's policy.
type Report struct {
	Rules    []Rule
	Common   bool // it is one of those that attackers try first
	Personal bool // it contains the user's name or address
}

// OK says whether the password may be used.
func (r Report) OK() bool { return r.strong() && !r.Common && !r.Personal }

func (r Report) strong() bool {
	for _, rule := range r.Rules {
		if !rule.Verified {
			return false
		}
	}
	return true
}

// Policy is the rules in words, as the sign-up endpoint sends them beside the structure.
func (r Report) Policy() string {
	var b strings.Builder
	for i, rule := range r.Rules {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("* " + fmt.Sprintf(rule.Message, rule.Format...))
		for _, item := range rule.Items {
			b.WriteString("\n * " + item.Message)
		}
	}
	return b.String()
}

// classes are the kinds of characters that policies ask for.
var classes = []struct {
	code, message string
	holds         func(rune) bool
}{
	{"lowerCase", "lower case letters (a-z)", func(c rune) bool { return c >= 'a' && c <= 'z' }},
	{"upperCase", "upper case letters (A-Z)", func(c rune) bool { return c >= 'A' && c <= 'Z' }},
	{"numbers", "numbers (i.e. 0-9)", func(c rune) bool { return c >= '0' && c <= '9' }},
	{"specialCharacters", "special characters (e.g. !@#$%^&*)", func(c rune) bool {
		return c >= ' ' && c < 0x7f && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')
	}},
}

// Check holds a password against the connection's policy (spec 33). Dictionary and personal data are looked at unless the
// connection says otherwise.
func Check(settings store.ConnectionSettings, password string, user store.User) Report {
	r := Report{Rules: rules(settings, password)}
	if settings.Dictionary == nil || *settings.Dictionary {
		r.Common = common(password)
	}
	if settings.NoPersonalInfo == nil || *settings.NoPersonalInfo {
		r.Personal = personal(password, user)
	}
	return r
}

// rules are the policy's own. The length counts characters; its upper bound counts bytes, and is a rule only where broken.
func rules(settings store.ConnectionSettings, password string) []Rule {
	policy := settings.PasswordPolicy
	length := map[string]int{"none": 1, "low": 6, "fair": 8, "excellent": 10}[policy]
	if length == 0 {
		length = 8
	}
	if settings.MinLength > 0 {
		length = settings.MinLength
	}
	all := []Rule{{Code: "lengthAtLeast", Message: "At least %d characters in length", Format: []any{length}, Verified: utf8.RuneCountInString(password) >= length}}
	if len(password) > maxPassword || !utf8.ValidString(password) || strings.Contains(password, "\x00") {
		all = append(all, Rule{Code: "lengthAtMost", Message: "At most %d bytes in length", Format: []any{maxPassword}})
	}
	switch policy {
	case "none", "low":
		return all
	case "fair":
		items, _ := classItems(password)
		items = items[:3]
		return append(all, Rule{Code: "shouldContain", Message: "Should contain:", Items: items,
			Verified: items[0].Verified && items[1].Verified && items[2].Verified})
	}
	items, n := classItems(password)
	all = append(all, Rule{Code: "containsAtLeast", Message: "Contain at least %d of the following %d types of characters:",
		Format: []any{3, 4}, Items: items, Verified: n >= 3})
	if policy == "excellent" {
		all = append(all, Rule{Code: "identicalChars", Message: `No more than %d identical characters in a row (e.g., "%s" not allowed)`,
			Format: []any{2, "aaa"}, Verified: longestRun(password) <= 2})
	}
	return all
}

func classItems(password string) (items []Rule, n int) {
	for _, c := range classes {
		holds := strings.IndexFunc(password, c.holds) >= 0
		if holds {
			n++
		}
		items = append(items, Rule{Code: c.code, Message: c.message, Verified: holds})
	}
	return items, n
}

func longestRun(s string) int {
	longest, run, last := 0, 0, rune(-1)
	for _, c := range s {
		if c != last {
			run, last = 0, c
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// commonWords is sorted, one a line, lower case; docs/decisions/0003-passwords.md says where it is from.
//
//go:embed common.txt
var commonWords string

// walks are what a finger or a mind runs along.
var walks = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()"}

// common says whether a password is on the list, or is what people make of such a word to please a policy: other case, a
// few digits and signs around it, a repetition, or a run along the keyboard.
func common(password string) bool {
	p := strings.ToLower(password)
	if p == "" || onList(p) || walk(p) {
		return true
	}
	if u := unit(p); len(u) < len(p) && (len(u) <= 4 || onList(u)) {
		return true
	}
	const trimmings = "0123456789!@#$%^&*()-_=+.,?"
	core := strings.Trim(p, trimmings)
	return len(p)-len(core) <= 4 && len(core) >= 4 && (onList(core) || walk(core))
}

func onList(word string) bool {
	if word == "" || strings.Contains(word, "\n") {
		return false
	}
	return strings.HasPrefix(commonWords, word+"\n") || strings.Contains(commonWords, "\n"+word+"\n")
}

// unit is the shortest text whose repetition is s.
func unit(s string) string {
	if i := strings.Index((s + s)[1:], s) + 1; i > 0 {
		return s[:i]
	}
	return s
}

func walk(p string) bool {
	if len(p) < 4 {
		return false
	}
	backwards := []byte(p)
	for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	for _, w := range walks {
		if strings.Contains(w, p) || strings.Contains(w, string(backwards)) {
			return true
		}
	}
	return false
}

// personal says whether a password contains the user's name, nickname, user name, or the e-mail address before the @.
// Parts of fewer than four bytes are in too many good passwords to say anything.
func personal(password string, user store.User) bool {
	p := strings.ToLower(password)
	local, _, _ := strings.Cut(user.Email, "@")
	known := []string{user.Email, local, user.Username, user.Profile.Nickname, user.Profile.Name}
	known = append(known, strings.Fields(user.Profile.Name)...)
	for _, key := range []string{"name", "first", "last"} {
		if s, ok := user.Profile.UserMetadata[key].(string); ok {
			known = append(known, s)
		}
	}
	for _, k := range known {
		if k = strings.ToLower(strings.TrimSpace(k)); len(k) >= 4 && strings.Contains(p, k) {
			return true
		}
	}
	return false
}

// weak is the refusal of spec 14.1 for the first reason that holds.
func weak(r Report) *problem.Error {
	code, text := "password_no_user_info_error", "Password contains user information"
	switch {
	case !r.strong():
		code, text = "invalid_password", "Password is too weak"
	case r.Common:
		code, text = "password_dictionary_error", "Password is too common"
	}
	return problem.New(http.StatusBadRequest, code, text)
}
