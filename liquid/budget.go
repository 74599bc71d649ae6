package liquid

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/values"
)

// Bounds of one render.
const (
	work      = 2 << 20   // units: a byte that is put out or goes through a filter, or a fraction of a step of a loop
	maxOutput = 512 << 10 // bytes
	maxValue  = 16 << 10  // bytes of a value that a filter takes or makes
	stepCost  = 64        // of each node of a loop's body
)

var (
	errWork   = errors.New("the template does too much")
	errOutput = fmt.Errorf("the template puts out more than %d bytes", maxOutput)
	errLong   = fmt.Errorf("the template filters a value of more than %d bytes", maxValue)
)

// budget is what a render may still do.
type budget struct{ left int }

func (b *budget) spend(n int) error {
	if b.left -= n; b.left < 0 {
		return errWork
	}
	return nil
}

// output collects what is put out.
type output struct {
	strings.Builder
	*budget
}

func (o *output) Write(p []byte) (int, error) {
	if err := o.spend(len(p)); err != nil {
		return 0, err
	}
	if o.Len()+len(p) > maxOutput {
		return 0, errOutput
	}
	return o.Builder.Write(p)
}

// guarded gives the library's filters a budget.
type guarded struct {
	config *render.Config
	budget *budget
}

// AddFilter implements filters.FilterDictionary.
func (g guarded) AddFilter(name string, filter any) {
	fn := reflect.ValueOf(filter)
	g.config.AddFilter(name, func(args ...any) (out any, err error) {
		defer guard(&err)
		if err := g.budget.take(name, args); err != nil {
			return nil, err
		}
		if out, err = values.Call(fn, args); err != nil {
			return nil, err
		}
		return out, g.budget.spend(weight(out))
	})
}

// wide is a width in the format of a date, which would be filled up.
var wide = regexp.MustCompile(`%[^a-zA-Z%]*[0-9]{2}`)

// take charges what a filter is given, and refuses what it would make too much of.
func (b *budget) take(name string, args []any) error {
	all := stepCost
	for _, a := range args {
		n := weight(a)
		if n > maxValue {
			return errLong
		}
		all += n
	}
	text := func(i int) string {
		if i >= len(args) {
			return ""
		}
		return fmt.Sprint(args[i])
	}
	made := 0
	switch name {
	case "replace":
		made = strings.Count(text(0), text(1)) * len(text(2))
	case "join":
		if list := reflect.ValueOf(args[0]); list.Kind() == reflect.Slice {
			made = list.Len() * len(text(1))
		}
	case "date":
		if wide.MatchString(text(1)) {
			return errors.New("the format of a date has a width")
		}
	}
	if made > maxValue {
		return errLong
	}
	return b.spend(all + made)
}

// weight is about the size of a value; of what is too long it is more than maxValue.
func weight(v any) int {
	switch v := v.(type) {
	case nil:
		return 0
	case string:
		return len(v)
	case values.Range:
		return max(0, min(v.Len(), maxValue)) * 16
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return r.Len()
	case reflect.Slice:
		n := 0
		for i := 0; i < r.Len() && n <= maxValue; i++ {
			n += 16 + weight(r.Index(i).Interface())
		}
		return n
	case reflect.Map:
		n := 0
		for _, k := range r.MapKeys() {
			n += 16 + weight(k.Interface()) + weight(r.MapIndex(k).Interface())
		}
		return n
	}
	return 16
}

// ownFilters replaces filters: values are escaped where they are put out, and nowhere else.
func ownFilters(config *render.Config, b *budget) {
	config.AddFilter("own_escape", func(v any) (any, error) {
		if n := weight(v); n > maxOutput {
			return nil, errOutput
		} else if err := b.spend(n); err != nil {
			return nil, err
		}
		return escaped(v)
	})
	for _, name := range []string{"escape", "escape_once", "h"} {
		config.AddFilter(name, func(v any) any { return v })
	}
	config.AddFilter("newline_to_br", func(v any) (any, error) {
		text, err := escaped(v)
		if err != nil || weight(text) > maxValue {
			return nil, errors.Join(err, errLong)
		}
		return Markup(strings.ReplaceAll(text.(string), "\n", "<br>\n")), b.spend(2 * weight(text))
	})
}

func budgetOf(ctx render.Context) *budget { return ctx.Get(hidden + "budget").(*budget) }

var variable = regexp.MustCompile(`^[A-Za-z_][\w-]*$`)

// capture is the library's, with a bound and with a value that is markup.
func capture(node render.BlockNode) (func(io.Writer, render.Context) error, error) {
	name := strings.Trim(strings.TrimSpace(node.Args), `"'`)
	if !variable.MatchString(name) {
		return nil, fmt.Errorf("a capture into %q, which is no name", name)
	}
	return func(_ io.Writer, ctx render.Context) error {
		text := &output{budget: budgetOf(ctx)}
		if err := ctx.RenderChildren(text); err != nil {
			return err
		}
		ctx.Set(name, Markup(text.String()))
		return nil
	}, nil
}

// nodes counts what a step of a loop goes through.
func nodes(all []render.Node) int {
	n := len(all)
	for _, node := range all {
		if b, ok := node.(*render.BlockNode); ok {
			n += nodes(b.Body)
			for _, c := range b.Clauses {
				n += nodes(c.Body)
			}
		}
	}
	return n
}

// loop is the library's, with a budget.
func loop(node render.BlockNode) (func(io.Writer, render.Context) error, error) {
	stmt, err := expressions.ParseStatement(expressions.LoopStatementSelector, node.Args)
	if err != nil {
		return nil, err
	}
	l, cost := stmt.Loop, stepCost*(1+nodes(node.Body))
	return func(w io.Writer, ctx render.Context) error {
		items, err := elements(ctx, l)
		if err != nil {
			return err
		}
		if len(items) == 0 && len(node.Clauses) > 0 {
			return ctx.RenderBlock(w, node.Clauses[0])
		}
		before, outer := ctx.Get(l.Variable), ctx.Get("forloop")
		defer func() {
			ctx.Set(l.Variable, before)
			ctx.Set("forloop", outer)
		}()
		for i, item := range items {
			if err := budgetOf(ctx).spend(cost); err != nil {
				return err
			}
			ctx.Set(l.Variable, item)
			ctx.Set("forloop", map[string]any{
				"first": i == 0, "last": i == len(items)-1, "index": i + 1, "index0": i,
				"rindex": len(items) - i, "rindex0": len(items) - i - 1, "length": len(items),
			})
			if err := ctx.RenderChildren(w); err != nil {
				switch said := err.Cause(); {
				case said != nil && said.Error() == "break outside a loop":
					return nil
				case said != nil && said.Error() == "continue outside a loop":
					continue
				}
				return err
			}
		}
		return nil
	}, nil
}

// elements are what a loop goes through, after its modifiers.
func elements(ctx render.Context, l expressions.Loop) (items []any, err error) {
	over, err := ctx.Evaluate(l.Expr)
	if err != nil {
		return nil, err
	}
	if weight(over) > maxValue {
		return nil, errLong
	}
	switch v := over.(type) {
	case values.Range:
		items = v.AsArray()
	case map[string]any:
		for name, value := range v {
			items = append(items, []any{name, value})
		}
		slices.SortFunc(items, func(a, b any) int { return strings.Compare(a.([]any)[0].(string), b.([]any)[0].(string)) })
	default:
		if r := reflect.ValueOf(over); r.IsValid() && r.Kind() == reflect.Slice {
			for i := range r.Len() {
				items = append(items, r.Index(i).Interface())
			}
		}
	}
	number := func(e expressions.Expression, absent int) (int, error) {
		if e == nil {
			return absent, nil
		}
		v, err := ctx.Evaluate(e)
		n, ok := v.(int)
		if err == nil && (!ok || n < 0) {
			err = errors.New("the limit and the offset of a loop are numbers")
		}
		return n, err
	}
	offset, err := number(l.Offset, 0)
	if err != nil {
		return nil, err
	}
	limit, err := number(l.Limit, len(items))
	if err != nil {
		return nil, err
	}
	items = items[min(offset, len(items)):]
	items = items[:min(limit, len(items))]
	if l.Reversed {
		slices.Reverse(items)
	}
	return items, nil
}
