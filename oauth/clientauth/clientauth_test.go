package clientauth_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/clientauth"
	"github.com/proofkey/proofkey/store"
	"github.com/proofkey/proofkey/web"
	"github.com/proofkey/proofkey/web/problem"
)

// secret has letters that form-encoding changes, so that its spellings differ.
const secret = "s3cr+t/%41 =:&" + "0123456789012345678901234567890123456789"

func authenticator(t testing.TB) *clientauth.Authenticator {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		for id, s := range map[string]store.ClientSettings{
			"public":     {TokenEndpointAuthMethod: oauth.AuthNone},
			"post":       {TokenEndpointAuthMethod: oauth.AuthSecretPost},
			"basic":      {TokenEndpointAuthMethod: oauth.AuthSecretBasic},
			"either":     {},
			"assertion":  {TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT},
			"off":        {Disabled: true},
			"off public": {TokenEndpointAuthMethod: oauth.AuthNone, Disabled: true},
			"strict":     {ComplianceLevel: "fapi1_adv_pkj_par"},
			"a:b":        {},
			"a+b":        {},
		} {
			if err := tx.CreateClient(t.Context(), &store.Client{ID: id, Secret: secret, Settings: s}, nil); err != nil {
				return err
			}
		}
		return tx.CreateClient(t.Context(), &store.Client{ID: "secretless"}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return &clientauth.Authenticator{DB: db}
}

func basic(userinfo string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo))
}

func TestAuthenticate(t *testing.T) {
	a := authenticator(t)
	form := func(kv ...string) string {
		v := url.Values{}
		for i := 0; i < len(kv); i += 2 {
			v.Set(kv[i], kv[i+1])
		}
		return v.Encode()
	}
	const (
		proven       = "proven"
		named        = "not proven"
		unauthorized = "401 access_denied Unauthorized"
		challenged   = unauthorized + " + Basic"
	)
	escaped := url.QueryEscape(secret)
	for _, c := range []struct {
		name, query, header, body, client, want string
	}{
		{name: "none", body: form("client_id", "public"), client: "public", want: named},
		{name: "none, and a secret is ignored", body: form("client_id", "public", "client_secret", secret), client: "public", want: named},
		{name: "none, and a wrong secret is ignored", body: form("client_id", "public", "client_secret", "x"), client: "public", want: named},
		{name: "none by Basic with an empty secret", header: basic("public:"), client: "public", want: named},
		{name: "none by Basic and body", header: basic("public:"), body: form("client_id", "public"), client: "public", want: named},

		{name: "post", body: form("client_id", "post", "client_secret", secret), client: "post", want: proven},
		{name: "basic", header: basic("basic:" + secret), client: "basic", want: proven},
		{name: "basic for an application set to post", header: basic("post:" + secret), client: "post", want: proven},
		{name: "post for an application set to basic", body: form("client_id", "basic", "client_secret", secret), client: "basic", want: proven},
		{name: "basic, method unset", header: basic("either:" + secret), client: "either", want: proven},
		{name: "basic, form-encoded", header: basic("either:" + escaped), client: "either", want: proven},
		{name: "basic, id form-encoded", header: basic("a%3Ab:" + escaped), client: "a:b", want: proven},
		{name: "basic, id plain", header: basic("a+b:" + secret), client: "a+b", want: proven},
		{name: "basic, scheme in other letters", header: strings.Replace(basic("either:"+secret), "Basic", "bAsIc", 1), client: "either", want: proven},
		{name: "basic without padding", header: strings.TrimRight(basic("either:"+secret), "="), client: "either", want: proven},
		{name: "basic, and the same client_id in the body", header: basic("either:" + secret), body: form("client_id", "either"), client: "either", want: proven},
		{name: "basic, and the same of both in the body", header: basic("either:" + secret), body: form("client_id", "either", "client_secret", secret), client: "either", want: proven},
		{name: "form-encoded basic, and the same of both in the body", header: basic("a%3Ab:" + escaped), body: form("client_id", "a:b", "client_secret", secret), client: "a:b", want: proven},
		{name: "basic with an empty secret, and the secret in the body", header: basic("either:"), body: form("client_secret", secret), client: "either", want: proven},
		{name: "another scheme is not about the application", header: "Bearer abc", body: form("client_id", "public"), client: "public", want: named},

		{name: "no secret", body: form("client_id", "post"), client: "post", want: unauthorized},
		{name: "empty secret", body: form("client_id", "post", "client_secret", ""), client: "post", want: unauthorized},
		{name: "wrong secret", body: form("client_id", "post", "client_secret", "x"), client: "post", want: unauthorized},
		{name: "secret cut short", body: form("client_id", "post", "client_secret", secret[:len(secret)-1]), client: "post", want: unauthorized},
		{name: "body is not decoded twice", body: form("client_id", "post", "client_secret", escaped), client: "post", want: unauthorized},
		{name: "wrong secret by basic", header: basic("basic:x"), client: "basic", want: challenged},
		{name: "no secret by basic", header: basic("basic:"), client: "basic", want: challenged},
		{name: "stored secret is empty", body: form("client_id", "secretless", "client_secret", "x"), client: "secretless", want: unauthorized},
		{name: "stored and sent secret are empty", header: basic("secretless:"), client: "secretless", want: challenged},
		{name: "secret in the query", query: form("client_id", "post", "client_secret", secret), body: form("client_id", "post"), client: "post", want: unauthorized},
		{name: "a secret where a key is needed", body: form("client_id", "assertion", "client_secret", secret), client: "assertion", want: unauthorized},
		{name: "unknown", body: form("client_id", "unknown", "client_secret", secret), want: unauthorized},
		{name: "unknown without a secret", body: form("client_id", "unknown"), want: unauthorized},
		{name: "unknown by basic", header: basic("unknown:" + secret), want: challenged},
		{name: "disabled", body: form("client_id", "off", "client_secret", secret), client: "off", want: unauthorized},
		{name: "disabled and public", body: form("client_id", "off public"), client: "off public", want: unauthorized},
		{name: "strict, wrong secret", body: form("client_id", "strict", "client_secret", "x"), client: "strict", want: "401 invalid_client Client authentication failed"},
		{name: "strict, wrong secret by basic", header: basic("strict:x"), client: "strict", want: "401 invalid_client Client authentication failed + Basic"},
		{name: "strict, right secret", header: basic("strict:" + secret), client: "strict", want: proven},
		{name: "too long", body: form("client_id", strings.Repeat("a", 1025)), want: unauthorized},

		{name: "nothing", want: "400 invalid_request Missing required parameter: client_id"},
		{name: "client_id in the query only", query: form("client_id", "public"), want: "400 invalid_request Missing required parameter: client_id"},
		{name: "secret without id", body: form("client_secret", secret), want: "400 invalid_request Missing required parameter: client_id"},
		{name: "two applications", header: basic("either:" + secret), body: form("client_id", "post"), want: "400 invalid_request The client_id of the body is not the one of the Authorization header: send one of them."},
		{name: "two secrets", header: basic("either:" + secret), body: form("client_secret", "x"), want: "400 invalid_request The client_secret of the body is not the one of the Authorization header: send one of them."},

		{name: "Basic without credentials", header: "Basic", want: challenged},
		{name: "Basic with nothing", header: "Basic ", body: form("client_id", "public"), want: challenged},
		{name: "Basic that is not base64", header: "Basic ####", body: form("client_id", "public"), want: challenged},
		{name: "Basic without a colon", header: basic("public"), want: challenged},
		{name: "Basic with an empty id", header: basic(":" + secret), body: form("client_id", "either"), want: challenged},
		{name: "Basic with a NUL", header: basic("either\x00:" + secret), want: challenged},
		{name: "Basic with an encoded NUL", header: basic("either%00:" + secret), want: challenged},
		{name: "Basic with invalid UTF-8", header: basic("either\xff:x"), want: challenged},
		{name: "Basic that is too long", header: basic("either:" + strings.Repeat("x", 5000)), want: challenged},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/oauth/token?"+c.query, nil)
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			meta := &web.Meta{}
			p, err := oauth.ParseQuery(c.body)
			if err != nil {
				t.Fatal(err)
			}
			caller, err := a.Authenticate(web.WithMeta(t.Context(), meta), r, p)
			if got := outcome(caller, err); got != c.want {
				t.Errorf("got %s, want %s (%v)", got, c.want, err)
			}
			if meta.ClientID != c.client {
				t.Errorf("the log line has the application %q, want %q", meta.ClientID, c.client)
			}
			if err == nil && caller.Client.ID != c.client {
				t.Errorf("the caller is %q, want %q", caller.Client.ID, c.client)
			}
			if err != nil && caller.Client.ID+caller.Client.Secret != "" {
				t.Error("a refused caller was handed out")
			}
			if err != nil && strings.Contains(err.Error(), secret[:8]) {
				t.Errorf("the refusal has the secret in it: %v", err)
			}
		})
	}
}

func outcome(caller clientauth.Caller, err error) string {
	switch {
	case err != nil:
		e := problem.From(err)
		s := fmt.Sprint(e.Status, " ", e.Code, " ", e.Message)
		if e.Challenge != "" {
			scheme, _, _ := strings.Cut(e.Challenge, " ")
			s += " + " + scheme
		}
		return s
	case caller.Proven:
		return "proven"
	}
	return "not proven"
}

func TestTwoAuthorizationHeaders(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", nil)
	r.Header.Add("Authorization", "Bearer abc")
	r.Header.Add("Authorization", basic("either:"+secret))
	caller, err := authenticator(t).Authenticate(t.Context(), r, oauth.Params{})
	if got := outcome(caller, err); got != "401 access_denied Unauthorized + Basic" {
		t.Errorf("two Authorization headers: %s", got)
	}
}

// A database that is gone is no reason to tell an application that its secret is wrong.
func TestDatabaseGone(t *testing.T) {
	a := authenticator(t)
	p, err := oauth.ParseQuery("client_id=public")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	a.DB = db
	if _, err := a.Authenticate(t.Context(), httptest.NewRequest(http.MethodPost, "/", nil), p); err == nil || problem.From(err).Status != http.StatusInternalServerError {
		t.Errorf("%v, want an internal error", err)
	}
}

func FuzzBasic(f *testing.F) {
	a := authenticator(f)
	for _, s := range []string{"Basic ", "Basic Og==", basic("public:"), basic("%00:%"), "basic a:b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodPost, "/oauth/token", nil)
		r.Header["Authorization"] = []string{header}
		caller, err := a.Authenticate(t.Context(), r, oauth.Params{})
		if err != nil && problem.From(err).Status >= 500 {
			t.Errorf("%q: %v", header, err)
		}
		if caller.Proven {
			t.Errorf("%q proves %s", header, caller.Client.ID)
		}
	})
}
