package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/store"
)

const (
	passwordTickets = "/tickets/password-change"
	emailTickets    = "/tickets/email-verification"
)

// TestTickets makes links in every way that there is, and follows them.
func TestTickets(t *testing.T) {
	s := open(t)
	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow", func(u *store.User) { u.Profile.EmailVerified = false })
	conn, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	client := s.Client(store.AppNative)
	reset := regexp.MustCompile(`^` + regexp.QuoteMeta(s.URL) + `/u/reset-password\?ticket=[A-Za-z0-9]{32}#$`)
	verify := regexp.MustCompile(`^` + regexp.QuoteMeta(s.URL) + `/u/email-verification\?ticket=[A-Za-z0-9]{32}#$`)
	for _, tt := range []struct {
		path, body string
		form       *regexp.Regexp
		shows      string
	}{
		{passwordTickets, `{"user_id":"` + u.ID + `"}`, reset, "Choose a new password"},
		{passwordTickets, `{"user_id":"` + u.ID + `","ttl_sec":0,"mark_email_as_verified":true,"includeEmailInRedirect":false}`, reset, "Choose a new password"},
		{passwordTickets, `{"email":"JSmith@example.com","connection_id":"` + conn.ID + `","client_id":"` + client.ID + `"}`, reset, client.Name},
		{emailTickets, `{"user_id":"` + u.ID + `","result_url":"https://app.example.com/"}`, verify, "Confirm your email address"},
		{emailTickets, `{"user_id":"` + u.ID + `","identity":{"user_id":"` + u.ID[len("auth0|"):] + `","provider":"auth0"}}`, verify, "jsmith@example.com"},
	} {
		a := s.want(201, "POST", tt.path, tt.body)
		link, _ := a.at("ticket").(string)
		if !tt.form.MatchString(link) || len(a.object()) != 1 {
			t.Fatalf("%s %s answers %s", tt.path, tt.body, a.text)
		}
		if p := s.Browser().Get(link); p.Status != http.StatusOK || !strings.Contains(p.Body, tt.shows) {
			t.Errorf("%s leads to %d:\n%.1500s", tt.body, p.Status, p.Body)
		}
		_, secret, _ := strings.Cut(strings.TrimSuffix(link, "#"), "ticket=")
		if said, _ := json.Marshal(s.EventRecords()); strings.Contains(string(said), secret) || strings.Contains(s.Log.String(), secret) {
			t.Errorf("the secret of %s is in the log", tt.body)
		}
	}
	link := s.want(201, "POST", passwordTickets, `{"user_id":"`+u.ID+`","mark_email_as_verified":true,"ttl_sec":60}`).at("ticket").(string)
	lasting := s.want(201, "POST", emailTickets, `{"user_id":"`+u.ID+`"}`).at("ticket").(string)
	if p := s.Browser().Get(link).Submit("password", "Renewed-Login-8-Flow"); p.Status != http.StatusOK {
		t.Fatalf("the link answered %d:\n%.1500s", p.Status, p.Body)
	}
	if a := s.want(200, "GET", "/users/"+u.ID, nil); a.at("email_verified") != true || a.at("last_password_reset") == nil {
		t.Errorf("the user is %s", a.text)
	}
	short := s.want(201, "POST", passwordTickets, `{"user_id":"`+u.ID+`","ttl_sec":60}`).at("ticket").(string)
	for _, tt := range []struct {
		after  time.Duration
		status map[string]int
	}{
		{61 * time.Second, map[string]int{short: 403, lasting: 200}},
		{5*24*time.Hour - 62*time.Second, map[string]int{lasting: 200}},
		{2 * time.Second, map[string]int{lasting: 403}},
	} {
		s.Clock.Advance(tt.after)
		for link, status := range tt.status {
			if p := s.Browser().Get(link); p.Status != status {
				t.Errorf("%v later %s answered %d, want %d", tt.after, link, p.Status, status)
			}
		}
	}
}

func TestTicketRefusals(t *testing.T) {
	s := open(t)
	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	nameless := s.User("", "Mobile-Login-7-Flow", func(u *store.User) { u.Username = "jsmith" })
	social := store.User{ID: "email|5f7c8ec7c33c6c004bbafe82", Connection: "email", Email: "js@example.com"}
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateConnection(t.Context(), &store.Connection{Name: "email", Strategy: "email"}); err != nil {
			return err
		}
		return tx.CreateUser(t.Context(), &social)
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.DB.Connection(t.Context(), store.DefaultConnection)
	if err != nil {
		t.Fatal(err)
	}
	with := func(more string) string { return `{"user_id":"` + u.ID + `",` + more + `}` }
	for _, tt := range []struct {
		path, body string
		status     int
		text       string
	}{
		{passwordTickets, `{"user_id":"auth0|nobody"}`, 404, "The user does not exist."},
		{emailTickets, `{"user_id":"auth0|nobody"}`, 404, "The user does not exist."},
		{passwordTickets, `{"email":"nobody@example.com","connection_id":"` + conn.ID + `"}`, 404, "The user does not exist."},
		{passwordTickets, `{"email":"jsmith@example.com","connection_id":"con_0000000000000001"}`, 404, "The connection does not exist"},
		{passwordTickets, `{}`, 400, "Missing required property: user_id"},
		{emailTickets, `{}`, 400, "Missing required property: user_id"},
		{passwordTickets, `{"email":"jsmith@example.com"}`, 400, "Missing required property: connection_id"},
		{passwordTickets, `{"connection_id":"` + conn.ID + `"}`, 400, "Missing required property: email"},
		{passwordTickets, with(`"email":"jsmith@example.com"`), 400, "Cannot specify user_id together with"},
		{passwordTickets, with(`"result_url":"https://a.test","client_id":"` + s.admin.ID + `"`), 400, "Cannot specify result_url together with"},
		{emailTickets, with(`"result_url":"https://a.test","organization_id":"org_2eondWoxcMIpaLQc"`), 400, "Cannot specify result_url together with"},
		{emailTickets, with(`"organization_id":"org_2eondWoxcMIpaLQc"`), 404, "The organization does not exist"},
		{passwordTickets, with(`"client_id":"nobody"`), 404, "The client does not exist"},
		{passwordTickets, with(`"result_url":"javascript:alert(1)"`), 400, "Object didn't pass validation for format url"},
		{passwordTickets, with(`"result_url":"/relative"`), 400, "Object didn't pass validation for format url"},
		{passwordTickets, with(`"ttl_sec":-1`), 400, "Value -1 is less than minimum 0"},
		{passwordTickets, with(`"ttl_sec":1e300`), 400, "ttl_sec"},
		{passwordTickets, with(`"ttl_sec":9007199254740991`), 400, "is greater than maximum"},
		{passwordTickets, with(`"identity":{"user_id":"other","provider":"auth0"}`), 400, "The identity is not the primary one"},
		{passwordTickets, `{"user_id":"` + social.ID + `"}`, 400, "has no password"},
		{emailTickets, `{"user_id":"` + nameless.ID + `"}`, 400, "does not have an email address"},
	} {
		if a := s.call("POST", tt.path, tt.body); a.status != tt.status || !strings.Contains(a.text, tt.text) {
			t.Errorf("%s %s: %d %s, want %d %s", tt.path, tt.body, a.status, a.text, tt.status, tt.text)
		}
	}
}

// Links lead to the primary domain, or to the tenant's that the caller names; nothing else in a request moves them.
func TestTicketDomains(t *testing.T) {
	s := open(t, func(o *app.Options) {
		o.Tenants[0].Domains = append(o.Tenants[0].Domains, "https://login.example.com")
	})
	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	for asked, want := range map[string]string{
		"": s.URL, "login.example.com": "https://login.example.com", "LOGIN.example.com": "https://login.example.com", "evil.example.net": s.URL,
	} {
		a := s.Do("POST", "/api/v2"+emailTickets, "application/json", `{"user_id":"`+u.ID+`"}`,
			"Authorization", "Bearer "+s.token, "Auth0-Custom-Domain", asked)
		if a.Status != 201 || !strings.HasPrefix(a.Text("ticket"), want+"/u/email-verification?ticket=") {
			t.Errorf("for %q: %d %s", asked, a.Status, a.Body)
		}
	}
}
