package oauth

import (
	"fmt"
	"iter"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/web/problem"
)

const (
	maxParams     = 100
	maxNameBytes  = 128
	maxValueBytes = 64 << 10
	maxDepth      = 32
)

// Params are the parameters of one request in the order they came, each at most once.
type Params struct {
	pairs []pair
}

type pair struct{ name, value string }

// Get returns the value, or "" when it was not sent.
func (p Params) Get(name string) string {
	for i := range p.pairs {
		if p.pairs[i].name == name {
			return p.pairs[i].value
		}
	}
	return ""
}

// Has reports whether the parameter was sent, even with an empty value.
func (p Params) Has(name string) bool {
	for i := range p.pairs {
		if p.pairs[i].name == name {
			return true
		}
	}
	return false
}

// Names lists the parameters in the order they came.
func (p Params) Names() []string {
	names := make([]string, len(p.pairs))
	for i := range p.pairs {
		names[i] = p.pairs[i].name
	}
	return names
}

// All yields names and values in the order they came.
func (p Params) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, kv := range p.pairs {
			if !yield(kv.name, kv.value) {
				return
			}
		}
	}
}

// Len is the number of parameters.
func (p Params) Len() int { return len(p.pairs) }

// With returns a copy in which name has the value.
func (p Params) With(name, value string) Params {
	pairs := make([]pair, 0, len(p.pairs)+1)
	for _, kv := range p.pairs {
		if kv.name != name {
			pairs = append(pairs, kv)
		}
	}
	return Params{append(pairs, pair{name, value})}
}

// add refuses a repeated name, one parameter too many, and what is too long.
func (p *Params) add(name, value string) error {
	switch {
	case len(name) > maxNameBytes:
		return invalidRequest("A parameter name is %d bytes long; at most %d are accepted.", len(name), maxNameBytes)
	case len(value) > maxValueBytes:
		return invalidRequest("The parameter %s is %d bytes long; at most %d are accepted.", name, len(value), maxValueBytes)
	case p.Has(name):
		return DuplicateParameter(name)
	case len(p.pairs) == maxParams:
		return invalidRequest("The request has more than %d parameters.", maxParams)
	}
	p.pairs = append(p.pairs, pair{name, value})
	return nil
}

// ParseQuery reads a query string or a form body (application/x-www-form-urlencoded). Unlike net/url it loses nothing
// in silence: whatever cannot be decoded is an error, and so is a parameter sent twice.
func ParseQuery(raw string) (Params, error) {
	var p Params
	for len(raw) > 0 {
		segment, rest, _ := strings.Cut(raw, "&")
		raw = rest
		if segment == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(segment, "=")
		name, reason := decode(rawName)
		if reason != "" {
			return Params{}, invalidRequest("A parameter name %s.", reason)
		}
		value, reason := decode(rawValue)
		if reason != "" {
			return Params{}, invalidRequest("The parameter %s %s.", shown(name), reason)
		}
		if err := p.add(name, value); err != nil {
			return Params{}, err
		}
	}
	return p, nil
}

// decode undoes percent-encoding and + for space; reason says what is wrong, or is empty.
func decode(s string) (decoded, reason string) {
	if strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '+') >= 0 {
		var b strings.Builder
		b.Grow(len(s))
		for i := 0; i < len(s); i++ {
			switch s[i] {
			case '+':
				b.WriteByte(' ')
			case '%':
				c, ok := hexPair(s[i+1:])
				if !ok {
					return "", "has a % that is not followed by two hexadecimal digits"
				}
				b.WriteByte(c)
				i += 2
			default:
				b.WriteByte(s[i])
			}
		}
		s = b.String()
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", "has a NUL character"
	}
	if !utf8.ValidString(s) {
		return "", "is not valid UTF-8"
	}
	return s, ""
}

func hexPair(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := hexDigit(s[0]), hexDigit(s[1])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// hexDigit is the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// ParseBody reads the body of a request, form or JSON by its content type. The caller bounds the body's size.
func ParseBody(contentType string, body []byte) (Params, error) {
	if len(body) == 0 {
		return Params{}, invalidRequest("The request has no body: send its parameters as %s.", accepted)
	}
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.TrimSpace(mediaType)
	switch {
	case strings.EqualFold(mediaType, "application/x-www-form-urlencoded"):
		// What curl sends by default; as a form it would only be told which parameters it lacks.
		if body[0] == '{' {
			return Params{}, invalidRequest("The body starts like JSON, but its Content-Type says that it is a form: send application/json.")
		}
		return ParseQuery(string(body))
	case strings.EqualFold(mediaType, "application/json"):
		return parseJSON(body)
	case mediaType == "":
		return Params{}, invalidRequest("The request has no Content-Type: send %s.", accepted)
	}
	return Params{}, invalidRequest("The Content-Type of the request is not accepted: send %s.", accepted)
}

const accepted = "application/json or application/x-www-form-urlencoded"

func invalidRequest(format string, args ...any) error {
	return problem.Explain(http.StatusBadRequest, "invalid_request", fmt.Sprintf(format, args...))
}
