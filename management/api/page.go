package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/web/problem"
)

// document is an entity as it goes over the wire.
type document = map[string]any

// page is which part of a list is asked for.
type page struct {
	offset, limit int
	totals        bool
	// checkpoint: after is the place behind which the page begins, as the former page told it; empty is the beginning.
	checkpoint bool
	after      []string
}

// listing is the answer of a list. total counts for pages with totals, next for checkpoints: it is empty on the last page.
type listing struct {
	items []document
	total int
	next  []string
	extra document // beside the list where the answer is an object
}

const defaultPage, maxPage = 50, 100

// readPage reads the paging parameters as the endpoint has them; take and from win over everything else.
func readPage(e endpoint, q url.Values) (p page, err error) {
	_, only := e.listKey()
	if e.takes() && (only || q.Has("take") || q.Has("from")) {
		p.checkpoint = true
		size := e.query["take"]
		if p.limit, err = number(q, "take", pick(size.absent, defaultPage), 1, pick(size.greatest, maxPage)); err != nil {
			return p, err
		}
		p.after, err = readCheckpoint(q.Get("from"))
		return p, err
	}
	size, paged := e.query["per_page"]
	if !paged {
		return page{limit: -1}, nil
	}
	if p.totals, err = boolean(q, "include_totals", false); err != nil {
		return p, err
	}
	least := 1
	if p.totals {
		least = 0
	}
	if p.limit, err = number(q, "per_page", pick(size.absent, defaultPage), least, pick(size.greatest, maxPage)); err != nil {
		return p, err
	}
	n, err := number(q, "page", 0, 0, 1<<20)
	p.offset = n * p.limit
	return p, err
}

func pick(n, absent int) int {
	if n == 0 {
		return absent
	}
	return n
}

func number(q url.Values, name string, absent, least, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, queryError("Expected type integer but found type string", name)
	case n < least:
		return 0, queryError(fmt.Sprintf("Value %d is less than minimum %d", n, least), name)
	case n > most:
		return 0, queryError(fmt.Sprintf("Value %d is greater than maximum %d", n, most), name)
	}
	return n, nil
}

func boolean(q url.Values, name string, absent bool) (bool, error) {
	switch q.Get(name) {
	case "":
		return absent, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, queryError("Expected type boolean but found type string", name)
}

// A checkpoint is opaque to clients: what a list is sorted by, of the last item that was sent.
func checkpointText(after []string) string {
	b, err := json.Marshal(after)
	if err != nil {
		panic("api: " + err.Error()) // texts always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCheckpoint(text string) (after []string, err error) {
	if text == "" {
		return nil, nil
	}
	if isLogID(text) {
		return []string{text}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err == nil {
		err = json.Unmarshal(b, &after)
	}
	if err != nil || len(after) == 0 || len(text) > 2048 {
		return nil, queryError("Invalid value \""+cut(text, 64)+"\"", "from")
	}
	return after, nil
}

// pageOf takes the page out of a list that is small enough to be read whole; all are sorted by id, which tells their order.
func pageOf(p page, all []document, id func(document) string) listing {
	l := listing{total: len(all)}
	from := p.offset
	if p.checkpoint && len(p.after) > 0 {
		from, _ = slices.BinarySearchFunc(all, p.after[0], func(d document, after string) int {
			if id(d) <= after {
				return -1
			}
			return 1
		})
	}
	from = min(from, len(all))
	to := len(all)
	if p.limit >= 0 {
		to = min(from+p.limit, len(all))
	}
	l.items = all[from:to]
	if p.checkpoint && to < len(all) && to > from {
		l.next = []string{id(all[to-1])}
	}
	return l
}

// shape is the answer of a list in the form that was asked for.
func (l listing) shape(e endpoint, p page) any {
	items := l.items
	if items == nil {
		items = []document{}
	}
	key, _ := e.listKey()
	form := ""
	for _, f := range e.lists {
		if _, f, ok := strings.Cut(f, ":"); ok {
			form = f
		}
	}
	out := document{key: items}
	maps.Copy(out, l.extra)
	switch {
	case key == "":
		return items
	case p.checkpoint:
		if len(l.next) > 0 {
			out["next"] = checkpointText(l.next)
		}
	case form == "per_page", form == "per_page_zeros":
		perPage(out, l, p, form == "per_page_zeros")
	case p.totals:
		out["start"], out["limit"], out["total"] = p.offset, p.limit, l.total
	case form == "totals" || slices.Contains(e.lists, "array"):
		return items
	}
	return out
}

// perPage is the form of the lists of actions, which leaves out zeros; that of their modules does not.
func perPage(out document, l listing, p page, zeros bool) {
	out["per_page"] = p.limit
	if l.total > 0 || zeros {
		out["total"] = l.total
	}
	if n := p.offset / max(p.limit, 1); n > 0 || zeros {
		out["page"] = n
	}
}

// selection is which properties of an entity are asked for.
type selection struct {
	names   []string
	exclude bool
}

func readSelection(q url.Values, known *schema) (s selection, err error) {
	include, err := boolean(q, "include_fields", true)
	if err != nil || q.Get("fields") == "" {
		return selection{}, err
	}
	s.exclude = !include
	for name := range strings.SplitSeq(q.Get("fields"), ",") {
		name = strings.TrimSpace(name)
		if known != nil && !known.knows(name) {
			return s, queryError(fmt.Sprintf("String '%s' does not match pattern. Must be a comma separated list of the following values: %s",
				cut(q.Get("fields"), 100), strings.Join(known.names(), ",")), "fields")
		}
		s.names = append(s.names, name)
	}
	return s, nil
}

// of is the entity with what is asked for. A dotted name picks inside of an object.
func (s selection) of(d document, always ...string) document {
	if len(s.names) == 0 {
		return d
	}
	out := document{}
	for name, v := range d {
		if slices.Contains(s.names, name) != s.exclude || slices.Contains(always, name) {
			out[name] = v
		}
	}
	return out
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// checkQuery refuses unknown parameters, missing ones, and values that no database could compare with anything. Lists let every
// paging parameter pass.
func checkQuery(e endpoint, q url.Values) *problem.Error {
	_, every := e.query["*"] // recorded taking a parameter that nobody knows
	for _, name := range slices.Sorted(maps.Keys(q)) {
		_, known := e.query[name]
		known = known || every
		if !known && !(e.method == "GET" && slices.Contains(paging, name)) {
			return queryError("Additional properties not allowed: "+cut(name, 64), "")
		}
		if value := strings.Join(q[name], ""); !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0 {
			return queryError("Invalid value", cut(name, 64))
		}
	}
	for name, p := range e.query {
		if p.required && q.Get(name) == "" {
			return queryError("Missing required property: "+name, "")
		}
	}
	return nil
}
