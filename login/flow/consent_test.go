package flow_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// idToken reads the claims of a token whose signature other tests check.
func idToken(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// Spec section 28. An empty path is straight back.
func TestWhoAsksForConsent(t *testing.T) {
	for _, tt := range []struct {
		name       string
		thirdParty bool
		skip       bool // of the API
		params     []string
		path       string
	}{
		{"own application, no API", false, false, nil, ""},
		{"own application, API that skips", false, true, []string{"audience", api, "scope", "openid read:messages"}, ""},
		{"own application, API that does not", false, false, []string{"audience", api, "scope", "openid read:messages"}, "/u/consent"},
		{"own application, prompt=consent", false, true, []string{"audience", api, "prompt", "consent"}, "/u/consent"},
		{"third party, no API", true, false, nil, "/u/consent"},
		{"third party, no scope", true, false, []string{"scope", ""}, "/u/consent"},
		{"third party, API that skips", true, true, []string{"audience", api, "scope", "openid read:messages"}, "/u/consent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			s.API(api, func(a *store.API) { a.Settings.SkipConsent = tt.skip })
			app := s.app
			if tt.thirdParty {
				app = s.thirdParty()
			}
			p := s.signedIn().Get(s.AuthorizeURL(app, tt.params...))
			if tt.path == "" {
				s.back(p, https)
				return
			}
			s.back(s.page(p, tt.path).Submit("action", "accept"), https)
		})
	}
}

// Consent is remembered once the code was exchanged, and asked for again when there is more to agree to.
func TestConsentIsRemembered(t *testing.T) {
	s := open(t)
	s.API(api)
	app := s.thirdParty()
	b := s.Browser()
	ask := func(scope string) *idptest.Page {
		return b.Get(s.AuthorizeURL(app, "audience", api, "scope", scope))
	}
	form := s.page(ask("openid profile"), "/u/login")
	consent := s.page(form.Submit("username", email, "password", password), "/u/consent")
	for _, want := range []string{"Partner", "See your name, nickname and picture", email} {
		if !strings.Contains(consent.Body, want) {
			t.Errorf("the page lacks %q:\n%s", want, consent.Body)
		}
	}
	back := s.back(consent.Submit("action", "accept"), https)
	s.page(ask("openid profile"), "/u/consent") // nothing came of it yet
	if a := s.Exchange(app, back.Param("code")); a.Status != 200 {
		t.Fatalf("the exchange answered %d %s", a.Status, a.Body)
	}
	s.back(ask("openid profile"), https)
	s.back(ask("profile"), https)
	more := s.page(ask("openid profile read:messages"), "/u/consent")
	if !strings.Contains(more.Body, "messages") || !strings.Contains(more.Body, "Test API") {
		t.Errorf("the page does not say what else is asked:\n%s", more.Body)
	}
	back = s.back(more.Submit("action", "accept"), https)
	if a := s.Exchange(app, back.Param("code")); a.Status != 200 {
		t.Fatalf("the exchange answered %d %s", a.Status, a.Body)
	}
	s.back(ask("openid read:messages"), https)
	s.page(b.Get(s.AuthorizeURL(app, "scope", "openid profile")), "/u/consent") // another audience is another question
	s.events("s seacft s s s seacft s")
}

func TestConsentIsDeclined(t *testing.T) {
	s := open(t)
	app := s.thirdParty()
	b := s.signedIn()
	form := s.page(b.Get(s.AuthorizeURL(app)), "/u/consent")
	s.refused(form.Submit("action", "deny"), "access_denied", "User did not authorize the request")
	s.refused(b.Get(s.AuthorizeURL(app, "prompt", "none")), "consent_required", "Consent required")
	s.lost(form.Submit("action", "default"), 400, "The form was sent without one of its buttons.")
	s.events("s f fsa")
}

// What one person agreed to does not count for whoever is signed in when the answer comes.
func TestConsentOfAnotherSession(t *testing.T) {
	s := open(t)
	app := s.thirdParty()
	s.User("other@example.com", password)
	shown := s.page(s.signedIn().Get(s.AuthorizeURL(app)), "/u/consent")

	other := s.Browser()
	s.back(other.Login(s.AuthorizeURL(s.app), "other@example.com", password), https)
	state := field(t, shown, "state")
	again := s.page(other.Post(s.URL+"/u/consent", form("state", state, "action", "accept")), "/u/consent")
	if !strings.Contains(again.Body, "other@example.com") {
		t.Errorf("the page is not about the session that it is shown to:\n%s", again.Body)
	}
	s.page(s.Browser().Post(s.URL+"/u/consent", form("state", state, "action", "accept")), "/u/login")
	s.events("s s")
}

// A transaction that one person has answered is no gesture of another, to whom its address was sent.
func TestAnswersOfAnotherSession(t *testing.T) {
	s := open(t)
	app := s.Client(store.AppNative, idptest.Callback(custom), func(c *store.Client) { c.Settings.ThirdParty = true })
	victim := s.Browser()
	consent := s.page(victim.Login(s.AuthorizeURL(app), email, password), "/u/consent")
	s.Exchange(app, s.back(consent.Submit("action", "accept"), custom).Param("code"))
	s.page(victim.Get(s.AuthorizeURL(app)), "/u/confirm")

	s.User("mallory@example.com", password)
	bait := s.page(s.Browser().Login(s.AuthorizeURL(app), "mallory@example.com", password), "/u/consent")
	s.page(victim.Get(bait.URL), "/u/confirm")
	s.page(victim.Post(s.URL+"/u/consent", form("state", field(t, bait, "state"), "action", "accept")), "/u/confirm")
}
