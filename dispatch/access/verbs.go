// Package access is the verbs on codes and sign-ins: invitations, household cards, links to orders, tokens, and the accounts of
// officials.
package access

import (
	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct {
	*dispatch.Engine
	guesses guesses
}
