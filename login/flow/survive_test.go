package flow_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

const (
	notUnderWay = "This page does not belong to a sign-in that is under way."
	expired     = "This sign-in took too long and has expired."
)

// A login survives what people do with browsers, because its state is in their hands.
func TestLoginSurvives(t *testing.T) {
	s := open(t)
	b := s.Browser()
	form := s.page(b.Get(s.AuthorizeURL(s.app)), "/u/login")
	s.page(b.Get(form.URL), "/u/login") // reload
	if p := form.Submit("username", email, "password", "wrong"); p.Status != http.StatusBadRequest {
		t.Fatalf("a wrong password answered %d to %q", p.Status, p.Location)
	}
	first := s.back(form.Submit("username", email, "password", password), https)  // back button, the form of before
	second := s.back(form.Submit("username", email, "password", password), https) // and once more
	for _, p := range []*idptest.Page{first, second} {
		if a := s.Exchange(s.app, p.Param("code")); a.Status != http.StatusOK {
			t.Errorf("the code answered %d %s", a.Status, a.Body)
		}
	}

	one := s.page(b.Get(s.AuthorizeURL(s.app, "prompt", "login")), "/u/login") // two tabs
	two := s.page(b.Get(s.AuthorizeURL(s.app, "prompt", "login", "redirect_uri", custom)), "/u/login")
	s.back(two.Submit("username", email, "password", password), custom)
	s.back(one.Submit("username", email, "password", password), https)
	s.events("fp s s seacft seacft s s")
}

// Another process, or another node over the same database, continues a login, a session and an exchange.
func TestLoginSurvivesRestart(t *testing.T) {
	s := open(t, idptest.File(t))
	app := s.thirdParty()
	b := s.Browser()
	login := s.page(b.Get(s.AuthorizeURL(app)), "/u/login")
	s.Restart()
	consent := s.page(login.Submit("username", email, "password", password), "/u/consent")
	s.Restart()
	back := s.back(consent.Submit("action", "accept"), https)
	s.Restart()
	if a := s.Exchange(app, back.Param("code")); a.Status != http.StatusOK {
		t.Errorf("the code answered %d %s", a.Status, a.Body)
	}
	s.back(b.Get(s.AuthorizeURL(app)), https)
	s.events("s seacft s")
}

// Spec section 27: an hour. The page leads back to where the application begins a login.
func TestExpired(t *testing.T) {
	s := open(t)
	s.app.Settings.InitiateLoginURI = "https://app.example.com/login"
	s.SaveClient(s.app)
	b := s.Browser()
	form := s.page(b.Get(s.AuthorizeURL(s.app)), "/u/login")
	s.Clock.Advance(59 * time.Minute)
	form = s.page(b.Get(form.URL), "/u/login")
	s.Clock.Advance(2 * time.Minute)
	for _, p := range []*idptest.Page{b.Get(form.URL), form.Submit("username", email, "password", password)} {
		s.lost(p, http.StatusBadRequest, expired)
		if want := `href="https://app.example.com/login?iss=` + url.QueryEscape(s.Issuer) + `"`; !strings.Contains(p.Body, want) {
			t.Errorf("the page lacks %s:\n%s", want, p.Body)
		}
	}
	s.events("")
}

// A blob opens only where it was made for.
func TestForeignBlobs(t *testing.T) {
	second := "http://second.example.com"
	s := open(t, func(o *app.Options) {
		o.Tenants[0].Domains = append(o.Tenants[0].Domains, second)
		o.Tenants = append(o.Tenants, app.TenantOptions{Name: "other", Database: idptest.Database(t), Domains: []string{"http://other.example.com"}})
	})
	partner := s.thirdParty()
	b := s.signedIn()
	login := field(t, s.page(s.Browser().Get(s.AuthorizeURL(s.app)), "/u/login"), "state")
	consent := field(t, s.page(b.Get(s.AuthorizeURL(partner)), "/u/consent"), "state")
	confirm := field(t, s.page(b.Get(s.AuthorizeURL(s.app, "redirect_uri", custom)), "/u/confirm"), "state")
	back := s.back(b.Get(s.AuthorizeURL(s.app)), https)

	flipped := []byte(login)
	flipped[len(flipped)/2] ^= 1
	for _, tt := range []struct{ name, path, state string }{
		{"none", "/u/login", ""},
		{"garbage", "/u/login", "garbage"},
		{"not base64", "/u/login", "%%%"},
		{"truncated", "/u/login", login[:len(login)-1]},
		{"nothing but a nonce", "/u/login", login[:32]},
		{"extended", "/u/login", login + "AAAA"},
		{"padded", "/u/login", login + "="},
		{"tampered", "/u/login", string(flipped)},
		{"of another step", "/u/consent", login},
		{"of another step", "/u/confirm", login},
		{"of another step", "/u/select", consent},
		{"of another step", "/u/login", consent},
		{"of another step", "/u/signup", confirm},
		{"of another step", "/u/consent", confirm},
		{"a code", "/u/login", back.Param("code")},
	} {
		t.Run(tt.name+" at "+tt.path, func(t *testing.T) {
			s := &scene{s.Server, t, s.app, s.user}
			s.lost(b.Get(s.URL+tt.path+"?"+form("state", tt.state).Encode()), http.StatusBadRequest, notUnderWay)
			s.lost(b.Post(s.URL+tt.path, form("state", tt.state, "action", "accept", "username", email, "password", password)),
				http.StatusBadRequest, notUnderWay)
		})
	}
	for _, host := range []string{"second.example.com", "other.example.com"} {
		if status, body := elsewhere(t, s, host, login); status != http.StatusBadRequest || !strings.Contains(body, notUnderWay) {
			t.Errorf("at %s the blob answered %d:\n%.1500s", host, status, body)
		}
	}
	s.events("s s")
}

// elsewhere posts a login to another domain of the same server.
func elsewhere(t *testing.T, s *scene, host, state string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/u/login",
		strings.NewReader(form("state", state, "username", email, "password", password).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var b strings.Builder
	if err := answer.Write(&b); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, b.String()
}

// A setting that changes during a login is in force at its next step.
func TestSettingsChange(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene, *store.API)
		want   func(*scene, *idptest.Page)
	}{
		{"the application is disabled", func(s *scene, _ *store.API) {
			s.app.Settings.Disabled = true
			s.SaveClient(s.app)
		}, func(s *scene, p *idptest.Page) { s.lost(p, http.StatusForbidden, "Unknown client: "+s.app.ID) }},
		{"the API is gone", func(s *scene, a *store.API) {
			err := s.DB.Write(s.t.Context(), func(tx *store.Tx) error { return tx.DeleteAPI(s.t.Context(), a.ID) })
			if err != nil {
				s.t.Fatal(err)
			}
		}, func(s *scene, p *idptest.Page) { s.lost(p, http.StatusForbidden, "Service not found: "+api) }},
		{"the API asks for consent now", func(s *scene, a *store.API) {
			a.Settings.SkipConsent = false
			s.SaveAPI(*a)
		}, func(s *scene, p *idptest.Page) { s.page(p, "/u/consent") }},
		{"the application has other connections now", func(s *scene, _ *store.API) {
			s.app.Settings.Connections = []string{"staff"}
			s.SaveClient(s.app)
		}, func(s *scene, p *idptest.Page) { s.lost(p, http.StatusForbidden, "No connection of this application") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			a := s.API(api)
			login := s.page(s.Browser().Get(s.AuthorizeURL(s.app, "audience", api, "scope", "openid read:messages")), "/u/login")
			tt.change(s, &a)
			tt.want(s, login.Submit("username", email, "password", password))
		})
	}
}
