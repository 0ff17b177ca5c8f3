// Package task is the verbs on the tasks of squads: leads create them, and the squad ends them.
package task

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
