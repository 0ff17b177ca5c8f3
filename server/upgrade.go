package server

import (
	"context"
	"net/http"

	"baogong/delivery"
	"baogong/server/limit"
	"baogong/server/wire"
)

// reasonBadHandshake refuses a malformed handshake.
var reasonBadHandshake = delivery.NewReason("BAD_HANDSHAKE", delivery.CodeBadUserInput,
	"The WebSocket handshake was refused because it is malformed.",
	"WebSocket 握手格式不正确，已被拒绝。")

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
	client := limit.Client{Address: s.address(r)}
	if err := s.occupy(client); err != nil {
		s.crowd(s.opt.Schema.WithLocale(r.Context(), locale(r)), w, err)
		return
	}
	if !s.waiting.Take(client.Address) {
		s.refusals.Add(limit.Sockets)
		s.vacate(client)
		s.crowd(s.opt.Schema.WithLocale(r.Context(), locale(r)), w, delivery.Refuse(reasonTooManyHere))
		return
	}
	handshake, err := wire.Upgrade(w, r, protocol, func(w http.ResponseWriter, r *http.Request, status int) {
		s.refuse(w, r, refused(status, reasonBadHandshake))
	})
	if err != nil {
		s.opt.Log.Debug("websocket handshake", "err", err)
		s.waiting.Give(client.Address)
		s.vacate(client)
		return
	}

	now := s.now()
	c := &socket{server: s, credential: credential, named: len(r.Header[authorization]) > 0, locale: locale(r), client: client, tally: inWaiting}
	c.conn = wire.NewConn(&s.wire, handshake)
	c.born = now
	c.conn.Heard(now)
	c.pinged.Store(now.UnixNano())
	c.ctx = context.Background() // nothing of the request, which net/http would keep
	if !handshake.Agreed {
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
