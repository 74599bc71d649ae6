package attack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/proofkey/proofkey/attack"
)

// careless is a provider that checks nothing: what an attack on it does not find, it does not look for.
func careless() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		base := "http://" + r.Host + "/"
		if r.Header.Get("X-Forwarded-Host") != "" {
			base = r.Header.Get("X-Forwarded-Proto") + "://" + r.Header.Get("X-Forwarded-Host") + "/"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": base, "authorization_endpoint": base + "authorize", "token_endpoint": base + "oauth/token", "userinfo_endpoint": base + "userinfo",
			"jwks_uri": base + "jwks", "revocation_endpoint": base + "oauth/revoke", "end_session_endpoint": base + "oidc/logout",
			"authorization_response_iss_parameter_supported": true,
		})
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"keys":[{"kid":"1","n":"AQAB"}]}`) })
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		to := r.FormValue("redirect_uri")
		http.SetCookie(w, &http.Cookie{Name: "s", Value: "fixed-for-everybody-fixed-for-everybody-fixed"})
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<form method="post" action="/authorize?%s">%s<input name="username"><input type="password" name="password"></form>`,
				url.Values(r.URL.Query()).Encode(), fmt.Sprint(r.URL.Query()))
			return
		}
		if r.PostFormValue("password") != "right" {
			w.Header().Set("Content-Type", "text/html")
			complaint := "no user"
			if r.PostFormValue("username") == "jane@example.com" {
				complaint = "wrong password of"
			}
			fmt.Fprintf(w, `%s %s <form method="post"><input name="username"><input type="password" name="password"></form>`, complaint, r.PostFormValue("username"))
			return
		}
		w.Header().Set("Location", to+"?code=1&access_token=1")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/oauth/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "e30.e30.AAAAAAAAAAAAAAAAAAAAAAAAAA", "id_token": "e30.e30.AA", "refresh_token": "1", "scope": "openid admin"})
	})
	mux.HandleFunc("/oauth/revoke", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"sub":"1"}`) })
	mux.HandleFunc("/oidc/logout", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.FormValue("post_logout_redirect_uri"))
		w.WriteHeader(http.StatusFound)
	})
	return httptest.NewServer(mux)
}

// TestFindsHoles: each class must be able to fail.
func TestFindsHoles(t *testing.T) {
	server := careless()
	defer server.Close()
	app := attack.App{ID: "native", RedirectURI: "com.example.app://host/callback"}
	web := attack.App{ID: "web", Secret: "secret", RedirectURI: "https://web.example.com/callback"}
	failed := map[string]int{}
	results, err := attack.Run(t.Context(), attack.Target{
		Issuer: server.URL + "/", Native: app, Web: web, Username: "jane@example.com", Password: "right", Audience: "api", Victim: "jane@example.com",
	}, func(r attack.Result) {
		if r.Outcome == attack.Failed {
			failed[r.Class]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]bool{}
	for _, r := range results {
		classes[r.Class] = true
	}
	// These are Go's own server, which is not careless.
	for _, sound := range []string{"hostile URL", "hostile headers", "request smuggling", "slow client"} {
		delete(classes, sound)
	}
	for class := range classes {
		if failed[class] == 0 {
			t.Errorf("the careless provider passes all of %q", class)
		}
	}
	if failed["redirect_uri"] < 20 || failed["access token"] < 15 {
		t.Errorf("found only %v", failed)
	}
}
