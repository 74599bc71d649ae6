package authorize_test

import (
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const custom = "com.myclientapp://myclientapp.com/callback"

func TestTheMobileLoginFlow(t *testing.T) {
	s := idptest.New(t)
	app := s.Client(store.AppNative, idptest.Callback(custom))
	s.API("https://api.example.com/")
	user := s.User("jsmith@example.com", "Mobile-Login-7-Flow")

	page := s.Browser().Login(s.AuthorizeURL(app, "audience", "https://api.example.com/",
		"scope", "openid profile email offline_access read:messages"), "JSmith@example.com", "Mobile-Login-7-Flow")
	if !strings.HasPrefix(page.Location, custom+"?code=") {
		t.Fatalf("the browser ended at %s (%d, location %q), want the callback:\n%.1500s", page.URL, page.Status, page.Location, page.Body)
	}
	if page.Param("state") != "the state" || strings.Contains(page.Location, "+") {
		t.Errorf("state came back in %s", page.Location)
	}
	a := s.Exchange(app, page.Param("code"))
	if a.Status != 200 || a.Text("access_token") == "" || a.Text("refresh_token") == "" || a.Text("id_token") == "" ||
		a.Text("token_type") != "Bearer" || a.JSON["expires_in"] != 86400.0 {
		t.Fatalf("the exchange answered %d %s", a.Status, a.Body)
	}
	info := s.Do("GET", "/userinfo", "", "", "Authorization", "Bearer "+a.Text("access_token"))
	if info.Status != 200 || info.Text("sub") != user.ID || info.Text("email") != "jsmith@example.com" {
		t.Errorf("/userinfo answered %d %s", info.Status, info.Body)
	}
	refreshed := s.Token("grant_type", "refresh_token", "client_id", app.ID, "refresh_token", a.Text("refresh_token"))
	if refreshed.Status != 200 || refreshed.Text("refresh_token") == "" || refreshed.Text("id_token") == "" {
		t.Errorf("the refresh answered %d %s", refreshed.Status, refreshed.Body)
	}
	if got, want := strings.Join(s.Events(), " "), "s seacft sertft"; got != want {
		t.Errorf("events %q, want %q", got, want)
	}
}
