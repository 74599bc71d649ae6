package api_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/app"
	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

// TestCustomDomainVerification: only what the server answers on is ever ready.
func TestCustomDomainVerification(t *testing.T) {
	configured := []string{"https://login.example.com", "https://auth.example.com:8443"}
	s := open(t, idptest.File(t), func(o *app.Options) { o.Tenants[0].Domains = append(o.Tenants[0].Domains, configured...) })
	make := func(domain string) string {
		return s.want(201, "POST", "/custom-domains", `{"domain":"`+domain+`","type":"self_managed_certs"}`).at("custom_domain_id").(string)
	}
	ours, port, foreign := make("Login.example.com"), make("auth.example.com"), make("elsewhere.example.net")
	for id, want := range map[string]string{ours: "ready", port: "ready", foreign: "pending_verification"} {
		if got := s.want(200, "GET", "/custom-domains/"+id, nil); got.at("status") != "pending_verification" {
			t.Errorf("before: %s", got.text)
		}
		a := s.want(201, "POST", "/custom-domains/"+id+"/verify", nil)
		got := s.want(200, "GET", "/custom-domains/"+id, nil)
		if got.at("status") != want || !reflect.DeepEqual(got.body, a.body) {
			t.Errorf("verify answers %s, then GET %s, want %s", a.text, got.text, want)
		}
		if want != "ready" && !strings.HasPrefix(got.at("verification.error_msg").(string), "elsewhere.example.net is not among the domains of this tenant") {
			t.Errorf("without a reason: %s", got.text)
		}
	}
	s.refused(s.call("POST", "/custom-domains/cd_0000000000000000/verify", nil), 404, "inexistent_custom_domain",
		"The custom domain cd_0000000000000000 does not exist")
	s.refused(s.call("POST", "/custom-domains", `{"domain":"LOGIN.example.com","type":"self_managed_certs"}`), 409, "", "Custom domain already exists.")

	u := s.User("jsmith@example.com", "Mobile-Login-7-Flow")
	link := func() string {
		a := s.want(201, "POST", emailTickets, `{"user_id":"`+u.ID+`"}`)
		return a.at("ticket").(string)
	}
	const path = "/custom-domains/default"
	resource{}.same(t, "the default", s.want(200, "GET", path, nil), `{"domain":"127.0.0.1"}`)
	s.refused(s.call("PATCH", path, `{"domain":"elsewhere.example.net"}`), 400, "invalid_body", "The domain must be verified before it can be set as default.")
	s.refused(s.call("PATCH", path, `{"domain":"none.example.net"}`), 400, "invalid_body", `The tenant has no custom domain "none.example.net".`)
	s.refused(s.call("PATCH", path, `{}`), 400, "invalid_body", "Payload validation error: 'Missing required property: domain'.")
	if got := s.want(200, "PATCH", path, `{"domain":"auth.example.com"}`); got.at("custom_domain_id") != port || got.at("is_default") != true {
		t.Errorf("the default: %s", got.text)
	}
	if got := link(); !strings.HasPrefix(got, "https://auth.example.com:8443/u/") {
		t.Errorf("links lead to %s", got)
	}
	s.refused(s.call("DELETE", "/custom-domains/"+port, nil), 409, "",
		"Cannot delete the default custom domain. Please set another domain as default before deleting this one.")
	resource{}.same(t, "back", s.want(200, "PATCH", path, `{"domain":"127.0.0.1"}`), `{"domain":"127.0.0.1"}`)
	if got := link(); !strings.HasPrefix(got, s.URL) {
		t.Errorf("links lead to %s", got)
	}
	s.want(204, "DELETE", "/custom-domains/"+port, nil)

	// A domain that the configuration lost is no longer ready, whatever was verified before.
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		d, err := tx.Document(t.Context(), "custom_domain", foreign)
		if err != nil {
			return err
		}
		d.Body["verification"] = map[string]any{"status": "verified", "last_verified_at": "2026-01-01T00:00:00.000Z"}
		return tx.SaveDocument(t.Context(), &d)
	})
	if got := s.want(200, "GET", "/custom-domains/"+foreign, nil); err != nil || got.at("status") != "pending_verification" || got.at("verification.status") != "failed" {
		t.Errorf("no longer configured: %s, %v", got.text, err)
	}

	for query, want := range map[string]int{"": 2, "?q=domain:login*": 1, "?q=domain:elsewhere.example.net": 1, "?q=domain:else": 0, "?sort=domain:1&take=50": 2} {
		if got := items(s.want(200, "GET", "/custom-domains"+query, nil)); len(got) != want {
			t.Errorf("%q has %v, want %d", query, got, want)
		}
	}
	for _, query := range []string{"?q=name:x", "?sort=name:1"} {
		if a := s.call("GET", "/custom-domains"+query, nil); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
}
