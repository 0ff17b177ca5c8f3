// Package plan is what the team plans: scenarios that are saved under a name, the plans of days, which are rehearsals stored before the day, and where the day stands against
// its plan.
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
