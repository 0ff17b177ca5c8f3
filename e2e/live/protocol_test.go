package live_test

import (
	"testing"

	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestGreetingTwice says connection_init twice on one socket, which the protocol closes with 4429.
func TestGreetingTwice(t *testing.T) {
	t.Parallel()
	p := house.Start(t, dbtest.DSN(t)).Dial(t, "", "")
	if err := p.Conn.WriteJSON(house.SocketMessage{Type: "connection_init"}); err != nil {
		t.Fatal(err)
	}
	if got := p.Closed(); got != 4429 {
		t.Errorf("got close code %d, want 4429", got)
	}
}
