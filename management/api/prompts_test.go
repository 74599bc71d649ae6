package api_test

import (
	"reflect"
	"strings"
	"testing"
)

// says compares an answer with JSON text.
func (s *tenant) says(a answer, want string) {
	s.t.Helper()
	if !reflect.DeepEqual(a.body, parse(s.t, want)) {
		s.t.Errorf("%s, want %s", a.text, want)
	}
}

func TestPromptSettings(t *testing.T) {
	s := open(t)
	s.says(s.want(200, "GET", "/prompts", nil), `{"universal_login_experience":"new","identifier_first":false}`)
	s.says(s.want(200, "PATCH", "/prompts", `{"universal_login_experience":"classic","identifier_first":true,"webauthn_platform_first_factor":true}`),
		`{"universal_login_experience":"classic","identifier_first":true,"webauthn_platform_first_factor":true}`)
	s.says(s.want(200, "PATCH", "/prompts", `{"identifier_first":null,"webauthn_platform_first_factor":null}`),
		`{"universal_login_experience":"classic","identifier_first":false}`)
	s.says(s.want(200, "GET", "/prompts", nil), `{"universal_login_experience":"classic","identifier_first":false}`)
	for body, message := range map[string]string{
		`{"universal_login_experience":"old"}`: "'No enum match for: old' on property universal_login_experience.",
		`{"identifier_first":"yes"}`:           "'Expected type boolean but found type string' on property identifier_first.",
		`{"nope":true}`:                        "'Additional properties not allowed: nope'.",
	} {
		s.refused(s.call("PATCH", "/prompts", body), 400, "invalid_body", "Payload validation error: "+message)
	}

	s.says(s.want(200, "GET", "/prompts/mfa-push", nil), `{}`)
	s.says(s.want(200, "PATCH", "/prompts/mfa-push", `{"app_name":"App","apple_app_link":"https://apps.test/1","google_app_link":"https://apps.test/2"}`),
		`{"app_name":"App","apple_app_link":"https://apps.test/1","google_app_link":"https://apps.test/2"}`)
	s.says(s.want(200, "PATCH", "/prompts/mfa-push", `{"app_name":"Other","apple_app_link":null}`), `{"app_name":"Other","google_app_link":"https://apps.test/2"}`)
	s.refused(s.call("PATCH", "/prompts/mfa-push", `{"app_name":"`+strings.Repeat("a", 257)+`"}`), 400, "invalid_body",
		"Payload validation error: 'String is too long (257 chars), maximum 256' on property app_name.")
}

func TestCustomText(t *testing.T) {
	s := open(t)
	const path = "/prompts/login/custom-text/en"
	s.says(s.want(200, "GET", path, nil), `{}`)
	s.says(s.want(200, "PUT", path, `{"login":{"title":"Welcome","invented":"kept"},"other":{}}`), `{}`)
	s.says(s.want(200, "GET", path, nil), `{"login":{"title":"Welcome","invented":"kept"}}`)
	s.says(s.want(200, "GET", "/prompts/login/custom-text/de", nil), `{}`)
	s.says(s.want(200, "GET", "/prompts/login-id/custom-text/en", nil), `{}`)
	// The whole document is replaced; an empty one clears.
	s.want(200, "PUT", path, `{"login":{"description":"Hello"}}`)
	s.says(s.want(200, "GET", path, nil), `{"login":{"description":"Hello"}}`)
	s.want(200, "PUT", path, `{}`)
	s.want(200, "PUT", path, `{}`)
	s.says(s.want(200, "GET", path, nil), `{}`)
	// A language is the same however it is written.
	s.want(200, "PUT", "/prompts/common/custom-text/pt-br", `{"common":{"alertListTitle":"Alertas"}}`)
	s.says(s.want(200, "GET", "/prompts/common/custom-text/pt-BR", nil), `{"common":{"alertListTitle":"Alertas"}}`)

	for _, prompt := range strings.Fields("login login-id login-password login-passwordless login-email-verification signup signup-id signup-password " +
		"phone-identifier-enrollment phone-identifier-challenge email-identifier-challenge reset-password custom-form consent customized-consent " +
		"logout mfa-push mfa-otp mfa-voice mfa-phone mfa-webauthn mfa-sms mfa-email mfa-recovery-code mfa status device-flow email-verification " +
		"email-otp-challenge organizations invitation common passkeys captcha brute-force-protection async-approval-flow confirmation") {
		s.want(200, "GET", "/prompts/"+prompt+"/custom-text/fr", nil)
	}
	s.refused(s.call("GET", "/prompts/nope/custom-text/en", nil), 400, "invalid_uri", `Path validation error: 'Invalid value "nope"' on property prompt.`)
	s.refused(s.call("PUT", "/prompts/login/custom-text/n_o_p_e", `{}`), 400, "invalid_uri", `Path validation error: 'Invalid value "n_o_p_e"' on property language.`)
	for body, message := range map[string]string{
		`[]`:                    "'Expected type object but found type array'.",
		`{"login":"x"}`:         "'Expected type object but found type string' on property login.",
		`{"login":{"title":1}}`: "'Expected type string but found type integer' on property login.title.",
		`{"login":{"title":"` + strings.Repeat("ä", 4097) + `"}}`: "'String is too long (4097 chars), maximum 4096' on property login.title.",
	} {
		s.refused(s.call("PUT", path, body), 400, "invalid_body", "Payload validation error: "+message)
	}
}

func TestPartials(t *testing.T) {
	s := open(t)
	const path = "/prompts/signup/partials"
	s.says(s.want(200, "GET", path, nil), `{}`)
	s.says(s.want(200, "PUT", path, `{"signup":{"form-content-start":"<div>a</div>","form-footer-end":"b"}}`), `{}`)
	s.says(s.want(200, "GET", path, nil), `{"signup":{"form-content-start":"<div>a</div>","form-footer-end":"b"}}`)
	s.want(200, "PUT", path, `{"signup":{"form-content-end":"c"}}`)
	s.says(s.want(200, "GET", path, nil), `{"signup":{"form-content-end":"c"}}`)
	s.want(200, "PUT", path, `{"signup":null}`)
	s.says(s.want(200, "GET", path, nil), `{}`)
	s.want(200, "PUT", "/prompts/login-passwordless/partials", `{"login-passwordless-sms-otp":{"form-content-start":"x"},"login-passwordless-email-code":{"form-content-end":"y"}}`)
	s.refused(s.call("GET", "/prompts/consent/partials", nil), 400, "invalid_uri", `Path validation error: 'Invalid value "consent"' on property prompt.`)
	for body, message := range map[string]string{
		`{"login":{"form-content-start":"x"}}`:                                   "'Screen is none of signup' on property login.form-content-start.",
		`{"signup":{"head":"x"}}`:                                                "'Insertion point is none of form-content-start,form-content,form-content-end,form-footer-start,form-footer-end,secondary-actions-start,secondary-actions-end' on property signup.head.",
		`{"signup":{"form-content-start":true}}`:                                 "'Expected type string but found type boolean' on property signup.form-content-start.",
		`{"signup":{"form-content-start":"` + strings.Repeat("a", 65537) + `"}}`: "'String is too long (65537 bytes), maximum 65536' on property signup.form-content-start.",
	} {
		s.refused(s.call("PUT", path, body), 400, "invalid_body", "Payload validation error: "+message)
	}
}

func TestRenderings(t *testing.T) {
	s := open(t)
	const path = "/prompts/signup/screen/signup/rendering"
	s.says(s.want(200, "GET", "/prompts/rendering?include_totals=true", nil), `{"configs":[],"start":0,"limit":50,"total":0}`)
	s.says(s.want(200, "GET", path, nil), `{"tenant":"test","prompt":"signup","screen":"signup","rendering_mode":"standard","context_configuration":[],
		"default_head_tags_disabled":false,"head_tags":[],"filters":null,"use_page_template":false}`)
	advanced := `{"rendering_mode":"advanced","context_configuration":["branding.settings"],"default_head_tags_disabled":false,
		"head_tags":[{"tag":"script","content":"","attributes":{"src":"https://cdn.test/a.js","async":true,"integrity":["sha512-x"]}}],
		"filters":{"match_type":"includes_any","clients":[{"id":"a"},{"metadata":{"k":"v"}}]},"use_page_template":true}`
	s.says(s.want(200, "PATCH", path, advanced), advanced)
	s.says(s.want(200, "PATCH", path, `{"rendering_mode":"standard","filters":null}`), `{"rendering_mode":"standard","filters":null}`)
	s.says(s.want(200, "GET", path, nil), `{"tenant":"test","prompt":"signup","screen":"signup","rendering_mode":"standard","context_configuration":["branding.settings"],
		"default_head_tags_disabled":false,"head_tags":[{"tag":"script","content":"","attributes":{"src":"https://cdn.test/a.js","async":true,"integrity":["sha512-x"]}}],
		"filters":null,"use_page_template":true}`)

	bulk := `{"configs":[{"prompt":"login","screen":"login","rendering_mode":"advanced"},{"prompt":"login-id","screen":"login-id","use_page_template":true}]}`
	s.says(s.want(200, "PATCH", "/prompts/rendering", bulk), bulk)
	for query, n := range map[string]float64{"": 3, "&prompt=login": 1, "&screen=signup": 1, "&rendering_mode=advanced": 1, "&prompt=nope": 0} {
		if a := s.want(200, "GET", "/prompts/rendering?include_totals=true&per_page=2"+query, nil); a.at("total") != n {
			t.Errorf("%q: %s, want %v", query, a.text, n)
		}
	}
	if a := s.want(200, "GET", "/prompts/rendering?include_totals=true&per_page=2&page=1&fields=screen", nil); len(a.at("configs").([]any)) != 1 ||
		len(a.at("configs").([]any)[0].(map[string]any)) != 1 {
		t.Errorf("the second page: %s", a.text)
	}
	if a := s.want(200, "GET", "/prompts/rendering", nil); len(a.list()) != 3 {
		t.Errorf("without totals: %s", a.text)
	}

	s.refused(s.call("GET", "/prompts/signup/screen/login/rendering", nil), 400, "invalid_uri", `Path validation error: 'Invalid value "login"' on property screen.`)
	s.refused(s.call("GET", "/prompts/nope/screen/login/rendering", nil), 400, "invalid_uri", `Path validation error: 'Invalid value "nope"' on property prompt.`)
	for body, message := range map[string]string{
		`{"rendering_mode":"fancy"}`:               "'No enum match for: fancy' on property rendering_mode.",
		`{"prompt":"login"}`:                       "'Additional properties not allowed: prompt'.",
		`{"head_tags":[{"tag":"iframe"}]}`:         "'No enum match for: iframe' on property head_tags[0].tag.",
		`{"filters":{"match_type":"all"}}`:         "'No enum match for: all' on property filters.match_type.",
		`{"context_configuration":"screen.texts"}`: "'Expected type array but found type string' on property context_configuration.",
		`{"use_page_template":"yes"}`:              "'Expected type boolean but found type string' on property use_page_template.",
	} {
		s.refused(s.call("PATCH", path, body), 400, "invalid_body", "Payload validation error: "+message)
	}
	for body, message := range map[string]string{
		`{}`:                               "'Missing required property: configs'.",
		`{"configs":[]}`:                   "'Array is too short (0), minimum 1' on property configs.",
		`{"configs":[{"prompt":"login"}]}`: "'Missing required property: screen' on property configs[0].",
		`{"configs":[null]}`:               "'Expected type object but found type null' on property configs[0].",
		`{"configs":[{"prompt":"login","screen":"login","use_page_template":true},{"prompt":"login","screen":"signup"}]}`: "'No such screen of prompt login: signup' on property configs[1].screen.",
	} {
		s.refused(s.call("PATCH", "/prompts/rendering", body), 400, "invalid_body", "Payload validation error: "+message)
	}
	if a := s.want(200, "GET", "/prompts/login/screen/login/rendering", nil); a.at("use_page_template") != false {
		t.Errorf("half of a refused change was done: %s", a.text)
	}
}
