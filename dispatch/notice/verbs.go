// Package notice is the verbs on notices: what the team publishes, and which households have seen it or were told.
package notice

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
