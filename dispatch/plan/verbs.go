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
	Turn  chan struct{} // of capacity one: one rehearsal of a plan at a time
	Asked chan struct{} // of capacity one: one rehearsal that a caller waits for at a time
	Off   bool          // the clock plans no days

	looks looks
	timed sync.Map // *timed, by community
}
