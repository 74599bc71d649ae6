package api

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed endpoints.tsv
var endpointTable string

// endpoint is a row of endpoints.tsv: what is known of an operation, whether it is built or not.
type endpoint struct {
	method, path string
	scopes       []string // any of them is enough; one that has & needs both its sides
	status       int
	lists        []string // key:form
	query        map[string]parameter
	name         string // the name under which the SDKs have it
}

// parameter is a query parameter.
type parameter struct {
	required         bool
	absent, greatest int // of numbers; 0: not said
}

// paging are the parameters that clients send to every list, whether it has pages or not.
var paging = []string{"page", "per_page", "include_totals", "from", "take", "fields", "include_fields"}

// endpoints are the rows by method and path.
var endpoints = sync.OnceValue(func() map[string]endpoint {
	all := map[string]endpoint{}
	for row := range rowsOf(endpointTable) {
		status, err := strconv.Atoi(row[3])
		if err != nil {
			panic("api: endpoints.tsv: " + row[1] + ": " + err.Error())
		}
		e := endpoint{method: row[0], path: row[1], scopes: split(row[2], "|"), status: status, lists: split(row[4], ","), name: row[6]}
		e.query = map[string]parameter{}
		for _, p := range split(row[5], ",") {
			name, q := readParameter(p)
			e.query[name] = q
		}
		all[e.method+" "+e.path] = e
	}
	return all
})

// readParameter reads name=default<=greatest and name!.
func readParameter(text string) (string, parameter) {
	var p parameter
	text, most, _ := strings.Cut(text, "<=")
	p.greatest, _ = strconv.Atoi(most)
	text, absent, _ := strings.Cut(text, "=")
	p.absent, _ = strconv.Atoi(absent)
	text, p.required = strings.CutSuffix(text, "!")
	return text, p
}

// rowsOf are the rows of a table of tab-separated columns, without its heading; "-" is an empty cell.
func rowsOf(table string) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(table) {
			row := strings.Split(strings.TrimRight(line, "\n"), "\t")
			for i := range row {
				if row[i] == "-" {
					row[i] = ""
				}
			}
			if !strings.HasPrefix(line, "#") && !yield(row) {
				return
			}
		}
	}
}

func split(s, by string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, by)
}

// listKey is the name of the list in the answer that is an object; checkpoint says whether the list has that form only.
func (e endpoint) listKey() (key string, checkpoint bool) {
	forms := 0
	for _, l := range e.lists {
		k, form, _ := strings.Cut(l, ":")
		if form == "" {
			forms++
			continue
		}
		key, forms = k, forms+1
		checkpoint = form == "next"
	}
	return key, checkpoint && forms == 1
}

// takes says whether the list has pages after a checkpoint; where there is no take, from is something else.
func (e endpoint) takes() bool {
	_, take := e.query["take"]
	return take
}
