package rehearsal

import "time"

// alarm is an event of a link at a time.
type alarm struct {
	at   time.Duration
	seq  uint32 // of alarms at the same time, the one scheduled first comes first
	link uint8
	what uint8 // kind of event, numbered by the link
	who  int32 // an order, a cart, a building …
}

func (e *alarm) before(other *alarm) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

// alarms is a binary heap of alarms.
type alarms struct {
	heap []alarm
	seq  uint32
}

func (a *alarms) clear() { a.heap, a.seq = a.heap[:0], 0 }

func (a *alarms) push(e alarm) {
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

// pop removes the first alarm. The heap must not be empty.
func (a *alarms) pop() alarm {
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
