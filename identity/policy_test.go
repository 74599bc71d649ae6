package identity

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

var person = store.User{Email: "jsmith@example.com", Username: "smithy99", Profile: store.Profile{
	Name: "John Smith", Nickname: "johnny", UserMetadata: map[string]any{"first": "Jonathan"}}}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		policy, password string
		broken           string // codes of the broken rules
	}{
		{"none", "", "lengthAtLeast"},
		{"none", "x", ""},
		{"low", "wxcvz", "lengthAtLeast"},
		{"low", "kvxpzw", ""},
		{"fair", "kVxpzw7", "lengthAtLeast"},
		{"fair", "kVxpzwqr", "shouldContain"},
		{"fair", "kvxpzw77", "shouldContain"},
		{"fair", "kVxpzw77", ""},
		{"", "kvxpzw77", "containsAtLeast"},
		{"", "kVxpzw77", ""},
		{"good", "kvxpzw7!", ""},
		{"good", "KVXPZW7!", ""},
		{"good", "kVx!", "lengthAtLeast"},
		{"good", "kvx", "lengthAtLeast containsAtLeast"},
		{"good", "äöüßÄÖÜé", "containsAtLeast"},
		{"good", "kVäöüß77", ""}, // eight characters, twelve bytes
		{"excellent", "kVxpzw77!", "lengthAtLeast"},
		{"excellent", "kVxpzw777!", "identicalChars"},
		{"excellent", "kVxpzw77!!", ""},
		{"good", strings.Repeat("kVx7", 128), ""},
		{"good", strings.Repeat("kVx7", 128) + "k", "lengthAtMost"},
		{"good", "kVxpzw77\x00", "lengthAtMost"},
	} {
		r := Check(store.ConnectionSettings{PasswordPolicy: c.policy}, c.password, store.User{})
		var broken []string
		for _, rule := range r.Rules {
			if !rule.Verified {
				broken = append(broken, rule.Code)
			}
		}
		if got := strings.Join(broken, " "); got != c.broken {
			t.Errorf("policy %q, %.20q: broken %q, want %q", c.policy, c.password, got, c.broken)
		}
	}
	r := Check(store.ConnectionSettings{PasswordPolicy: "low", MinLength: 12}, "kvxpzwqjhgf", store.User{})
	if r.OK() || r.Rules[0].Format[0] != 12 {
		t.Errorf("min_length 12 with 11 characters: %+v", r)
	}
}

// Mobile SDKs read this structure and format the messages themselves (spec 14.1).
func TestTheRulesAreAuth0s(t *testing.T) {
	r := Check(store.ConnectionSettings{PasswordPolicy: "excellent"}, "aaa", store.User{})
	got, err := json.Marshal(r.Rules)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"code":"lengthAtLeast","message":"At least %d characters in length","format":[10],"verified":false},` +
		`{"code":"containsAtLeast","message":"Contain at least %d of the following %d types of characters:","format":[3,4],"items":[` +
		`{"code":"lowerCase","message":"lower case letters (a-z)","verified":true},{"code":"upperCase","message":"upper case letters (A-Z)","verified":false},` +
		`{"code":"numbers","message":"numbers (i.e. 0-9)","verified":false},{"code":"specialCharacters","message":"special characters (e.g. !@#$%^\u0026*)","verified":false}],"verified":false},` +
		`{"code":"identicalChars","message":"No more than %d identical characters in a row (e.g., \"%s\" not allowed)","format":[2,"aaa"],"verified":false}]`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	wantText := "* At least 10 characters in length\n* Contain at least 3 of the following 4 types of characters:\n * lower case letters (a-z)\n" +
		" * upper case letters (A-Z)\n * numbers (i.e. 0-9)\n * special characters (e.g. !@#$%^&*)\n* No more than 2 identical characters in a row (e.g., \"aaa\" not allowed)"
	if got := r.Policy(); got != wantText {
		t.Errorf("in words:\n%s\nwant\n%s", got, wantText)
	}
}

func TestCommonPasswords(t *testing.T) {
	for _, p := range []string{"password", "PassWord", "Password1", "Password1!", "password2026", "Password123!", "letmein", "Qwerty123", "12345678", "98765432",
		"aaaaaaaaaa", "abcabcabc", "dragondragon", "qwertyuiop", "poiuytrewq", "1qaz2wsx", "1Q2w3e4r5t", "!!Superman", "zxcvbnm1!", "Abcdefgh1"} {
		if r := Check(store.ConnectionSettings{}, p, store.User{}); !r.Common {
			t.Errorf("%q does not count as common", p)
		}
	}
	for _, p := range []string{"kVxpzw77", "correct horse battery staple", "a-Str0ng-Password!", "Tr0ub4dor&3x", "x", "Superman-in-42-socks", "!2026!"} {
		if r := Check(store.ConnectionSettings{}, p, store.User{}); r.Common {
			t.Errorf("%q counts as common", p)
		}
	}
	off := false
	if r := Check(store.ConnectionSettings{Dictionary: &off}, "Password1", store.User{}); r.Common || !r.OK() {
		t.Errorf("with the dictionary off: %+v", r)
	}
	words := strings.Split(strings.TrimSuffix(commonWords, "\n"), "\n")
	if len(words) < 5000 || !slices.IsSorted(words) || strings.ToLower(commonWords) != commonWords {
		t.Errorf("the list has %d words; it must be sorted and lower case", len(words))
	}
}

func TestPersonalData(t *testing.T) {
	for _, p := range []string{"xx-jsmith-77-X", "JSMITH@example.com1", "mySMITHY99pass", "7Johnny!-x", "SmithAndMore77", "iamJonathan7"} {
		if r := Check(store.ConnectionSettings{}, p, person); !r.Personal || r.OK() {
			t.Errorf("%q does not count as personal", p)
		}
	}
	if r := Check(store.ConnectionSettings{}, "kVxpzw77", person); r.Personal {
		t.Error("kVxpzw77 counts as personal")
	}
	if r := Check(store.ConnectionSettings{}, "Joshua-tree-77", store.User{Email: "jo@example.com"}); r.Personal {
		t.Error("a local part of two letters forbids every password that has them")
	}
	off := false
	if r := Check(store.ConnectionSettings{NoPersonalInfo: &off}, "xx-jsmith-77-X", person); !r.OK() {
		t.Errorf("switched off: %+v", r)
	}
}

func FuzzCheck(f *testing.F) {
	for _, p := range []string{"", "a", "Password1!", "\xff\x00", strings.Repeat("ab", 300)} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if r := Check(store.ConnectionSettings{PasswordPolicy: "excellent"}, p, person); r.OK() && len(p) < 10 {
			t.Errorf("%q is accepted", p)
		}
	})
}
