package api_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
)

type sample struct {
	path string
	make func(s *tenant) (body map[string]any, id string)
}

// samples are the least that makes an entity, and where.
var samples = map[string]sample{
	"client": {"/clients", func(s *tenant) (map[string]any, string) {
		a := s.want(201, "POST", "/clients", `{"name":"A"}`)
		return map[string]any{"name": "A"}, a.at("client_id").(string)
	}},
	"resource_server": {"/resource-servers", func(s *tenant) (map[string]any, string) {
		a := s.want(201, "POST", "/resource-servers", `{"identifier":"https://sample.test"}`)
		return map[string]any{"identifier": "https://other.test"}, a.at("id").(string)
	}},
	"organization": {"/organizations", func(s *tenant) (map[string]any, string) {
		a := s.want(201, "POST", "/organizations", `{"name":"acme"}`)
		return map[string]any{"name": "other"}, a.at("id").(string)
	}},
	"client_grant": {"/client-grants", func(s *tenant) (map[string]any, string) {
		s.want(201, "POST", "/resource-servers", `{"identifier":"https://sample.test"}`)
		s.want(201, "POST", "/resource-servers", `{"identifier":"https://other.test"}`)
		a := s.want(201, "POST", "/client-grants", `{"client_id":"`+s.admin.ID+`","audience":"https://sample.test","scope":[]}`)
		return map[string]any{"client_id": s.admin.ID, "audience": "https://other.test", "scope": []any{}}, a.at("id").(string)
	}},
	"action": {"/actions/actions", func(s *tenant) (map[string]any, string) {
		a := s.want(201, "POST", "/actions/actions", `{"name":"A","supported_triggers":[{"id":"post-login"}]}`)
		return map[string]any{"name": "B", "supported_triggers": []any{map[string]any{"id": "post-login"}}}, a.at("id").(string)
	}},
	"action_module": {"/actions/modules", func(s *tenant) (map[string]any, string) {
		a := s.want(201, "POST", "/actions/modules", `{"name":"A","code":""}`)
		return map[string]any{"name": "B", "code": ""}, a.at("id").(string)
	}},
}

// sampled are the samples with those of the resources that are only kept.
func sampled() map[string]sample {
	all := maps.Clone(samples)
	for _, r := range resources {
		all[r.entity] = sample{r.path, func(s *tenant) (map[string]any, string) {
			r := r.prepared(s)
			return decoded(r.body(2)).(map[string]any), r.make(s, 1)
		}}
	}
	for _, r := range singletons {
		all[r.entity] = sample{r.path, func(s *tenant) (map[string]any, string) {
			if r.least != "" {
				s.call("POST", r.path, r.least)
			}
			return decoded(cmp.Or(r.least, r.change)).(map[string]any), ""
		}}
	}
	return all
}

// wrong is a value of a kind that the property does not take, and the name of that kind.
func wrong(kinds []string) (any, string) {
	for _, c := range []struct {
		v    any
		kind string
	}{{true, "boolean"}, {map[string]any{}, "object"}, {"x", "string"}} {
		if !slices.Contains(kinds, c.kind) {
			return c.v, c.kind
		}
	}
	return []any{}, "array"
}

// TestEveryField holds each property of each entity to its row: who may send it, its kind, its length, null, unknown ones.
func TestEveryField(t *testing.T) {
	for entity, sample := range sampled() {
		t.Run(entity, func(t *testing.T) {
			s := open(t)
			body, id := sample.make(s)
			one, single := sample.path+"/"+id, sample.path+"/{id}"
			if id == "" {
				one, single = sample.path, sample.path
			}
			for _, m := range []struct{ method, path, row string }{
				{"POST", sample.path, sample.path}, {"PATCH", one, single}, {"PUT", one, single},
			} {
				if e, ok := known(m.method, m.row); ok && e.Body == entity {
					everyField(t, s, entity, m.method, m.path, body)
				}
			}
		})
	}
}

func everyField(t *testing.T, s *tenant, entity, method, path string, body map[string]any) {
	whole := method != "PATCH"
	send := func(name string, v any) answer {
		m := map[string]any{}
		if whole {
			m = maps.Clone(body)
		}
		m[name] = v
		return s.call(method, path, m)
	}
	for _, f := range api.Fields(entity) {
		at := " on property " + f.Name + "."
		if allowed := method == "POST" && f.Create || method != "POST" && f.Update; !allowed {
			s.refused(send(f.Name, "x"), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: "+f.Name+"'.")
			continue
		}
		if v, kind := wrong(f.Kinds); len(f.Kinds) > 0 {
			s.refused(send(f.Name, v), 400, "invalid_body",
				"Payload validation error: 'Expected type "+strings.Join(f.Kinds, ",")+" but found type "+kind+"'"+at)
		}
		if f.MaxLen > 0 && slices.Contains(f.Kinds, "string") {
			if a := send(f.Name, strings.Repeat("a", f.MaxLen+1)); a.status != 400 || !strings.Contains(a.text, "String is too long (") {
				t.Errorf("%s of %d letters: %d %s", f.Name, f.MaxLen+1, a.status, a.text)
			}
		}
		if len(f.Enum) > 0 && slices.Contains(f.Kinds, "string") {
			s.refused(send(f.Name, "neither"), 400, "invalid_body", "Payload validation error: 'No enum match for: neither'"+at)
		}
		a := send(f.Name, nil)
		switch null := f.Nulled || !whole && !f.Required; {
		case null && a.status == 400 && strings.Contains(a.text, "found type null"), !null && a.status != 400, a.status >= 500:
			t.Errorf("%s %s is null: %d %s", method, f.Name, a.status, a.text)
		}
		if whole && f.Required {
			m := maps.Clone(body)
			delete(m, f.Name)
			s.refused(s.call(method, path, m), 400, "invalid_body", "Payload validation error: 'Missing required property: "+f.Name+"'.")
		}
	}
	s.refused(send("no_such_thing", 1), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: no_such_thing'.")
}

func TestNestedComplaints(t *testing.T) {
	s := open(t)
	for body, message := range map[string]string{
		`{"name":"a","refresh_token":{"leeway":-1}}`:                  "'Value -1 is less than minimum 0' on property refresh_token.leeway.",
		`{"name":"a","refresh_token":{"policies":[{"audience":""}]}}`: "'String is too short (0 chars), minimum 1' on property refresh_token.policies[0].audience.",
		`{"name":"a","refresh_token":{"x":1}}`:                        "'Additional properties not allowed: x' on property refresh_token.",
		`{"name":"a","web_origins":["https://a.test","not a url"]}`:   "'Object didn't pass validation for format url-with-placeholders: not a url' on property web_origins[1].",
		`{"name":"a","refresh_token":{"leeway":1.5}}`:                 "'Expected type integer but found type number' on property refresh_token.leeway.",
		`{"name":"a","organization_discovery_methods":[]}`:            "'Array is too short (0), minimum 1' on property organization_discovery_methods.",
		`{"name":"<a>"}`: "'String does not match pattern ^[^<>]+$' on property name.",
		`{"name":"a","client_authentication_methods":{"a":1}}`:                         "'Additional properties not allowed: a' on property client_authentication_methods.",
		`{"name":"a","default_organization":{"organization_id":"x","flows":["nope"]}}`: "'No enum match for: nope' on property default_organization.flows[0].",
	} {
		s.refused(s.call("POST", "/clients", body), 400, "invalid_body", "Payload validation error: "+message)
	}
}

// Every table must be readable: patterns compile, constraints are known, children have parents.
func TestTables(t *testing.T) {
	if n := len(api.Entities()); n < 90 {
		t.Errorf("%d entities", n)
	}
	if n := len(api.Endpoints()); n != 481 { // 480 of the service and our own explanation of a log event
		t.Errorf("%d endpoints", n)
	}
}
