package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
)

func (r resource) body(n int) string { return r.text(r.least, n) }

func (r resource) text(s string, n int) string {
	return strings.NewReplacer("#", strconv.Itoa(n), "~", "#", "{before}", r.prior).Replace(s)
}

// prepared makes what must be there first.
func (r resource) prepared(s *tenant) resource {
	if r.before != nil {
		r.prior = r.before(s)
	}
	return r
}

func (r resource) id() string {
	if r.idIn == "" {
		return "id"
	}
	return r.idIn
}

// make creates the nth and is its id.
func (r resource) make(s *tenant, n int) string {
	s.t.Helper()
	a := s.call("POST", r.path, r.body(n))
	id, ok := a.at(r.id()).(string)
	if a.status >= 300 || !ok {
		s.t.Fatalf("POST %s: %d %s", r.path, a.status, a.text)
	}
	return id
}

// resourceAt is the resource of a path.
func resourceAt(path string) resource {
	return resources[slices.IndexFunc(resources, func(r resource) bool { return r.path == path })]
}

func decoded(text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return v
}

// same compares an answer with what it should be; times and the id are not compared.
func (r resource) same(t *testing.T, what string, a answer, want string) {
	t.Helper()
	got := maps.Clone(a.object())
	for _, name := range append([]string{r.id(), "created_at", "updated_at"}, r.fresh...) {
		delete(got, name)
	}
	if !reflect.DeepEqual(any(got), decoded(want)) {
		t.Errorf("%s: %d %s, want %s", what, a.status, a.text, want)
	}
}

// known is a row of the table of endpoints.
func known(method, path string) (api.Known, bool) {
	all := api.Endpoints()
	i := slices.IndexFunc(all, func(e api.Known) bool { return e.Method == method && e.Path == path })
	if i < 0 {
		return api.Known{}, false
	}
	return all[i], true
}

func TestStored(t *testing.T) {
	for _, r := range resources {
		t.Run(strings.Trim(r.path, "/"), func(t *testing.T) {
			s := open(t)
			r := r.prepared(s)
			_, lists := known("GET", r.path)
			if lists {
				if got := items(s.want(200, "GET", r.path, nil)); len(got) != 0 {
					t.Errorf("a fresh tenant has %v", got)
				}
			}
			made := s.call("POST", r.path, r.body(1))
			r.same(t, "POST", made, r.text(r.shown, 1))
			id, _ := made.at(r.id()).(string)
			one := r.path + "/" + id
			if id == "" {
				t.Fatalf("no id: %s", made.text)
			}
			r.alone(t, s, one, made)
			r.conceals(t, s, id)
			if r.taken != "" {
				s.refused(s.call("POST", r.path, r.body(1)), 409, "", r.taken)
			}
			if lists {
				r.pages(t, s, id)
			}
			if r.change != "" {
				changed := s.want(200, "PATCH", one, r.change)
				r.same(t, "PATCH", changed, r.text(r.changed, 1))
				r.alone(t, s, one, changed)
			}
			if r.replace != "" {
				replaced := s.want(200, "PUT", one, r.replace)
				r.same(t, "PUT", replaced, r.replace)
				r.alone(t, s, one, replaced)
			}
			r.ends(t, s, id)
		})
	}
}

// alone compares GET of one with the answer to what changed it.
func (r resource) alone(t *testing.T, s *tenant, path string, changed answer) {
	t.Helper()
	want := maps.Clone(changed.object())
	if r.shownAlone != "" {
		maps.Copy(want, decoded(r.shownAlone).(map[string]any))
	}
	if got := s.want(200, "GET", path, nil); !reflect.DeepEqual(got.body, any(want)) {
		t.Errorf("GET: %s, want %v", got.text, want)
	}
}

// conceals: secrets lie sealed, and what answers never have is in none.
func (r resource) conceals(t *testing.T, s *tenant, id string) {
	t.Helper()
	d, err := s.DB.Document(t.Context(), r.entity, id)
	if err != nil {
		t.Fatal(err)
	}
	open, err := json.Marshal(d.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{r.secret, r.hidden} {
		if secret != "" && (strings.Contains(string(open), secret) || !strings.Contains(d.Secret, secret)) {
			t.Errorf("%q is not sealed: %s", secret, open)
		}
	}
	for _, path := range []string{r.path, r.path + "/" + id} {
		if a := s.call("GET", path, nil); r.secret != "" && strings.Contains(a.text, r.secret) {
			t.Errorf("GET %s shows the secret: %s", path, a.text)
		}
	}
}

// items are the elements of a list in whichever form it is.
func items(a answer) []any {
	if list, ok := a.body.([]any); ok {
		return list
	}
	for _, v := range a.object() {
		if list, ok := v.([]any); ok {
			return list
		}
	}
	return nil
}

// pages makes more and reads them in every form that the list has.
func (r resource) pages(t *testing.T, s *tenant, first string) {
	t.Helper()
	want := []string{first}
	for n := 2; n <= 5; n++ {
		want = append(want, r.make(s, n))
	}
	ids := func(a answer) (all []string) {
		for _, v := range items(a) {
			all = append(all, v.(map[string]any)[r.id()].(string))
		}
		return all
	}
	all := ids(s.want(200, "GET", r.path, nil))
	if got := slices.Sorted(slices.Values(all)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the list has %v, want %v", got, want)
	}
	list, _ := known("GET", r.path)
	for _, form := range list.Lists {
		key, form, _ := strings.Cut(form, ":")
		switch form {
		case "totals":
			got := s.want(200, "GET", r.path+"?page=1&per_page=2&include_totals=true", nil)
			if !slices.Equal(ids(got), all[2:4]) || got.at("start") != 2.0 || got.at("limit") != 2.0 || got.at("total") != 5.0 || got.at(key) == nil {
				t.Errorf("the second page: %s", got.text)
			}
			if got := s.want(200, "GET", r.path+"?page=9&per_page=2&include_totals=true", nil); len(items(got)) != 0 || got.at("total") != 5.0 {
				t.Errorf("past the end: %s", got.text)
			}
			s.refused(s.call("GET", r.path+"?per_page=101", nil), 400, "invalid_query_string",
				"Query validation error: 'Value 101 is greater than maximum 100' on property per_page.")
		case "next":
			var walked []string
			for query := "?take=2"; ; {
				got := s.want(200, "GET", r.path+query, nil)
				walked = append(walked, ids(got)...)
				next, more := got.at("next").(string)
				if !more || len(walked) > 5 {
					break
				}
				query = "?take=2&from=" + next
			}
			if !slices.Equal(slices.Sorted(slices.Values(walked)), slices.Sorted(slices.Values(want))) {
				t.Errorf("by checkpoints there are %v, want %v", walked, want)
			}
			if a := s.call("GET", r.path+"?take=2&from=nonsense", nil); a.status != 400 {
				t.Errorf("a checkpoint that is none: %d %s", a.status, a.text)
			}
		}
	}
}

// ends deletes one, twice, and asks for it afterwards.
func (r resource) ends(t *testing.T, s *tenant, id string) {
	t.Helper()
	one := r.path + "/" + id
	single := r.path + "/{id}"
	if _, deletes := known("DELETE", single); !deletes {
		return
	}
	if a := s.call("DELETE", one, nil); a.status >= 300 {
		t.Errorf("DELETE: %d %s", a.status, a.text)
	}
	if a := s.call("DELETE", one, nil); a.status != r.again {
		t.Errorf("DELETE again: %d %s, want %d", a.status, a.text, r.again)
	}
	absent := strings.ReplaceAll(r.absent, "{id}", id)
	s.refused(s.call("GET", one, nil), 404, r.absentCode, absent)
	if _, patches := known("PATCH", single); patches {
		s.refused(s.call("PATCH", one, "{}"), 404, r.absentCode, absent)
	}
}

func TestSingletons(t *testing.T) {
	for _, r := range singletons {
		t.Run(strings.Trim(r.path, "/"), func(t *testing.T) {
			s := open(t)
			all := resource{entity: r.entity, path: r.path, secret: r.secret, hidden: r.hidden}
			if r.fresh == "" {
				s.refused(s.call("GET", r.path, nil), 404, r.absentCode, r.absent)
			} else {
				all.same(t, "fresh", s.want(200, "GET", r.path, nil), r.fresh)
			}
			if r.least != "" {
				s.refused(s.call("PATCH", r.path, "{}"), 404, r.absentCode, r.absent)
				all.same(t, "POST", s.call("POST", r.path, r.least), r.shown)
				s.refused(s.call("POST", r.path, r.least), 409, r.takenCode, r.taken)
			}
			method := "PATCH"
			if _, patches := known(method, r.path); !patches {
				method = "PUT"
			}
			all.same(t, method, s.want(200, method, r.path, r.change), r.changed)
			all.same(t, "GET", s.want(200, "GET", r.path+r.query, nil), r.changed)
			if r.twin != "" {
				all.same(t, "its twin", s.want(200, "GET", r.twin, nil), r.changed)
			}
			all.conceals(t, s, r.entity)
			if method == "PATCH" && r.fresh != "" {
				nothing := map[string]any{}
				for name := range decoded(r.change).(map[string]any) {
					nothing[name] = nil
				}
				all.same(t, "without", s.want(200, "PATCH", r.path, nothing), r.fresh)
			}
			if _, deletes := known("DELETE", r.path); deletes {
				s.want(204, "DELETE", r.path, nil)
				s.want(204, "DELETE", r.path, nil)
				s.want(404, "GET", r.path, nil)
			}
		})
	}
}
