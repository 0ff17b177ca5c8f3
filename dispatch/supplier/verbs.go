// Package supplier is the verbs on suppliers.
package supplier

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
