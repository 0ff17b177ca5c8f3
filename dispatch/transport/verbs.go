// Package transport is the verbs on runs: what a cart carries from the gate to the buildings, and where it leaves it.
package transport

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
