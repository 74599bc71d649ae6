package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTenKills is a short run of make torture, on the database that the other tests run on: on PostgreSQL with a second part,
// several nodes.
func TestTenKills(t *testing.T) {
	dir := t.TempDir()
	binary, err := build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	o := options{kills: 10, devices: 60, think: 200 * time.Millisecond, load: 600 * time.Millisecond}
	for _, sc := range scenarios(os.Getenv("PROOFKEY_TEST_POSTGRES")) {
		if sc.nodes > 1 {
			o.kills = 6
		}
		if err := torture(t.Context(), o, dir, binary, sc, t.Output()); err != nil {
			logs, _ := filepath.Glob(filepath.Join(dir, "*", "*.log"))
			for _, log := range logs {
				text, _ := os.ReadFile(log)
				t.Logf("%s ends with:\n%s", log, text[max(0, len(text)-4000):])
			}
			t.Fatal(err)
		}
	}
}
