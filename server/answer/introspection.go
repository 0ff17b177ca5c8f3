package answer

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
)

// kindsWith names, for each list field of __Type, the kinds of types that have it. For other kinds the specification requires
// null, where gqlgen returns an empty list.
var kindsWith = map[string][]string{
	"fields":        {"OBJECT", "INTERFACE"},
	"interfaces":    {"OBJECT", "INTERFACE"},
	"possibleTypes": {"INTERFACE", "UNION"},
	"enumValues":    {"ENUM"},
	"inputFields":   {"INPUT_OBJECT"},
}

// deferred is a directive that the parser knows and this server does not support.
const deferred = "defer"

// introspected corrects introspection fields to the specification. It wraps only the fields of operations that introspect.
func introspected(next graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, resolve graphql.Resolver) (any, error) {
		value, err := next(ctx, resolve)
		at := graphql.GetFieldContext(ctx)
		switch {
		case err != nil:
		case at.Object == "__Schema" && at.Field.Name == "directives":
			if all, ok := value.([]introspection.Directive); ok {
				value = slices.DeleteFunc(slices.Clone(all), func(d introspection.Directive) bool { return d.Name == deferred })
			}
		case at.Object == "__Type" && kindsWith[at.Field.Name] != nil && at.Parent != nil:
			if of, ok := at.Parent.Result.(*introspection.Type); ok && !slices.Contains(kindsWith[at.Field.Name], of.Kind()) {
				return nil, nil
			}
		}
		return value, err
	}
}
