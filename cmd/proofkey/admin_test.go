package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/config"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// admin runs verbs on a tenant of its own: SQLite, or PostgreSQL where PROOFKEY_TEST_POSTGRES names a server.
type admin struct {
	t      *testing.T
	config string
}

const goodPassword = "Correct-Horse-7-Battery"

func newAdminTest(t *testing.T) admin {
	t.Helper()
	dir := t.TempDir()
	database := "main.db"
	if server := os.Getenv("PROOFKEY_TEST_POSTGRES"); server != "" {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", "admin_"+fmt.Sprintf("%x", store.RandomID(8)))
		u.RawQuery = q.Encode()
		database = u.String()
	}
	text := fmt.Sprintf("listen:\n  http: 127.0.0.1:0\nmaster_key: %s\nhash:\n  memory: 7MiB\n  iterations: 1\n"+
		"tenants:\n  - name: main\n    database: %q\n    domains: [\"http://localhost:3000\"]\n"+
		"dashboard:\n  domain: http://127.0.0.1:3000\n", newMasterKey(), database)
	path := filepath.Join(dir, "proofkey.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return admin{t, path}
}

// run runs a verb and returns all it wrote.
func (a admin) run(stdin string, args ...string) (code int, stdout, stderr string) {
	a.t.Helper()
	var out, errs strings.Builder
	code = run(a.t.Context(), append([]string{"admin", "--config", a.config}, args...), strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// must runs a verb that has to succeed, and reads its JSON answer.
func (a admin) must(stdin string, args ...string) map[string]any {
	a.t.Helper()
	var v map[string]any
	a.into(&v, stdin, args...)
	return v
}

func (a admin) list(args ...string) []map[string]any {
	a.t.Helper()
	var v []map[string]any
	a.into(&v, "", args...)
	return v
}

func (a admin) into(v any, stdin string, args ...string) {
	a.t.Helper()
	code, stdout, stderr := a.run(stdin, append(args, "--json")...)
	if code != 0 {
		a.t.Fatalf("admin %s: exit code %d: %s", strings.Join(args, " "), code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), v); err != nil {
		a.t.Fatalf("admin %s answered what is not JSON: %v\n%s", strings.Join(args, " "), err, stdout)
	}
}

// refused runs a verb that has to fail with one line that contains the text.
func (a admin) refused(code int, text string, args ...string) {
	a.t.Helper()
	got, stdout, stderr := a.run("", args...)
	if got != code || !strings.Contains(stderr, text) || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || stdout != "" {
		a.t.Errorf("admin %s: exit code %d, stdout %q, stderr %q\nwant %d and one line with %q", strings.Join(args, " "), got, stdout, stderr, code, text)
	}
}

// open reads the database itself.
func (a admin) open() *store.DB {
	a.t.Helper()
	cfg, err := config.Load(a.config, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	db, err := store.Open(a.t.Context(), databaseName(cfg.Tenants[0].Database), store.Options{MasterKey: cfg.MasterKeyBytes()})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			a.t.Error(err)
		}
	})
	return db
}

// recorded checks the descriptions of the events, the newest first.
func (a admin) recorded(want ...string) {
	a.t.Helper()
	var got []string
	for _, e := range a.list("events", "--type", "sapi", "--limit", fmt.Sprint(len(want))) {
		got = append(got, e["description"].(string))
	}
	if !slices.Equal(got, want) {
		a.t.Errorf("events %q\nwant   %q", got, want)
	}
}

func texts(v any) []string {
	var all []string
	list, _ := v.([]any)
	for _, e := range list {
		all = append(all, e.(string))
	}
	return all
}

func TestAdminApp(t *testing.T) {
	a := newAdminTest(t)
	made := a.must("", "app", "create", "--name", "Shop", "--type", "regular_web", "--callback", "https://shop.example.com/cb",
		"--callback", "https://shop.example.com/cb2", "--rotation", "rotating", "--leeway", "0", "--id-token-lifetime", "1h")
	id, _ := made["client_id"].(string)
	secret, _ := made["client_secret"].(string)
	if len(id) != 32 || len(secret) != 64 {
		t.Fatalf("created %v, want a client_id of 32 and a secret of 64 characters", made)
	}
	shown := a.must("", "app", "show", id)
	if _, ok := shown["client_secret"]; ok {
		t.Error("show says the secret without --show-secret")
	}
	if got := a.must("", "app", "show", id, "--show-secret")["client_secret"]; got != secret {
		t.Errorf("--show-secret: %v, want what create said", got)
	}
	if got := texts(shown["grant_types"]); !slices.Equal(got, []string{"authorization_code", "refresh_token", "client_credentials"}) {
		t.Errorf("grant types of a web application: %q", got)
	}

	updated := a.must("", "app", "update", id, "--name", "Store", "--add-callback", "https://store.example.com/cb",
		"--remove-callback", "https://shop.example.com/cb2", "--web-origin", "https://store.example.com", "--idle-lifetime", "never",
		"--skip-confirmation=false", "--third-party")
	refresh, _ := updated["refresh_token"].(map[string]any)
	for name, c := range map[string]struct{ got, want any }{
		"name":          {updated["name"], "Store"},
		"first party":   {updated["is_first_party"], false},
		"confirmation":  {updated["skip_non_verifiable_callback_uri_confirmation_prompt"], false},
		"rotation":      {refresh["rotation_type"], "rotating"},
		"expiration":    {refresh["expiration_type"], "expiring"},
		"leeway":        {refresh["leeway"], 0.0},
		"infinite idle": {refresh["infinite_idle_token_lifetime"], true},
		"ID token":      {updated["jwt_configuration"].(map[string]any)["lifetime_in_seconds"], 3600.0},
		"callbacks":     {strings.Join(texts(updated["callbacks"]), " "), "https://shop.example.com/cb https://store.example.com/cb"},
	} {
		if c.got != c.want {
			t.Errorf("after the update, %s is %v, want %v", name, c.got, c.want)
		}
	}
	if a.must("", "app", "show", id)["updated_at"] != updated["updated_at"] {
		t.Error("the update answered another updated_at than show")
	}
	db := a.open()
	for origin, want := range map[string]bool{"https://store.example.com": true, "https://evil.example.com": false} {
		if got, err := db.KnownOrigin(t.Context(), origin, func(string, string) bool { return false }); err != nil || got != want {
			t.Errorf("%s may call from a browser: %v, %v; want %v", origin, got, err, want)
		}
	}

	rotated := a.must("", "app", "rotate-secret", id)
	if stored, err := db.Client(t.Context(), id); err != nil || rotated["client_secret"] != stored.Secret || stored.Secret == secret {
		t.Errorf("rotate-secret answered %v, stored is another or the former one (%v)", rotated, err)
	}
	if all := a.list("app", "list"); len(all) != 1 || all[0]["client_id"] != id || all[0]["client_secret"] != nil {
		t.Errorf("list: %v", all)
	}
	a.must("", "app", "delete", id)
	a.refused(1, `there is no application with the client_id "`+id+`"`, "app", "show", id)
	a.recorded("Delete a client", "Rotate a client secret", "Update a client", "Create a client")
	for _, e := range a.list("events") {
		if text := fmt.Sprint(e); strings.Contains(text, secret) || strings.Contains(text, rotated["client_secret"].(string)) {
			t.Errorf("the event has a secret: %s", text)
		}
	}
}

func TestAdminSPAHint(t *testing.T) {
	a := newAdminTest(t)
	_, stdout, stderr := a.run("", "app", "create", "--name", "Page", "--type", "spa")
	if !strings.Contains(stderr, "proofkey admin tenant set --pkce-app-types native,spa") || strings.Contains(stdout, "client_secret") {
		t.Errorf("stdout %q, stderr %q; want the hint how to extend pkce_app_types, and no secret", stdout, stderr)
	}
	if _, _, stderr := a.run("", "app", "create", "--name", "Page", "--type", "spa", "--allow-pkce"); strings.Contains(stderr, "pkce") {
		t.Errorf("with --allow-pkce: %q", stderr)
	}
	if got := texts(a.must("", "tenant", "show")["pkce_app_types"]); !slices.Equal(got, []string{"native", "spa"}) {
		t.Errorf("pkce_app_types = %q", got)
	}
	if _, _, stderr := a.run("", "app", "create", "--name", "Phone", "--type", "native"); stderr != "" {
		t.Errorf("a native application: %q", stderr)
	}
}

func TestAdminAPIAndGrants(t *testing.T) {
	a := newAdminTest(t)
	const audience = "https://api.example.com/"
	made := a.must("", "api", "create", "--identifier", audience, "--name", "API", "--scope", "read:x=Read = see", "--scope", "write:x", "--offline-access", "--token-lifetime", "2h")
	if made["allow_offline_access"] != true || made["token_lifetime"] != 7200.0 || made["skip_consent_for_verifiable_first_party_clients"] != true {
		t.Errorf("created %v", made)
	}
	if got := fmt.Sprint(made["scopes"]); got != "[map[description:Read = see value:read:x] map[value:write:x]]" {
		t.Errorf("scopes = %s", got)
	}
	a.refused(1, "there is an API "+audience+" already", "api", "create", "--identifier", audience, "--name", "API")
	id, _ := made["id"].(string)
	updated := a.must("", "api", "update", id, "--add-scope", "read:x=Look", "--remove-scope", "write:x", "--signing-alg", "HS256", "--offline-access=false", "--dialect", "rfc9068_profile")
	if got := fmt.Sprint(updated["scopes"]); got != "[map[description:Look value:read:x]]" || updated["signing_secret"] != nil || updated["allow_offline_access"] != nil {
		t.Errorf("updated %v", updated)
	}
	if secret, _ := a.must("", "api", "show", audience, "--show-secret")["signing_secret"].(string); len(secret) < 32 {
		t.Errorf("the HS256 secret %q is too short", secret)
	}

	app := a.must("", "app", "create", "--name", "Robot", "--type", "non_interactive")["client_id"].(string)
	grant := a.must("", "grant", "create", "--app", app, "--audience", audience, "--scope", "read:x")["id"].(string)
	a.refused(1, "already: update that one", "grant", "create", "--app", app, "--audience", audience, "--scope", "read:x")
	a.refused(1, `has no scope "write:x": add it to the API first`, "grant", "update", grant, "--scope", "write:x")
	if got := texts(a.must("", "grant", "update", grant, "--scope", "")["scope"]); len(got) != 0 {
		t.Errorf("a grant of nothing has %q", got)
	}
	if all := a.list("grant", "list", "--app", app); len(all) != 1 || all[0]["id"] != grant {
		t.Errorf("grants: %v", all)
	}
	a.must("", "grant", "delete", grant)
	a.must("", "grant", "create", "--app", app, "--audience", audience)
	a.must("", "tenant", "set", "--default-audience", audience)
	a.refused(1, "is the default audience of the tenant", "api", "delete", audience)
	a.must("", "tenant", "set", "--default-audience", "")
	a.must("", "api", "delete", audience)
	if all := a.list("grant", "list"); len(all) != 0 {
		t.Errorf("grants of an API that is gone: %v", all)
	}
	a.recorded("Delete a resource server", "Update tenant settings", "Update tenant settings", "Create a client grant", "Delete a client grant", "Update a client grant",
		"Create a client grant", "Create a client", "Update a resource server", "Create a resource server")
}

func TestAdminUser(t *testing.T) {
	a := newAdminTest(t)
	made := a.must(goodPassword+"\n", "user", "create", "--email", "Jane@Example.com", "--name", "Jane Doe", "--verified", "--password-stdin")
	id, _ := made["user_id"].(string)
	if !strings.HasPrefix(id, "auth0|") || made["email"] != "jane@example.com" || made["email_verified"] != true || made["name"] != "Jane Doe" || made["nickname"] != "jane" || made["has_password"] != true {
		t.Fatalf("created %v", made)
	}
	a.refused(1, "there is a user jane@example.com in Username-Password-Authentication already", "user", "create", "--email", "jane@example.com")
	a.refused(1, `"jane" is not an e-mail address`, "user", "create", "--email", "jane")
	if code, _, stderr := a.run("password1\n", "user", "create", "--email", "joe@example.com", "--password-stdin"); code != 1 || !strings.Contains(stderr, "policy, which wants") || strings.Contains(stderr, "password1") {
		t.Errorf("a weak password: %d %q", code, stderr)
	}

	if got := a.must("", "user", "update", "jane@example.com", "--email", "jane.doe@example.com", "--family-name", "Doe"); got["email_verified"] != false || got["family_name"] != "Doe" || got["name"] != "Jane Doe" {
		t.Errorf("updated %v; a new address is not verified", got)
	}
	a.must("", "user", "create", "--email", "joe@example.com")
	a.refused(1, "belongs to the user "+id, "user", "update", "joe@example.com", "--email", "jane.doe@example.com")
	if a.must("", "user", "block", id)["blocked"] != true || a.must("", "user", "unblock", id)["blocked"] != false {
		t.Error("block and unblock do not do what they say")
	}

	db := a.open()
	keys := []string{"login 192.0.2.1 jane.doe@example.com", "login * jane.doe@example.com", "login ip 192.0.2.1", "login 192.0.2.1 not.jane.doe@example.com"}
	for _, verb := range []func(){
		func() { a.must("", "user", "unblock", id) },
		func() { a.must(goodPassword, "user", "set-password", id, "--password-stdin") },
	} {
		a.count(db, keys...)
		verb()
		for i, key := range keys {
			if n, _, err := db.Attempts(t.Context(), key, 0); err != nil || (n == 0) != (i < 2) {
				t.Errorf("%q counts %d failures (%v); only those of the user's own account are released", key, n, err)
			}
		}
	}
	before, err := db.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.signIn(db, id)
	if shown := a.must("", "user", "show", id); len(shown["sessions"].([]any)) != 1 || len(shown["refresh_tokens"].([]any)) != 1 || len(shown["identities"].([]any)) != 1 {
		t.Errorf("shown %v", shown)
	}
	if got := a.must("", "user", "revoke", id); got["sessions"] != 1.0 || got["refresh_tokens"] != 1.0 {
		t.Errorf("revoke ended %v, want one session and one refresh token", got)
	}
	a.signIn(db, id)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("Another-Horse-8-Stable\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.must("", "user", "set-password", id, "--password-file", file)
	after, err := db.User(t.Context(), id)
	if err != nil || after.PasswordHash == before.PasswordHash {
		t.Errorf("the password hash did not change (%v)", err)
	}
	if shown := a.must("", "user", "show", id); len(shown["sessions"].([]any)) != 0 || len(shown["refresh_tokens"].([]any)) != 0 {
		t.Errorf("who knew the former password is still signed in: %v", shown)
	}
	a.must("", "user", "delete", id)
	a.refused(1, "there is no user", "user", "show", id)
	if all := a.list("user", "list"); len(all) != 1 || all[0]["email"] != "joe@example.com" {
		t.Errorf("list: %v", all)
	}
	a.recorded("Delete a user", "Set a user's password", "Revoke a user's sessions and refresh tokens", "Set a user's password", "Unblock a user", "Unblock a user", "Block a user", "Create a user", "Update a user", "Create a user")
	if text := fmt.Sprint(a.list("events", "--user", id)); strings.Contains(text, before.PasswordHash) || strings.Contains(text, goodPassword) {
		t.Error("an event has the password or its hash")
	}
}

// count adds a failure to attack counters.
func (a admin) count(db *store.DB, keys ...string) {
	a.t.Helper()
	err := db.Write(a.t.Context(), func(tx *store.Tx) error {
		for _, key := range keys {
			if _, err := tx.CountAttempt(a.t.Context(), key, 0, time.Hour); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// signIn gives a user a session and a refresh token.
func (a admin) signIn(db *store.DB, user string) {
	a.t.Helper()
	err := db.Write(a.t.Context(), func(tx *store.Tx) error {
		end := tx.Now().AddDate(0, 0, 1)
		if err := tx.CreateSession(a.t.Context(), store.Session{ID: store.RandomID(8), SecretHash: []byte{1}, UserID: user,
			AuthTime: tx.Now(), CreatedAt: tx.Now(), ActiveAt: tx.Now(), ExpiresAt: end, IdleExpiresAt: end}); err != nil {
			return err
		}
		return tx.CreateRefreshFamily(a.t.Context(), &store.RefreshFamily{ID: store.RandomID(8), UserID: user, ClientID: "c", TokenHash: []byte{1}, ExpiresAt: end})
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func TestAdminUserTakesOverHashes(t *testing.T) {
	a := newAdminTest(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("x"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	id := a.must(string(hash)+"\n", "user", "create", "--email", "old@example.com", "--password-hash-file", "-")["user_id"].(string)
	if u, err := a.open().User(t.Context(), id); err != nil || u.PasswordHash != string(hash) {
		t.Errorf("stored %q, %v", u.PasswordHash, err)
	}
	if code, _, stderr := a.run("$1$md5\n", "user", "create", "--email", "older@example.com", "--password-hash-file", "-"); code != 1 || !strings.Contains(stderr, "argon2id in PHC form") {
		t.Errorf("a hash of another kind: %d %q", code, stderr)
	}
}

func TestAdminKeys(t *testing.T) {
	a := newAdminTest(t)
	states := func() map[string]string {
		all := map[string]string{}
		for _, k := range a.list("keys", "list") {
			all[k["kid"].(string)] = k["state"].(string)
		}
		return all
	}
	code, _, stderr := a.run("", "keys", "rotate", "--alg", "ES256")
	if code != 0 || !strings.Contains(stderr, "stays published as previous") {
		t.Fatalf("rotate: %d %q", code, stderr)
	}
	before := states()
	a.run("", "keys", "rotate", "--alg", "ES256")
	after := states()
	for kid, state := range before {
		if want := map[string]string{"next": "current", "current": "previous", "previous": "previous"}[state]; after[kid] != want {
			t.Errorf("the %s key became %s, want %s", state, after[kid], want)
		}
		if state == "previous" {
			a.must("", "keys", "revoke", kid)
			if got := states()[kid]; got != "revoked" {
				t.Errorf("the revoked key is %s", got)
			}
		}
		if state == "next" {
			a.refused(1, "rotate first", "keys", "revoke", kid)
		}
	}
	a.refused(2, "--alg is RS256, RS512, PS256, ES256 or EdDSA", "keys", "rotate", "--alg", "none")
	a.recorded("Revoke a signing key", "Rotate the signing keys", "Rotate the signing keys")
}

func TestAdminTenantAndConnection(t *testing.T) {
	a := newAdminTest(t)
	set := a.must("", "tenant", "set", "--friendly-name", "Acme", "--session-lifetime", "2d", "--idle-session-lifetime", "1.5", "--enabled-locales", "en,de",
		"--allowed-logout-url", "https://example.com/bye", "--skip-confirmation", "--pkce-app-types", "native,spa")
	if set["session_lifetime"] != 48.0 || set["idle_session_lifetime"] != 1.5 || set["friendly_name"] != "Acme" || set["skip_non_verifiable_callback_uri_confirmation_prompt"] != true {
		t.Errorf("set %v", set)
	}
	set = a.must("", "tenant", "set", "--skip-confirmation=default", "--pkce-app-types", "default", "--session-lifetime", "default", "--remove-allowed-logout-url", "https://example.com/bye")
	for _, gone := range []string{"skip_non_verifiable_callback_uri_confirmation_prompt", "pkce_app_types", "session_lifetime", "allowed_logout_urls"} {
		if v, ok := set[gone]; ok {
			t.Errorf("%s is still %v", gone, v)
		}
	}
	connection := a.must("", "connection", "update", store.DefaultConnection, "--disable-signup", "--password-policy", "excellent", "--password-dictionary=false")
	if got := fmt.Sprint(connection["options"]); got != "map[disable_signup:true passwordPolicy:excellent password_dictionary:false]" {
		t.Errorf("options = %s", got)
	}
	set = a.must("", "tenant", "set", "--brute-force=false", "--brute-force-mode", "count_per_identifier", "--suspicious-ip-allow", "192.0.2.0/24", "--login-max-attempts", "5")
	if got := fmt.Sprint(set["brute_force_protection"], set["suspicious_ip_throttling"]); got != "map[enabled:false mode:count_per_identifier] map[allowlist:[192.0.2.0/24] login_max_attempts:5]" {
		t.Errorf("limits = %s", got)
	}
	a.recorded("Update tenant settings", "Update a connection", "Update tenant settings", "Update tenant settings")
	if all := a.list("domain", "list"); len(all) != 0 {
		t.Errorf("domains before the first start of the server: %v", all)
	}
}

func TestAdminRefusals(t *testing.T) {
	a := newAdminTest(t)
	id := a.must("", "app", "create", "--name", "Phone", "--type", "native")["client_id"].(string)
	for _, c := range []struct {
		code int
		text string
		args []string
	}{
		{2, "--name and --type are required (see: proofkey admin app create --help)", []string{"app", "create"}},
		{1, `the application type "phone" is none of native, spa, regular_web, non_interactive`, []string{"app", "create", "--name", "x", "--type", "phone"}},
		{1, "callbacks: \"javascript:alert(1)\": The callback URL has the scheme javascript", []string{"app", "update", id, "--callback", "javascript:alert(1)"}},
		{1, "needs an application with a secret", []string{"app", "update", id, "--add-grant", "client_credentials"}},
		{1, `the grant type "magic" is none of`, []string{"app", "update", id, "--grant", "magic"}},
		{1, "cannot idle for 7200 s when they end after 3600 s", []string{"app", "update", id, "--refresh-lifetime", "1h", "--idle-lifetime", "2h"}},
		{1, "a leeway of -1 s", []string{"app", "update", id, "--leeway", "-1"}},
		{1, "--id-token-lifetime: this lifetime must end", []string{"app", "update", id, "--id-token-lifetime", "never"}},
		{2, "a lifetime is a number of seconds above 0", []string{"app", "update", id, "--id-token-lifetime", "-5"}},
		{1, "--skip-confirmation is true, false or tenant", []string{"app", "update", id, "--skip-confirmation=maybe"}},
		{1, `--remove-callback: "https://x" is not in the list`, []string{"app", "update", id, "--remove-callback", "https://x"}},
		{1, `"ab" is not an Apple team id`, []string{"app", "update", id, "--ios-team", "ab", "--ios-bundle", "com.example.app"}},
		{1, "its team id and its bundle identifier together", []string{"app", "update", id, "--ios-bundle", "com.example.app"}},
		{1, "is not a SHA-256 fingerprint", []string{"app", "update", id, "--android-fingerprint", "14:6D"}},
		{1, `there is no connection "ldap"`, []string{"app", "update", id, "--connection", "ldap"}},
		{1, "the name of the application must not contain < or >", []string{"app", "update", id, "--name", "<b>"}},
		{2, "nothing to change: name a setting", []string{"app", "update", id}},
		{2, "which one? The verb needs a client_id", []string{"app", "delete"}},
		{2, `unexpected argument "y"`, []string{"app", "delete", "x", "y"}},
		{1, "must not have a fragment", []string{"api", "create", "--identifier", "https://x/#y", "--name", "x"}},
		{1, `the signing algorithm "none" is none of`, []string{"api", "create", "--identifier", "https://x/", "--name", "x", "--signing-alg", "none"}},
		{1, `the scope "a b" is not one word`, []string{"api", "create", "--identifier", "https://x/", "--name", "x", "--scope", "a b=c"}},
		{1, `the scope "a" is there twice`, []string{"api", "create", "--identifier", "https://x/", "--name", "x", "--scope", "a", "--scope", "a"}},
		{1, `there is no API with the identifier "https://x"`, []string{"tenant", "set", "--default-audience", "https://x"}},
		{1, "sessions cannot idle for 240h0m0s", []string{"tenant", "set", "--idle-session-lifetime", "10d"}},
		{1, "names at least one application type", []string{"tenant", "set", "--pkce-app-types", ""}},
		{1, `"xx-yy-zz-" is not a language tag`, []string{"tenant", "set", "--enabled-locales", "xx-yy-zz-"}},
		{1, `"localnet" is neither an address nor a range`, []string{"tenant", "set", "--brute-force-allow", "localnet"}},
		{1, "-1 attempts are not between 0", []string{"tenant", "set", "--login-max-attempts", "-1"}},
		{1, `the password policy "hard" is none of`, []string{"connection", "update", store.DefaultConnection, "--password-policy", "hard"}},
		{1, "the password is empty", []string{"user", "create", "--email", "a@example.com", "--password-stdin"}},
		{2, "a password comes from one place", []string{"user", "create", "--email", "a@example.com", "--password-stdin", "--password-file", "x"}},
		{2, "--password-stdin or --password-file is required", []string{"user", "set-password", "a@example.com"}},
		{2, `there is no tenant "other": there are main, system`, []string{"app", "list", "--tenant", "other"}},
		{2, "--config and --data exclude each other", []string{"app", "list", "--data", "x"}},
	} {
		a.refused(c.code, c.text, c.args...)
	}
	a.recorded("Create a client")
	code, _, stderr := command(t, "admin", "app", "list", "--config=")
	if code != 2 || !strings.Contains(stderr, "--config or --data is required") {
		t.Errorf("without a place: %d %q", code, stderr)
	}
	empty := t.TempDir()
	if code, _, stderr := command(t, "admin", "app", "list", "--data", empty); code != 1 || !strings.Contains(stderr, "holds no tenant: start proofkey dev --data") {
		t.Errorf("an empty folder: %d %q", code, stderr)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) != 0 {
		t.Errorf("the empty folder got %v, %v", left, err)
	}
}

// appoint gives an administrator a role.
func (a admin) appoint(userID, role string) {
	a.t.Helper()
	cfg, err := config.Load(a.config, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	system, err := app.SystemDatabase(databaseName(cfg.Tenants[0].Database))
	if err != nil {
		a.t.Fatal(err)
	}
	db, err := store.Open(a.t.Context(), system, store.Options{MasterKey: cfg.MasterKeyBytes()})
	if err != nil {
		a.t.Fatal(err)
	}
	err = db.Write(a.t.Context(), func(tx *store.Tx) error { return management.Appoint(a.t.Context(), tx, userID, role) })
	if err := errors.Join(err, db.Close()); err != nil {
		a.t.Fatal(err)
	}
}

// Without a Dashboard a link for its first administrator leads nowhere.
func TestBootstrapNeedsADashboard(t *testing.T) {
	a := newAdminTest(t)
	text, err := os.ReadFile(a.config)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(text), "dashboard:")
	if err := os.WriteFile(a.config, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	a.refused(1, "there is no Dashboard: set dashboard.domain", "bootstrap")
}

func TestMigrateAndBootstrap(t *testing.T) {
	a := newAdminTest(t)
	migrate := func(args ...string) (int, string) {
		code, stdout, _ := command(t, append([]string{"migrate", "--config", a.config}, args...)...)
		return code, stdout
	}
	steps, err := filepath.Glob("../../store/migrations/*.sql")
	if err != nil || len(steps) == 0 {
		t.Fatal(steps, err)
	}
	every := func(word string) (all string) {
		for _, database := range []string{"main", "system"} {
			for _, step := range steps {
				all += database + ": " + word + " " + filepath.Base(step) + "\n"
			}
		}
		return all
	}
	for _, step := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--check"}, 1, every("pending")},
		{[]string{"--check"}, 1, every("pending")},
		{nil, 0, every("applied")},
		{nil, 0, "main: up to date\nsystem: up to date\n"},
		{[]string{"--check"}, 0, "main: up to date\nsystem: up to date\n"},
	} {
		if code, stdout := migrate(step.args...); code != step.code || stdout != step.says {
			t.Errorf("migrate %v: %d %q, want %d %q", step.args, code, stdout, step.code, step.says)
		}
	}
	first, second := a.must("", "bootstrap")["link"].(string), a.must("", "bootstrap")["link"].(string)
	if !strings.HasPrefix(first, "http://127.0.0.1:3000/dashboard/bootstrap?ticket=") || first == second {
		t.Errorf("links %q and %q, want two different ones on the Dashboard's domain", first, second)
	}
	machine := a.must("", "app", "create", "--name", "Deploy", "--type", "non_interactive")["client_id"].(string)
	grant := a.must("", "grant", "create", "--app", machine, "--audience", "http://localhost:3000/api/v2/", "--all-scopes")
	if scopes := grant["scope"].([]any); len(scopes) < 200 || !slices.Contains(scopes, any("create:clients")) {
		t.Errorf("the grant for the Management API has %d scopes", len(scopes))
	}
	a.refused(1, "cannot be deleted", "api", "delete", "http://localhost:3000/api/v2/")
	if all := a.list("domain", "list"); len(all) != 1 || all[0]["issuer"] != "http://localhost:3000/" || all[0]["primary"] != true {
		t.Errorf("domains %v", all)
	}
	_, secret, _ := strings.Cut(second, "=")
	if text := fmt.Sprint(a.list("events", "--tenant", "system")); !strings.Contains(text, "Make a link for the first administrator") || strings.Contains(text, secret) {
		t.Errorf("events of the administrators' database: %s", text)
	}
	jane := a.must(goodPassword, "user", "create", "--tenant", "system", "--email", "admin@example.com", "--password-stdin")
	a.must("", "bootstrap") // she has no role
	a.appoint(jane["user_id"].(string), management.RoleAdmin)
	a.refused(1, "there is an Admin already", "bootstrap")
	a.must("", "user", "block", "--tenant", "system", "admin@example.com")
	a.must("", "bootstrap")
	if all := a.list("user", "list"); len(all) != 0 {
		t.Errorf("the administrator is a user of the tenant: %v", all)
	}
}
