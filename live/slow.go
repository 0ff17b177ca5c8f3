package live

import "errors"

// ErrSlow ends the stream of a reader whom the ring has passed. It is not for people: the transport closes the
// connection with a code on which clients come back (1013), as it does by itself when a peer takes nothing for too long.
var ErrSlow = errors.New("live: the reader is too slow")

// ErrStale ends the streams of a feed that this process could not read for Options.Stale. The transport closes with 1013, on
// which clients reconnect, perhaps to a replica that can read it.
var ErrStale = errors.New("live: the feed cannot be read")
