package auth0

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds a file of an export; the YAML form of a large tenant has some megabytes.
const maxFile = 64 << 20

// reader reads one export. What it opens lies inside the folder of the export, whatever the export says.
type reader struct {
	root     *os.Root
	keywords Keywords
	export   *Export
	faults   Faults
}

// Read reads the export in a folder, or in a YAML file with what it includes from its folder. Its error is [Faults] where
// files are broken.
func Read(name string, keywords Keywords) (*Export, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("the export: %w", err)
	}
	folder, file := name, ""
	if !info.IsDir() {
		folder, file = filepath.Split(name)
		if folder == "" {
			folder = "."
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("the export: %w", err)
	}
	defer root.Close()
	r := &reader{root: root, keywords: keywords, export: &Export{}}
	if file != "" {
		r.yamlFile(file)
	} else {
		r.folder()
	}
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	return r.export, nil
}

// fail takes up an error of a file.
func (r *reader) fail(at Place, err error) {
	if fs, ok := errors.AsType[Faults](err); ok {
		r.faults = append(r.faults, fs...)
	} else if err != nil {
		r.faults = append(r.faults, Fault{at, err.Error()})
	}
}

// open reads a file and fills in its markers.
func (r *reader) open(name string) (*source, error) {
	f, err := r.root.Open(filepath.FromSlash(name))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New("the file " + name + " does not exist: put it there, or export again")
		}
		return nil, fmt.Errorf("the file %s cannot be read; it lies in the folder of the export and is no link out of it: %w", name, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("the file %s is larger than %d MiB", name, maxFile>>20)
	}
	return &source{name: name, text: r.keywords.fill(strings.TrimPrefix(string(raw), "\ufeff"))}, nil
}

// names lists what lies in a folder.
func (r *reader) names(folder string) []string {
	list, err := fs.ReadDir(r.root.FS(), folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.fail(Place{File: folder}, err)
	}
	var all []string
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), ".") {
			all = append(all, e.Name())
		}
	}
	return all
}

func (r *reader) isFile(name string) bool {
	info, err := r.root.Stat(filepath.FromSlash(name))
	return err == nil && info.Mode().IsRegular()
}

// include puts the content of a file in the place of its name. folder is what the name is relative to.
func (r *reader) include(it *Item, folder string, body map[string]any, member string) {
	name := text(body, member)
	if name == "" {
		return
	}
	s, err := r.open(path.Join(folder, path.Clean("/"+strings.ReplaceAll(name, `\`, "/"))))
	if err != nil {
		r.fail(it.At, fmt.Errorf("%s: %w", member, err))
		return
	}
	body[member] = s.text
}

// includes are the files that the items of a kind name, but for those that only one of the forms has.
func (r *reader) includes(it *Item, scripts string) {
	switch it.Kind {
	case "clients":
		// Some have a page inline, so a name of no file is a page.
		if r.isFile(path.Join("clients", text(it.Body, "custom_login_page"))) {
			r.include(it, "clients", it.Body, "custom_login_page")
		}
	case "connections":
		if text(it.Body, "strategy") == "email" {
			r.include(it, "connections", object(object(it.Body, "options"), "email"), "body")
		}
	case "databases":
		s := object(object(it.Body, "options"), "customScripts")
		for name := range s {
			r.include(it, scripts, s, name)
		}
	case "actions", "actionModules":
		r.include(it, ".", it.Body, "code")
	}
}

// items takes up what a file holds of a kind: an object, or a list of them. at is where it lies in the file.
func (r *reader) items(kind string, s *source, at string, v any, scripts string) {
	one := func(v any, at string) {
		body, ok := v.(map[string]any)
		if !ok {
			r.fail(Place{}, s.fault(s.line(at), "%s is not an object with properties: mend it, or export it again", kind))
			return
		}
		if len(body) == 0 {
			return
		}
		it := Item{Kind: kind, Name: nameOf(kind, body), Body: body, At: Place{s.name, s.line(at)}}
		it.line = func(path string) int { return s.line(strings.Trim(at+"."+path, ".")) }
		r.export.add(it)
		r.includes(&r.export.Items[len(r.export.Items)-1], scripts)
	}
	list, ok := v.([]any)
	if !ok {
		if v != nil {
			one(v, at)
		}
		return
	}
	for i, e := range list {
		one(e, fmt.Sprintf("%s[%d]", at, i))
	}
}

// nameOf is what people call a thing.
func nameOf(kind string, body map[string]any) string {
	if kind == "clientGrants" {
		return text(body, "client_id") + " → " + text(body, "audience")
	}
	for _, member := range []string{"name", "identifier", "template", "domain", "displayName", "id"} {
		if s := text(body, member); s != "" {
			return s
		}
	}
	return ""
}

// yamlFile reads the form that is one file.
func (r *reader) yamlFile(name string) {
	s, err := r.open(name)
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	v, err := s.yaml()
	if err != nil {
		r.fail(Place{File: name}, err)
		return
	}
	kinds, ok := v.(map[string]any)
	if !ok {
		r.fail(Place{}, s.fault(0, "the file has no kinds at its top, such as clients: is it an export?"))
		return
	}
	for _, kind := range sorted(kinds) {
		r.items(kind, s, kind, kinds[kind], ".")
	}
	for _, it := range r.export.of("pages") {
		r.include(it, ".", it.Body, "html")
	}
	for _, it := range r.export.of("emailTemplates") {
		r.include(it, ".", it.Body, "body")
	}
	for _, it := range r.export.of("branding") {
		for _, t := range objects(it.Body["templates"]) {
			r.include(it, ".", t, "body")
		}
	}
	for _, it := range r.export.of("prompts") {
		r.screens(it)
	}
}

// screens are named by prompt and screen in the YAML form, each with its file.
func (r *reader) screens(it *Item) {
	var all []any
	for _, prompt := range objects(it.Body["screenRenderers"]) {
		for _, screens := range prompt {
			byName, _ := screens.(map[string]any)
			for _, screen := range sorted(byName) {
				name, _ := byName[screen].(string)
				if v, ok := r.value(path.Clean(name)); ok {
					all = append(all, v)
				}
			}
		}
	}
	if it.Body["screenRenderers"] != nil {
		it.Body["screenRenderers"] = all
	}
}

// value is the JSON of a file.
func (r *reader) value(name string) (any, bool) {
	s, err := r.open(name)
	if err == nil {
		var v any
		if v, err = s.json(); err == nil {
			return v, true
		}
	}
	r.fail(Place{File: name}, err)
	return nil, false
}

func sorted(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
