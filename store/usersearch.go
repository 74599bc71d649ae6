package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrField is returned for a condition on a field that users cannot be searched by, or not in this way.
var ErrField = errors.New("store: users cannot be searched so")

// UserQuery picks users, the oldest first unless Sort says otherwise.
type UserQuery struct {
	Where      *Condition // nil: all
	Sort       string     // a field with a column
	Descending bool
	Offset     int
	Limit      int // 0: 50
}

// Condition is one test of a user, or several of them joined.
type Condition struct {
	Op    Op
	Of    []Condition // And, Or, Not
	Field string      // dotted; empty: any field with a name in it
	Value string      // Is, Prefix, Suffix, Contains
	// Range: an empty end is open; with the flag, the end itself is not in it.
	From, To               string
	WithoutFrom, WithoutTo bool
}

// Op is what a condition tests.
type Op int

// The tests.
const (
	And Op = iota + 1
	Or
	Not
	Is
	Prefix
	Suffix
	Contains
	Exists
	Range
)

// fieldKind is how a field compares.
type fieldKind int

const (
	exactText fieldKind = iota + 1
	lowerText           // compared in lower case
	number
	instant // milliseconds
	truth
)

type userField struct {
	expr string
	kind fieldKind
}

// userFields are what users can be searched by, except the metadata and the identities.
var userFields = map[string]userField{
	"user_id":             {"users.id", exactText},
	"email":               {"users.email", lowerText},
	"username":            {"users.username", lowerText},
	"name":                {"users.name_key", lowerText},
	"nickname":            {"users.nickname_key", lowerText},
	"given_name":          {"users.given_name_key", lowerText},
	"family_name":         {"users.family_name_key", lowerText},
	"phone_number":        {"users.profile ->> 'phone_number'", exactText},
	"picture":             {"users.profile ->> 'picture'", exactText},
	"last_ip":             {"users.last_ip", exactText},
	"blocked":             {"users.blocked", truth},
	"email_verified":      {"COALESCE(CAST(users.profile -> 'email_verified' AS TEXT), 'false') = 'true'", truth},
	"phone_verified":      {"COALESCE(CAST(users.profile -> 'phone_verified' AS TEXT), 'false') = 'true'", truth},
	"logins_count":        {"users.logins_count", number},
	"created_at":          {"users.created_at", instant},
	"updated_at":          {"users.updated_at", instant},
	"last_login":          {"users.last_login", instant},
	"last_password_reset": {"users.password_set_at", instant},
}

// unnamed are the fields that a term without a field is looked for in.
var unnamed = []string{"email", "username", "name", "nickname", "given_name", "family_name", "user_id"}

// clause collects the text of a condition and its parameters.
type clause struct{ args []any }

// arg adds a parameter. The cast tells PostgreSQL its type.
func (c *clause) arg(v any) string {
	c.args = append(c.args, v)
	switch v.(type) {
	case string:
		return fmt.Sprintf("CAST($%d AS TEXT)", len(c.args))
	case int64:
		return fmt.Sprintf("CAST($%d AS BIGINT)", len(c.args))
	}
	return fmt.Sprintf("$%d", len(c.args))
}

func (c *clause) condition(w Condition) (string, error) {
	switch {
	case w.Op == And || w.Op == Or || w.Op == Not:
		return c.joined(w)
	case w.Field == "":
		if w.Op != Is && w.Op != Prefix && w.Op != Suffix && w.Op != Contains {
			return "", ErrField
		}
		return c.joined(w.anywhere())
	case strings.HasPrefix(w.Field, "user_metadata.") || strings.HasPrefix(w.Field, "app_metadata."):
		return c.metadata(w)
	case w.Field == "organization_id" && w.Op != Range:
		test, err := c.text("m.organization_id", w)
		return `users.id IN (SELECT m.user_id FROM organization_members m WHERE ` + test + `)`, err
	case strings.HasPrefix(w.Field, "identities."):
		return c.identity(w)
	case w.Field == "email.domain" && w.Op == Is:
		return c.text("users.email", Condition{Op: Suffix, Value: "@" + strings.ToLower(w.Value)})
	}
	f, ok := userFields[w.Field]
	if !ok {
		return "", ErrField
	}
	switch f.kind {
	case lowerText:
		w.Value, w.From, w.To = strings.ToLower(w.Value), strings.ToLower(w.From), strings.ToLower(w.To)
		return c.text(f.expr, w)
	case exactText:
		return c.text(f.expr, w)
	case truth:
		return c.truth(f.expr, w)
	}
	return c.scalar(f, w)
}

func (c *clause) joined(w Condition) (string, error) {
	var parts []string
	for _, of := range w.Of {
		text, err := c.condition(of)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return join(w.Op, parts)
}

// join joins the texts of conditions by And, Or or Not.
func join(op Op, parts []string) (string, error) {
	switch {
	case len(parts) == 0:
		return "", ErrField
	case op == Not:
		// What is not there is not equal to anything: NULL counts as false before it is turned round.
		return `NOT COALESCE(` + parts[0] + `, FALSE)`, nil
	case op == And:
		return `(` + strings.Join(parts, ` AND `) + `)`, nil
	}
	return `(` + strings.Join(parts, ` OR `) + `)`, nil
}

// anywhere is a condition without a field as alternatives.
func (w Condition) anywhere() Condition {
	some := Condition{Op: Or}
	for _, field := range unnamed {
		one := w
		one.Field = field
		some.Of = append(some.Of, one)
	}
	return some
}

// text compares texts. substr and replace tell upper from lower case in both engines, LIKE does not.
func (c *clause) text(expr string, w Condition) (string, error) {
	switch w.Op {
	case Is:
		return expr + ` = ` + c.arg(w.Value), nil
	case Prefix:
		p := c.arg(w.Value)
		if strings.Contains(expr, `->>`) { // which no index has, and PostgreSQL compares in the language of the database
			return fmt.Sprintf(`substr(%[1]s, 1, length(%[2]s)) = %[2]s`, expr, p), nil
		}
		// Columns compare by bytes, so all that begins with a text is between it and this.
		return fmt.Sprintf(`(%[1]s >= %[2]s AND %[1]s <= %[3]s)`, expr, p, c.arg(w.Value+"\U0010FFFF")), nil
	case Suffix:
		p := c.arg(w.Value)
		return fmt.Sprintf(`(length(%[1]s) >= length(%[2]s) AND substr(%[1]s, length(%[1]s) - length(%[2]s) + 1) = %[2]s)`, expr, p), nil
	case Contains:
		return fmt.Sprintf(`replace(%[1]s, %[2]s, '') <> %[1]s`, expr, c.arg(w.Value)), nil
	case Exists:
		return expr + ` IS NOT NULL`, nil
	case Range:
		return c.between(expr, w, func(s string) (any, error) { return s, nil })
	}
	return "", ErrField
}

func (c *clause) truth(expr string, w Condition) (string, error) {
	switch {
	case w.Op == Exists:
		return `TRUE`, nil
	case w.Op == Is && w.Value == "true":
		return `(` + expr + `)`, nil
	case w.Op == Is && w.Value == "false":
		return `NOT (` + expr + `)`, nil
	}
	return "", ErrField
}

func (c *clause) scalar(f userField, w Condition) (string, error) {
	read := readNumber
	if f.kind == instant {
		read = readInstant
	}
	switch w.Op {
	case Exists:
		return f.expr + ` IS NOT NULL`, nil
	case Range:
		return c.between(f.expr, w, read)
	case Is:
		from, err := read(w.Value)
		if err != nil {
			return "", err
		}
		if f.kind == number {
			return f.expr + ` = ` + c.arg(from), nil
		}
		// A date is the whole day.
		to, err := readInstantEnd(w.Value)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf(`(%s >= %s AND %s <= %s)`, f.expr, c.arg(from), f.expr, c.arg(to)), nil
	}
	return "", ErrField
}

// between is a range; the end of a range of days is the end of the day.
func (c *clause) between(expr string, w Condition, read func(string) (any, error)) (string, error) {
	parts := []string{expr + ` IS NOT NULL`}
	for _, end := range []struct {
		value, in, out string
		without        bool
		upper          bool
	}{{w.From, ` >= `, ` > `, w.WithoutFrom, false}, {w.To, ` <= `, ` < `, w.WithoutTo, true}} {
		if end.value == "" {
			continue
		}
		v, err := read(end.value)
		if n, isTime := v.(int64); err == nil && isTime && isDate(end.value) && end.upper != end.without {
			v = n + day - 1
		}
		if err != nil {
			return "", err
		}
		op := end.in
		if end.without {
			op = end.out
		}
		parts = append(parts, expr+op+c.arg(v))
	}
	return `(` + strings.Join(parts, ` AND `) + `)`, nil
}

// identity tests the accounts of a user.
func (c *clause) identity(w Condition) (string, error) {
	column := map[string]string{
		"identities.connection": "i.connection", "identities.provider": "i.provider", "identities.user_id": "i.subject",
	}[w.Field]
	if column == "" || w.Op == Range {
		return "", ErrField
	}
	test, err := c.text(column, w)
	// The OFFSET keeps PostgreSQL from joining, for which it would read all accounts first.
	return `EXISTS (SELECT 1 FROM identities i WHERE i.user_id = users.id AND ` + test + ` LIMIT 1 OFFSET 0)`, err
}

// metadata tests a value at a path. A list holds a value that is one of its texts.
func (c *clause) metadata(w Condition) (string, error) {
	root, path, _ := strings.Cut(w.Field, ".")
	at := `users.profile -> '` + root + `'`
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if !plainName(name) {
			return "", ErrField
		}
		at += ` -> ` + c.arg(name)
	}
	last := names[len(names)-1]
	if !plainName(last) {
		return "", ErrField
	}
	key := c.arg(last)
	whole := `CAST(` + at + ` -> ` + key + ` AS TEXT)` // as JSON
	value := `CAST(` + at + ` ->> ` + key + ` AS TEXT)`
	switch {
	case w.Op == Exists:
		return whole + ` NOT IN ('null', '{}', '[]')`, nil
	case w.Op == Is:
		return c.metadataIs(whole, value, w.Value)
	case root == "user_metadata" || w.Op == Range:
		return "", ErrField
	}
	return c.text(value, w)
}

func (c *clause) metadataIs(whole, value, wanted string) (string, error) {
	quoted, err := json.Marshal(wanted)
	if err != nil {
		return "", err
	}
	// A number or a truth is its own JSON. The engines disagree only about how a truth reads as a text.
	v := c.arg(wanted)
	return fmt.Sprintf(`(%[1]s = %[3]s OR (%[2]s = %[3]s AND %[1]s NOT IN ('true', 'false'))
		OR (substr(%[1]s, 1, 1) = '[' AND replace(%[1]s, %[4]s, '') <> %[1]s))`, whole, value, v, c.arg(string(quoted))), nil
}

// plainName keeps out what the engines would read as a path.
func plainName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) < 0
}
