// Package plan keeps what the team plans: scenarios that are saved under a name, and the plan of each day, which is a rehearsal that is stored before the day begins. Its clock job
// compares the day with its plan.
package plan

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the mutations of the area and its clock job.
type Verbs struct {
	*dispatch.Engine
	looked sync.Map   // business time at which the clock last looked, by community
	timed  sync.Map   // *timed, by community
	turn   sync.Mutex // one rehearsal at a time
}
