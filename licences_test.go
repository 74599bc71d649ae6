package proofkey_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is built into the binary or served by it may be under these licences: they let anybody pass the whole on under its
// own. What only builds and tests it may be under more, because it is not passed on.
var (
	licences = []string{"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Unlicense", "CC0-1.0"}
	tools    = append([]string{"MPL-2.0", "Python-2.0", "BlueOak-1.0.0", "WTFPL"}, licences...)
)

// phrases tell a licence by its text; spaces and case are not compared.
var phrases = []struct{ licence, phrase string }{
	{"AGPL", "gnu affero general public license"},
	{"LGPL", "gnu lesser general public license"},
	{"GPL", "gnu general public license"},
	{"SSPL", "server side public license"},
	{"BUSL", "business source license"},
	{"Apache-2.0", "apache license version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD-3-Clause", "redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"},
	{"MPL-2.0", "mozilla public license"},
	{"CC0-1.0", "cc0 1.0 universal"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
}

func licenceOf(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	text = strings.ReplaceAll(text, "apache license, version", "apache license version")
	for _, p := range phrases {
		if strings.Contains(text, p.phrase) {
			return p.licence
		}
	}
	return "of a kind that nobody here has read"
}

// TestLicencesOfModules reads the licence of each Go module that is linked into the server or its tests.
func TestLicencesOfModules(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	modules := map[string]string{}
	for line := range strings.Lines(string(listed)) {
		if path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			modules[path] = dir
		}
	}
	if len(modules) < 20 {
		t.Fatalf("go list names %d modules only", len(modules))
	}
	for path, dir := range modules {
		var files []string
		for _, pattern := range []string{"LICEN*", "COPYING*", "licen*", "UNLICENSE*"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, found...)
		}
		// The licence of a module is in the shortest name; others beside it are of what it took over.
		slices.SortFunc(files, func(a, b string) int { return len(a) - len(b) })
		if len(files) == 0 {
			t.Errorf("%s has no licence", path)
			continue
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if licence := licenceOf(string(text)); !slices.Contains(licences, licence) {
			t.Errorf("%s is under a licence %s (%s), which is not on the list of licences_test.go", path, licence, files[0])
		}
	}
}

// TestLicencesOfPackages reads what the lock files of npm say. What the Dashboard's pages are made of is served by the binary.
func TestLicencesOfPackages(t *testing.T) {
	seen := 0
	for _, s := range tree(t) {
		if filepath.Base(s.path) != "package-lock.json" {
			continue
		}
		var lock struct {
			Packages map[string]struct {
				License string
				Dev     bool
			}
		}
		if err := json.Unmarshal([]byte(s.text), &lock); err != nil {
			t.Fatalf("%s: %v", s.path, err)
		}
		for name, p := range lock.Packages {
			if name == "" { // the project itself
				continue
			}
			seen++
			allowed := licences
			if p.Dev || !strings.HasPrefix(s.path, "dashboard/") {
				allowed = tools
			}
			if !slices.ContainsFunc(strings.Split(strings.Trim(p.License, "()"), " OR "), func(l string) bool { return slices.Contains(allowed, l) }) {
				t.Errorf("%s: %s is under %q, which is not on the list of licences_test.go", s.path, name, p.License)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d packages were read", seen)
	}
}

func TestLicencesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n  Version 2.0, January 2004":                                      "Apache-2.0",
		"Licensed under the GNU Affero\nGeneral Public License, see the MIT License":       "AGPL",
		"Permission is hereby granted, free of charge, to any\nperson obtaining a copy of": "MIT",
		"All rights reserved.": "of a kind that nobody here has read",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("%q is told as %s, want %s", text, got, want)
		}
	}
}
