package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"

	"github.com/proofkey/proofkey/store"
)

// otherStrategies are those whose options no table describes.
var otherStrategies = []string{"custom", "ip", "auth0-adldap", "evernote-sandbox", "paypal-sandbox", "salesforce-sandbox"}

func knownStrategy(s string) bool {
	return schemas()["connection.options["+s+"]"] != nil || slices.Contains(otherStrategies, s)
}

// enterprise are the strategies that have no button unless somebody asks for it.
var enterprise = []string{"ad", "adfs", "auth0-adldap", "google-apps", "ip", "office365", "oidc", "okta", "pingfederate", "samlp", "sharepoint", "waad"}

// completeConnection fills in what the service does when a connection is made.
func completeConnection(row store.Connection, body document) document {
	if _, sent := body["options"].(map[string]any); sent {
		completeOptions(row.Strategy, body)
	}
	fill(body, document{
		"options": defaultOptions(row.Strategy), "is_domain_connection": false, "realms": []any{row.Name},
		"authentication": document{"active": true}, "connected_accounts": document{"active": false},
	})
	if slices.Contains(enterprise, row.Strategy) {
		fill(body, document{"show_as_button": false})
	}
	return body
}

// defaultOptions are those of a connection that says nothing of them.
func defaultOptions(strategy string) document {
	switch strategy {
	case store.DatabaseStrategy:
		body := document{"options": document{
			"mfa": document{"active": true, "return_enroll_settings": true}, "passwordPolicy": "good", "strategy_version": 2,
			"brute_force_protection": true,
		}}
		completeOptions(strategy, body)
		return body["options"].(document)
	case "google-oauth2":
		return document{"email": true, "profile": true, "scope": []any{"email", "profile"}}
	}
	return document{}
}

// completeOptions fills in what the service does not leave out of options that are sent.
func completeOptions(strategy string, body document) {
	options, ok := body["options"].(map[string]any)
	if !ok {
		return
	}
	options = merge(options, document{})
	maps.DeleteFunc(options, func(_ string, v any) bool { return v == nil })
	switch strategy {
	case store.DatabaseStrategy:
		completeDatabase(options)
	case "oidc", "okta":
		mapping := map[string]string{"oidc": "bind_all", "okta": "basic_profile"}[strategy]
		fill(options, document{"schema_version": "oidc-V4", "type": "back_channel"})
		fillIn(options, "attribute_map", document{"mapping_mode": mapping})
		fillIn(options, "connection_settings", document{"pkce": "auto"})
	}
	body["options"] = options
}

func completeDatabase(options document) {
	fillIn(options, "passkey_options", document{
		"challenge_ui": "both", "progressive_enrollment_enabled": true, "local_enrollment_enabled": true,
	})
	fillIn(options, "authentication_methods", document{
		"password": document{"enabled": true, "api_behavior": "required", "signup_behavior": "allow"},
		"passkey":  document{"enabled": false}, "email_otp": document{"enabled": false}, "phone_otp": document{"enabled": false},
	})
	if rules, ok := options["password_options"].(map[string]any); ok {
		options["password_options"] = completeRules(rules)
	}
	if attributes, ok := options["attributes"].(map[string]any); ok && attributes["email"] != nil {
		attributes = maps.Clone(attributes)
		fillIn(attributes, "email", document{"unique": true, "verification_method": "link"})
		options["attributes"] = attributes
	}
}

func completeRules(rules document) document {
	rules = maps.Clone(rules)
	fillIn(rules, "complexity", document{
		"min_length": 15, "character_types": []any{}, "character_type_rule": "all", "identical_characters": "allow",
		"sequential_characters": "allow", "max_length_exceeded": "error",
	})
	fillIn(rules, "history", document{"active": false, "size": 3})
	fillIn(rules, "dictionary", document{"active": false, "default": "en_100k", "custom": []any{}})
	fillIn(rules, "profile_data", document{"active": false, "blocked_fields": []any{
		"name", "username", "nickname", "email", "phone_number", "user_metadata.name", "user_metadata.first", "user_metadata.last",
	}})
	return rules
}

// fillIn fills an object inside of a document, which is made if there is none.
func fillIn(d document, name string, defaults document) {
	inner, _ := d[name].(map[string]any)
	inner = merge(inner, document{})
	fill(inner, defaults)
	d[name] = inner
}

// connectionOptions are the options that the running system reads, as they are sent.
type connectionOptions struct {
	DisableSignup bool     `json:"disable_signup"`
	Policy        string   `json:"passwordPolicy"`
	BruteForce    *bool    `json:"brute_force_protection"`
	Dictionary    switched `json:"password_dictionary"`
	Personal      switched `json:"password_no_personal_info"`
	Complexity    struct {
		MinLength int `json:"min_length"`
	} `json:"password_complexity_options"`
	Rules *passwordRules `json:"password_options"`
}

type switched struct {
	Enable *bool `json:"enable"`
}

// passwordRules are the newer form of the same settings.
type passwordRules struct {
	Complexity struct {
		MinLength int      `json:"min_length"`
		Types     []string `json:"character_types"`
		Rule      string   `json:"character_type_rule"`
		Identical string   `json:"identical_characters"`
	} `json:"complexity"`
	Dictionary struct {
		Active bool `json:"active"`
	} `json:"dictionary"`
	ProfileData struct {
		Active bool `json:"active"`
	} `json:"profile_data"`
}

// settingsOf is what a document says to the running system. Nobody signs in by other strategies than the database.
func settingsOf(strategy string, body document) store.ConnectionSettings {
	var w struct {
		Options        connectionOptions `json:"options"`
		Authentication struct {
			Active *bool `json:"active"`
		} `json:"authentication"`
	}
	off := strategy != store.DatabaseStrategy
	if off || through(body, &w) != nil { // the options of a database were checked
		return store.ConnectionSettings{Disabled: off}
	}
	o := w.Options
	s := store.ConnectionSettings{
		DisableSignup: o.DisableSignup, PasswordPolicy: o.Policy, MinLength: o.Complexity.MinLength,
		Dictionary: o.Dictionary.Enable, NoPersonalInfo: o.Personal.Enable, BruteForce: o.BruteForce,
		Disabled: w.Authentication.Active != nil && !*w.Authentication.Active,
	}
	if r := o.Rules; r != nil {
		s.PasswordPolicy, s.MinLength = r.policy(), r.Complexity.MinLength
		s.Dictionary, s.NoPersonalInfo = &r.Dictionary.Active, &r.ProfileData.Active
	}
	return s
}

// policy is the weakest of the named ones that asks for all that the rules do, or more.
func (r passwordRules) policy() string {
	switch c := r.Complexity; {
	case c.Identical == "block":
		return "excellent"
	case len(c.Types) == 0:
		return "none"
	case c.Rule == "three_of_four" || slices.Contains(c.Types, "special"):
		return "good"
	}
	return "fair"
}

// wireOfConnection is a row's settings as the wire has them, with what is in force where the row says nothing.
func wireOfConnection(s store.ConnectionSettings) document {
	policy := s.PasswordPolicy
	if policy == "" {
		policy = "good"
	}
	options := document{
		"disable_signup": s.DisableSignup, "passwordPolicy": policy, "brute_force_protection": orOn(s.BruteForce),
		"password_dictionary":       document{"enable": orOn(s.Dictionary)},
		"password_no_personal_info": document{"enable": orOn(s.NoPersonalInfo)},
	}
	if s.MinLength > 0 {
		options["password_complexity_options"] = document{"min_length": s.MinLength}
	}
	return document{"options": options, "authentication": document{"active": !s.Disabled}}
}

func orOn(b *bool) bool { return b == nil || *b }

// sayConnection shows the row under the words of its document.
func sayConnection(row store.Connection, body document) document {
	if row.Strategy != store.DatabaseStrategy {
		return body
	}
	return said(body, wireOfConnection(row.Settings), wireOfConnection(settingsOf(row.Strategy, body)))
}

// checkAttributes holds the identifiers of a database to the rules of the service.
func checkAttributes(old, body document) error {
	options, _ := body["options"].(map[string]any)
	attributes, ok := options["attributes"].(map[string]any)
	if !ok || len(attributes) == 0 {
		return nil
	}
	if options["validation"] != nil {
		return badBody("Cannot set both options.attributes and options.validation")
	}
	if requires, _ := options["requires_username"].(bool); requires {
		return badBody("Cannot set both options.attributes and options.requires_username")
	}
	identifiers := 0
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if at(attributes, name, "identifier", "active") == true {
			identifiers++
		}
		if at(attributes, name, "profile_required") == true && at(attributes, name, "signup", "status") != "required" {
			return badBody("attribute %s must also be required on signup", name)
		}
	}
	if identifiers == 0 {
		return badBody("attributes must contain one active identifier")
	}
	return checkUnique(old, at(attributes, "email", "unique"))
}

func checkUnique(old document, unique any) error {
	if old == nil || unique == nil {
		return nil
	}
	switch before := at(old, "options", "attributes", "email", "unique"); {
	case before == nil && unique == false:
		return badBody("cannot add non-unique email attribute")
	case before != nil && before != unique:
		return badBody("options.attributes.email.unique cannot be changed")
	}
	return nil
}

// at is what lies at a path, or nil.
func at(d document, path ...string) any {
	var v any = d
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// mask is what is shown of a value of options.configuration: nothing of it, but the same as long as it is the same.
func mask(q store.Queries, id, name, value string) string {
	h := hmac.New(sha256.New, q.Key("connection configuration"))
	h.Write([]byte(id + "\x00" + name + "\x00" + value))
	return "Ck" + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func masked(q store.Queries, id string, options document) document {
	values, ok := options["configuration"].(map[string]any)
	if !ok {
		return options
	}
	hidden := document{}
	for name, v := range values {
		s, _ := v.(string)
		hidden[name] = mask(q, id, name, s)
	}
	return merge(options, document{"configuration": hidden})
}

// unmasked are options that were sent, with the old value where what is shown of it was sent back.
func unmasked(q store.Queries, id string, options, old document) document {
	values, ok := options["configuration"].(map[string]any)
	if !ok {
		return options
	}
	kept := maps.Clone(values)
	for name, v := range values {
		before, had := at(old, "options", "configuration", name).(string)
		if had && v == mask(q, id, name, before) {
			kept[name] = before
		}
	}
	return merge(options, document{"configuration": kept})
}
