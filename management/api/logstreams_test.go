package api_test

import "testing"

func TestLogStreamSinks(t *testing.T) {
	s := open(t)
	for body, message := range map[string]string{
		`{"type":"http","sink":{}}`: "'Missing required property: httpEndpoint' on property sink.",
		`{"type":"http","sink":{"httpEndpoint":"http://plain.example.com"}}`:                                 "'String does not match pattern ^https://.*' on property sink.httpEndpoint.",
		`{"type":"sumo","sink":{"sumoSourceAddress":"https://a.test","splunkToken":"x"}}`:                    "'Additional properties not allowed: splunkToken' on property sink.",
		`{"type":"datadog","sink":{"datadogApiKey":"k","datadogRegion":"mars"}}`:                             "'No enum match for: mars' on property sink.datadogRegion.",
		`{"type":"http","sink":{"httpEndpoint":"https://a.test"},"pii_config":{"log_fields":["shoe_size"]}}`: "'No enum match for: shoe_size' on property pii_config.log_fields[0].",
	} {
		s.refused(s.call("POST", "/log-streams", body), 400, "invalid_body", "Payload validation error: "+message)
	}
	mixpanel := s.want(200, "POST", "/log-streams", `{"name":"m","type":"mixpanel","sink":{"mixpanelRegion":"eu","mixpanelProjectId":"1",
		"mixpanelServiceAccountUsername":"u","mixpanelServiceAccountPassword":"hunter2"}}`)
	if got := mixpanel.at("sink.mixpanelServiceAccountPassword"); got != "********" {
		t.Errorf("the password is shown as %v", got)
	}
	id := mixpanel.at("id").(string)
	s.want(200, "PATCH", "/log-streams/"+id, map[string]any{"sink": mixpanel.at("sink")})
	d, err := s.DB.Document(t.Context(), "log_stream", id)
	if err != nil || d.Secret != `{"sink":{"mixpanelProjectId":"1","mixpanelRegion":"eu","mixpanelServiceAccountPassword":"hunter2","mixpanelServiceAccountUsername":"u"}}` {
		t.Errorf("what was shown was stored: %s, %v", d.Secret, err)
	}
	if a := s.call("PATCH", "/log-streams/"+id, `{"sink":{"mixpanelRegion":"eu"}}`); a.status != 400 {
		t.Errorf("half a sink: %d %s", a.status, a.text)
	}
}
