// Package scalar marshals the schema's scalars for which gqlgen's own types do not fit.
package scalar

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

// MarshalDateTime writes an instant in UTC, or null for the zero time.
func MarshalDateTime(t time.Time) graphql.Marshaler { return graphql.MarshalTime(t.UTC()) }

// UnmarshalDateTime parses an instant with delivery.ParseTime. It fails with TIME_FORM.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, delivery.NotTime(v)
	}
	return delivery.ParseTime(s)
}
