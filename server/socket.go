package server

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"baogong/delivery"
)

// socket is one WebSocket that speaks graphql-transport-ws. One goroutine reads; each operation has one; the
// outbox has one while it writes. gorilla reads the frames, the outbox writes them.
type socket struct {
	server     *Server
	ws         *websocket.Conn
	out        outbox
	cancel     context.CancelFunc
	credential string // of the handshake, for clients that send none in connection_init
	running    sync.WaitGroup

	// Of the reading goroutine only:
	ctx      context.Context // ends with the socket; carries the actor once admitted
	locale   delivery.Locale
	admitted bool
	who      caller // the account once admitted, and not changed after that
	waiting  bool   // counts among those of its address that are not acknowledged

	mu       sync.Mutex
	timers   []*time.Timer
	greeted  bool        // connection_init came
	over     *time.Timer // closes the socket when its session is over; nil if that never is
	draining bool
	ops      map[string]*operation
	count    int // operations whose goroutine has not ended
	owed     int // of those, the ones a drain lets finish
}

// serve reads until the connection is over, and returns when everything it started has ended.
func (c *socket) serve() {
	defer c.server.streams.leave(c)
	defer c.leave()
	l := c.server.opt.Limits
	c.ws.SetReadLimit(l.ReadLimit)
	c.ws.SetPongHandler(func(string) error { c.expect(); return nil })
	c.ws.SetPingHandler(func(data string) error {
		c.expect()
		_ = c.out.push(c.ctx, framePong, []byte(data)) // the reader learns of a closed outbox by itself
		return nil
	})
	c.ws.SetCloseHandler(func(int, string) error { return nil }) // part answers
	c.after(l.InitTimeout, func() {
		c.mu.Lock()
		late := !c.greeted
		c.mu.Unlock()
		if late {
			c.close(closeInitTimeout, "Connection initialisation timeout")
		}
	})
	c.pulse()
	c.expect()
	c.part(c.read())
}

// read handles messages until reading fails, which it does soon after a close frame was written.
func (c *socket) read() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.server.present(c.ctx, c.server.opt.Recover(c.ctx, p))
			c.close(closeTryLater, "Something went wrong.")
			err = errors.New("panic") // part then lets the peer read the close frame
		}
	}()
	for {
		kind, text, err := c.ws.ReadMessage()
		if err != nil {
			return err
		}
		c.expect()
		if c.out.closed() {
			continue // until the peer answers our close frame
		}
		if kind != websocket.TextMessage {
			c.close(closeBadMessage, "Messages must be text.")
			continue
		}
		m, wrong := parseMessage(text)
		if wrong != "" {
			c.close(closeBadMessage, wrong)
			continue
		}
		c.handle(m)
	}
}

func (c *socket) handle(m message) {
	switch m.Type {
	case "connection_init":
		c.greet(m)
	case "ping":
		if len(m.Payload) == 0 {
			_ = c.out.push(c.ctx, frameText, []byte(`{"type":"pong"}`))
			return
		}
		_ = c.out.push(c.ctx, frameText, []byte(`{"type":"pong","payload":`), m.Payload, []byte(`}`))
	case "subscribe":
		if !c.admitted {
			c.close(closeUnauthorized, "Unauthorized")
			return
		}
		c.subscribe(m)
	case "complete":
		c.forget(m.ID)
	}
}

// greet answers connection_init.
func (c *socket) greet(m message) {
	c.mu.Lock()
	again := c.greeted
	c.greeted = true
	c.mu.Unlock()
	if again {
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
		c.close(closeTryLater, c.server.tooFast(c.server.opt.WithLocale(c.ctx, locale), wait)[0].Message)
		return
	}
	within, cancel := context.WithTimeout(c.ctx, c.server.opt.Limits.RequestTimeout)
	defer cancel()
	_, session, err := c.server.admit(within, credential, locale)
	if err != nil {
		shown := c.server.present(c.server.opt.WithLocale(c.ctx, locale), err)[0].Message
		switch delivery.CodeOf(err) {
		case delivery.CodeUnauthenticated, delivery.CodeForbidden:
			c.close(closeForbidden, shown)
		default:
			c.close(closeTryLater, shown)
		}
		return
	}
	c.ctx = c.server.opt.WithActor(c.server.opt.WithLocale(context.WithValue(c.ctx, leaseKey{}, c), locale), session.Actor)
	if !c.server.byAccount.take(session.Account) {
		refusal := delivery.Refuse(delivery.ReasonTooManyYours, c.server.byAccount.limit)
		c.close(closeTryLater, c.server.present(c.server.opt.WithLocale(c.ctx, locale), refusal)[0].Message)
		return
	}
	c.admitted, c.who.account = true, session.Account
	c.acknowledge()
	if !session.Expires.IsZero() {
		c.lease(session.Expires)
	}
	_ = c.out.push(c.ctx, frameText, []byte(`{"type":"connection_ack"}`))
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
func (c *socket) close(code int, reason string) {
	if c.out.close(code, short(reason)) {
		c.cancel()
		c.server.opt.Log.Debug("websocket closed", "code", code) // the reason may repeat what the peer sent
	}
}

// part ends the connection after reading it ended with err.
func (c *socket) part(err error) {
	unread := false // the peer may still be sending, and would lose our close frame if we closed under it
	said, _ := errors.AsType[*websocket.CloseError](err)
	fault, _ := errors.AsType[net.Error](err) // gorilla hides the rest of the chain
	switch {
	case said != nil:
		code := said.Code
		if code == websocket.CloseNoStatusReceived {
			code = 0
		}
		c.close(code, "")
	case errors.Is(err, websocket.ErrReadLimit):
		unread = true
		c.close(closeTooBig, "The message is too big.")
	case fault != nil && fault.Timeout():
		c.close(closeTryLater, "No answer to our pings.")
	case fault != nil, errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_ = c.out.conn.Close()
		c.close(0, "")
	default:
		unread = true
		c.close(closeProtocolError, "The frame breaks the WebSocket protocol.")
	}
	c.mu.Lock()
	for _, t := range c.timers {
		t.Stop()
	}
	c.timers = nil
	c.mu.Unlock()
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

// expect extends the time the peer may stay silent.
func (c *socket) expect() {
	c.out.expect(c.server.opt.Limits.PingEvery + c.server.opt.Limits.PongWait)
}

// pulse pings the peer, now and then again.
func (c *socket) pulse() {
	every := c.server.opt.Limits.PingEvery
	var t *time.Timer
	c.mu.Lock()
	defer c.mu.Unlock()
	t = time.AfterFunc(every, func() {
		c.out.ping()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.timers != nil {
			t.Reset(every)
		}
	})
	c.timers = append(c.timers, t)
}

// after runs f in a goroutine of its own unless the connection is over by then.
func (c *socket) after(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timers = append(c.timers, time.AfterFunc(d, f))
}
