package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// operation is one subscribe message being answered. A query or mutation has a goroutine that ends with it. A
// subscription has none: the connection's writer takes its answers.
type operation struct {
	socket *socket   // begins with the outbox, where an answer goes next
	slot   wire.Slot // there; its source is the operation

	over   atomic.Bool         // no more messages are sent for it
	quoted []byte              // id as JSON; never changes, as id
	sub    answer.Subscription // has locks of its own, once it is open
	id     string

	// Guarded by the socket's mu:
	open   bool               // sub is: so it is a subscription, and begun
	owed   bool               // a drain waits for it
	freed  bool               // its id may be used again
	cancel context.CancelFunc // nil once nothing waits any more
}

// Wake reports to the connection's writer that the subscription may have answers.
func (op *operation) Wake() { op.socket.conn.Wake(&op.slot) }

// reasonTooManyStreams refuses one more subscription on a connection.
var reasonTooManyStreams = delivery.NewReason("TOO_MANY_STREAMS", delivery.CodeRateLimited,
	"At most %d subscriptions are allowed on one connection.",
	"每个连接最多 %d 个订阅。")

// subscribe starts an operation. The operation takes over held until a query or mutation is answered or a subscription is
// open. Operations above the limit are refused one by one; an id in use closes the connection.
func (c *socket) subscribe(id string, params *answer.Request, held *limit.Reservation) {
	params.Locale = c.locale
	quoted, _ := json.Marshal(id) // strings cannot fail
	op := &operation{socket: c, id: id, quoted: quoted, owed: true}
	op.slot.Filler = op

	c.mu.Lock()
	if c.draining {
		c.mu.Unlock()
		return // the close that follows makes the client ask again elsewhere
	}
	used := c.operation(id) != nil
	full := c.count >= c.server.opt.Limits.SubscriptionsPerSocket
	var ctx context.Context
	if !used && !full {
		ctx, op.cancel = context.WithCancel(c.ctx)
		c.ops = append(c.ops, op)
		c.count++
		c.owed++
	}
	c.mu.Unlock()

	switch {
	case used:
		c.close(closeDuplicate, "Subscriber for "+id+" already exists")
	case full:
		refusal := delivery.Refuse(reasonTooManyStreams, c.server.opt.Limits.SubscriptionsPerSocket)
		_ = c.conn.Push(c.ctx, func(buffer []byte) []byte { return op.errors(buffer, c.server.answers.Present(c.ctx, refusal)) })
	default:
		keep := held.Take()
		c.running.Go(func() {
			defer keep.Release()
			c.run(ctx, op, params)
		})
	}
}

// decline refuses an operation whose message was skipped. An id in use closes the connection, as in subscribe.
func (c *socket) decline(id string, errs gqlerror.List) {
	c.mu.Lock()
	used := c.operation(id) != nil
	c.mu.Unlock()
	if used {
		c.close(closeDuplicate, "Subscriber for "+id+" already exists")
		return
	}
	quoted, _ := json.Marshal(id) // strings cannot fail
	op := &operation{socket: c, id: id, quoted: quoted}
	c.server.answers.Refused(answer.CodeOf(errs))
	_ = c.conn.Push(c.ctx, func(buffer []byte) []byte { return op.errors(buffer, errs) })
}

// forget ends an operation that the client completed. It reports false if no operation has the id, for instance because the
// server's complete crossed the client's.
func (c *socket) forget(id string) bool {
	c.mu.Lock()
	op := c.operation(id)
	var subscribed bool
	if op != nil {
		if subscribed = op.open; op.cancel != nil {
			op.cancel()
		}
	}
	c.mu.Unlock()
	if op == nil {
		return false
	}
	if c.free(op); subscribed {
		c.ended(op)
	}
	return true
}

// run answers a query or mutation, or opens a subscription.
func (c *socket) run(ctx context.Context, op *operation, params *answer.Request) {
	defer func() {
		if p := recover(); p != nil {
			c.refuse(ctx, op, c.server.answers.Present(ctx, c.server.answers.Recover(ctx, p)))
			c.ended(op)
		}
	}()
	x, errs := c.server.answers.Start(ctx, c.client, params)
	if len(errs) == 0 {
		defer x.Close()
		if x.Streams() {
			c.settle(op)
			if errs = c.follow(op, x); errs == nil {
				return
			}
		} else {
			errs = c.once(ctx, op, x)
		}
	}
	if len(errs) > 0 {
		c.refuse(ctx, op, errs)
	}
	c.ended(op)
}

// once answers a query or mutation. It fails with the errors to show.
func (c *socket) once(ctx context.Context, op *operation, x *answer.Execution) gqlerror.List {
	if a := x.Answer(); a != nil {
		if c.conn.Push(ctx, func(buffer []byte) []byte { return op.next(buffer, a.JSON, nil) }) == nil {
			c.last(ctx, op, op.complete)
		}
		return nil
	}
	errs, _ := errors.AsType[gqlerror.List](x.End())
	return errs
}

// follow opens a subscription, whose answers the connection's writer takes from then on. It fails with the errors to
// show.
func (c *socket) follow(op *operation, x *answer.Execution) gqlerror.List {
	if errs := x.Open(&op.sub); errs != nil {
		return errs
	}
	c.mu.Lock()
	gone := op.freed || c.parted // completed by the client meanwhile, or with the connection
	if !gone {
		op.cancel()
		op.open, op.cancel = true, nil
		c.server.counters.subscriptions.Add(1)
	}
	c.mu.Unlock()
	if gone {
		op.sub.Close()
		c.ended(op)
		return nil
	}
	op.sub.Listen(op)
	return nil
}

// Fill appends the frames of the answers that are ready, up to enough for one write, and reports whether there may be
// more. Only the connection's writer may call it.
func (op *operation) Fill(b *wire.Batch) (more bool) {
	defer func() {
		if p := recover(); p != nil {
			c := op.socket
			errs := c.server.answers.Present(c.ctx, c.server.answers.Recover(c.ctx, p))
			b.Frames, more = op.finish(b.Frames, errs), false
		}
	}()
	sub := &op.sub
	r, ok := b.Memo.(*answer.LastAnswer)
	if !ok {
		r = new(answer.LastAnswer)
		b.Memo = r
	}
	for b.Room() && !op.over.Load() {
		a, t := sub.Next(r)
		b.Slow += r.Spent()
		switch {
		case a != nil && a.Refuse != nil:
			b.Frames = op.finish(b.Frames, a.Refuse)
			return false
		case a != nil:
			b.Frames = op.next(b.Frames, a.JSON, sub.First())
			if b.Answered(t.Since); t.Last {
				return false
			}
		case t.Step == live.Over:
			b.Frames = op.end(b.Frames, t.Err)
			return false
		default:
			return false
		}
	}
	return !op.over.Load()
}

// end returns why a subscription is over.
func (op *operation) end(buffer []byte, err error) []byte {
	c := op.socket
	switch err = live.ClientError(op.socket.server.opt.Log, err); {
	case errors.Is(err, live.ErrSlow):
		c.close(wire.Slow, tooSlow)
		return buffer
	case errors.Is(err, live.ErrStale):
		c.close(closeUnavailable, tooStale)
		return buffer
	case err != nil:
		return op.finish(buffer, c.server.answers.Present(c.ctx, err))
	}
	return op.finish(buffer, nil)
}

// finish ends a subscription and appends its last message. It appends nothing if the client has completed the
// subscription, since another one may have the id by now.
func (op *operation) finish(buffer []byte, errs gqlerror.List) []byte {
	switch first := op.socket.ended(op); {
	case !first:
		return buffer
	case errs != nil:
		return op.errors(buffer, errs)
	}
	return op.complete(buffer)
}

const (
	tooSlow  = "Too slow to keep up; reconnect and go on."
	tooStale = "Events cannot be read here; reconnect and go on."
)

// The parts of a message, between which the id and the payload stand.
var (
	messageID       = []byte(`{"id":`)
	messageNext     = []byte(`,"type":"next","payload":`)
	messageError    = []byte(`,"type":"error","payload":`)
	messageComplete = []byte(`,"type":"complete"`)
	messageAside    = []byte(`,"extensions":`)
	messageEnd      = []byte(`}`)
)

// next appends an answer; aside, if not nil, are extensions for an answer that has none.
func (op *operation) next(buffer, answer, aside []byte) []byte {
	if aside == nil {
		return wire.AppendText(buffer, messageID, op.quoted, messageNext, answer, messageEnd)
	}
	return wire.AppendText(buffer, messageID, op.quoted, messageNext, answer[:len(answer)-1], messageAside, aside, messageEnd, messageEnd)
}

func (op *operation) errors(buffer []byte, errs gqlerror.List) []byte {
	return wire.AppendText(buffer, messageID, op.quoted, messageError, answer.EncodeList(errs), messageEnd)
}

func (op *operation) complete(buffer []byte) []byte {
	return wire.AppendText(buffer, messageID, op.quoted, messageComplete, messageEnd)
}

// last queues the last message of a query or mutation. It frees the id first, because the client may reuse it at once.
func (c *socket) last(ctx context.Context, op *operation, message func(buffer []byte) []byte) {
	c.free(op)
	_ = c.conn.Push(ctx, message)
}

// refuse ends an operation with errors.
func (c *socket) refuse(ctx context.Context, op *operation, errs gqlerror.List) {
	c.last(ctx, op, func(buffer []byte) []byte { return op.errors(buffer, errs) })
}

// operation returns the operation with the id, or nil. Must hold mu.
func (c *socket) operation(id string) *operation {
	for _, op := range c.ops {
		if op.id == id {
			return op
		}
	}
	return nil
}

// settle stops a drain from waiting for an operation, and closes the socket if it was the last.
func (c *socket) settle(op *operation) {
	c.mu.Lock()
	if op.owed {
		op.owed = false
		c.owed--
	}
	last := c.draining && c.owed == 0
	c.mu.Unlock()
	if last {
		c.restart()
	}
}

// free lets the operation's id be used again.
func (c *socket) free(op *operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	op.freed = true
	c.ops = slices.DeleteFunc(c.ops, func(o *operation) bool { return o == op })
}

// ended gives back what an operation held. Only the first call counts, and reports true.
func (c *socket) ended(op *operation) bool {
	c.free(op)
	c.settle(op)
	if op.over.Swap(true) {
		return false
	}
	c.mu.Lock()
	c.count--
	open := op.open
	if op.cancel != nil {
		op.cancel()
		op.cancel = nil
	}
	c.mu.Unlock()
	if open {
		op.sub.Close()
		c.server.counters.subscriptions.Add(-1)
	}
	return true
}

// short cuts a close reason to the 123 bytes that a close frame has room for.
func short(reason string) string {
	return answer.Cut(reason, 123)
}
