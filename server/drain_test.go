package server

import (
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A drain loses nothing that is under way.
func TestDrain(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Drain = 2 * patient }) // its end, which closes every listener, does not come into it
	watcher, mover := b.greeted(t, ""), b.greeted(t, "")
	watcher.subscribe("1", "subscription{feed}")
	mover.subscribe("m", "mutation{slow}")
	_, lines := b.stream(t, "subscription{feed}")
	var posted result
	var requests sync.WaitGroup
	requests.Go(func() { posted = b.post(t, "mutation{slow}") })
	for range 4 {
		await(t, "what waits", b.entered)
	}

	b.stop()
	watcher.closes(1012)
	var last string
	for line := range lines {
		last = line
	}
	if last != ": restarting, please come back" {
		t.Errorf("the event stream ended with %q, want a comment and no complete event", last)
	}
	b.closed(t)
	readyz := httptest.NewRecorder()
	b.server.Handler().ServeHTTP(readyz, httptest.NewRequest("GET", "/readyz", nil))
	if readyz.Code != 503 {
		t.Errorf("readyz: got %d, want 503", readyz.Code)
	}
	mover.send(`{"type":"ping"}`)
	mover.want(`{"type":"pong"}`)
	mover.subscribe("late", "mutation{bump}") // not begun

	b.leave <- struct{}{}
	b.leave <- struct{}{}
	mover.want(`{"id":"m","type":"next","payload":{"data":{"slow":"done"}}}`)
	mover.want(`{"id":"m","type":"complete"}`)
	mover.closes(1012)
	requests.Wait()
	if posted.status != 200 || posted.data["slow"] != "done" {
		t.Errorf("the request in flight: got %d %s", posted.status, posted.body)
	}
	if b.bumps != 0 {
		t.Error("a mutation sent while draining was run")
	}
}

// closed waits until the server's address refuses connections. A process that another test starts inherits the listener
// until it runs its program: meanwhile a connection is made, but gets no answer. An answer of another server shows that the
// address is free.
func (b *bench) closed(t *testing.T) {
	t.Helper()
	over := time.Now().Add(patient)
	for time.Now().Before(over) {
		conn, err := net.Dial("tcp", b.host)
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") // a reset shows in the answer
		answer, _ := readAll(conn)
		_ = conn.Close()
		if strings.Contains(answer, "The server is draining.") {
			t.Error("the server answers at its address while it drains")
			return
		}
		if answer != "" {
			return
		}
	}
	t.Errorf("the address accepts connections %v after the drain began", patient)
}

// A drain ends in time even if peers and resolvers do not cooperate.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Drain = 300 * time.Millisecond })
	p := b.greeted(t, "")
	p.subscribe("1", "mutation{slow}")
	stalled := b.greeted(t, "")
	stalled.subscribe("1", "subscription{count(to:1000000,size:10000)}")
	b.stream(t, "mutation{slow}")
	await(t, "the mutation", b.entered)
	await(t, "the mutation", b.entered)
	began := time.Now()
	b.stop()
	err := await(t, "Serve", b.served)
	if took := time.Since(began); err != nil || took > patient {
		t.Errorf("got %v after %v", err, took)
	}
	b.served <- err // for the clean-up
}

// Connections are closed in slices.
func TestDrainSlices(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Drain = time.Second })
	var mu sync.Mutex
	var closed []time.Time
	var all sync.WaitGroup
	for range 200 {
		p := b.greeted(t, "")
		all.Go(func() {
			p.closes(1012)
			mu.Lock()
			defer mu.Unlock()
			closed = append(closed, time.Now())
		})
	}
	began := time.Now()
	b.stop()
	all.Wait()
	if took := closed[len(closed)-1].Sub(began); took < 100*time.Millisecond || took > patient {
		t.Errorf("closed 200 within %v, want it spread over a part of a second", took)
	}
}
