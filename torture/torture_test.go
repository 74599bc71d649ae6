package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTenKills is a short run of make torture, on the database that the other tests run on.
func TestTenKills(t *testing.T) {
	dir := t.TempDir()
	binary, err := build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	o := options{kills: 10, devices: 60, think: 200 * time.Millisecond, load: 600 * time.Millisecond}
	if err := torture(t.Context(), o, dir, binary, os.Getenv("PROOFKEY_TEST_POSTGRES"), t.Output()); err != nil {
		logs, _ := filepath.Glob(filepath.Join(dir, "*", "*.log"))
		for _, log := range logs {
			text, _ := os.ReadFile(log)
			t.Logf("%s ends with:\n%s", log, text[max(0, len(text)-4000):])
		}
		t.Fatal(err)
	}
}
