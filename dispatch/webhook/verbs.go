// Package webhook is the verbs on endpoints that get the events of a community, and what the sender saves.
package webhook

import "baogong/dispatch"

// Verbs are the mutations of the area, and the transactions of the sender.
type Verbs struct {
	*dispatch.Engine
	PrivateTargets bool // events may be sent to private addresses, and over http
}
