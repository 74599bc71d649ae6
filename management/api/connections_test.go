package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// connection is the id of the tenant's first connection.
func (s *tenant) connection() string {
	s.t.Helper()
	c, err := s.DB.Connection(s.t.Context(), store.DefaultConnection)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.ID
}

// app is an application that people sign in to.
func (s *tenant) app() store.Client {
	return s.Client(store.AppNative, func(c *store.Client) {
		c.Settings.Callbacks = []string{"https://app.example.com/callback"}
		c.Settings.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring"}
	})
}

func TestConnections(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/connections", `{"name":"my-db","strategy":"auth0"}`)
	var want any
	if err := json.Unmarshal([]byte(`{"id":"`+made.at("id").(string)+`","name":"my-db","strategy":"auth0",
		"options":{"mfa":{"active":true,"return_enroll_settings":true},"passwordPolicy":"good","strategy_version":2,
		"authentication_methods":{"password":{"enabled":true,"api_behavior":"required","signup_behavior":"allow"},
		"passkey":{"enabled":false},"email_otp":{"enabled":false},"phone_otp":{"enabled":false}},
		"passkey_options":{"challenge_ui":"both","progressive_enrollment_enabled":true,"local_enrollment_enabled":true},
		"brute_force_protection":true},"is_domain_connection":false,"authentication":{"active":true},
		"connected_accounts":{"active":false},"enabled_clients":[],"realms":["my-db"]}`), &want); err != nil {
		t.Fatal(err)
	}
	id := made.at("id").(string)
	if got := s.want(200, "GET", "/connections/"+id, nil); !reflect.DeepEqual(made.body, want) || !reflect.DeepEqual(got.body, want) {
		t.Errorf("made %s, read %s, want %v", made.text, got.text, want)
	}
	s.refused(s.call("POST", "/connections", `{"name":"my-db","strategy":"auth0"}`), 409, "", "A connection with the same name already exists.")
	s.refused(s.call("GET", "/connections/con_0000000000000000", nil), 404, "inexistent_connection", "The connection does not exist")
	s.refused(s.call("POST", "/connections", `{"name":"x","strategy":"none"}`), 400, "invalid_body", `Payload validation error: 'No enum match for: none' on property strategy.`)

	// Options are replaced whole, but for what the service puts back.
	patched := s.want(200, "PATCH", "/connections/"+id, `{"options":{"disable_signup":true},"display_name":"Mine"}`)
	if patched.at("options.passwordPolicy") != nil || patched.at("options.mfa") != nil || patched.at("options.disable_signup") != true ||
		patched.at("options.passkey_options.challenge_ui") != "both" || patched.at("display_name") != "Mine" {
		t.Errorf("patched: %s", patched.text)
	}
	if got := s.want(200, "PATCH", "/connections/"+id, `{"display_name":null}`); got.at("display_name") != nil || got.at("options.disable_signup") != true {
		t.Errorf("a null: %s", got.text)
	}
	list := s.want(200, "GET", "/connections?strategy=auth0&name=my-db&fields=name", nil).list()
	if len(list) != 1 || !reflect.DeepEqual(list[0], map[string]any{"name": "my-db", "is_domain_connection": false}) {
		t.Errorf("the list is %v", list)
	}
	if gone := s.want(202, "DELETE", "/connections/"+id, nil); gone.at("deleted_at") == nil {
		t.Errorf("deleted: %s", gone.text)
	}
	s.want(204, "DELETE", "/connections/"+id, nil)
}

func TestConnectionRules(t *testing.T) {
	s := open(t)
	for options, want := range map[string]string{
		`{"attributes":{"email":{"identifier":{"active":false}}}}`:                                         "attributes must contain one active identifier",
		`{"attributes":{"email":{"identifier":{"active":true}}},"validation":{"username":{"min":1}}}`:      "Cannot set both options.attributes and options.validation",
		`{"attributes":{"email":{"identifier":{"active":true}}},"requires_username":true}`:                 "Cannot set both options.attributes and options.requires_username",
		`{"attributes":{"email":{"identifier":{"active":true}},"phone_number":{"profile_required":true}}}`: "attribute phone_number must also be required on signup",
		`{"passwordPolicy":"odd"}`: `Payload validation error: 'No enum match for: odd' on property options.passwordPolicy.`,
		`{"nonsense":1}`:           "Payload validation error: 'Additional properties not allowed: nonsense' on property options.",
	} {
		s.refused(s.call("POST", "/connections", `{"name":"x","strategy":"auth0","options":`+options+`}`), 400, "invalid_body", want)
	}
	id := s.want(201, "POST", "/connections", `{"name":"x","strategy":"auth0"}`).at("id").(string)
	s.refused(s.call("PATCH", "/connections/"+id, `{"options":{"attributes":{"email":{"identifier":{"active":true},"unique":false}}}}`),
		400, "invalid_body", "cannot add non-unique email attribute")
	for _, body := range []any{nil, `{}`, `[]`, `[1]`, `[{"client_id":"x"}]`, `[{"client_id":"x","status":true,"more":1}]`} {
		if got := s.call("PATCH", "/connections/"+id+"/clients", body); got.status != 400 {
			t.Errorf("%v answers %d %s", body, got.status, got.text)
		}
	}
	s.refused(s.call("PATCH", "/connections/"+id+"/clients", `[{"client_id":"none","status":true}]`), 404, "inexistent_client", "The client does not exist")
}

// TestConnectionOptionsAsRecorded: what the service takes, though its documentation says less.
func TestConnectionOptionsAsRecorded(t *testing.T) {
	s := open(t)
	for strategy, options := range map[string]string{
		"line":        `{"client_id":"line_client_id","client_secret":"line_client_secret"}`,
		"google-apps": `{"domain":"example.com","tenant_domain":"example.com"}`,
		"email": `{"name":"mail","brute_force_protection":true,"email":{"syntax":"liquid","from":"a@example.com","subject":"s","body":"b"},
			"authParams":{"scope":"openid profile"}}`,
		"sms":   `{"name":"text","brute_force_protection":true,"twilio_sid":"abc132","twilio_token":"234127","messaging_service_sid":null}`,
		"samlp": `{"signingCert":"x","fieldsMap":{"email":"EmailAddress","name":["a","b"]}}`,
	} {
		made := s.want(201, "POST", "/connections", `{"name":"as-`+strategy+`","strategy":"`+strategy+`","options":`+options+`}`)
		if made.at("strategy") != strategy {
			t.Errorf("%s made %s", strategy, made.text)
		}
	}
	for _, c := range s.want(200, "GET", "/connections?fields=id&strategy=line", nil).body.([]any) {
		if c := c.(map[string]any); len(c) != 2 || c["id"] == nil || c["is_domain_connection"] != false {
			t.Errorf("the field id selects %v, want it with is_domain_connection", c)
		}
	}
}

// TestConnectionSecrets: what is in the options is sealed at rest, and configuration is never shown.
func TestConnectionSecrets(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/connections", `{"name":"x","strategy":"auth0","options":{"configuration":{"A":"the secret"}}}`)
	id, shown := made.at("id").(string), made.at("options.configuration.A").(string)
	if !strings.HasPrefix(shown, "Ck") || strings.Contains(made.text, "the secret") {
		t.Errorf("shown: %s", made.text)
	}
	again := s.want(200, "PATCH", "/connections/"+id, `{"options":{"configuration":{"A":"`+shown+`","B":"other"}}}`)
	if again.at("options.configuration.A") != shown || again.at("options.configuration.B") == shown {
		t.Errorf("sent back: %s", again.text)
	}
	d, err := s.DB.Document(t.Context(), "connection", id)
	if err != nil || !strings.Contains(d.Secret, "the secret") || d.Body["options"] != nil {
		t.Errorf("stored: %v %v", d.Body, err)
	}
	social := s.want(201, "POST", "/connections", `{"name":"social","strategy":"google-oauth2","options":{"client_id":"a","client_secret":"b"}}`)
	if social.at("options.client_secret") != "b" || social.at("show_as_button") != nil || social.at("options.email") != nil {
		t.Errorf("social: %s", social.text)
	}
}

// TestConnectionActsAtOnce: what is changed here is in force on the next page.
func TestConnectionActsAtOnce(t *testing.T) {
	s := open(t)
	app := s.app()
	s.User("jane@example.com", "correct horse 9")
	id := s.connection()
	page := s.Browser().Get(s.AuthorizeURL(app))
	if !strings.Contains(page.Body, "/u/signup") {
		t.Fatalf("no sign-up on %s", page.Body)
	}
	for options, want := range map[string]store.ConnectionSettings{
		`{"disable_signup":true}`: {DisableSignup: true},
		`{"passwordPolicy":"low","password_complexity_options":{"min_length":12},"disable_signup":true}`: {PasswordPolicy: "low", MinLength: 12, DisableSignup: true},
		`{"password_dictionary":{"enable":false},"password_no_personal_info":{"enable":false},"brute_force_protection":false,"disable_signup":true}`: {
			Dictionary: new(bool), NoPersonalInfo: new(bool), BruteForce: new(bool), DisableSignup: true},
	} {
		s.want(200, "PATCH", "/connections/"+id, `{"options":`+options+`}`)
		if row, err := s.DB.ConnectionByID(t.Context(), id); err != nil || !reflect.DeepEqual(row.Settings, want) {
			t.Errorf("%s makes %+v, %v", options, row.Settings, err)
		}
		if page := s.Browser().Get(s.AuthorizeURL(app)); strings.Contains(page.Body, "/u/signup") || page.Status != 200 {
			t.Errorf("after %s sign-up is still offered: %d", options, page.Status)
		}
	}
	// Without brute force protection nobody is blocked; with it they are.
	fail := func() (last int) {
		for range 11 {
			last = s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "wrong").Status
		}
		return last
	}
	s.want(200, "PATCH", "/connections/"+id, `{"options":{"brute_force_protection":false}}`)
	if got := fail(); got != 400 {
		t.Errorf("without protection the eleventh failure is %d", got)
	}
	s.want(200, "PATCH", "/connections/"+id, `{"options":{}}`)
	if got := fail(); got != 429 {
		t.Errorf("with protection the eleventh failure is %d", got)
	}
	s.want(200, "PATCH", "/connections/"+id, `{"authentication":{"active":false}}`)
	if got := s.Browser().Get(s.AuthorizeURL(app)); got.Status != 403 {
		t.Errorf("an inactive connection: %d", got.Status)
	}
}

// TestConnectionShownFromRow: what the shell changed is what is shown.
func TestConnectionShownFromRow(t *testing.T) {
	s := open(t)
	id := s.connection()
	row, err := s.DB.ConnectionByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	row.Settings = store.ConnectionSettings{PasswordPolicy: "excellent", Disabled: true}
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveConnection(t.Context(), &row) }); err != nil {
		t.Fatal(err)
	}
	got := s.want(200, "GET", "/connections/"+id, nil)
	if got.at("options.passwordPolicy") != "excellent" || got.at("authentication.active") != false || got.at("options.mfa.active") != true {
		t.Errorf("shown: %s", got.text)
	}
	s.want(200, "PATCH", "/connections/"+id, `{"display_name":"X"}`)
	if after, err := s.DB.ConnectionByID(t.Context(), id); err != nil || !reflect.DeepEqual(after.Settings.PasswordPolicy, "excellent") || !after.Settings.Disabled {
		t.Errorf("the row is %+v, %v", after.Settings, err)
	}
}

// TestConnectionClients: a connection that is taken from an application stops the next login, and both lists agree.
func TestConnectionClients(t *testing.T) {
	s := open(t)
	app, other := s.app(), s.app()
	s.User("jane@example.com", "correct horse 9")
	id := s.connection()
	login := func() string {
		return s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9").Param("code")
	}
	if login() == "" {
		t.Fatal("no login")
	}
	enabled := func(of string) (ids []string) {
		for _, v := range s.want(200, "GET", "/connections/"+of+"/clients", nil).at("clients").([]any) {
			ids = append(ids, v.(map[string]any)["client_id"].(string))
		}
		var listed []string
		for _, v := range s.want(200, "GET", "/connections/"+of, nil).at("enabled_clients").([]any) {
			listed = append(listed, v.(string))
		}
		if !reflect.DeepEqual(ids, listed) {
			t.Errorf("clients are %v, enabled_clients %v", ids, listed)
		}
		return ids
	}
	if got := enabled(id); len(got) != 3 {
		t.Errorf("at first %v", got)
	}
	s.want(204, "PATCH", "/connections/"+id+"/clients", `[{"client_id":"`+app.ID+`","status":false}]`)
	if page := s.Browser().Get(s.AuthorizeURL(app)); page.Status != 403 {
		t.Errorf("the login form without a connection: %d", page.Status)
	}
	// A new connection is nobody's, and a social one does not become the one the form is for.
	social := s.want(201, "POST", "/connections", `{"name":"a-social","strategy":"github","options":{},"enabled_clients":["`+app.ID+`"]}`).at("id").(string)
	if got := enabled(social); !reflect.DeepEqual(got, []string{app.ID}) {
		t.Errorf("the new one: %v", got)
	}
	if page := s.Browser().Get(s.AuthorizeURL(app)); page.Status != 403 {
		t.Errorf("a login form for a social connection: %d", page.Status)
	}
	s.want(200, "PATCH", "/connections/"+id, `{"enabled_clients":["`+app.ID+`"]}`)
	if got := enabled(id); !reflect.DeepEqual(got, []string{app.ID}) {
		t.Errorf("after enabled_clients: %v", got)
	}
	if login() == "" {
		t.Error("no login after the connection came back")
	}
	if page := s.Browser().Get(s.AuthorizeURL(other)); page.Status != 403 {
		t.Errorf("the other application: %d", page.Status)
	}
	stranger, err := s.DB.ConnectionByID(t.Context(), social)
	if err != nil || !stranger.Settings.Disabled {
		t.Errorf("the social connection is %+v, %v", stranger, err)
	}
	if stranger.Settings.Disabled = false; management.CheckConnection(stranger) == nil {
		t.Error("a strategy that is not built can be enabled")
	}
	mine := s.want(200, "GET", "/clients/"+app.ID+"/connections", nil).at("connections").([]any)
	if len(mine) != 2 {
		t.Errorf("connections of the application: %v", mine)
	}
	row, err := s.DB.Client(t.Context(), app.ID)
	if err != nil || !reflect.DeepEqual(row.Settings.Connections, []string{store.DefaultConnection, "a-social"}) {
		t.Errorf("the row has %v, %v", row.Settings.Connections, err)
	}
	if page := s.want(200, "GET", "/connections?take=1", nil); page.at("next") == nil || len(page.at("connections").([]any)) != 1 {
		t.Errorf("a page: %s", page.text)
	}
}

// TestConnectionDeleted: its users go with it, and nothing of theirs works any more.
func TestConnectionDeleted(t *testing.T) {
	s := open(t)
	api := s.API("https://api.test/")
	app := s.app()
	u := s.User("jane@example.com", "correct horse 9")
	code := s.Browser().Login(s.AuthorizeURL(app, "audience", api.Identifier, "scope", "openid offline_access"), "jane@example.com", "correct horse 9").Param("code")
	refresh := s.Exchange(app, code).Text("refresh_token")
	if refresh == "" {
		t.Fatal("no refresh token")
	}
	s.Tenant(func(t *store.TenantSettings) { t.DefaultDirectory = store.DefaultConnection })
	s.want(202, "DELETE", "/connections/"+s.connection(), nil)
	if _, err := s.DB.User(t.Context(), u.ID); err == nil {
		t.Error("the user is still there")
	}
	got := s.Token("grant_type", "refresh_token", "client_id", app.ID, "refresh_token", refresh)
	if got.Status == 200 {
		t.Errorf("the refresh token still works: %s", got.Body)
	}
	families, err := s.DB.RefreshFamilies(t.Context(), u.ID)
	if err != nil || len(families) != 0 {
		t.Errorf("living refresh tokens: %v %v", families, err)
	}
	if tenant, err := s.DB.Tenant(t.Context()); err != nil || tenant.Settings.DefaultDirectory != "" {
		t.Errorf("default_directory is %q, %v", tenant.Settings.DefaultDirectory, err)
	}
}

// TestConnectionsOfNewApplications: they have all, unless the tenant says none.
func TestConnectionsOfNewApplications(t *testing.T) {
	s := open(t)
	for flag, want := range map[string]int{"true": 1, "false": 0} {
		s.want(200, "PATCH", "/tenants/settings", `{"flags":{"enable_client_connections":`+flag+`}}`)
		id := s.want(201, "POST", "/clients", `{"name":"x"}`).at("client_id").(string)
		got := s.want(200, "GET", "/clients/"+id+"/connections", nil).at("connections").([]any)
		if len(got) != want {
			t.Errorf("with enable_client_connections %s a new application has %v", flag, got)
		}
		if s.want(200, "PATCH", "/clients/"+id, `{"name":"y"}`); len(s.want(200, "GET", "/clients/"+id+"/connections", nil).at("connections").([]any)) != want {
			t.Errorf("with enable_client_connections %s an update changed the connections", flag)
		}
	}
}
