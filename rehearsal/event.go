package rehearsal

import "time"

// event is what happens at one time: a link wakes.
type event struct {
	at   time.Duration
	seq  uint32 // of events at the same time, the one scheduled first comes first
	link uint8
	what uint8 // of the link's own kinds
	who  int32 // an order, a cart, a building …
}

func (e *event) before(other *event) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

// agenda is a binary heap of events.
type agenda struct {
	heap []event
	seq  uint32
}

func (a *agenda) clear() { a.heap, a.seq = a.heap[:0], 0 }

func (a *agenda) push(e event) {
	e.seq = a.seq
	a.seq++
	a.heap = append(a.heap, e)
	h := a.heap
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

// pop removes the first event. The agenda must not be empty.
func (a *agenda) pop() event {
	h := a.heap
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	a.heap = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(&h[child]) {
			child = right
		}
		if !h[child].before(&last) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = last
	return first
}
