package auth0

import (
	"context"
	"net/http"
	"net/url"

	"github.com/proofkey/proofkey/management/api"
)

// kind is a key of the YAML form.
type kind struct {
	key, title string
	needs      string // an endpoint without which nothing of it can be kept
	bring      func(r *run, ctx context.Context, k kind, it *Item) error
	reason     string // why it is not taken over
	inert      string // what of it does not act, though it is kept
}

// kinds are all that the format has, in the order in which one may name another.
var kinds = []kind{
	{key: "resourceServers", title: "API", needs: "POST /resource-servers", bring: (*run).resourceServer},
	{key: "clients", title: "application", needs: "POST /clients", bring: (*run).client},
	{key: "databases", title: "database connection", needs: "POST /connections", bring: (*run).connection},
	{key: "connections", title: "connection", needs: "POST /connections", bring: (*run).connection},
	{key: "clientGrants", title: "client grant", needs: "POST /client-grants", bring: (*run).clientGrant},
	{key: "roles", title: "role", needs: "POST /roles", bring: (*run).role},
	{key: "actionModules", title: "module of actions", needs: "POST /actions/modules", bring: (*run).module, inert: "no Action is run yet"},
	{key: "actions", title: "action", needs: "POST /actions/actions", bring: (*run).action, inert: "no Action is run yet"},
	{key: "triggers", title: "trigger", needs: "PATCH /actions/triggers/post-login/bindings", bring: (*run).trigger, inert: "no Action is run yet"},
	{key: "organizations", title: "organization", needs: "POST /organizations", bring: (*run).organization},
	{key: "attackProtection", title: "attack protection", needs: "PATCH /attack-protection/brute-force-protection", bring: (*run).protection},
	{key: "riskAssessment", title: "risk assessment", needs: "PATCH /risk-assessments/settings", bring: (*run).risk, inert: "no risk is assessed yet"},
	{key: "guardianFactors", title: "second factor", needs: "PUT /guardian/factors/otp", bring: (*run).factor, inert: "no second factor is asked for yet"},
	{key: "guardianFactorProviders", title: "provider of a second factor", needs: "PUT /guardian/factors/sms/providers/twilio", bring: (*run).factorProvider, inert: "no second factor is asked for yet"},
	{key: "guardianFactorTemplates", title: "message of a second factor", needs: "PUT /guardian/factors/sms/templates", bring: (*run).factorTemplate, inert: "no second factor is asked for yet"},
	{key: "guardianPhoneFactorMessageTypes", title: "message types of the phone factor", needs: "PUT /guardian/factors/phone/message-types", bring: replaced("guardian", "factors", "phone", "message-types"), inert: "no second factor is asked for yet"},
	{key: "guardianPhoneFactorSelectedProvider", title: "provider of the phone factor", needs: "PUT /guardian/factors/phone/selected-provider", bring: replaced("guardian", "factors", "phone", "selected-provider"), inert: "no second factor is asked for yet"},
	{key: "guardianPolicies", title: "second factor policies", needs: "PUT /guardian/policies", bring: (*run).policies, inert: "no second factor is asked for yet"},
	{key: "branding", title: "branding", needs: "PATCH /branding", bring: (*run).branding},
	{key: "themes", title: "theme", needs: "POST /branding/themes", bring: (*run).theme},
	{key: "pages", title: "page", needs: "PATCH /tenants/settings", bring: (*run).page},
	{key: "prompts", title: "prompts", needs: "PATCH /prompts", bring: (*run).prompts},
	{key: "emailProvider", title: "e-mail provider", needs: "POST /emails/provider", bring: (*run).emailProvider, inert: "no mail is sent yet"},
	{key: "emailTemplates", title: "e-mail template", needs: "PUT /email-templates/verify_email", bring: (*run).emailTemplate, inert: "no mail is sent yet"},
	{key: "logStreams", title: "log stream", needs: "POST /log-streams", bring: (*run).logStream, inert: "no events are sent yet"},
	{key: "customDomains", title: "custom domain", needs: "POST /custom-domains", bring: (*run).customDomain, inert: "the domains that the server answers on are those of its configuration"},
	{key: "tenant", title: "tenant", needs: "PATCH /tenants/settings", bring: (*run).tenant},

	{key: "connectionProfiles", reason: "profiles of connections are for self-service set-up, which is not built"},
	{key: "eventStreams", reason: "event streams are not built: a log stream sends the tenant's events"},
	{key: "flowVaultConnections", reason: "Forms and Flows are not built: do what they do in an Action or in your application"},
	{key: "flows", reason: "Forms and Flows are not built: do what they do in an Action or in your application"},
	{key: "forms", reason: "Forms and Flows are not built: do what they do in an Action or in your application"},
	{key: "hooks", reason: "Hooks ended in 2024: write an Action"},
	{key: "networkACLs", reason: "access lists of the tenant are not built: filter in front of the server"},
	{key: "phoneProviders", reason: "phone providers of the tenant are not built: see the provider of the phone factor"},
	{key: "phoneTemplates", reason: "phone templates of the tenant are not built: see the messages of the second factors"},
	{key: "rateLimitPolicies", reason: "rate limits by application are not built"},
	{key: "rules", reason: "Rules ended in 2024: write an Action"},
	{key: "rulesConfigs", reason: "Rules ended in 2024: give their values to an Action as its secrets"},
	{key: "selfServiceProfiles", reason: "self-service set-up of connections is not built"},
	{key: "supplementalSignals", reason: "signals of other services are not built"},
	{key: "tokenExchangeProfiles", reason: "custom token exchange is not built"},
	{key: "userAttributeProfiles", reason: "profiles of user attributes are for self-service set-up, which is not built"},
}

// settings brings what lies at one path and always exists: the members of body that differ are sent by method.
func (r *run) settings(ctx context.Context, k kind, it *Item, method string, body map[string]any, segments ...string) error {
	path := api.Path(segments...)
	if !r.api.Built(method, path) {
		r.unsupported(it, "", "this version of Proofkey does not keep it: there is no "+method+" "+path)
		return nil
	}
	return r.bring(ctx, k, it, entity{
		read: func() (map[string]any, error) {
			state, err := r.get(ctx, segments...)
			if state == nil {
				state = map[string]any{}
			}
			return state, err
		},
		write: func(before map[string]any) error {
			wants := r.trimmed(it, method, path, body)
			changed := patch(before, wants)
			if len(changed) == 0 {
				return nil
			}
			if method == http.MethodPut {
				changed = wants
			}
			_, err := r.ask(ctx, method, path, changed)
			return err
		},
	})
}

// replaced are settings that are sent as a whole.
func replaced(segments ...string) func(r *run, ctx context.Context, k kind, it *Item) error {
	return func(r *run, ctx context.Context, k kind, it *Item) error {
		return r.settings(ctx, k, it, http.MethodPut, it.Body, segments...)
	}
}

// listed is an entity of a list, which it is found in by its id or by the property that names it.
type listed struct {
	path   []string // of the list
	key    string   // the property that names it, such as name
	id     string   // its id in the export, or empty
	body   map[string]any
	fixed  []string                         // properties that never change
	query  url.Values                       // picks it out of the list; nil: the list is read once for all
	extend func(state map[string]any) error // reads what else belongs to it into its state
	// also writes what is not in its body.
	also func(id string, before map[string]any) error
}

// element brings an entity of a list.
func (r *run) element(ctx context.Context, k kind, it *Item, l listed) error {
	known, err := r.known(ctx, l)
	if err != nil {
		return err
	}
	name := text(l.body, l.key)
	id := known[name]
	if l.id != "" && known["id "+l.id] != "" {
		id = l.id
	}
	read := func() (map[string]any, error) {
		if id == "" {
			return nil, nil
		}
		state, err := r.get(ctx, append(l.path, id)...)
		if err != nil || state == nil || l.extend == nil {
			return state, err
		}
		return state, l.extend(state)
	}
	write := func(before map[string]any) (err error) {
		if before == nil {
			id, err = r.create(ctx, it, api.Path(l.path...), l.id, l.body)
			known[name], known["id "+id] = id, id
		} else {
			err = r.update(ctx, it, api.Path(append(l.path, id)...), before, l.body, l.fixed)
		}
		if err != nil || l.also == nil {
			return err
		}
		return l.also(id, before)
	}
	return r.bring(ctx, k, it, entity{read, write})
}

// known are the ids of a list, by name and under "id " by themselves.
func (r *run) known(ctx context.Context, l listed) (map[string]string, error) {
	path := api.Path(l.path...)
	if known := r.ids[path]; known != nil && l.query == nil {
		return known, nil
	}
	all, err := r.list(ctx, l.query, l.path...)
	known := map[string]string{}
	for _, d := range all {
		id := text(d, "id")
		known["id "+id] = id
		if known[text(d, l.key)] == "" {
			known[text(d, l.key)] = id
		}
	}
	if l.query == nil {
		r.ids[path] = known
	}
	return known, err
}

// create makes an entity under an id, or under a fresh one where that is empty.
func (r *run) create(ctx context.Context, it *Item, path, id string, body map[string]any) (string, error) {
	if err := checkID(id); err != nil {
		return "", err
	}
	fits := withoutNulls(r.trimmed(it, http.MethodPost, path, body)).(map[string]any)
	made, err := r.api.Do(ctx, api.Request{Method: http.MethodPost, Path: path, Body: fits, ID: id})
	if err != nil {
		return "", err
	}
	d, _ := made.(map[string]any)
	return idOf(d), nil
}

// update sends what of an entity differs. Objects keep what the export does not name.
func (r *run) update(ctx context.Context, it *Item, path string, before, body map[string]any, fixed []string) error {
	for _, name := range fixed {
		if v := body[name]; v != nil && !covers(before[name], v) {
			return refused{name, name + " never changes: it is " + shown(name, before[name]) + " here and " + shown(name, v) + " in the export"}
		}
	}
	changed := patch(before, r.trimmed(it, http.MethodPatch, path, body))
	if len(changed) == 0 {
		return nil
	}
	for name, v := range changed {
		changed[name] = merged(before[name], v)
	}
	// What was merged in may be there for reading only.
	r.api.Trim(http.MethodPatch, path, changed)
	_, err := r.ask(ctx, http.MethodPatch, path, changed)
	return err
}

// merged is an object with another's members put over its own, at every depth.
func merged(old, new any) any {
	a, isObject := old.(map[string]any)
	b, becomesObject := new.(map[string]any)
	if !isObject || !becomesObject {
		return deepCopy(new)
	}
	out := deepCopy(a).(map[string]any)
	for name, v := range b {
		out[name] = merged(a[name], v)
	}
	return out
}

// withoutNulls leaves out what has no value: it says nothing about what is new.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if e == nil {
				delete(v, name)
				continue
			}
			v[name] = withoutNulls(e)
		}
	case []any:
		for i, e := range v {
			v[i] = withoutNulls(e)
		}
	}
	return v
}

// checkID holds ids to what all of the service's are: short words that can stand in a path and a token.
func checkID(id string) error {
	for _, c := range id {
		if c <= ' ' || c > '~' || c == '/' || c == '?' || c == '#' {
			return refused{"id", "the id has characters that ids do not have: export again"}
		}
	}
	if len(id) > 128 {
		return refused{"id", "the id is longer than 128 characters: export again"}
	}
	return nil
}
