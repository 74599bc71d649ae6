package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web/problem"
)

// Bounds of a search.
const (
	maxSearch      = 2048 // bytes
	maxSearchTerms = 50
	maxSearchDepth = 10
)

func badSearch() *problem.Error {
	return problem.New(http.StatusBadRequest, invalidQuery, "The query is not valid: see the syntax of user search.")
}

// searchError is what a field that cannot be searched, or not so, comes to.
func searchError(err error) error {
	if errors.Is(err, store.ErrField) {
		return badSearch().Because(err)
	}
	return err
}

// userQuery reads q, connection and sort.
func userQuery(c *call) (q store.UserQuery, err error) {
	q.Offset, q.Limit = c.page.offset, c.page.limit
	if v := c.query.Get("search_engine"); v != "" && v != "v3" {
		return q, queryError("No enum match for: "+cut(v, 40), "search_engine")
	}
	if v := c.query.Get("sort"); v != "" {
		field, direction, _ := strings.Cut(v, ":")
		if direction != "1" && direction != "-1" {
			return q, queryError("String does not match pattern ^[^:]+:(1|-1)$", "sort")
		}
		q.Sort, q.Descending = field, direction == "-1"
	}
	all := store.Condition{Op: store.And}
	if v := strings.TrimSpace(c.query.Get("q")); v != "" {
		w, err := parseSearch(v)
		if err != nil {
			return q, err
		}
		all.Of = append(all.Of, w)
	}
	if v := c.query.Get("connection"); v != "" {
		all.Of = append(all.Of, store.Condition{Op: store.Is, Field: "identities.connection", Value: v})
	}
	if len(all.Of) > 0 {
		q.Where = &all
	}
	return q, nil
}

// token is a piece of a search: a word, a quoted text, or one of ( ) [ ] { } :
type token struct {
	text   string
	quoted bool
	mark   bool
	glued  bool // nothing stands between it and the one before
}

// search parses the Lucene syntax: what stands side by side must both hold, as AND; NOT binds closest, then AND, then OR.
type search struct {
	tokens []token
	terms  int
}

func parseSearch(text string) (store.Condition, error) {
	if len(text) > maxSearch {
		return store.Condition{}, badSearch()
	}
	s := &search{}
	if !s.split(text) {
		return store.Condition{}, badSearch()
	}
	w, err := s.or("", 0)
	if err == nil && len(s.tokens) > 0 {
		err = badSearch()
	}
	return w, err
}

const marks = "()[]{}:"

// split cuts the text into tokens; false when a quotation mark is not closed. A colon is a mark only behind a first word:
// times have colons too.
func (s *search) split(text string) bool {
	glued := false
	for text != "" {
		switch r := text[0]; {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			text, glued = text[1:], false
			continue
		case r == '"':
			word, rest, ok := quotedWord(text[1:])
			if !ok {
				return false
			}
			s.tokens, text = append(s.tokens, token{word, true, false, glued}), rest
		case strings.IndexByte(marks, r) >= 0:
			s.tokens, text = append(s.tokens, token{string(r), false, true, glued}), text[1:]
		default:
			afterColon := len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].mark && s.tokens[len(s.tokens)-1].text == ":"
			word, rest := bareWord(text, afterColon || s.inRange())
			s.tokens, text = append(s.tokens, token{word, false, false, glued}), rest
		}
		glued = true
	}
	return true
}

// inRange says whether the last bracket is open.
func (s *search) inRange() bool {
	for i := len(s.tokens) - 1; i >= 0; i-- {
		if t := s.tokens[i]; t.mark && strings.Contains("[]{}", t.text) {
			return t.text == "[" || t.text == "{"
		}
	}
	return false
}

func quotedWord(text string) (word, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return b.String(), text[i+1:], true
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", false
}

func bareWord(text string, colons bool) (word, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == ':' && colons:
			b.WriteByte(c)
		case strings.IndexByte(marks+" \t\r\n\"", c) >= 0:
			return b.String(), text[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

func (s *search) next(text string) bool {
	if len(s.tokens) == 0 || s.tokens[0].quoted || s.tokens[0].text != text {
		return false
	}
	s.tokens = s.tokens[1:]
	return true
}

// or reads alternatives; field is the one before the parenthesis, as in name:(jane OR john).
func (s *search) or(field string, depth int) (store.Condition, error) {
	return s.several(store.Or, "OR", "||", func() (store.Condition, error) { return s.and(field, depth) })
}

func (s *search) and(field string, depth int) (store.Condition, error) {
	all := store.Condition{Op: store.And}
	for {
		one, err := s.not(field, depth)
		if err != nil {
			return one, err
		}
		all.Of = append(all.Of, one)
		if s.next("AND") || s.next("&&") {
			continue
		}
		if len(s.tokens) == 0 || s.at("OR") || s.at("||") || s.at(")") {
			break
		}
	}
	if len(all.Of) == 1 {
		return all.Of[0], nil
	}
	return all, nil
}

func (s *search) several(op store.Op, word, sign string, read func() (store.Condition, error)) (store.Condition, error) {
	all := store.Condition{Op: op}
	for {
		one, err := read()
		if err != nil {
			return one, err
		}
		all.Of = append(all.Of, one)
		if !s.next(word) && !s.next(sign) {
			break
		}
	}
	if len(all.Of) == 1 {
		return all.Of[0], nil
	}
	return all, nil
}

func (s *search) at(text string) bool {
	return len(s.tokens) > 0 && !s.tokens[0].quoted && s.tokens[0].text == text
}

func (s *search) not(field string, depth int) (store.Condition, error) {
	if depth > maxSearchDepth {
		return store.Condition{}, badSearch()
	}
	negated := s.next("NOT") || s.next("!")
	if !negated && len(s.tokens) > 0 && !s.tokens[0].quoted && !s.tokens[0].mark && len(s.tokens[0].text) > 1 {
		if sign := s.tokens[0].text[0]; sign == '-' || sign == '!' || sign == '+' {
			s.tokens[0].text, negated = s.tokens[0].text[1:], sign != '+'
		}
	}
	w, err := s.term(field, depth)
	if err != nil || !negated {
		return w, err
	}
	return store.Condition{Op: store.Not, Of: []store.Condition{w}}, nil
}

func (s *search) term(field string, depth int) (store.Condition, error) {
	if s.terms++; s.terms > maxSearchTerms || len(s.tokens) == 0 {
		return store.Condition{}, badSearch()
	}
	if s.next("(") {
		w, err := s.or(field, depth+1)
		if err == nil && !s.next(")") {
			err = badSearch()
		}
		return w, err
	}
	t := s.tokens[0]
	if t.mark && (t.text == "[" || t.text == "{") && field != "" {
		return s.between(field)
	}
	if t.mark || !t.quoted && slices.Contains([]string{"AND", "OR", "NOT", "&&", "||", "!"}, t.text) {
		return store.Condition{}, badSearch()
	}
	s.tokens = s.tokens[1:]
	if s.at(":") && s.tokens[0].glued && !t.quoted && field == "" {
		s.tokens = s.tokens[1:]
		if t.text == "_exists_" {
			return s.exists()
		}
		return s.term(t.text, depth)
	}
	return value(field, t)
}

func (s *search) exists() (store.Condition, error) {
	if len(s.tokens) == 0 || s.tokens[0].mark {
		return store.Condition{}, badSearch()
	}
	field := s.tokens[0].text
	s.tokens = s.tokens[1:]
	return store.Condition{Op: store.Exists, Field: field}, nil
}

// between reads [a TO b], with { } for ends that do not belong to it.
func (s *search) between(field string) (store.Condition, error) {
	if len(s.tokens) < 5 || s.tokens[1].mark || s.tokens[3].mark || s.tokens[2].text != "TO" || s.tokens[2].quoted {
		return store.Condition{}, badSearch()
	}
	last := s.tokens[4]
	if !last.mark || last.text != "]" && last.text != "}" {
		return store.Condition{}, badSearch()
	}
	w := store.Condition{Op: store.Range, Field: field, WithoutFrom: s.tokens[0].text == "{", WithoutTo: last.text == "}"}
	for i, into := range map[int]*string{1: &w.From, 3: &w.To} {
		if t := s.tokens[i]; t.quoted || t.text != "*" {
			*into = t.text
		}
	}
	s.tokens = s.tokens[5:]
	return w, nil
}

// minSuffix is the number of letters that a wildcard in front needs.
const minSuffix = 3

// value is a text or a pattern with one or two stars.
func value(field string, t token) (store.Condition, error) {
	w := store.Condition{Op: store.Is, Field: field, Value: t.text}
	if t.quoted || !strings.Contains(t.text, "*") {
		return w, nil
	}
	if t.text == "*" {
		w.Op = store.Exists
		return w, nil
	}
	front, back := strings.HasPrefix(t.text, "*"), strings.HasSuffix(t.text, "*")
	w.Value = strings.Trim(t.text, "*")
	switch {
	case strings.Contains(w.Value, "*") || front && len(w.Value) < minSuffix:
		return w, badSearch()
	case front && back:
		w.Op = store.Contains
	case front:
		w.Op = store.Suffix
	default:
		w.Op = store.Prefix
	}
	return w, nil
}
