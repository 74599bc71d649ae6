package management_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management"
)

const (
	hashA = "$2b$10$abcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"
	hashB = "$2b$10$bbcdefghijklmnopqrstuuZDkTY/fKyrtPrThIRVoC/aUXjJub44G"
)

// The form in which Auth0 hands out password hashes.
func TestImportHashExport(t *testing.T) {
	s := open(t)
	s.load(`{"_id":{"$oid":"60425dc43519d90068f82973"},"email_verified":true,"email":"jane@example.com","passwordHash":"`+hashA+`",
		"password_set_date":{"$date":"2021-03-05T16:35:16.775Z"},"tenant":"shop","connection":"Username-Password-Authentication","_tmp_is_unique":true}
		{"_id":{"$oid":"60425dc43519d90068f82974"},"passwordHash":"`+hashB+`","tenant":"shop","connection":"Username-Password-Authentication",
		"identifiers":[{"type":"email","value":"Joe@example.com","verified":true},{"type":"username","value":"joe"}],"alt_id":"euclid","version":"1.1"}
		{"_id":{"$oid":"60425dc43519d90068f82975"},"email":"x@example.com","passwordHash":"`+hashA+`","connection":"nowhere"}
		{"_id":{"$oid":"60425dc43519d90068f82976"},"email":"y@example.com","passwordHash":"md5","connection":"Username-Password-Authentication"}`,
		management.ImportOptions{Exported: true, Keep: true}, 2, 0, 2)
	jane, joe := s.byEmail("jane@example.com"), s.byEmail("joe@example.com")
	if jane.ID != "auth0|60425dc43519d90068f82973" || jane.PasswordHash != hashA || !jane.Profile.EmailVerified || jane.PasswordSetAt.Year() != 2021 {
		t.Errorf("Jane is %+v", jane)
	}
	if joe.ID != "auth0|euclid" || joe.PasswordHash != hashB || !joe.Profile.EmailVerified || joe.Username != "joe" {
		t.Errorf("Joe is %+v", joe)
	}
}

// A profile and then its hash come to one user; what is there is left alone, and so the second time changes nothing.
func TestImportKeep(t *testing.T) {
	s := open(t)
	profiles := `{"user_id":"auth0|1","email":"jane@example.com","email_verified":true,"name":"Jane","locale":"de","phone_number":null,
		"identities":[{"provider":"auth0","user_id":"1","connection":"Username-Password-Authentication","isSocial":false}],
		"created_at":"2019-01-02T03:04:05.000Z","logins_count":7,"last_login":"2024-01-02T03:04:05.000Z","last_ip":"192.0.2.1"}
		{"user_id":"google-oauth2|9","email":"joe@example.com","multifactor":["guardian"]}`
	hashes := `{"_id":{"$oid":"1"},"email":"jane@example.com","passwordHash":"` + hashA + `","connection":"Username-Password-Authentication"}`
	dropped := map[string]bool{}
	o := management.ImportOptions{Exported: true, Keep: true, Expected: []string{"google-oauth2"}, Dropped: func(name string) { dropped[name] = true }}
	dry := o
	dry.DryRun, dry.Made = true, management.Made{}
	s.load(profiles, dry, 2, 0, 0)
	s.load(hashes, dry, 0, 1, 0) // whom the file before would make
	s.left(hashes, dry, 1)
	dry.Made = nil
	s.load(profiles, o, 2, 0, 0)
	if got := slices.Sorted(maps.Keys(dropped)); strings.Join(got, " ") != "locale multifactor" {
		t.Errorf("told that %q are not kept", got)
	}
	dry.Expected, o.Expected = nil, nil
	if codes := s.load(`{"user_id":"google-oauth2|10","email":"jim@example.com"}`, o, 0, 0, 1); codes[1] != "CONNECTION_NOT_FOUND identities[0].connection" {
		t.Errorf("a user of no connection: %v", codes)
	}
	s.load(hashes, dry, 0, 1, 0)
	if s.byEmail("jane@example.com").PasswordHash != "" {
		t.Error("a dry run set a hash")
	}
	s.load(hashes, o, 0, 1, 0)
	jane := s.byEmail("jane@example.com")
	if jane.PasswordHash != hashA || jane.LoginsCount != 7 || jane.Profile.Name != "Jane" || jane.CreatedAt.Year() != 2019 {
		t.Errorf("Jane is %+v", jane)
	}

	// What happened here since wins over what the export says.
	jane.Profile.Name = "Jane Doe"
	s.SaveUser(jane)
	before := s.byEmail("jane@example.com")
	again := management.ImportOptions{Exported: true, Keep: true, Expected: []string{"google-oauth2"}}
	s.left(profiles, again, 2)
	s.left(strings.ReplaceAll(hashes, hashA, hashB), again, 1)
	if after := s.byEmail("jane@example.com"); after.Profile.Name != "Jane Doe" || after.PasswordHash != hashA || !after.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("the second time Jane became %+v", after)
	}
	codes := s.load(`{"user_id":"auth0|2","email":"jane@example.com"}`, o, 0, 0, 1)
	if codes[1] != "CONFLICT user_id" {
		t.Errorf("the address of another user: %v", codes)
	}
}

// left imports and wants that all are left as they are.
func (s *scene) left(file string, o management.ImportOptions, n int64) {
	s.t.Helper()
	o.Connection = s.conn
	got, err := management.ImportUsers(s.t.Context(), s.admin, strings.NewReader(file), o, nil)
	if err != nil || got != (management.ImportSummary{Total: n}) {
		s.t.Errorf("comes to %+v %v, want %d who are left", got, err, n)
	}
}

// Second factors must not get lost without a word.
func TestImportExportedFactors(t *testing.T) {
	s := open(t)
	codes := s.load(`{"user_id":"auth0|1","email":"jane@example.com","mfa_factors":[{"totp":{"secret":"X"}}]}`, management.ImportOptions{Exported: true}, 0, 0, 1)
	if codes[1] != "MFA_FACTORS_FAILED" {
		t.Errorf("failed with %v", codes)
	}
	if _, err := s.DB.User(t.Context(), "auth0|1"); err == nil {
		t.Error("the user is there")
	}
}
