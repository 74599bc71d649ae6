package proofkey_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// One SQL text serves SQLite and PostgreSQL. These patterns are what only one of them knows, or what the two read
// differently without an error.
var dialect = []struct {
	pattern *regexp.Regexp
	why     string
	refuses string
}{
	{regexp.MustCompile(`(?i)\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b`), "SQLite has no row locks: decide in one guarded UPDATE", "SELECT a FROM t FOR UPDATE"},
	{regexp.MustCompile(`(?i)\bnow\s*\(\s*\)|\bCURRENT_(TIMESTAMP|TIME|DATE)\b`), "time is an argument in milliseconds: tests move the clock, and nodes agree on one", "UPDATE t SET a = now()"},
	{regexp.MustCompile(`(?i)\bILIKE\b`), "SQLite has no ILIKE: store what is compared in lower case", "SELECT a FROM t WHERE a ILIKE $1"},
	{regexp.MustCompile(`(?i)\b(BIG|SMALL)?SERIAL\b|\bnextval\b|\bAUTOINCREMENT\b|\bAS\s+IDENTITY\b|\bCREATE\s+SEQUENCE\b`), "ids are prefixed random text: a sequence tells how many there are, and nodes wait for it", "CREATE TABLE t (id SERIAL)"},
	{regexp.MustCompile(`\[\s*\]|(?i)\bARRAY\b|\b(ANY|unnest)\s*\(`), "SQLite has no arrays: rows of their own, or a document", "SELECT a FROM t WHERE a = ANY($1)"},
	{regexp.MustCompile(`(?i)\bSELECT\s+\*`), "a column that a later version adds would shift every scan", "SELECT * FROM t"},
	{regexp.MustCompile(`\s\?(\s|,|\)|$)`), "placeholders are $1, $2: ? is SQLite's alone", "SELECT a FROM t WHERE a = ?"},
}

var (
	looksSQL = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|WHERE|VALUES|RETURNING|ORDER BY|ON CONFLICT)\b`)
	comment  = regexp.MustCompile(`--[^\n]*`)
	quoted   = regexp.MustCompile(`'[^'\n]*'`)
	jsonPath = regexp.MustCompile(`(\w+)\s*->>?`)
	column   = regexp.MustCompile(`(?m)(?:^\s*|ADD COLUMN\s+)(\w+)\s+([A-Z]+)\b`)
)

// sqlRules are the rules for the texts in store, with the columns that its migrations declare.
func sqlRules(t *testing.T) []rule {
	t.Helper()
	names, err := filepath.Glob("store/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string][]string{"example": {"JSONB"}, "plain": {"TEXT"}}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for name, kinds := range columns(string(text)) {
			types[name] = append(types[name], kinds...)
		}
	}
	all := []rule{
		{
			"five column types", "TEXT, BIGINT, BOOLEAN, BYTEA and JSONB mean the same in both databases",
			func(s source) []string {
				if !strings.HasPrefix(s.path, "store/migrations/") {
					return nil
				}
				return oddTypes(s)
			},
			[]string{"store/migrations/1.sql CREATE TABLE t (\n\ta TIMESTAMP NOT NULL\n);", "store/migrations/1.sql ALTER TABLE t ADD COLUMN a INTEGER;"},
			[]string{"store/migrations/1.sql CREATE TABLE t (\n\ta TEXT PRIMARY KEY,\n\tUNIQUE (a),\n\tPRIMARY KEY (a)\n);"},
		},
		{
			"JSON operators on documents only", "on a TEXT column -> works in SQLite and fails in PostgreSQL",
			func(s source) []string { return pathsIntoText(s, types) },
			[]string{"store/a.go package store\nconst q = `SELECT plain ->> 'a' FROM t`"},
			[]string{"store/a.go package store\nconst q = `SELECT example -> 'a' ->> 'b' FROM t`", "web/a.go package web\nconst q = `SELECT plain ->> 'a' FROM t`"},
		},
	}
	for _, d := range dialect {
		all = append(all, rule{
			"one SQL text: " + d.pattern.String(), d.why,
			func(s source) []string {
				var found []string
				for _, q := range queries(s) {
					if d.pattern.MatchString(quoted.ReplaceAllString(q.text, "''")) {
						found = append(found, q.at)
					}
				}
				return found
			},
			[]string{"store/a.go package store\nconst q = `" + d.refuses + "`", "store/migrations/1.sql " + d.refuses},
			[]string{"store/a.go package store\nconst q = `SELECT a, count(*) FROM t WHERE b = $1 AND c = 'now() [] ?'`", "store/a.go package store\n// " + d.refuses, "store/migrations/1.sql -- " + d.refuses},
		})
	}
	return all
}

type query struct{ at, text string }

// queries are the SQL texts of a file of store: a migration as a whole, or each string that reads like SQL.
func queries(s source) []query {
	if !strings.HasPrefix(s.path, "store/") || s.test() {
		return nil
	}
	if s.ext() == ".sql" {
		return []query{{s.path, comment.ReplaceAllString(s.text, "")}}
	}
	if s.ast == nil {
		return nil
	}
	var found []query
	ast.Inspect(s.ast, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err == nil && looksSQL.MatchString(text) {
			found = append(found, query{s.at(lit), comment.ReplaceAllString(text, "")})
		}
		return true
	})
	return found
}

// columns maps each column that a migration declares to its types.
func columns(text string) map[string][]string {
	found := map[string][]string{}
	for _, m := range column.FindAllStringSubmatch(comment.ReplaceAllString(text, ""), -1) {
		if m[1] != strings.ToUpper(m[1]) { // UNIQUE (…), PRIMARY KEY (…), CREATE TABLE are no columns
			found[m[1]] = append(found[m[1]], m[2])
		}
	}
	return found
}

func oddTypes(s source) []string {
	var found []string
	for name, kinds := range columns(s.text) {
		for _, kind := range kinds {
			if !slices.Contains([]string{"TEXT", "BIGINT", "BOOLEAN", "BYTEA", "JSONB"}, kind) {
				found = append(found, fmt.Sprintf("%s: column %s is %s", s.path, name, kind))
			}
		}
	}
	return found
}

func pathsIntoText(s source, types map[string][]string) []string {
	var found []string
	for _, q := range queries(s) {
		for _, m := range jsonPath.FindAllStringSubmatch(quoted.ReplaceAllString(q.text, "''"), -1) {
			if slices.ContainsFunc(types[m[1]], func(kind string) bool { return kind != "JSONB" }) {
				found = append(found, fmt.Sprintf("%s: %s", q.at, m[0]))
			}
		}
	}
	return found
}
