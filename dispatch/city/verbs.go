// Package city releases the numbers of communities that the city may see, and stores those of each day.
package city

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the work of the area: it has no mutations.
type Verbs struct {
	*dispatch.Engine
	read   sync.Map // of reading, by community
	stored sync.Map // the day before which the days of a community are stored, by community
}
