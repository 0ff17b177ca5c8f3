// Package team is the verbs on volunteers and what they serve.
package team

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
