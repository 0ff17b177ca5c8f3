package server

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
)

// kindsWith are the kinds of types that have a list of __Type; for others the specification wants null, and gqlgen gives
// an empty list.
var kindsWith = map[string][]string{
	"fields":        {"OBJECT", "INTERFACE"},
	"interfaces":    {"OBJECT", "INTERFACE"},
	"possibleTypes": {"INTERFACE", "UNION"},
	"enumValues":    {"ENUM"},
	"inputFields":   {"INPUT_OBJECT"},
}

// deferred is the directive that the parser knows and this server does not carry out.
const deferred = "defer"

// introspected answers fields of introspection as the specification says. It is put around the fields of an operation that
// introspects, and of no other.
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
