package house

import (
	"encoding/json"
	"testing"
	"time"
)

// Gone returns why the connection is over, or nil if it is open.
func (p *Peer) Gone() error {
	select {
	case <-p.Ended:
		return p.Why
	default:
		return nil
	}
}

// WatchOrder is the subscription to one order.
const WatchOrder = `subscription ($id: ID!) { order(id: $id) { id stage version held } }`

// Soon is how long the end of a sign-in may take to reach a stream on a busy machine; it takes milliseconds.
const Soon = 5 * time.Second

// TryInit sends connection_init with a token that must be refused, and returns the close code.
func (h *Program) TryInit(t testing.TB, actor string) int {
	t.Helper()
	p := h.Greet(t, actor, "")
	go p.Read()
	return p.Closed()
}

// Watches is one sign-in with everything it can watch.
type Watches struct {
	Peer                 *Peer
	events, state, board *Inbox
}

// Watch starts all three subscriptions and waits until each has begun; browse is false for a link, which has but one.
func (e *Estate) Watch(t *testing.T, token, order string, browse bool) *Watches {
	t.Helper()
	w := &Watches{Peer: e.Dial(t, token, "")}
	w.state = w.Peer.Operate(WatchOrder, obj{"id": order})
	var s struct{ Order OrderView }
	w.state.Value(&s)
	if browse {
		w.events = w.Peer.Follow(e, obj{"orderIds": []string{order}})
		w.board = w.Peer.Operate(`subscription ($c: ID!) { board(communityId: $c) { open } }`, obj{"c": e.Community})
		var b struct{ Board struct{ Open int } }
		w.board.Value(&b)
	}
	return w
}

// Ended checks that everything ends with NOT_FOUND, and that nothing shows the order at a stage it came to afterwards.
func (w *Watches) Ended(t *testing.T, name, never string, since time.Time) {
	t.Helper()
	for _, of := range []struct {
		what string
		in   *Inbox
	}{{"order", w.state}, {"events", w.events}, {"board", w.board}} {
		what, in := of.what, of.in
		if in == nil {
			continue
		}
		for {
			m := in.Take()
			if m.Type == "next" {
				var got struct {
					Data struct {
						Order       OrderView
						OrderEvents OrderEvent
					}
				}
				if err := json.Unmarshal(m.Payload, &got); err != nil {
					t.Fatal(err)
				}
				if got.Data.Order.Stage == never || got.Data.OrderEvents.Order.Stage == never {
					t.Errorf("%s: %s showed %s", name, what, m.Payload)
				}
				continue
			}
			var faults []GraphQLError
			if err := json.Unmarshal(m.Payload, &faults); m.Type != "error" || err != nil || faults[0].Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: %s: got %s %s, want NOT_FOUND", name, what, m.Type, m.Payload)
			}
			break
		}
	}
	took := time.Since(since)
	t.Logf("%s: ended after %v", name, took)
	if took > Soon {
		t.Errorf("%s: ended only after %v", name, took)
	}
}

// GoesOn checks that the streams show the order at the stage.
func (w *Watches) GoesOn(t *testing.T, stage string) {
	t.Helper()
	var s struct{ Order OrderView }
	for s.Order.Stage != stage {
		w.state.Value(&s)
	}
	for w.events != nil {
		if v := w.events.Next(); v.Order.Stage == stage {
			break
		}
	}
}
