// Package demand counts what households order each day, and forecasts the next.
package demand

import "baogong/dispatch"

// Verbs are the work of the area: it has no mutations.
type Verbs struct{ *dispatch.Engine }
