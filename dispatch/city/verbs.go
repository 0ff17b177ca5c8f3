// Package city releases the numbers of communities that the city may see.
package city

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the work of the area: it has no mutations.
type Verbs struct {
	*dispatch.Engine
	read sync.Map // of reading, by community
}
