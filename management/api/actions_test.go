package api_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// action makes one for a trigger and returns its id.
func (s *tenant) action(name, more string) string {
	s.t.Helper()
	return s.want(201, "POST", "/actions/actions", fmt.Sprintf(
		`{"name":%q,"code":"exports.onExecutePostLogin = async () => {}","supported_triggers":[{"id":"post-login","version":"v3"}]%s}`, name, more)).at("id").(string)
}

func (s *tenant) bind(body string) answer {
	s.t.Helper()
	return s.call("PATCH", "/actions/triggers/post-login/bindings", body)
}

func entries(a answer, key string) []map[string]any {
	list, _ := a.at(key).([]any)
	var all []map[string]any
	for _, item := range list {
		m, _ := item.(map[string]any)
		all = append(all, m)
	}
	return all
}

func TestActions(t *testing.T) {
	s := open(t)
	made := s.want(201, "POST", "/actions/actions", `{"name":"Greet","supported_triggers":[{"id":"post-login"}],
		"dependencies":[{"name":"lodash","version":"4.0.0"}],"secrets":[{"name":"KEY","value":"s3cret-value"}]}`)
	id := made.at("id").(string)
	if made.at("status") != "pending" || made.at("runtime") != "node22" || made.at("all_changes_deployed") != false || made.at("code") != "" ||
		fmt.Sprint(made.at("supported_triggers")) != "[map[id:post-login version:v3]]" || made.at("deployed_version") != nil || made.at("modules") != nil {
		t.Errorf("made: %s", made.text)
	}
	if at, _ := made.at("created_at").(string); !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$`).MatchString(at) {
		t.Errorf("created_at is %q", at)
	}
	secret := entries(made, "secrets")
	if len(secret) != 1 || len(secret[0]) != 2 || secret[0]["name"] != "KEY" || secret[0]["updated_at"] == nil {
		t.Errorf("the secrets are shown as %v", secret)
	}
	if got := s.want(200, "GET", "/actions/actions/"+id, nil); got.at("status") != "built" || strings.Contains(got.text, "s3cret") {
		t.Errorf("read: %s", got.text)
	}
	deployed := s.want(200, "POST", "/actions/actions/"+id+"/deploy", nil)
	if deployed.at("number") != 1.0 || deployed.at("deployed") != false || deployed.at("status") != "built" || deployed.at("action.id") != id ||
		deployed.at("built_at") != nil || strings.Contains(deployed.text, "s3cret") {
		t.Errorf("deployed: %s", deployed.text)
	}
	got := s.want(200, "GET", "/actions/actions/"+id, nil)
	if got.at("all_changes_deployed") != true || got.at("deployed_version.id") != deployed.at("id") || got.at("deployed_version.deployed") != true ||
		got.at("current_version.status") != "BUILT" || got.at("current_version.number") != 1.0 {
		t.Errorf("after the deployment: %s", got.text)
	}
	changed := s.want(200, "PATCH", "/actions/actions/"+id, `{"code":"exports.x = 1","secrets":[{"name":"KEY"},{"name":"OTHER","value":"0ther-value"}]}`)
	if changed.at("status") != "pending" || changed.at("all_changes_deployed") != false || changed.at("deployed_version.code") != "" ||
		changed.at("current_version.number") != 1.0 || entries(changed, "secrets")[0]["updated_at"] != secret[0]["updated_at"] {
		t.Errorf("changed: %s", changed.text)
	}
	for name, body := range map[string]string{
		"supported_triggers": `{"supported_triggers":[{"id":"post-login","version":"v2"}]}`, "dependencies": `{"dependencies":null}`, "secrets": `{"secrets":null}`,
	} {
		if got := s.want(200, "PATCH", "/actions/actions/"+id, body); name != "supported_triggers" && fmt.Sprint(got.at(name)) != "[]" {
			t.Errorf("%s: %s", body, got.text)
		}
	}
	for body, message := range map[string]string{
		`{"supported_triggers":[{"id":"pre-user-registration"}]}`:            "can't upgrade to this trigger.",
		`{"supported_triggers":[{"id":"post-login","version":"v9"}]}`:        "The trigger post-login v9 does not exist.",
		`{"supported_triggers":[{"id":"login-post-identifier"}]}`:            "The trigger login-post-identifier does not exist.",
		`{"supported_triggers":[{"version":"v2"}]}`:                          "Payload validation error: 'Missing required property: id' on property supported_triggers[0].",
		`{"supported_triggers":[{"id":"post-login"},{"id":"event-stream"}]}`: "Payload validation error: 'Array is too long (2), maximum 1' on property supported_triggers.",
		`{"runtime":"node8"}`:                     "The runtime node8 is none of node12, node16, node18, node18-actions, node22.",
		`{"secrets":[{"value":"x"}]}`:             "Payload validation error: 'Missing required property: name' on property secrets[0].",
		`{"secrets":[{"name":"A"},{"name":"A"}]}`: "The secret A is there twice.",
		`{"name":" "}`:                            "Payload validation error: 'String is too short (0 chars), minimum 1' on property name.",
		`{"modules":[{"module_name":"nope","module_version_number":1}]}`: "The action module nope does not exist.",
		`{"deploy":true}`: "Payload validation error: 'Additional properties not allowed: deploy'.",
	} {
		s.refused(s.call("PATCH", "/actions/actions/"+id, body), 400, "invalid_body", message)
	}
	other := s.action("Other", `,"deploy":true`)
	s.refused(s.call("PATCH", "/actions/actions/"+other, `{"name":"Greet"}`), 409, "", "An action with the same name already exists for this trigger.")
	s.refused(s.call("POST", "/actions/actions", `{"name":"Greet","supported_triggers":[{"id":"post-login"}]}`), 409, "", "An action with the same name already exists for this trigger.")
	s.want(201, "POST", "/actions/actions", `{"name":"Greet","supported_triggers":[{"id":"post-user-registration"}]}`)
	if got := s.want(200, "GET", "/actions/actions/"+other, nil); got.at("all_changes_deployed") != true || got.at("deployed_version.number") != 1.0 {
		t.Errorf("deployed when it was made: %s", got.text)
	}
	for query, n := range map[string]int{
		"": 3, "?per_page=2": 2, "?per_page=2&page=1": 1, "?per_page=2&page=9": 0, "?triggerId=post-login": 2, "?triggerId=none": 0,
		"?actionName=Greet": 2, "?actionName=Greet&triggerId=post-login": 1, "?deployed=true": 2, "?deployed=false": 1, "?installed=true": 0, "?installed=false": 3,
	} {
		if got := s.want(200, "GET", "/actions/actions"+query, nil); len(entries(got, "actions")) != n {
			t.Errorf("%q lists %s, want %d", query, got.text, n)
		}
	}
	if first := s.want(200, "GET", "/actions/actions", nil); first.at("page") != nil || first.at("total") != 3.0 || first.at("per_page") != 20.0 {
		t.Errorf("the first page: %s", first.text)
	}
	if last := s.want(200, "GET", "/actions/actions?page=1&per_page=2", nil); last.at("page") != 1.0 || last.at("per_page") != 2.0 {
		t.Errorf("the second page: %s", last.text)
	}
	if none := s.want(200, "GET", "/actions/actions?triggerId=event-stream", nil); none.at("total") != nil {
		t.Errorf("an empty list: %s", none.text)
	}
	s.want(400, "GET", "/actions/actions?deployed=maybe", nil)
	s.want(204, "DELETE", "/actions/actions/"+id, nil)
	for _, c := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/deploy"}, {"POST", "/test"}, {"GET", "/versions"}, {"GET", "/versions/" + deployed.at("id").(string)}} {
		s.refused(s.call(c[0], "/actions/actions/"+id+c[1], `{}`), 404, "", "That action does not exist.")
	}
	s.refused(s.call("POST", "/actions/actions/"+other+"/test", `{"payload":{}}`), 403, "feature_not_enabled",
		"Actions are stored and not run by this server: there is nothing to test.")
	s.refused(s.call("GET", "/actions/executions/M9IqRp9wQLaYNrSwz6YPTTIwMjEwNDA0", nil), 404, "", "That execution does not exist.")
}

// The values of secrets lie sealed, in drafts and in versions, and each version has those of its time.
func TestActionSecretsAreSealed(t *testing.T) {
	s := open(t)
	id := s.action("A", `,"secrets":[{"name":"KEY","value":"first-value"}],"deploy":true`)
	s.want(200, "PATCH", "/actions/actions/"+id, `{"secrets":[{"name":"KEY","value":"second-value"},{"name":"MORE"}]}`)
	s.want(200, "PATCH", "/actions/actions/"+id, `{"secrets":[{"name":"KEY"}]}`)
	draft, err := s.DB.Document(t.Context(), "action", id)
	if err != nil || draft.Secret != `{"KEY":"second-value"}` || strings.Contains(fmt.Sprint(draft.Body), "-value") {
		t.Errorf("the draft has %q beside %v, %v", draft.Secret, draft.Body, err)
	}
	versions, err := s.DB.Documents(t.Context(), store.DocumentFilter{Kind: "action_version", Parent: id})
	if err != nil || len(versions) != 1 || versions[0].Secret != `{"KEY":"first-value"}` || strings.Contains(fmt.Sprint(versions[0].Body), "-value") {
		t.Errorf("the versions are %v, %v", versions, err)
	}
	s.want(200, "PATCH", "/actions/actions/"+id, `{"secrets":[]}`)
	if draft, err = s.DB.Document(t.Context(), "action", id); err != nil || draft.Secret != "" {
		t.Errorf("without secrets %q is left, %v", draft.Secret, err)
	}
	for _, path := range []string{"/actions/actions", "/actions/actions/" + id, "/actions/actions/" + id + "/versions"} {
		if a := s.want(200, "GET", path, nil); strings.Contains(a.text, "-value") {
			t.Errorf("%s shows a secret: %s", path, a.text)
		}
	}
	logs := s.want(200, "GET", "/logs?per_page=100", nil)
	if !strings.Contains(logs.text, "Update an action") || strings.Contains(logs.text, "-value") {
		t.Errorf("the log says %s", logs.text)
	}
}

func TestActionVersions(t *testing.T) {
	s := open(t)
	id := s.action("A", `,"secrets":[{"name":"KEY","value":"one"}]`)
	path := "/actions/actions/" + id
	if none := s.want(200, "GET", path+"/versions", nil); len(entries(none, "versions")) != 0 || none.at("total") != nil {
		t.Errorf("before the first deployment: %s", none.text)
	}
	first := s.want(200, "POST", path+"/deploy", nil).at("id").(string)
	s.want(200, "PATCH", path, `{"code":"second","secrets":[]}`)
	second := s.want(200, "POST", path+"/deploy", nil).at("id").(string)
	if a := s.want(200, "GET", path+"/versions/"+first, nil); a.at("deployed") != false || a.at("action_id") != id || a.at("action.name") != "A" {
		t.Errorf("the first version: %s", a.text)
	}
	third := s.want(200, "POST", path+"/versions/"+first+"/deploy", nil)
	if third.at("number") != 3.0 || third.at("code") == "second" || third.at("id") == first {
		t.Errorf("the first version again: %s", third.text)
	}
	got := s.want(200, "GET", path, nil)
	if got.at("deployed_version.id") != third.at("id") || got.at("code") != "second" || got.at("all_changes_deployed") != false {
		t.Errorf("the draft stays: %s", got.text)
	}
	s.want(200, "POST", path+"/versions/"+first+"/deploy", `{"update_draft":true}`)
	if got := s.want(200, "GET", path, nil); got.at("code") == "second" || got.at("all_changes_deployed") != true || len(entries(got, "secrets")) != 1 {
		t.Errorf("the draft follows: %s", got.text)
	}
	if d, err := s.DB.Document(t.Context(), "action", id); err != nil || d.Secret != `{"KEY":"one"}` {
		t.Errorf("the draft's secrets are %q, %v", d.Secret, err)
	}
	var numbers []any
	for page := range 3 {
		a := s.want(200, "GET", fmt.Sprintf("%s/versions?per_page=3&page=%d", path, page), nil)
		for _, v := range entries(a, "versions") {
			numbers = append(numbers, v["number"])
			if v["deployed"] != (v["number"] == 4.0) {
				t.Errorf("version %v is deployed: %v", v["number"], v["deployed"])
			}
		}
	}
	if fmt.Sprint(numbers) != "[4 3 2 1]" {
		t.Errorf("the versions are %v", numbers)
	}
	s.refused(s.call("POST", path+"/versions/"+first+"/deploy", `{"x":1}`), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: x'.")
	other := s.action("B", "")
	for _, c := range [][2]string{{"GET", ""}, {"POST", "/deploy"}} {
		s.refused(s.call(c[0], "/actions/actions/"+other+"/versions/"+second+c[1], nil), 404, "", "That action version does not exist.")
	}
	if got := s.want(200, "GET", "/actions/actions/"+other, nil); got.at("deployed_version") != nil {
		t.Errorf("another action's version was deployed: %s", got.text)
	}
}

// Deployments at the same moment get a number each.
func TestDeploymentsAtOnce(t *testing.T) {
	s := open(t)
	path := "/actions/actions/" + s.action("A", "")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if a := s.call("POST", path+"/deploy", nil); a.status != 200 {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
	group.Wait()
	var numbers []any
	for _, v := range entries(s.want(200, "GET", path+"/versions", nil), "versions") {
		numbers = append(numbers, v["number"])
	}
	if fmt.Sprint(numbers) != "[8 7 6 5 4 3 2 1]" || s.want(200, "GET", path, nil).at("deployed_version.number") != 8.0 {
		t.Errorf("the versions are %v", numbers)
	}
}

func TestBindings(t *testing.T) {
	s := open(t)
	path := "/actions/triggers/post-login/bindings"
	a, b, draft := s.action("A", `,"deploy":true`), s.action("B", `,"deploy":true`), s.action("Draft", "")
	foreign := s.want(201, "POST", "/actions/actions", `{"name":"F","supported_triggers":[{"id":"credentials-exchange"}],"deploy":true}`).at("id").(string)
	if none := s.want(200, "GET", path, nil); len(entries(none, "bindings")) != 0 || none.at("total") != nil || none.at("per_page") != 20.0 {
		t.Errorf("before any: %s", none.text)
	}
	ref := func(typ, value, more string) string {
		return fmt.Sprintf(`{"ref":{"type":%q,"value":%q}%s}`, typ, value, more)
	}
	list := func(entries ...string) string { return `{"bindings":[` + strings.Join(entries, ",") + `]}` }
	bound := s.bind(list(ref("action_name", "B", `,"display_name":"Second"`), ref("action_id", a, "")))
	got := entries(bound, "bindings")
	if bound.status != 200 || len(got) != 2 || got[0]["display_name"] != "Second" || got[1]["display_name"] != "A" || got[0]["trigger_id"] != "post-login" ||
		got[0]["action_id"] != nil || bound.object()["per_page"] != nil {
		t.Fatalf("bound: %d %s", bound.status, bound.text)
	}
	act, _ := got[0]["action"].(map[string]any)
	if act["id"] != b || act["deployed_version"] == nil || act["current_version"] == nil || act["code"] != nil {
		t.Errorf("the action of a binding is %v", act)
	}
	read := s.want(200, "GET", path+"?per_page=1&page=1", nil)
	if one := entries(read, "bindings"); len(one) != 1 || one[0]["id"] != got[1]["id"] || read.at("total") != 2.0 || read.at("page") != 1.0 {
		t.Errorf("by pages: %s", read.text)
	}
	kept := entries(s.bind(list(ref("action_id", a, ""), ref("binding_id", got[0]["id"].(string), ""))), "bindings")
	if len(kept) != 2 || kept[1]["id"] != got[0]["id"] || kept[1]["display_name"] != "Second" || kept[1]["created_at"] != got[0]["created_at"] {
		t.Errorf("in the other order: %v", kept)
	}
	for body, message := range map[string]string{
		list(ref("action_id", draft, "")):      "Trying to create a binding for an action that has not been deployed yet",
		list(ref("action_id", foreign, "")):    "The action F supports the trigger credentials-exchange and not post-login.",
		list(ref("action_id", "none", "")):     "No action is found by the action_id none.",
		list(ref("action_name", "F", "")):      "No action is found by the action_name F.",
		list(ref("binding_id", "none", "")):    "No action is found by the binding_id none.",
		list(ref("name", "A", "")):             "Payload validation error: 'No enum match for: name' on property bindings[0].ref.type.",
		list(`{"ref":{"value":"A"}}`):          "Payload validation error: 'Missing required property: type' on property bindings[0].ref.",
		list(`{"display_name":"A"}`):           "Payload validation error: 'Missing required property: value' on property bindings[0].ref.",
		list(ref("action_id", a, `,"id":"x"`)): "Payload validation error: 'Additional properties not allowed: id' on property bindings[0].",
		`{}`:                                   "Payload validation error: 'Missing required property: bindings'.",
	} {
		s.refused(s.bind(body), 400, "invalid_body", message)
	}
	if still := entries(s.want(200, "GET", path, nil), "bindings"); len(still) != 2 {
		t.Errorf("a refused change left %v", still)
	}
	s.refused(s.call("PATCH", "/actions/triggers/event-stream/bindings", `{"bindings":[]}`), 400, "invalid_body",
		"The trigger event-stream is entity-bound: what uses an action names it, and there are no bindings to change.")
	s.want(200, "GET", "/actions/triggers/event-stream/bindings", nil)
	for _, method := range []string{"GET", "PATCH"} {
		s.refused(s.call(method, "/actions/triggers/nope/bindings", `{"bindings":[]}`), 404, "", "That trigger does not exist.")
	}
	s.refused(s.call("DELETE", "/actions/actions/"+a, nil), 409, "", "Unable to delete an action bound to a trigger.")
	s.refused(s.call("DELETE", "/actions/actions/"+a+"?force=false", nil), 409, "", "Unable to delete an action bound to a trigger.")
	s.want(204, "DELETE", "/actions/actions/"+a+"?force=true", nil)
	if left := entries(s.want(200, "GET", path, nil), "bindings"); len(left) != 1 || left[0]["id"] != got[0]["id"] {
		t.Errorf("with one action gone %v are left", left)
	}
	if empty := s.bind(`{"bindings":[]}`); strings.TrimSpace(empty.text) != `{"bindings":[]}` {
		t.Errorf("emptied: %s", empty.text)
	}
	s.want(204, "DELETE", "/actions/actions/"+b, nil)
}

// An action that is bound and deleted at the same moment is either gone and unbound, or bound and there.
func TestBindingAgainstDeleting(t *testing.T) {
	s := open(t)
	for i := range 6 {
		id := s.action(fmt.Sprint("A", i), `,"deploy":true`)
		var group sync.WaitGroup
		var binding, deleting answer
		group.Go(func() {
			binding = s.bind(fmt.Sprintf(`{"bindings":[{"ref":{"type":"action_id","value":%q}}]}`, id))
		})
		group.Go(func() { deleting = s.call("DELETE", "/actions/actions/"+id, nil) })
		group.Wait()
		list := s.want(200, "GET", "/actions/triggers/post-login/bindings", nil)
		if bound := len(entries(list, "bindings")) == 1; bound == (deleting.status == 204) || (binding.status == 200) == (deleting.status == 204) {
			t.Errorf("bound %d, deleted %d, %s", binding.status, deleting.status, list.text)
		}
		s.bind(`{"bindings":[]}`)
	}
}

func TestTriggers(t *testing.T) {
	s := open(t)
	all := entries(s.want(200, "GET", "/actions/triggers", nil), "triggers")
	current := map[any]map[string]any{}
	for _, trigger := range all {
		if trigger["status"] == "CURRENT" {
			current[trigger["id"]] = trigger
		}
	}
	if len(all) != 20 || len(current) != 13 || current["post-login"]["version"] != "v3" || current["mcp-tool"]["binding_policy"] != "entity-bound" ||
		fmt.Sprint(current["post-login"]["compatible_triggers"]) != "[map[id:post-login version:v2]]" {
		t.Errorf("the catalogue is %v", all)
	}
	for id, trigger := range current {
		a := s.want(201, "POST", "/actions/actions", fmt.Sprintf(`{"name":"A","supported_triggers":[{"id":%q,"version":%q}]}`, id, trigger["version"]))
		if got := s.want(200, "GET", "/actions/actions?triggerId="+url.QueryEscape(id.(string)), nil); len(entries(got, "actions")) != 1 {
			t.Errorf("%s: %s, listed %s", id, a.text, got.text)
		}
	}
}

func TestActionModules(t *testing.T) {
	s := open(t)
	if none := s.want(200, "GET", "/actions/modules", nil); none.at("total") != 0.0 || none.at("page") != 0.0 || none.at("per_page") != 50.0 {
		t.Errorf("no modules: %s", none.text)
	}
	made := s.want(201, "POST", "/actions/modules", `{"name":"helper","code":"one","secrets":[{"name":"KEY","value":"s3cret-value"}]}`)
	id := made.at("id").(string)
	path := "/actions/modules/" + id
	if made.at("all_changes_published") != false || made.at("actions_using_module_total") != 0.0 || made.at("latest_version") != nil ||
		fmt.Sprint(made.at("dependencies")) != "[]" || strings.Contains(made.text, "s3cret") {
		t.Errorf("made: %s", made.text)
	}
	if at, _ := made.at("created_at").(string); !regexp.MustCompile(`\.\d{6}Z$`).MatchString(at) {
		t.Errorf("created_at is %q", at)
	}
	s.refused(s.call("POST", "/actions/modules", `{"name":"helper","code":""}`), 409, "", "An action module with the same name already exists.")
	s.refused(s.call("PATCH", path, `{"name":"other"}`), 400, "invalid_body", "Payload validation error: 'Additional properties not allowed: name'.")
	first := s.want(200, "POST", path+"/versions", nil)
	if first.at("version_number") != 1.0 || first.at("module_id") != id || first.at("code") != "one" {
		t.Errorf("published: %s", first.text)
	}
	s.refused(s.call("POST", path+"/versions", nil), 409, "", "No draft version is available to publish.")
	if got := s.want(200, "GET", path, nil); got.at("all_changes_published") != true || got.at("latest_version.id") != first.at("id") {
		t.Errorf("after it: %s", got.text)
	}
	if got := s.want(200, "PATCH", path, `{"code":"two"}`); got.at("all_changes_published") != false || got.at("latest_version.code") != "one" {
		t.Errorf("changed: %s", got.text)
	}
	s.want(200, "POST", path+"/versions", nil)
	versions := s.want(200, "GET", path+"/versions", nil)
	if list := entries(versions, "versions"); len(list) != 2 || list[0]["version_number"] != 2.0 || versions.at("total") != 2.0 || versions.at("page") != 0.0 {
		t.Errorf("the versions: %s", versions.text)
	}
	if got := s.want(200, "POST", path+"/rollback", map[string]any{"module_version_id": first.at("id")}); got.at("code") != "one" ||
		got.at("all_changes_published") != false || got.at("latest_version.version_number") != 2.0 {
		t.Errorf("rolled back: %s", got.text)
	}
	if list := entries(s.want(200, "GET", "/actions/modules", nil), "modules"); len(list) != 1 || list[0]["latest_version_number"] != 2.0 || list[0]["latest_version"] != nil {
		t.Errorf("listed: %v", list)
	}
	whole := s.want(201, "POST", "/actions/modules", `{"name":"whole","code":"x","publish":true,"api_version":"v1"}`)
	if whole.at("latest_version.version_number") != 1.0 || whole.at("all_changes_published") != true {
		t.Errorf("published when it was made: %s", whole.text)
	}
	for _, body := range []string{`{"module_version_id":"none"}`, `{"module_version_id":"` + whole.at("latest_version.id").(string) + `"}`} {
		s.refused(s.call("POST", path+"/rollback", body), 404, "", "That action module version does not exist.")
	}
	s.refused(s.call("GET", path+"/versions/"+whole.at("latest_version.id").(string), nil), 404, "", "That action module version does not exist.")
	s.want(200, "GET", path+"/versions/"+first.at("id").(string), nil)

	act := s.action("A", fmt.Sprintf(`,"modules":[{"module_id":%q,"module_version_id":%q}]`, id, first.at("id")))
	want := fmt.Sprintf("[map[module_id:%s module_name:helper module_version_id:%s module_version_number:1]]", id, first.at("id"))
	if got := s.want(200, "GET", "/actions/actions/"+act, nil); fmt.Sprint(got.at("modules")) != want {
		t.Errorf("the action has %s", got.text)
	}
	if used := s.want(200, "GET", path+"/actions", nil); len(entries(used, "actions")) != 0 {
		t.Errorf("a draft uses it: %s", used.text)
	}
	s.want(200, "POST", "/actions/actions/"+act+"/deploy", nil)
	used := s.want(200, "GET", path+"/actions", nil)
	if list := entries(used, "actions"); len(list) != 1 || list[0]["action_id"] != act || list[0]["action_name"] != "A" || list[0]["module_version_number"] != 1.0 || used.at("page") != nil {
		t.Errorf("used by %s", used.text)
	}
	s.refused(s.call("DELETE", path, nil), 412, "", "The action module is used by deployed actions and cannot be deleted.")
	s.want(200, "PATCH", "/actions/actions/"+act, `{"modules":[{"module_name":"whole","module_version_number":1}]}`)
	s.refused(s.call("PATCH", "/actions/actions/"+act, `{"modules":[{"module_name":"whole","module_version_number":2}]}`), 400, "invalid_body", "The action module whole has no such version.")
	s.want(204, "DELETE", "/actions/modules/"+whole.at("id").(string), nil)
	s.refused(s.call("POST", "/actions/actions/"+act+"/deploy", nil), 400, "invalid_body", "The action module whole does not exist any more.")
	if got := s.want(200, "PATCH", "/actions/actions/"+act, `{"modules":null}`); got.at("modules") != nil {
		t.Errorf("without modules: %s", got.text)
	}
	s.want(200, "POST", "/actions/actions/"+act+"/deploy", nil)
	s.want(204, "DELETE", path, nil)
	for _, c := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"GET", "/actions"}, {"GET", "/versions"}, {"POST", "/versions"}} {
		s.refused(s.call(c[0], path+c[1], `{}`), 404, "", "That action module does not exist.")
	}
	modules, err := s.DB.Documents(t.Context(), store.DocumentFilter{Kind: "action_module_version", Parent: id})
	if err != nil || len(modules) != 0 {
		t.Errorf("versions are left: %v, %v", modules, err)
	}
}

// What is kept and not acted on says so where people read about it.
func TestStoredOnlyIsSaid(t *testing.T) {
	s := open(t)
	a := s.as("", "GET", "/openapi.json", nil)
	about, _ := a.at("paths").(map[string]any)["/actions/triggers/{triggerId}/bindings"].(map[string]any)["patch"].(map[string]any)
	if text, _ := about["description"].(string); !strings.Contains(text, "not run") {
		t.Errorf("the description of bindings is %q", text)
	}
	if !strings.Contains(a.text, "/actions/modules/{id}/rollback") {
		t.Error("modules are not described")
	}
}
