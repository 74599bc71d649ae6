package auth0

import (
	"path"
	"slices"
	"strings"
)

// folders are those whose JSON files are the items of a kind.
var folders = map[string]string{
	"action-modules": "actionModules", "actions": "actions", "clients": "clients", "connection-profiles": "connectionProfiles",
	"connections": "connections", "custom-domains": "customDomains", "event-streams": "eventStreams",
	"flow-vault-connections": "flowVaultConnections", "flows": "flows", "forms": "forms", "grants": "clientGrants",
	"guardian/factors": "guardianFactors", "guardian/providers": "guardianFactorProviders",
	"guardian/templates": "guardianFactorTemplates", "hooks": "hooks", "log-streams": "logStreams",
	"network-acls": "networkACLs", "organizations": "organizations", "phone-providers": "phoneProviders",
	"phone-templates": "phoneTemplates", "rate-limit-policies": "rateLimitPolicies", "resource-servers": "resourceServers",
	"risk-assessment": "riskAssessment", "roles": "roles", "rules": "rules", "rules-configs": "rulesConfigs",
	"self-service-profiles": "selfServiceProfiles", "themes": "themes",
	"token-exchange-profiles": "tokenExchangeProfiles", "triggers": "triggers", "user-attribute-profiles": "userAttributeProfiles",
}

// files are those that are one item.
var files = map[string]string{
	"guardian/phoneFactorMessageTypes.json":     "guardianPhoneFactorMessageTypes",
	"guardian/phoneFactorSelectedProvider.json": "guardianPhoneFactorSelectedProvider",
	"guardian/policies.json":                    "guardianPolicies",
	"supplemental-signals.json":                 "supplementalSignals",
	"tenant.json":                               "tenant",
}

// protections are the files of attack-protection and their keys in the YAML form.
var protections = map[string]string{
	"bot-detection.json": "botDetection", "breached-password-detection.json": "breachedPasswordDetection",
	"brute-force-protection.json": "bruteForceProtection", "captcha.json": "captcha",
	"suspicious-ip-throttling.json": "suspiciousIpThrottling",
}

// folder reads the form that is a folder of files.
func (r *reader) folder() {
	for _, name := range r.names(".") {
		switch name {
		case "attack-protection":
			for _, file := range r.names(name) {
				r.part(path.Join(name, file), protections[file], "attackProtection")
			}
		case "branding":
			r.branding()
		case "database-connections":
			for _, db := range r.names(name) {
				r.file(path.Join(name, db, "database.json"), "databases")
			}
		case "emails":
			r.emails()
		case "guardian":
			for _, inner := range r.names(name) {
				r.entry(path.Join(name, inner))
			}
		case "pages":
			r.pages()
		case "prompts":
			r.prompts()
		default:
			r.entry(name)
		}
	}
}

// entry reads a folder of items, or a file that is one.
func (r *reader) entry(name string) {
	if kind := files[name]; kind != "" {
		r.file(name, kind)
		return
	}
	kind := folders[name]
	if kind == "" {
		r.strange(name)
		return
	}
	for _, file := range r.names(name) {
		if path.Ext(file) == ".json" {
			r.file(path.Join(name, file), kind)
		}
	}
}

// strange notes what the format does not have; a configuration of the export tool and notes about it lie beside exports.
func (r *reader) strange(name string) {
	beside := []string{"config.json", "package.json", "package-lock.json", "node_modules"}
	if !slices.Contains(beside, name) && !strings.EqualFold(path.Ext(name), ".md") {
		r.export.Strange = append(r.export.Strange, Place{File: name})
	}
}

// file reads a file that is an item, or a list of them.
func (r *reader) file(name, kind string) {
	s, err := r.open(name)
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	v, err := s.json()
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	r.items(kind, s, "", v, path.Dir(name))
}

// part reads a file that is a part of a kind of which there is one item.
func (r *reader) part(name, key, kind string) {
	if key == "" {
		r.strange(name)
		return
	}
	s, err := r.open(name)
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	v, err := s.json()
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	r.items(kind, s, "", map[string]any{key: v}, ".")
}

func (r *reader) branding() {
	for _, name := range r.names("branding") {
		switch name {
		case "branding.json":
			r.file("branding/branding.json", "branding")
		case "templates":
			for _, file := range r.names("branding/templates") {
				if path.Ext(file) != ".json" {
					continue
				}
				before := len(r.export.Items)
				r.file(path.Join("branding/templates", file), "branding")
				for i := range r.export.Items[before:] {
					it := &r.export.Items[before+i]
					r.include(it, "branding/templates", it.Body, "body")
					it.Body = map[string]any{"templates": []any{it.Body}}
				}
			}
		default:
			r.strange(path.Join("branding", name))
		}
	}
}

func (r *reader) emails() {
	for _, name := range r.names("emails") {
		if path.Ext(name) != ".json" {
			continue
		}
		if name == "provider.json" {
			r.file("emails/provider.json", "emailProvider")
			continue
		}
		before := len(r.export.Items)
		r.file(path.Join("emails", name), "emailTemplates")
		for i := range r.export.Items[before:] {
			r.bodyOf(&r.export.Items[before+i], "emails", strings.TrimSuffix(name, ".json")+".html", "body")
		}
	}
}

func (r *reader) pages() {
	for _, name := range r.names("pages") {
		page, isJSON := strings.CutSuffix(name, ".json")
		if !isJSON {
			continue
		}
		before := len(r.export.Items)
		r.file(path.Join("pages", name), "pages")
		for i := range r.export.Items[before:] {
			r.bodyOf(&r.export.Items[before+i], "pages", page+".html", "html")
		}
	}
}

// bodyOf includes the text of a template or a page: the file that it names, or else the one beside it.
func (r *reader) bodyOf(it *Item, folder, beside, member string) {
	if name := text(it.Body, member); name == "" || !r.isFile(path.Join(folder, name)) && r.isFile(path.Join(folder, beside)) {
		if !r.isFile(path.Join(folder, beside)) {
			return
		}
		it.Body[member] = beside
	}
	r.include(it, folder, it.Body, member)
}

func (r *reader) prompts() {
	for _, name := range r.names("prompts") {
		at := path.Join("prompts", name)
		switch name {
		case "prompts.json":
			r.file(at, "prompts")
		case "custom-text.json":
			r.part(at, "customText", "prompts")
		case "partials.json":
			before := len(r.export.Items)
			r.part(at, "partials", "prompts")
			for i := range r.export.Items[before:] {
				r.partials(&r.export.Items[before+i])
			}
		case "screenRenderSettings":
			for _, file := range r.names(at) {
				if v, ok := r.value(path.Join(at, file)); ok {
					r.export.add(Item{Kind: "prompts", Body: map[string]any{"screenRenderers": []any{v}}, At: Place{path.Join(at, file), 1}, line: func(string) int { return 1 }})
				}
			}
		case "partials": // the files that partials.json names
		default:
			r.strange(at)
		}
	}
}

// partials are lists of names and files in the folder form, and texts by name in the other: that is what they become.
func (r *reader) partials(it *Item) {
	byPrompt := object(it.Body, "partials")
	for prompt, list := range byPrompt {
		texts := map[string]any{}
		for _, screens := range objects(list) {
			for screen, parts := range screens {
				byName := map[string]any{}
				for _, part := range objects(parts) {
					r.include(it, "prompts", part, "template")
					byName[text(part, "name")] = strings.TrimSpace(text(part, "template"))
				}
				texts[screen] = byName
			}
		}
		byPrompt[prompt] = texts
	}
}
