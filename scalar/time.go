// Package scalar reads and writes the contract's scalars that gqlgen's own types do not fit.
package scalar

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

// MarshalDateTime writes an instant, null for none.
func MarshalDateTime(t time.Time) graphql.Marshaler { return graphql.MarshalTime(t) }

// UnmarshalDateTime reads an instant as delivery.ParseTime does. It fails with TIME_FORM.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, delivery.NotTime(v)
	}
	return delivery.ParseTime(s)
}
