package server

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"

	"baogong/delivery"
	"baogong/server/limit"
)

// upgrade turns a request into a socket and returns, so that net/http's buffers are freed; the socket goes on in
// a goroutine that ends with the connection.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	if !s.fromHere(r) {
		s.refuse(w, r, foreign())
		return
	}
	if s.streams.full() {
		s.refuse(w, r, refused(http.StatusServiceUnavailable, delivery.ReasonUnavailable))
		return
	}
	credential, err := credentialOf(r)
	if err != nil {
		s.refuse(w, r, &failure{status: statusOf(delivery.CodeOf(err)), err: err})
		return
	}
	who, l := limit.Client{Address: s.address(r)}, s.opt.Limits
	if err := s.occupy(who); err != nil {
		s.crowd(s.opt.WithLocale(r.Context(), locale(r)), w, err)
		return
	}
	if !s.waiting.Take(who.Address) {
		s.refusals.Add(limit.Sockets)
		s.vacate(who)
		s.crowd(s.opt.WithLocale(r.Context(), locale(r)), w, delivery.Refuse(delivery.ReasonTooManyHere))
		return
	}
	upgrader := websocket.Upgrader{
		WriteBufferPool: &unused, // gorilla would otherwise keep a write buffer for each connection
		Subprotocols:    []string{protocol},
		CheckOrigin:     func(*http.Request) bool { return true }, // done
		Error: func(w http.ResponseWriter, r *http.Request, status int, err error) {
			w.Header().Set("Sec-WebSocket-Version", "13")
			s.refuse(w, r, refused(status, delivery.ReasonBadHandshake))
		},
	}
	hijacker := &hijacker{ResponseWriter: w}
	ws, err := upgrader.Upgrade(hijacker, r, nil)
	if err != nil {
		s.opt.Log.Debug("websocket handshake", "err", err)
		s.waiting.Give(who.Address)
		s.vacate(who)
		return
	}

	now := s.now()
	c := &socket{server: s, input: hijacker.input, credential: credential, named: len(r.Header[authorization]) > 0, locale: locale(r), who: who, place: placeWaiting}
	c.out = outbox{writers: &s.writers, conn: hijacker.conn, raw: rawOf(hijacker.conn), timeout: l.WriteTimeout, limit: l.Queue, done: make(chan struct{})}
	c.born = now
	c.heard(now)
	c.pinged.Store(now.UnixNano())
	c.ctx = context.Background() // nothing of the request, which net/http would keep
	if ws.Subprotocol() != protocol {
		c.close(closeNotAcceptable, "Subprotocol not acceptable")
	}
	if !s.streams.join(c) {
		c.leave()
		c.cut()
		return
	}
	s.unacknowledged.add(c, &s.waiting)
	go c.serve()
}

var unused sync.Pool

// hijacker passes gorilla the connection for the handshake, with the small buffer that the socket will read through.
type hijacker struct {
	http.ResponseWriter
	conn  net.Conn
	input *bufio.Reader
}

const inputSize = 288 // bytes; more than a control frame has, and gorilla takes none below 257

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = conn
	if buffered.Reader.Buffered() == 0 { // else gorilla refuses the handshake
		h.input = bufio.NewReaderSize(conn, inputSize)
		buffered.Reader = h.input
	}
	return conn, buffered, nil
}
