package management

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proofkey/proofkey/identity"
	"github.com/proofkey/proofkey/store"
)

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ShowUser is a user under the names of the Management API; the hash of the password is not in it.
func ShowUser(u store.User, identities []store.Identity) (map[string]any, error) {
	out := map[string]any{}
	raw, err := json.Marshal(u.Profile)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("show a user: %w", err)
	}
	if phone, ok := out["phone_number_verified"]; ok {
		out["phone_verified"] = phone
	}
	out["user_id"], out["created_at"], out["updated_at"] = u.ID, stamp(u.CreatedAt), stamp(u.UpdatedAt)
	out["identities"] = ShowIdentities(identities)
	for name, v := range map[string]string{"email": u.Email, "username": u.Username, "last_ip": u.LastIP} {
		if v != "" {
			out[name] = v
		}
	}
	if u.Email != "" {
		out["email_verified"] = u.Profile.EmailVerified
	}
	if u.Blocked {
		out["blocked"] = true
	}
	if u.LoginsCount > 0 {
		out["logins_count"] = u.LoginsCount
	}
	for name, t := range map[string]time.Time{"last_login": u.LastLogin, "last_password_reset": u.PasswordSetAt} {
		if !t.IsZero() {
			out[name] = stamp(t)
		}
	}
	return out, nil
}

// ours are the providers whose accounts are not a social network's.
var ours = []string{"auth0", "email", "sms", "ad", "adfs", "waad", "samlp", "oidc", "okta", "google-apps", "pingfederate", "custom"}

// ShowIdentities are a user's accounts under the names of the Management API.
func ShowIdentities(all []store.Identity) []map[string]any {
	out := []map[string]any{}
	for _, i := range all {
		d := map[string]any{
			"provider": i.Provider, "user_id": i.Subject, "connection": i.Connection, "isSocial": !slices.Contains(ours, i.Provider),
		}
		if len(i.Profile) > 0 {
			d["profileData"] = i.Profile
		}
		out = append(out, d)
	}
	return out
}

// ExportOptions say which users are exported, and what of them.
type ExportOptions struct {
	Connection string // of one of a user's accounts; empty: all users
	CSV        bool   // otherwise NDJSON, or with Array a JSON array
	Array      bool
	Fields     []ExportField
	Limit      int64 // 0: all
	// Hashes adds those of passwords, in the form in which they are imported.
	Hashes bool
}

// ExportField is a column; Name is a path such as user_metadata.plan or identities[0].connection.
type ExportField struct {
	Name string `json:"name"`
	As   string `json:"export_as,omitempty"`
}

// csvFields are the columns where none are asked for.
var csvFields = []string{
	"user_id", "email", "email_verified", "username", "phone_number", "phone_verified", "name", "given_name", "family_name", "nickname",
	"picture", "blocked", "created_at", "updated_at", "last_login", "last_ip", "logins_count",
}

// MaxCSVFields is how many columns a CSV may have.
const MaxCSVFields = 30

// Check says what is wrong with what is asked for.
func (o ExportOptions) Check() error {
	if !o.CSV {
		return nil
	}
	if len(o.Fields) > MaxCSVFields {
		return fmt.Errorf("a CSV has at most %d fields", MaxCSVFields)
	}
	for _, f := range o.Fields {
		if f.Name == "app_metadata" || f.Name == "user_metadata" {
			return fmt.Errorf("a CSV cannot have the whole of %s: name a field in it, or export as JSON", f.Name)
		}
	}
	return nil
}

// exportBatch is how many users are read at once.
const exportBatch = 500

// exporter writes users one batch after another.
type exporter struct {
	ExportOptions
	fields    []ExportField
	separator string // before the next element of an array
}

func newExporter(o ExportOptions) *exporter {
	e := &exporter{o, o.Fields, "\n"}
	if o.CSV && len(o.Fields) == 0 {
		for _, name := range csvFields {
			e.fields = append(e.fields, ExportField{Name: name})
		}
	}
	return e
}

// next is the text of the users behind the mark, and the mark behind them; the text has a heading where it is a CSV's first.
func (e *exporter) next(ctx context.Context, q store.Queries, mark string, written int64) (text []byte, after string, n int64, err error) {
	limit := int64(exportBatch)
	if e.Limit > 0 {
		limit = min(limit, e.Limit-written)
	}
	if e.CSV && written == 0 {
		text = e.heading()
	}
	if limit <= 0 {
		return text, mark, 0, nil
	}
	users, err := q.UsersAfter(ctx, e.Connection, mark, int(limit))
	if err != nil {
		return nil, "", 0, err
	}
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	identities, err := q.IdentitiesOf(ctx, ids...)
	if err != nil {
		return nil, "", 0, err
	}
	for _, u := range users {
		shown, err := ShowUser(u, identities[u.ID])
		if err != nil {
			return nil, "", 0, err
		}
		if e.Hashes {
			showHash(shown, u.PasswordHash)
		}
		if text, err = e.line(text, shown); err != nil {
			return nil, "", 0, err
		}
		mark = u.ID
	}
	return text, mark, int64(len(users)), nil
}

func showHash(shown map[string]any, hash string) {
	switch {
	case identity.IsImported(hash):
		shown["custom_password_hash"] = json.RawMessage(hash)
	case hash != "":
		shown["password_hash"] = hash
	}
}

func (e *exporter) heading() (line []byte) {
	for i, f := range e.fields {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendQuoted(line, orText(f.As, f.Name), "")
	}
	return append(line, '\n')
}

func (e *exporter) line(text []byte, user map[string]any) ([]byte, error) {
	if e.CSV {
		return e.row(text, user)
	}
	if len(e.fields) > 0 {
		picked := make(map[string]any, len(e.fields))
		for _, f := range e.fields {
			if v := at(user, f.Name); v != nil {
				picked[orText(f.As, f.Name)] = v
			}
		}
		user = picked
	}
	line, err := json.Marshal(user)
	if e.Array {
		text = append(text, e.separator...)
		e.separator = ",\n"
		return append(text, line...), err
	}
	return append(append(text, line...), '\n'), err
}

// row writes texts with a leading apostrophe, as the service does: a spreadsheet must not take one for a formula.
func (e *exporter) row(text []byte, user map[string]any) ([]byte, error) {
	for i, f := range e.fields {
		if i > 0 {
			text = append(text, ',')
		}
		switch v := at(user, f.Name).(type) {
		case nil:
		case string:
			guard := "'"
			if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
				guard = ""
			}
			text = appendQuoted(text, v, guard)
		default:
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			if raw[0] == '{' || raw[0] == '[' {
				text = appendQuoted(text, string(raw), "'")
			} else {
				text = append(text, raw...)
			}
		}
	}
	return append(text, '\n'), nil
}

func appendQuoted(b []byte, s, guard string) []byte {
	b = append(append(b, '"'), guard...)
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// at is the value at a path such as identities[0].connection.
func at(v any, path string) any {
	for name := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		if index, ok := strings.CutPrefix(name, "["); ok {
			v = element(v, strings.TrimSuffix(index, "]"))
			continue
		}
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func element(list any, index string) any {
	n := 0
	if _, err := fmt.Sscan(index, &n); err != nil || n < 0 {
		return nil
	}
	switch l := list.(type) {
	case []any:
		if n < len(l) {
			return l[n]
		}
	case []map[string]any:
		if n < len(l) {
			return l[n]
		}
	}
	return nil
}
