package rehearsal

import "time"

// Carts bring sorted orders to the buildings.
type Carts struct {
	Count    Staffing
	Room     int           // bags
	Travel   time.Duration // to the first building
	Stop     time.Duration // at each building, with the way from the one before
	Handling time.Duration // for each bag
	Patience time.Duration // a cart that is not full leaves when the oldest order has waited this long
	Together bool          // all orders of a cart count as brought at its last stop
}

// carts are the link from the tables to the buildings. A cart takes the order that comes first, with everything for its
// building, then the next building, until it is full.
type carts struct {
	watch
	Carts
	building []int32 // of each unit
	holds    holds

	count, away int
	lines       []classQueue // of each building
	held        []bool
	waiting     int           // orders
	ready       int           // bags for buildings that are not held
	bags        []int         // for each building
	timer       time.Duration // when the link wakes to look at the oldest order
	trips       []trip
	free        []int32 // trips that ended
	aboard      int
	loads       int
	lastAway    int32 // the last trip that had begun before the rest of a day
}

// trip is one way of a cart.
type trip struct {
	stops []stopAt
	next  int
}

// stopAt is what a cart unloads at a building.
type stopAt struct {
	at     time.Duration
	orders []int32
}

const (
	cartStop = iota
	cartBack
	cartTimer
	cartStaff
	cartHold
	cartAgain // back, unless the cart of a trip that had begun before the rest of a day has more stops
)

func (c *carts) reset(d *day) {
	c.watch.reset()
	c.count, c.away, c.waiting, c.ready, c.aboard, c.loads, c.timer, c.lastAway = c.Count.At(d.start), 0, 0, 0, 0, 0, never, -1
	if c.lines == nil {
		c.lines, c.held, c.bags = make([]classQueue, len(c.holds)), make([]bool, len(c.holds)), make([]int, len(c.holds))
	}
	for b := range c.lines {
		c.lines[b].clear()
		c.held[b], c.bags[b] = c.holds.at(int32(b), d.start), 0
	}
	c.free = c.free[:0]
	for i := range c.trips {
		c.free = append(c.free, int32(i))
	}
	c.Count.schedule(d, c.link, cartStaff)
	c.holds.schedule(d, c.link, cartHold)
}

func (c *carts) enter(d *day, o int32) {
	b := c.building[d.orders[o].unit]
	bags := int(d.orders[o].bags)
	c.lines[b].push(o, d.orders[o].class)
	c.bags[b] += bags
	if !c.held[b] {
		c.ready += bags
	}
	c.waiting++
	c.queued(d.now, c.waiting)
}

func (c *carts) start(d *day) {
	for c.away < c.count && c.ready > 0 {
		if c.ready < c.Room {
			if c.timer > d.now && c.timer < never {
				break // it is not earlier than the oldest order's time
			}
			if due := c.oldest(d) + c.Patience; due > d.now {
				c.timer = due
				d.schedule(due, c.link, cartTimer, 0)
				break
			}
		}
		c.load(d)
	}
	c.queue = c.waiting
}

// oldest returns when the order entered that waits longest for a building that is not held.
func (c *carts) oldest(d *day) time.Duration {
	first := never - c.Patience
	for b := range c.lines {
		if c.lines[b].length > 0 && !c.held[b] {
			first = min(first, c.lines[b].oldest(d.orders))
		}
	}
	return first
}

// first returns the building whose next order comes first: by class, then by age. It is -1 if there is none.
func (c *carts) first(d *day) int32 {
	best, bestClass, bestAt := int32(-1), classes, never
	for b := range c.lines {
		if c.lines[b].length == 0 || c.held[b] {
			continue
		}
		o := &d.orders[c.lines[b].peek()]
		if o.class < bestClass || o.class == bestClass && o.entered < bestAt {
			best, bestClass, bestAt = int32(b), o.class, o.entered
		}
	}
	return best
}

// load sends a cart.
func (c *carts) load(d *day) {
	id := c.newTrip()
	t := &c.trips[id]
	room, at := c.Room, d.now+c.Travel
	for room > 0 {
		b := c.first(d)
		if b < 0 {
			break
		}
		before := room
		at += c.Stop
		s := t.add()
		for c.lines[b].length > 0 {
			bags := int(d.orders[c.lines[b].peek()].bags)
			if bags > room && room < c.Room {
				break // an order larger than a cart goes alone
			}
			o := c.lines[b].pop()
			s.orders = append(s.orders, o)
			room -= bags
			at += time.Duration(bags) * c.Handling
			c.waited(d.now - d.orders[o].entered)
		}
		taken := before - room
		c.bags[b] -= taken
		c.ready -= taken
		c.waiting -= len(s.orders)
		c.aboard += len(s.orders)
		if len(s.orders) == 0 { // the next order does not fit
			t.stops = t.stops[:len(t.stops)-1]
			at -= c.Stop
			break
		}
		s.at = at
	}
	if c.Together {
		for i := range t.stops {
			t.stops[i].at = at
		}
	}
	c.away++
	c.loads++
	c.worked += at - d.now
	orders, done := 0, 0
	for _, s := range t.stops {
		orders += len(s.orders)
	}
	for _, s := range t.stops {
		for _, o := range s.orders {
			c.offerTrip(d, c.holds.free(c.building[d.orders[o].unit], d.orders[o].entered), done, orders, at-d.now)
			done++
		}
		d.schedule(s.at, c.link, cartStop, id)
	}
	d.schedule(at, c.link, cartBack, id)
}

func (c *carts) newTrip() int32 {
	if n := len(c.free); n > 0 {
		id := c.free[n-1]
		c.free = c.free[:n-1]
		c.trips[id].stops, c.trips[id].next = c.trips[id].stops[:0], 0
		return id
	}
	c.trips = append(c.trips, trip{})
	return int32(len(c.trips) - 1)
}

// add returns a stop without orders, reusing the memory of earlier trips.
func (t *trip) add() *stopAt {
	if len(t.stops) < cap(t.stops) {
		t.stops = t.stops[:len(t.stops)+1]
	} else {
		t.stops = append(t.stops, stopAt{})
	}
	s := &t.stops[len(t.stops)-1]
	s.orders = s.orders[:0]
	return s
}

func (c *carts) wake(d *day, e alarm) {
	switch e.what {
	case cartStop:
		t := &c.trips[e.who]
		s := &t.stops[t.next]
		t.next++
		c.aboard -= len(s.orders)
		for _, o := range s.orders {
			d.leave(&c.watch, o)
		}
	case cartBack:
		c.away--
		c.free = append(c.free, e.who)
	case cartAgain:
		if t := &c.trips[e.who]; t.next == len(t.stops) {
			c.away--
			c.free = append(c.free, e.who)
		}
	case cartTimer:
		if c.timer <= d.now {
			c.timer = never
		}
	case cartStaff:
		c.count = int(e.who)
	case cartHold:
		if held := c.holds.at(e.who, d.now); held != c.held[e.who] {
			c.held[e.who] = held
			if held {
				c.ready -= c.bags[e.who]
			} else {
				c.ready += c.bags[e.who]
				c.timer = never // its orders may be the oldest
			}
		}
	}
}

func (c *carts) inside() int { return c.waiting + c.aboard }
