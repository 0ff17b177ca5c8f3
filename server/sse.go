package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
	"baogong/server/answer"
	"baogong/server/limit"
	"baogong/server/wire"
)

var errDrain = errors.New("server: draining")

// eventStream is one event stream (graphql-sse, distinct connections). The request's goroutine writes it.
type eventStream struct {
	server  *Server
	w       http.ResponseWriter
	control *http.ResponseController
	x       *answer.Execution
	stop    context.CancelCauseFunc
	batch   wire.Batch
	waiting atomic.Int64 // bytes of it that the peer has not taken
	reason  string       // why it ended
}

// stream writes an operation's answers as events until the operation is complete, the client has gone or the server drains.
// Clients reconnect to a stream that ends without a complete event. signedIn tells whether the stream belongs to an account.
func (s *Server) stream(w http.ResponseWriter, client limit.Client, signedIn bool, x *answer.Execution) {
	if err := s.occupy(client); err != nil {
		x.Finish(string(delivery.CodeRateLimited))
		s.crowd(x.Context(), w, err)
		return
	}
	defer s.vacate(client)
	if !signedIn {
		if !s.anonymous.Take(client.Address) {
			s.refusals.Add(limit.Sockets)
			x.Finish(string(delivery.CodeRateLimited))
			s.crowd(x.Context(), w, delivery.Refuse(reasonTooManyHere))
			return
		}
		defer s.anonymous.Give(client.Address)
	}
	e := &eventStream{server: s, w: w, control: http.NewResponseController(w), x: x, reason: "complete"}
	e.stop = x.Interrupt()
	defer e.stop(nil)
	if !s.streams.join(e) {
		errs := s.answers.Present(x.Context(), delivery.Refuse(delivery.ReasonUnavailable))
		x.Finish(answer.CodeOf(errs))
		s.write(w, typeJSON, http.StatusServiceUnavailable, answer.EncodeErrors(errs))
		return
	}
	defer s.streams.leave(e)
	defer func() { s.counters.closed(overEvents, wire.Ending{Reason: e.reason}) }()
	if e.open() != nil {
		return
	}
	if x.Streams() {
		e.follow()
	} else {
		e.once()
	}
}

// once writes the answer to a query or mutation.
func (e *eventStream) once() {
	answered, done := make(chan *answer.Answer, 1), e.x.Context().Done()
	defer func() { <-answered }()
	go func() {
		defer close(answered)
		answered <- e.x.Answer()
	}()
	pulse := e.pulse()
	defer pulse.Stop()
	for {
		select {
		case a := <-answered:
			switch {
			case a != nil && e.put(event("next", "", a.JSON)) != nil:
			case a != nil:
				_ = e.put(event("complete", "", nil))
			default:
				e.fail(e.x.End())
			}
			return
		case <-pulse.C:
			if e.put(stillHere) != nil {
				e.stop(nil)
				return
			}
		case <-done:
			done = nil // the answer comes soon, or end tells why not
		}
	}
}

// follow writes a subscription's answers, those that are there together.
func (e *eventStream) follow() {
	sub := new(answer.Subscription)
	if errs := e.x.Open(sub); errs != nil {
		e.fail(errs)
		return
	}
	defer sub.Close()
	e.server.counters.subscriptions.Add(1)
	defer e.server.counters.subscriptions.Add(-1)
	woken := make(chan struct{}, 1)
	sub.Listen(live.WakerFunc(func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	}))
	pulse := e.pulse()
	defer pulse.Stop()
	for {
		err := e.gather(sub)
		text := e.batch.Frames
		if text != nil && e.put(text) != nil {
			return
		}
		e.server.deliveries.Written(&e.batch)
		switch {
		case errors.Is(err, errMore):
			continue
		case err != nil:
			e.fail(err)
			return
		case text != nil:
			pulse.Reset(e.server.opt.Limits.PingEvery * 3 / 4)
		}
		select {
		case <-woken:
		case <-pulse.C:
			if e.put(stillHere) != nil {
				return
			}
		case <-e.x.Context().Done():
			e.fail(e.x.End())
			return
		}
	}
}

var (
	errMore = errors.New("server: there is more")
	errOver = errors.New("server: the operation is complete")
)

// eventsStep is how many bytes of events go out in one chunk of HTTP: those of one event. The reference client delivers
// the events of a chunk when the chunk is complete. With larger chunks it would make no progress over lines that break
// often.
const eventsStep = 1

// gather fills the batch with the events that are ready, up to enough for one write. It fails with errMore if the batch
// is full, or with the reason if the subscription is over.
func (e *eventStream) gather(sub *answer.Subscription) error {
	b := &e.batch
	b.Begin(nil)
	defer e.server.deliveries.Filled(b)
	var r answer.LastAnswer // not kept, since nothing may come for long
	for len(b.Frames) < eventsStep {
		a, t := sub.Next(&r)
		switch {
		case a != nil && a.Refuse != nil:
			b.Frames = append(b.Frames, event("next", "", a.JSON)...)
			return errOver
		case a != nil:
			id := sub.Cursor(t)
			json := a.JSON
			if aside := sub.First(); aside != nil {
				json = slices.Concat(json[:len(json)-1], messageAside, aside, messageEnd)
			}
			b.Frames = append(b.Frames, event("next", id, json)...)
			b.Answered(t.Since)
		case t.Step == live.Over:
			return cmp.Or(live.ClientError(e.server.opt.Log, t.Err), errOver)
		default:
			return nil
		}
	}
	return errMore
}

func (e *eventStream) pulse() *time.Ticker {
	return time.NewTicker(e.server.opt.Limits.PingEvery * 3 / 4)
}

// streamErrors is an event stream of nothing but errors, which the protocol asks for where validation fails.
func (s *Server) streamErrors(w http.ResponseWriter, errs gqlerror.List) {
	e := &eventStream{server: s, w: w, control: http.NewResponseController(w)}
	if e.open() == nil {
		_ = e.put(append(event("next", "", answer.EncodeErrors(errs)), event("complete", "", nil)...))
	}
}

// fail writes why the stream is over.
func (e *eventStream) fail(err error) {
	errs, shown := errors.AsType[gqlerror.List](err)
	switch {
	case errors.Is(context.Cause(e.x.Context()), errDrain):
		_ = e.put([]byte(": restarting, please come back\n\n"))
		e.reason = closeRestart.Reason
		return
	case errors.Is(err, live.ErrStale):
		_ = e.put([]byte(": no events can be read here, please come back\n\n"))
		e.reason = closeUnavailable.Reason
		return
	case errors.Is(err, live.ErrSlow):
		e.reason = wire.Slow.Reason
		panic(http.ErrAbortHandler) // drops the connection without waiting for the peer to read what is left
	case errors.Is(err, answer.ErrGone):
		e.reason = closeGone.Reason
		return
	case errors.Is(err, errOver):
	case shown:
		e.reason = "error"
		_ = e.put(event("next", "", answer.EncodeErrors(errs)))
	default:
		e.reason = "error"
		_ = e.put(event("next", "", answer.EncodeErrors(e.server.answers.Present(e.x.Context(), err))))
	}
	_ = e.put(event("complete", "", nil))
}

func (e *eventStream) open() error {
	h := e.w.Header()
	h.Set("Content-Type", typeEvents+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy's buffer would hold events back
	return e.put([]byte(":\n\n"))
}

var stillHere = []byte(": still here\n\n")

// event is one event as a stream carries it.
func event(name, id string, data []byte) []byte {
	b := []byte("event: " + name + "\n")
	if id != "" && !strings.ContainsAny(id, "\r\n\x00") {
		b = append(b, "id: "+id+"\n"...)
	}
	b = append(b, "data: "...)
	b = append(b, data...) // JSON from Marshal, so on one line
	return append(b, "\n\n"...)
}

// put writes with a deadline for each step and clears it afterwards: over HTTP/2 an expired deadline resets the stream even
// if nothing is being written. It fails if the peer does not accept a step in time; the stream is then over.
func (e *eventStream) put(text []byte) error {
	err := e.write(text)
	if e.waiting.Store(0); err != nil {
		e.reason = closeGone.Reason
		if errors.Is(err, os.ErrDeadlineExceeded) {
			e.reason = wire.Slow.Reason
		}
	}
	return err
}

func (e *eventStream) write(text []byte) error {
	for len(text) > 0 {
		e.waiting.Store(int64(len(text)))
		step := text[:min(len(text), limit.Step)]
		_ = e.control.SetWriteDeadline(e.server.now().Add(e.server.opt.Limits.SlowAfter))
		if _, err := e.w.Write(step); err != nil {
			return err
		}
		if err := e.control.Flush(); err != nil {
			return err
		}
		text = text[len(step):]
	}
	return e.control.SetWriteDeadline(time.Time{})
}

// drain ends a subscription; a query or mutation is let finish.
func (e *eventStream) drain() {
	if e.x.Streams() {
		e.stop(errDrain)
	}
}

// cut ends the stream at once, in any state.
func (e *eventStream) cut() { e.stop(errDrain) }
