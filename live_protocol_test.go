package main

import (
	"testing"

	"baogong/db/dbtest"
)

// TestGreetingTwice says connection_init twice on one socket, which the protocol closes with 4429.
func TestGreetingTwice(t *testing.T) {
	t.Parallel()
	p := startHouse(t, dbtest.DSN(t)).dial(t, "", "")
	if err := p.conn.WriteJSON(message{Type: "connection_init"}); err != nil {
		t.Fatal(err)
	}
	if got := p.closed(); got != 4429 {
		t.Errorf("got close code %d, want 4429", got)
	}
}
