package server

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/live"
	"baogong/server/limit"
)

// counts are what the server has done since it began, and what it holds now. What every delivery counts are atomics,
// counted once for all that goes out in one write.
type counts struct {
	alone         atomic.Uint64 // subscriptions so far whose answers nobody shares
	subscriptions atomic.Int64  // open now
	executions    atomic.Int64  // answers of subscriptions made
	deliveries    atomic.Int64  // answers of subscriptions handed on

	commitToSocket, readToSocket live.Delays // of events, see live.Moment
	queries, mutations           live.Delays

	mu         sync.Mutex
	closes     map[Closing]int64
	operations map[Outcome]int64
}

// Closing is a way in which WebSockets, or event streams, end.
type Closing struct {
	Transport string // websocket or events
	Code      int    // of a WebSocket; 0 if there was no close frame, or one without a code
	Cause     string
}

// Outcome is how operations of one kind end.
type Outcome struct {
	Kind string // query, mutation or subscription; none for what was refused before it was read
	Code string // OK, that of the first error, or GONE if nobody waited any more
}

// The transports whose connections are counted.
const (
	overWebSocket = "websocket"
	overEvents    = "events"
)

// The outcomes that are no error's code.
const (
	codeOK   = "OK"
	codeGone = "GONE"
	noKind   = "none"
)

func (c *counts) closed(transport string, e ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = map[Closing]int64{}
	}
	c.closes[Closing{transport, e.code, e.cause}]++
}

func (c *counts) ended(kind, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations == nil {
		c.operations = map[Outcome]int64{}
	}
	c.operations[Outcome{kind, code}]++
}

// over counts how the operation ended, and ends its trace. Only the first call counts.
func (x *execution) over(code string) {
	if x.told {
		return
	}
	x.told = true
	took, counts := x.server.now().Sub(x.began), &x.server.counts
	switch x.op.Operation.Operation {
	case ast.Query:
		counts.queries.Add(1, took)
	case ast.Mutation:
		counts.mutations.Add(1, took)
	}
	counts.ended(string(x.op.Operation.Operation), code)
	if x.traced != nil {
		x.traced(code)
	}
}

// codeOf is the code of the first error, which is one of a fixed list.
func codeOf(errs gqlerror.List) string {
	if len(errs) == 0 {
		return codeOK
	}
	return fmt.Sprint(errs[0].Extensions["code"])
}

// GroupBounds are the least sizes of the classes in which Counts tells how large groups are.
var GroupBounds = [...]int{1, 2, 10, 100, 1000}

// Counts are what the server has done since it began, and what it holds now.
type Counts struct {
	WebSockets, EventStreams int
	Stuck                    int   // WebSockets that took only part of what they were sent
	Pushed, Rest             int64 // bytes that wait: frames not begun, and what stuck peers and streams have not taken
	Subscriptions            int64
	Groups                   [len(GroupBounds)]int // executions shared by at least so many subscriptions, and fewer than the next
	Executions, Deliveries   int64

	CommitToSocket, ReadToSocket live.DelayCounts // of events, see live.Moment
	Queries, Mutations           live.DelayCounts

	Limited    [len(limit.Names)]int64
	Closes     map[Closing]int64
	Operations map[Outcome]int64
}

// Counts reads the counts, with a short look at each connection and group.
func (s *Server) Counts() Counts {
	c := &s.counts
	out := Counts{Subscriptions: c.subscriptions.Load(), Executions: c.executions.Load(), Deliveries: c.deliveries.Load(),
		CommitToSocket: c.commitToSocket.Read(), ReadToSocket: c.readToSocket.Read(), Queries: c.queries.Read(), Mutations: c.mutations.Read(),
		Groups: s.groups.sizes(), Limited: s.refusals.Read()}
	c.mu.Lock()
	out.Closes, out.Operations = maps.Clone(c.closes), maps.Clone(c.operations)
	c.mu.Unlock()
	for _, m := range s.streams.present() {
		switch m := m.(type) {
		case *socket:
			out.WebSockets++
			pushed, rest, isStuck := m.out.waiting()
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

// sizes counts the groups by the class of their size.
func (gs *groups) sizes() (classes [len(GroupBounds)]int) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	for _, g := range gs.by {
		class := 0
		for class+1 < len(GroupBounds) && int(g.size.Load()) >= GroupBounds[class+1] {
			class++
		}
		classes[class]++
	}
	return classes
}
