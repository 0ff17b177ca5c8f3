// Package purge removes the personal data of communities whose closure ended long ago.
package purge

import "baogong/dispatch"

// Verbs are what the command of the area does. It has no mutation.
type Verbs struct{ *dispatch.Engine }
