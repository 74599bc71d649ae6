package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// fact is one line about a thing.
type fact struct{ name, value string }

// one answers with a thing: v as JSON, or its facts. Facts without a value are left out.
func (s *shell) one(v any, facts ...fact) error {
	if s.json {
		return s.encode(v)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	for _, f := range facts {
		if f.value != "" {
			fmt.Fprintf(w, "%s\t%s\n", f.name, printable(f.value))
		}
	}
	return w.Flush()
}

// many answers with a list: v as a JSON array, or a table.
func (s *shell) many(v any, header string, rows [][]string) error {
	if s.json {
		return s.encode(v)
	}
	if len(rows) == 0 {
		s.note("There are none.")
		return nil
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(header, " ", "\t"))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// done answers a change that leaves nothing to show.
func (s *shell) done(id, format string, args ...any) error {
	if s.json {
		return s.encode(map[string]string{"id": id})
	}
	_, err := fmt.Fprintf(s.out, format+"\n", args...)
	return err
}

func (s *shell) encode(v any) error {
	e := json.NewEncoder(s.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Texts of values in tables.

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// stored is a time as the database keeps it, so that an answer says the same right after a change and later.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// span is a duration in the largest units that say it.
func span(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d > day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime) + " UTC"
}

// lines are the facts of a list: one line an entry, the name at the first.
func lines(name string, list []string) []fact {
	facts := make([]fact, len(list))
	for i, v := range list {
		facts[i] = fact{" ", v}
	}
	if len(facts) > 0 {
		facts[0].name = name
	}
	return facts
}

// flagged is what a table says of a switch that is usually off.
func flagged(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func orText(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}
