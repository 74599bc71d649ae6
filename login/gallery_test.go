package login

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// scene is one page in one state, from canned data.
type scene struct {
	name  string
	page  Page
	dress Dress
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
	member := branded
	member.OrgName = "Acme Inc."
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
	message := WebMessage{Frame: static, Origin: "https://app.example.com", Response: map[string]string{"code": "abc", "state": "</script><!--"}}

	all := []scene{
		{name: "login", page: login(frame, Credentials{})},
		{name: "login-hint", page: login(branded, Credentials{Username: "jsmith@example.com"})},
		{name: "login-wrong", page: login(frame, Credentials{Username: "jsmith@example.com", Problem: WrongCredentials})},
		{name: "login-account-blocked", page: login(frame, Credentials{Username: "jsmith@example.com", Problem: AccountBlocked})},
		{name: "login-address-blocked", page: login(frame, Credentials{Username: "jsmith@example.com", Problem: AddressBlocked})},
		{name: "login-empty", page: login(frame, Credentials{UsernameProblem: EmailMissing, PasswordProblem: PasswordMissing})},
		{name: "login-expired", page: login(frame, Credentials{Problem: SessionExpired})},
		{name: "login-no-app", page: Login{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form}}},
		{name: "login-long", page: login(wide, Credentials{Username: long.Email, Problem: WrongCredentials})},
		{name: "login-hostile", page: login(Frame{AppName: `{{.State}}<script>alert(1)</script>{app}`, LogoURI: "javascript:alert(1)", TenantName: `"><img src=x onerror=alert(1)>`}, Credentials{Username: `" onfocus="alert(1)`})},
		{name: "login-id", page: LoginID{frame, Credentials{Form: form}, "/u/signup?state=" + sealed}},
		{name: "login-id-hint", page: LoginID{branded, Credentials{Form: form, Username: john.Email}, ""}},
		{name: "login-id-empty", page: LoginID{frame, Credentials{Form: form, UsernameProblem: EmailMissing}, ""}},
		{name: "login-password", page: LoginPassword{frame, Credentials{Form: form, Username: john.Email}, "/u/login?state=" + sealed}},
		{name: "login-password-wrong", page: LoginPassword{wide, Credentials{Form: form, Username: long.Email, Problem: WrongCredentials}, "/u/login?state=" + sealed}},
		{name: "login-password-empty", page: LoginPassword{branded, Credentials{Form: form, Username: john.Email, PasswordProblem: PasswordMissing}, "/u/login"}},
		{name: "login-password-account-blocked", page: LoginPassword{frame, Credentials{Form: form, Username: john.Email, Problem: AccountBlocked}, "/u/login"}},
		{name: "login-password-address-blocked", page: LoginPassword{frame, Credentials{Form: form, Username: john.Email, Problem: AddressBlocked}, "/u/login"}},
		{name: "signup-empty", page: signup(branded, Credentials{UsernameProblem: EmailMissing, PasswordProblem: PasswordMissing}, policy8(RuleOpen, RuleOpen))},
		{name: "signup-address-blocked", page: signup(frame, Credentials{Username: "jsmith@example.com", Problem: AddressBlocked}, policy8(RuleOpen, RuleOpen))},
		{name: "signup", page: signup(frame, Credentials{}, policy8(RuleOpen, RuleOpen))},
		{name: "signup-weak", page: signup(frame, Credentials{Username: "jsmith@example.com", PasswordProblem: PasswordWeak}, policy8(RuleMet, RuleFailed))},
		{name: "signup-refused", page: signup(frame, Credentials{Username: "jsmith@example.com", Problem: SignupRefused}, policy8(RuleOpen, RuleOpen))},
		{name: "signup-invalid", page: signup(frame, Credentials{Username: "jsmith", UsernameProblem: EmailInvalid}, policy8(RuleOpen, RuleOpen))},
		{name: "signup-every-rule", page: signup(wide, Credentials{Username: long.Email, PasswordProblem: PasswordWeak}, everyRule())},
		{name: "consent", page: asked},
		{name: "consent-long", page: everything},
		{name: "confirm", page: Confirm{Frame: frame, Form: form, Account: john}},
		{name: "confirm-long", page: Confirm{Frame: wide, Form: form, Account: long}},
		{name: "select-account", page: SelectAccount{Frame: frame, Form: form, Account: john}},
		{name: "select-account-long", page: SelectAccount{Frame: wide, Form: form, Account: long}},
		{name: "organization", page: Organization{Frame: branded, Form: form}},
		{name: "organization-unknown", page: Organization{Frame: wide, Form: form, Name: "acme", Problem: OrganizationUnknown}},
		{name: "organization-picker", page: OrganizationPicker{Frame: branded, Form: form, Choices: []Choice{{"org_1", "Acme Inc.", branded.LogoURI}, {"org_2", wide.AppName, "javascript:alert(1)"}}}},
		{name: "login-organization", page: login(member, Credentials{})},
		{name: "signup-invited", page: signup(member, Credentials{Username: john.Email, Fixed: true}, policy8(RuleOpen, RuleOpen))},
		{name: "logout-confirm", page: LogoutConfirm{Frame: static, Form: form, Account: john}},
		{name: "logout-confirm-long", page: LogoutConfirm{Frame: wide, Form: form, Account: long}},
		{name: "signed-out", page: SignedOut{Frame: static}},
		{name: "signed-out-continue", page: SignedOut{Frame: static, ContinueURL: "https://app.example.com/"}},
		{name: "error-server", page: Error{Frame: static}},
		{name: "error-request", page: Error{Frame: static, Kind: ErrorRequest, Detail: "Parameter redirect_uri was sent twice."}},
		{name: "error-callback", page: Error{Frame: static, Kind: ErrorCallback, Detail: "The provided redirect_uri is not in the list of allowed callback URLs."}},
		{name: "error-expired", page: Error{Frame: static, Kind: ErrorExpired, ContinueURL: "https://app.example.com/login"}},
		{name: "error-denied", page: Error{Frame: static, Kind: ErrorDenied}},
		{name: "error-too-many", page: Error{Frame: static, Kind: ErrorTooMany}},
		{name: "error-not-found", page: Error{Frame: Frame{TenantName: "Northwind"}, Kind: ErrorNotFound}},
		{name: "error-link", page: Error{Frame: static, Kind: ErrorLink, Detail: errTicket.Message}},
		{name: "error-long", page: Error{Frame: wide, Kind: ErrorRequest, Detail: "Unknown client: " + long.Email + long.Email}},
		{name: "mobile-callback", page: MobileCallback{Frame: Frame{TenantName: "Northwind"}}},
		{name: "mobile-callback-open", page: MobileCallback{Frame: static, OpenURL: "com.example.app://northwind.example.com/android/com.example.app/callback?code=abc"}},
		{name: "mobile-callback-hostile", page: MobileCallback{Frame: static, OpenURL: "JavaScript:alert(1)"}},
		{name: "bootstrap-admin", page: BootstrapAdmin{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form}, Rules: policy8(RuleOpen, RuleOpen)}},
		{name: "bootstrap-admin-weak", page: BootstrapAdmin{Frame: Frame{TenantName: "Northwind"}, Credentials: Credentials{Form: form, Username: "admin@example.com", PasswordProblem: PasswordWeak}, Rules: policy8(RuleMet, RuleFailed)}},
		{name: "reset-password", page: ResetPassword{Frame: static, Credentials: Credentials{Form: form, Username: john.Email}, Account: john, Rules: policy8(RuleOpen, RuleOpen)}},
		{name: "reset-password-weak", page: ResetPassword{Frame: static, Credentials: Credentials{Form: form, Username: john.Email, PasswordProblem: PasswordWeak}, Account: john, Rules: policy8(RuleMet, RuleFailed)}},
		{name: "reset-password-long", page: ResetPassword{Frame: wide, Credentials: Credentials{Form: form, Username: long.Email, PasswordProblem: PasswordMissing}, Account: long, Rules: everyRule()}},
		{name: "reset-password-branded", page: ResetPassword{Frame: branded, Credentials: Credentials{Form: form, Username: john.Email}, Account: john, Rules: policy8(RuleOpen, RuleOpen)}},
		{name: "reset-password-done", page: ResetPassword{Frame: static, Done: true, ContinueURL: "https://app.example.com/login"}},
		{name: "reset-password-done-hostile", page: ResetPassword{Frame: static, Done: true, ContinueURL: "javascript:alert(1)"}},
		{name: "email-verification", page: EmailVerification{Frame: static, Form: form, Account: john}},
		{name: "email-verification-long", page: EmailVerification{Frame: wide, Form: form, Account: long}},
		{name: "email-verification-done", page: EmailVerification{Frame: Frame{TenantName: "Northwind"}, Done: true, ContinueURL: "https://app.example.com/login"}},
		{name: "index", page: Index{Frame: Frame{TenantName: "Northwind"}}},
		{name: "form-post", page: post},
		{name: "web-message", page: message},
	}
	return append(all, dressed(all)...)
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
				if err := v.Render(&page, loc, s.dress, "bm9uY2U", s.page); err != nil {
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
