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

// serverCounters holds the numbers of ended connections and of open subscriptions.
type serverCounters struct {
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

func (c *serverCounters) closed(transport string, e wire.Ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = map[Closing]int64{}
	}
	c.closes[Closing{transport, e.Code, e.Reason}]++
}

// Stats holds totals since the start, and present amounts.
type Stats struct {
	answer.ExecutorStats

	WebSockets, EventStreams int
	Stuck                    int   // WebSockets that took only part of what they were sent
	Pushed, Rest             int64 // bytes that wait: frames not begun, and the rest of frames to stuck peers and streams
	Subscriptions            int64
	Deliveries               int64 // answers of subscriptions taken for writing

	CommitToSocket, ReadToSocket live.DelayCounts // of events, see live.Moment

	Limited [len(limit.Names)]int64
	Closes  map[Closing]int64
}

// Stats reads the counts, with a short look at each connection and group.
func (s *Server) Stats() Stats {
	c := &s.counters
	out := Stats{ExecutorStats: s.answers.Stats(), Subscriptions: c.subscriptions.Load(), Deliveries: s.deliveries.Deliveries.Load(),
		CommitToSocket: s.deliveries.CommitToSocket.Read(), ReadToSocket: s.deliveries.ReadToSocket.Read(), Limited: s.refusals.Read()}
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
		case *eventStream:
			out.EventStreams++
			out.Rest += m.waiting.Load()
		}
	}
	return out
}
