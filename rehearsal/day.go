package rehearsal

import (
	"math"
	"time"
)

// never is after every time of the simulation.
const never = time.Duration(math.MaxInt64)

// chainLink is one link of the chain. Orders pass through the links in order.
type chainLink interface {
	reset(d *day)
	enter(d *day, o int32) // adds an order; start is called at the same time
	start(d *day)          // starts work for free hands
	wake(d *day, e alarm)  // handles an alarm; start is called next
	inside() int           // how many orders are in the link
	watched() *watch
}

// truckIn is a truck at the gate.
type truckIn struct {
	at    time.Duration
	truck int
}

// day is one replication. It is reused for the next.
type day struct {
	now      time.Duration
	start    time.Duration
	agenda   alarms
	arrivals []truckIn                                                 // by time
	docked   time.Duration                                             // from a truck's arrival until its first bag is counted
	unload   func(d *day, truck int, into []playedOrder) []playedOrder // appends the orders of a truck
	stand    func(d *day)                                              // puts the orders into the links that stand there at the start; may be nil
	links    []chainLink
	orders   []playedOrder
	touched  uint32 // a bit for each link that has to start
	until    time.Duration

	in, out int
	area    int64 // integral of the orders inside over time, in order·ms
	spent   int64 // sum of the times inside of those that left, in ms
	clear   time.Duration
	left    func(d *day, o int32) // an order left the chain
	sample  func(now time.Duration)
	after   func(d *day) // for tests: after each event
}

// run simulates the day from d.start until no event is left before d.until.
func (d *day) run() {
	d.now, d.in, d.out, d.area, d.spent, d.clear, d.touched = d.start, 0, 0, 0, 0, d.start, 0
	d.agenda.clear()
	d.orders = d.orders[:0]
	for _, l := range d.links {
		l.reset(d)
	}
	if d.stand != nil {
		d.stand(d)
		d.startTouched()
	}
	next := 0
	for {
		switch {
		case next < len(d.arrivals) && (len(d.agenda.heap) == 0 || d.arrivals[next].at+d.docked <= d.agenda.heap[0].at):
			a := d.arrivals[next]
			next++
			d.pass(a.at + d.docked)
			first := len(d.orders)
			d.orders = d.unload(d, a.truck, d.orders)
			for o := first; o < len(d.orders); o++ {
				d.in++
				d.enter(0, int32(o))
				d.orders[o].came, d.orders[o].entered = a.at, a.at
				d.area += d.docked.Milliseconds()
			}
		case len(d.agenda.heap) > 0 && d.agenda.heap[0].at <= d.until:
			e := d.agenda.pop()
			d.pass(e.at)
			d.touched |= 1 << e.link
			d.links[e.link].wake(d, e)
		default:
			return
		}
		d.startTouched()
		if d.after != nil {
			d.after(d)
		}
	}
}

// startTouched starts work in the links that an event has touched.
func (d *day) startTouched() {
	for l := 0; d.touched != 0; l++ {
		if d.touched&(1<<l) != 0 {
			d.touched &^= 1 << l
			d.links[l].start(d)
		}
	}
}

// pass advances the clock to a time.
func (d *day) pass(at time.Duration) {
	if d.sample != nil {
		d.sample(at)
	}
	d.area += int64(d.in-d.out) * (at - d.now).Milliseconds()
	d.now = at
}

// schedule wakes a link at a time.
func (d *day) schedule(at time.Duration, link, what uint8, who int32) {
	d.agenda.push(alarm{at: at, link: link, what: what, who: who})
}

// enter puts an order into a link, or out of the chain after the last.
func (d *day) enter(link int, o int32) {
	if link == len(d.links) {
		d.out++
		d.spent += (d.now - d.orders[o].came).Milliseconds()
		d.clear = d.now
		if d.left != nil {
			d.left(d, o)
		}
		return
	}
	d.orders[o].entered = d.now
	d.touched |= 1 << link
	d.links[link].enter(d, o)
}

// leave passes an order on to the next link.
func (d *day) leave(w *watch, o int32) {
	w.stayed(d.now - d.orders[o].entered)
	d.enter(int(w.link)+1, o)
}
