package oauth

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parseJSON reads a JSON object (RFC 8259) into parameters in one pass. It exists beside encoding/json because that one
// keeps the last of two equal members, mends invalid UTF-8 in silence, and does not say what is wrong at an offset.
//
// Strings are decoded; numbers and booleans become their literal text; null counts as not sent; objects and arrays
// stay as JSON text, except scope, which may be an array of strings. Offsets in errors count bytes from 0.
func parseJSON(body []byte) (Params, error) {
	s := scanner{body: body}
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return Params{}, s.fail("starts with a byte order mark at offset 0: remove it")
	}
	if s.space(); s.peek() != '{' {
		return Params{}, s.fail("must be an object, but at offset %d there is %s", s.at, s.found())
	}
	var p Params
	err := s.object(func(name string) error {
		value, sent, err := s.parameter(name)
		if err != nil || !sent {
			return err
		}
		return p.add(name, value)
	})
	if err != nil {
		return Params{}, err
	}
	if s.space(); s.at < len(s.body) {
		return Params{}, s.fail("goes on after its end: at offset %d there is %s", s.at, s.found())
	}
	return p, nil
}

// scanner walks over one JSON text; at is the offset of the next byte, depth the number of open objects and arrays.
// Recursion is as deep as the nesting, which is bounded.
type scanner struct {
	body  []byte
	at    int
	depth int
}

// parameter reads the value of a member of the outermost object; sent is false for null.
func (s *scanner) parameter(name string) (value string, sent bool, err error) {
	start, first := s.at, s.peek()
	switch {
	case first == '"':
		value, err = s.text()
		return value, true, err
	case first == '[' && name == "scope":
		value, err = s.scopes()
		return value, true, err
	}
	if err := s.value(); err != nil {
		return "", false, err
	}
	if first == 'n' {
		return "", false, nil
	}
	if name == "scope" {
		return "", false, ScopeNotText()
	}
	return string(s.body[start:s.at]), true, nil
}

// scopes reads an array of strings as the space separated list.
func (s *scanner) scopes() (string, error) {
	var list []string
	err := s.list(']', func() error {
		if s.peek() != '"' {
			if err := s.value(); err != nil {
				return err
			}
			return ScopeNotText()
		}
		text, err := s.text()
		list = append(list, text)
		return err
	})
	return strings.Join(list, " "), err
}

// value checks any value and steps over it.
func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(string) error { return s.value() })
	case c == '[':
		return s.list(']', s.value)
	case c == '"':
		_, err := s.text()
		return err
	case c == '-' || digit(c):
		return s.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if bytes.HasPrefix(s.body[s.at:], []byte(word)) {
			s.at += len(word)
			return nil
		}
	}
	return s.fail("lacks a value at offset %d: there is %s", s.at, s.found())
}

// object calls member at the value of each member. The members' names must differ, at every depth: what is kept as
// text is parsed again later, by a reader that might choose the other one.
func (s *scanner) object(member func(name string) error) error {
	seen := map[string]struct{}{}
	return s.list('}', func() error {
		if s.peek() != '"' {
			return s.fail("lacks a member name in quotation marks at offset %d: there is %s", s.at, s.found())
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if _, twice := seen[name]; twice {
			return DuplicateParameter(name)
		}
		seen[name] = struct{}{}
		if s.space(); s.peek() != ':' {
			return s.fail("lacks a colon at offset %d: there is %s", s.at, s.found())
		}
		s.at++
		s.space()
		return member(name)
	})
}

// list reads an object or an array from its opening to its closing character, calling item at each start of an item.
func (s *scanner) list(closing byte, item func() error) error {
	if s.depth++; s.depth > maxDepth {
		return s.fail("is nested deeper than %d levels at offset %d", maxDepth, s.at)
	}
	defer func() { s.depth-- }()
	s.at++
	if s.space(); s.peek() == closing {
		s.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case closing:
			s.at++
			return nil
		case ',':
			comma := s.at
			s.at++
			if s.space(); s.peek() == closing {
				return s.fail("has a comma at offset %d, before the closing %s: remove the comma", comma, bracket(closing))
			}
		default:
			return s.fail("lacks a comma or the closing %s at offset %d: there is %s", bracket(closing), s.at, s.found())
		}
	}
}

// text reads a string and decodes it.
func (s *scanner) text() (string, error) {
	s.at++
	start := s.at
	for s.at < len(s.body) && s.body[s.at] != '"' && s.body[s.at] != '\\' && plain(s.body[s.at]) {
		s.at++
	}
	if s.peek() == '"' {
		s.at++
		return string(s.body[start : s.at-1]), nil
	}
	out := append([]byte(nil), s.body[start:s.at]...)
	for s.at < len(s.body) {
		switch c := s.body[s.at]; {
		case c == '"':
			s.at++
			return string(out), nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return "", s.fail("has a control character inside a string at offset %d: there is %s", s.at, s.found())
		default:
			r, size := utf8.DecodeRune(s.body[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail("is not valid UTF-8 at offset %d: there is %s", s.at, s.found())
			}
			out = append(out, s.body[s.at:s.at+size]...)
			s.at += size
		}
	}
	return "", s.fail("ends at offset %d inside a string", s.at)
}

// plain is a byte that needs no look at its neighbours.
func plain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf }

// escape reads one escape sequence, or two that make a surrogate pair.
func (s *scanner) escape() (rune, error) {
	start := s.at
	s.at++
	c := s.peek()
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 || s.at >= len(s.body) {
			return 0, s.fail("has an unknown escape sequence at offset %d", start)
		}
		s.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	s.at--
	r, ok := s.unit()
	if ok && utf16.IsSurrogate(r) {
		var low rune
		low, ok = s.unit()
		r = utf16.DecodeRune(r, low)
		ok = ok && r != utf8.RuneError
	}
	switch {
	case !ok:
		return 0, s.fail("has an invalid \\u escape sequence at offset %d", start)
	case r == 0:
		return 0, s.fail("has a NUL character at offset %d", start)
	}
	return r, nil
}

// unit reads one \uXXXX.
func (s *scanner) unit() (rune, bool) {
	rest := s.body[s.at:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range rest[2:6] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	s.at += 6
	return r, true
}

// number checks a number by the grammar of RFC 8259 section 6.
func (s *scanner) number() error {
	if s.peek() == '-' {
		s.at++
	}
	ok := true
	if s.peek() == '0' {
		s.at++
	} else {
		ok = s.digits()
	}
	if ok && s.peek() == '.' {
		s.at++
		ok = s.digits()
	}
	if ok && (s.peek() == 'e' || s.peek() == 'E') {
		if s.at++; s.peek() == '+' || s.peek() == '-' {
			s.at++
		}
		ok = s.digits()
	}
	if !ok {
		return s.fail("lacks a digit of a number at offset %d: there is %s", s.at, s.found())
	}
	return nil
}

// digits steps over one digit or more and reports whether there was one.
func (s *scanner) digits() bool {
	start := s.at
	for digit(s.peek()) {
		s.at++
	}
	return s.at > start
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) space() {
	for {
		switch s.peek() {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte, or 0 at the end; 0 is not part of any JSON text.
func (s *scanner) peek() byte {
	if s.at < len(s.body) {
		return s.body[s.at]
	}
	return 0
}

func (s *scanner) fail(format string, args ...any) error {
	return invalidRequest("The JSON body %s.", fmt.Sprintf(format, args...))
}

// found names what lies at the offset, without characters that error_description must not have (RFC 6749 section 5.2).
func (s *scanner) found() string {
	if s.at >= len(s.body) {
		return "the end of the body"
	}
	switch c := s.body[s.at]; {
	case c == ',':
		return "a comma"
	case c == '"':
		return "a quotation mark"
	case c == '\'':
		return "an apostrophe (JSON has quotation marks)"
	case c == '\\':
		return "a backslash"
	case c == '{' || c == '}' || c == '[' || c == ']':
		return "a " + bracket(c)
	case c > ' ' && c < 0x7f && c != '&':
		return "the character " + string(rune(c))
	default:
		return fmt.Sprintf("the byte 0x%02x", c)
	}
}

func bracket(c byte) string {
	switch c {
	case '{', '}':
		return "brace"
	default:
		return "bracket"
	}
}
