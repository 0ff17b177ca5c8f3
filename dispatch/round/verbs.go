// Package round is the verbs on door rounds: what a volunteer takes up the stairs, hands over at the doors and brings back, and what
// the households say of it.
package round

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
