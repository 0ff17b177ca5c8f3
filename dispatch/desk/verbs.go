// Package desk is the verbs of the phone desk: the enquiries of residents, who takes them and how they end, and the welfare calls that the
// clock puts into the queue.
package desk

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
