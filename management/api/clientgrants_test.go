package api_test

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

func TestClientGrants(t *testing.T) {
	s := open(t)
	s.want(201, "POST", "/resource-servers", `{"identifier":"https://a.test","scopes":[{"value":"r"},{"value":"w"}]}`)
	s.want(201, "POST", "/resource-servers", `{"identifier":"https://b.test"}`)
	made := s.want(201, "POST", "/client-grants", `{"client_id":"`+s.admin.ID+`","audience":"https://a.test","scope":["r"]}`)
	id := made.at("id").(string)
	if want := (map[string]any{"id": id, "client_id": s.admin.ID, "audience": "https://a.test", "scope": []any{"r"}, "subject_type": "client"}); !reflect.DeepEqual(made.body, any(want)) {
		t.Errorf("created %s, want %v", made.text, want)
	}
	if got := s.tokenFor(s.admin, "https://a.test"); got == "" {
		t.Error("no token for the API")
	}
	grant := `{"client_id":"` + s.admin.ID + `","audience":"https://a.test","scope":[]}`
	s.refused(s.call("POST", "/client-grants", grant), 409, "", "A resource server with the same identifier already exists.")
	s.refused(s.call("POST", "/client-grants", `{"client_id":"none","audience":"https://a.test","scope":[]}`), 404, "inexistent_client", "The client does not exist")
	s.refused(s.call("POST", "/client-grants", `{"client_id":"`+s.admin.ID+`","audience":"https://none.test","scope":[]}`), 404, "inexistent_resource_server", "The resource server does not exist")
	if a := s.call("PATCH", "/client-grants/"+id, `{"scope":["two words"]}`); a.status != 400 {
		t.Errorf("a scope of two words: %d %s", a.status, a.text)
	}
	s.want(200, "PATCH", "/client-grants/"+id, `{"scope":["r","unknown"]}`)
	payload := strings.Split(s.tokenFor(s.admin, "https://a.test"), ".")[1]
	if claims, err := base64.RawURLEncoding.DecodeString(payload); err != nil || !strings.Contains(string(claims), `"scope":"r"`) {
		t.Errorf("a token with a scope that the API does not have: %s %v", claims, err)
	}
	changed := s.want(200, "PATCH", "/client-grants/"+id, `{"scope":["w","r"],"organization_usage":"allow","allow_any_organization":true}`)
	if !reflect.DeepEqual(changed.at("scope"), []any{"w", "r"}) || changed.at("organization_usage") != "allow" || changed.at("allow_any_organization") != true {
		t.Errorf("updated: %s", changed.text)
	}
	for query, want := range map[string]int{
		"": 2, "?client_id=" + s.admin.ID: 2, "?audience=https%3A%2F%2Fa.test": 1, "?audience=https%3A%2F%2Fb.test": 0, "?client_id=none": 0,
		"?subject_type=user": 0, "?subject_type=client": 2, "?allow_any_organization=true": 1, "?per_page=1&page=1": 1, "?page=9": 0,
	} {
		if got := len(s.want(200, "GET", "/client-grants"+query, nil).list()); got != want {
			t.Errorf("/client-grants%s has %d, want %d", query, got, want)
		}
	}
	listed := s.want(200, "GET", "/client-grants?client_id="+s.admin.ID, nil).list()
	if got := listed[1].(map[string]any)["audience"]; got != "https://a.test" { // behind the server's own http:// address
		t.Errorf("the grants of an application are not in the order of their APIs: %v", listed)
	}
	first := s.want(200, "GET", "/client-grants?take=1", nil)
	second := s.want(200, "GET", "/client-grants?take=1&from="+first.at("next").(string), nil)
	if second.at("next") != nil || reflect.DeepEqual(first.at("client_grants"), second.at("client_grants")) {
		t.Errorf("two pages: %s %s", first.text, second.text)
	}
	s.want(204, "DELETE", "/resource-servers/https:%2F%2Fa.test", nil)
	s.refused(s.call("GET", "/client-grants/"+id, nil), 404, "inexistent_client_grant", "The grant does not exist.")
	s.refused(s.call("PATCH", "/client-grants/"+id, "{}"), 404, "inexistent_client_grant", "The grant does not exist.")
	s.want(204, "DELETE", "/client-grants/"+id, nil)
}
