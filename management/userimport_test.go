package management_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

// scene is a tenant that users are imported into.
type scene struct {
	*idptest.Server
	t     *testing.T
	admin *management.Admin
	conn  store.Connection
}

func open(t *testing.T) *scene {
	t.Helper()
	s := idptest.New(t)
	conn, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	return &scene{s, t, &management.Admin{DB: s.DB, Channel: "test"}, conn}
}

// load imports and wants the counts inserted, updated, failed; it returns the codes of each failure by the user's number.
func (s *scene) load(file string, o management.ImportOptions, inserted, updated, failed int64) map[int64]string {
	s.t.Helper()
	o.Connection = s.conn
	codes := map[int64]string{}
	o.Failed = func(f management.UserFailure) {
		var all []string
		for _, e := range f.Errors {
			all = append(all, strings.TrimSpace(e.Code+" "+e.Path))
		}
		codes[f.Number] = strings.Join(all, ", ")
	}
	got, err := management.ImportUsers(s.t.Context(), s.admin, io.LimitReader(strings.NewReader(file), int64(len(file))), o, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if want := (management.ImportSummary{Total: inserted + updated + failed, Inserted: inserted, Updated: updated, Failed: failed}); got != want {
		s.t.Errorf("%.200s\n\tcomes to %+v, want %+v; failed: %v", file, got, want, codes)
	}
	return codes
}

func (s *scene) byEmail(email string) store.User {
	s.t.Helper()
	u, err := s.DB.UserByIdentifier(s.t.Context(), s.conn.Name, email)
	if err != nil {
		s.t.Fatalf("%s: %v", email, err)
	}
	return u
}

func TestImportUsers(t *testing.T) {
	s := open(t)
	s.load(`[{"email":"Jane@Example.com","email_verified":true,"user_id":"j1","username":"Jane_D","given_name":"Jane","family_name":"Doe",
		"name":"Jane Doe","nickname":"jd","picture":"https://example.com/j.png","blocked":true,
		"password_hash":"$2b$10$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G","app_metadata":{"plan":"a"},"user_metadata":{"n":1}},
		{"email":"joe@example.com"}]`, management.ImportOptions{}, 2, 0, 0)
	jane, joe := s.byEmail("jane@example.com"), s.byEmail("joe@example.com")
	p := jane.Profile
	if jane.ID != "auth0|j1" || jane.Username != "jane_d" || !jane.Blocked || !p.EmailVerified || p.Name != "Jane Doe" || p.Nickname != "jd" ||
		p.GivenName != "Jane" || p.FamilyName != "Doe" || p.Picture != "https://example.com/j.png" || p.AppMetadata["plan"] != "a" || p.UserMetadata["n"] != 1.0 ||
		!strings.HasPrefix(jane.PasswordHash, "$2b$") {
		t.Errorf("Jane is %+v", jane)
	}
	if !strings.HasPrefix(joe.ID, "auth0|") || joe.PasswordHash != "" || joe.Profile.Name != "joe@example.com" || joe.Profile.Nickname != "joe" || joe.Profile.EmailVerified {
		t.Errorf("Joe is %+v", joe)
	}
	if all, err := s.DB.Identities(t.Context(), jane.ID); err != nil || len(all) != 1 || all[0].Subject != "j1" || all[0].Connection != s.conn.Name {
		t.Errorf("Jane's identities are %+v, %v", all, err)
	}
	if found, err := s.DB.SearchUsers(t.Context(), store.UserQuery{Where: &store.Condition{Op: store.Is, Field: "name", Value: "jane doe"}}); err != nil || len(found) != 1 {
		t.Errorf("a search for her name finds %d, %v", len(found), err)
	}
}

// Each mistake has its code and its place, and refuses its user only.
func TestImportRefusals(t *testing.T) {
	s := open(t)
	s.load(`{"email":"there@example.com","username":"there","user_id":"there"}`, management.ImportOptions{}, 1, 0, 0)
	cases := []struct{ user, want string }{
		{`{"email":"fine@example.com"}`, ""},
		{`{"email":"THERE@example.com"}`, "DUPLICATED_USER"},
		{`{"email":"b@example.com","username":"There"}`, "DUPLICATED_USER"},
		{`{"email":"c@example.com","user_id":"there"}`, "DUPLICATED_USER"},
		{`{"email":"fine@example.com"}`, "DUPLICATED_USER"},
		{`{"email":"no address"}`, "INVALID_FORMAT email"},
		{`{"email":7}`, "INVALID_TYPE email"},
		{`{}`, "ANY_OF_MISSING"},
		{`7`, "INVALID_TYPE"},
		{`null`, "INVALID_TYPE"},
		{`{"email":"d@example.com","email_verified":"yes"}`, "INVALID_TYPE email_verified"},
		{`{"email":"d@example.com","logins_count":3}`, "OBJECT_ADDITIONAL_PROPERTIES"},
		{`{"email":"d@example.com","a\u0000b":3}`, "OBJECT_ADDITIONAL_PROPERTIES"},
		{`{"email":"d@example.com","a\u0000b":"\u0000"}`, "NOT_PASSED a\uFFFDb"},
		{`{"email":"d@example.com","username":"a b@c"}`, "PATTERN username"},
		{`{"email":"d@example.com","phone_number":"0049"}`, "PATTERN phone_number"},
		{`{"email":"d@example.com","user_id":"a b"}`, "PATTERN user_id"},
		{`{"email":"d@example.com","name":"` + strings.Repeat("x", 301) + `"}`, "MAX_LENGTH name"},
		{`{"email":"d@example.com","app_metadata":[]}`, "INVALID_TYPE app_metadata"},
		{`{"email":"d@example.com","app_metadata":{"email":"x"}}`, "NOT_PASSED app_metadata"},
		{`{"email":"d@example.com","user_metadata":{"a":"\u0000"}}`, "NOT_PASSED user_metadata"},
		{`{"email":"d@example.com","user_metadata":{"a":` + strings.Repeat(`[`, 30) + strings.Repeat(`]`, 30) + `}}`, "NOT_PASSED user_metadata"},
		{`{"email":"d@example.com","password_hash":"hunter2"}`, "INVALID_FORMAT password_hash"},
		{`{"email":"d@example.com","password_hash":"x","custom_password_hash":{}}`, "NOT_PASSED custom_password_hash"},
		{`{"email":"d@example.com","custom_password_hash":{"algorithm":"md5"}}`, "OBJECT_REQUIRED custom_password_hash"},
		{`{"email":"d@example.com","custom_password_hash":{"algorithm":"md6","hash":{"value":"x"}}}`, "ENUM_MISMATCH custom_password_hash.algorithm"},
		{`{"email":"d@example.com","custom_password_hash":{"algorithm":"md5","hash":{"value":"x","encoding":"hex"}}}`, "INVALID_FORMAT custom_password_hash"},
		{`{"email":"d@example.com","mfa_factors":[{"totp":{"secret":"JBTWY3DPEHPK3PNP"}}]}`, "MFA_FACTORS_FAILED"},
		{`{"email":"d@example.com","blocked":null,"given_name":[]}`, "INVALID_TYPE blocked, INVALID_TYPE given_name"},
	}
	var file []string
	want := map[int64]string{}
	for i, c := range cases {
		file = append(file, c.user)
		if c.want != "" {
			want[int64(i+1)] = c.want
		}
	}
	if got := s.load("["+strings.Join(file, ",")+"]", management.ImportOptions{}, 1, 0, int64(len(want))); !maps.Equal(got, want) {
		for _, n := range slices.Sorted(maps.Keys(want)) {
			if got[n] != want[n] {
				t.Errorf("%s\n\tis refused with %q, want %q", cases[n-1].user, got[n], want[n])
			}
		}
	}
}

// What a report keeps of a refused user is not what somebody could sign in with.
func TestImportReportHasNoSecrets(t *testing.T) {
	s := open(t)
	var text string
	_, err := management.ImportUsers(t.Context(), s.admin, strings.NewReader(`[{"email":"x","password_hash":"SECRET"},
		{"email":"x","custom_password_hash":{"algorithm":"hmac","hash":{"value":"SECRET","encoding":"hex","digest":"md5","key":{"value":"SECRET"}},"salt":{"value":"SECRET"}}},
		{"email":"x","custom_password_hash":"SECRET"},{"email":"x","custom_password_hash":{"hash":"SECRET","salt":"SECRET"}},{"email":"x","mfa_factors":"SECRET"}]`),
		management.ImportOptions{Connection: s.conn, Failed: func(f management.UserFailure) { text += fmt.Sprint(f) }}, nil)
	if err != nil || strings.Count(text, "INVALID_FORMAT")+strings.Count(text, "INVALID_TYPE")+strings.Count(text, "MFA") < 5 || strings.Contains(text, "SECRET") {
		t.Errorf("%v, the report is %s", err, text)
	}
}

// An update changes what the documentation of the service says, and never a password with which somebody signed in.
func TestImportUpserts(t *testing.T) {
	s := open(t)
	const md5 = `"custom_password_hash":{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}`
	const sha1 = `"custom_password_hash":{"algorithm":"sha1","hash":{"value":"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8","encoding":"hex"}}`
	upsert := management.ImportOptions{Upsert: true}
	s.load(`{"email":"jane@example.com","user_id":"j","username":"jane","name":"Jane","email_verified":true,"blocked":true,"user_metadata":{"a":1,"b":1},`+md5+`}
		{"email":"joe@example.com","user_id":"joe","username":"joe","password_hash":"$2b$10$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"}`, upsert, 2, 0, 0)
	before := s.byEmail("jane@example.com")
	s.load(`{"email":"jane@example.com","name":"Jane D.","blocked":false,"user_metadata":{"c":1},`+sha1+`}
		{"email":"joe@example.com","given_name":"Joe","password_hash":"$2b$10$bbcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"}
		{"email":"new@example.com"}`, upsert, 1, 2, 0)
	jane, joe := s.byEmail("jane@example.com"), s.byEmail("joe@example.com")
	if jane.ID != before.ID || jane.Profile.Name != "Jane D." || !jane.Blocked || !jane.Profile.EmailVerified || len(jane.Profile.UserMetadata) != 1 ||
		!strings.Contains(jane.PasswordHash, "sha1") || jane.Username != "jane" {
		t.Errorf("Jane became %+v", jane)
	}
	if joe.Profile.GivenName != "Joe" || !strings.Contains(joe.PasswordHash, "$abc") {
		t.Errorf("Joe became %+v", joe)
	}
	users := identity.NewUsers(s.DB, identity.NewHasher(1, 10, identity.Params{Memory: 8, Iterations: 1}), nil)
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		jane.Blocked = false
		return tx.SaveUser(t.Context(), &jane)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.Authenticate(t.Context(), s.conn, "jane@example.com", "password"); err != nil {
		t.Errorf("Jane cannot sign in with her imported password: %v", err)
	}
	if jane = s.byEmail("jane@example.com"); !strings.HasPrefix(jane.PasswordHash, "$argon2id$") {
		t.Errorf("after her login the hash is %.20s", jane.PasswordHash)
	}
	codes := s.load(`{"email":"jane@example.com",`+md5+`}
		{"email":"Jane@Example.com","name":"Twice"}
		{"email":"other@example.com","user_id":"j","name":"By id","email_verified":false}
		{"username":"joe","nickname":"By name"}
		{"email":"joe@example.com","nickname":"Twice"}
		{"email":"new@example.com","username":"joe"}
		{"email":"new@example.com","user_id":"joe"}`, upsert, 0, 2, 5)
	if want := map[int64]string{2: "DUPLICATED_USER", 3: "DUPLICATED_USER", 5: "DUPLICATED_USER", 6: "DUPLICATED_USER", 7: "DUPLICATED_USER"}; !maps.Equal(codes, want) {
		t.Errorf("refused are %v, want %v", codes, want)
	}
	if jane = s.byEmail("jane@example.com"); !strings.HasPrefix(jane.PasswordHash, "$argon2id$") || jane.Profile.Name != "Jane D." {
		t.Errorf("after the last import Jane is %+v", jane)
	}
	codes = s.load(`{"email":"other@example.com","user_id":"j","name":"By id","email_verified":false}
		{"email":"new@example.com","user_id":"joe"}
		{"email":"jane@example.com","username":"joe"}`, upsert, 0, 1, 2)
	if want := map[int64]string{2: "CONFLICT_EMAIL email", 3: "CONFLICT_USERNAME username"}; !maps.Equal(codes, want) {
		t.Errorf("refused are %v, want %v", codes, want)
	}
	if jane = s.byEmail("jane@example.com"); jane.Profile.Name != "By id" || !jane.Profile.EmailVerified {
		t.Errorf("the update by id of another address makes Jane %+v", jane)
	}
}

// A user who was exported comes back as they were: id, accounts, dates and counters.
func TestImportExported(t *testing.T) {
	s := open(t)
	if err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		return tx.CreateConnection(t.Context(), &store.Connection{Name: "google-oauth2", Strategy: "google-oauth2", Settings: store.ConnectionSettings{Disabled: true}})
	}); err != nil {
		t.Fatal(err)
	}
	const file = `{"user_id":"auth0|77","email":"jane@example.com","created_at":"2020-01-02T03:04:05.678Z","updated_at":"2021-01-02T03:04:05.000Z",
		"last_login":"2022-01-02T03:04:05.000Z","last_ip":"192.0.2.7","logins_count":12,"last_password_reset":"2020-05-02T03:04:05.000Z",
		"identities":[{"provider":"auth0","user_id":"77","connection":"Username-Password-Authentication","isSocial":false},
		{"provider":"google-oauth2","user_id":115015401343387192604,"connection":"google-oauth2","isSocial":true,"profileData":{"email":"jd@example.com","name":"J D"}}]}
		{"user_id":"google-oauth2|9","email":"joe@example.com","identities":[{"provider":"google-oauth2","user_id":"9","connection":"google-oauth2"}]}
		{"user_id":"github|9","email":"x@example.com","identities":[{"provider":"github","user_id":"9","connection":"github"}]}
		{"user_id":"auth0|1","email":"y@example.com","identities":[{"provider":"auth0","user_id":"2","connection":"Username-Password-Authentication"}]}
		{"user_id":"auth0|3","email":"z@example.com","identities":[{"provider":"auth0","user_id":"3","connection":"Username-Password-Authentication"},
			{"provider":"google-oauth2","user_id":"9","connection":"google-oauth2"}]}`
	codes := s.load(file, management.ImportOptions{Exported: true}, 2, 0, 3)
	if want := map[int64]string{3: "CONNECTION_NOT_FOUND identities[0].connection", 4: "NOT_PASSED identities[0]", 5: "CONFLICT identities[1]"}; !maps.Equal(codes, want) {
		t.Errorf("refused are %v, want %v", codes, want)
	}
	u := s.byEmail("jane@example.com")
	if u.ID != "auth0|77" || u.CreatedAt != time.Date(2020, 1, 2, 3, 4, 5, 678e6, time.UTC) || u.UpdatedAt.Year() != 2021 || u.LastLogin.Year() != 2022 ||
		u.LastIP != "192.0.2.7" || u.LoginsCount != 12 || u.PasswordSetAt.Month() != 5 {
		t.Errorf("Jane is %+v", u)
	}
	all, err := s.DB.Identities(t.Context(), u.ID)
	if err != nil || len(all) != 2 || all[1].Provider != "google-oauth2" || all[1].Connection != "google-oauth2" || all[1].Profile["name"] != "J D" {
		t.Errorf("her accounts are %+v, %v", all, err)
	}
	if _, err := s.DB.User(t.Context(), "auth0|3"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the user whose account is somebody else's is there: %v", err)
	}
}

func TestImportDryRun(t *testing.T) {
	s := open(t)
	s.load(`{"email":"a@example.com"}`, management.ImportOptions{}, 1, 0, 0)
	s.load(`[{"email":"a@example.com","name":"New"},{"email":"b@example.com"},{"email":""}]`, management.ImportOptions{DryRun: true, Upsert: true}, 1, 1, 1)
	if _, err := s.DB.UserByIdentifier(t.Context(), s.conn.Name, "b@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the dry run made a user: %v", err)
	}
	if u := s.byEmail("a@example.com"); u.Profile.Name == "New" {
		t.Error("the dry run changed a user")
	}
	if open, err := s.DB.OpenJobs(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open jobs: %v, %v", open, err)
	}
}

// A file that is no list of users is refused as a whole, before anything is stored where it can be read twice.
func TestImportFilesThatAreNone(t *testing.T) {
	s := open(t)
	good := `{"email":"a@example.com"},`
	for file, says := range map[string]string{
		"": "empty", "   \n": "empty", "x": "begins with 'x'", `"a"`: "begins with", "[" + good: "ends in the middle", "[" + good + "{": "ends in the middle",
		"[" + good + "x]": "invalid character 'x'", "[" + good[:len(good)-1] + "] more": "something follows", "[" + good[:len(good)-1] + "]]": "",
		`{"email":"a@example.com"} x`: "invalid character", `{"email":"a@example.com"}` + "\n{": "ends in the middle",
		`[{"email":"` + strings.Repeat("x", 3<<20) + `"}]`: "longer than",
	} {
		_, err := management.ImportUsers(t.Context(), s.admin, strings.NewReader(file), management.ImportOptions{Connection: s.conn}, nil)
		if !errors.Is(err, management.ErrUserFile) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v, want %q", file, err, says)
		}
	}
	if _, err := s.DB.UserByIdentifier(t.Context(), s.conn.Name, "a@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a file that was refused made a user: %v", err)
	}
	for _, file := range []string{"[]", " [ ] ", "\xef\xbb\xbf[]"} {
		s.load(file, management.ImportOptions{}, 0, 0, 0)
	}
}

// people is a file of n users.
func people(n int, array bool) string {
	var b strings.Builder
	for i := range n {
		switch {
		case array && i == 0:
			b.WriteString("[")
		case array:
			b.WriteString(" ,\n ")
		}
		fmt.Fprintf(&b, `{"email":"user%d@example.com","user_metadata":{"n":%d}}`, i, i)
		if !array {
			b.WriteString("\n")
		}
	}
	if array {
		b.WriteString("\n]\n")
	}
	return b.String()
}

// An import that was interrupted goes on where it was, and counts as if it had not been.
func TestImportGoesOn(t *testing.T) {
	for _, array := range []bool{true, false} {
		for _, upsert := range []bool{false, true} {
			s := open(t)
			file := people(1000, array)
			o := management.ImportOptions{Connection: s.conn, Upsert: upsert, File: "people.json", Size: int64(len(file))}
			var seen int64
			for range 3 {
				ctx, cancel := context.WithCancel(t.Context())
				_, err := management.ImportUsers(ctx, s.admin, strings.NewReader(file), o, func(p management.ImportProgress) {
					if p.Total > seen+200 {
						seen = p.Total
						cancel()
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("the interrupted import ended with %v", err)
				}
			}
			if seen < 600 {
				t.Fatalf("only %d users before the last run", seen)
			}
			got, err := management.ImportUsers(t.Context(), s.admin, strings.NewReader(file), o, nil)
			if want := (management.ImportSummary{Total: 1000, Inserted: 1000}); err != nil || got != want {
				t.Errorf("array %v, upsert %v: %+v, %v; want %+v", array, upsert, got, err, want)
			}
			if n, err := s.DB.CountUsers(t.Context(), store.UserQuery{}); err != nil || n != 1000 {
				t.Errorf("there are %d users, %v", n, err)
			}
		}
	}
}
