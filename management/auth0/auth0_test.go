package auth0_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management/auth0"
	"github.com/proofkey/proofkey/store"
)

// given are the keywords of the fixtures.
func given() auth0.Keywords {
	return auth0.Keywords{"SHOP_URL": "https://shop.example.com", "LOGOUT_URLS": []any{"https://shop.example.com/bye"}}
}

func read(t *testing.T, name string, k auth0.Keywords) *auth0.Export {
	t.Helper()
	e, err := auth0.Read(name, k)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// folder writes files into a folder of its own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tenantOf(s *idptest.Server) auth0.Tenant {
	t := s.App.Tenants[0]
	return auth0.Tenant{Name: t.Name, DB: t.DB, Domains: t.Domains, Keys: t.Keys}
}

func bring(t *testing.T, s *idptest.Server, e *auth0.Export, o auth0.Options) *auth0.Report {
	t.Helper()
	r, err := e.Import(t.Context(), tenantOf(s), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// applied brings an export that nothing stands against.
func applied(t *testing.T, s *idptest.Server, e *auth0.Export) *auth0.Report {
	t.Helper()
	r := bring(t, s, e, auth0.Options{Apply: true})
	if !r.Applied {
		t.Fatalf("not applied: %s", strings.Join(lines(r), "\n"))
	}
	return r
}

// lines are the entries of a report as texts, each with its fields.
func lines(r *auth0.Report) (all []string) {
	for _, e := range r.Entries {
		line := strings.TrimSpace(strings.Join([]string{e.Action, e.Kind, e.Name, e.ID, e.Reason}, " "))
		for _, f := range e.Fields {
			line += " | " + f.Name + ": " + f.From + " → " + f.To
		}
		all = append(all, line)
	}
	return all
}

// rest are the other parts of a report as texts.
func rest(r *auth0.Report) (all []string) {
	for _, n := range r.Unsupported {
		all = append(all, strings.Join([]string{n.Kind, n.Name, n.Field, n.Reason}, " "))
	}
	for _, m := range r.Missing {
		all = append(all, strings.Join([]string{"missing", m.Kind, m.Name, m.Field, m.Keyword}, " "))
	}
	for _, a := range r.Secrets {
		all = append(all, "secret of "+a.Name)
	}
	return all
}

func has(t *testing.T, all []string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, part) }) {
			t.Errorf("nothing says %q in\n%s", part, strings.Join(all, "\n"))
		}
	}
}

// state is what the tenant's database has that an import could change, without times.
func state(t *testing.T, db *store.DB) []string {
	t.Helper()
	ctx := t.Context()
	var all []string
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	clients, err := db.Clients(ctx)
	fail(err)
	for _, c := range clients {
		all = append(all, "client "+c.ID+" "+c.Name+" "+c.Secret)
	}
	connections, err := db.Connections(ctx)
	fail(err)
	for _, c := range connections {
		all = append(all, "connection "+c.ID+" "+c.Name)
	}
	apis, err := db.APIs(ctx)
	fail(err)
	for _, a := range apis {
		all = append(all, "API "+a.ID+" "+a.Identifier)
	}
	roles, err := db.Roles(ctx)
	fail(err)
	for _, r := range roles {
		all = append(all, "role "+r.ID+" "+r.Name)
	}
	events, err := db.Events(ctx, store.EventFilter{Limit: 10000})
	fail(err)
	for _, e := range events {
		all = append(all, "event "+e.ID)
	}
	tenant, err := db.Tenant(ctx)
	fail(err)
	return append(all, "tenant "+tenant.Settings.FriendlyName+" "+tenant.UpdatedAt.String())
}

func TestDryRunSaysWhatApplyingDoes(t *testing.T) {
	s := idptest.New(t)
	e := read(t, "testdata/folder", given())
	before := state(t, s.DB)
	dry := bring(t, s, e, auth0.Options{})
	if after := state(t, s.DB); !slices.Equal(before, after) {
		t.Errorf("a dry run left\n%s\nwhere there was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	if dry.Applied || dry.Refused() {
		t.Errorf("the dry run says: applied %v, refused %v", dry.Applied, dry.Refused())
	}
	done := applied(t, s, e)
	if !slices.Equal(lines(dry), lines(done)) || !slices.Equal(rest(dry), rest(done)) {
		t.Errorf("the dry run said\n%s\nand applying\n%s", strings.Join(append(lines(dry), rest(dry)...), "\n"), strings.Join(append(lines(done), rest(done)...), "\n"))
	}
	has(t, lines(done),
		"create API Orders 65a1b2c3d4e5f60718293a4b", "create application Shop w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3",
		"create application Shop (phone) n4T1veN4T1veN4T1veN4T1veN4T1veN4", "create connection google-oauth2 con_Google0123456789",
		`change database connection Username-Password-Authentication con_ShopUsers0123456 | enabled_clients: "r0b0tr0b0tr0b0tr0b0tr0b0tr0b0tr0" →`,
		`options.passwordPolicy: "good" → "fair"`, "create client grant Robot → https://orders.example.com/ cgr_R0b0tOrders01234",
		"create role Clerk rol_Clerk01234567890", "create organization acme org_Acme012345678901",
		"create action enrich 6f1e2d3c-0000-4000-8000-000000000001", "max_attempts: 10 → 5", `friendly_name:  → "Example Shop"`,
		"idle_session_lifetime: 72 → 0.5", "pkce_app_types:", "create log stream hook lst_0000000000012345",
		"create e-mail template verify_email", "create e-mail provider smtp", "change text of login in de", "change second factor otp")
	has(t, rest(done),
		"clients Robot a_property_of_next_year Proofkey does not know this property", "tenant  flags.a_flag_of_next_year",
		"rules Enrich  Rules ended", "forms Sign-up  Forms and Flows are not built", "google-oauth2  kept with its options, but not in force",
		`enabled_clients[3] there is no application "Left out"`, "missing connections google-oauth2 options.client_secret CONNECTIONS_GOOGLE_OAUTH2_SECRET",
		"missing actions enrich secrets.API_KEY", "missing emailProvider smtp credentials.smtp_pass SMTP_PASS", "secret of Robot", "secret of Shop")
	for _, line := range rest(done) {
		if strings.Contains(line, "secret of Catalogue") || strings.Contains(line, "secret of Shop (phone)") {
			t.Errorf("a public application needs no secret: %s", line)
		}
	}
}

func TestSecondImportChangesNothing(t *testing.T) {
	s := idptest.New(t)
	e := read(t, "testdata/folder", given())
	applied(t, s, e)
	before := state(t, s.DB)
	for range 2 {
		again := applied(t, s, e)
		if n := again.Count(auth0.Leave); n != len(again.Entries) || n < 20 || len(again.Secrets) > 0 {
			t.Errorf("the second import says\n%s", strings.Join(lines(again), "\n"))
		}
	}
	if after := state(t, s.DB); !slices.Equal(before, after) {
		t.Errorf("the second import left\n%s\nwhere there was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

// Both forms of an export say the same.
func TestYAMLForm(t *testing.T) {
	ofFolder, ofYAML := idptest.New(t), idptest.New(t)
	one := applied(t, ofFolder, read(t, "testdata/folder", given()))
	other := applied(t, ofYAML, read(t, "testdata/yaml/tenant.yaml", given()))
	// Each tenant has made two ids of its own.
	own := regexp.MustCompile(`(\| id: "con_|change page login )\w+`)
	clean := func(r *auth0.Report) []string {
		all := append(lines(r), rest(r)...)
		for i, line := range all {
			all[i] = own.ReplaceAllString(line, "$1")
		}
		slices.Sort(all)
		return all
	}
	a, b := clean(one), clean(other)
	if !slices.Equal(a, b) {
		t.Errorf("the folder comes to\n%s\nand the YAML file to\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	// A second import of the other form finds everything as it says.
	again := applied(t, ofFolder, read(t, "testdata/yaml/tenant.yaml", given()))
	if again.Count(auth0.Leave) != len(again.Entries) {
		t.Errorf("after the folder, the YAML file says\n%s", strings.Join(lines(again), "\n"))
	}
}

// What is refused stands against the whole, and says where and what.
func TestNothingHalfDone(t *testing.T) {
	s := idptest.New(t)
	e := read(t, folder(t, map[string]string{
		"clients/A.json": `{"client_id": "aaa", "name": "A", "app_type": "native"}`,
		"clients/B.json": "{\n  \"client_id\": \"bbb\",\n  \"name\": \"B\",\n  \"callbacks\": [\n    \"https://b.example.com/\",\n    \"javascript:alert(1)\"\n  ]\n}",
		"clients/C.json": `{"name": "C"}`,
		"grants/a.json":  `{"client_id": "A", "audience": "https://nowhere.example.com/", "scope": []}`,
		"roles/R.json":   "{\"name\": \"R\",\n \"permissions\": [{\"permission_name\": \"p\", \"resource_server_identifier\": \"https://nowhere.example.com/\"}]}",
	}), nil)
	before := state(t, s.DB)
	r := bring(t, s, e, auth0.Options{Apply: true})
	if r.Applied || !r.Refused() {
		t.Error("it was applied")
	}
	if after := state(t, s.DB); !slices.Equal(before, after) {
		t.Errorf("it left %q", after)
	}
	has(t, lines(r), "create application A aaa", "refuse application B", "on property callbacks[1]", "refuse application C",
		"AUTH0_EXPORT_IDENTIFIERS=true", "refuse client grant A", "The resource server https://nowhere.example.com/ does not exist.")
	for _, entry := range r.Entries {
		if entry.Name == "B" && entry.At.String() != "clients/B.json:6" {
			t.Errorf("B is refused at %s, want the line of its second callback", entry.At)
		}
	}
}

// An end from outside leaves nothing behind.
func TestInterrupted(t *testing.T) {
	s := idptest.New(t)
	e := read(t, "testdata/folder", given())
	before := state(t, s.DB)
	ctx, stop := contextAfter(t, 12)
	defer stop()
	_, err := e.Import(ctx, tenantOf(s), auth0.Options{Apply: true})
	if !errors.Is(err, errStop) {
		t.Fatalf("the import ends with %v", err)
	}
	if after := state(t, s.DB); !slices.Equal(before, after) {
		t.Errorf("it left\n%s", strings.Join(after, "\n"))
	}
	applied(t, s, e)
}

// What the tenant has beside is left alone, and what somebody changed is brought back, property by property.
func TestImportIntoATenantInUse(t *testing.T) {
	s := idptest.New(t)
	e := read(t, "testdata/folder", given())
	applied(t, s, e)
	own := s.Client(store.AppNative, idptest.Callback("com.own.app://x/callback"))
	shop, err := s.DB.Client(t.Context(), "w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3")
	if err != nil {
		t.Fatal(err)
	}
	shop.Settings.Callbacks = append(shop.Settings.Callbacks, "https://staging.example.com/callback")
	shop.Settings.Description = "Changed here"
	s.SaveClient(shop)
	r := applied(t, s, e)
	var changed []string
	for _, line := range lines(r) {
		if !strings.HasPrefix(line, "leave") {
			changed = append(changed, line)
		}
	}
	want := `change application Shop w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3 | callbacks: "https://staging.example.com/callback" → `
	if len(changed) != 1 || changed[0] != want {
		t.Errorf("changed are %q, want %q", changed, want)
	}
	after, err := s.DB.Client(t.Context(), shop.ID)
	if err != nil || after.Settings.Description != "Changed here" || after.Secret != shop.Secret {
		t.Errorf("what the export does not name was changed: %+v (%v)", after.Settings, err)
	}
	if _, err := s.DB.Client(t.Context(), own.ID); err != nil {
		t.Errorf("an application that the export does not name: %v", err)
	}
}

// A connection that has users keeps its id: a new one would take them away.
func TestConnectionWithUsersKeepsItsID(t *testing.T) {
	s := idptest.New(t)
	u := s.User("jane@example.com", "a-good-password-1")
	before, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	r := applied(t, s, read(t, "testdata/folder", given()))
	has(t, rest(r), "databases Username-Password-Authentication id the connection keeps its id "+before.ID)
	if _, err := s.DB.User(t.Context(), u.ID); err != nil {
		t.Errorf("the user is gone: %v", err)
	}
	again := applied(t, s, read(t, "testdata/folder", given()))
	if again.Count(auth0.Leave) != len(again.Entries) {
		t.Errorf("the second import says\n%s", strings.Join(lines(again), "\n"))
	}
}

func TestNewClientIDs(t *testing.T) {
	s := idptest.New(t)
	dir := folder(t, map[string]string{
		"clients/A.json":           `{"name": "A", "app_type": "non_interactive", "grant_types": ["client_credentials"]}`,
		"resource-servers/B.json":  `{"name": "B", "identifier": "https://b.example.com/", "scopes": [{"value": "read"}]}`,
		"grants/A-B.json":          `{"client_id": "A", "audience": "https://b.example.com/", "scope": ["read"]}`,
		"connections/ignored.html": "",
	})
	o := auth0.Options{Apply: true, NewClientIDs: true, Secrets: map[string]string{"A": "the-former-secret-of-the-application-A"}}
	r := bring(t, s, read(t, dir, nil), o)
	if !r.Applied || len(r.Secrets) != 0 {
		t.Fatalf("%q, secrets %v", lines(r), r.Secrets)
	}
	clients, err := s.DB.Clients(t.Context())
	i := slices.IndexFunc(clients, func(c store.Client) bool { return c.Name == "A" })
	if err != nil || i < 0 || len(clients[i].ID) != 32 || clients[i].Secret != o.Secrets["A"] {
		t.Fatalf("clients %+v (%v)", clients, err)
	}
	token := s.Token("grant_type", "client_credentials", "client_id", clients[i].ID, "client_secret", o.Secrets["A"], "audience", "https://b.example.com/")
	if token.Status != 200 {
		t.Errorf("a token for the API: %d %s", token.Status, token.Body)
	}
	// The second time it is found by its name.
	if again := bring(t, s, read(t, dir, nil), auth0.Options{Apply: true}); again.Count(auth0.Leave) != 3 {
		t.Errorf("the second import says %q", lines(again))
	}
	s.Client(store.AppNative, func(c *store.Client) { c.Name = "A" })
	has(t, lines(bring(t, s, read(t, dir, nil), o)), "refuse application A  2 applications have this name here", `refuse client grant A → https://b.example.com/  2 applications have the name "A"`)
}

// Nothing that may be secret is in a report.
func TestReportShowsNoSecret(t *testing.T) {
	s := idptest.New(t)
	const secret = "S3cr3tValue"
	k := maps.Clone(given())
	for _, name := range []string{"CONNECTIONS_GOOGLE_OAUTH2_SECRET", "SMTP_PASS", "LOGSTREAMS_HTTP_SECRET", "TWILIO_AUTH_TOKEN"} {
		k[name] = secret + "1"
	}
	o := auth0.Options{Apply: true, Secrets: map[string]string{"Shop": secret + "1-of-the-application-Shop-long-enough"}}
	first := bring(t, s, read(t, "testdata/folder", k), o)
	for name := range k {
		if v, ok := k[name].(string); ok && strings.HasPrefix(v, secret) {
			k[name] = secret + "2"
		}
	}
	o.Secrets["Shop"] = secret + "2-of-the-application-Shop-long-enough"
	second := bring(t, s, read(t, "testdata/folder", k), o)
	for _, line := range slices.Concat(lines(first), rest(first), lines(second), rest(second)) {
		if strings.Contains(line, secret) {
			t.Errorf("a secret is in %q", line)
		}
	}
	has(t, lines(second), `change application Shop w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3 | client_secret: "(not shown)" → "(not shown)"`,
		`change connection google-oauth2 con_Google0123456789 | options.client_secret: "(not shown)" → "(not shown)"`,
		`change e-mail provider smtp | credentials.smtp_pass: "(not shown)" → "(not shown)"`,
		`change provider of a second factor sms | auth_token: "(not shown)" → "(not shown)"`,
		`change log stream hook lst_0000000000012345 | sink.httpAuthorization: "(not shown)" → "(not shown)"`)
	if third := bring(t, s, read(t, "testdata/folder", k), o); third.Count(auth0.Leave) != len(third.Entries) {
		t.Errorf("the same secrets again: %q", lines(third))
	}
}
