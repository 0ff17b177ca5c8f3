package server

import (
	"maps"
	"sync"
	"sync/atomic"

	"baogong/live"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// counts holds the numbers of ended connections and of open subscriptions.
type counts struct {
	subscriptions atomic.Int64 // open now

	mu     sync.Mutex
	closes map[Closing]int64
}

// Closing is a way in which WebSockets, or event streams, end.
type Closing struct {
	Transport string // websocket or events
	Code      int    // of a WebSocket; 0 if there was no close frame, or one without a code
	Reason    string // as in the metric's label
}

// The transports whose connections are counted.
const (
	overWebSocket = "websocket"
	overEvents    = "events"
)

func (c *counts) closed(transport string, e wire.Ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = map[Closing]int64{}
	}
	c.closes[Closing{transport, e.Code, e.Cause}]++
}

// Counts holds totals since the start, and present amounts.
type Counts struct {
	answer.Counts

	WebSockets, EventStreams int
	Stuck                    int   // WebSockets that took only part of what they were sent
	Pushed, Rest             int64 // bytes that wait: frames not begun, and the rest of frames to stuck peers and streams
	Subscriptions            int64
	Deliveries               int64 // answers of subscriptions handed on

	CommitToSocket, ReadToSocket live.DelayCounts // of events, see live.Moment

	Limited [len(limit.Names)]int64
	Closes  map[Closing]int64
}

// Counts reads the counts, with a short look at each connection and group.
func (s *Server) Counts() Counts {
	c := &s.counts
	out := Counts{Counts: s.answers.Counts(), Subscriptions: c.subscriptions.Load(), Deliveries: s.written.Deliveries.Load(),
		CommitToSocket: s.written.CommitToSocket.Read(), ReadToSocket: s.written.ReadToSocket.Read(), Limited: s.refusals.Read()}
	c.mu.Lock()
	out.Closes = maps.Clone(c.closes)
	c.mu.Unlock()
	for _, m := range s.streams.present() {
		switch m := m.(type) {
		case *socket:
			out.WebSockets++
			pushed, rest, isStuck := m.conn.Waiting()
			if out.Pushed, out.Rest = out.Pushed+int64(pushed), out.Rest+int64(rest); isStuck {
				out.Stuck++
			}
		case *events:
			out.EventStreams++
			out.Rest += m.waiting.Load()
		}
	}
	return out
}
