package live

import "errors"

// ErrSlow ends the stream of a reader that fell behind the ring. The transport does not show it to people: it closes the
// connection with 1013, a code on which clients reconnect. It does the same itself when a client reads nothing for too long.
var ErrSlow = errors.New("live: the reader is too slow")

// ErrStale ends the streams of a feed that this process could not read for Options.Stale. The transport closes with 1013, on
// which clients reconnect, perhaps to a replica that can read it.
var ErrStale = errors.New("live: the feed cannot be read")
