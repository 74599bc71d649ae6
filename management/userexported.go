package management

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// asSent turns a record of an export into one that can be sent: the form in which Auth0 hands out password hashes becomes
// the one of the schema, the column that an export names connection becomes an identity, and what a user does not keep is
// left out and told.
func (o *ImportOptions) asSent(sent map[string]any) map[string]any {
	out := maps.Clone(sent)
	if _, ofHashes := sent["passwordHash"]; ofHashes || sent["_id"] != nil {
		fromHashes(out)
	}
	provider, own, whole := strings.Cut(textOf(out, "user_id"), "|")
	name := textOf(out, "connection")
	if name == "" && whole && provider != store.DatabaseStrategy {
		name = provider // connections of social networks are called so
	}
	if whole && name != "" && out["identities"] == nil {
		out["identities"] = []any{map[string]any{"provider": provider, "user_id": own, "connection": name}}
	}
	delete(out, "connection")
	for name, v := range out {
		switch {
		case v == nil: // exports have a column for what a user does not have
			delete(out, name)
		case texts[name] > 0, slices.Contains(ofExports, name), slices.Contains(keptOfExports, name):
		default:
			delete(out, name)
			if o.Dropped != nil {
				o.Dropped(name)
			}
		}
	}
	return out
}

// keptOfExports are the properties beside texts and ofExports that a user keeps.
var keptOfExports = []string{
	"email_verified", "phone_verified", "blocked", "app_metadata", "user_metadata", "custom_password_hash", "mfa_factors",
}

// fromHashes reads a record of the password hashes: its id is alt_id where a custom database or an API gave one, and an
// address may be among the identifiers only.
func fromHashes(out map[string]any) {
	id := textOf(out, "alt_id")
	if id == "" {
		id, _ = inside(out, "_id.$oid").(string)
	}
	if hash := textOf(out, "passwordHash"); hash != "" {
		out["password_hash"] = hash
	}
	if at, ok := inside(out, "password_set_date.$date").(string); ok {
		out["last_password_reset"] = at
	}
	list, _ := out["identifiers"].([]any)
	for _, v := range list {
		d, _ := v.(map[string]any)
		verified := map[string]string{"email": "email_verified", "phone_number": "phone_verified", "username": ""}
		name := textOf(d, "type")
		flag, known := verified[name]
		if !known || out[name] != nil {
			continue
		}
		if out[name] = d["value"]; flag != "" && d["verified"] != nil {
			out[flag] = d["verified"]
		}
	}
	if out["user_id"] == nil && id != "" {
		out["user_id"] = store.DatabaseStrategy + "|" + id
	}
	for _, gone := range []string{"_id", "alt_id", "passwordHash", "password_set_date", "identifiers", "tenant", "_tmp_is_unique", "version"} {
		delete(out, gone)
	}
}

// Made are users whom dry runs would make, by a hash of their id, which takes a tenth of the memory: true where they would
// have a password.
type Made map[uint64]bool

var madeSeed = maphash.MakeSeed()

// makesAgain counts a user whom a dry run would make; of one whom another file makes before, only the password counts.
func (b *batch) makesAgain(u importedUser) bool {
	key, hashed := maphash.String(madeSeed, u.ID), u.PasswordHash != ""
	had, again := b.o.Made[key]
	if again && hashed && !had {
		b.done.Updated++
	}
	b.made[key] = had || hashed
	return again
}
