package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// The answer to the shortest request, but for ids, as the service gives it.
const freshClient = `{"name":"A","is_first_party":true,"is_token_endpoint_ip_header_trusted":false,"oidc_conformant":false,
	"sso_disabled":false,"cross_origin_authentication":false,"custom_login_page_on":true,
	"jwt_configuration":{"lifetime_in_seconds":36000,"secret_encoded":false},
	"grant_types":["authorization_code","implicit","refresh_token","client_credentials"],
	"refresh_token":{"rotation_type":"non-rotating","expiration_type":"non-expiring","leeway":0,"token_lifetime":2592000,
		"infinite_token_lifetime":true,"idle_token_lifetime":1296000,"infinite_idle_token_lifetime":true},
	"tenant":"test","global":false,"encrypted":true,"cross_origin_auth":false,"callback_url_template":false}`

func parse(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestClientDefaults(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/clients", `{"name":"A"}`)
	got := maps.Clone(made.object())
	for _, name := range []string{"client_id", "client_secret"} {
		if len(got[name].(string)) != map[string]int{"client_id": 32, "client_secret": 64}[name] {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if len(got["signing_keys"].([]any)) != 1 {
		t.Errorf("signing_keys: %v", got["signing_keys"])
	}
	for _, name := range []string{"client_id", "client_secret", "signing_keys"} {
		delete(got, name)
	}
	if want := parse(t, freshClient); !reflect.DeepEqual(any(got), want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	read := s.want(200, "GET", "/clients/"+made.at("client_id").(string), nil)
	want := made.object()
	delete(want, "encrypted")
	if !reflect.DeepEqual(read.body, any(want)) {
		t.Errorf("read %v\nwant %v", read.body, want)
	}
	for _, c := range []struct{ sent, path, want string }{
		{`"token_endpoint_auth_method":"none"`, "grant_types", `["authorization_code","implicit","refresh_token"]`},
		{`"token_endpoint_auth_method":"client_secret_post"`, "refresh_token.token_lifetime", `31557600`},
		{`"token_endpoint_auth_method":"client_secret_basic"`, "refresh_token.idle_token_lifetime", `2592000`},
		{`"jwt_configuration":{"alg":"RS256"}`, "jwt_configuration", `{"alg":"RS256","secret_encoded":false}`},
		{`"app_type":"spa"`, "oidc_conformant", `false`},
		{`"app_type":"resource_server"`, "grant_types", `[]`},
		{`"app_type":"express_configuration"`, "organization_usage", `"require"`},
		{`"is_first_party":false,"app_type":"spa","token_endpoint_auth_method":"none"`, "refresh_token.rotation_type", `"rotating"`},
		{`"is_first_party":false,"app_type":"spa","token_endpoint_auth_method":"none"`, "third_party_security_mode", `"permissive"`},
		{`"is_first_party":false,"third_party_security_mode":"strict"`, "grant_types", `["authorization_code"]`},
		{`"callbacks":[]`, "callbacks", `[]`},
		{`"description":""`, "description", `""`},
	} {
		a := s.want(201, "POST", "/clients", `{"name":"A",`+c.sent+`}`)
		if got := a.at(c.path); !reflect.DeepEqual(got, parse(t, c.want)) {
			t.Errorf("with %s %s is %v, want %s", c.sent, c.path, got, c.want)
		}
		again := s.want(200, "GET", "/clients/"+a.at("client_id").(string), nil)
		if got := again.at(c.path); !reflect.DeepEqual(got, parse(t, c.want)) {
			t.Errorf("with %s %s is read back as %v, want %s", c.sent, c.path, got, c.want)
		}
	}
}

func TestClientUpdates(t *testing.T) {
	s := open(t)
	id := s.want(201, "POST", "/clients", `{"name":"A","client_metadata":{"a":"1","b":"2"},"addons":{"samlp":{"audience":"x","mappings":{"a":"b"}}},
		"callbacks":["https://a.test/cb"],"mobile":{"ios":{"team_id":"ABCDE12345","app_bundle_identifier":"com.example.app"}}}`).at("client_id").(string)
	for _, c := range []struct{ sent, path, want string }{
		{`{"client_metadata":{"a":null,"c":"3"}}`, "client_metadata", `{"b":"2","c":"3"}`},
		{`{"addons":{"samlp":{"audience":"y"}}}`, "addons", `{"samlp":{"audience":"y"}}`},
		{`{"addons":null}`, "addons", `null`},
		{`{"jwt_configuration":{"alg":"RS256"}}`, "jwt_configuration", `{"alg":"RS256","lifetime_in_seconds":36000,"secret_encoded":false}`},
		{`{"callbacks":["https://b.test/cb"]}`, "callbacks", `["https://b.test/cb"]`},
		{`{"mobile":{"android":{"app_package_name":"com.example.app"}}}`, "mobile.ios.team_id", `"ABCDE12345"`},
		{`{"token_endpoint_auth_method":"none"}`, "grant_types", `["authorization_code","implicit","refresh_token"]`},
		{`{"token_endpoint_auth_method":null}`, "token_endpoint_auth_method", `null`},
		{`{"client_secret":"0123456789abcdef"}`, "client_secret", `"0123456789abcdef"`},
	} {
		a := s.want(200, "PATCH", "/clients/"+id, c.sent)
		b := s.want(200, "GET", "/clients/"+id, nil)
		for _, a := range []answer{a, b} {
			if got := a.at(c.path); !reflect.DeepEqual(got, parse(t, c.want)) {
				t.Errorf("after %s %s is %v, want %s", c.sent, c.path, got, c.want)
			}
		}
	}
	if row, err := s.DB.Client(t.Context(), id); err != nil || !slices.Equal(row.Settings.Callbacks, []string{"https://b.test/cb"}) || row.Secret != "0123456789abcdef" {
		t.Errorf("the row is %+v, %v", row.Settings, err)
	}
	if a := s.want(200, "POST", "/clients/"+id+"/rotate-secret", nil); a.at("client_secret") == "0123456789abcdef" {
		t.Error("the secret was not rotated")
	}
	events := s.EventRecords()
	if last := events[len(events)-1]; last.Type != "sapi" || last.Description != "Rotate a client secret" || last.Details["id"] != id {
		t.Errorf("the last event is %+v", last)
	}
	// What another door changes is shown; what it does not know stays.
	admin := management.Admin{DB: s.DB}
	if _, err := admin.UpdateClient(t.Context(), id, func(c *store.Client) error {
		c.Name, c.Settings.Callbacks = "B", nil
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	a := s.want(200, "GET", "/clients/"+id, nil)
	if a.at("name") != "B" || a.at("callbacks") != nil || a.at("client_metadata.b") != "2" || a.at("is_first_party") != true {
		t.Errorf("after the shell: %s", a.text)
	}
	s.want(204, "DELETE", "/clients/"+id, nil)
	s.want(204, "DELETE", "/clients/"+id, nil)
	s.refused(s.call("GET", "/clients/"+id, nil), 404, "inexistent_client", "The client does not exist")
	s.refused(s.call("PATCH", "/clients/"+id, "{}"), 404, "inexistent_client", "The client does not exist")
}

func TestClientsFromTheShell(t *testing.T) {
	s := open(t)
	row := s.Client(store.AppSPA)
	a := s.want(200, "GET", "/clients/"+row.ID+"?fields=client_id,app_type,refresh_token", nil)
	if a.at("app_type") != "spa" || a.at("refresh_token.leeway") != 60.0 || a.at("tenant") != "test" || len(a.object()) != 4 {
		t.Errorf("selected: %s", a.text)
	}
	a = s.want(200, "PATCH", "/clients/"+row.ID, `{"description":"d"}`)
	after, err := s.DB.Client(t.Context(), row.ID)
	if err != nil || after.Settings.RefreshToken.RetryWindow() != row.Settings.RefreshToken.RetryWindow() || after.Settings.RefreshToken.Absolute() != row.Settings.RefreshToken.Absolute() ||
		after.Settings.RefreshToken.Idle() != row.Settings.RefreshToken.Idle() || after.Settings.TokenEndpointAuthMethod != "none" || a.at("name") != row.Name {
		t.Errorf("an unrelated update changed %+v to %+v: %s, %v", row.Settings, after.Settings, a.text, err)
	}
}

func TestKeysNeedTheirScope(t *testing.T) {
	s := open(t)
	reader := s.Client(store.AppNonInteractive)
	s.grant(reader, "read:clients update:clients")
	token := s.tokenFor(reader, s.Issuer+"api/v2/")
	if a := s.as(token, "GET", "/clients/"+s.admin.ID, nil); a.status != 200 || a.at("client_secret") != nil || a.at("signing_keys") != nil {
		t.Errorf("without read:client_keys: %d %s", a.status, a.text)
	}
	s.refused(s.as(token, "PATCH", "/clients/"+s.admin.ID, `{"client_secret":"x"}`), 403, "insufficient_scope", "Insufficient scope, expected any of: update:client_keys")
}

func TestClientLists(t *testing.T) {
	s := open(t)
	global := s.want(200, "GET", "/clients?is_global=true", nil).list()
	if len(global) != 1 || global[0].(map[string]any)["name"] != "All Applications" || global[0].(map[string]any)["global"] != true {
		t.Fatalf("is_global=true: %v", global)
	}
	for i := range 5 {
		s.want(201, "POST", "/clients", fmt.Sprintf(`{"name":"N%d","app_type":"native"}`, i))
	}
	for query, want := range map[string]int{
		"": 7, "?is_global=false": 6, "?app_type=native": 5, "?app_type=native,spa&is_global=false": 5, "?is_first_party=false": 0,
		"?per_page=3": 3, "?per_page=3&page=2": 1, "?per_page=3&page=9": 0, "?is_first_party=true&per_page=2&page=1": 2,
	} {
		if got := len(s.want(200, "GET", "/clients"+query, nil).list()); got != want {
			t.Errorf("/clients%s has %d, want %d", query, got, want)
		}
	}
	totals := s.want(200, "GET", "/clients?include_totals=true&per_page=2&page=1&is_global=false&fields=name", nil)
	if totals.at("total") != 6.0 || totals.at("start") != 2.0 || totals.at("limit") != 2.0 || len(totals.at("clients").([]any)) != 2 {
		t.Errorf("totals: %s", totals.text)
	}
	if a := s.want(200, "GET", "/clients?include_totals=true&per_page=0", nil); a.at("total") != 7.0 || len(a.at("clients").([]any)) != 0 {
		t.Errorf("only the totals: %s", a.text)
	}
	both := s.want(200, "GET", "/clients?take=3&include_totals=true&per_page=50", nil)
	if both.at("total") != nil || both.at("next") == nil || len(both.at("clients").([]any)) != 3 {
		t.Errorf("take wins: %s", both.text)
	}
	for query, message := range map[string]string{
		"per_page=101":   "Query validation error: 'Value 101 is greater than maximum 100' on property per_page.",
		"take=0":         "Query validation error: 'Value 0 is less than minimum 1' on property take.",
		"page=x":         "Query validation error: 'Expected type integer but found type string' on property page.",
		"nonsense=1":     "Query validation error: 'Additional properties not allowed: nonsense'.",
		"from=%21":       `Query validation error: 'Invalid value "!"' on property from.`,
		"is_global=yes":  "Query validation error: 'Expected type boolean but found type string' on property is_global.",
		"per_page=-1":    "Query validation error: 'Value -1 is less than minimum 1' on property per_page.",
		"include_totals": "",
	} {
		if message != "" {
			s.refused(s.call("GET", "/clients?"+query, nil), 400, "invalid_query_string", message)
		}
	}
}

// TestCheckpoints reads 1,000 applications page by page while others are made and deleted.
func TestCheckpoints(t *testing.T) {
	s := open(t)
	want := map[string]bool{}
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 1000 {
			c := store.Client{Name: fmt.Sprint("C", i)}
			if err := tx.CreateClient(t.Context(), &c, nil); err != nil {
				return err
			}
			want[c.ID] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var busy sync.WaitGroup
	stop := make(chan struct{})
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			a := s.call("POST", "/clients", `{"name":"new"}`)
			id, _ := a.at("client_id").(string)
			if b := s.call("DELETE", "/clients/"+id, nil); a.status != 201 || b.status != 204 {
				t.Errorf("a write beside the list: %d %s, %d", a.status, a.text, b.status)
				return
			}
		}
	})
	seen, pages := map[string]int{}, 0
	for query := "take=50&fields=client_id"; query != ""; pages++ {
		a := s.want(200, "GET", "/clients?"+query, nil)
		for _, c := range a.at("clients").([]any) {
			seen[c.(map[string]any)["client_id"].(string)]++
		}
		next, more := a.at("next").(string)
		if query = ""; more {
			query = "take=50&fields=client_id&from=" + next
		}
	}
	close(stop)
	busy.Wait()
	for id := range want {
		if seen[id] != 1 {
			t.Errorf("%s was listed %d times", id, seen[id])
		}
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("%s was listed %d times", id, n)
		}
	}
	if pages < 20 {
		t.Errorf("%d pages", pages)
	}
}

func TestAChangedCallbackIsInForceAtOnce(t *testing.T) {
	s := open(t)
	id := s.want(201, "POST", "/clients", `{"name":"A","app_type":"spa","token_endpoint_auth_method":"none","callbacks":["https://a.test/cb"]}`).at("client_id").(string)
	row, err := s.DB.Client(t.Context(), id)
	if err != nil || !slices.Contains(row.Settings.Callbacks, "https://a.test/cb") {
		t.Fatalf("%+v %v", row, err)
	}
	known := func() bool {
		ok, err := s.DB.KnownOrigin(t.Context(), "https://b.test", func(string, string) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if known() {
		t.Error("the origin is known too early")
	}
	s.want(200, "PATCH", "/clients/"+id, `{"callbacks":["https://b.test/cb"]}`)
	if !known() {
		t.Error("the new origin is not known")
	}
	if a := s.call("PATCH", "/clients/"+id, `{"callbacks":["javascript:alert(1)"]}`); a.status != 400 || !strings.Contains(a.text, "callbacks[0]") {
		t.Errorf("a dangerous callback: %d %s", a.status, a.text)
	}
}
