package api_test

import "testing"

func TestEmailTemplates(t *testing.T) {
	s := open(t)
	const path, least = "/email-templates", `{"template":"verify_email","body":"<p>{{ url }}</p>","from":"a@example.com","subject":null,"syntax":"liquid","enabled":true}`
	absent := func(a answer) { s.refused(a, 404, "inexistent_email_template", "The template does not exist.") }
	absent(s.call("GET", path+"/verify_email", nil))
	absent(s.call("PATCH", path+"/verify_email", `{"enabled":false}`))
	absent(s.call("PUT", path+"/verify_email", least))
	made := resource{}
	const shown = `{"template":"verify_email","body":"<p>{{ url }}</p>","from":"a@example.com","syntax":"liquid","enabled":true}`
	made.same(t, "POST", s.want(200, "POST", path, least), shown)
	s.refused(s.call("POST", path, least), 409, "", "Template verify_email already exists.")
	made.same(t, "GET", s.want(200, "GET", path+"/verify_email", nil), shown)
	made.same(t, "PATCH", s.want(200, "PATCH", path+"/verify_email", `{"from":null,"urlLifetimeInSeconds":60,"includeEmailInRedirect":true}`),
		`{"template":"verify_email","body":"<p>{{ url }}</p>","syntax":"liquid","enabled":true,"urlLifetimeInSeconds":60,"includeEmailInRedirect":true}`)
	made.same(t, "PUT", s.want(200, "PUT", path+"/verify_email", least), shown)
	s.refused(s.call("PATCH", path+"/verify_email", `{"template":"reset_email"}`), 400, "invalid_body",
		`Payload validation error: 'Invalid value "reset_email"' on property template.`)
	s.refused(s.call("POST", path, `{"template":"nonsense","body":"","from":"","subject":"","syntax":"liquid","enabled":true}`), 400, "invalid_body",
		"Payload validation error: 'No enum match for: nonsense' on property template.")
	s.refused(s.call("PUT", path+"/verify_email", `{"template":"verify_email"}`), 400, "invalid_body",
		"Payload validation error: 'Missing required property: body'.")
}

func TestEmailProvider(t *testing.T) {
	s := open(t)
	const path = "/emails/provider"
	s.refused(s.call("POST", path, `{"name":"ses","credentials":{"region":"eu"}}`), 400, "invalid_body",
		"Payload validation error: 'Missing required property: accessKeyId' on property credentials.")
	s.refused(s.call("POST", path, `{"name":"custom","credentials":{}}`), 409, "", "No deployed action was found.")
	s.want(201, "POST", path, `{"name":"smtp","credentials":{"smtp_host":"mail.example.com","smtp_pass":"hunter2"}}`)
	resource{}.same(t, "without fields", s.want(200, "GET", path, nil), `{"name":"smtp","enabled":true}`)
	// A password that is not sent again must not follow the host to where somebody points it.
	s.want(200, "PATCH", path, `{"credentials":{"smtp_host":"evil.example.com"}}`)
	d, err := s.DB.Document(t.Context(), "email_provider", "email_provider")
	if err != nil || d.Secret != `{"credentials":{"smtp_host":"evil.example.com"}}` {
		t.Errorf("kept: %s, %v", d.Secret, err)
	}
	s.refused(s.call("PATCH", "/attack-protection/bot-detection", `{"allowlist":["nonsense"]}`), 400, "invalid_body",
		`"nonsense" is neither an address nor a range such as 192.0.2.0/24`)
}

// TestCaptchaKeepsSecrets: nobody can read a secret, so a change of what is beside it must not lose it.
func TestCaptchaKeepsSecrets(t *testing.T) {
	s := open(t)
	const path = "/attack-protection/captcha"
	s.want(200, "PATCH", path, `{"hcaptcha":{"site_key":"a","secret":"hunter2"}}`)
	s.want(200, "PATCH", path, `{"hcaptcha":{"site_key":"b"}}`)
	d, err := s.DB.Document(t.Context(), "attack_protection_captcha", "attack_protection_captcha")
	if err != nil || d.Secret != `{"hcaptcha":{"secret":"hunter2","site_key":"b"}}` {
		t.Errorf("kept: %s, %v", d.Secret, err)
	}
}
