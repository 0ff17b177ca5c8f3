package live

import "errors"

// ErrSlow ends the stream of a reader whom the ring has passed. It is not for people: the transport closes the
// connection with a code on which clients come back (1013), as it does by itself when a peer takes nothing for too long.
var ErrSlow = errors.New("live: the reader is too slow")
