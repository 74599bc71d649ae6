package api_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

func TestTenantSettings(t *testing.T) {
	s := open(t)
	s.Tenant(func(t *store.TenantSettings) { *t = store.TenantSettings{} })
	fresh := s.want(200, "GET", "/tenants/settings", nil)
	for path, want := range map[string]any{
		"session_lifetime": 168.0, "idle_session_lifetime": 72.0, "default_audience": "", "session_cookie.mode": "persistent",
		"flags.enable_sso": true, "flags.revoke_refresh_token_grant": false, "flags.enable_client_connections": nil,
		"oidc_logout.rp_logout_end_session_endpoint_discovery": true, "friendly_name": nil, "sandbox_version": "22", "pkce_app_types": nil,
	} {
		if got := fresh.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	s.API("https://api.test/")
	patched := s.want(200, "PATCH", "/tenants/settings", `{"friendly_name":"Example","session_lifetime_in_minutes":181,
		"idle_session_lifetime":1,"flags":{"revoke_refresh_token_grant":true,"enable_client_connections":false},"default_audience":"https://api.test/",
		"pkce_app_types":["native","spa"],"sessions":{"oidc_logout_prompt_enabled":false},"enabled_locales":["en","de"],
		"change_password":{"enabled":true,"html":"x"},"acr_values_supported":["a"],"error_page":{"url":"https://example.com/e"}}`)
	if got := patched.at("session_lifetime").(float64); got < 3.0166 || got > 3.0167 {
		t.Errorf("session_lifetime is %v", got)
	}
	if patched.at("flags.cannot_change_enforce_client_authentication_on_passwordless_start") != true || patched.at("sandbox_versions_available") != nil {
		t.Errorf("patched: %s", patched.text)
	}
	row, err := s.DB.Tenant(t.Context())
	got := row.Settings
	if err != nil || got.FriendlyName != "Example" || got.IdleSessionLifetime != 1 || !got.Flags.RevokeRefreshTokenGrant || got.OIDCLogout.EndUserConfirmation == nil ||
		*got.OIDCLogout.EndUserConfirmation || !reflect.DeepEqual(got.PKCEAppTypes, []string{"native", "spa"}) || got.DefaultAudience != "https://api.test/" {
		t.Errorf("the row is %+v, %v", got, err)
	}
	after := s.want(200, "PATCH", "/tenants/settings", `{"flags":{"enable_sso":false},"change_password":{"enabled":false},"acr_values_supported":null,
		"error_page":null,"default_audience":""}`)
	for path, want := range map[string]any{
		"flags.revoke_refresh_token_grant": true, "flags.enable_sso": false, "change_password.html": "x", "change_password.enabled": false,
		"acr_values_supported": nil, "error_page": nil, "default_audience": "", "friendly_name": "Example",
	} {
		if got := after.at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := s.want(200, "GET", "/tenants/settings", nil).at("pkce_app_types"); !reflect.DeepEqual(got, []any{"native", "spa"}) {
		t.Errorf("pkce_app_types are %v", got)
	}
	s.Tenant(func(t *store.TenantSettings) { t.FriendlyName, t.SessionLifetime = "Other", 48 })
	if got := s.want(200, "GET", "/tenants/settings?fields=friendly_name,session_lifetime", nil); !reflect.DeepEqual(got.body,
		map[string]any{"friendly_name": "Other", "session_lifetime": 48.0}) {
		t.Errorf("what the shell changed: %s", got.text)
	}
	for body, want := range map[string]string{
		`{"default_audience":"https://none.test/"}`:        "no API",
		`{"session_lifetime":1,"idle_session_lifetime":2}`: "idle",
		`{"pkce_app_types":["web"]}`:                       "pkce_app_types",
		`{"sandbox_versions_available":["22"]}`:            "Additional properties",
		`{"default_directory":"none"}`:                     "connection",
		`{"session_lifetime":"1"}`:                         "Expected type integer",
		`{"flags":{"universal_login":"yes"}}`:              "flags",
		`{"attack":1}`:                                     "Additional properties",
	} {
		if got := s.call("PATCH", "/tenants/settings", body); got.status != 400 || got.at("errorCode") != "invalid_body" || !strings.Contains(got.text, want) {
			t.Errorf("%s answers %d %s, want %q in it", body, got.status, got.text, want)
		}
	}
}

// TestTenantActsAtOnce: a session is as long as the tenant says when it is looked at.
func TestTenantActsAtOnce(t *testing.T) {
	s := open(t)
	app := s.app()
	s.User("jane@example.com", "correct horse 9")
	b := s.Browser()
	if b.Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9").Param("code") == "" {
		t.Fatal("no login")
	}
	silent := s.AuthorizeURL(app, "prompt", "none")
	if b.Get(silent).Param("code") == "" {
		t.Fatal("no session")
	}
	s.want(200, "PATCH", "/tenants/settings", `{"session_lifetime_in_minutes":2,"idle_session_lifetime_in_minutes":1}`)
	b = s.Browser()
	b.Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9")
	if b.Get(silent).Param("code") == "" {
		t.Fatal("no session of the shorter kind")
	}
	s.Clock.Advance(90 * time.Second)
	if got := b.Get(silent).Param("error"); got != "login_required" {
		t.Errorf("after the idle lifetime the answer is %q", got)
	}
}

func TestAttackProtection(t *testing.T) {
	s := open(t)
	s.Tenant(func(t *store.TenantSettings) { t.BruteForce, t.SuspiciousIP = store.BruteForce{}, store.SuspiciousIP{} })
	const brute, ip = "/attack-protection/brute-force-protection", "/attack-protection/suspicious-ip-throttling"
	if got := s.want(200, "GET", brute, nil); !reflect.DeepEqual(got.body, map[string]any{"enabled": true,
		"shields": []any{"block", "user_notification"}, "mode": "count_per_identifier_and_ip", "allowlist": []any{}, "max_attempts": 10.0}) {
		t.Errorf("brute force: %s", got.text)
	}
	if got := s.want(200, "GET", ip, nil); got.at("stage.pre-login").(map[string]any)["rate"] != 864000.0 ||
		got.at("stage.pre-user-registration").(map[string]any)["max_attempts"] != 50.0 || got.at("enabled") != true {
		t.Errorf("suspicious IP: %s", got.text)
	}
	app := s.app()
	s.User("jane@example.com", "correct horse 9")
	s.want(200, "PATCH", brute, `{"max_attempts":2,"allowlist":["192.0.2.0/24"]}`)
	last := 0
	for range 3 {
		last = s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "wrong").Status
	}
	if last != 429 {
		t.Errorf("the third failure is %d", last)
	}
	if got := s.want(200, "PATCH", brute, `{"shields":[]}`); got.at("enabled") != true || got.at("max_attempts") != 2.0 {
		t.Errorf("without shields: %s", got.text)
	}
	if got := s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9"); got.Param("code") == "" {
		t.Errorf("without the shield block the login is %d", got.Status)
	}
	got := s.want(200, "PATCH", ip, `{"stage":{"pre-login":{"max_attempts":7}},"enabled":true}`)
	if got.at("stage.pre-login.max_attempts") != 7.0 || got.at("stage.pre-login.rate") != 864000.0 {
		t.Errorf("a stage: %s", got.text)
	}
	s.want(200, "PATCH", ip, `{"stage":{"pre-login":{"rate":60000}}}`)
	row, err := s.DB.Tenant(t.Context())
	want := store.SuspiciousIP{LoginMaxAttempts: 7, LoginRate: 60000}
	want.Enabled = row.Settings.SuspiciousIP.Enabled
	if err != nil || !reflect.DeepEqual(row.Settings.SuspiciousIP, want) || !*want.Enabled || row.Settings.BruteForce.MaxAttempts != 2 {
		t.Errorf("the row is %+v, %v", row.Settings, err)
	}
	s.want(200, "PATCH", "/tenants/settings", `{"friendly_name":"X"}`)
	if after, err := s.DB.Tenant(t.Context()); err != nil || after.Settings.BruteForce.MaxAttempts != 2 {
		t.Errorf("the tenant's settings took the limits away: %+v, %v", after.Settings.BruteForce, err)
	}
	s.refused(s.call("PATCH", brute, `{"allowlist":["nonsense"]}`), 400, "invalid_body", `"nonsense" is neither an address nor a range such as 192.0.2.0/24`)
	s.refused(s.call("PATCH", brute, `{"max_attempts":0}`), 400, "invalid_body", "Payload validation error: 'Value 0 is less than minimum 1' on property max_attempts.")
}
