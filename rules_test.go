package proofkey_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A source is one hand-written file; ast is nil when it is not Go.
type source struct {
	path string
	text string
	ast  *ast.File
	fset *token.FileSet
}

func (s source) dir() string      { return path.Dir(s.path) }
func (s source) test() bool       { return strings.HasSuffix(s.path, "_test.go") }
func (s source) ext() string      { return path.Ext(s.path) }
func (s source) is(e string) bool { return slices.Contains(strings.Fields(e), s.ext()) }

// at is the place of a node, as editors read it.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

func parse(name, text string) (source, error) {
	s := source{path: name, text: text}
	if s.ext() != ".go" {
		return s, nil
	}
	s.fset = token.NewFileSet()
	var err error
	s.ast, err = parser.ParseFile(s.fset, name, text, parser.ParseComments)
	return s, err
}

// tree reads every text file of the project, whatever system it is built for; what targets make (.gitignore) is not of it.
func tree(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "node_modules" || d.Name() == "dist" || name == ".git" || name == "bin" || name == "build" {
				return fs.SkipDir
			}
			return nil
		}
		if name == ".git" || strings.HasSuffix(name, ".gen.ts") { // of a work tree, and generated
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil || !d.Type().IsRegular() || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
			return err
		}
		s, err := parse(filepath.ToSlash(name), string(text))
		if err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
	return all
}

// A rule of the house: check names the places that break it, why is said with each. refuses and allows are a file on each
// side of the line (a name, a space or a line end, its text), so that a rule which stopped biting is noticed.
type rule struct {
	name, why       string
	check           func(source) []string
	refuses, allows []string
}

var rules = []rule{
	{
		"no init", "what runs by itself at start cannot be given its dependencies or tested",
		func(s source) []string {
			return nodes(s, func(n ast.Node) bool {
				f, ok := n.(*ast.FuncDecl)
				return ok && f.Recv == nil && f.Name.Name == "init"
			})
		},
		[]string{"a/a.go package a\nfunc init() {}"},
		[]string{"a/a.go package a\ntype T int\nfunc (T) init() {}"},
	},
	{
		"no drawer packages", "a package is a noun of the product; these names collect whatever had no place",
		func(s source) []string {
			drawers := []string{"util", "utils", "helper", "helpers", "common", "manager", "managers", "types", "model", "models", "dto", "impl", "misc"}
			if s.ast != nil && (slices.Contains(drawers, s.ast.Name.Name) || slices.Contains(drawers, path.Base(s.dir()))) {
				return []string{s.path}
			}
			return nil
		},
		[]string{"a/a.go package util", "store/types/a.go package storetypes"},
		[]string{"store/types.go package store"},
	},
	{
		"context values are web's", "a context carries cancellation and the request's record; dependencies and transactions are arguments",
		func(s source) []string {
			if s.test() || s.dir() == "web" {
				return nil
			}
			return nodes(s, calls("context", "WithValue"))
		},
		[]string{"a/a.go package a\nvar x = context.WithValue(c, k, v)"},
		[]string{"web/a.go package web\nvar x = context.WithValue(c, k, v)", "a/a.go package a\nvar x = context.WithTimeout(c, 1)"},
	},
	{
		"JOSE stays behind oauth/keys", "private keys and algorithm choice have one door; everybody else asks keys to sign and verify",
		func(s source) []string {
			if s.test() || s.dir() == "oauth/keys" || strings.HasPrefix(s.path, "cmd/") || strings.HasPrefix(s.path, "interop/") {
				return nil
			}
			return nodes(s, func(n ast.Node) bool {
				spec, ok := n.(*ast.ImportSpec)
				return ok && strings.Contains(spec.Path.Value, "/go-jose/")
			})
		},
		[]string{"app/a.go package app\nimport \"github.com/go-jose/go-jose/v4\""},
		[]string{"oauth/keys/a.go package keys\nimport \"github.com/go-jose/go-jose/v4\"", "app/a_test.go package app\nimport \"github.com/go-jose/go-jose/v4\""},
	},
	{
		"errors are matched, not compared", "a wrapped error is not equal to what it wraps: errors.Is, errors.AsType",
		func(s source) []string { return nodes(s, comparesError) },
		[]string{"a/a.go package a\nvar x = err == io.EOF", "a/a.go package a\nvar x = io.EOF != err"},
		[]string{"a/a.go package a\nvar x = err == nil", "a/a.go package a\nvar x = errors.Is(err, io.EOF)"},
	},
	{
		"routes declare their access", "web.Mux takes no route without it, and app walks them all; a mux beside it has doors that nobody tries",
		func(s source) []string {
			if s.test() || s.dir() == "web" {
				return nil
			}
			return nodes(s, calls("http", "NewServeMux", "ServeMux", "Handle", "HandleFunc", "DefaultServeMux"))
		},
		[]string{"a/a.go package a\nvar x = http.NewServeMux()", "a/a.go package a\nvar x = &http.ServeMux{}"},
		[]string{"web/a.go package web\nvar x = http.NewServeMux()", "a/a.go package a\nvar x = &web.Mux{}"},
	},
	{
		"nothing is skipped", "a test that did not run looks like a test that passed; what it needs is installed or it fails",
		func(s source) []string {
			if s.test() {
				return nodes(s, func(n ast.Node) bool {
					return calls("t", "Skip", "Skipf", "SkipNow")(n) || calls("tb", "Skip", "Skipf", "SkipNow")(n) ||
						calls("b", "Skip", "Skipf", "SkipNow")(n) || calls("f", "Skip", "Skipf", "SkipNow")(n)
				})
			}
			if s.is(".mjs .js .ts .tsx") {
				return lines(s, nodeSkip)
			}
			return nil
		},
		[]string{"a/a_test.go package a\nfunc TestA(t *testing.T) { t.Skip() }", "a/a.test.mjs test.skip('a', () => {})", "a/a.test.mjs test('a', { skip: true }, f)", "a/a.test.mjs it.only('a', f)"},
		[]string{"a/a_test.go package a\nfunc TestA(t *testing.T) { t.Fatal() }", "a/a.mjs skip(line)"},
	},
	{
		"no failpoint in production", "what make torture may do to a server is compiled in by its tag only",
		func(s source) []string {
			if s.ast == nil || s.test() || s.dir() == "torture" || strings.HasPrefix(s.text, "//go:build torture\n") {
				return nil
			}
			return lines(s, failpoint)
		},
		[]string{"a/a.go package a\nvar x = os.Getenv(\"TORTURE_POINT\")"},
		[]string{"a/a.go //go:build torture\n\npackage a\nvar x = os.Getenv(\"TORTURE_POINT\")", "torture/a.go package main\nconst x = \"TORTURE_POINT\""},
	},
	{
		"nothing is left for later", "unfinished work belongs into the tracker, where somebody finds it",
		func(s source) []string {
			if s.is(".go .mjs .js .ts .tsx .css .html .sh .sql .yaml .yml") && s.path != "rules_test.go" {
				return lines(s, later)
			}
			return nil
		},
		[]string{"a/a.go package a // TODO: later", "a/a.css /* FIXME */"},
		[]string{"a/a.go package a // the to-do list of a transaction"},
	},
	{
		"files fit into a head", "over 600 lines a file is two things; a package is free to have more files",
		func(s source) []string {
			if n := strings.Count(s.text, "\n"); n > 600 && s.is(".go .mjs .js .ts .tsx .css .html .sh .sql") {
				return []string{fmt.Sprintf("%s: %d lines", s.path, n)}
			}
			return nil
		},
		[]string{"a/a.sql " + strings.Repeat("\n", 601)},
		[]string{"a/a.sql " + strings.Repeat("\n", 600), "a/words.txt " + strings.Repeat("\n", 9000)},
	},
	{
		"no place of one machine", "a clone is built on other machines: no registry host, no path of somebody's disk",
		func(s source) []string {
			if s.path == "rules_test.go" {
				return nil
			}
			return slices.DeleteFunc(slices.Concat(lines(s, registry), lines(s, machinePath)), func(l string) bool {
				return strings.Contains(l, ".example.")
			})
		},
		[]string{"a/.npmrc x=https://registry.packages.test/", "a/a.go package a // see /home/jane/notes.txt", "a/a.sh cd /root/src"},
		[]string{"a/a.md https://proxy.example.com/", "a/a.go package a // GET /homes/x and registry.Register"},
	},
	{
		"lock files name no host", "npm asks the registry that the machine is set to; the integrity hash is what pins a package",
		func(s source) []string {
			if path.Base(s.path) != "package-lock.json" {
				return nil
			}
			return lines(s, resolved)
		},
		[]string{"a/package-lock.json { \"resolved\": \"x\" }"},
		[]string{"a/package-lock.json { \"integrity\": \"sha512-x\" }", "a/package.json { \"resolved\": \"x\" }"},
	},
}

var (
	nodeSkip    = regexp.MustCompile(`\b(test|it|describe|suite)\.(skip|todo|only)\b|\b(skip|todo|only):\s*(true|['"` + "`" + `])|\b(t|test|context)\.skip\(`)
	failpoint   = regexp.MustCompile(`\bTORTURE_[A-Z]+\b`)
	later       = regexp.MustCompile(`\b(TODO|FIXME|HACK)\b`)
	registry    = regexp.MustCompile(`https?://(registry|proxy|goproxy|sum|mirror|mirrors|artifactory|nexus)\.`)
	machinePath = regexp.MustCompile(`(^|[^\w./}-])/(root|work|home/\w+|Users/\w+)/`)
	resolved    = regexp.MustCompile(`"resolved"\s*:`)
)

func TestRules(t *testing.T) {
	files := tree(t)
	for _, r := range slices.Concat(rules, sqlRules(t)) {
		t.Run(r.name, func(t *testing.T) {
			for _, s := range files {
				for _, place := range r.check(s) {
					t.Errorf("%s\n\t%s: %s", place, r.name, r.why)
				}
			}
		})
	}
}

func TestRulesBite(t *testing.T) {
	for _, r := range slices.Concat(rules, sqlRules(t)) {
		for _, side := range []struct {
			examples []string
			bites    bool
		}{{r.refuses, true}, {r.allows, false}} {
			for _, example := range side.examples {
				name, text, _ := strings.Cut(example, " ")
				s, err := parse(name, text)
				if err != nil {
					t.Fatalf("%s: the example %q is not Go: %v", r.name, example, err)
				}
				if got := r.check(s); (len(got) > 0) != side.bites {
					t.Errorf("%s: on %.120q the rule says %q, want it to complain: %v", r.name, example, got, side.bites)
				}
			}
		}
	}
}

// lines are the places whose line matches, one a line.
func lines(s source, pattern *regexp.Regexp) []string {
	var found []string
	for i, line := range strings.Split(s.text, "\n") {
		if pattern.MatchString(line) {
			found = append(found, fmt.Sprintf("%s:%d: %.120s", s.path, i+1, strings.TrimSpace(line)))
		}
	}
	return found
}

// nodes are the places of the syntax nodes that match.
func nodes(s source, match func(ast.Node) bool) []string {
	if s.ast == nil {
		return nil
	}
	var found []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if n != nil && match(n) {
			found = append(found, s.at(n))
		}
		return true
	})
	return found
}

// calls matches a selector such as context.WithValue.
func calls(of string, names ...string) func(ast.Node) bool {
	return func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, sel.Sel.Name) {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		return ok && x.Name == of
	}
}

// comparesError matches err == x and err != x, but for nil.
func comparesError(n ast.Node) bool {
	b, ok := n.(*ast.BinaryExpr)
	if !ok || (b.Op != token.EQL && b.Op != token.NEQ) {
		return false
	}
	named := func(e ast.Expr, name string) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == name
	}
	return (named(b.X, "err") && !named(b.Y, "nil")) || (named(b.Y, "err") && !named(b.X, "nil"))
}
