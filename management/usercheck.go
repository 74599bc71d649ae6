package management

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
)

// UserError is one thing that is wrong with a user of a file, with a code of the service's.
type UserError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Path    string `json:"path,omitempty"`
}

// Codes of what is wrong with a user.
const (
	codeAdditional = "OBJECT_ADDITIONAL_PROPERTIES"
	codeAnyOf      = "ANY_OF_MISSING"
	codeConflict   = "CONFLICT"
	codeConnection = "CONNECTION_NOT_FOUND"
	codeDuplicate  = "DUPLICATED_USER"
	codeEnum       = "ENUM_MISMATCH"
	codeFactors    = "MFA_FACTORS_FAILED"
	codeFormat     = "INVALID_FORMAT"
	codeMaxLength  = "MAX_LENGTH"
	codeMinimum    = "MINIMUM"
	codeNot        = "NOT_PASSED"
	codePattern    = "PATTERN"
	codeRequired   = "OBJECT_REQUIRED"
	codeType       = "INVALID_TYPE"
)

// importedUser is a user of a file that can be stored.
type importedUser struct {
	store.User
	linked []store.User
	sent   map[string]any
}

// record is a user of a file while it is checked.
type record struct {
	sent   map[string]any
	errors []UserError
}

func (r *record) wrong(code, path, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if path != "" {
		message = "Error in " + path + " property - " + message
	}
	noNUL := strings.NewReplacer("\x00", "\uFFFD")
	r.errors = append(r.errors, UserError{code, noNUL.Replace(message), noNUL.Replace(path)})
}

// texts are the texts of a user and the most characters that each may have.
var texts = map[string]int{
	"email": 254, "user_id": 255, "username": 128, "given_name": 150, "family_name": 150, "name": 300, "nickname": 300,
	"picture": 2048, "phone_number": 30, "password_hash": 512,
}

// ofExports are what only exports have.
var ofExports = []string{"identities", "created_at", "updated_at", "last_login", "last_ip", "logins_count", "last_password_reset"}

// readUser checks a user of a file in the form of the users-import schema. It names all that is wrong.
func (o *ImportOptions) readUser(raw json.RawMessage) (importedUser, []UserError) {
	var sent map[string]any
	if err := json.Unmarshal(raw, &sent); err != nil || sent == nil {
		return importedUser{}, []UserError{{codeType, "Expected type object", ""}}
	}
	r := &record{sent: sent}
	if o.Exported {
		r.sent = o.asSent(sent)
	}
	for _, name := range slices.Sorted(maps.Keys(r.sent)) {
		r.property(name, r.sent[name], o.Exported)
	}
	u := importedUser{User: store.User{Connection: o.Connection.Name}, sent: r.sent}
	if len(r.errors) == 0 {
		r.identifiers(&u)
		r.profile(&u)
		r.password(&u)
	}
	if len(r.errors) == 0 && o.Exported {
		o.exported(r, &u)
	}
	if u.ID == "" {
		u.ID = store.NewUserID()
	}
	return u, r.errors
}

// property checks the form of one property.
func (r *record) property(name string, v any, exported bool) {
	if !holdable(v, 0) {
		r.wrong(codeNot, name, "A text has NUL, or the nesting is deeper than %d", maxNesting)
		return
	}
	switch most, isText := texts[name]; {
	case isText:
		s, ok := v.(string)
		if !ok {
			r.wrong(codeType, name, "Expected type string but found type %s", kindOf(v))
		} else if n := utf8.RuneCountInString(s); n > most {
			r.wrong(codeMaxLength, name, "String is too long (%d chars), maximum %d", n, most)
		}
	case name == "email_verified" || name == "phone_verified" || name == "blocked":
		r.expect(name, v, "boolean")
	case name == "app_metadata" || name == "user_metadata" || name == "custom_password_hash":
		r.expect(name, v, "object")
	case name == "mfa_factors":
		r.wrong(codeFactors, "", "This server has no second factors yet: take mfa_factors out, or the user would sign in without them unnoticed")
	case exported && slices.Contains(ofExports, name):
	default:
		r.wrong(codeAdditional, "", "Additional properties not allowed: %.100s", name)
	}
}

func (r *record) expect(name string, v any, kind string) bool {
	if found := kindOf(v); found != kind {
		r.wrong(codeType, name, "Expected type %s but found type %s", kind, found)
		return false
	}
	return true
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

const maxNesting = 24

// holdable says whether the database can hold a value.
func holdable(v any, depth int) bool {
	if depth > maxNesting {
		return false
	}
	switch v := v.(type) {
	case string:
		return !strings.Contains(v, "\x00")
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !holdable(e, depth+1) })
	case map[string]any:
		for k, e := range v {
			if strings.Contains(k, "\x00") || !holdable(e, depth+1) {
				return false
			}
		}
	}
	return true
}

func (r *record) text(name string) string {
	s, _ := r.sent[name].(string)
	return s
}

var phoneNumber = regexp.MustCompile(`^\+[0-9]{1,15}$`)

func (r *record) identifiers(u *importedUser) {
	if email := r.text("email"); email != "" {
		var ok bool
		if u.Email, ok = identity.CleanEmail(email); !ok {
			r.wrong(codeFormat, "email", "Object didn't pass validation for format email: %s", email)
		}
	}
	if name := r.text("username"); name != "" {
		var ok bool
		if u.Username, ok = identity.CleanUsername(name); !ok {
			r.wrong(codePattern, "username", "A user name has letters, digits and _+-.!#$'^`~, and is no e-mail address")
		}
	}
	if u.Profile.PhoneNumber = r.text("phone_number"); u.Profile.PhoneNumber != "" && !phoneNumber.MatchString(u.Profile.PhoneNumber) {
		r.wrong(codePattern, "phone_number", "String does not match pattern %s", phoneNumber)
	}
	if len(r.errors) == 0 && u.Email == "" && u.Username == "" && u.Profile.PhoneNumber == "" {
		r.wrong(codeAnyOf, "", "Missing required property: email, username or phone_number")
	}
	if id := r.text("user_id"); id != "" {
		if strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			r.wrong(codePattern, "user_id", "An id has no white space")
		}
		u.ID = store.DatabaseStrategy + "|" + id
	}
}

// notInAppMetadata are properties of the user itself, which Auth0 keeps out of app_metadata.
var notInAppMetadata = []string{
	"__tenant", "_id", "blocked", "clientID", "created_at", "email_verified", "email", "globalClientID", "global_client_id", "identities", "lastIP",
	"lastLogin", "loginsCount", "metadata", "multifactor_last_modified", "multifactor", "updated_at", "user_id",
}

func (r *record) profile(u *importedUser) {
	known := u.Email
	for _, other := range []string{u.Username, u.Profile.PhoneNumber} {
		if known == "" {
			known = other
		}
	}
	fresh := identity.FreshProfile(known)
	p := &u.Profile
	for name, into := range map[string]*string{
		"name": &p.Name, "nickname": &p.Nickname, "given_name": &p.GivenName, "family_name": &p.FamilyName, "picture": &p.Picture,
	} {
		*into = r.text(name)
	}
	p.Name, p.Nickname, p.Picture = orText(p.Name, fresh.Name), orText(p.Nickname, fresh.Nickname), orText(p.Picture, fresh.Picture)
	p.EmailVerified, _ = r.sent["email_verified"].(bool)
	p.PhoneVerified, _ = r.sent["phone_verified"].(bool)
	u.Blocked, _ = r.sent["blocked"].(bool)
	p.UserMetadata, _ = r.sent["user_metadata"].(map[string]any)
	p.AppMetadata, _ = r.sent["app_metadata"].(map[string]any)
	for _, name := range notInAppMetadata {
		if _, has := p.AppMetadata[name]; has {
			r.wrong(codeNot, "app_metadata", "It must not contain %s", name)
		}
	}
}

func orText(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}

// enums of custom_password_hash, by path.
var hashEnums = map[string][]string{
	"algorithm":         {"argon2", "bcrypt", "hmac", "ldap", "md4", "md5", "sha1", "sha256", "sha512", "pbkdf2", "scrypt"},
	"hash.encoding":     {"base64", "hex", "utf8"},
	"hash.key.encoding": {"base64", "hex", "utf8"},
	"salt.encoding":     {"base64", "hex", "utf8"},
	"salt.position":     {"prefix", "suffix"},
	"password.encoding": {"ascii", "utf8", "utf16le", "ucs2", "latin1", "binary"},
}

func (r *record) password(u *importedUser) {
	hash, custom := r.text("password_hash"), r.sent["custom_password_hash"]
	switch {
	case hash != "" && custom != nil:
		r.wrong(codeNot, "custom_password_hash", "It excludes password_hash")
	case hash != "":
		if err := identity.CheckHash(hash); err != nil {
			r.wrong(codeFormat, "password_hash", "%v", err)
		}
		u.PasswordHash = hash
	case custom != nil:
		c := custom.(map[string]any)
		if c["hash"] == nil || c["algorithm"] == nil {
			r.wrong(codeRequired, "custom_password_hash", "Missing required property: algorithm, hash")
			return
		}
		for path, allowed := range hashEnums {
			if v, isText := inside(c, path).(string); isText && !slices.Contains(allowed, v) {
				r.wrong(codeEnum, "custom_password_hash."+path, "No enum match for: %.40s", v)
			}
		}
		raw, err := json.Marshal(c)
		if err == nil && len(r.errors) == 0 {
			u.PasswordHash, err = identity.ReadImportedHash(raw)
		}
		if err != nil {
			r.wrong(codeFormat, "custom_password_hash", "%v", err)
		}
	}
}

// inside is the value at a dotted path.
func inside(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// exported reads what only exports have, and takes ids as they are. Of which connection a user is, its first identity says.
func (o *ImportOptions) exported(r *record, u *importedUser) {
	for name, into := range map[string]*time.Time{
		"created_at": &u.CreatedAt, "updated_at": &u.UpdatedAt, "last_login": &u.LastLogin, "last_password_reset": &u.PasswordSetAt,
	} {
		if v := r.sent[name]; v != nil {
			t, err := time.Parse(time.RFC3339Nano, r.text(name))
			if err != nil || t.Year() < 1970 || t.Year() > 9999 {
				r.wrong(codeFormat, name, "Object didn't pass validation for format date-time")
			}
			*into = t.UTC().Truncate(time.Millisecond)
		}
	}
	if u.LastIP = r.text("last_ip"); len(u.LastIP) > 64 {
		r.wrong(codeMaxLength, "last_ip", "String is too long (%d chars), maximum 64", len(u.LastIP))
	}
	if v := r.sent["logins_count"]; v != nil {
		n, _ := v.(float64)
		if r.expect("logins_count", v, "integer") && (n < 0 || n > 1<<53) {
			r.wrong(codeMinimum, "logins_count", "Value %v is less than minimum 0, or too large", v)
		}
		u.LoginsCount = int64(n)
	}
	if id := r.text("user_id"); strings.Contains(id, "|") {
		u.ID = id
	}
	list, isList := r.sent["identities"].([]any)
	if r.sent["identities"] != nil && !isList {
		r.expect("identities", r.sent["identities"], "array")
	}
	for i, v := range list {
		o.identity(r, u, i, v)
	}
	if u.PasswordHash != "" && !strings.HasPrefix(u.ID, store.DatabaseStrategy+"|") && u.ID != "" {
		r.wrong(codeNot, "password_hash", "A user of another strategy than %s has no password", store.DatabaseStrategy)
	}
}

// identity reads the i-th account of an exported user: the first is the user's own, the others are linked to it.
func (o *ImportOptions) identity(r *record, u *importedUser, i int, v any) {
	at := fmt.Sprintf("identities[%d]", i)
	texts := map[string]string{}
	for _, name := range []string{"provider", "user_id", "connection"} {
		switch value := inside(v, name).(type) {
		case string:
			texts[name] = value
		case float64: // the ids of some providers
			texts[name] = json.Number(fmt.Sprintf("%.0f", value)).String()
		}
		if n := len(texts[name]); n == 0 || n > 255 || strings.ContainsFunc(texts[name], func(c rune) bool { return c < ' ' }) {
			r.wrong(codeRequired, at, "It needs provider, user_id and connection")
			return
		}
	}
	if !o.connections[texts["connection"]] {
		r.wrong(codeConnection, at+".connection", "There is no connection %.100s", texts["connection"])
	}
	_, own, whole := strings.Cut(texts["user_id"], "|")
	if !whole || !strings.HasPrefix(texts["user_id"], texts["provider"]+"|") {
		own = texts["user_id"]
	}
	id := texts["provider"] + "|" + own
	if i == 0 {
		if r.text("user_id") != "" && u.ID != id {
			r.wrong(codeNot, at, "Its provider and user_id are not those of user_id")
		}
		u.ID, u.Connection = id, texts["connection"]
		return
	}
	account := store.User{ID: id, Connection: texts["connection"], LinkedTo: u.ID, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt}
	if data, ok := inside(v, "profileData").(map[string]any); ok {
		account.Email, _ = identity.CleanEmail(textOf(data, "email"))
		account.Username, _ = identity.CleanUsername(textOf(data, "username"))
		p := &account.Profile
		for name, into := range map[string]*string{
			"name": &p.Name, "nickname": &p.Nickname, "given_name": &p.GivenName, "family_name": &p.FamilyName, "picture": &p.Picture,
			"phone_number": &p.PhoneNumber,
		} {
			*into = textOf(data, name)
		}
		p.EmailVerified, _ = data["email_verified"].(bool)
		p.PhoneVerified, _ = data["phone_verified"].(bool)
	}
	u.linked = append(u.linked, account)
}

func textOf(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}
