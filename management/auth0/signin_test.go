package auth0_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/management/auth0"
	"github.com/proofkey/proofkey/store"
)

// exported writes the two files of users that the service hands out: profiles, and password hashes.
func exported(t *testing.T, password string) (profiles, hashes string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{
		"users.ndjson": `{"user_id":"auth0|5dea9f9c82dd7c0e76e4ec93","email":"jane@example.com","email_verified":true,"name":"Jane Doe","locale":"en-GB",` +
			`"identities":[{"user_id":"5dea9f9c82dd7c0e76e4ec93","provider":"auth0","connection":"Username-Password-Authentication","isSocial":false}],` +
			`"app_metadata":{"plan":"gold"},"created_at":"2019-12-06T18:36:12.412Z","logins_count":12}` + "\n" +
			`{"user_id":"google-oauth2|1180","email":"joe@example.com","name":"Joe","identities":[{"user_id":"1180","provider":"google-oauth2","connection":"google-oauth2","isSocial":true}]}` + "\n",
		"hashes.ndjson": `{"_id":{"$oid":"5dea9f9c82dd7c0e76e4ec93"},"email_verified":true,"email":"jane@example.com","passwordHash":"` +
			strings.Replace(string(hash), "$2a$", "$2b$", 1) + `","password_set_date":{"$date":"2019-12-06T18:36:12.412Z"},"tenant":"example-shop",` +
			`"connection":"Username-Password-Authentication","_tmp_is_unique":true}` + "\n",
	})
	return filepath.Join(dir, "users.ndjson"), filepath.Join(dir, "hashes.ndjson")
}

func users(t *testing.T, s *idptest.Server, o auth0.Users, files ...string) []auth0.UserReport {
	t.Helper()
	all, err := auth0.ImportUsers(t.Context(), s.DB, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func counts(all []auth0.UserReport) (out []management.ImportSummary) {
	for _, r := range all {
		out = append(out, r.ImportSummary)
	}
	return out
}

// A team leaves: who signs in does so with the password that they had, in the application under the client_id that it had,
// which sees the sub that it knew.
func TestSignInAfterImport(t *testing.T) {
	s := idptest.New(t)
	e := read(t, "testdata/folder", given())
	const password, secret = "The-Password-Of-Jane-1", "the-secret-that-the-shop-has-had-for-years"
	profiles, hashes := exported(t, password)

	bring(t, s, e, auth0.Options{})
	// The files come in any order.
	dry := users(t, s, auth0.Users{Expected: e.Connections()}, hashes, profiles)
	if r := bring(t, s, e, auth0.Options{Apply: true, Secrets: map[string]string{"w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3": secret}}); !r.Applied {
		t.Fatal(lines(r))
	}
	done := users(t, s, auth0.Users{Apply: true, Expected: e.Connections()}, hashes, profiles)
	if !slices.Equal(counts(dry), counts(done)) || len(done) != 2 || done[0].Inserted != 2 || done[1].Updated != 1 || done[0].Dropped["locale"] != 1 {
		t.Errorf("the dry run said %+v, and importing %+v", dry, done)
	}
	again := users(t, s, auth0.Users{Apply: true}, hashes, profiles)
	if again[0].Left() != 2 || again[1].Left() != 1 {
		t.Errorf("the second time %+v", again)
	}

	phone := store.Client{ID: "n4T1veN4T1veN4T1veN4T1veN4T1veN4"}
	phone.Settings.Callbacks = []string{"com.example.shop://login.example.com/android/com.example.shop/callback"}
	web := store.Client{ID: "w3bw3bw3bw3bw3bw3bw3bw3bw3bw3bw3"}
	web.Settings.Callbacks = []string{"https://shop.example.com/callback"}
	page := store.Client{ID: "sp4sp4sp4sp4sp4sp4sp4sp4sp4sp4sp"}
	page.Settings.Callbacks = []string{"https://catalogue.example.com/"}
	for _, c := range []struct {
		client store.Client
		more   []string
	}{{phone, nil}, {web, []string{"client_secret", secret}}, {page, nil}} {
		end := s.Browser().Login(s.AuthorizeURL(c.client, "audience", "https://orders.example.com/"), "jane@example.com", password)
		token := s.Exchange(c.client, end.Param("code"), c.more...)
		if token.Status != 200 {
			t.Fatalf("%s: %d %s (at %s)", c.client.ID, token.Status, token.Body, end.URL)
		}
		if claims := claimsOf(t, token.Text("id_token")); claims["sub"] != "auth0|5dea9f9c82dd7c0e76e4ec93" || claims["aud"] != c.client.ID || claims["name"] != "Jane Doe" {
			t.Errorf("%s gets %v", c.client.ID, claims)
		}
	}
	u, err := s.DB.User(t.Context(), "auth0|5dea9f9c82dd7c0e76e4ec93")
	if err != nil || !strings.HasPrefix(u.PasswordHash, "$argon2id$") || u.Profile.AppMetadata["plan"] != "gold" {
		t.Errorf("the user is %+v (%v), and the hash should have been renewed", u, err)
	}
	robot, err := s.DB.Client(t.Context(), "r0b0tr0b0tr0b0tr0b0tr0b0tr0b0tr0")
	if err != nil {
		t.Fatal(err)
	}
	got := s.Token("grant_type", "client_credentials", "client_id", robot.ID, "client_secret", robot.Secret, "audience", s.Issuer+"api/v2/")
	if got.Status != 200 {
		t.Errorf("a token for the Management API of here: %d %s", got.Status, got.Body)
	}
}

func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %q", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestUsersFiles(t *testing.T) {
	s := idptest.New(t)
	profiles, _ := exported(t, "x")
	// Packed, and of a connection that is not there.
	packed := filepath.Join(t.TempDir(), "users.json.gz")
	raw, err := os.ReadFile(profiles)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var refused []string
	var places []int64
	o := auth0.Users{
		Apply: true,
		Failed: func(_ string, f management.UserFailure) {
			refused = append(refused, f.Errors[0].Message)
		},
		Progress: func(_ string, p management.ImportProgress) { places = append(places, p.Place) },
	}
	if all := users(t, s, o, packed); all[0].Inserted != 1 || all[0].Failed != 1 || len(refused) != 1 || !strings.Contains(refused[0], "There is no connection google-oauth2") || len(places) != 1 {
		t.Errorf("comes to %+v, refused %q, progress %v", all, refused, places)
	}
	for text, want := range map[string]string{
		"": ": mend it, or export again: management: not a file of users: it is empty",
		"{\"email\":\"a@example.com\"}\n{\"email\":\n":    "it ends in the middle",
		"{\"email\":\"a@example.com\"}\n\n{\"email\":}\n": ":3: mend it, or export again",
	} {
		dir := folder(t, map[string]string{"users.ndjson": text})
		_, err := auth0.ImportUsers(t.Context(), s.DB, []string{filepath.Join(dir, "users.ndjson")}, auth0.Users{Apply: true})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "users.ndjson") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := s.DB.UserByIdentifier(t.Context(), store.DefaultConnection, "a@example.com"); err == nil {
		t.Error("a file that breaks off left a user")
	}
	if _, err := auth0.ImportUsers(t.Context(), s.DB, []string{profiles}, auth0.Users{Connection: "nowhere"}); err == nil || !strings.Contains(err.Error(), `there is no connection "nowhere"`) {
		t.Errorf("a connection that is not there: %v", err)
	}
}
