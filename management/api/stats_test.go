package api_test

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/store"
)

func TestStats(t *testing.T) {
	s := open(t)
	today := s.Clock.Now().UTC().Truncate(24 * time.Hour)
	noon := func(daysAgo int) time.Time { return today.AddDate(0, 0, -daysAgo).Add(12 * time.Hour) }
	for _, e := range []struct {
		at        time.Time
		typ, user string
	}{
		{noon(1), "s", "a"}, {noon(1).Add(time.Hour), "s", "a"}, {noon(1), "ss", "b"}, {noon(1), "fp", "c"},
		{noon(5), "s", "d"}, {noon(29), "s", "e"}, {noon(32), "s", "f"}, {noon(40), "s", "f"},
	} {
		e := store.Event{ID: store.NewEventID(e.at), Date: e.at, Type: e.typ, UserID: e.user}
		if err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.AddEvent(t.Context(), e) }); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.want(200, "GET", "/stats/active-users", nil); got.body != 4.0 {
		t.Errorf("active users: %s", got.text)
	}
	row := func(daysAgo int, logins, signups float64, hours time.Duration) map[string]any {
		const form = "2006-01-02T15:04:05.000Z"
		return map[string]any{
			"date": noon(daysAgo).Add(-12 * time.Hour).Format(form), "logins": logins, "signups": signups, "leaked_passwords": 0.0,
			"created_at": noon(daysAgo).Format(form), "updated_at": noon(daysAgo).Add(hours * time.Hour).Format(form),
		}
	}
	form := func(daysAgo int) string { return noon(daysAgo).Format("20060102") }
	for query, want := range map[string][]any{
		"":                                     {row(29, 1, 0, 0), row(5, 1, 0, 0), row(1, 2, 1, 1)},
		"?from=" + form(40) + "&to=" + form(5): {row(40, 1, 0, 0), row(32, 1, 0, 0), row(29, 1, 0, 0), row(5, 1, 0, 0)},
		"?from=" + form(4) + "&to=" + form(2):  {},
		"?from=" + form(1):                     {row(1, 2, 1, 1)},
		"?to=" + form(33):                      {row(40, 1, 0, 0)},
	} {
		if got := s.want(200, "GET", "/stats/daily"+query, nil); !reflect.DeepEqual(got.list(), want) {
			t.Errorf("%q answers %s, want %v", query, got.text, want)
		}
	}
	for query, what := range map[string]string{
		"?from=yesterday":                     "'Object didn't pass validation for format date YYYYMMDD: yesterday' on property from.",
		"?from=" + form(1) + "&to=" + form(2): "'The days from and to are not in order, or more than 366' on property from.",
		"?from=19700101":                      "'The days from and to are not in order, or more than 366' on property from.",
	} {
		s.refused(s.call("GET", "/stats/daily"+query, nil), 400, "invalid_query_string", "Query validation error: "+what)
	}
}

// TestBlockedAddress: an administrator sees that an address is blocked, and lets it in again.
func TestBlockedAddress(t *testing.T) {
	s := open(t)
	s.Tenant(func(t *store.TenantSettings) {
		t.SuspiciousIP = store.SuspiciousIP{LoginMaxAttempts: 2, LoginRate: 3600000}
	})
	app := s.app()
	s.User("jane@example.com", "correct horse 9")
	const path = "/anomaly/blocks/ips/127.0.0.1"
	s.refused(s.call("GET", path, nil), 404, "", "Not Found")
	for _, name := range []string{"a@example.com", "b@example.com"} {
		s.Browser().Login(s.AuthorizeURL(app), name, "wrong")
	}
	if got := s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9"); got.Param("code") != "" {
		t.Fatal("the address is not blocked")
	}
	s.want(200, "GET", path, nil)
	s.want(200, "GET", "/anomaly/blocks/ips/::ffff:127.0.0.1", nil)
	s.refused(s.call("GET", "/anomaly/blocks/ips/192.0.2.1", nil), 404, "", "Not Found")
	s.want(204, "DELETE", path, nil)
	s.want(204, "DELETE", path, nil)
	s.refused(s.call("GET", path, nil), 404, "", "Not Found")
	if got := s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9"); got.Param("code") == "" {
		t.Errorf("after it the login is %d", got.Status)
	}
	for _, method := range []string{"GET", "DELETE"} {
		s.refused(s.call(method, "/anomaly/blocks/ips/nonsense", nil), 400, "invalid_uri",
			"Path validation error: 'Object didn't pass validation for format ip-address: nonsense' on property id.")
	}
}

// TestBlacklist: a token that is listed is refused here, whichever of its audiences or its application the list names.
func TestBlacklist(t *testing.T) {
	s := open(t)
	const path = "/blacklists/tokens"
	jti := func(token string) string {
		claims := decoded(string(decodeSegment(t, strings.Split(token, ".")[1]))).(map[string]any)
		return claims["jti"].(string)
	}
	s.want(204, "POST", path, `{"aud":"https://elsewhere.example.com","jti":"`+jti(s.token)+`"}`)
	if got := s.want(200, "GET", path+"?aud=https://elsewhere.example.com", nil).list(); len(got) != 1 {
		t.Errorf("the list: %v", got)
	}
	for _, aud := range []string{s.admin.ID, s.Issuer + "api/v2/"} {
		token := s.tokenFor(s.admin, s.Issuer+"api/v2/")
		if a := s.as(token, "GET", path, nil); a.status != 200 {
			t.Fatalf("before: %d %s", a.status, a.text)
		}
		for range 2 {
			s.want(204, "POST", path, map[string]any{"aud": aud, "jti": jti(token)})
		}
		if a := s.as(token, "GET", path, nil); a.status != 401 {
			t.Errorf("blacklisted for %s: %d %s", aud, a.status, a.text)
		}
	}
	if got := s.want(200, "GET", path, nil).list(); len(got) != 3 {
		t.Errorf("the list: %v", got)
	}
	if got := s.want(200, "GET", path+"?aud=none", nil).list(); len(got) != 0 {
		t.Errorf("the list of another: %v", got)
	}
	s.refused(s.call("POST", path, `{"aud":"x"}`), 400, "invalid_body", "Payload validation error: 'Missing required property: jti'.")
}

func decodeSegment(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
