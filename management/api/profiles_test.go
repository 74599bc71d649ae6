package api_test

import (
	"strings"
	"testing"
)

func TestACLRules(t *testing.T) {
	s := open(t)
	for rule, what := range map[string]string{
		`{"action":{},"match":{},"scope":"tenant"}`:                                                             "'None of the valid schemas were met' on property rule.action.",
		`{"action":{"block":true,"allow":true},"match":{},"scope":"tenant"}`:                                    "'None of the valid schemas were met' on property rule.action.",
		`{"action":{"redirect":true},"match":{},"scope":"tenant"}`:                                              "'None of the valid schemas were met' on property rule.action.",
		`{"action":{"block":true},"scope":"tenant"}`:                                                            "'None of the valid schemas were met' on property rule.",
		`{"action":{"block":true},"match":{},"not_match":{},"scope":"tenant"}`:                                  "'None of the valid schemas were met' on property rule.",
		`{"action":{"block":true},"match":{"ipv4_cidrs":["2001:db8::/32"]},"scope":"tenant"}`:                   "'Object didn't pass validation for format cidr: 2001:db8::/32' on property rule.match.ipv4_cidrs.",
		`{"action":{"block":true},"not_match":{"connecting_ipv6_cidrs":["nonsense"]},"scope":"tenant"}`:         "'Object didn't pass validation for format cidr: nonsense' on property rule.not_match.connecting_ipv6_cidrs.",
		`{"action":{"block":true},"match":{"ipv4_cidrs":["192.0.2.1"],"ipv6_cidrs":["::1"]},"scope":"nowhere"}`: "'No enum match for: nowhere' on property rule.scope.",
	} {
		s.refused(s.call("POST", "/network-acls", `{"description":"d","active":true,"priority":1,"rule":`+rule+`}`), 400, "invalid_body",
			"Payload validation error: "+what)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		s.refused(s.call(method, "/network-acls/nonsense", "{}"), 400, "invalid_uri",
			"Network ACL id is not a valid ACL ID in the form 'acl_XXXXXXXXXXXXXXXXXXXXXX'")
	}
	r := resourceAt("/network-acls")
	id := r.make(s, 1)
	r.make(s, 2)
	s.refused(s.call("PATCH", r.path+"/"+id, `{"priority":2}`), 409, "", r.taken)
	if got := s.want(200, "DELETE", r.path+"/"+id, nil); strings.TrimSpace(got.text) != `{"code":204,"object":""}` {
		t.Errorf("DELETE answers %s", got.text)
	}
}

func TestEventDestinations(t *testing.T) {
	s := open(t)
	for destination, what := range map[string]string{
		`{"type":"webhook","configuration":{}}`: "'Missing required property: webhook_endpoint' on property destination.configuration.",
		`{"type":"webhook","configuration":{"webhook_endpoint":"https://a.test","webhook_authorization":{"method":"basic","username":"u"}}}`: "'Missing required property: password' on property destination.configuration.webhook_authorization.",
		`{"type":"webhook","configuration":{"webhook_endpoint":"http://a.test","webhook_authorization":{"method":"bearer","token":"t"}}}`:    "'String does not match pattern ^https://.*' on property destination.configuration.webhook_endpoint.",
		`{"type":"eventbridge","configuration":{"aws_region":"us-east-1"}}`:                                                                  "'Missing required property: aws_account_id' on property destination.configuration.",
		`{"type":"action","configuration":{}}`: "'Missing required property: action_id' on property destination.configuration.",
		`{"type":"fax","configuration":{}}`:    "'No enum match for: fax' on property destination.type.",
	} {
		s.refused(s.call("POST", "/event-streams", `{"name":"n","subscriptions":[{"event_type":"user.created"}],"destination":`+destination+`}`), 400,
			"invalid_body", "Payload validation error: "+what)
	}
	r := resourceAt("/event-streams")
	id := r.make(s, 1)
	// A token that is not sent again must not follow the address.
	a := s.call("PATCH", r.path+"/"+id, `{"destination":{"type":"webhook","configuration":{"webhook_endpoint":"https://evil.test","webhook_authorization":{"method":"bearer"}}}}`)
	s.refused(a, 400, "invalid_body", "Payload validation error: 'Missing required property: token' on property destination.configuration.webhook_authorization.")
	r.make(s, 2)
	s.refused(s.call("PATCH", r.path+"/"+id, `{"name":"2"}`), 409, "", r.taken)
}

func TestSelfServiceProfiles(t *testing.T) {
	s := open(t)
	templates := s.want(200, "GET", "/user-attribute-profiles/templates", nil)
	template := items(templates)[0].(map[string]any)
	if one := s.want(200, "GET", "/user-attribute-profiles/templates/"+template["id"].(string), nil); one.at("display_name") != template["display_name"] {
		t.Errorf("the template: %s", one.text)
	}
	s.refused(s.call("GET", "/user-attribute-profiles/templates/none", nil), 404, "", "User attribute profile template not found.")
	uap := s.want(201, "POST", "/user-attribute-profiles", template["template"]).at("id").(string)
	s.refused(s.call("POST", "/user-attribute-profiles", `{"name":"n","user_attributes":{"a":{"label":"L"}}}`), 400, "invalid_body",
		"Payload validation error: 'Missing required property: auth0_mapping' on property user_attributes.a.")

	const path = "/self-service-profiles"
	s.refused(s.call("POST", path, `{"name":"n","user_attribute_profile_id":"uap_1111111111111111111111"}`), 400, "invalid_body",
		"The user attribute profile uap_1111111111111111111111 does not exist.")
	s.refused(s.call("POST", path, `{"name":"n","user_attribute_profile_id":"`+uap+`","user_attributes":[{"name":"a","description":"b","is_optional":true}]}`), 400,
		"invalid_body", "Cannot set both user_attributes and user_attribute_profile_id")
	id := s.want(201, "POST", path, `{"name":"n","user_attribute_profile_id":"`+uap+`"}`).at("id").(string)

	text := path + "/" + id + "/custom-text/en/get-started"
	resource{}.same(t, "fresh", s.want(200, "GET", text, nil), `{}`)
	resource{}.same(t, "PUT", s.want(200, "PUT", text, `{"introduction":"Hello"}`), `{"introduction":"Hello"}`)
	resource{}.same(t, "GET", s.want(200, "GET", text, nil), `{"introduction":"Hello"}`)
	s.refused(s.call("PUT", text, `{"introduction":1}`), 400, "invalid_body",
		"Payload validation error: 'Expected type string but found type integer' on property introduction.")
	s.refused(s.call("PUT", text, `[]`), 400, "invalid_body", "Payload validation error: 'Expected type object but found type array'.")
	s.refused(s.call("GET", path+"/"+id+"/custom-text/xx/get-started", nil), 400, "invalid_uri", "Path validation error: 'No enum match for: xx' on property language.")
	s.refused(s.call("PUT", path+"/"+id+"/custom-text/en/other", `{}`), 400, "invalid_uri", "Path validation error: 'No enum match for: other' on property page.")
	s.want(204, "DELETE", path+"/"+id, nil)
	s.refused(s.call("GET", text, nil), 404, "", "Profile with ID: "+id+" not found")
	if _, err := s.DB.Document(t.Context(), "self_service_text", id+" en get-started"); err == nil {
		t.Error("the text outlives its profile")
	}
}

func TestPolicyConfigurations(t *testing.T) {
	s := open(t)
	const path = "/rate-limit-policies"
	policy := func(selector, configuration string) string {
		return `{"resource":"oauth_authentication_api","consumer":"client","consumer_selector":"` + selector + `","configuration":` + configuration + `}`
	}
	for configuration, missing := range map[string]string{`{}`: "action", `{"action":"block"}`: "limit", `{"action":"redirect","limit":1}`: "redirect_uri"} {
		s.refused(s.call("POST", path, policy("default", configuration)), 400, "invalid_body",
			"Payload validation error: 'Missing required property: "+missing+"' on property configuration.")
	}
	s.want(201, "POST", path, policy("default", `{"action":"allow"}`))
	s.want(201, "POST", path, policy("third_party_clients", `{"action":"log","limit":5}`))
	for query, want := range map[string]int{"": 2, "?consumer_selector=default": 1, "?consumer=client": 2, "?resource=x": 0} {
		if got := items(s.want(200, "GET", path+query, nil)); len(got) != want {
			t.Errorf("%q has %v, want %d", query, got, want)
		}
	}
	s.refused(s.call("POST", "/token-exchange-profiles", `{"name":"abc","subject_token_type":"https://example.com/a","action_id":"none","type":"custom_authentication"}`),
		400, "invalid_body", "The action none does not exist.")
}
