package explain_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/events/explain"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

const (
	email    = "jane@example.com"
	password = "Mobile-Login-7-Flow"
	callback = "com.example.app://login.example.com/callback"
	audience = "https://api.example.com/"
)

// site is a tenant with the applications that the cases set wrong.
type site struct {
	*idptest.Server
	t        *testing.T
	app, web store.Client
	api      store.API
	user     store.User
}

func open(t *testing.T) *site {
	s := &site{Server: idptest.New(t), t: t}
	s.app = s.Client(store.AppNative, idptest.Callback(callback), func(c *store.Client) {
		c.Settings.RefreshToken = store.RefreshSettings{RotationType: "rotating", ExpirationType: "expiring"}
	})
	s.web = s.Client(store.AppRegularWeb, idptest.Callback("https://web.example.com/callback"))
	s.api = s.API(audience, func(a *store.API) { a.Settings.AllowOfflineAccess, a.Settings.SkipConsent = true, true })
	s.user = s.User(email, password)
	return s
}

// code signs Jane in and returns the code.
func (s *site) code(more ...string) string {
	return s.Browser().Login(s.AuthorizeURL(s.app, more...), email, password).Param("code")
}

// authorize opens /authorize and stops there.
func (s *site) authorize(c store.Client, more ...string) { s.Browser().Get(s.AuthorizeURL(c, more...)) }

// refreshToken is one of a fresh login.
func (s *site) refreshToken() string {
	return s.Exchange(s.app, s.code("scope", "openid offline_access", "audience", audience)).Text("refresh_token")
}

func (s *site) refresh(token string, more ...string) idptest.Answer {
	return s.Token(append([]string{"grant_type", "refresh_token", "client_id", s.app.ID, "refresh_token", token}, more...)...)
}

func (s *site) change(change func(*store.Client)) {
	change(&s.app)
	s.SaveClient(s.app)
}

// mistake is a misconfiguration: what goes wrong, and the rule that must name it, with words of its explanation.
type mistake struct {
	rule  string
	words string // in cause or mend
	do    func(s *site)
}

var cases = []mistake{
	{"unknown_client", "no application with the Client ID nobody", func(s *site) { s.authorize(store.Client{ID: "nobody"}, "redirect_uri", callback) }},
	{"application_disabled", "is disabled", func(s *site) { s.change(func(c *store.Client) { c.Settings.Disabled = true }); s.authorize(s.app) }},
	{"callback_missing", "no redirect_uri", func(s *site) { s.authorize(s.app, "redirect_uri", "") }},
	{"callback_mismatch", "the request has a slash at the end", func(s *site) { s.authorize(s.app, "redirect_uri", callback+"/") }},
	{"callback_mismatch", "the scheme differs, com.example.other and com.example.app", func(s *site) {
		s.authorize(s.app, "redirect_uri", strings.Replace(callback, "app", "other", 1))
	}},
	{"callback_mismatch", "capital and small letters differ", func(s *site) { s.authorize(s.app, "redirect_uri", strings.ToUpper(callback)) }},
	{"callback_mismatch", `they differ from character 45 on, "/v2" and ""`, func(s *site) { s.authorize(s.app, "redirect_uri", callback+"/v2") }},
	{"callback_mismatch", "the list is empty", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.Callbacks = nil })
		s.authorize(s.app, "redirect_uri", callback)
	}},
	{"web_message_origin", "Allowed Web Origins", func(s *site) { s.authorize(s.web, "response_mode", "web_message") }},
	{"form_post_scheme", "own scheme", func(s *site) { s.authorize(s.app, "response_mode", "form_post") }},
	{"response_mode", "response_mode", func(s *site) { s.authorize(s.app, "response_mode", "pigeon") }},
	{"response_type", "response_type token", func(s *site) { s.authorize(s.app, "response_type", "token") }},
	{"response_type_missing", "response_type=code", func(s *site) { s.authorize(s.app, "response_type", "") }},
	{"grant_not_allowed", "'authorization_code'", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.GrantTypes = []string{oauth.GrantRefreshToken} })
		s.authorize(s.app)
	}},
	{"challenge_method", "S256", func(s *site) { s.authorize(s.app, "code_challenge_method", "plain") }},
	{"challenge_plain", "mean plain", func(s *site) { s.authorize(s.app, "code_challenge_method", "") }},
	{"challenge_malformed", "43", func(s *site) { s.authorize(s.app, "code_challenge", "short") }},
	{"pkce_missing", "no code_challenge", func(s *site) { s.authorize(s.app, "code_challenge", "", "code_challenge_method", "") }},
	{"application_type", "is of the type spa, and PKCE without a secret is for: native", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.AppType = store.AppSPA })
		s.authorize(s.app)
	}},
	{"unknown_audience", "identifier https://api.example.com.", func(s *site) { s.authorize(s.app, "audience", strings.TrimSuffix(audience, "/")) }},
	{"unknown_connection", "not enabled", func(s *site) { s.authorize(s.app, "connection", "google") }},
	{"prompt", "stands alone", func(s *site) { s.authorize(s.app, "prompt", "none login") }},
	{"max_age", "whole number", func(s *site) { s.authorize(s.app, "max_age", "soon") }},
	{"request_object", "the parameters themselves", func(s *site) { s.authorize(s.app, "request", "x") }},
	{"login_required", "nobody is signed in", func(s *site) { s.authorize(s.app, "prompt", "none") }},
	{"consent_required", "has not agreed", func(s *site) {
		s.api.Settings.SkipConsent = false
		s.SaveAPI(s.api)
		b := s.Browser()
		b.Login(s.AuthorizeURL(s.web), email, password)
		b.Get(s.AuthorizeURL(s.web, "prompt", "none", "audience", audience))
	}},
	{"confirmation_required", "any app", func(s *site) {
		b := s.Browser()
		b.Login(s.AuthorizeURL(s.app), email, password)
		b.Get(s.AuthorizeURL(s.app, "prompt", "none"))
	}},
	{"wrong_password", "jane@example.com", func(s *site) { s.Browser().Login(s.AuthorizeURL(s.app), email, "wrong") }},
	{"unknown_user", store.DefaultConnection, func(s *site) { s.Browser().Login(s.AuthorizeURL(s.app), "john@example.com", "wrong") }},
	{"user_blocked", "blocked jane@example.com", func(s *site) {
		s.user.Blocked = true
		s.SaveUser(s.user)
		s.Browser().Login(s.AuthorizeURL(s.app), email, password)
	}},
	{"account_blocked", "brute-force", func(s *site) {
		s.Tenant(func(t *store.TenantSettings) { t.BruteForce.MaxAttempts = 1 })
		s.Browser().Login(s.AuthorizeURL(s.app), email, "wrong")
		s.Browser().Login(s.AuthorizeURL(s.app), email, password)
	}},
	{"address_blocked", "127.0.0.1", func(s *site) {
		s.Tenant(func(t *store.TenantSettings) { t.SuspiciousIP.LoginMaxAttempts = 1 })
		s.Browser().Login(s.AuthorizeURL(s.app), "a@example.com", "wrong")
		s.Browser().Login(s.AuthorizeURL(s.app), email, password)
	}},
	{"weak_password", "policy", func(s *site) {
		s.Browser().Get(s.AuthorizeURL(s.app, "screen_hint", "signup")).Submit("username", "new@example.com", "password", "a")
	}},
	{"user_exists", "taken", func(s *site) {
		s.Browser().Get(s.AuthorizeURL(s.app, "screen_hint", "signup")).Submit("username", email, "password", password)
	}},
	{"body_trailing_comma", "Take the comma out", func(s *site) {
		s.Do("POST", "/oauth/token", "application/json", `{"grant_type":"authorization_code", }`)
	}},
	{"body_malformed", "JSON object", func(s *site) { s.Do("POST", "/oauth/token", "application/json", `{"grant_type"`) }},
	{"duplicate_parameter", "client_id was sent twice", func(s *site) {
		s.Do("POST", "/oauth/token", "application/x-www-form-urlencoded", "grant_type=refresh_token&client_id=a&client_id=b")
	}},
	{"client_id_missing", "no client_id", func(s *site) { s.authorize(s.app, "client_id", "") }},
	{"grant_type_missing", "not in the URL", func(s *site) {
		s.Do("POST", "/oauth/token?grant_type=refresh_token", "application/x-www-form-urlencoded", "client_id=a")
	}},
	{"grant_type_unknown", "password", func(s *site) { s.Token("grant_type", "password", "client_id", s.app.ID) }},
	{"client_id_missing", "no client_id", func(s *site) { s.Token("grant_type", "refresh_token") }},
	{"unknown_application", "this tenant's domain", func(s *site) { s.Token("grant_type", "refresh_token", "client_id", "nobody") }},
	{"wrong_secret", "client_secret of the application", func(s *site) {
		s.Token("grant_type", "client_credentials", "client_id", s.web.ID, "client_secret", "wrong")
	}},
	{"clock", "it expired 9m", func(s *site) { s.assert(-10*time.Minute, s.Issuer) }},
	{"wrong_assertion", "aud is not the issuer", func(s *site) { s.assert(0, s.Issuer+"oauth/token") }},
	{"secret_missing", "sent none", func(s *site) { s.Token("grant_type", "authorization_code", "client_id", s.web.ID, "code", "x") }},
	{"cors_origin", "https://elsewhere.example.com", func(s *site) {
		s.Do("OPTIONS", "/oauth/token", "", "", "Origin", "https://elsewhere.example.com", "Access-Control-Request-Method", "POST")
	}},
	{"cors_origin", "https://elsewhere.example.com", func(s *site) {
		s.Do("POST", "/oauth/token", "application/json", `{"grant_type":"refresh_token","refresh_token":"x","client_id":"`+s.app.ID+`"}`,
			"Origin", "https://elsewhere.example.com")
	}},
	{"code_expired", "five minutes", func(s *site) { code := s.code(); s.Clock.Advance(301 * time.Second); s.Exchange(s.app, code) }},
	{"code_reused", "a second time", func(s *site) { code := s.code(); s.Exchange(s.app, code); s.Exchange(s.app, code) }},
	{"code_other_application", "another application", func(s *site) {
		other := s.Client(store.AppNative, idptest.Callback(callback))
		s.Exchange(other, s.code())
	}},
	{"code_other_redirect", "the request has a slash at the end", func(s *site) {
		s.Token("grant_type", "authorization_code", "client_id", s.app.ID, "code", s.code(), "code_verifier", idptest.Verifier, "redirect_uri", callback+"/")
	}},
	{"code_unknown", "cut or changed", func(s *site) { code := s.code(); s.Exchange(s.app, code[:len(code)-4]) }},
	{"verifier_missing", "no code_verifier", func(s *site) {
		s.Token("grant_type", "authorization_code", "client_id", s.app.ID, "code", s.code(), "redirect_uri", callback)
	}},
	{"verifier_wrong", "not the challenge", func(s *site) {
		s.Token("grant_type", "authorization_code", "client_id", s.app.ID, "code", s.code(), "redirect_uri", callback, "code_verifier", strings.Repeat("a", 43))
	}},
	{"verifier_without_challenge", "both or neither", func(s *site) {
		code := s.Browser().Login(s.AuthorizeURL(s.web, "code_challenge", "", "code_challenge_method", ""), email, password).Param("code")
		s.Token("grant_type", "authorization_code", "client_id", s.web.ID, "client_secret", s.web.Secret, "code", code,
			"redirect_uri", s.web.Settings.Callbacks[0], "code_verifier", idptest.Verifier)
	}},
	{"refresh_reused", "one of the two", func(s *site) {
		spent := s.refreshToken()
		s.refresh(s.refresh(spent).Text("refresh_token"))
		s.refresh(spent)
	}},
	{"refresh_revoked", "revoked", func(s *site) {
		token := s.refreshToken()
		s.PostJSON("/oauth/revoke", "client_id", s.app.ID, "token", token)
		s.refresh(token)
	}},
	{"refresh_expired", "absolute lifetime", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.RefreshToken.TokenLifetime = 60 })
		token := s.refreshToken()
		s.Clock.Advance(time.Hour)
		s.refresh(token)
	}},
	{"refresh_idle", "idle lifetime", func(s *site) {
		token := s.refreshToken()
		s.change(func(c *store.Client) { c.Settings.RefreshToken.IdleTokenLifetime = 60 })
		s.Clock.Advance(time.Hour)
		s.refresh(token)
	}},
	{"refresh_offline_off", "Allow Offline Access", func(s *site) {
		token := s.refreshToken()
		s.api.Settings.AllowOfflineAccess = false
		s.SaveAPI(s.api)
		s.refresh(token)
	}},
	{"refresh_unknown", "not one of this tenant's", func(s *site) { s.refresh("v1.nonsense") }},
	{"refresh_audience", "another API", func(s *site) { s.refresh(s.refreshToken(), "audience", "https://other.example.com/") }},
	{"user_blocked", "blocked jane", func(s *site) {
		token := s.refreshToken()
		s.user.Blocked = true
		s.SaveUser(s.user)
		s.refresh(token)
	}},
	{"wrong_audience", "identifier https://nowhere.example.com/", func(s *site) {
		s.Token("grant_type", "client_credentials", "client_id", s.web.ID, "client_secret", s.web.Secret, "audience", "https://nowhere.example.com/")
	}},
	{"client_grant", "Machine to Machine", func(s *site) {
		s.Token("grant_type", "client_credentials", "client_id", s.web.ID, "client_secret", s.web.Secret, "audience", audience)
	}},
	{"audience_missing", "names no API", func(s *site) {
		s.Token("grant_type", "client_credentials", "client_id", s.web.ID, "client_secret", s.web.Secret)
	}},
	{"parameter_missing", "lacks refresh_token", func(s *site) { s.Token("grant_type", "refresh_token", "client_id", s.app.ID) }},
	{"logout_mismatch", "the request has a slash at the end", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.AllowedLogoutURLs = []string{"https://web.example.com"} })
		s.Browser().Get(s.URL + "/v2/logout?client_id=" + s.app.ID + "&returnTo=" + url.QueryEscape("https://web.example.com/"))
	}},
	{"offline_access", "does not have Allow Offline Access", func(s *site) {
		s.api.Settings.AllowOfflineAccess = false
		s.SaveAPI(s.api)
		s.code("scope", "openid offline_access", "audience", audience)
	}},
	{"offline_access", "lacks the grant type Refresh Token", func(s *site) {
		s.change(func(c *store.Client) { c.Settings.GrantTypes = []string{oauth.GrantAuthorizationCode} })
		s.code("scope", "openid offline_access", "audience", audience)
	}},
	{"offline_access_not_asked", "Add offline_access", func(s *site) { s.Exchange(s.app, s.code("audience", audience)) }},
}

// TestMisconfigurations makes each mistake against the real server and asks why.
func TestMisconfigurations(t *testing.T) {
	for _, c := range slices.Concat(cases, organizationCases) {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			c.do(s)
			all := s.EventRecords()
			if len(all) == 0 {
				t.Fatal("no event was written")
			}
			last := all[len(all)-1]
			x, err := explain.Explain(t.Context(), s.DB.Queries, last.TransactionID)
			if err != nil || len(x.Findings) == 0 {
				t.Fatalf("%v, nothing found: %+v of %+v", err, x, last)
			}
			f := x.Findings[0]
			if f.Rule != c.rule || !strings.Contains(f.Cause+" "+f.Mend, c.words) {
				t.Errorf("found %s: %s %s\nwant %s with %q in %+v", f.Rule, f.Cause, f.Mend, c.rule, c.words, last)
			}
			for _, text := range []string{f.Cause, f.Mend, x.Summary} {
				if text == "" || strings.ContainsAny(text, "{}") && !strings.Contains(text, `"`) || strings.Contains(text, "  ") {
					t.Errorf("%s says %q", f.Rule, text)
				}
			}
			step := x.Steps[len(x.Steps)-1]
			failed := slices.IndexFunc(step.Checks, func(c explain.Check) bool { return !c.Passed })
			if step.Failed && failed != len(step.Checks)-1 || !step.Failed && failed >= 0 || len(step.Checks) == 0 {
				t.Errorf("%s: the checks are %+v", f.Rule, step.Checks)
			}
			byEvent, err := explain.Explain(t.Context(), s.DB.Queries, last.ID)
			if err != nil || byEvent.Summary != x.Summary {
				t.Errorf("by the event: %v %q", err, byEvent.Summary)
			}
		})
	}
	named := map[string]bool{}
	for _, c := range cases {
		named[c.rule] = true
	}
	if len(named) < 40 {
		t.Errorf("%d misconfigurations are tried", len(named))
	}
}

// A sign-in that went well is told as a whole, under each of its ids.
func TestSuccess(t *testing.T) {
	s := open(t)
	s.Exchange(s.app, s.code("scope", "openid offline_access", "audience", audience, "correlation_id", "order-7"))
	x, err := explain.Explain(t.Context(), s.DB.Queries, s.EventRecords()[0].ID)
	if err != nil || !x.Succeeded || len(x.Findings) != 0 || len(x.Steps) != 2 || !strings.Contains(x.Summary, "with a refresh token") {
		t.Fatalf("%v: %+v", err, x)
	}
	for _, step := range x.Steps {
		if len(step.Checks) < 8 || step.Failed {
			t.Errorf("%+v", step)
		}
	}
	byApplication, err := explain.Explain(t.Context(), s.DB.Queries, "order-7")
	if err != nil || byApplication.TransactionID != x.TransactionID {
		t.Errorf("by the correlation id: %v %+v", err, byApplication)
	}
	if _, err := explain.Explain(t.Context(), s.DB.Queries, "tx_nothing"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
}
