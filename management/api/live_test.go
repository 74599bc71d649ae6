package api_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
	"github.com/proofkey/proofkey/store"
)

// paths are the names of the settings of a row as JSON has them; those in objects are dotted.
func paths(t reflect.Type) (all []string) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if name == "" || name == "-" {
			continue
		}
		all = append(all, name)
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[store.Background]() {
			for _, p := range paths(inner) {
				all = append(all, name+"."+p)
			}
		}
	}
	return all
}

// What the running system has in its rows is not marked as stored only, and what is not marked is in a row, or is named here
// with where it is.
func TestStoredOnlyMarks(t *testing.T) {
	for _, c := range []struct {
		entity string
		row    reflect.Type
		// renamed are settings of the row that the wire has by another name or in another entity; unread are those that it
		// keeps for later; elsewhere are fields that are acted on and are not in the settings.
		renamed, unread, elsewhere string
	}{
		{
			"client", reflect.TypeFor[store.ClientSettings](), "third_party disabled connections assertion_keys", "",
			"name is_first_party client_metadata client_secret client_authentication_methods.private_key_jwt",
		},
		{"resource_server", reflect.TypeFor[store.APISettings](), "disabled", "token_lifetime_for_web", "name identifier scopes signing_secret"},
		{
			"tenant_settings", reflect.TypeFor[store.TenantSettings](), "brute_force_protection suspicious_ip_throttling oidc_logout.rp_logout_end_user_confirmation", "",
			"sessions session_lifetime_in_minutes idle_session_lifetime_in_minutes flags.enable_client_connections",
		},
		{"organization", reflect.TypeFor[store.OrganizationSettings](), "", "token_quota is_app_entitlement_active", "name display_name enabled_connections"},
		{
			"organization_connection", reflect.TypeFor[store.OrganizationConnectionSettings](), "hide_button disabled",
			"organization_connection_name organization_access_level", "connection_id is_enabled",
		},
		{"branding", reflect.TypeFor[store.Branding](), "", "", ""},
		{"branding_theme", reflect.TypeFor[store.Theme](), "", "", ""},
	} {
		var settings []string
		for _, p := range paths(c.row) {
			root, _, _ := strings.Cut(p, ".")
			if named := strings.Fields(c.renamed); slices.Contains(named, p) || slices.Contains(named, root) {
				continue
			}
			settings = append(settings, p)
			unread := slices.Contains(strings.Fields(c.unread), root)
			if stored, known := api.StoredOnly(c.entity, p); !known || stored != unread {
				t.Errorf("%s %s: sent %t, marked as stored only %t: put it into live.tsv if it is acted on", c.entity, p, known, stored)
			}
		}
		for _, live := range api.LiveFields(c.entity) {
			if live != "*" && !strings.HasPrefix(live, "!") && !slices.Contains(settings, live) && !slices.Contains(strings.Fields(c.elsewhere), live) {
				t.Errorf("%s %s is in live.tsv, and no row has it", c.entity, live)
			}
		}
	}
}

// The description says it to programs and to people.
func TestStoredOnlyIsDescribed(t *testing.T) {
	s := open(t)
	a := s.as("", "GET", "/openapi.json", nil)
	at := func(path ...string) any {
		v := a.body
		for _, name := range path {
			m, _ := v.(map[string]any)
			v = m[name]
		}
		return v
	}
	const mark = "x-proofkey-stored-only"
	for _, c := range []struct {
		schema string
		path   string
		want   any
	}{
		{"client_update", "addons", true}, {"client_create", "addons", true}, {"client", "addons", true}, {"client", "callbacks", nil}, {"client", "client_id", nil},
		{"client_update", "jwt_configuration", nil}, {"client_update", "jwt_configuration.scopes", true}, {"client_update", "jwt_configuration.alg", nil},
		{"resource_server_create", "token_lifetime_for_web", true}, {"tenant_settings_update", "flags.enable_sso", true},
		{"prompt_settings_update", "universal_login_experience", true}, {"prompt_settings_update", "identifier_first", nil},
		{"branding_theme_create", "colors.captcha_widget_theme", true}, {"branding_theme_create", "colors.error", nil},
	} {
		path := []string{"components", "schemas", c.schema}
		for name := range strings.SplitSeq(c.path, ".") {
			path = append(path, "properties", name)
		}
		if got := at(append(path, mark)...); got != c.want || at(path...) == nil {
			t.Errorf("%s %s is marked %v, want %v", c.schema, c.path, got, c.want)
		}
	}
	for operation, want := range map[string]any{
		"get /log-streams": true, "delete /log-streams/{id}": true, "post /actions/actions": true, "put /guardian/policies": true, "patch /attack-protection/captcha": true,
		"get /attack-protection/captcha": true, "patch /branding": nil, "patch /clients/{id}": nil, "patch /prompts/rendering": true, "get /prompts/mfa-push": true, "get /users": nil,
	} {
		method, path, _ := strings.Cut(operation, " ")
		if got := at("paths", path, method, mark); got != want || at("paths", path, method) == nil {
			t.Errorf("%s is marked %v, want %v", operation, got, want)
		}
	}
	description, _ := at("paths", "/prompts/{prompt}/partials", "put", "description").(string)
	if !strings.HasPrefix(description, "Partials of login") {
		t.Errorf("partials: %q", description)
	}
	if text, err := json.Marshal(at("components", "schemas", "connection_update", "properties", "options")); err != nil || !strings.Contains(string(text), "Everything else is stored only") {
		t.Errorf("options of connections: %s", text)
	}
	page := s.Do("GET", "/api/v2/docs", "", "")
	for _, want := range []string{"fields of the body are stored only", "<code>jwt_configuration.scopes</code>", "Stored only: nothing is sent to a stream."} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
