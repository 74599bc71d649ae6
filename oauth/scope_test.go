package oauth_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/web/problem"
)

func TestParseScope(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"   ", nil},
		{"openid", []string{"openid"}},
		{"openid profile  email openid", []string{"openid", "profile", "email"}},
		{"read:messages https://api.example.com/x", []string{"read:messages", "https://api.example.com/x"}},
		{"OPENID openid", []string{"OPENID", "openid"}},
	}
	for _, tt := range tests {
		got, err := oauth.ParseScope(tt.in)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("ParseScope(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	hundred := make([]string, 0, 101)
	for i := range 101 {
		hundred = append(hundred, fmt.Sprint("s", i))
	}
	if got, err := oauth.ParseScope(strings.Join(hundred[:100], " ")); err != nil || len(got) != 100 {
		t.Errorf("100 scopes: got %d, %v", len(got), err)
	}
	for name, in := range map[string]string{
		"quotation mark": `openid"`, "backslash": `a\b`, "tab": "openid\tprofile", "newline": "openid\n", "NUL": "a\x00b",
		"non-ASCII": "é", "invalid UTF-8": "\xff", "DEL": "\x7f",
		"too long": strings.Repeat("a", 4097), "too many": strings.Join(hundred, " "),
	} {
		_, err := oauth.ParseScope(in)
		if e := problem.From(err); err == nil || e.Status != 400 || e.Code != "invalid_scope" {
			t.Errorf("%s: got %v, want 400 invalid_scope", name, err)
		}
	}
}

func TestScopeSets(t *testing.T) {
	s := oauth.Scope{"openid", "email", "read"}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %q, want %q", what, got, want)
		}
	}
	check("Union", s.Union(oauth.Scope{"write", "email"}).String(), "openid email read write")
	check("Intersect", s.Intersect(oauth.Scope{"read", "openid", "x"}).String(), "openid read")
	check("Without", s.Without("email", "x").String(), "openid read")
	check("the receiver afterwards", s.String(), "openid email read")
	check("nothing", oauth.Scope(nil).String(), "")
	if !s.Covers(oauth.Scope{"read"}) || !s.Covers(nil) || s.Covers(oauth.Scope{"read", "write"}) {
		t.Error("Covers is not the subset relation")
	}
	if !s.Has("openid") || s.Has("open") || s.Has("") {
		t.Error("Has is not membership")
	}
}

func FuzzParseScope(f *testing.F) {
	for _, s := range []string{"", "openid profile email offline_access", " a  b a ", "a\x00", "\"", "é", "https://x/y:z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, err := oauth.ParseScope(in)
		if err != nil {
			return
		}
		if len(s) > 100 || len(s.String()) > len(in) {
			t.Fatalf("ParseScope(%q) grew to %q", in, s)
		}
		var want []string
		for _, w := range strings.Split(in, " ") {
			if w != "" && !slices.Contains(want, w) {
				want = append(want, w)
			}
		}
		if !slices.Equal(s, want) {
			t.Fatalf("ParseScope(%q) = %q, want %q", in, s, want)
		}
		if again, err := oauth.ParseScope(s.String()); err != nil || !slices.Equal(again, s) {
			t.Fatalf("%q does not survive a round trip: %q, %v", s, again, err)
		}
	})
}
