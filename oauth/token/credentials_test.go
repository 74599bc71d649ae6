package token_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/store"
)

func credentialsForm(change ...string) url.Values {
	return with(url.Values{"grant_type": {"client_credentials"}, "client_id": {"m2m"}, "client_secret": {secret}, "audience": {api}}, change...)
}

func (tt *tenant) allowM2M(scope string) {
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveClientGrant(ctx, &store.ClientGrant{ClientID: "m2m", Audience: api, Scope: scope})
	})
}

func TestClientCredentials(t *testing.T) {
	tt := open(t)
	tt.allowM2M("read:messages write:messages")
	for _, c := range []struct {
		form       []string
		scope      string
		sayScope   bool
		beforehand store.TenantSettings
	}{
		{nil, "read:messages write:messages", false, store.TenantSettings{}},
		{[]string{"scope", "write:messages delete:messages"}, "write:messages", true, store.TenantSettings{}},
		{[]string{"audience", "-"}, "read:messages write:messages", false, store.TenantSettings{DefaultAudience: api}},
		{[]string{"extra", "parameter"}, "read:messages write:messages", false, store.TenantSettings{}},
	} {
		tt.setTenant(c.beforehand)
		a := tt.post(credentialsForm(c.form...))
		if a.status != 200 || a.json["token_type"] != "Bearer" || a.json["expires_in"] != 86400.0 || a.json["id_token"] != nil || a.json["refresh_token"] != nil {
			t.Fatalf("with %v answered %s", c.form, a)
		}
		if said, ok := a.json["scope"]; ok != c.sayScope || ok && said != c.scope {
			t.Errorf("with %v the answer's scope is %v", c.form, said)
		}
		claims := tt.claimsOf(a.text("access_token"))
		if claims["sub"] != "m2m@clients" || claims["gty"] != "client-credentials" || claims["azp"] != "m2m" || claims["aud"] != api || claims["scope"] != c.scope {
			t.Errorf("with %v the access token says %v", c.form, claims)
		}
	}
	if types, e := tt.recorded(); !slices.Equal(types, []string{"seccft", "seccft", "seccft", "seccft"}) || e.ClientID != "m2m" || e.Audience != api {
		t.Errorf("the events are %v, the last %+v", types, e)
	}
}

// TestThousandScopes: a client grant may hold more than a request may ask for, as the one for the Management API does.
func TestThousandScopes(t *testing.T) {
	tt := open(t)
	scopes := make([]string, 1000)
	for i := range scopes {
		scopes[i] = fmt.Sprintf("read:%d", i)
	}
	scope := strings.Join(scopes, " ")
	tt.write(func(ctx context.Context, tx *store.Tx) error {
		a, err := tx.API(ctx, api)
		if err != nil {
			return err
		}
		a.Scopes = nil
		for _, value := range scopes {
			a.Scopes = append(a.Scopes, store.APIScope{Value: value})
		}
		return tx.SaveAPI(ctx, &a)
	})
	tt.allowM2M(scope)
	if a := tt.post(credentialsForm()); a.status != 200 || tt.claimsOf(a.text("access_token"))["scope"] != scope {
		t.Errorf("a client grant of a thousand scopes was answered %d", a.status)
	}
}

func TestClientCredentialsRefusals(t *testing.T) {
	for _, c := range []struct {
		name     string
		form     []string
		before   func(*tenant)
		status   int
		error    string
		sentence string
	}{
		{name: "no audience", form: []string{"audience", "-"}, status: 400, error: "invalid_request", sentence: "Missing required parameter: audience"},
		{name: "unknown API", form: []string{"audience", "https://nowhere.example.com/"}, status: 403, error: "access_denied",
			sentence: "Service not enabled within domain: https://nowhere.example.com/"},
		{name: "/userinfo", form: []string{"audience", issuer + "userinfo"}, status: 403, error: "access_denied",
			sentence: "Service not enabled within domain: " + issuer + "userinfo"},
		{name: "no client grant", form: []string{"audience", "https://quick.example.com/"}, status: 403, error: "access_denied",
			sentence: `Client is not authorized to access "https://quick.example.com/". You need to create a "client-grant" associated to this API. See: …`},
		{name: "wrong secret", form: []string{"client_secret", "wrong"}, status: 401, error: "access_denied", sentence: "Unauthorized"},
		{name: "no secret", form: []string{"client_secret", "-"}, status: 401, error: "access_denied", sentence: "Unauthorized"},
		{name: "grant not in the list", form: []string{"client_id", "web"}, status: 403, error: "unauthorized_client",
			sentence: "Grant type 'client_credentials' not allowed for the client."},
		{name: "public application", form: []string{"client_id", "native", "client_secret", "-"}, before: func(tt *tenant) {
			tt.setClient("native", func(s *store.ClientSettings) { s.GrantTypes = []string{"client_credentials"} })
		}, status: 403, error: "unauthorized_client", sentence: "client_credentials is for applications that authenticate…"},
		{name: "API disabled", before: func(tt *tenant) { tt.setAPI(func(s *store.APISettings) { s.Disabled = true }) },
			status: 403, error: "access_denied", sentence: "Service not enabled within domain: " + api},
		{name: "bad scope", form: []string{"scope", "a\"b"}, status: 400, error: "invalid_scope", sentence: "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tt := open(t)
			tt.allowM2M("read:messages")
			if c.before != nil {
				c.before(tt)
			}
			tt.refused(tt.post(credentialsForm(c.form...)), c.status, c.error, c.sentence)
			if types, _ := tt.recorded(); !slices.Equal(types, []string{"feccft"}) {
				t.Errorf("the events are %v", types)
			}
		})
	}
}
