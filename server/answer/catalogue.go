package answer

import "github.com/vektah/gqlparser/v2/ast"

// catalogue counts the values that introspection of a schema can return.
type catalogue struct {
	types, directives float64
	usual, most       map[string]float64 // items of a list: of all types on average, and of the largest
}

// valuesPerPoint is how many returned values of introspection cost one point.
const valuesPerPoint = 3

func catalogueOf(schema *ast.Schema) *catalogue {
	c := &catalogue{
		types: float64(len(schema.Types)), directives: float64(len(schema.Directives)),
		usual: map[string]float64{}, most: map[string]float64{},
	}
	fields := 0
	count := func(list string, n int) {
		c.usual[list] += float64(n)
		c.most[list] = max(c.most[list], float64(n))
	}
	for _, t := range schema.Types {
		switch t.Kind {
		case ast.InputObject:
			count("inputFields", len(t.Fields))
		case ast.Object, ast.Interface:
			count("fields", len(t.Fields))
			fields += len(t.Fields)
			for _, f := range t.Fields {
				count("args", len(f.Arguments))
			}
		}
		count("enumValues", len(t.EnumValues))
		count("interfaces", len(t.Interfaces))
		count("possibleTypes", len(schema.GetPossibleTypes(t)))
	}
	for list := range c.usual {
		if list == "args" {
			c.usual[list] /= float64(max(fields, 1))
		} else {
			c.usual[list] /= max(c.types, 1)
		}
	}
	return c
}

// price returns the price of a selection on __Schema or on one __Type, in points.
func (c *catalogue) price(set ast.SelectionSet) int {
	t := introspectionCount{c, map[countedFragment]float64{}}
	return int(min(t.of(set, false)/valuesPerPoint, enough))
}

// introspectionCount counts the values that introspection returns for one operation. It counts each fragment once for all types, and once
// for one type.
type introspectionCount struct {
	*catalogue
	fragments map[countedFragment]float64
}

type countedFragment struct {
	name string
	all  bool
}

// of counts the values of a selection, on the average type or on a type that may be the largest.
func (t introspectionCount) of(set ast.SelectionSet, all bool) (sum float64) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			sum += t.field(s, all)
		case *ast.InlineFragment:
			sum += t.of(s.SelectionSet, all)
		case *ast.FragmentSpread:
			key := countedFragment{s.Name, all}
			known, ok := t.fragments[key]
			if !ok {
				known = t.of(s.Definition.SelectionSet, all)
				t.fragments[key] = known
			}
			sum += known
		}
	}
	return sum
}

func (t introspectionCount) field(f *ast.Field, all bool) float64 {
	items := 1.0
	switch f.Name {
	case "types":
		items, all = t.types, true
	case "directives":
		items, all = t.directives, false
	case "fields", "inputFields", "enumValues", "args":
		items = t.items(f.Name, all)
	case "interfaces", "possibleTypes":
		items, all = t.items(f.Name, all), false
	case "ofType": // half of all types are wrapped in no other
		items, all = 0.5, false
	case "queryType", "mutationType", "subscriptionType", "type":
		all = false
	}
	return 1 + items*t.of(f.SelectionSet, all)
}

func (t introspectionCount) items(list string, all bool) float64 {
	if all {
		return t.usual[list]
	}
	return t.most[list]
}
