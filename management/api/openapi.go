package api

import (
	"bytes"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/proofkey/proofkey/web"
)

// The description needs no token: it says what can be asked, not what is there.
func (h *Handler) describe(mux *web.Mux) {
	raw := sync.OnceValues(h.OpenAPI)
	mux.Handle("GET "+Base+"openapi.json", web.Everyone, web.Handle(Render, func(w http.ResponseWriter, r *http.Request) error {
		text, err := raw()
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "public, max-age=300")
		return web.JSON(w, http.StatusOK, json.RawMessage(text))
	}))
	mux.Handle("GET "+Base+"docs", web.Everyone, web.Handle(Render, func(w http.ResponseWriter, r *http.Request) error {
		var page bytes.Buffer
		if err := docsPage.Execute(&page, h.described()); err != nil {
			return err
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		header.Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(page.Bytes())
		return nil
	}))
}

// described are the operations that are built, by path and method.
func (h *Handler) described() []described {
	var all []described
	entities, alone := map[string]string{}, map[string]bool{}
	for _, o := range h.operations() {
		if o.method == http.MethodGet && len(endpoints()[o.method+" "+o.path].lists) == 0 {
			alone[o.path] = true
		}
		if schemas()[o.body] != nil {
			entities[o.path] = o.body
		}
	}
	for _, o := range h.operations() {
		e := endpoints()[o.method+" "+o.path]
		d := described{endpoint: e, Method: e.method, Path: e.path, Name: e.name, Summary: o.summary, Scopes: e.scopes, Status: e.status, body: o.body}
		if d.shows = entities[o.path]; d.shows == "" && o.method == http.MethodGet {
			if parent, last, _ := cutLast(o.path); strings.HasPrefix(last, "{") {
				d.shows = entities[parent]
			}
		}
		if d.about = d.shows; o.method == http.MethodDelete {
			d.shows = ""
		}
		d.Query = slices.DeleteFunc(slices.Sorted(maps.Keys(e.query)), func(name string) bool { return name == "*" })
		d.tagged = alone[o.path] && (o.method == http.MethodGet || o.method == http.MethodPatch || o.method == http.MethodPut || o.method == http.MethodDelete)
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b described) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return all
}

// described is an operation for those who read about it.
type described struct {
	endpoint
	Method, Path, Name, Summary string
	Scopes, Query               []string
	Status                      int
	body, shows, about          string
	tagged                      bool // what it reads or changes bears an ETag
}

func cutLast(path string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// OpenAPI is the OpenAPI 3.1 description of what is built.
func (h *Handler) OpenAPI() ([]byte, error) {
	paths, components := document{}, document{}
	for _, d := range h.described() {
		item, _ := paths[d.Path].(document)
		if item == nil {
			item = document{}
			paths[d.Path] = item
		}
		item[strings.ToLower(d.Method)] = d.openAPI(components)
	}
	return json.MarshalIndent(document{
		"openapi":  "3.1.0",
		"info":     document{"title": "Proofkey Management API", "version": "2"},
		"servers":  []document{{"url": strings.TrimSuffix(Base, "/")}},
		"security": []document{{"bearer": []string{}}},
		"paths":    paths,
		"components": document{
			"schemas":         components,
			"securitySchemes": document{"bearer": document{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
		},
	}, "", "  ")
}

// storedPaths are where the server only keeps what it is told, beside the entities that live.tsv knows nothing of.
var storedPaths = map[string]string{
	"/actions/":                 "Actions are stored, deployed and bound, and not run: a binding changes nothing that a user meets.",
	"/emails/":                  "Stored only: no e-mail is sent.",
	"/email-templates/":         "Stored only: no e-mail is sent.",
	"/guardian/factors":         "Stored only: nobody is asked for a second factor.",
	"/guardian/policies":        "Stored only: nobody is asked for a second factor.",
	"/log-streams":              "Stored only: nothing is sent to a stream.",
	"/prompts/rendering":        "Stored only: the server renders the pages.",
	"/prompts/{prompt}/screen/": "Stored only: the server renders the pages.",
}

// notes are of operations whose body is no entity.
var notes = map[string]string{
	"PUT /branding/templates/universal-login": "A Liquid template with the tags auth0:head and auth0:widget, which stands around the pages of universal login. " +
		"Its styles are in style elements or style sheets: scripts and style attributes in it do not work.",
	"PUT /prompts/{prompt}/custom-text/{language}": "The pages say the texts that they have of the prompts login, login-id, login-password, signup, consent, " +
		"reset-password, email-verification, organizations, logout and common. Every other text is stored only.",
	"PUT /prompts/{prompt}/partials": "Partials of login, login-id, login-password and signup are on the pages, and scripts in them do not run. " +
		"Every other partial is stored only.",
}

// StoredOnly says whether the operation is about what nothing acts on.
func (d described) StoredOnly() bool {
	for prefix := range storedPaths {
		if strings.HasPrefix(d.Path, prefix) {
			return true
		}
	}
	s := schemas()[d.about]
	return s != nil && s.stored
}

// Note is a sentence about what the operation does, or empty.
func (d described) Note() string {
	for prefix, note := range storedPaths {
		if strings.HasPrefix(d.Path, prefix) {
			return note
		}
	}
	if d.StoredOnly() {
		return storedNote
	}
	return notes[d.Method+" "+d.Path]
}

// StoredFields are the fields of the body that nothing acts on.
func (d described) StoredFields() []string {
	s := schemas()[d.body]
	if s == nil || d.StoredOnly() {
		return nil
	}
	return s.storedFields(modeOf(d.Method))
}

func (d described) openAPI(components document) document {
	about := "Scopes, any of: " + strings.ReplaceAll(strings.Join(d.Scopes, ", "), "&", " and ")
	if note := d.Note(); note != "" {
		about = note + "\n\n" + about
	}
	out := document{
		"operationId": d.Name, "summary": d.Summary, "tags": []string{strings.Split(d.Path, "/")[1]}, "description": about,
	}
	if d.StoredOnly() {
		out[storedOnly] = true
	}
	var parameters []document
	for _, name := range variables(d.Path) {
		parameters = append(parameters, document{"name": name, "in": "path", "required": true, "schema": document{"type": "string"}})
	}
	for _, name := range d.Query {
		parameters = append(parameters, document{"name": name, "in": "query", "required": d.query[name].required, "schema": d.query[name].openAPI(name)})
	}
	if d.tagged && d.Method != http.MethodGet {
		parameters = append(parameters, document{"name": "If-Match", "in": "header", "required": false, "schema": document{"type": "string"},
			"description": "The ETag of what was read: 412, and no change, if it was changed since."})
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if d.body != "" {
		kind := "application/json"
		if entity := sentAsForm[d.Path]; d.body == rawBody && entity != "" {
			kind, d.body = "multipart/form-data", entity
		}
		out["requestBody"] = document{"required": true, "content": document{kind: document{"schema": d.requestSchema(components)}}}
	}
	answer := document{"description": http.StatusText(d.Status)}
	if d.Status != http.StatusNoContent {
		answer["content"] = document{"application/json": document{"schema": d.answerSchema(components)}}
	}
	if d.tagged && d.Method == http.MethodGet {
		answer["headers"] = document{"ETag": document{"schema": document{"type": "string"}}}
	}
	out["responses"] = document{strconv.Itoa(d.Status): answer}
	if d.tagged && d.Method != http.MethodGet {
		out["responses"] = document{strconv.Itoa(d.Status): answer, "412": document{"description": "Changed since If-Match"}}
	}
	return out
}

func (p parameter) openAPI(name string) document {
	if p.absent == 0 && p.greatest == 0 && !slices.Contains([]string{"page", "per_page", "take"}, name) {
		return document{"type": "string"}
	}
	out := document{"type": "integer"}
	if p.absent > 0 {
		out["default"] = p.absent
	}
	if p.greatest > 0 {
		out["maximum"] = p.greatest
	}
	return out
}

// sentAsForm are the entities that come as a form, by path.
var sentAsForm = map[string]string{"/jobs/users-imports": "job_users_import"}

func (d described) requestSchema(components document) any {
	s := schemas()[d.body]
	if s == nil {
		return document{}
	}
	m := modeOf(d.Method)
	suffix := map[mode]string{forCreate: "_create", forUpdate: "_update", forReplace: "_replace"}[m]
	return component(components, d.body+suffix, s.openAPI(m))
}

func (d described) answerSchema(components document) any {
	if d.shows == "" {
		return document{}
	}
	one := component(components, d.shows, schemaOf(d.shows).openAPI(0))
	if len(d.lists) == 0 {
		return one
	}
	forms := []any{document{"type": "array", "items": one}}
	if key, _ := d.listKey(); key != "" {
		forms = append(forms, document{"type": "object", "properties": document{key: forms[0]}, "required": []string{key}})
	}
	return document{"anyOf": forms}
}

func component(components document, name string, schema document) document {
	name = strings.NewReplacer("[", "_", "]", "").Replace(name)
	components[name] = schema
	return document{"$ref": "#/components/schemas/" + name}
}

// openAPI is the JSON schema of a value, with what the mode may have; without one, what answers may have.
func (s *schema) openAPI(m mode) document {
	out := document{}
	kinds := slices.Clone(s.kinds)
	if s.nullable && len(kinds) > 0 {
		kinds = append(kinds, "null")
	}
	switch len(kinds) {
	case 0:
	case 1:
		out["type"] = kinds[0]
	default:
		out["type"] = kinds
	}
	s.openAPIBounds(out)
	s.describe(out)
	if s.item != nil {
		out["items"] = s.item.openAPI(m)
	}
	if s.fields == nil {
		return out
	}
	properties, required := document{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		f := s.fields[name]
		if f.in(m) {
			properties[name] = f.openAPI(m)
			if (m == forCreate || m == forReplace) && f.required {
				required = append(required, name)
			}
		}
	}
	switch others, any := properties["*"]; {
	case any:
		delete(properties, "*")
		out["additionalProperties"] = others
	case m != 0:
		out["additionalProperties"] = false
	}
	out["properties"] = properties
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (s *schema) openAPIBounds(out document) {
	for name, n := range map[string]int{
		"minLength": s.minLen, "maxLength": s.maxLen, "minItems": s.minItems, "maxItems": s.maxItems, "maxProperties": s.maxProps,
	} {
		if n > 0 {
			out[name] = n
		}
	}
	if s.pattern != nil {
		out["pattern"] = s.pattern.String()
	}
	if s.format != "" {
		out["format"] = s.format
	}
	if len(s.enum) > 0 && s.nullable {
		out["anyOf"] = []document{{"enum": s.enum}, {"type": "null"}}
	} else if len(s.enum) > 0 {
		out["enum"] = s.enum
	}
	if s.unique {
		out["uniqueItems"] = true
	}
	if s.least != nil {
		out["minimum"] = *s.least
	}
	if s.most != nil {
		out["maximum"] = *s.most
	}
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Management API v2</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d1d22}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}
code{font-size:.9em;overflow-wrap:anywhere}small{color:#555}
@media (prefers-color-scheme:dark){body{background:#17171c;color:#eee}td,th{border-color:#444}small{color:#aaa}a{color:#9db4ff}}
</style>
<h1>Management API v2</h1>
<p>The same as a document for programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<table><thead><tr><th>Operation<th>What it does<th>Scopes, any of</tr></thead><tbody>
{{range .}}<tr><td><code>{{.Method}} {{.Path}}</code><td>{{.Summary}} <small>{{.Status}}</small>
{{- if .Note}}<br><small>{{.Note}}</small>{{end}}
{{- with .StoredFields}}<details><summary><small>{{len .}} fields of the body are stored only</small></summary><small>Nothing acts on them: {{range $i, $f := .}}{{if $i}}, {{end}}<code>{{$f}}</code>{{end}}</small></details>{{end}}
{{- if .Query}}<br><small>{{range $i, $q := .Query}}{{if $i}}, {{end}}{{$q}}{{end}}</small>{{end}}<td>{{range .Scopes}}<code>{{.}}</code> {{end}}</tr>
{{end}}</tbody></table></html>
`))
