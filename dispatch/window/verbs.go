// Package window is the verbs on packages and order windows: what suppliers sell, when they take orders for it, and what becomes of a
// window that has closed.
package window

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
