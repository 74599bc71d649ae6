package api_test

import (
	"strings"
	"testing"
)

func TestProvisioning(t *testing.T) {
	s := open(t)
	connection := func(strategy string) string {
		return s.want(201, "POST", "/connections", `{"name":"`+strategy+`","strategy":"`+strategy+`"}`).at("id").(string)
	}
	okta, google, database := connection("okta"), connection("google-apps"), connection("auth0")
	for _, tt := range []struct{ path, id, unsupported, taken, created, mapping string }{
		{
			"/scim-configuration", okta, "This connection type does not support SCIM.", "The connection has a SCIM configuration.",
			`{"tenant_name":"test","connection_id":"` + okta + `","connection_name":"okta","strategy":"okta","user_id_attribute":"userName","mapping":[{"auth0":"email","scim":"emails"}]}`,
			`{"user_id_attribute":"userName","mapping":[{"auth0":"email","scim":"emails"}]}`,
		},
		{
			"/directory-provisioning", google, "This connection type does not support directory provisioning.", "Directory provisioning is already enabled on the specified connection",
			`{"connection_id":"` + google + `","connection_name":"google-apps","strategy":"google-apps","synchronize_automatically":true,"mapping":[{"auth0":"email","idp":"primaryEmail"}]}`,
			`{"synchronize_automatically":true,"mapping":[{"auth0":"email","idp":"primaryEmail"}]}`,
		},
	} {
		r := resource{fresh: []string{"updated_on"}}
		path := "/connections/" + tt.id + tt.path
		s.refused(s.call("GET", path, nil), 404, "", "Not Found")
		s.refused(s.call("PATCH", path, "{}"), 404, "", "Not Found")
		s.refused(s.call("GET", "/connections/"+database+tt.path, nil), 404, "", tt.unsupported)
		s.refused(s.call("POST", "/connections/"+database+tt.path, `{}`), 404, "", tt.unsupported)
		s.refused(s.call("POST", "/connections/con_0000000000000000"+tt.path, `{}`), 404, "inexistent_connection", "The connection does not exist")
		made := s.want(201, "POST", path, `{}`)
		mapping := s.want(200, "GET", path+"/default-mapping", nil)
		if len(items(mapping)) == 0 || len(made.at("mapping").([]any)) != len(items(mapping)) {
			t.Errorf("by default: %s, want the mapping %s", made.text, mapping.text)
		}
		s.refused(s.call("POST", path, `{}`), 409, "", tt.taken)
		r.same(t, "PATCH", s.want(200, "PATCH", path, tt.mapping), tt.created)
		r.same(t, "GET", s.want(200, "GET", path, nil), tt.created)
		s.refused(s.call("PATCH", path, `{"mapping":[{"auth0":1}]}`), 400, "invalid_body",
			"Payload validation error: 'Expected type string but found type integer' on property mapping[0].auth0.")
		if tt.id == google {
			if got := s.want(200, "GET", "/connections-directory-provisionings?take=50", nil); len(items(got)) != 1 || !strings.Contains(got.text, google) {
				t.Errorf("the list: %s", got.text)
			}
		}
		s.want(204, "DELETE", path, nil)
		s.want(204, "DELETE", path, nil)
		s.refused(s.call("GET", path, nil), 404, "", "Not Found")
	}
	s.want(201, "POST", "/connections/"+okta+"/scim-configuration", `{}`)
	s.want(202, "DELETE", "/connections/"+okta, nil)
	if _, err := s.DB.Document(t.Context(), "connection_scim", okta); err == nil {
		t.Error("the configuration outlives its connection")
	}
}

func TestPhoneProviders(t *testing.T) {
	s := open(t)
	const path = "/branding/phone/providers"
	const least = `{"name":"twilio","configuration":{"sid":"s","default_from":"+4930","delivery_methods":["text"]},"credentials":{"auth_token":"hunter2"}}`
	const shown = `{"name":"twilio","tenant":"test","channel":"phone","disabled":false,"configuration":{"sid":"s","default_from":"+4930","delivery_methods":["text"]}}`
	r := resource{entity: "branding_phone_provider", path: path, secret: "hunter2"}
	made := s.want(201, "POST", path, least)
	id := made.at("id").(string)
	r.same(t, "POST", made, shown)
	r.same(t, "GET", s.want(200, "GET", path+"/"+id, nil), shown)
	r.conceals(t, s, id)
	s.refused(s.call("POST", path, least), 409, "", "Custom phone provider conflict.")
	for query, want := range map[string]int{"": 1, "?disabled=false": 1, "?disabled=true": 0} {
		got := s.want(200, "GET", path+query, nil)
		if len(items(got)) != want || want == 1 && items(got)[0].(map[string]any)["credentials"] != nil {
			t.Errorf("%q: %s", query, got.text)
		}
	}
	s.refused(s.call("PATCH", path+"/"+id, `{"credentials":{}}`), 400, "invalid_body", "Payload validation error: 'Missing required property: auth_token' on property credentials.")
	r.same(t, "PATCH", s.want(200, "PATCH", path+"/"+id, `{"name":"custom","disabled":true,"configuration":{"delivery_methods":["voice"]},"credentials":{}}`),
		`{"name":"custom","tenant":"test","channel":"phone","disabled":true,"configuration":{"delivery_methods":["voice"]}}`)
	s.want(204, "DELETE", path+"/"+id, nil)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		s.refused(s.call(method, path+"/"+id, "{}"), 404, "", "Notification Resource not found")
	}
}

func TestPhoneTemplates(t *testing.T) {
	s := open(t)
	const path = "/branding/phone/templates"
	r := resource{}
	made := s.want(201, "POST", path, `{"type":"otp_verify","content":{"from":"+4930","body":{"text":"{{ code }}","voice":"{{ code }}"}}}`)
	id := made.at("id").(string)
	r.same(t, "POST", made, `{"type":"otp_verify","tenant":"test","channel":"phone","disabled":false,"content":{"syntax":"liquid","from":"+4930","body":{"text":"{{ code }}","voice":"{{ code }}"}}}`)
	s.refused(s.call("POST", path, `{"type":"otp_verify"}`), 409, "", "Phone template already configured for tenant")
	r.same(t, "PATCH", s.want(200, "PATCH", path+"/"+id, `{"disabled":true,"content":{"body":{"text":"other"}}}`),
		`{"type":"otp_verify","tenant":"test","channel":"phone","disabled":true,"content":{"syntax":"liquid","from":"+4930","body":{"text":"other","voice":"{{ code }}"}}}`)
	reset := s.want(200, "PATCH", path+"/"+id+"/reset", nil)
	if reset.at("content.from") != "+4930" || reset.at("content.body.text") != "{{ code | escape }} is your verification code for {{ friendly_name | escape }}" {
		t.Errorf("reset: %s", reset.text)
	}
	r.alone(t, s, path+"/"+id, reset)
	for _, typ := range []string{"otp_enroll", "change_password", "blocked_account", "password_breach"} {
		if got := s.want(201, "POST", path, `{"type":"`+typ+`"}`); got.at("content.body.text") == "" || got.at("content.body.voice") == "" {
			t.Errorf("%s: %s", typ, got.text)
		}
	}
	if got := s.want(200, "GET", path+"?disabled=false", nil); len(items(got)) != 4 {
		t.Errorf("the enabled ones: %s", got.text)
	}
	s.want(204, "DELETE", path+"/"+id, nil)
	for method, at := range map[string]string{"GET": "", "PATCH": "/reset", "DELETE": ""} {
		s.refused(s.call(method, path+"/"+id+at, "{}"), 404, "", "Notification Resource not found")
	}
}

// TestLegacy: tools that find rules and hooks refused in these words go on without them.
func TestLegacy(t *testing.T) {
	s := open(t)
	const refused = "Insufficient privileges to use this deprecated feature."
	for _, path := range []string{"/rules", "/rules-configs", "/hooks", "/rules?include_totals=true&per_page=50", "/hooks?page=0&per_page=50&include_totals=true"} {
		if got := items(s.want(200, "GET", path, nil)); len(got) != 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	s.refused(s.call("POST", "/rules", `{"name":"r","script":"function () {}"}`), 403, "rules_not_allowed", refused)
	s.refused(s.call("PUT", "/rules-configs/KEY", `{"value":"v"}`), 403, "rules_not_allowed", refused)
	s.refused(s.call("POST", "/hooks", `{"name":"h"}`), 403, "hooks_not_allowed", refused)
	s.refused(s.call("GET", "/rules/rul_1", nil), 404, "inexistent_rule", "The rule does not exist")
	s.refused(s.call("GET", "/hooks/1", nil), 404, "HookDoesNotExist", "Error: Hook does not exist")
	s.want(204, "DELETE", "/rules/rul_1", nil)
	s.want(204, "DELETE", "/rules-configs/KEY", nil)
	s.refused(s.call("DELETE", "/hooks/1", nil), 404, "HookDoesNotExist", "Error: Hook does not exist")
}

// TestNoFactors: what no user has is told as that, and what is no user as that.
func TestNoFactors(t *testing.T) {
	s := open(t)
	u := s.User("jane@example.com", "correct horse 9")
	for _, path := range []string{"authentication-methods", "authentication-methods?include_totals=true&per_page=50", "enrollments", "connected-accounts?take=50", "federated-connections-tokensets"} {
		if got := items(s.want(200, "GET", "/users/"+u.ID+"/"+path, nil)); len(got) != 0 {
			t.Errorf("%s: %v", path, got)
		}
		s.refused(s.call("GET", "/users/auth0%7Cnone/"+path, nil), 404, "inexistent_user", "The user does not exist.")
	}
	for _, path := range []string{"authentication-methods", "authenticators", "multifactor/duo"} {
		s.want(204, "DELETE", "/users/"+u.ID+"/"+path, nil)
		s.refused(s.call("DELETE", "/users/auth0%7Cnone/"+path, nil), 404, "inexistent_user", "The user does not exist.")
	}
	if a := s.call("POST", "/users/"+u.ID+"/authentication-methods", `{"type":"email","email":"a@example.com"}`); a.status != 403 || a.at("errorCode") != "insufficient_scope" {
		t.Errorf("making one: %d %s", a.status, a.text)
	}
}

// TestFlowsAndForms: a list leaves the large properties out, and a fingerprint changes with what a connection holds only.
func TestFlowsAndForms(t *testing.T) {
	s := open(t)
	for path, large := range map[string]string{"/flows": "actions", "/forms": "nodes"} {
		id := resourceAt(path).make(s, 1)
		if got := s.want(200, "GET", path, nil); len(items(got)) != 1 || items(got)[0].(map[string]any)[large] != nil {
			t.Errorf("the list: %s", got.text)
		}
		if got := s.want(200, "GET", path+"/"+id, nil); got.at(large) == nil {
			t.Errorf("one: %s", got.text)
		}
	}
	const path = "/flows/vault/connections"
	id := resourceAt(path).make(s, 1)
	first := s.want(200, "GET", path+"/"+id, nil).at("fingerprint")
	if got := s.want(200, "PATCH", path+"/"+id, `{"name":"other"}`); got.at("fingerprint") != first {
		t.Errorf("another name: %s", got.text)
	}
	if got := s.want(200, "PATCH", path+"/"+id, `{"setup":{"type":"BEARER","token":"other"}}`); got.at("fingerprint") == first {
		t.Errorf("another token: %s", got.text)
	}
}
