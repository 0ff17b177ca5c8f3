package live

import "baogong/delivery"

// ring keeps a community's recent events by number. It grows as events arrive and drops the oldest at its limit.
type ring struct {
	events      []*delivery.Event // number n is at n modulo the length
	moments     []Moment          // of the events, at the same places
	first, next int64             // it keeps first ≤ n < next
	limit       int
}

func (r *ring) head() int64 { return r.next - 1 }

func (r *ring) at(seq int64) *delivery.Event { return r.events[seq%int64(len(r.events))] }

// moment returns when a kept event came to be; date sets it.
func (r *ring) moment(seq int64) Moment  { return r.moments[seq%int64(len(r.moments))] }
func (r *ring) date(seq int64, m Moment) { r.moments[seq%int64(len(r.moments))] = m }

// push keeps the event numbered next.
func (r *ring) push(e *delivery.Event, m Moment) {
	if n := len(r.events); r.next-r.first == int64(n) {
		if n == r.limit {
			r.first++
		} else {
			bigger := make([]*delivery.Event, min(max(2*n, 64), r.limit))
			moments := make([]Moment, len(bigger))
			for seq := r.first; seq < r.next; seq++ {
				bigger[seq%int64(len(bigger))] = r.at(seq)
				moments[seq%int64(len(bigger))] = r.moment(seq)
			}
			r.events, r.moments = bigger, moments
		}
	}
	r.events[r.next%int64(len(r.events))] = e
	r.date(r.next, m)
	r.next++
}

// trim drops the events before seq.
func (r *ring) trim(seq int64) {
	for ; r.first < min(seq, r.next); r.first++ {
		r.events[r.first%int64(len(r.events))] = nil
	}
	if r.first == r.next {
		r.events, r.moments = nil, nil
	}
}

// restart empties the ring; the next event is the one after head.
func (r *ring) restart(head int64) {
	r.events, r.moments, r.first, r.next = nil, nil, head+1, head+1
}
