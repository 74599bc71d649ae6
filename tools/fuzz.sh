#!/usr/bin/env bash
# fuzz.sh [TIME]: runs every fuzz target of the module, one after another, TIME (default 20s) each.
set -euo pipefail
time=${1:-20s}
go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}' ./... | while read -r package dir; do
  (grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go || true) | sed 's/^func //' | while read -r target; do
    go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time"
  done
done
