package api_test

import "testing"

func TestSystemAPIs(t *testing.T) {
	s := open(t)
	for identifier, want := range map[string]struct {
		name string
		life float64
	}{
		"urn:auth0:express-configure": {"Okta OIN Express Configuration API", 300},
		s.Issuer + "me/":              {"Auth0 My Account API", 600},
	} {
		made := s.want(201, "POST", "/resource-servers", map[string]any{"identifier": identifier, "name": "mine"})
		if made.at("name") != want.name || made.at("token_lifetime") != want.life || made.at("is_system") != true {
			t.Errorf("%s: %s", identifier, made.text)
		}
		id := made.at("id").(string)
		s.refused(s.call("PATCH", "/resource-servers/"+id, `{"name":"x"}`), 400, "invalid_body", "System resource servers cannot be updated.")
		s.want(204, "DELETE", "/resource-servers/"+id, nil)
	}
	own := s.want(200, "GET", "/resource-servers?identifiers="+s.Issuer+"api/v2/", nil).list()[0].(map[string]any)
	if own["is_system"] != true || own["name"] != "Auth0 Management API" || len(own["scopes"].([]any)) != 273 || own["token_lifetime"] != 86400.0 {
		t.Errorf("the Management API is %v", own)
	}
	s.refused(s.call("DELETE", "/resource-servers/"+own["id"].(string), nil), 400, "invalid_body", "The system resource server cannot be deleted.")
	if a := s.want(200, "GET", "/resource-servers?fields=id,identifier", nil); len(a.list()[0].(map[string]any)) != 2 {
		t.Errorf("selected: %s", a.text)
	}
}
