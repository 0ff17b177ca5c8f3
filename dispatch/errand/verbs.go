// Package errand is the verbs on errands: their answers, and the documents that volunteers carry for households.
package errand

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
