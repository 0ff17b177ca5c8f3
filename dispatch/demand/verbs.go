// Package demand counts what households order each day, and forecasts the next.
package demand

import "baogong/dispatch"

// Verbs are the jobs of the area, which has no mutations.
type Verbs struct{ *dispatch.Engine }
