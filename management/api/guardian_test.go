package api_test

import (
	"strings"
	"testing"
)

func TestFactors(t *testing.T) {
	s := open(t)
	const names = "sms push-notification otp email duo webauthn-roaming webauthn-platform recovery-code"
	list := func() (all []string, on []string) {
		for _, v := range s.want(200, "GET", "/guardian/factors", nil).list() {
			f := v.(map[string]any)
			all = append(all, f["name"].(string))
			if f["enabled"] == true {
				on = append(on, f["name"].(string))
			}
		}
		return all, on
	}
	if all, on := list(); strings.Join(all, " ") != names || len(on) > 0 {
		t.Errorf("fresh: %v, enabled %v", all, on)
	}
	resource{}.same(t, "PUT", s.want(200, "PUT", "/guardian/factors/otp", `{"enabled":true}`), `{"enabled":true}`)
	s.want(200, "PUT", "/guardian/factors/sms", `{"enabled":true}`)
	s.want(200, "PUT", "/guardian/factors/sms", `{"enabled":false}`)
	if _, on := list(); strings.Join(on, " ") != "otp" {
		t.Errorf("enabled: %v", on)
	}
	s.refused(s.call("PUT", "/guardian/factors/nonsense", `{"enabled":true}`), 400, "invalid_uri",
		"Path validation error: 'No enum match for: nonsense' on property name.")
	s.refused(s.call("PUT", "/guardian/factors/otp", `{}`), 400, "invalid_body", "Payload validation error: 'Missing required property: enabled'.")
	s.refused(s.call("PUT", "/guardian/factors/otp", `{"enabled":"yes"}`), 400, "invalid_body",
		"Payload validation error: 'Expected type boolean but found type string' on property enabled.")
	for _, method := range []string{"GET", "DELETE"} {
		s.refused(s.call(method, "/guardian/enrollments/dev_0000000000000001", nil), 404, "enrollment_not_found", "Enrollment not found")
	}
}

func TestPolicies(t *testing.T) {
	s := open(t)
	const path = "/guardian/policies"
	for _, step := range []struct{ method, body, want string }{
		{"GET", "", `[]`}, {"PUT", `["all-applications"]`, `["all-applications"]`}, {"GET", "", `["all-applications"]`},
		{"PUT", `[]`, `[]`}, {"GET", "", `[]`},
	} {
		var body any
		if step.body != "" {
			body = step.body
		}
		if a := s.want(200, step.method, path, body); strings.TrimSpace(a.text) != step.want {
			t.Errorf("%s %s answers %s, want %s", step.method, step.body, a.text, step.want)
		}
	}
	for body, what := range map[string]string{
		`["always"]`: "'No enum match for: always' on property [0].",
		`{}`:         "'Expected type array but found type object'.",
		`null`:       "'Expected type array but found type null'.",
		`["all-applications","all-applications"]`: "'Array items are not unique (indexes 0 and 1)'.",
	} {
		s.refused(s.call("PUT", path, body), 400, "invalid_body", "Payload validation error: "+what)
	}
}

// TestPushServerKeys: what nobody can read can still be set.
func TestPushServerKeys(t *testing.T) {
	s := open(t)
	for path, body := range map[string]string{
		"/guardian/factors/push-notification/providers/fcm":   `{"server_key":"hunter2"}`,
		"/guardian/factors/push-notification/providers/fcmv1": `{"server_credentials":"hunter2"}`,
	} {
		for _, method := range []string{"PUT", "PATCH"} {
			resource{}.same(t, method, s.want(200, method, path, body), `{}`)
		}
	}
	d, err := s.DB.Document(t.Context(), "guardian_fcmv1", "guardian_fcmv1")
	if err != nil || d.Secret != `{"server_credentials":"hunter2"}` {
		t.Errorf("kept: %s, %v", d.Secret, err)
	}
}
