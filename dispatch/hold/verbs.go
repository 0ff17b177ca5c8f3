// Package hold is the verbs on holds, and the end of holds that are due.
package hold

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct {
	*dispatch.Engine
	late sync.Map // communities whose due holds did not fit into one transaction last time
}
