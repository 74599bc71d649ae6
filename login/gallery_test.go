package login

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// scene is one page in one state, from canned data.
type scene struct {
	name string
	page Page
}

const sealed = "hKFo2SBxV1ZkT0ZLc2d4c1VjS0xqQ2Z5NmRkYnpSM1h2bWhZaKFur3VuaXZlcnNhbC1sb2dpbqN0aWTZIFh5c3pLb2RlbW8"

func scenes() []scene {
	frame := Frame{AppName: "Northwind Notes", TenantName: "Northwind", TransactionID: "tx_5YbqTn0mX3aKf8", Handover: true}
	form := Form{State: sealed}
	john := Account{Name: "John Smith", Email: "jsmith@example.com"}
	long := Account{Name: "Maximiliane Freifrau von Hohenstein-Bartholdy", Email: "maximiliane.freifrau-von-hohenstein-bartholdy@buchhaltung.niederlassung.example.com"}
	wide := frame
	wide.AppName = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
	wide.TenantName = wide.AppName
	branded := frame
	branded.LogoURI = "data:image/svg+xml," + `%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 40'%3E%3Cpath d='M4 34 24 6l20 28z' fill='%23e4572e'/%3E%3Cpath d='M34 34 54 14l20 20z' fill='%23f0a202'/%3E%3Ccircle cx='98' cy='20' r='14' fill='%2317a398'/%3E%3C/svg%3E`
	static := frame
	static.Handover = false

	login := func(f Frame, c Credentials) Login {
		c.Form = form
		return Login{Frame: f, Credentials: c, SignupURL: "/u/signup?state=" + sealed}
	}
	signup := func(f Frame, c Credentials, rules []Rule) Signup {
		c.Form = form
		return Signup{Frame: f, Credentials: c, Rules: rules, LoginURL: "/u/login?state=" + sealed}
	}
	asked := Consent{Frame: static, Form: form, Account: john,
		Identity: []string{"openid", "profile", "email", "offline_access"},
		APIs: []ScopeGroup{{Name: "Messages API", Scopes: []Scope{
			{"read:messages", "Read your messages"}, {"write:messages", "Send messages in your name"}, {"delete:drafts", ""},
		}}},
	}
	everything := Consent{Frame: wide, Form: form, Account: long,
		Identity: []string{"openid", "profile", "email", "address", "phone", "offline_access"},
		APIs: []ScopeGroup{{Name: wide.AppName, Scopes: []Scope{
			{"read:https://api.example.com/a/very/long/permission/name/without/any/place/to/break/the/line", "<b>Not bold</b>"},
		}}},
	}
	post := FormPost{Frame: static, RedirectURI: "https://app.example.com/callback?a=1&b=2", Params: []Param{{"code", "abc"}, {"state", `"><script>`}}}
	post.Nonce = "bm9uY2U"
	message := WebMessage{Frame: static, Origin: "https://app.example.com", Response: map[string]string{"code": "abc", "state": "</script><!--"}}
	message.Nonce = "bm9uY2U"

	return []scene{
		{"login", login(frame, Credentials{})},
		{"login-hint", login(branded, Credentials{Username: "jsmith@example.com"})},
		{"login-wrong", login(frame, Credentials{Username: "jsmith@example.com", Problem: WrongCredentials})},
		{"login-account-blocked", login(frame, Credentials{Username: "jsmith@example.com", Problem: AccountBlocked})},
		{"login-address-blocked", login(frame, Credentials{Username: "jsmith@example.com", Problem: AddressBlocked})},
		{"login-empty", login(frame, Credentials{UsernameProblem: EmailMissing, PasswordProblem: PasswordMissing})},
		{"login-expired", login(frame, Credentials{Problem: SessionExpired})},
		{"login-no-app", Login{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form}}},
		{"login-long", login(wide, Credentials{Username: long.Email, Problem: WrongCredentials})},
		{"login-hostile", login(Frame{AppName: `{{.State}}<script>alert(1)</script>{app}`, LogoURI: "javascript:alert(1)", TenantName: `"><img src=x onerror=alert(1)>`}, Credentials{Username: `" onfocus="alert(1)`})},
		{"signup", signup(frame, Credentials{}, policy8(RuleOpen, RuleOpen))},
		{"signup-weak", signup(frame, Credentials{Username: "jsmith@example.com", PasswordProblem: PasswordWeak}, policy8(RuleMet, RuleFailed))},
		{"signup-refused", signup(frame, Credentials{Username: "jsmith@example.com", Problem: SignupRefused}, policy8(RuleOpen, RuleOpen))},
		{"signup-invalid", signup(frame, Credentials{Username: "jsmith", UsernameProblem: EmailInvalid}, policy8(RuleOpen, RuleOpen))},
		{"signup-every-rule", signup(wide, Credentials{Username: long.Email, PasswordProblem: PasswordWeak}, everyRule())},
		{"consent", asked},
		{"consent-long", everything},
		{"confirm", Confirm{Frame: frame, Form: form, Account: john}},
		{"confirm-long", Confirm{Frame: wide, Form: form, Account: long}},
		{"select-account", SelectAccount{Frame: frame, Form: form, Account: john}},
		{"select-account-long", SelectAccount{Frame: wide, Form: form, Account: long}},
		{"logout-confirm", LogoutConfirm{Frame: static, Form: form, Account: john}},
		{"logout-confirm-long", LogoutConfirm{Frame: wide, Form: form, Account: long}},
		{"signed-out", SignedOut{Frame: static}},
		{"signed-out-continue", SignedOut{Frame: static, ContinueURL: "https://app.example.com/"}},
		{"error-server", Error{Frame: static}},
		{"error-request", Error{Frame: static, Kind: ErrorRequest, Detail: "Parameter redirect_uri was sent twice."}},
		{"error-callback", Error{Frame: static, Kind: ErrorCallback, Detail: "The provided redirect_uri is not in the list of allowed callback URLs."}},
		{"error-expired", Error{Frame: static, Kind: ErrorExpired, ContinueURL: "https://app.example.com/login"}},
		{"error-denied", Error{Frame: static, Kind: ErrorDenied}},
		{"error-too-many", Error{Frame: static, Kind: ErrorTooMany}},
		{"error-not-found", Error{Frame: Frame{TenantName: "Northwind"}, Kind: ErrorNotFound}},
		{"error-link", Error{Frame: static, Kind: ErrorLink, Detail: errTicket.Message}},
		{"error-long", Error{Frame: wide, Kind: ErrorRequest, Detail: "Unknown client: " + long.Email + long.Email}},
		{"mobile-callback", MobileCallback{Frame: Frame{TenantName: "Northwind"}}},
		{"mobile-callback-open", MobileCallback{Frame: static, OpenURL: "com.example.app://northwind.example.com/android/com.example.app/callback?code=abc"}},
		{"mobile-callback-hostile", MobileCallback{Frame: static, OpenURL: "JavaScript:alert(1)"}},
		{"bootstrap-admin", BootstrapAdmin{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form}, Rules: policy8(RuleOpen, RuleOpen)}},
		{"bootstrap-admin-weak", BootstrapAdmin{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form, Username: "admin@example.com", PasswordProblem: PasswordWeak}, Rules: policy8(RuleMet, RuleFailed)}},
		{"bootstrap-admin-done", BootstrapAdmin{Frame: Frame{TenantName: "Northwind"}, Done: true}},
		{"reset-password", ResetPassword{Frame: static, Credentials: Credentials{Form: form, Username: john.Email}, Account: john, Rules: policy8(RuleOpen, RuleOpen)}},
		{"reset-password-weak", ResetPassword{Frame: static, Credentials: Credentials{Form: form, Username: john.Email, PasswordProblem: PasswordWeak}, Account: john, Rules: policy8(RuleMet, RuleFailed)}},
		{"reset-password-long", ResetPassword{Frame: wide, Credentials: Credentials{Form: form, Username: long.Email, PasswordProblem: PasswordMissing}, Account: long, Rules: everyRule()}},
		{"reset-password-done", ResetPassword{Frame: static, Done: true, ContinueURL: "https://app.example.com/login"}},
		{"reset-password-done-hostile", ResetPassword{Frame: static, Done: true, ContinueURL: "javascript:alert(1)"}},
		{"email-verification", EmailVerification{Frame: static, Form: form, Account: john}},
		{"email-verification-long", EmailVerification{Frame: wide, Form: form, Account: long}},
		{"email-verification-done", EmailVerification{Frame: Frame{TenantName: "Northwind"}, Done: true}},
		{"index", Index{Frame: Frame{TenantName: "Northwind"}}},
		{"form-post", post},
		{"web-message", message},
	}
}

// policy8 is the default policy, with its parts in two states.
func policy8(a, b RuleState) []Rule {
	return []Rule{
		{Code: RuleLength, N: 8, State: a},
		{Code: RuleSomeOf, N: 3, State: b, Items: []Rule{
			{Code: RuleLower, State: a}, {Code: RuleUpper, State: b}, {Code: RuleNumber, State: a}, {Code: RuleSpecial, State: b},
		}},
		{Code: RuleNotCommon, State: a},
	}
}

func everyRule() []Rule {
	return []Rule{
		{Code: RuleLength, N: 10, State: RuleMet}, {Code: RuleMaxLength, N: 128, State: RuleMet},
		{Code: RuleAllOf, State: RuleFailed, Items: []Rule{{Code: RuleLower, State: RuleMet}, {Code: RuleUpper, State: RuleFailed}}},
		{Code: RuleIdentical, N: 2, State: RuleFailed}, {Code: RuleNotCommon, State: RuleFailed},
		{Code: RuleNotPersonal, State: RuleMet}, {Code: RuleNotRecent, N: 5, State: RuleFailed},
	}
}

func TestGallery(t *testing.T) {
	v, err := New()
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("PROOFKEY_GALLERY")
	for _, loc := range v.locales {
		for _, s := range scenes() {
			t.Run(loc.Tag()+"/"+s.name, func(t *testing.T) {
				var page bytes.Buffer
				if err := v.Render(&page, loc, s.page); err != nil {
					t.Fatal(err)
				}
				inspect(t, loc, page.String())
				hang(t, dir, loc, s.name, page.Bytes())
			})
		}
	}
}

// hang writes the page for the photographer (gallery/shoot.mjs), when the gallery was asked for.
func hang(t *testing.T, dir string, loc Locale, name string, page []byte) {
	t.Helper()
	if dir == "" {
		return
	}
	if err := os.MkdirAll(filepath.Join(dir, loc.Tag()), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, loc.Tag(), name+".html"), page, 0o644); err != nil {
		t.Fatal(err)
	}
}
