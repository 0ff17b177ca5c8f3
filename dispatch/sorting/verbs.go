// Package sorting is the verbs on bins, and on the orders that are put into them.
package sorting

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
