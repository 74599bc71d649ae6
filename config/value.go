package config

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// sizeUnits is a constant list, largest first.
var sizeUnits = [...]struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

func parseSize(text string) (Size, error) {
	factor := int64(1)
	digits := text
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			factor, digits = u.bytes, strings.TrimSpace(rest)
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > (1<<50)/factor {
		return 0, fmt.Errorf("%q is not a size such as 512, 64KiB or 1MiB", text)
	}
	return Size(n * factor), nil
}

const day = 24 * time.Hour

// parseDuration takes whole days besides what Go does.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * day
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 500ms, 30s, 5m or 30d", text)
	}
	return d, nil
}

// setText gives v the value that text spells. Relative paths are joined to dir.
func setText(v reflect.Value, text, dir string) error {
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = text
	case *Secret:
		*p = Secret(strings.TrimSpace(text))
	case *Path:
		*p = Path(under(dir, text))
	case *Database:
		*p = Database(text)
		if text != "" && !p.Postgres() {
			*p = Database(under(dir, text))
		}
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*p = b
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		*p = n
	case *Size:
		n, err := parseSize(text)
		if err != nil {
			return err
		}
		*p = n
	case *time.Duration:
		d, err := parseDuration(text)
		if err != nil {
			return err
		}
		*p = d
	case *netip.Prefix:
		prefix, err := parsePrefix(text)
		if err != nil {
			return err
		}
		*p = prefix
	default:
		return fmt.Errorf("a %s cannot be written as text", v.Type())
	}
	return nil
}

// setTexts gives the list v one element per text.
func setTexts(v reflect.Value, texts []string, dir string) error {
	list := reflect.MakeSlice(v.Type(), len(texts), len(texts))
	var errs []error
	for i, text := range texts {
		errs = append(errs, setText(list.Index(i), strings.TrimSpace(text), dir))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	v.Set(list)
	return nil
}

// parsePrefix takes a bare address for the prefix of that one address.
func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an address range such as 10.0.0.0/8", text)
	}
	return prefix.Masked(), nil
}

func under(dir, path string) string {
	if path == "" || dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// inBounds holds the value of v against the key's min, max and oneof.
func (k Key) inBounds(v reflect.Value) error {
	if k.OneOf != nil {
		for _, word := range k.OneOf {
			if v.String() == word {
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", v.String(), strings.Join(k.OneOf, ", "))
	}
	if !v.CanInt() {
		return nil
	}
	bound := reflect.New(v.Type()).Elem()
	if k.Min != "" && setText(bound, k.Min, "") == nil && v.Int() < bound.Int() {
		return fmt.Errorf("%s is less than %s", written(v), k.Min)
	}
	if k.Max != "" && setText(bound, k.Max, "") == nil && v.Int() > bound.Int() {
		return fmt.Errorf("%s is more than %s", written(v), k.Max)
	}
	if k.Min == "" && v.Int() < 0 {
		return fmt.Errorf("%s is less than 0", written(v))
	}
	return nil
}

// written is the value as YAML on one line, with secrets masked.
func written(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = written(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if d, ok := v.Interface().(time.Duration); ok && d > 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := fmt.Sprint(v.Interface())
	if v.Kind() != reflect.String && v.Kind() != reflect.Struct {
		return text
	}
	quoted, err := yaml.MarshalWithOptions(text, yaml.JSON())
	if err != nil || plainWord(text) {
		return text
	}
	return strings.TrimSpace(string(quoted))
}

// plainWord reports whether text reads as the same string in YAML without quotes, in flow lists too.
func plainWord(text string) bool {
	if text == "" || strings.ContainsAny(text[:1], "-0123456789.~") {
		return false
	}
	for _, r := range text {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@", r) {
			return false
		}
	}
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off":
		return false
	}
	return true
}
