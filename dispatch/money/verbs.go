// Package money is the verbs on the purses of orders: what volunteers pay and collect on the households' behalf.
package money

import (
	"sync"

	"baogong/dispatch"
)

// Verbs are the mutations of the area and its clock job.
type Verbs struct {
	*dispatch.Engine
	measured sync.Map // business time at which the clock last looked, by community
}
