package server

import (
	"testing"
	"time"
)

// TestBusyPeersArePinged has a peer read a stream in which something always waits, and answer every ping. It is not
// silent, so it is not closed for that.
func TestBusyPeersArePinged(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.PingEvery, o.Limits.PongWait = 100*time.Millisecond, 900*time.Millisecond })
	p := b.greeted(t, "")
	pings, answer := 0, p.PingHandler()
	p.SetPingHandler(func(data string) error { pings++; return answer(data) })
	p.subscribe("1", "subscription{count(to:100000000,size:1000)}")
	for began := time.Now(); time.Since(began) < 2500*time.Millisecond; { // a silent one has a second
		if _, _, err := p.ReadMessage(); err != nil {
			t.Fatalf("after %v and %d pings: %v", time.Since(began).Round(time.Millisecond), pings, err)
		}
	}
	if pings == 0 {
		t.Error("it was never pinged")
	}
}
