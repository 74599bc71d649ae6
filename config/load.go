package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// EnvPrefix starts the names of all environment variables that are settings.
const EnvPrefix = "PROOFKEY_"

const maxFile = 1 << 20

// Mistake is one thing that is wrong with a configuration.
type Mistake struct {
	Key  string // listen.http, or the unknown key as it was written
	From string // "file proofkey.yml:3", "environment PROOFKEY_LISTEN_HTTP", or "" for what is missing
	Text string
}

func (m Mistake) String() string {
	if m.From == "" {
		return m.Key + ": " + m.Text
	}
	return m.Key + ": " + m.Text + " (" + m.From + ")"
}

// Mistakes is the error of a configuration that cannot be used: everything that is wrong, at once.
type Mistakes []Mistake

func (ms Mistakes) Error() string {
	if len(ms) == 1 {
		return "configuration: " + ms[0].String()
	}
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = "\n  " + m.String()
	}
	return fmt.Sprintf("configuration has %d mistakes:%s", len(ms), strings.Join(lines, ""))
}

// Default is the configuration with nothing set.
func Default() *Config {
	c := &Config{sources: map[string]string{}}
	root := reflect.ValueOf(c).Elem()
	for _, k := range Keys() {
		if k.index == nil || k.Default == "" {
			continue
		}
		// A default that does not parse is caught by the test that walks all of them.
		_ = setText(root.FieldByIndex(k.index), k.Default, "")
	}
	return c
}

// Load reads the file (none when path is "") and then the environment ("NAME=value" each), and checks the whole. When
// the error is [Mistakes] the configuration is returned too, as far as it could be read, so that it can be printed.
func Load(path string, environ []string) (*Config, error) {
	l := loader{config: Default(), keys: Keys()}
	if path != "" {
		data, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("configuration file: %w", err)
		}
		l.file(path, data)
	}
	l.environment(environ)
	l.mistakes = append(l.mistakes, l.config.check()...)
	if len(l.mistakes) > 0 {
		return l.config, l.mistakes
	}
	return l.config, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %s", path, Size(maxFile))
	}
	return data, nil
}

// loader fills a Config and collects what is wrong on the way.
type loader struct {
	config   *Config
	keys     []Key
	dir      string // folder that relative paths start from
	name     string // of the file
	mistakes Mistakes
}

func (l *loader) mistake(key, from, text string) {
	l.mistakes = append(l.mistakes, Mistake{Key: key, From: from, Text: text})
}

func (l *loader) file(path string, data []byte) {
	l.name, l.dir = filepath.Base(path), filepath.Dir(path)
	defer func() { l.dir = "" }()
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		// Without the excerpt of the source that goccy/go-yaml adds: a line of the file may be a secret.
		l.mistake(l.name, "", "is not YAML: "+strings.TrimSpace(yaml.FormatError(err, false, false)))
		return
	}
	if len(doc.Docs) > 1 {
		l.mistake(l.name, "", "has more than one YAML document")
		return
	}
	for _, d := range doc.Docs {
		if d.Body != nil {
			l.mapping("", d.Body, reflect.ValueOf(l.config).Elem())
		}
	}
}

func (l *loader) at(n ast.Node) string {
	if l.name == "" {
		return ""
	}
	return fmt.Sprintf("file %s:%d", l.name, n.GetToken().Position.Line)
}

// mapping reads the members of a YAML mapping into the struct v, whose keys start with prefix.
func (l *loader) mapping(prefix string, n ast.Node, v reflect.Value) {
	if _, empty := n.(*ast.NullNode); empty {
		return
	}
	m, ok := n.(ast.MapNode)
	if !ok {
		l.mistake(cmp.Or(strings.TrimSuffix(prefix, "."), l.name), l.at(n), "holds keys, not a value")
		return
	}
	for it := m.MapRange(); it.Next(); {
		name := it.Key().GetToken().Value
		field, ok := fieldOf(v, name)
		if !ok {
			l.unknown(prefix+name, l.at(it.Key()))
			continue
		}
		l.member(prefix+name, it.Value(), field)
	}
}

func (l *loader) member(path string, n ast.Node, v reflect.Value) {
	_, empty := n.(*ast.NullNode)
	k, isKey := l.key(path)
	switch {
	case !isKey:
		l.mapping(path+".", n, v)
		return
	case empty:
		return
	case v.Type() == reflect.TypeFor[[]Tenant]():
		l.tenants(path, n, v)
	default:
		if err := l.value(n, v); err != nil {
			l.mistake(path, l.at(n), err.Error())
			return
		}
		if err := k.inBounds(v); err != nil {
			l.mistake(path, l.at(n), err.Error())
		}
	}
	if !strings.Contains(path, "[") {
		l.config.sources[path] = l.at(n)
	}
}

func (l *loader) tenants(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		l.mistake(path, l.at(n), "is not a list of tenants")
		return
	}
	list := make([]Tenant, len(seq.Values))
	for i, item := range seq.Values {
		l.mapping(fmt.Sprintf("%s[%d].", path, i), item, reflect.ValueOf(&list[i]).Elem())
	}
	v.Set(reflect.ValueOf(list))
}

// value reads a scalar, or a list of scalars.
func (l *loader) value(n ast.Node, v reflect.Value) error {
	if v.Kind() != reflect.Slice {
		text, err := scalar(n)
		if err != nil {
			return err
		}
		return setText(v, text, l.dir)
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		return errors.New("is not a list")
	}
	texts := make([]string, len(seq.Values))
	for i, item := range seq.Values {
		text, err := scalar(item)
		if err != nil {
			return err
		}
		texts[i] = text
	}
	return setTexts(v, texts, l.dir)
}

func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("is not a plain value; put text that has a colon in quotes")
}

// environment reads the variables that start with EnvPrefix.
func (l *loader) environment(environ []string) {
	sorted := slices.Sorted(slices.Values(environ))
	l.name = ""
	for _, entry := range sorted {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, EnvPrefix) || foreign(name) {
			continue
		}
		i := slices.IndexFunc(l.keys, func(k Key) bool { return k.Env == name })
		if i < 0 {
			l.unknownVariable(name)
			continue
		}
		if text != "" {
			l.variable(l.keys[i], text)
		}
	}
}

// foreign names carry the prefix but are not settings: the path of the configuration file itself, what the tests and
// the commands read, and what Kubernetes puts into every pod beside a Service that is called proofkey.
func foreign(name string) bool {
	rest := strings.TrimPrefix(name, EnvPrefix)
	switch {
	case rest == "CONFIG", rest == "PORT":
		return true
	}
	for _, prefix := range []string{"TEST_", "SERVICE_", "PORT_"} {
		if strings.HasPrefix(rest, prefix) {
			return true
		}
	}
	return false
}

func (l *loader) variable(k Key, text string) {
	v := reflect.ValueOf(l.config).Elem().FieldByIndex(k.index)
	from := "environment " + k.Env
	var err error
	switch {
	case v.Type() == reflect.TypeFor[[]Tenant]():
		err = l.tenantsVariable(k, text, v)
	case v.Kind() == reflect.Slice:
		err = setTexts(v, strings.Split(text, ","), "")
	default:
		err = setText(v, text, "")
	}
	if err == nil {
		err = k.inBounds(v)
	}
	if err != nil {
		l.mistake(k.Path, from, err.Error())
		return
	}
	l.config.sources[k.Path] = from
}

// tenantsVariable reads the list of tenants from YAML or JSON in one variable.
func (l *loader) tenantsVariable(k Key, text string, v reflect.Value) error {
	doc, err := parser.ParseBytes([]byte(text), 0)
	if err != nil || len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		return errors.New("is not a YAML or JSON list of tenants")
	}
	l.tenants(k.Path, doc.Docs[0].Body, v)
	return nil
}

func (l *loader) key(path string) (Key, bool) {
	for _, k := range l.keys {
		if k.Path == shape(path) {
			return k, true
		}
	}
	return Key{}, false
}

func (l *loader) unknown(path, from string) {
	var names []string
	for _, k := range l.keys {
		names = append(names, k.Path)
		if section, _, ok := strings.Cut(k.Path, "."); ok && !strings.Contains(section, "[") {
			names = append(names, section)
		}
	}
	text := "no such key"
	if near := nearest(shape(path), names); near != "" {
		text += "; did you mean " + near + "?"
	}
	l.mistake(path, from, text)
}

func (l *loader) unknownVariable(name string) {
	var names []string
	for _, k := range l.keys {
		if k.Env != "" {
			names = append(names, k.Env)
		}
	}
	text := "no such setting"
	if near := nearest(name, names); near != "" {
		text += "; did you mean " + near + "?"
	}
	l.mistake(name, "environment", text)
}

// shape replaces the position in a list: tenants[3].name is declared as tenants[].name.
func shape(path string) string {
	open, rest, ok := strings.Cut(path, "[")
	if !ok {
		return path
	}
	_, tail, _ := strings.Cut(rest, "]")
	return open + "[]" + tail
}

func fieldOf(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag, ok := v.Type().Field(i).Tag.Lookup("yaml"); ok && tag == name {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}
