package login_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// What a person reads to an administrator finds the event and the log line.
func TestOneIDEverywhere(t *testing.T) {
	s, app := start(t)
	b := s.Browser()
	id := regexp.MustCompile(`tx_[A-Z2-7]{26}`)

	page := b.Get(s.AuthorizeURL(app, "redirect_uri", "https://evil.example.net/"))
	told := b.Get(s.AuthorizeURL(app, "prompt", "dance"))
	form := b.Get(s.AuthorizeURL(app, "redirect_uri", custom))
	form.Submit("username", email, "password", "wrong")
	done := form.Submit("username", email, "password", password)

	shown := []string{
		id.FindString(page.Body), id.FindString(told.Param("error_description")),
		id.FindString(form.Body), id.FindString(strings.Join(done.Header.Values("Set-Cookie"), "")),
	}
	if shown[2] != shown[3] {
		t.Errorf("the login page belongs to %s, the answer to %s", shown[2], shown[3])
	}
	for i, p := range []*idptest.Page{page, told, form, done} {
		if got := p.Header.Get("X-Request-Id"); got != shown[i] || got == "" {
			t.Errorf("answer %d has the X-Request-Id %q, and shows %q", i, got, shown[i])
		}
	}
	records := s.EventRecords()
	want := []struct{ typ, id string }{{"f", shown[0]}, {"f", shown[1]}, {"fp", shown[2]}, {"s", shown[2]}}
	if len(records) != len(want) {
		t.Fatalf("events %v, want %v", s.Events(), want)
	}
	for i, w := range want {
		e := records[i]
		if e.Type != w.typ || e.TransactionID != w.id || e.ClientID != app.ID || e.IP != "127.0.0.1" || e.UserAgent == "" || e.Hostname == "" {
			t.Errorf("event %d is %+v, want %v of %s", i, e, w, app.ID)
		}
		if !strings.Contains(s.Log.String(), w.id) {
			t.Errorf("the log does not know %s", w.id)
		}
	}
	if e := records[3]; e.UserName != email || e.UserID == "" || e.Connection != store.DefaultConnection || e.ClientName != app.Name || e.Details["session_id"] == nil {
		t.Errorf("the event of the login is %+v", e)
	}
}

// Nothing by which somebody could go on in a person's name is in the log or in the events.
func TestSecretsStayOut(t *testing.T) {
	s, app := start(t)
	form := s.Browser().Get(s.AuthorizeURL(app))
	form.Submit("username", email, "password", "Almost-The-Password")
	done := form.Submit("username", email, "password", password)
	tokens := s.Exchange(app, done.Param("code"))
	if tokens.Status != http.StatusOK {
		t.Fatalf("the exchange answered %d %s", tokens.Status, tokens.Body)
	}
	u, err := url.Parse(form.URL)
	if err != nil {
		t.Fatal(err)
	}
	events, err := json.Marshal(s.EventRecords())
	if err != nil {
		t.Fatal(err)
	}
	written := s.Log.String() + string(events)
	_, sessionSecret, _ := strings.Cut(sessionCookie(t, done), ".")
	for name, secret := range map[string]string{
		"password": password, "wrong password": "Almost-The-Password", "transaction": u.Query().Get("state"),
		"code": done.Param("code"), "session": sessionSecret, "state": "the state", "verifier": idptest.Verifier,
		"access token": tokens.Text("access_token"), "ID token": tokens.Text("id_token"),
	} {
		if secret == "" || strings.Contains(written, secret) {
			t.Errorf("the %s %.20q was written to the log or an event", name, secret)
		}
	}
}
