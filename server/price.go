package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
)

const (
	introspectionCost = 1000 // of __schema, which gqlgen counts as nothing
	usualItems        = 10

	// A page's selection is priced once per item, but counting the whole list happens once. Points of the latter kind are kept
	// above this bit until they reach the field of the page. Other sums stay below it; an overflow is MaxInt.
	onceShift = 46
)

// priced is the schema with a price for every field: what is selected below a list costs once for each item that may
// come. Of a page that is as many as are asked for, of another list as its arguments name or as items says.
type priced struct {
	graphql.ExecutableSchema
	items  map[string]int
	points map[string]int // added to the selection's price, by object and field, or by argument
}

// extra returns the field's price without its selection, in points.
func (p priced) extra(object, name string, args map[string]any) int {
	sum := p.points[object+"."+name]
	for key, points := range p.points {
		path, ok := strings.CutPrefix(key, object+"."+name+"(")
		if !ok {
			continue
		}
		path, want, valued := strings.Cut(strings.TrimSuffix(path, ")"), ":")
		var at any = args
		for _, step := range strings.Split(path, ".") {
			members, _ := at.(map[string]any)
			at = members[step]
		}
		if at != nil && (!valued || fmt.Sprint(at) == want) {
			sum += points
		}
	}
	return sum
}

// check fails if items names a field that is not there.
func (p priced) check() error {
	for key := range p.items {
		if object, field, ok := strings.Cut(key, "."); ok && p.field(object, field) == nil {
			return fmt.Errorf("the schema has no field %s to price", key)
		}
	}
	return nil
}

func (p priced) field(object, field string) *ast.FieldDefinition {
	if def := p.Schema().Types[object]; def != nil {
		return def.Fields.ForName(field)
	}
	return nil
}

// Complexity is asked by gqlgen's calculation for each field selected.
func (p priced) Complexity(ctx context.Context, object, name string, child int, args map[string]any) (int, bool) {
	if cost, ok := p.ExecutableSchema.Complexity(ctx, object, name, child, args); ok {
		return cost, true
	}
	field := p.field(object, name)
	if field == nil { // introspection
		return 0, false
	}
	once := child >> onceShift // points of the page that child belongs to
	child = min(child&(1<<onceShift-1), enough)
	extra := p.extra(object, name, args)
	if strings.HasSuffix(object, "Connection") {
		return 1 + child + extra<<onceShift, true
	}
	extra = min(extra+once, enough)
	if cost, ok := p.selected(field, object, name, child, args); ok {
		return min(cost, enough) + extra, true
	}
	return 1 + child + extra, true
}

// selected returns the price of a field with its selection. It reports false for a field that is neither a mutation nor a list.
func (p priced) selected(field *ast.FieldDefinition, object, name string, child int, args map[string]any) (int, bool) {
	switch mutation := p.Schema().Mutation; {
	case mutation != nil && object == mutation.Name:
		// One for each row to write, of which verbs refuse more than MaxBulk. What is shown of it comes from loaders,
		// many rows at once: a tenth.
		items := min(longest(args), delivery.MaxBulk)
		return 1 + items*max(p.points[object+"."+name+"[]"], 1) + child*max(items/10, 1), true
	case field.Arguments.ForName("first") != nil || field.Arguments.ForName("last") != nil:
		return 1 + child*pageSize(args), true
	case field.Type.Elem != nil && child > 0:
		return 1 + child*cmp.Or(longest(args), p.items[object+"."+name], p.items[name], usualItems), true
	}
	return 0, false
}

// pageSize is how many items a page holds. An empty page costs as one of a single item.
func pageSize(args map[string]any) int {
	if args["first"] == nil && args["last"] == nil {
		return delivery.DefaultPage
	}
	return min(max(number(args["first"]), number(args["last"]), 1), enough)
}

// longest is how many items the longest list in a value has.
func longest(value any) (n int) {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			n = max(n, longest(member))
		}
	case []any:
		n = len(v)
		for _, member := range v {
			n = max(n, longest(member))
		}
	}
	return n
}

func number(v any) int {
	switch n := v.(type) {
	case int:
		return n
	case int64:
		return int(n)
	case float64:
		return int(min(n, enough))
	case json.Number:
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}
