package wire

import "baogong/server/limit"

// Ending is why a WebSocket ends: the code that its peer gets, and the reason that is counted.
type Ending struct {
	Code   int
	Reason string
}

// Endings by faults of the peer's frames.
var (
	protocolError = Ending{1002, "protocol"}
	notUTF8       = Ending{1007, "protocol"}
	flood         = Ending{1008, "flood"} // too many idle frames
	TooBig        = Ending{1009, "protocol"}
	Slow          = Ending{1013, "slow"} // the peer takes nothing, or sends too slowly
)

// CloseError is a reason for the server to close the connection.
type CloseError struct {
	Ending
	Text string
}

// Error returns the reason.
func (f *CloseError) Error() string { return "server: " + f.Text }

// PeerClose is the peer's close frame; code 0 means that it had no code.
type PeerClose struct{ Code int }

// Error says that the peer closes.
func (*PeerClose) Error() string { return "server: the peer closes" }

func brokenFrame() error {
	return &CloseError{protocolError, "The frame breaks the WebSocket protocol."}
}

// Message is what one call of Receive read.
type Message struct {
	Text   []byte // nil after a control frame between two messages, and of a skipped message
	Binary bool
	Held   limit.Reservation // of memory for the text

	Skipped error   // the refusal of a message that was skipped; nil if it was not
	Skim    Skimmer // that got the text of a skipped message; nil if it was not text
}

// Skimmer gets the bytes of a message that is skipped, to find what a refusal must name.
type Skimmer interface{ Feed(text []byte) }
