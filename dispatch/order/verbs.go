// Package order is the verbs on orders: placing, moving, cancelling, and taking a move back.
package order

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
