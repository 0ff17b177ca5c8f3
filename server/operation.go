package server

import (
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
)

// operation is one subscribe message being answered.
type operation struct {
	id     string
	quoted []byte // id as JSON
	ctx    context.Context
	cancel context.CancelFunc
	owed   bool // a drain waits for it; guarded by the socket's mu
}

// subscribe starts an operation. Too many at once are refused one by one; an id in use closes the connection.
func (c *socket) subscribe(m message) {
	params, err := decode(m.Payload)
	if err != nil {
		c.close(closeBadMessage, "The subscribe payload is malformed.")
		return
	}
	quoted, _ := json.Marshal(m.ID) // strings cannot fail
	op := &operation{id: m.ID, quoted: quoted, owed: true}

	c.mu.Lock()
	if c.draining {
		c.mu.Unlock()
		return // the close that follows makes the client ask again elsewhere
	}
	_, used := c.ops[m.ID]
	full := c.count >= c.server.opt.Limits.SubscriptionsPerSocket
	if !used && !full {
		op.ctx, op.cancel = context.WithCancel(c.ctx)
		c.ops[m.ID] = op
		c.count++
		c.owed++
	}
	c.mu.Unlock()

	switch {
	case used:
		c.close(closeDuplicate, "Subscriber for "+m.ID+" already exists")
	case full:
		refusal := delivery.Refuse(delivery.ReasonTooManyStreams, c.server.opt.Limits.SubscriptionsPerSocket)
		c.tell(c.ctx, op, "error", encodeList(c.server.present(c.ctx, refusal)))
	default:
		c.running.Go(func() { c.run(op, params) })
	}
}

// forget ends an operation that the client has completed; unknown ids have crossed our own complete.
func (c *socket) forget(id string) {
	c.mu.Lock()
	op := c.ops[id]
	delete(c.ops, id)
	c.mu.Unlock()
	if op != nil {
		op.cancel()
	}
}

// run answers one operation. It asks for the next answer only when the outbox had room for the last, so a slow
// peer slows its own streams and nothing else.
func (c *socket) run(op *operation, params *request) {
	defer c.ended(op)
	defer func() {
		if p := recover(); p != nil {
			c.last(op, "error", encodeList(c.server.present(op.ctx, c.server.opt.Recover(op.ctx, p))))
		}
	}()
	var x *execution
	var errs gqlerror.List
	if wait := c.server.knock(c.who.address); wait > 0 {
		errs = c.server.tooFast(op.ctx, wait)
	} else {
		x, errs = c.server.start(op.ctx, c.who, params)
	}
	if len(errs) > 0 {
		c.last(op, "error", encodeList(errs))
		return
	}
	defer x.close()
	if x.stream() {
		c.settle(op)
	}
	for a := x.next(); a != nil; a = x.next() {
		if a.refuse != nil && x.stream() {
			c.last(op, "error", encodeList(a.refuse))
			return
		}
		if c.tell(op.ctx, op, "next", a.json) != nil {
			return
		}
	}
	err := x.end()
	if errs, ok := errors.AsType[gqlerror.List](err); ok {
		c.last(op, "error", encodeList(errs))
		return
	}
	switch {
	case errors.Is(err, live.ErrSlow):
		c.close(closeTryLater, "Too slow to keep up; reconnect and go on.")
	case err == nil:
		c.last(op, "complete", nil)
	}
}

// tell sends one message of an operation.
func (c *socket) tell(ctx context.Context, op *operation, kind string, payload []byte) error {
	head := []byte(`,"type":"` + kind + `"`)
	if payload == nil {
		return c.out.push(ctx, frameText, []byte(`{"id":`), op.quoted, head, []byte(`}`))
	}
	return c.out.push(ctx, frameText, []byte(`{"id":`), op.quoted, head, []byte(`,"payload":`), payload, []byte(`}`))
}

// last sends an operation's last message. The id is free before that, because the client may use it at once.
func (c *socket) last(op *operation, kind string, payload []byte) {
	c.free(op)
	_ = c.tell(op.ctx, op, kind, payload)
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
	if c.ops[op.id] == op {
		delete(c.ops, op.id)
	}
}

func (c *socket) ended(op *operation) {
	c.free(op)
	c.settle(op)
	c.mu.Lock()
	c.count--
	c.mu.Unlock()
	op.cancel()
}

// short cuts a close reason to the 123 bytes that a close frame has room for.
func short(reason string) string {
	return cutAt(reason, 123)
}

// cutAt cuts a text to so many bytes, between two characters.
func cutAt(text string, room int) string {
	if len(text) <= room {
		return text
	}
	cut := room - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// encodeList is the payload of an error message.
func encodeList(errs gqlerror.List) []byte {
	encoded, err := json.Marshal(errs)
	if err != nil {
		return []byte(`[` + internalError + `]`)
	}
	return encoded
}
