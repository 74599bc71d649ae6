package claims_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/proofkey/proofkey/oauth"
	"github.com/proofkey/proofkey/oauth/claims"
	"github.com/proofkey/proofkey/store"
)

var now = time.Date(2026, 8, 22, 10, 30, 0, 123_456_789, time.UTC) // 1787394600

func john() *store.User {
	return &store.User{
		ID: "auth0|6553da60a54af58e29493993", Email: "jsmith@example.com",
		Profile: store.Profile{
			Name: "John Smith", GivenName: "John", FamilyName: "Smith", MiddleName: "Q", Nickname: "jsmith",
			Picture: "https://example.com/p?s=480&r=pg", PhoneNumber: "+15550100",
		},
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		UpdatedAt: time.Date(2026, 8, 22, 12, 30, 0, 7_000_000, time.FixedZone("", 2*3600)),
	}
}

// issuance is a code exchange for an API with everything that needs no request.
func issuance(scope string, change func(*claims.Issuance)) claims.Issuance {
	granted, err := oauth.ParseScope(scope)
	if err != nil {
		panic(err)
	}
	i := claims.Issuance{
		Issuer: "https://t.example.com/",
		Client: store.Client{ID: "client1", Secret: "s"},
		User:   john(),
		API:    &store.API{Identifier: "https://api.example.com/"},
		Scope:  granted, GrantType: oauth.GrantAuthorizationCode, TokenID: "cd_1", Now: now,
		AuthTime: now.Add(-time.Hour),
	}
	if change != nil {
		change(&i)
	}
	return i
}

func golden(t *testing.T, v any, want string) {
	t.Helper()
	got, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	// The goldens show URLs as they are; encoding/json writes & as an escape, which readers undo.
	if text := strings.ReplaceAll(string(got), `\u0026`, "&"); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestAccessToken(t *testing.T) {
	for _, c := range []struct {
		name, scope string
		change      func(*claims.Issuance)
		alg, typ    string
		life        time.Duration
		want        string
	}{
		{
			"code exchange with openid: /userinfo is an audience too", "openid profile read:messages", nil, "RS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":["https://api.example.com/","https://t.example.com/userinfo"],"iat":1787394600,"exp":1787481000,"scope":"openid profile read:messages","azp":"client1","jti":"cd_1"}`,
		}, {
			"without openid the audience is a text", "read:messages", nil, "RS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://api.example.com/","iat":1787394600,"exp":1787481000,"scope":"read:messages","azp":"client1","jti":"cd_1"}`,
		}, {
			"no scope, no claim", "", nil, "RS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://api.example.com/","iat":1787394600,"exp":1787481000,"azp":"client1","jti":"cd_1"}`,
		}, {
			"HS256: we hold no key that /userinfo could verify with", "openid",
			func(i *claims.Issuance) { i.API.Settings.SigningAlg = "HS256" }, "HS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://api.example.com/","iat":1787394600,"exp":1787481000,"scope":"openid","azp":"client1","jti":"cd_1"}`,
		}, {
			"ES256 and the API's own lifetime", "openid",
			func(i *claims.Issuance) {
				i.API.Settings.SigningAlg, i.API.Settings.TokenLifetime = "ES256", 60
			}, "ES256", "JWT", time.Minute,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://api.example.com/","iat":1787394600,"exp":1787394660,"scope":"openid","azp":"client1","jti":"cd_1"}`,
		}, {
			"client credentials", "read:messages",
			func(i *claims.Issuance) { i.User, i.GrantType = nil, oauth.GrantClientCredentials }, "RS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"client1@clients","aud":"https://api.example.com/","iat":1787394600,"exp":1787481000,"scope":"read:messages","gty":"client-credentials","azp":"client1","jti":"cd_1"}`,
		}, {
			"refresh", "openid offline_access",
			func(i *claims.Issuance) { i.GrantType = oauth.GrantRefreshToken }, "RS256", "JWT", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":["https://api.example.com/","https://t.example.com/userinfo"],"iat":1787394600,"exp":1787481000,"scope":"openid offline_access","gty":"refresh_token","azp":"client1","jti":"cd_1"}`,
		}, {
			"RFC 9068: client_id for azp, no gty", "openid read:messages",
			func(i *claims.Issuance) {
				i.API.Settings.TokenDialect, i.GrantType = "rfc9068_profile", oauth.GrantRefreshToken
			}, "RS256", "at+jwt", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":["https://api.example.com/","https://t.example.com/userinfo"],"iat":1787394600,"exp":1787481000,"scope":"openid read:messages","client_id":"client1","jti":"cd_1"}`,
		}, {
			"RFC 9068 with permissions is the same dialect", "",
			func(i *claims.Issuance) { i.API.Settings.TokenDialect = "rfc9068_profile_authz" }, "RS256", "at+jwt", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://api.example.com/","iat":1787394600,"exp":1787481000,"client_id":"client1","jti":"cd_1"}`,
		}, {
			"without an API the token is opaque", "openid profile",
			func(i *claims.Issuance) { i.API = nil }, claims.AlgOpaque, "", 86400 * time.Second,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"https://t.example.com/userinfo","client_id":"client1","scope":"openid profile","iat":1787394600,"exp":1787481000,"jti":"cd_1"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			alg, typ, content, life := claims.AccessToken(issuance(c.scope, c.change))
			if alg != c.alg || typ != c.typ || life != c.life {
				t.Errorf("%s %s %s, want %s %s %s", alg, typ, life, c.alg, c.typ, c.life)
			}
			golden(t, content, c.want)
		})
	}
}

func TestIDToken(t *testing.T) {
	const atHash = `"at_hash":"oFYf1knNtrqnhAVfBRuteQ"` // of "access": first half of its SHA-256
	for _, c := range []struct {
		name, scope, accessToken string
		change                   func(*claims.Issuance)
		want                     string
	}{
		{
			"openid alone", "openid", "", nil,
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"client1","iat":1787394600,"exp":1787430600}`,
		}, {
			"everything", "openid profile email phone created_at", "access",
			func(i *claims.Issuance) { i.SessionID, i.Nonce, i.WantAuthTime = "sid1", "n1", true },
			`{"given_name":"John","family_name":"Smith","middle_name":"Q","nickname":"jsmith","name":"John Smith","picture":"https://example.com/p?s=480&r=pg","updated_at":"2026-08-22T10:30:00.007Z","created_at":"2026-01-02T03:04:05.000Z","email":"jsmith@example.com","email_verified":false,"phone_number":"+15550100","phone_number_verified":false,` +
				`"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"client1","iat":1787394600,"exp":1787430600,"auth_time":1787391000,"sid":"sid1",` + atHash + `,"nonce":"n1"}`,
		}, {
			"after a refresh there is no nonce, but auth_time stays where it was asked for", "openid", "",
			func(i *claims.Issuance) { i.GrantType, i.Nonce, i.WantAuthTime = oauth.GrantRefreshToken, "n1", true },
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"client1","iat":1787394600,"exp":1787430600,"auth_time":1787391000}`,
		}, {
			"the application's lifetime", "openid", "",
			func(i *claims.Issuance) { i.Client.Settings.JWT.LifetimeInSeconds = 60 },
			`{"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"client1","iat":1787394600,"exp":1787394660}`,
		}, {
			"single-claim scopes", "openid name picture email_verified", "", nil,
			`{"name":"John Smith","picture":"https://example.com/p?s=480&r=pg","email_verified":false,"iss":"https://t.example.com/","sub":"auth0|6553da60a54af58e29493993","aud":"client1","iat":1787394600,"exp":1787430600}`,
		}, {
			"what the user does not have is left out", "openid profile email phone", "",
			func(i *claims.Issuance) { i.User = &store.User{ID: "auth0|1"} },
			`{"iss":"https://t.example.com/","sub":"auth0|1","aud":"client1","iat":1787394600,"exp":1787430600}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, claims.IDToken(issuance(c.scope, c.change), c.accessToken), c.want)
		})
	}
}

func TestIDTokenAlg(t *testing.T) {
	for _, c := range []struct {
		alg, secret, method, want string
	}{
		{"", "s", "", "RS256"},
		{"RS256", "s", oauth.AuthSecretPost, "RS256"},
		{"HS256", "s", oauth.AuthSecretPost, "HS256"},
		{"HS256", "", oauth.AuthSecretPost, "RS256"},
		{"HS256", "s", oauth.AuthNone, "RS256"},
		{"none", "s", "", "RS256"},
	} {
		client := store.Client{Secret: c.secret, Settings: store.ClientSettings{TokenEndpointAuthMethod: c.method}}
		client.Settings.JWT.Alg = c.alg
		if got := claims.IDTokenAlg(client); got != c.want {
			t.Errorf("alg %q, secret %q, method %q: got %s, want %s", c.alg, c.secret, c.method, got, c.want)
		}
	}
}

func TestUserInfo(t *testing.T) {
	for scope, want := range map[string]string{
		"openid":                               `{"sub":"auth0|6553da60a54af58e29493993"}`,
		"openid email":                         `{"sub":"auth0|6553da60a54af58e29493993","email":"jsmith@example.com","email_verified":false}`,
		"openid profile email":                 `{"sub":"auth0|6553da60a54af58e29493993","given_name":"John","family_name":"Smith","middle_name":"Q","nickname":"jsmith","name":"John Smith","picture":"https://example.com/p?s=480&r=pg","updated_at":"2026-08-22T10:30:00.007Z","email":"jsmith@example.com","email_verified":false}`,
		"openid phone nickname":                `{"sub":"auth0|6553da60a54af58e29493993","nickname":"jsmith","phone_number":"+15550100","phone_number_verified":false}`,
		"read:messages offline_access address": `{"sub":"auth0|6553da60a54af58e29493993"}`,
	} {
		granted, err := oauth.ParseScope(scope)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, claims.UserInfo(*john(), granted), want)
	}
}

// Every claim that the metadata promises must be one that some scope gives, and the other way round.
func TestSupportedIsWhatIsGiven(t *testing.T) {
	i := issuance(strings.Join(claims.Scopes(), " "), func(i *claims.Issuance) { i.SessionID, i.Nonce, i.WantAuthTime = "s", "n", true })
	raw, err := json.Marshal(claims.IDToken(i, "access"))
	if err != nil {
		t.Fatal(err)
	}
	var given map[string]any
	if err := json.Unmarshal(raw, &given); err != nil {
		t.Fatal(err)
	}
	// These are about the answer, not about the user or the login.
	delete(given, "at_hash")
	delete(given, "nonce")
	for _, name := range claims.Supported() {
		if _, ok := given[name]; !ok {
			t.Errorf("claims_supported has %s, which no token has", name)
		}
		delete(given, name)
	}
	for name := range given {
		t.Errorf("claims_supported lacks %s", name)
	}
}
