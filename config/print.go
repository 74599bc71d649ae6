package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Print writes every key as YAML, with its meaning, unit, default, environment variable and the source of its value in
// comments. Secrets are masked; apart from those the output is a configuration file.
func (c *Config) Print(w io.Writer) error {
	root := reflect.ValueOf(c).Elem()
	return document(w, func(k Key, indent string) string {
		line := indent + "# from: " + c.Source(k.Path) + "\n"
		v := root.FieldByIndex(k.index)
		if v.Type() == reflect.TypeFor[[]Tenant]() {
			return line + c.tenantLines()
		}
		return line + indent + leaf(k.Path) + ": " + written(v) + "\n"
	})
}

// Template writes a configuration file in which every key is explained, those in set (key to YAML text) have their
// value and all others are comments that show the default.
func Template(w io.Writer, set map[string]string) error {
	return document(w, func(k Key, indent string) string {
		if text, ok := set[k.Path]; ok {
			return indent + leaf(k.Path) + ":" + text + "\n"
		}
		text := ""
		if k.Default != "" {
			text = " " + k.Default
		}
		return indent + "#" + leaf(k.Path) + ":" + text + "\n"
	})
}

// document writes each key that stands in the file itself: its section, its comment and what body makes of it.
func document(w io.Writer, body func(k Key, indent string) string) error {
	var b strings.Builder
	section := ""
	for _, k := range Keys() {
		if k.index == nil {
			continue
		}
		indent := ""
		if name, _, ok := strings.Cut(k.Path, "."); ok {
			indent = "  "
			if name != section {
				fmt.Fprintf(&b, "%s:\n", name)
			}
			section = name
		}
		for _, line := range wrap(k.Meaning, 110) {
			b.WriteString(indent + "# " + line + "\n")
		}
		b.WriteString(indent + "# " + facts(k) + "\n")
		b.WriteString(body(k, indent))
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

func facts(k Key) string {
	parts := []string{k.Unit}
	if bounds := k.Bounds(); bounds != "" {
		parts = append(parts, bounds)
	}
	if k.Default != "" {
		parts = append(parts, "default "+k.Default)
	} else {
		parts = append(parts, "no default")
	}
	return strings.Join(append(parts, k.Env), "; ")
}

func (c *Config) tenantLines() string {
	if len(c.Tenants) == 0 {
		return "tenants: []\n"
	}
	var b strings.Builder
	b.WriteString("tenants:\n")
	for i := range c.Tenants {
		v := reflect.ValueOf(&c.Tenants[i]).Elem()
		bullet := "  - "
		for j := range v.NumField() {
			fmt.Fprintf(&b, "%s%s: %s\n", bullet, v.Type().Field(j).Tag.Get("yaml"), written(v.Field(j)))
			bullet = "    "
		}
	}
	return b.String()
}

// Markdown is the reference of all keys, docs/configuration.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Made from the declarations in config/config.go by: go test ./config -update -->

` + "`proofkey serve --config FILE`" + ` reads a YAML file and then the environment, which wins. ` + "`proofkey config init`" + ` writes a
commented file to start from, ` + "`proofkey config print`" + ` shows every key with its value and where it came from. Unknown keys and
impossible values are refused by name before anything listens, all of them together.

Relative paths are relative to the folder of the file that names them (in the environment: to the working directory).
Durations are written as 500ms, 30s or 5m, sizes as 512, 64KiB or 1MiB. Lists in the environment are separated by
commas; ` + "`PROOFKEY_TENANTS`" + ` takes the list in YAML or JSON.

| Key | Meaning | Written as | Default | Environment |
|---|---|---|---|---|
`)
	for _, k := range Keys() {
		written := k.Unit
		if bounds := k.Bounds(); bounds != "" {
			written += " (" + bounds + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Path, k.Meaning, written, code(k.Default), code(k.Env))
	}
	return b.String()
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// leaf is the last name of a key's path.
func leaf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
