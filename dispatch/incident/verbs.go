// Package incident is the verbs on incidents, and what the clock does with them.
package incident

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct {
	*dispatch.Engine
	looked   sync.Map // by community: when the clock last looked for buildings that are not covered (business time)
	measured sync.Map // by community: when it last looked for what is late (business time)
}
