package config

import (
	"reflect"
	"strings"
)

// Key is the declaration of one setting, as the tags of [Config] have it.
type Key struct {
	Path    string   // listen.http; tenants[].name for a member of a list
	Env     string   // PROOFKEY_LISTEN_HTTP; "" for a member of a list
	Meaning string   // one or more sentences
	Unit    string   // how a value is written
	Default string   // "" for none
	Min     string   // least value, in the unit of the key
	Max     string   // largest value
	OneOf   []string // the only words allowed
	index   []int    // where the field is in Config; nil for a member of a list
}

// Keys lists every setting in the order of the file.
func Keys() []Key {
	return keysOf(reflect.TypeFor[Config](), "", nil)
}

func keysOf(t reflect.Type, prefix string, index []int) []Key {
	var keys []Key
	for i := range t.NumField() {
		f := t.Field(i)
		name, ok := f.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		at := append(append([]int{}, index...), i)
		if f.Type.Kind() == reflect.Struct && f.Tag.Get("doc") == "" {
			keys = append(keys, keysOf(f.Type, prefix+name+".", at)...)
			continue
		}
		k := declared(prefix+name, f.Tag)
		k.index = at
		keys = append(keys, k)
		if f.Type.Kind() == reflect.Slice && f.Type.Elem() == reflect.TypeFor[Tenant]() {
			for _, member := range keysOf(f.Type.Elem(), k.Path+"[].", nil) {
				member.Env, member.index = "", nil
				keys = append(keys, member)
			}
		}
	}
	return keys
}

func declared(path string, tag reflect.StructTag) Key {
	k := Key{
		Path:    path,
		Env:     EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_")),
		Meaning: tag.Get("doc"),
		Unit:    tag.Get("unit"),
		Default: tag.Get("default"),
		Min:     tag.Get("min"),
		Max:     tag.Get("max"),
	}
	if words := tag.Get("oneof"); words != "" {
		k.OneOf = strings.Fields(words)
		k.Unit = strings.Join(k.OneOf, ", ")
	}
	return k
}

// Bounds says in words which values the key takes, "" when its unit says it all.
func (k Key) Bounds() string {
	switch {
	case k.Min != "" && k.Max != "":
		return k.Min + " to " + k.Max
	case k.Max != "":
		return "at most " + k.Max
	case k.Min != "":
		return "at least " + k.Min
	}
	return ""
}

// nearest is the name most like the one given, "" when none is near enough to be meant.
func nearest(name string, names []string) string {
	best, distance := "", len(name)/3+2
	for _, candidate := range names {
		if d := edits(name, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// edits is the Levenshtein distance of a and b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
