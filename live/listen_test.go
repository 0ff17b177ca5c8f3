package live_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

// attentive is a reader that takes only when it was woken, and stops at a value said to be the last.
type attentive struct {
	flow  live.Flow
	woken atomic.Bool
}

func (a *attentive) Wake() { a.woken.Store(true) }

func (a *attentive) read(t *testing.T) {
	if !a.woken.Swap(false) {
		return
	}
	for {
		switch taken := a.flow.Take(); {
		case taken.Step == live.Behind:
			a.flow.Fetch(t.Context())
		case taken.Step != live.Got || taken.Last:
			return
		}
	}
}

func listening(f live.Flow) *attentive {
	a := &attentive{flow: f}
	f.Listen(a)
	return a
}

// TestWakersMissNothing draws moves, changes of access, readers from any position and pauses: a reader that was not woken since
// its last value finds nothing.
func TestWakersMissNothing(t *testing.T) {
	for range 60 {
		t.Run("", func(t *testing.T) { inBubble(t, live.Options{Ring: 200}, ringsTellAll) })
	}
}

func ringsTellAll(t *testing.T, h *house) {
	all := []*attentive{listening(mustWatch(t, live.NewStates(h.Hub, live.MayChange, (&board{house: h}).load), volunteer("v0", "b0"), live.Target{Community: estate}))}
	for range 60 {
		n := rand.IntN(3)
		switch rand.IntN(5) {
		case 0:
			var call []*delivery.Event
			for range 1 + rand.IntN(8) {
				call = append(call, moved(estate, name("b", rand.IntN(2)), name("h", rand.IntN(2)), name("o", rand.IntN(3))))
			}
			h.add(call...)
		case 1:
			who := volunteer(name("v", n), name("b", rand.IntN(2)))
			h.people.set(who)
			h.add(accessChanged(who.UUID))
		case 2:
			head, _ := h.Head(estate)
			all = append(all, listening(h.mustSubscribe(t, volunteer(name("v", n), name("b", n%2)), delivery.EventFilter{}, at(rand.Int64N(head.Seq+1)))))
		case 3:
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		default:
			for _, a := range all {
				if rand.IntN(2) == 0 {
					a.read(t)
				}
			}
		}
		if rand.IntN(2) == 0 {
			synctest.Wait()
		}
	}
	for range 4 {
		time.Sleep(time.Second)
		synctest.Wait()
		for _, a := range all {
			a.read(t)
		}
	}
	for i, a := range all {
		if taken := a.flow.Take(); taken.Step != live.Idle {
			t.Errorf("reader %d was not woken, but there is %+v", i, taken)
		}
	}
}

// TestAccessLostBeforeListen ends an actor's access after it subscribed and before it listens.
func TestAccessLostBeforeListen(t *testing.T) {
	inBubble(t, live.Options{}, func(t *testing.T, h *house) {
		who := volunteer("zhao", "E6")
		s := h.mustSubscribe(t, who, delivery.EventFilter{}, nil)
		who.Community = 99
		h.people.set(who)
		h.add(accessChanged("zhao"))
		synctest.Wait()
		if a := listening(s); !a.woken.Load() {
			t.Errorf("nothing rang, but there is %+v", s.Take())
		}
	})
}
