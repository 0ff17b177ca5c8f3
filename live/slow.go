package live

import "errors"

// ErrSlow ends the stream of a reader that has taken nothing for too long or that the ring has passed. It is
// not for people: the transport closes the connection with a code on which clients come back (1013).
var ErrSlow = errors.New("live: the reader is too slow")
