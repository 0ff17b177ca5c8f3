package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
)

type lastEventKey struct{}

// LastEventID is the id of the last event that an event stream's client has seen, "" if it has seen none. A
// client that reconnects by itself sends its first variables again, so this goes before an `after` argument.
func LastEventID(ctx context.Context) string {
	id, _ := ctx.Value(lastEventKey{}).(string)
	return id
}

var errDrain = errors.New("server: draining")

// events is one event stream (graphql-sse, distinct connections).
type events struct {
	server  *Server
	w       http.ResponseWriter
	control *http.ResponseController
	x       *execution
	stop    context.CancelCauseFunc
}

// stream writes an operation's answers as events until it is complete, the client has gone or the server
// drains. A stream that ends without a complete event is one to reconnect to.
func (s *Server) stream(w http.ResponseWriter, who caller, x *execution) {
	if err := s.occupy(who); err != nil {
		s.crowd(x.ctx, w, err)
		return
	}
	defer s.vacate(who)
	e := &events{server: s, w: w, control: http.NewResponseController(w), x: x}
	x.ctx, e.stop = context.WithCancelCause(x.ctx)
	defer e.stop(nil)
	if !s.streams.join(e) {
		errs := s.present(x.ctx, delivery.Refuse(delivery.ReasonUnavailable))
		s.write(w, typeJSON, http.StatusServiceUnavailable, encodeErrors(errs))
		return
	}
	defer s.streams.leave(e)

	answers, ended := make(chan *answer), make(chan struct{})
	defer func() { <-ended }()
	defer e.stop(nil)
	if err := e.open(); err != nil {
		close(ended)
		return
	}
	done := x.ctx.Done()
	go func() {
		defer close(ended)
		for a := x.next(); a != nil; a = x.next() {
			select {
			case answers <- a:
			case <-done:
				return
			}
		}
	}()
	pulse := time.NewTicker(s.opt.Limits.PingEvery * 3 / 4)
	defer pulse.Stop()
	for {
		var err error
		select {
		case a := <-answers:
			err = e.send("next", a.cursor, a.json)
			pulse.Reset(s.opt.Limits.PingEvery * 3 / 4)
		case <-pulse.C:
			err = e.put(": still here\n\n")
		case <-ended:
			e.finish()
			return
		}
		if err != nil {
			return
		}
	}
}

// streamErrors is an event stream of nothing but errors, which the protocol asks for where validation fails.
func (s *Server) streamErrors(w http.ResponseWriter, errs gqlerror.List) {
	e := &events{server: s, w: w, control: http.NewResponseController(w)}
	if e.open() == nil && e.send("next", "", encodeErrors(errs)) == nil {
		_ = e.send("complete", "", nil)
	}
}

// finish tells why the stream is over.
func (e *events) finish() {
	if errors.Is(context.Cause(e.x.ctx), errDrain) {
		_ = e.put(": restarting, please come back\n\n")
		return
	}
	err := e.x.end()
	if errs, ok := errors.AsType[gqlerror.List](err); ok {
		err = e.send("next", "", encodeErrors(errs))
	}
	switch {
	case errors.Is(err, live.ErrSlow):
		panic(http.ErrAbortHandler) // drops the connection without waiting for the peer to read what is left
	case err == nil:
		_ = e.send("complete", "", nil)
	}
}

func (e *events) open() error {
	h := e.w.Header()
	h.Set("Content-Type", typeEvents+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy's buffer would hold events back
	return e.put(":\n\n")
}

func (e *events) send(event, id string, data []byte) error {
	var b strings.Builder
	b.WriteString("event: " + event + "\n")
	if id != "" && !strings.ContainsAny(id, "\r\n\x00") {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("data: ")
	b.Write(data) // JSON from Marshal, so on one line
	b.WriteString("\n\n")
	return e.put(b.String())
}

// put writes under a deadline. It fails if the peer does not take it in time; the stream is then over.
func (e *events) put(text string) error {
	_ = e.control.SetWriteDeadline(e.server.patience(len(text)))
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}

// drain ends a subscription; a query or mutation is let finish.
func (e *events) drain() {
	if e.x.stream() {
		e.stop(errDrain)
	}
}

// cut ends the stream whatever it does.
func (e *events) cut() { e.stop(errDrain) }
