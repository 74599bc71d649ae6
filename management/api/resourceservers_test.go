package api_test

import (
	"net/url"
	"testing"
)

func TestResourceServers(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/resource-servers", `{"identifier":"https://api.test/v1|a:b"}`)
	for path, want := range map[string]any{
		"allow_offline_access": false, "token_lifetime": 86400.0, "token_lifetime_for_web": 7200.0, "signing_alg": "RS256",
		"skip_consent_for_verifiable_first_party_clients": false, "subject_type_authorization.client.policy": "require_client_grant",
		"name": nil, "scopes": nil, "enforce_policies": nil, "token_dialect": nil,
	} {
		if got := made.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	id := made.at("id").(string)
	for _, ref := range []string{id, "https:%2F%2Fapi.test%2Fv1%7Ca:b", url.PathEscape("https://api.test/v1|a:b")} {
		if got := s.want(200, "GET", "/resource-servers/"+ref, nil); got.at("id") != id {
			t.Errorf("%s leads to %s", ref, got.text)
		}
	}
	s.refused(s.call("POST", "/resource-servers", `{"identifier":"https://api.test/v1|a:b"}`), 409, "", "A resource server with the same identifier already exists.")
	s.refused(s.call("GET", "/resource-servers/none", nil), 404, "inexistent_resource_server", "The resource server does not exist")
	changed := s.want(200, "PATCH", "/resource-servers/"+id, `{"name":"A","scopes":[{"value":"a","description":"b"}],"consent_policy":null,"token_lifetime":60}`)
	if changed.at("name") != "A" || changed.at("token_lifetime") != 60.0 || changed.at("consent_policy") != nil {
		t.Errorf("updated: %s", changed.text)
	}
	if row, err := s.DB.APIByID(t.Context(), id); err != nil || row.Settings.TokenLifetime != 60 || len(row.Scopes) != 1 {
		t.Errorf("the row is %+v, %v", row, err)
	}
	s.want(204, "DELETE", "/resource-servers/"+id, "{}")
	s.want(204, "DELETE", "/resource-servers/"+id, nil)
	list := s.want(200, "GET", "/resource-servers?include_totals=true&page=5&per_page=10", nil)
	if list.at("start") != 50.0 || list.at("total") != 1.0 || len(list.at("resource_servers").([]any)) != 0 {
		t.Errorf("a page past the end: %s", list.text)
	}
}
