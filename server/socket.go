package server

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

// socket is one WebSocket that speaks graphql-transport-ws. Its connection reads and writes the frames. While the
// peer is silent the socket is one parked goroutine of the smallest size. Another goroutine handles arriving frames and ends
// when none are left to read.
type socket struct {
	conn       wire.Conn
	server     *Server
	credential string // of the handshake, for clients that send none in connection_init
	running    sync.WaitGroup

	// Owned by the goroutine that reads:
	ctx      context.Context // carries the actor once admitted; never ends
	locale   delivery.Locale
	client   limit.Client // the account once admitted, and not changed after that
	named    bool         // the handshake had a credential, which may be empty
	admitted bool
	tally    tallyKind // which tally of connections without an account counts it

	liveness

	mu       sync.Mutex
	draining bool
	parted   bool         // no operation is begun any more
	ops      []*operation // whose id is in use
	count    int          // operations that are not over
	owed     int          // of those, the ones a drain lets finish
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
	c.conn.Wait()
	go c.serve()
}

// read handles messages until no more have arrived. It fails when reading fails, as it does soon after a close frame was
// written.
func (c *socket) read() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.server.answers.Present(c.ctx, c.server.answers.Recover(c.ctx, p))
			c.close(closeUnavailable, "Something went wrong.")
			err = errors.New("panic") // part then lets the peer read the close frame
		}
	}()
	for {
		m, err := c.conn.Receive(c.client.Address)
		if err == nil {
			err = c.received(&m)
		}
		m.Held.Release()
		if err != nil {
			return err
		}
		if c.conn.CanPark() {
			return nil
		}
	}
}

// received handles a message of the connection. It fails as handle does.
func (c *socket) received(m *wire.Message) error {
	switch {
	case m.Skipped != nil:
		return c.refuseSkipped(*m)
	case m.Text == nil || c.conn.Closed(): // waiting for the peer's close frame
		return nil
	case m.Binary:
		c.close(closeBadMessage, "Messages must be text.")
		return nil
	}
	c.conn.Heard(c.server.now())
	return c.take(m.Text, &m.Held)
}

// refuseSkipped refuses the operation of a skipped message. It fails with a *wire.CloseError if the operation's id was not found.
func (c *socket) refuseSkipped(m wire.Message) error {
	id, ok := "", false
	if o, isText := m.Skim.(*outline); isText {
		id, ok = o.subscribes()
	}
	switch {
	case ok && !c.admitted:
		return &wire.CloseError{Ending: closeUnauthorized, Text: "Unauthorized"}
	case ok:
		c.decline(id, c.server.answers.Present(c.ctx, m.Skipped))
		return nil
	case delivery.CodeOf(m.Skipped) == delivery.CodeRateLimited:
		return &wire.CloseError{Ending: closeCrowded, Text: c.server.answers.Present(c.server.opt.Schema.WithLocale(c.ctx, c.locale), m.Skipped)[0].Message}
	}
	return &wire.CloseError{Ending: wire.TooBig, Text: "The message is too big."}
}

// take charges the peer's address for reading a message of any type, and handles it. It fails as handle does.
func (c *socket) take(text []byte, held *limit.Reservation) error {
	points := answer.ReadingCost(text)
	if wait := c.server.rates.ChargeReading(limit.Client{Address: c.client.Address}, points); wait > 0 {
		return c.unread(text, wait)
	}
	m, wrong := parseMessage(text)
	if wrong != "" {
		c.close(closeBadMessage, wrong)
		return nil
	}
	return c.handle(m, text, points, held)
}

// unread refuses a message whose address lacks the points: by the id of its operation, else by closing the socket. It fails
// with a *wire.CloseError if there were too many such messages.
func (c *socket) unread(text []byte, wait time.Duration) error {
	errs := c.server.answers.TooFast(c.server.opt.Schema.WithLocale(c.ctx, c.locale), wait)
	o := outline{}
	o.Feed(text)
	id, ok := o.subscribes()
	if !ok || !c.admitted {
		c.close(closeCrowded, errs[0].Message)
		return nil
	}
	c.decline(id, errs)
	return c.conn.CountIdle(1 + len(text)/idleBytes)
}

// echoed is the most bytes of a ping's payload that a pong repeats; the protocol requires none.
const echoed = 4 << 10

// idleBytes is how many bytes of a message that starts no operation count as one idle frame, since decoding it costs time.
const idleBytes = 4 << 10

// handle handles a message whose reading costs a number of points. An operation that it starts may take over held. It fails with a *wire.CloseError if there are too many
// messages that start no operation; each counts by its length.
func (c *socket) handle(m message, text []byte, points int, held *limit.Reservation) error {
	idle := 1 + len(text)/idleBytes
	switch m.Type {
	case "connection_init":
		c.greet(m)
	case "ping":
		if len(m.Payload) == 0 || len(m.Payload) > echoed {
			c.say([]byte(`{"type":"pong"}`))
		} else {
			c.say([]byte(`{"type":"pong","payload":`), m.Payload, []byte(`}`))
		}
		return c.conn.CountIdle(idle)
	case "pong":
		return c.conn.CountIdle(idle)
	case "subscribe":
		if c.admitted {
			wait := c.server.rates.EnterAddress(c.client.Address)
			if wait == 0 {
				wait = c.server.rates.ChargeReading(limit.Client{Account: c.client.Account}, points)
			}
			if wait > 0 {
				c.decline(m.ID, c.server.answers.TooFast(c.ctx, wait))
				return c.conn.CountIdle(idle)
			}
		}
		params, err := answer.Decode(m.Payload)
		wrong, isValue := errors.AsType[*answer.Malformed](err)
		isValue = isValue && wrong.Value
		switch {
		case !c.admitted && err == nil:
			c.close(closeUnauthorized, "Unauthorized")
		case c.admitted && isValue:
			c.decline(m.ID, c.server.answers.Present(c.ctx, wrong.Err))
		case err != nil:
			c.close(closeBadMessage, "The subscribe payload is malformed.")
		default:
			c.subscribe(m.ID, params, held)
		}
	case "complete":
		if !c.forget(m.ID) {
			return c.conn.CountIdle(idle)
		}
	}
	return nil
}

// say sends one message. If that fails the connection is over, and the next read fails too.
func (c *socket) say(parts ...[]byte) {
	_ = c.conn.Push(c.ctx, func(buffer []byte) []byte { return wire.AppendText(buffer, parts...) })
}

// greet answers connection_init.
func (c *socket) greet(m message) {
	if c.greeted.Swap(true) {
		c.close(closeSecondInit, "Too many initialisation requests")
		return
	}
	said, err := parseGreeting(m.Payload, greeting{c.credential, c.named, c.locale})
	locale := said.locale
	c.credential, c.locale = "", locale
	if err != nil {
		wrong := "The connection_init payload is malformed."
		if delivery.AsError(err) != nil {
			wrong = c.server.answers.Present(c.server.opt.Schema.WithLocale(c.ctx, locale), err)[0].Message
		}
		c.close(closeBadMessage, wrong)
		return
	}
	if wait := c.server.rates.EnterAddress(c.client.Address); wait > 0 {
		c.close(closeCrowded, c.server.answers.TooFast(c.server.opt.Schema.WithLocale(c.ctx, locale), wait)[0].Message)
		return
	}
	within, cancel := context.WithTimeout(c.ctx, c.server.opt.Limits.RequestTimeout)
	defer cancel()
	session, err := c.server.admit(within, said.credential, locale)
	if err == nil && said.named && session.Account == "" {
		err = delivery.Refuse(delivery.ReasonSignIn) // the connection would stay anonymous
	}
	if err != nil {
		shown := c.server.answers.Present(c.server.opt.Schema.WithLocale(c.ctx, locale), err)[0].Message
		switch delivery.CodeOf(err) {
		case delivery.CodeUnauthenticated, delivery.CodeForbidden:
			c.close(closeBadCredential, shown)
		default:
			c.close(closeUnavailable, shown)
		}
		return
	}
	c.ctx = c.server.opt.Schema.WithActor(c.server.opt.Schema.WithLocale(context.WithValue(c.ctx, leaseKey{}, c), locale), session.Actor)
	if !c.server.byAccount.Take(session.Account) {
		c.crowded(delivery.Refuse(reasonTooManyYours, c.server.byAccount.Limit))
		return
	}
	c.client.Account = session.Account
	if !c.acknowledge() {
		c.crowded(delivery.Refuse(reasonTooManyHere))
		return
	}
	c.admitted = true
	if !session.Expires.IsZero() {
		c.lease(session.Expires)
	}
	c.say([]byte(`{"type":"connection_ack"}`))
}

// crowded closes the socket because there are too many.
func (c *socket) crowded(refusal error) {
	c.server.refusals.Add(limit.Sockets)
	c.close(closeCrowded, c.server.answers.Present(c.ctx, refusal)[0].Message)
}

// tallyKind names the tally of connections without an account in which a socket is counted.
type tallyKind byte

const (
	inNoTally   tallyKind = iota // none
	inWaiting                    // no connection_ack yet
	inAnonymous                  // acknowledged without an account
)

// acknowledge moves the socket out of the waiting tally. It reports false if there are too many anonymous sockets.
func (c *socket) acknowledge() bool {
	next := inNoTally
	if c.client.Account == "" {
		if !c.server.anonymous.Take(c.client.Address) {
			return false
		}
		next = inAnonymous
	}
	c.server.waiting.Give(c.client.Address)
	c.tally = next
	return true
}

// leave uncounts the socket. Call it from the reading goroutine, or before that starts.
func (c *socket) leave() {
	switch c.tally {
	case inWaiting:
		c.server.waiting.Give(c.client.Address)
	case inAnonymous:
		c.server.anonymous.Give(c.client.Address)
	}
	c.tally = inNoTally
	c.server.vacate(c.client)
}

// close ends every operation and sends the peer the reason. Only the first call has an effect.
func (c *socket) close(e wire.Ending, reason string) { c.closeAs(e, e, reason) }

// closeAs closes with one ending and counts another.
func (c *socket) closeAs(e, counted wire.Ending, reason string) {
	if c.conn.Close(e.Code, short(reason)) {
		c.abandon()
		c.server.counters.closed(overWebSocket, counted)
		c.server.opt.Log.Debug("websocket closed", "code", e.Code, "reason", e.Reason) // the text may repeat what the peer sent
	}
}

// abandon cancels queries and mutations under way, since no client waits for them.
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
	said, _ := errors.AsType[*wire.PeerClose](err)
	wrong, _ := errors.AsType[*wire.CloseError](err)
	lost, _ := errors.AsType[net.Error](err)
	switch {
	case said != nil:
		answer, counted := endedByPeer(said.Code)
		c.closeAs(answer, counted, "")
	case wrong != nil:
		unread = true
		c.close(wrong.Ending, wrong.Text)
	case lost != nil && lost.Timeout():
		c.close(closeSilent, "No answer to our pings.")
	case lost != nil, errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		c.conn.Cut()
		c.close(closeGone, "")
	default: // a panic in a handler, which has closed it already
		unread = true
		c.close(closeUnavailable, "Something went wrong.")
	}
	c.mu.Lock()
	c.parted = true
	ops := slices.Clone(c.ops)
	c.mu.Unlock()
	for _, op := range ops {
		c.forget(op.id)
	}
	<-c.conn.Done()
	if unread {
		c.conn.Linger(c.server.opt.Limits.Body * wire.SkipFactor)
	}
	c.conn.Cut()
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

// cut ends the connection at once, in any state.
func (c *socket) cut() {
	c.restart()
	c.conn.Cut()
}
