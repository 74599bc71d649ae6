package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/events"
	"github.com/proofkey/proofkey/store"
)

func TestLogs(t *testing.T) {
	s := open(t)
	app := s.app()
	u := s.User("jane@example.com", "correct horse 9")
	s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "correct horse 9")
	s.Browser().Login(s.AuthorizeURL(app), "jane@example.com", "wrong")
	s.want(200, "PATCH", "/tenants/settings", `{"friendly_name":"X"}`)
	all := s.EventRecords()
	types := func(a answer) string {
		var l []string
		items := a.list()
		if items == nil {
			items, _ = a.at("logs").([]any)
		}
		for _, v := range items {
			l = append(l, v.(map[string]any)["type"].(string))
		}
		return strings.Join(l, " ")
	}
	q := func(text string) string { return "/logs?q=" + url.QueryEscape(text) }
	for path, want := range map[string]string{
		"/logs?per_page=2":                                    "sapi fp",
		"/logs?per_page=1&page=1":                             "fp",
		"/logs?sort=date:1":                                   "seccft s fp sapi",
		"/logs?include_totals=true&per_page=1":                "sapi",
		q(`type:"sapi"`):                                      "sapi",
		q(`type:(s OR fp)`):                                   "fp s",
		q(`type:s AND user_id:"` + u.ID + `"`):                "s",
		q(`NOT type:s AND client_id:"` + app.ID + `"`):        "fp",
		q(`date:[2020-01-01 TO 2020-01-02]`):                  "",
		q(`date:[2020-01-01 TO *] AND type:s*`):               "sapi s seccft",
		q(`log_id:"` + all[0].ID + `"`):                       "seccft",
		q(`user_name:jane@example.com AND ip:*`):              "fp s",
		"/logs?take=2":                                        "seccft s",
		"/logs?from=" + all[1].ID + "&take=50":                "fp sapi",
		"/logs?from=" + all[3].ID + "&take=50&q=type:s":       "",
		"/users/" + url.PathEscape(u.ID) + "/logs":            "fp s",
		"/users/" + url.PathEscape(u.ID) + "/logs?per_page=1": "fp",
		"/users/none/logs":                                    "",
	} {
		if got := types(s.want(200, "GET", path, nil)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := s.want(200, "GET", "/logs?include_totals=true&per_page=1&page=1", nil); got.at("total") != 4.0 || got.at("start") != 1.0 || got.at("length") != 1.0 {
		t.Errorf("totals: %s", got.text)
	}
	if got := s.want(200, "GET", "/logs?include_totals=true&per_page=0", nil); got.at("total") != 4.0 || len(got.at("logs").([]any)) != 0 {
		t.Errorf("only the totals: %s", got.text)
	}
	one := s.want(200, "GET", "/logs/"+all[1].ID, nil)
	for path, want := range map[string]any{
		"_id": all[1].ID, "log_id": all[1].ID, "type": events.LoginSucceeded, "client_id": app.ID, "user_id": u.ID, "connection": store.DefaultConnection,
		"isMobile": false, "ip": "127.0.0.1",
	} {
		if got := one.at(path); got != want {
			t.Errorf("%s is %v, want %v in %s", path, got, want, one.text)
		}
	}
	s.refused(s.call("GET", "/logs/"+"9002", nil), 404, "", "The log event does not exist.")
	for _, path := range []string{q("password:x"), q("type:"), "/logs?sort=type:1", "/logs?from=nonsense", "/logs?per_page=101", q(`"`)} {
		if got := s.call("GET", path, nil); got.status != 400 || got.at("errorCode") != "invalid_query_string" {
			t.Errorf("%s answers %d %s", path, got.status, got.text)
		}
	}
}

// TestGrants: what a user agreed to can be taken back, and the refresh tokens of it end.
func TestGrants(t *testing.T) {
	s := open(t)
	messages := s.API("https://api.test/")
	app, other := s.app(), s.app()
	u := s.User("jane@example.com", "correct horse 9")
	login := func(c store.Client) (refresh string) {
		page := s.Browser().Login(s.AuthorizeURL(c, "audience", messages.Identifier, "scope", "openid offline_access read:messages"), "jane@example.com", "correct horse 9")
		return s.Exchange(c, page.Param("code")).Text("refresh_token")
	}
	first, second := login(app), login(other)
	living := func(c store.Client, refresh string) (string, bool) {
		got := s.Token("grant_type", "refresh_token", "client_id", c.ID, "refresh_token", refresh)
		return got.Text("refresh_token"), got.Status == 200
	}
	first, ok := living(app, first)
	if !ok {
		t.Fatal("no refresh token works")
	}
	list := s.want(200, "GET", "/grants?user_id="+url.QueryEscape(u.ID)+"&client_id="+app.ID+"&audience="+url.QueryEscape(messages.Identifier), nil).list()
	if len(list) != 1 {
		t.Fatalf("grants: %v", list)
	}
	g := list[0].(map[string]any)
	id := g["id"].(string)
	if g["clientID"] != app.ID || g["user_id"] != u.ID || g["audience"] != messages.Identifier || len(g["scope"].([]any)) == 0 || len(id) != 24 {
		t.Errorf("the grant is %v", g)
	}
	if got := s.want(200, "GET", "/grants?include_totals=true&per_page=1", nil); got.at("total") != 2.0 || len(got.at("grants").([]any)) != 1 {
		t.Errorf("a page of grants: %s", got.text)
	}
	s.want(204, "DELETE", "/grants/"+id, nil)
	s.want(204, "DELETE", "/grants/"+id, nil)
	if _, ok := living(app, first); ok {
		t.Error("the refresh token outlives its grant")
	}
	second, ok = living(other, second)
	if !ok {
		t.Error("the other application lost its token")
	}
	s.refused(s.call("DELETE", "/grants", nil), 400, "invalid_query_string", "Query validation error: 'Missing required property: user_id'.")
	s.want(204, "DELETE", "/grants?user_id="+url.QueryEscape(u.ID), nil)
	if _, ok := living(other, second); ok {
		t.Error("the other refresh token outlives its grant")
	}
	if got := s.want(200, "GET", "/grants", nil).list(); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

func TestJobs(t *testing.T) {
	s := open(t)
	u := s.User("jane@example.com", "correct horse 9")
	s.refused(s.call("GET", "/jobs/job_0000000000000000", nil), 404, "inexistent_job", "The job does not exist.")
	s.refused(s.call("POST", "/jobs/verification-email", `{"user_id":"auth0|none"}`), 404, "inexistent_user", "The user does not exist.")
	made := s.want(201, "POST", "/jobs/verification-email", map[string]any{"user_id": u.ID})
	if made.at("type") != "verification_email" || made.at("status") != "failed" || made.at("created_at") == nil {
		t.Errorf("made %s", made.text)
	}
	id := made.at("id").(string)
	if got := s.want(200, "GET", "/jobs/"+id, nil); got.text != made.text {
		t.Errorf("read %s, made %s", got.text, made.text)
	}
	if got := s.want(200, "GET", "/jobs/"+id+"/errors", nil); got.at("status") != "failed" {
		t.Errorf("errors: %s", got.text)
	}
}
