package server

import (
	"net"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// A drain loses nothing that is under way.
func TestDrain(t *testing.T) {
	t.Parallel()
	b := setup(t)
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
	if _, err := net.Dial("tcp", b.host); err == nil {
		t.Error("the listener still accepts")
	}
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
