package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/store"
)

// canaries are secrets of one run, by what they are. None may be seen in the log, in an event or in a refusal.
type canaries map[string]string

func (c canaries) add(name, secret string) string {
	c[name] = secret
	return secret
}

// seenIn reports the canaries in a text, also as they are in a URL, in JSON and in the payload of a header.
func (c canaries) seenIn(t *testing.T, where, text string) {
	t.Helper()
	for name, secret := range c {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s shows the %s: …%.200s…", where, name, text[max(0, i-80):])
				break
			}
		}
	}
}

// TestSecretsStayOut runs logins, exchanges and refreshes, well and badly, with secrets that are known, and looks for them.
func TestSecretsStayOut(t *testing.T) {
	h, c := newHouse(t), canaries{}
	c.add("password", password)
	web := h.Client(store.AppRegularWeb, idptest.Callback(callback), func(w *store.Client) {
		w.Secret = c.add("client secret", "canary-secret-"+store.RandomID(30))
		w.Settings.GrantTypes = append(w.Settings.GrantTypes, "client_credentials")
	})
	verifier := c.add("verifier", "canary-verifier-"+store.RandomID(40))
	authorize := h.AuthorizeURL(h.client, "audience", h.api.Identifier, "scope", "openid offline_access read:messages",
		"state", c.add("state", "canary-state-"+store.RandomID(20)), "nonce", c.add("nonce", "canary-nonce-"+store.RandomID(20)),
		"code_challenge", oauth.S256(verifier))

	var refusals []string
	refused := func(status int, body string) {
		t.Helper()
		if status < 400 {
			t.Errorf("a request that should fail was answered %d %s", status, body)
		}
		refusals = append(refusals, body)
	}
	browser := h.Browser()
	wrong := browser.Get(authorize).Submit("username", email, "password", c.add("wrong password", "canary-wrong-9"), "action", "default")
	refused(wrong.Status, wrong.Body)
	inTheWrongField := browser.Get(authorize).Submit("username", c.add("password as user name", "canary-misplaced-8"), "password", "x", "action", "default")
	if inTheWrongField.Status != http.StatusBadRequest { // its page shows what was typed, as every form does
		t.Errorf("an unknown user name was answered %d", inTheWrongField.Status)
	}
	form := browser.Get(authorize)
	_, blob, _ := strings.Cut(form.URL, "state=")
	c.add("transaction", blob)
	page := form.Submit("username", email, "password", password, "action", "default")
	cookie, _, _ := strings.Cut(page.Header.Get("Set-Cookie"), ";")
	_, cookie, _ = strings.Cut(cookie, "=")
	c.add("session cookie", cookie)
	code := c.add("code", page.Param("code"))
	redeem := func(more ...string) idptest.Answer {
		return h.Exchange(h.client, code, append([]string{"code_verifier", verifier}, more...)...)
	}
	for _, more := range [][]string{
		{"code_verifier", c.add("wrong verifier", "canary-other-"+store.RandomID(40))},
		{"redirect_uri", "https://app.example.com/other"}, {"client_id", "nobody"},
		{"client_id", web.ID, "client_secret", c.add("wrong secret", "canary-wrong-secret-"+store.RandomID(20))},
		{"code", code[:len(code)-1]}, {"grant_type", "password", "password", password, "username", email},
	} {
		a := redeem(more...)
		refused(a.Status, a.Body)
	}
	a := redeem()
	spent, access, id := c.add("refresh token", a.Text("refresh_token")), c.add("access token", a.Text("access_token")), c.add("ID token", a.Text("id_token"))
	next := h.refresh(spent)
	c.add("second refresh token", next.Text("refresh_token"))
	c.add("second access token", next.Text("access_token"))
	for name, secret := range c {
		if len(secret) < 8 {
			t.Fatalf("there is no %s to look for: the last answers were %d %s", name, next.Status, next.Body)
		}
	}
	third := h.refresh(next.Text("refresh_token"))
	c.add("third refresh token", third.Text("refresh_token"))
	for _, a := range []idptest.Answer{
		h.refresh(spent),                            // theft
		h.refresh(third.Text("refresh_token")),      // revoked
		h.refresh(third.Text("refresh_token")[:70]), // cut
		redeem(), // the code again
		h.Token("grant_type", "client_credentials", "client_id", web.ID, "client_secret", web.Secret, "audience", "nothing"),
		h.Do(http.MethodPost, "/oauth/token", asJSON, `{"client_secret":"`+web.Secret+`","code":"`+code+`",}`),
		h.Do(http.MethodPost, "/oauth/token", asForm, "code="+code+"&code="+code),
		h.Do(http.MethodGet, "/userinfo", "", "", "Authorization", "Bearer "+access+"x"),
		h.Do(http.MethodGet, "/userinfo?access_token="+access, "", "", "Authorization", "Bearer "+access),
		h.Do(http.MethodGet, "/authorize?client_id=x&state="+c["state"]+"&id_token_hint="+id, "", ""),
		h.Do(http.MethodGet, "/u/login?state="+blob+"x", "", ""),
		h.Do(http.MethodGet, "/oidc/logout?id_token_hint="+id+"x&post_logout_redirect_uri=https://evil.example/", "", ""),
		h.Do(http.MethodPut, "/oauth/token?code="+code, asForm, "client_secret="+web.Secret),
	} {
		refused(a.Status, a.Body)
	}
	if a := h.Do(http.MethodGet, "/userinfo", "", "", "Authorization", "Bearer "+access); a.Status == http.StatusOK {
		t.Errorf("the access token of a replayed code was answered %s", a.Body)
	}

	c.seenIn(t, "the log", h.Log.String())
	types := map[string]bool{}
	for _, e := range h.EventRecords() {
		types[e.Type] = true
		record, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		c.seenIn(t, "the event "+e.Type, string(record))
	}
	for _, want := range []string{"fp", "s", "seacft", "feacft", "sertft", "ferrt", "fertft", "feccft"} {
		if !types[want] {
			t.Errorf("there is no event %s, only %v", want, types)
		}
	}
	delete(c, "transaction") // a form carries it on
	for _, body := range refusals {
		c.seenIn(t, "a refusal", body)
	}
}
