package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/proofkey/proofkey/web/problem"
)

// mode is what a body is for: a property may be for one only.
type mode int

const (
	forCreate mode = iota + 1
	forUpdate
	forReplace // as an update, but whole
)

func modeOf(method string) mode {
	switch method {
	case http.MethodPost:
		return forCreate
	case http.MethodPut:
		return forReplace
	}
	return forUpdate
}

// check says what is wrong with a value first, in the words of the service, or nil. at is the path of the value.
func (s *schema) check(v any, m mode, at string) *problem.Error {
	kind := kindOf(v)
	if v == nil {
		if s.nullable || m == forUpdate && !s.required || len(s.kinds) == 0 {
			return nil
		}
	}
	if len(s.kinds) > 0 && !slices.Contains(s.kinds, kind) && !(kind == "integer" && slices.Contains(s.kinds, "number")) {
		return payloadError("Expected type "+strings.Join(s.kinds, ",")+" but found type "+kind, at)
	}
	switch v := v.(type) {
	case string:
		return s.checkText(v, at)
	case json.Number:
		return s.checkNumber(v, at)
	case []any:
		return s.checkList(v, m, at)
	case map[string]any:
		return s.checkObject(v, m, at)
	}
	return nil
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case json.Number:
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

func (s *schema) checkText(v, at string) *problem.Error {
	n := utf8.RuneCountInString(v)
	switch {
	case n < s.minLen:
		return payloadError(fmt.Sprintf("String is too short (%d chars), minimum %d", n, s.minLen), at)
	case s.maxLen > 0 && n > s.maxLen:
		return payloadError(fmt.Sprintf("String is too long (%d chars), maximum %d", n, s.maxLen), at)
	case len(s.enum) > 0 && !slices.Contains(s.enum, v):
		return sentError("No enum match for: ", v, at)
	case s.pattern != nil && !s.pattern.MatchString(v):
		return payloadError("String does not match pattern "+s.pattern.String(), at)
	case s.format != "" && !matchesFormat(s.format, v):
		return sentError("Object didn't pass validation for format "+s.format+": ", v, at)
	}
	return nil
}

func (s *schema) checkNumber(v json.Number, at string) *problem.Error {
	f, err := v.Float64()
	switch {
	case err != nil || math.Abs(f) > 1<<53:
		return payloadError("Value "+cut(v.String(), 40)+" is greater than maximum "+strconv.Itoa(1<<53), at)
	case s.least != nil && f < *s.least:
		return payloadError("Value "+v.String()+" is less than minimum "+plain(*s.least), at)
	case s.most != nil && f > *s.most:
		return payloadError("Value "+v.String()+" is greater than maximum "+plain(*s.most), at)
	}
	return nil
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (s *schema) checkList(v []any, m mode, at string) *problem.Error {
	switch {
	case len(v) < s.minItems:
		return payloadError(fmt.Sprintf("Array is too short (%d), minimum %d", len(v), s.minItems), at)
	case s.maxItems > 0 && len(v) > s.maxItems:
		return payloadError(fmt.Sprintf("Array is too long (%d), maximum %d", len(v), s.maxItems), at)
	}
	if s.unique {
		for i := range v {
			if j := slices.IndexFunc(v[i+1:], func(w any) bool { return reflect.DeepEqual(v[i], w) }); j >= 0 {
				return payloadError(fmt.Sprintf("Array items are not unique (indexes %d and %d)", i, i+1+j), at)
			}
		}
	}
	if s.item == nil {
		return nil
	}
	for i, item := range v {
		// An element is a whole of its own, also where the list is part of an update; what it must not lack is said there.
		if err := s.item.check(item, m, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) checkObject(v map[string]any, m mode, at string) *problem.Error {
	if s.maxProps > 0 && len(v) > s.maxProps {
		return payloadError(fmt.Sprintf("Too many properties defined (%d), maximum %d", len(v), s.maxProps), at)
	}
	if s.fields == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		if _, sent := v[name]; !sent && m != forUpdate && s.fields[name].required {
			return payloadError("Missing required property: "+name, at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		f := s.field(name)
		if f == nil || m == forCreate && !f.create || m != forCreate && !f.update {
			return payloadError("Additional properties not allowed: "+cut(name, 100), at)
		}
		if err := f.check(v[name], m, below(at, name)); err != nil {
			return err
		}
	}
	return nil
}

func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
