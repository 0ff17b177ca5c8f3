package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"baogong/delivery"
)

// socket is one WebSocket that speaks graphql-transport-ws. gorilla reads the frames; the outbox writes them. While the
// peer is silent the socket is one parked goroutine of the smallest size; what the peer sends is handled on another one,
// which ends when there is nothing more to read.
type socket struct {
	out        outbox
	server     *Server
	ws         *websocket.Conn
	input      *bufio.Reader // what gorilla reads from
	credential string        // of the handshake, for clients that send none in connection_init
	running    sync.WaitGroup

	// Of the goroutine that reads:
	ctx      context.Context // carries the actor once admitted; never ends
	locale   delivery.Locale
	admitted bool
	who      caller // the account once admitted, and not changed after that
	waiting  bool   // counts among those of its address that are not acknowledged

	vitals

	mu       sync.Mutex
	draining bool
	parted   bool         // no operation is begun any more
	ops      []*operation // whose id is in use
	count    int          // operations that are not over
	owed     int          // of those, the ones a drain lets finish
}

// begin sets the socket up and has it read.
func (c *socket) begin() {
	c.ws.SetReadLimit(c.server.opt.Limits.ReadLimit)
	c.ws.SetPongHandler(func(string) error { c.heard(c.server.now()); return nil })
	c.ws.SetPingHandler(func(data string) error { c.pong([]byte(data)); return nil })
	c.ws.SetCloseHandler(func(int, string) error { return nil }) // part answers
	go c.serve()
}

// serve reads until there is nothing more to read, and parks, or until the connection is over.
func (c *socket) serve() {
	err := c.read()
	if err == nil {
		go c.park()
		return
	}
	c.part(err)
	c.leave()
	c.server.streams.leave(c)
}

// park waits until the peer sends something. It must stay small: there is one for each socket.
func (c *socket) park() {
	_ = c.out.raw.Read(readable) // whatever it fails with, reading will too
	go c.serve()
}

// read handles messages until there is none in sight. It fails when reading does, which is soon after a close frame was
// written.
func (c *socket) read() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.server.present(c.ctx, c.server.opt.Recover(c.ctx, p))
			c.close(closeUnavailable, "Something went wrong.")
			err = errors.New("panic") // part then lets the peer read the close frame
		}
	}()
	for {
		if c.control() {
			if c.rests() {
				return nil
			}
			continue
		}
		kind, text, err := c.ws.ReadMessage()
		if err != nil {
			return err
		}
		c.heard(c.server.now())
		switch {
		case c.out.closed(): // until the peer answers our close frame
		case kind != websocket.TextMessage:
			c.close(closeBadMessage, "Messages must be text.")
		default:
			if m, wrong := parseMessage(text); wrong != "" {
				c.close(closeBadMessage, wrong)
			} else {
				c.handle(m)
			}
		}
		if c.rests() {
			return nil
		}
	}
}

// rests reports that the socket can park: nothing is left to read.
func (c *socket) rests() bool { return c.input.Buffered() == 0 && c.out.raw != nil }

func (c *socket) handle(m message) {
	switch m.Type {
	case "connection_init":
		c.greet(m)
	case "ping":
		if len(m.Payload) == 0 {
			c.say([]byte(`{"type":"pong"}`))
			return
		}
		c.say([]byte(`{"type":"pong","payload":`), m.Payload, []byte(`}`))
	case "subscribe":
		params, err := decode(m.Payload)
		switch {
		case err != nil:
			c.close(closeBadMessage, "The subscribe payload is malformed.")
		case !c.admitted:
			c.close(closeUnauthorized, "Unauthorized")
		default:
			c.subscribe(m.ID, params)
		}
	case "complete":
		c.forget(m.ID)
	}
}

// say sends one message. If it cannot the connection is over, and the reader learns of that by itself.
func (c *socket) say(parts ...[]byte) {
	_ = c.out.push(c.ctx, func(buffer []byte) []byte { return appendFrame(buffer, frameText, parts...) })
}

// greet answers connection_init.
func (c *socket) greet(m message) {
	if c.greeted.Swap(true) {
		c.close(closeSecondInit, "Too many initialisation requests")
		return
	}
	credential, locale, err := parseGreeting(m.Payload, c.credential, c.locale)
	if err != nil {
		c.close(closeBadMessage, "The connection_init payload is malformed.")
		return
	}
	c.credential, c.locale = "", locale
	if wait := c.server.knock(c.who.address); wait > 0 {
		c.close(closeCrowded, c.server.tooFast(c.server.opt.WithLocale(c.ctx, locale), wait)[0].Message)
		return
	}
	within, cancel := context.WithTimeout(c.ctx, c.server.opt.Limits.RequestTimeout)
	defer cancel()
	_, session, err := c.server.admit(within, credential, locale)
	if err != nil {
		shown := c.server.present(c.server.opt.WithLocale(c.ctx, locale), err)[0].Message
		switch delivery.CodeOf(err) {
		case delivery.CodeUnauthenticated, delivery.CodeForbidden:
			c.close(closeBadCredential, shown)
		default:
			c.close(closeUnavailable, shown)
		}
		return
	}
	c.ctx = c.server.opt.WithActor(c.server.opt.WithLocale(context.WithValue(c.ctx, leaseKey{}, c), locale), session.Actor)
	if !c.server.byAccount.take(session.Account) {
		c.server.counts.limited[limitSockets].Add(1)
		refusal := delivery.Refuse(delivery.ReasonTooManyYours, c.server.byAccount.limit)
		c.close(closeCrowded, c.server.present(c.server.opt.WithLocale(c.ctx, locale), refusal)[0].Message)
		return
	}
	c.admitted, c.who.account = true, session.Account
	c.acknowledge()
	if !session.Expires.IsZero() {
		c.lease(session.Expires)
	}
	c.say([]byte(`{"type":"connection_ack"}`))
}

// acknowledge takes the socket from those that wait.
func (c *socket) acknowledge() {
	if c.waiting {
		c.waiting = false
		c.server.waiting.give(c.who.address)
	}
}

// leave gives back what the socket counted for. Of the reading goroutine, or before it starts.
func (c *socket) leave() {
	c.acknowledge()
	c.server.vacate(c.who)
}

// close ends every operation and tells the peer why. Only the first call counts.
func (c *socket) close(e ending, reason string) { c.closeAs(e, e, reason) }

// closeAs closes with one ending and counts another.
func (c *socket) closeAs(e, counted ending, reason string) {
	if c.out.close(e.code, short(reason)) {
		c.abandon()
		c.server.counts.closed(overWebSocket, counted)
		c.server.opt.Log.Debug("websocket closed", "code", e.code, "cause", e.cause) // the reason may repeat what the peer sent
	}
}

// abandon lets queries and mutations under way learn that nobody waits for them.
func (c *socket) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range c.ops {
		if op.cancel != nil {
			op.cancel()
		}
	}
}

// part ends the connection after reading it ended with err.
func (c *socket) part(err error) {
	unread := false // the peer may still be sending, and would lose our close frame if we closed under it
	said, _ := errors.AsType[*websocket.CloseError](err)
	fault, _ := errors.AsType[net.Error](err) // gorilla hides the rest of the chain
	switch {
	case said != nil:
		answer, counted := endedByPeer(said.Code)
		c.closeAs(answer, counted, "")
	case errors.Is(err, websocket.ErrReadLimit):
		unread = true
		c.close(closeTooBig, "The message is too big.")
	case fault != nil && fault.Timeout():
		c.close(closeSilent, "No answer to our pings.")
	case fault != nil, errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_ = c.out.conn.Close()
		c.close(closeGone, "")
	default:
		unread = true
		c.close(closeProtocolError, "The frame breaks the WebSocket protocol.")
	}
	c.mu.Lock()
	c.parted = true
	ops := slices.Clone(c.ops)
	c.mu.Unlock()
	for _, op := range ops {
		c.forget(op.id)
	}
	<-c.out.done
	if unread {
		_, _ = io.Copy(io.Discard, c.out.conn) // for as long as lingering says
	}
	_ = c.out.conn.Close()
	c.running.Wait()
}

// drain closes the socket once the queries and mutations under way have been answered.
func (c *socket) drain() {
	c.mu.Lock()
	c.draining = true
	free := c.owed == 0
	c.mu.Unlock()
	if free {
		c.restart()
	}
}

func (c *socket) restart() { c.close(closeRestart, "The server is restarting.") }

// cut ends the connection whatever it does.
func (c *socket) cut() {
	c.restart()
	_ = c.out.conn.Close()
}
