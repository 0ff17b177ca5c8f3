// Package estate is the verbs on the places of an estate: communities, buildings, units and households.
package estate

import "baogong/dispatch"

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }
