package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// ask is one question to a child, and answer what comes back: a line of JSON each. Which fields matter depends on Do.
type ask struct {
	Do string `json:"do"`

	// open: sockets to open, beside those that are.
	URL     string `json:"url,omitempty"`
	Query   string `json:"query,omitempty"` // empty: a bare socket, without the protocol
	Peers   []peer `json:"peers,omitempty"`
	Follow  bool   `json:"follow,omitempty"`  // look at every order's version: whether one is missing or comes twice
	Instant bool   `json:"instant,omitempty"` // keep when each event came

	// await: until so many deliveries have come in all; warm: until each socket has had one.
	Count  int64         `json:"count,omitempty"`
	Within time.Duration `json:"within,omitempty"`

	// send: frames to every bare socket.
	Payload []byte `json:"payload,omitempty"`
	Burst   int    `json:"burst,omitempty"`
}

// peer is sockets of one actor with one subscription.
type peer struct {
	Actor     string          `json:"actor,omitempty"`
	Query     string          `json:"query,omitempty"` // empty: the question's
	Variables json.RawMessage `json:"variables,omitempty"`
	Sockets   int             `json:"sockets"`
}

type answer struct {
	Error   string        `json:"error,omitempty"`
	Count   int64         `json:"count,omitempty"`   // deliveries so far, or sockets
	Cold    int64         `json:"cold,omitempty"`    // sockets that have had none
	Sample  []byte        `json:"sample,omitempty"`  // the last frame's payload
	Arrived []arrival     `json:"arrived,omitempty"` // since the last time
	Tallies []socketTally `json:"tallies,omitempty"` // by socket
}

// arrival is one event at one socket.
type arrival struct {
	Order   string `json:"o"`
	Version int64  `json:"v"`
	At      int64  `json:"t"` // Unix time in ns
}

// socketTally is the deliveries of one socket.
type socketTally struct {
	Got   int64 `json:"got"`
	Lost  int64 `json:"lost,omitempty"`  // versions of orders that were passed over
	Twice int64 `json:"twice,omitempty"` // or came again
}

// talk answers the questions that come from in, one after the other, until in ends or ctx does.
func talk(ctx context.Context, in io.Reader, out io.Writer, reply func(context.Context, ask) (answer, error)) error {
	questions := make(chan ask)
	broken := make(chan error, 1)
	go func() { // ends with the process: reading cannot be interrupted
		d := json.NewDecoder(bufio.NewReaderSize(in, 64<<10))
		for {
			var q ask
			if err := d.Decode(&q); err != nil {
				broken <- err
				return
			}
			select {
			case questions <- q:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case q := <-questions:
			a, err := reply(ctx, q)
			if err != nil {
				a = answer{Error: err.Error()}
			}
			if err := json.NewEncoder(out).Encode(a); err != nil {
				return fmt.Errorf("answer: %w", err)
			}
		case err := <-broken:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read a question: %w", err)
		case <-ctx.Done():
			return nil
		}
	}
}
