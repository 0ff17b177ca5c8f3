// Package plan is the verbs on what the team plans for a day.
package plan

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
