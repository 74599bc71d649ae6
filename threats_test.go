package proofkey_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	linked = regexp.MustCompile("\\[`((?:Test|Fuzz)[A-Za-z0-9_]+)`\\]\\(([^)]+)\\)")
	named  = regexp.MustCompile("`(?:Test|Fuzz)[A-Za-z0-9_]+`")
)

// TestThreatsHaveTheirTests: a line of the threat model is worth as much as the test that it names.
func TestThreatsHaveTheirTests(t *testing.T) {
	const model = "docs/threat-model.md"
	raw, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, s := range tree(t) {
		if s.ast == nil || !s.test() {
			continue
		}
		for _, place := range s.ast.Scope.Objects {
			tests[s.path+" "+place.Name] = true
		}
	}
	rows, column := 0, -1
	for i, line := range strings.Split(string(raw), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			column = -1
		case column < 0:
			column = len(cells) - 1
			if strings.TrimSpace(cells[column]) != "tests" {
				column = len(line) // a table of something else
			}
		case column < len(cells) && !strings.HasPrefix(line, "|---"):
			rows++
			links := linked.FindAllStringSubmatch(cells[column], -1)
			if len(links) == 0 || len(links) != len(named.FindAllString(line, -1)) {
				t.Errorf("%s:%d: a threat without a linked test: %.100s", model, i+1, line)
			}
			for _, l := range links {
				if file := path.Join("docs", l[2]); !tests[file+" "+l[1]] {
					t.Errorf("%s:%d: there is no %s in %s", model, i+1, l[1], file)
				}
			}
		}
	}
	if rows < 50 {
		t.Errorf("only %d lines were read", rows)
	}
}
