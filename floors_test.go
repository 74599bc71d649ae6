package proofkey_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/proofkey/proofkey/"

// A room is a package with what it may import of ours, and why not more. Rooms stand in the order of the floors: a room
// imports only from rooms above it in this table. docs/decisions/0001-floors.md argues the edges.
type room struct {
	path    string
	imports string // space separated; * is every room above
	why     string
}

var house = []room{
	// Floor 0: words, rows, the HTTP kit.
	{"attack", "", "it speaks HTTP to any provider, so it may know nothing of this one"},
	{"config", "", "the settings are read before anything else exists"},
	{"web/problem", "", "every room returns its errors, so it can stand on none"},
	{"web", "web/problem", "the HTTP kit serves every room and knows none of their nouns"},
	{"oauth", "web/problem", "protocol words and pure rules: no I/O, so no rows and no requests"},
	{"store", "oauth web/problem", "rows and SQL: behaviour is above it; of the protocol it knows the words, such as scopes"},

	{"backup", "store", "the form of a backup: it moves rows as they are and knows none of their meanings"},
	{"liquid", "", "what tenants write runs where nothing of the server is in reach"},

	// Floor 1: what every capability uses.
	{"events", "store web", "one record per outcome: it describes the request and never decides about it"},
	{"events/explain", "events oauth store", "it tells from the log why something ended as it did; it decides nothing, so it needs no room that does"},
	{"oauth/keys", "oauth store web/problem", "the only room with private keys and a JOSE library: few may stand under it"},

	// Floor 2: who somebody is, and what a transaction owes.
	{"identity/limits", "events oauth store web web/problem", "counters that refuse: they know an address and an account, not how a password is checked"},
	{"identity", "identity/limits events oauth store web web/problem", "users and passwords do not know which page or grant asked"},
	{"identity/session", "events store web web/problem", "a browser session outlives the protocol run that made it"},
	{"oauth/claims", "oauth oauth/keys store web/problem", "what goes into a token is a function of rows; requests stop at the endpoint"},
	{"oauth/clientauth", "oauth oauth/keys store web web/problem", "who is calling is settled before what they ask for"},
	{"login/flow", "oauth identity/session events store web web/problem", "authorize, login and token meet here, so it can import none of them"},

	// Floor 3: the endpoints.
	{"oauth/token", "oauth oauth/clientauth oauth/claims oauth/keys events store web web/problem", "the token endpoint must work when no page does: nothing of login, sessions or passwords"},
	{"oauth/authorize", "oauth oauth/clientauth oauth/claims oauth/keys login/flow identity/session events store web web/problem", "it turns a request into a transaction and hands it to login/flow; pages are login's, exchanges are token's"},
	{"oauth/logout", "oauth oauth/keys identity/session events store web web/problem", "it ends sessions; it starts nothing"},
	{"oauth/discovery", "oauth oauth/keys store web web/problem", "metadata is built from values that app hands in, not from the endpoints"},

	// Floor 4: what people see, and what runs by itself.
	{"login", "login/flow liquid identity identity/limits identity/session events oauth store web web/problem", "pages render steps of login/flow; codes and tokens are not theirs to make"},
	{"management", "events identity identity/limits oauth store web/problem", "what an administrator does to a tenant, its defaults and refusals: no page, no token"},
	{"management/api", "management liquid oauth oauth/keys identity identity/limits events events/explain store web web/problem", "the Management API speaks HTTP for management: it checks tokens and issues none"},
	{"management/auth0", "management management/api oauth oauth/keys store", "it reads what another service's tools export and asks management/api for it, as a caller would: no row but through there"},
	{"dashboard", "management identity/session oauth store web web/problem", "the console is a client of the provider and of the Management API: it asks them as HTTP handlers, and keeps its own sessions only"},
	{"jobs", "events management oauth/keys store", "ticks clean and rotate rows, and do what a request left to them; they answer none"},

	// Floors 5 and 6: everything together, and the doors.
	{"app", "*", "the composition root is the only room that knows all others"},
	{"idptest", "*", "the public test harness starts app and fills its store"},
	{"cmd/proofkey", "app attack backup config events events/explain identity management management/auth0 oauth oauth/keys store web", "flags, signals and the admin verbs; what they do is done below"},
	{"torture", "app identity management store", "it fills a tenant, then knows the server by its answers only, as clients do"},
	{"bench", "idptest app management oauth oauth/keys store", "it measures the server as clients see it, and the bare signatures beside it"},
}

func TestFloors(t *testing.T) {
	rows := map[string]room{}
	for _, r := range house {
		for below := range strings.FieldsSeq(r.imports) {
			if _, above := rows[below]; below != "*" && !above {
				t.Errorf("the table lets %s import %s, which does not stand before it: a room imports only from floors below", r.path, below)
			}
		}
		rows[r.path] = r
	}

	packages := rooms(t)
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		r, known := rows[path]
		if !known {
			t.Errorf("package %s has no row in floors_test.go: a new package needs its own reason to change; without one it is a file of another", path)
			continue
		}
		for edge, file := range ownImports(packages[path]) {
			if !r.allows(edge) {
				t.Errorf("%s imports %s, which its row does not have.\n\t%s: %s.\n\tIt may import: %s", file, edge, path, r.why, orNone(r.imports))
			}
		}
	}
	for _, r := range house {
		if packages[r.path] == nil {
			t.Errorf("floors_test.go has a row for %s, but there is no such package: the table is the map of the house, so take the row out", r.path)
		}
	}
}

func (r room) allows(path string) bool {
	if r.imports != "*" {
		return slices.Contains(strings.Fields(r.imports), path)
	}
	at := slices.IndexFunc(house, func(o room) bool { return o.path == path })
	return at >= 0 && at < slices.IndexFunc(house, func(o room) bool { return o.path == r.path })
}

// The doc comment is where a package says what it keeps true; one in a second file would be a second truth.
func TestPackageComments(t *testing.T) {
	for path, files := range rooms(t) {
		var docs, in []string
		for _, f := range files {
			if f.ast.Doc != nil {
				docs, in = append(docs, f.ast.Doc.Text()), append(in, f.path)
			}
		}
		if len(docs) != 1 {
			t.Errorf("package %s has %d package comments %v, it needs exactly one", path, len(docs), in)
			continue
		}
		if complaint := judgeComment(files[0].ast.Name.Name, docs[0]); complaint != "" {
			t.Errorf("%s: the package comment %s", in[0], complaint)
		}
	}
}

var sentenceEnd = regexp.MustCompile(`[.!?][)"']*(\s|$)`)

func judgeComment(name, doc string) string {
	if name != "main" && !strings.HasPrefix(doc, "Package "+name+" ") {
		return fmt.Sprintf("does not begin with %q", "Package "+name)
	}
	if n := len(sentenceEnd.FindAllString(doc, -1)); n < 2 {
		return "has fewer than two sentences: say what the package keeps true, not only what it is called"
	}
	return ""
}

// rooms are the packages of the module by path, with the files that are built into them on any system. Packages of tests
// only are none, and interop stands outside: it knows the server by its binary.
func rooms(t *testing.T) map[string][]source {
	t.Helper()
	found := map[string][]source{}
	for _, s := range tree(t) {
		if s.ast != nil && !s.test() && !strings.HasPrefix(s.path, "interop/") {
			found[s.dir()] = append(found[s.dir()], s)
		}
	}
	return found
}

// ownImports maps each room that files import to a file that does.
func ownImports(files []source) map[string]string {
	edges := map[string]string{}
	for _, f := range files {
		for _, spec := range f.ast.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if own, ok := strings.CutPrefix(path, module); ok && err == nil {
				edges[own] = f.path
			}
		}
	}
	return edges
}

func orNone(s string) string {
	if s == "" {
		return "nothing of ours"
	}
	return s
}

func TestFloorsBite(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"oauth/token", "oauth/claims", true},
		{"oauth/token", "login/flow", false},
		{"oauth/authorize", "login", false},
		{"login", "oauth/authorize", false},
		{"store", "web", false},
		{"app", "login", true},
		{"app", "idptest", false},
		{"idptest", "app", true},
	} {
		i := slices.IndexFunc(house, func(r room) bool { return r.path == c.from })
		if got := house[i].allows(c.to); got != c.want {
			t.Errorf("%s may import %s: got %v, want %v", c.from, c.to, got, c.want)
		}
	}
	for doc, fine := range map[string]bool{
		"Package x holds rows. Nothing else does.": true,
		"Package x holds rows.":                    false,
		"Holds rows. Nothing else does.":           false,
	} {
		if got := judgeComment("x", doc) == ""; got != fine {
			t.Errorf("package comment %q accepted: got %v, want %v", doc, got, fine)
		}
	}
}
