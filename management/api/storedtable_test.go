package api_test

// resource is what the tests know of a collection that is only kept. # in a text is the number of the one that is made, and
// ~ is what # would be.
type resource struct {
	entity, path       string
	idIn               string // id if it is not said
	least              string // the body of POST
	shown              string // the answer, without its id and times
	change, changed    string
	absent, absentCode string
	taken              string   // the refusal of a second one with the same body, if that is one
	again              int      // the status of deleting twice
	secret             string   // what is in least and may be in no answer
	hidden             string   // what is in least and is sealed, although it is shown
	shownAlone         string   // what GET of one shows beside
	fresh              []string // what is not compared beside the id and times
	replace            string   // the body of PUT, which is shown again
	// before makes what must be there first; {before} in a text is its id, which is in prior then.
	before func(s *tenant) string
	prior  string
}

var resources = []resource{
	{
		entity: "log_stream", path: "/log-streams",
		least:   `{"name":"#","type":"http","sink":{"httpEndpoint":"https://logs.example.com","httpAuthorization":"Bearer s3cret"},"pii_config":{"log_fields":["email"],"method":"mask"}}`,
		shown:   `{"name":"#","type":"http","sink":{"httpEndpoint":"https://logs.example.com","httpAuthorization":"Bearer s3cret"},"pii_config":{"log_fields":["email"],"method":"mask"},"status":"active","isPriority":false}`,
		change:  `{"name":"other","pii_config":{"method":"hash"},"status":"paused","sink":{"httpEndpoint":"https://two.example.com"},"isPriority":null}`,
		changed: `{"name":"other","type":"http","sink":{"httpEndpoint":"https://two.example.com"},"pii_config":{"log_fields":["email"],"method":"hash"},"status":"paused"}`,
		absent:  "The log stream does not exist.", again: 204, hidden: "s3cret",
	},
	{
		entity: "custom_domain", path: "/custom-domains", idIn: "custom_domain_id",
		least:   `{"domain":"login-#.example.com","type":"auth0_managed_certs","domain_metadata":{"a":"1","b":"2"},"relying_party_identifier":"example.com"}`,
		shown:   `{"domain":"login-#.example.com","type":"auth0_managed_certs","domain_metadata":{"a":"1","b":"2"},"relying_party_identifier":"example.com","tls_policy":"recommended","primary":true,"is_default":false,"status":"pending_verification","verification":{"methods":[{"name":"CNAME","record":"127.0.0.1","domain":"login-#.example.com"}]}}`,
		change:  `{"domain_metadata":{"b":null,"c":"3"},"relying_party_identifier":null,"custom_client_ip_header":"true-client-ip"}`,
		changed: `{"domain":"login-1.example.com","type":"auth0_managed_certs","domain_metadata":{"a":"1","c":"3"},"custom_client_ip_header":"true-client-ip","tls_policy":"recommended","primary":true,"is_default":false,"status":"pending_verification","verification":{"methods":[{"name":"CNAME","record":"127.0.0.1","domain":"login-1.example.com"}]}}`,
		absent:  "The custom domain {id} does not exist", absentCode: "inexistent_custom_domain", taken: "Custom domain already exists.", again: 204,
	},
	{
		entity: "network_acl", path: "/network-acls",
		least:      `{"description":"d","active":true,"priority":#,"rule":{"action":{"block":true},"match":{"ipv6_cidrs":["2001:db8::/32"]},"scope":"management"}}`,
		shown:      `{"description":"d","active":true,"priority":#,"rule":{"action":{"block":true},"match":{"ipv6_cidrs":["2001:db8::/32"]},"scope":"management"}}`,
		shownAlone: `{"tenant_id":"test","deleted_at":null}`,
		change:     `{"description":"e","priority":77}`,
		changed:    `{"description":"e","active":true,"priority":77,"rule":{"action":{"block":true},"match":{"ipv6_cidrs":["2001:db8::/32"]},"scope":"management"}}`,
		replace:    `{"description":"f","active":false,"priority":78,"rule":{"action":{"redirect":true,"redirect_uri":"https://example.com"},"not_match":{"geo_country_codes":["US"]},"scope":"tenant"}}`,
		absent:     "NetworkACL with this ID was not found", taken: "A Network ACL with this priority number has already been created.", again: 404,
	},
	{
		entity: "event_stream", path: "/event-streams", secret: "hunter2",
		least:   `{"name":"#","subscriptions":[{"event_type":"user.created"}],"destination":{"type":"webhook","configuration":{"webhook_endpoint":"https://example.com","webhook_authorization":{"method":"bearer","token":"hunter2"}}}}`,
		shown:   `{"name":"#","status":"enabled","subscriptions":[{"event_type":"user.created"}],"destination":{"type":"webhook","configuration":{"webhook_endpoint":"https://example.com","webhook_authorization":{"method":"bearer"}}}}`,
		change:  `{"name":"other","status":"disabled","subscriptions":[{"event_type":"user.deleted"}]}`,
		changed: `{"name":"other","status":"disabled","subscriptions":[{"event_type":"user.deleted"}],"destination":{"type":"webhook","configuration":{"webhook_endpoint":"https://example.com","webhook_authorization":{"method":"bearer"}}}}`,
		absent:  "The requested stream does not exist.", taken: "Event stream name already in use.", again: 204,
	},
	{
		entity: "self_service_profile", path: "/self-service-profiles",
		least:   `{"name":"#","allowed_strategies":["oidc"],"branding":{"colors":{"primary":"~000000"}}}`,
		shown:   `{"name":"#","allowed_strategies":["oidc"],"branding":{"colors":{"primary":"~000000"}},"user_attributes":[]}`,
		change:  `{"description":"d","branding":null,"user_attributes":[{"name":"a","description":"b","is_optional":true}]}`,
		changed: `{"name":"1","description":"d","allowed_strategies":["oidc"],"user_attributes":[{"name":"a","description":"b","is_optional":true}]}`,
		absent:  "Profile with ID: {id} not found", again: 204,
	},
	{
		entity: "token_exchange_profile", path: "/token-exchange-profiles", before: func(s *tenant) string {
			const action = `{"name":"x","supported_triggers":[{"id":"custom-token-exchange","version":"v1"}],"code":"exports.a = 1"}`
			return s.want(201, "POST", "/actions/actions", action).at("id").(string)
		},
		least:   `{"name":"abc","subject_token_type":"https://example.com/#","action_id":"{before}","type":"custom_authentication"}`,
		shown:   `{"name":"abc","subject_token_type":"https://example.com/#","action_id":"{before}","type":"custom_authentication"}`,
		change:  `{"name":"def","subject_token_type":"https://example.com/other"}`,
		changed: `{"name":"def","subject_token_type":"https://example.com/other","action_id":"{before}","type":"custom_authentication"}`,
		absent:  "Token exchange profile not found.", taken: "subject_token_type already exists for tenant", again: 204,
	},
	{
		entity: "user_attribute_profile", path: "/user-attribute-profiles",
		least: `{"name":"#","user_attributes":{"shoe_size":{"label":"Shoe size","description":"d","profile_required":false,"auth0_mapping":"user_metadata.shoes","strategy_overrides":{"okta":{"scim_mapping":"x"}}}}}`,
		shown: `{"name":"#","user_attributes":{"shoe_size":{"label":"Shoe size","description":"d","profile_required":false,"auth0_mapping":"user_metadata.shoes","strategy_overrides":{"okta":{"scim_mapping":"x"}}}},
			"user_id":{"oidc_mapping":"sub","scim_mapping":"externalId","saml_mapping":["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"]}}`,
		change:  `{"name":"other","user_id":{"oidc_mapping":"sub"},"user_attributes":{}}`,
		changed: `{"name":"other","user_id":{"oidc_mapping":"sub"},"user_attributes":{}}`,
		absent:  "User attribute profile not found.", again: 204,
	},
	{
		entity: "connection_profile", path: "/connection-profiles",
		least:   `{"name":"#","organization":{"show_as_button":"required"},"strategy_overrides":{"okta":{"enabled_features":["scim"]}}}`,
		shown:   `{"name":"#","organization":{"show_as_button":"required"},"strategy_overrides":{"okta":{"enabled_features":["scim"]}},"connection_config":null}`,
		change:  `{"name":"other","connection_config":{},"strategy_overrides":null}`,
		changed: `{"name":"other","organization":{"show_as_button":"required"},"connection_config":{},"strategy_overrides":null}`,
		absent:  "Connection profile not found.", again: 204,
	},
	{
		entity: "rate_limit_policy", path: "/rate-limit-policies",
		least:   `{"resource":"oauth_authentication_api","consumer":"client","consumer_selector":"client_id:#","configuration":{"action":"block","limit":10}}`,
		shown:   `{"resource":"oauth_authentication_api","consumer":"client","consumer_selector":"client_id:#","configuration":{"action":"block","limit":10}}`,
		change:  `{"configuration":{"action":"allow"}}`,
		changed: `{"resource":"oauth_authentication_api","consumer":"client","consumer_selector":"client_id:1","configuration":{"action":"allow"}}`,
		absent:  "Rate limit policy not found.", taken: "A rate limit policy with the same resource, consumer, and consumer_selector already exists.", again: 204,
	},
	{
		entity: "flow", path: "/flows",
		least:  `{"name":"#","actions":[{"id":"a","type":"AUTH0","action":"UPDATE_USER"}],"description":null}`,
		shown:  `{"name":"#","actions":[{"id":"a","type":"AUTH0","action":"UPDATE_USER"}]}`,
		change: `{"name":"other","actions":null,"synchronous":true}`, changed: `{"name":"other","synchronous":true}`,
		absent: "Flow not found", again: 404,
	},
	{
		entity: "flow_vault_connection", path: "/flows/vault/connections", secret: "hunter2", fresh: []string{"fingerprint"},
		least:  `{"app_id":"HTTP","name":"#","setup":{"type":"BEARER","token":"hunter2"}}`,
		shown:  `{"app_id":"HTTP","name":"#","ready":true}`,
		change: `{"name":"other","setup":null}`, changed: `{"app_id":"HTTP","name":"other","ready":false}`,
		absent: "Connection not found", again: 404,
	},
	{
		entity: "form", path: "/forms",
		least:  `{"name":"#","languages":{"primary":"en"},"nodes":[{"id":"step_1","type":"STEP"}],"ending":{"resume_flow":true}}`,
		shown:  `{"name":"#","languages":{"primary":"en"},"nodes":[{"id":"step_1","type":"STEP"}],"ending":{"resume_flow":true}}`,
		change: `{"name":"other","nodes":[],"ending":null}`, changed: `{"name":"other","languages":{"primary":"en"},"nodes":[]}`,
		absent: "Form not found", again: 404,
	},
}

// settings is what the tests know of a singleton: what a fresh tenant shows or refuses, what it is made of where it is made,
// what changes it, and a secret of the change that no answer has.
type settings struct {
	entity, path          string
	fresh                 string
	absent, absentCode    string
	least, shown          string
	taken, takenCode      string
	change, changed       string
	query, secret, hidden string
	twin                  string // another path of the same
}

var singletons = []settings{
	{
		entity: "email_provider", path: "/emails/provider",
		absent: "There is not a configured email provider", absentCode: "inexistent_email_provider",
		least: `{"name":"mailgun","default_from_address":"a@example.com","credentials":{"api_key":"k3y","domain":"example.com","region":null}}`,
		shown: `{"name":"mailgun","enabled":true,"default_from_address":"a@example.com","credentials":{"domain":"example.com","region":null}}`,
		taken: "An email provider is already configured", takenCode: "email_provider_conflict",
		change:  `{"name":"smtp","enabled":false,"credentials":{"smtp_host":"mail.example.com","smtp_port":587,"smtp_user":"u","smtp_pass":"hunter2"},"settings":{"headers":{"X-SES-Configuration-Set":"s"}}}`,
		changed: `{"name":"smtp","enabled":false,"default_from_address":"a@example.com","credentials":{"smtp_host":"mail.example.com","smtp_port":587,"smtp_user":"u"},"settings":{"headers":{"X-SES-Configuration-Set":"s"}}}`,
		query:   "?fields=name,enabled,default_from_address,credentials,settings", secret: "hunter2",
	},
	{
		entity: "attack_protection_bot_detection", path: "/attack-protection/bot-detection",
		fresh:   `{"challenge_password_policy":"never","challenge_passwordless_policy":"never","challenge_password_reset_policy":"never","allowlist":[],"bot_detection_level":"medium","monitoring_mode_enabled":false}`,
		change:  `{"challenge_password_policy":"always","allowlist":["192.0.2.0/24","2001:db8::1"],"bot_detection_level":"high","monitoring_mode_enabled":true}`,
		changed: `{"challenge_password_policy":"always","challenge_passwordless_policy":"never","challenge_password_reset_policy":"never","allowlist":["192.0.2.0/24","2001:db8::1"],"bot_detection_level":"high","monitoring_mode_enabled":true}`,
	},
	{
		entity: "attack_protection_breached_password", path: "/attack-protection/breached-password-detection",
		fresh:   `{"enabled":false,"shields":[],"admin_notification_frequency":[],"method":"standard","stage":{"pre-user-registration":{"shields":[]},"pre-change-password":{"shields":[]}}}`,
		change:  `{"enabled":true,"shields":["block"],"stage":{"pre-change-password":{"shields":["block"]}}}`,
		changed: `{"enabled":true,"shields":["block"],"admin_notification_frequency":[],"method":"standard","stage":{"pre-user-registration":{"shields":[]},"pre-change-password":{"shields":["block"]}}}`,
	},
	{
		entity: "attack_protection_captcha", path: "/attack-protection/captcha",
		fresh:   `{"active_provider_id":"auth_challenge","simple_captcha":{},"auth_challenge":{"fail_open":false},"recaptcha_v2":{"site_key":""},"recaptcha_enterprise":{"site_key":"","project_id":""},"hcaptcha":{"site_key":""},"friendly_captcha":{"site_key":""},"arkose":{"site_key":"","client_subdomain":"client-api","verify_subdomain":"verify-api","fail_open":false}}`,
		change:  `{"active_provider_id":"hcaptcha","hcaptcha":{"site_key":"s","secret":"hunter2"}}`,
		changed: `{"active_provider_id":"hcaptcha","simple_captcha":{},"auth_challenge":{"fail_open":false},"recaptcha_v2":{"site_key":""},"recaptcha_enterprise":{"site_key":"","project_id":""},"hcaptcha":{"site_key":"s"},"friendly_captcha":{"site_key":""},"arkose":{"site_key":"","client_subdomain":"client-api","verify_subdomain":"verify-api","fail_open":false}}`,
		secret:  "hunter2",
	},
	{
		entity: "risk_assessment_settings", path: "/risk-assessments/settings",
		fresh: `{"enabled":false}`, change: `{"enabled":true}`, changed: `{"enabled":true}`,
	},
	{
		entity: "risk_assessment_new_device", path: "/risk-assessments/settings/new-device",
		fresh: `{"remember_for":30}`, change: `{"remember_for":60}`, changed: `{"remember_for":60}`,
	},
	{
		entity: "guardian_phone_message_types", path: "/guardian/factors/phone/message-types",
		fresh: `{"message_types":[]}`, change: `{"message_types":["voice"]}`, changed: `{"message_types":["voice"]}`,
	},
	{
		entity: "guardian_phone_provider", path: "/guardian/factors/sms/selected-provider", twin: "/guardian/factors/phone/selected-provider",
		fresh: `{"provider":"auth0"}`, change: `{"provider":"twilio"}`, changed: `{"provider":"twilio"}`,
	},
	{
		entity: "guardian_phone_templates", path: "/guardian/factors/sms/templates", twin: "/guardian/factors/phone/templates",
		fresh: `{}`, change: `{"enrollment_message":"{{code}}","verification_message":"{{code}}!"}`, changed: `{"enrollment_message":"{{code}}","verification_message":"{{code}}!"}`,
	},
	{
		entity: "guardian_twilio", path: "/guardian/factors/sms/providers/twilio", twin: "/guardian/factors/phone/providers/twilio", hidden: "hunter2",
		fresh: `{}`, change: `{"from":"+4930","auth_token":"hunter2","sid":"s"}`, changed: `{"from":"+4930","auth_token":"hunter2","sid":"s","messaging_service_sid":null}`,
	},
	{
		entity: "guardian_push_provider", path: "/guardian/factors/push-notification/selected-provider",
		fresh: `{"provider":"guardian"}`, change: `{"provider":"sns"}`, changed: `{"provider":"sns"}`,
	},
	{
		entity: "guardian_sns", path: "/guardian/factors/push-notification/providers/sns", secret: "hunter2",
		fresh: `{}`, change: `{"aws_access_key_id":"k","aws_secret_access_key":"hunter2","aws_region":"eu-west-1"}`,
		changed: `{"aws_access_key_id":"k","aws_region":"eu-west-1","sns_apns_platform_application_arn":null,"sns_gcm_platform_application_arn":null}`,
	},
	{
		entity: "guardian_apns", path: "/guardian/factors/push-notification/providers/apns", secret: "aHVudGVyMg==",
		fresh: `{"sandbox":false,"enabled":false}`, change: `{"bundle_id":"com.example","p12":"aHVudGVyMg=="}`,
		changed: `{"bundle_id":"com.example","sandbox":false,"enabled":true}`,
	},
	{
		entity: "guardian_duo", path: "/guardian/factors/duo/settings", hidden: "hunter2",
		fresh: `{}`, change: `{"ikey":"i","skey":"hunter2","host":"api.example.com"}`, changed: `{"ikey":"i","skey":"hunter2","host":"api.example.com"}`,
	},
	{
		entity: "guardian_webauthn_roaming", path: "/guardian/factors/webauthn-roaming/settings",
		fresh:  `{"userVerification":"discouraged","overrideRelyingParty":false}`,
		change: `{"userVerification":"preferred"}`, changed: `{"userVerification":"preferred","overrideRelyingParty":false}`,
	},
	{
		entity: "guardian_webauthn_platform", path: "/guardian/factors/webauthn-platform/settings",
		fresh: `{"overrideRelyingParty":false}`, change: `{"overrideRelyingParty":true,"relyingPartyIdentifier":"example.com"}`,
		changed: `{"overrideRelyingParty":true,"relyingPartyIdentifier":"example.com"}`,
	},
	{
		entity: "supplemental_signals", path: "/supplemental-signals",
		fresh: `{"akamai_enabled":false}`, change: `{"akamai_enabled":true}`, changed: `{"akamai_enabled":true}`,
	},
}
