// Package contact is the verbs that reveal the names and phones of households, the daily allowances of reveals, and their counts.
package contact

import (
	"context"

	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct {
	*dispatch.Engine

	// Unusual, if set, is called after the transaction for an unusual number of reveals, once per actor and day.
	Unusual func(context.Context, UnusualReveals)

	watch revealMonitor
}
