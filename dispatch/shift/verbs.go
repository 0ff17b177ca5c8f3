// Package shift is the verbs on shifts: who is planned, who comes, who is absent, and who goes.
package shift

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
