package answer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
)

const (
	introspectionCost = 1000 // of __schema, without its selection
	usualItems        = 10

	// A page's selection is priced once per item, but counting the whole list happens once. Points of the latter kind are kept
	// above this bit until they reach the field of the page. Other sums stay below it; an overflow is MaxInt.
	onceShift = 46
)

// pricedSchema is the schema with a price for every field. A selection below a list costs once for each possible item: of a
// page the number that is requested, of another list that of items, or the number that its arguments name if that is higher.
type pricedSchema struct {
	graphql.ExecutableSchema
	items     map[string]int
	points    map[string]int // added to the selection's price, by object and field, or by argument
	additions map[string][]addition
	catalogue *catalogue
}

// addition is added to the price of a field if an argument is given, or has a value.
type addition struct {
	path   []string // to the argument, or to a member of it
	value  string
	valued bool // only for value
	lines  bool // for each line of the text
	points int
}

// A line of text longer than bytesInLine counts as several, because an entry can follow another on one line. No more than mostLines are charged, so that
// a long text costs no more than an operation may.
const (
	bytesInLine = 200
	mostLines   = 300
)

// of returns what is added for the value of the argument.
func (a addition) of(value any) int {
	switch {
	case value == nil || a.valued && fmt.Sprint(value) != a.value:
		return 0
	case a.lines:
		text, _ := value.(string)
		return a.points * min(max(1+strings.Count(text, "\n"), len(text)/bytesInLine), mostLines)
	}
	return a.points
}

// additionsOf returns the additions that the prices name, by object and field.
func additionsOf(prices map[string]int) map[string][]addition {
	out := map[string][]addition{}
	for key, points := range prices {
		field, argument, ok := strings.Cut(key, "(")
		if !ok {
			continue
		}
		argument, lines := strings.CutSuffix(argument, "[]")
		path, value, valued := strings.Cut(strings.TrimSuffix(argument, ")"), ":")
		out[field] = append(out[field], addition{path: strings.Split(path, "."), value: value, valued: valued, lines: lines, points: points})
	}
	return out
}

// extra returns the field's price without its selection, in points.
func (p pricedSchema) extra(object, name string, args map[string]any) int {
	key := object + "." + name
	sum := p.points[key]
	for _, add := range p.additions[key] {
		var at any = args
		for _, step := range add.path {
			members, _ := at.(map[string]any)
			at = members[step]
		}
		sum += add.of(at)
	}
	return sum
}

// check fails if items names a field that is not there.
func (p pricedSchema) check() error {
	for key := range p.items {
		if object, field, ok := strings.Cut(key, "."); ok && p.field(object, field) == nil {
			return fmt.Errorf("the schema has no field %s to price", key)
		}
	}
	return nil
}

func (p pricedSchema) field(object, field string) *ast.FieldDefinition {
	if def := p.Schema().Types[object]; def != nil {
		return def.Fields.ForName(field)
	}
	return nil
}

// pricer prices one operation. It visits each fragment and each variable once, however often they are used, so its time is
// proportional to the size of the request, not to its expansion.
type pricer struct {
	pricedSchema
	variables map[string]any
	fragments map[string]int
	lists     map[string]int // the longest list in each variable
}

func (p pricedSchema) pricing(variables map[string]any) *pricer {
	return &pricer{pricedSchema: p, variables: variables, fragments: map[string]int{}, lists: map[string]int{}}
}

// of returns the price of a selection.
func (p *pricer) of(set ast.SelectionSet) (sum int) {
	for _, selection := range set {
		part := 0
		switch s := selection.(type) {
		case *ast.Field:
			part = p.field(s)
		case *ast.InlineFragment:
			part = p.of(s.SelectionSet)
		case *ast.FragmentSpread:
			known, ok := p.fragments[s.Name]
			if !ok {
				known = p.of(s.Definition.SelectionSet)
				p.fragments[s.Name] = known
			}
			part = known
		}
		if sum += part; sum < 0 || part == math.MaxInt {
			return math.MaxInt
		}
	}
	return sum
}

// field returns the price of a field with its selection; on an interface that of the most expensive implementation.
func (p *pricer) field(f *ast.Field) (most int) {
	switch f.Name {
	case "__typename":
		return 1
	case "__schema":
		return introspectionCost + p.catalogue.price(f.SelectionSet)
	case "__type":
		return 1 + p.catalogue.price(f.SelectionSet)
	}
	child := p.of(f.SelectionSet)
	args := f.ArgumentMap(p.variables)
	objects := []*ast.Definition{f.ObjectDefinition}
	if f.ObjectDefinition.Kind == ast.Interface {
		objects = p.Schema().GetPossibleTypes(f.ObjectDefinition)
	}
	for _, object := range objects {
		most = max(most, p.one(object.Name, f, child, args))
	}
	return most
}

// one returns the price of a field of an object.
func (p *pricer) one(object string, f *ast.Field, child int, args map[string]any) int {
	once := child >> onceShift // points of the page that child belongs to
	child = min(child&(1<<onceShift-1), enough)
	extra := p.extra(object, f.Name, args)
	if strings.HasSuffix(object, "Connection") {
		return 1 + child + extra<<onceShift
	}
	extra = min(extra+once, enough)
	if cost, ok := p.selected(object, f, child, args); ok {
		return min(cost, enough) + extra
	}
	return 1 + child + extra
}

// selected returns the price of a field with its selection. It reports false for a field that is neither a mutation nor a list.
func (p *pricer) selected(object string, f *ast.Field, child int, args map[string]any) (int, bool) {
	switch mutation := p.Schema().Mutation; {
	case mutation != nil && object == mutation.Name:
		// One for each row to write, of which verbs refuse more than MaxBulk. What is shown of it comes from loaders,
		// many rows at once: a tenth.
		items := min(p.longest(f), delivery.MaxBulk)
		return 1 + items*max(p.points[object+"."+f.Name+"[]"], 1) + child*max(items/10, 1), true
	case f.Definition.Arguments.ForName("first") != nil || f.Definition.Arguments.ForName("last") != nil:
		return 1 + child*pageSize(args), true
	case f.Definition.Type.Elem != nil && child > 0:
		// A list among the arguments may be a filter, so it is no bound where the schema says how long the list usually is.
		return 1 + child*cmp.Or(max(p.longest(f), p.items[object+"."+f.Name]), p.items[f.Name], usualItems), true
	}
	return 0, false
}

// longest returns how many items the longest list in a field's arguments has.
func (p *pricer) longest(f *ast.Field) (n int) {
	for _, a := range f.Arguments {
		n = max(n, p.longestIn(a.Value))
	}
	return n
}

func (p *pricer) longestIn(v *ast.Value) (n int) {
	if v.Kind == ast.Variable {
		n, known := p.lists[v.Raw]
		if !known {
			n = longest(p.variables[v.Raw])
			p.lists[v.Raw] = n
		}
		return n
	}
	if v.Kind == ast.ListValue {
		n = len(v.Children)
	}
	for _, child := range v.Children {
		n = max(n, p.longestIn(child.Value))
	}
	return n
}

// resuming returns the price of resuming from a Last-Event-ID, in points: that of the argument it stands for.
func (p pricedSchema) resuming(oc *graphql.OperationContext) int {
	object := p.Schema().Subscription.Name
	root := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{object})[0]
	if root.ArgumentMap(oc.Variables)[resuming] != nil {
		return 0
	}
	return p.points[object+"."+root.Name+"("+resuming+")"]
}

// pageSize returns how many items a page holds. An empty page costs as much as one item.
func pageSize(args map[string]any) int {
	if args["first"] == nil && args["last"] == nil {
		return delivery.DefaultPage
	}
	return min(max(number(args["first"]), number(args["last"]), 1), enough)
}

// longest returns how many items the longest list in a value has.
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
